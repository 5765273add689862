"""The provider of emulated devices.

Owns how many there are and which are open. Must not read the environment: `select` does.
"""

from __future__ import annotations

from fpgarray.runtime.emulator.device import MAX_BUFFER_NBYTES, EmulatedDevice, InProcess


class EmulatorProvider:
    """Devices that are always there. `open` of an open device gives the same one."""

    name = "emulator"

    def __init__(
        self,
        device_count: int = 1,
        in_process: InProcess = frozenset(),
        *,
        guard: bool = False,
        clone: int | None = None,
        max_buffer_nbytes: int = MAX_BUFFER_NBYTES,
    ) -> None:
        """`in_process`: UUIDs of the images that run in this process, or a test of images; any
        other image gets a worker process. `guard`: red zones. `clone`: x86-64 level (2, 3, 4) of
        the kernels to use, if the CPU has it. ValueError for numbers out of range."""
        if device_count < 1:
            raise ValueError(f"device_count={device_count}: expected 1 or more")
        if clone not in (None, 2, 3, 4):
            raise ValueError(f"clone={clone!r}: expected 2, 3 or 4")
        self._count = device_count
        self._options = {"guard": guard, "clone": clone, "max_buffer_nbytes": max_buffer_nbytes}
        self._in_process = in_process
        self._devices: dict[int, EmulatedDevice] = {}

    def __repr__(self) -> str:
        return f"<emulator: {self._count} emulated device(s), no card>"

    def device_count(self) -> int:
        """How many devices `open` accepts."""
        return self._count

    def open(self, index: int) -> EmulatedDevice:
        """Open device `index`. IndexError beyond `device_count`."""
        if not 0 <= index < self._count:
            raise IndexError(f"emulated device {index}: there are {self._count}, from 0")
        device = self._devices.get(index)
        if device is not None:
            device.check_process()
            if not device.closed:
                return device
            # forget it only if nobody else has by now
            if self._devices.get(index) is device:
                self._devices.pop(index, None)
        fresh = EmulatedDevice(index, self._in_process, **self._options)
        return self._devices.setdefault(index, fresh)
