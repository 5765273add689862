"""Buffers, kernels and runs of the emulated device, as `runtime.api` wants them.

Owns checks of what a caller passes and the counting of copies and launches. Must not know how
memory, compute units or workers do their part. The device's `check` comes first in every call.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fpgarray import events
from fpgarray.errors import (
    ArgumentError,
    ConnectivityError,
    DeviceError,
    ImageError,
    KernelError,
    TransferError,
)
from fpgarray.runtime.api import Purpose, RunState
from fpgarray.runtime.emulator.loaded import LoadedImage
from fpgarray.runtime.emulator.memory import Allocation
from fpgarray.runtime.emulator.registers import (
    AUTO_RESTART,
    CONTROL,
    FIRST_ARGUMENT,
    START,
    Parameter,
    reached,
)
from fpgarray.runtime.emulator.unit import ComputeUnit, Launch

if TYPE_CHECKING:
    from fpgarray.runtime.emulator.device import EmulatedDevice


class EmulatedBuffer:
    """Device memory in one bank."""

    __slots__ = ("_allocation", "_bytes", "_device", "_loaded", "address", "bank", "nbytes",
                 "purpose")  # fmt: skip

    def __init__(
        self,
        device: EmulatedDevice,
        loaded: LoadedImage,
        allocation: Allocation,
        purpose: Purpose,
    ) -> None:
        self._device = device
        self._loaded = loaded
        self._allocation = allocation
        self._bytes = allocation.view
        self.nbytes = allocation.nbytes
        self.bank = allocation.bank
        self.address = allocation.address
        self.purpose = purpose

    def __repr__(self) -> str:
        freed = "" if self._allocation.live else ", freed"
        return f"<emulated buffer: {self._allocation}{freed}>"

    def upload(self, offset: int, source: memoryview, label: str = "") -> None:
        """Copy `source` to device bytes [offset, offset + len)."""
        device = self._device
        device.check()
        host = _bytes_of(source, writable=False)
        inside = self._range(offset, len(host), "uploading to")
        if device.faults.armed:
            self._fail(inside, host)
        inside[:] = host
        self._after_copy()
        if events.subscribers:
            events.publish(events.Copy(device.index, "to_device", len(host), self.purpose, label))

    def download(self, offset: int, target: memoryview, label: str = "") -> None:
        """Copy device bytes [offset, offset + len) into `target`."""
        device = self._device
        device.check()
        host = _bytes_of(target, writable=True)
        inside = self._range(offset, len(host), "downloading from")
        if device.faults.armed:
            self._fail(host, inside)
        host[:] = inside
        self._after_copy()
        if events.subscribers:
            events.publish(events.Copy(device.index, "from_device", len(host), self.purpose, label))

    def free(self) -> None:
        """Give the memory back. DeviceError if an unfinished run works on it."""
        self._device.check_process()
        if self._allocation.live:
            error = self._guard_error("freeing")
            self._loaded.memory.release(self._allocation, self._loaded.demand_unused)
            if error is not None:
                raise error

    def _range(self, offset: int, nbytes: int, attempt: str) -> np.ndarray:
        if not self._allocation.live:
            raise DeviceError(f"{attempt} a buffer that was freed ({self._allocation})")
        if offset < 0 or offset + nbytes > self.nbytes:
            raise TransferError(
                f"{attempt} bytes [{offset}, {offset + nbytes}) of a buffer of {self.nbytes} bytes"
            )
        return self._bytes[offset : offset + nbytes]

    def _fail(self, target: np.ndarray, source: np.ndarray) -> None:
        fault = self._device.faults.take("transfer")
        if fault is not None:
            moved = int(len(target) * fault.part)
            target[:moved] = source[:moved]
            raise TransferError(
                f"a copy of {len(target)} bytes failed after {moved} (injected fault)"
            )

    def _after_copy(self) -> None:
        if self._loaded.guard is not None:
            error = self._guard_error("copying")
            if error is not None:
                raise error

    def _guard_error(self, attempt: str) -> DeviceError | None:
        guard = self._loaded.guard
        if guard is None or not self._allocation.live:
            return None
        return guard.check(f"before {attempt} {self._allocation} something", self._allocation)


class EmulatedKernel:
    """A kernel of the loaded image, for some or all of its compute units."""

    def __init__(
        self,
        device: EmulatedDevice,
        loaded: LoadedImage,
        name: str,
        units: Sequence[ComputeUnit],
        exclusive: bool,
    ) -> None:
        """`exclusive`: opened for exactly one compute unit by its name."""
        self.name = name
        self.compute_units = tuple(unit.name for unit in units)
        self._device = device
        self._loaded = loaded
        self._units = tuple(units)
        self._exclusive = exclusive
        whole = units[0].signature.kernel, None
        self._signature = units[0].signature if len(units) == 1 else loaded.signature(*whole)

    def __repr__(self) -> str:
        return f"<emulated kernel {self.name}: {', '.join(self.compute_units)}>"

    def group_id(self, index: int) -> int:
        """Bank that argument `index` reaches."""
        self._demand_alive()
        parameters = self._signature.parameters
        if not 0 <= index < len(parameters):
            raise ConnectivityError(
                f"kernel {self.name} has no argument {index}; it has {len(parameters)}"
            )
        banks = parameters[index].banks
        if not banks:
            raise ConnectivityError(
                f"kernel {self.name}: argument {parameters[index]} is connected to no bank that "
                f"all of {', '.join(self.compute_units)} reach"
            )
        return banks[0]

    def run(self) -> EmulatedRun:
        """A new run with no argument set."""
        self._demand_alive()
        return EmulatedRun(self._device, self._loaded, self.name, self._units, self._signature)

    def read_register(self, offset: int) -> int:
        """32-bit register at `offset` bytes."""
        unit = self._register_unit(offset)
        if offset == CONTROL:
            return unit.control()
        return int.from_bytes(unit.registers[offset : offset + 4], "little")

    def write_register(self, offset: int, value: int) -> None:
        """Write a 32-bit register; the start bit of the control register starts the unit."""
        unit = self._register_unit(offset)
        if not 0 <= value < 1 << 32:
            raise ArgumentError(f"register {offset:#x} has 32 bits and cannot hold {value}")
        if offset == CONTROL:
            unit.registers[0] = value & AUTO_RESTART
            if value & START:
                self._start(unit, bool(value & AUTO_RESTART))
            return
        unit.registers[offset : offset + 4] = value.to_bytes(4, "little")
        if offset >= FIRST_ARGUMENT:
            unit.forget_loaded()

    def _demand_alive(self) -> None:
        self._device.check()
        if self._units[0].closed:
            raise ImageError(
                f"kernel {self.name} belongs to an image that is not loaded any more; open it again"
            )

    def _register_unit(self, offset: int) -> ComputeUnit:
        self._demand_alive()
        unit = self._units[0]
        if not self._exclusive:
            raise DeviceError(
                f"registers of kernel {self.name} need one compute unit: open "
                f'"{unit.signature.kernel}:{{instance}}", one of {", ".join(self.compute_units)}'
            )
        if offset % 4 or not 0 <= offset < len(unit.registers):
            raise ArgumentError(
                f"{unit.name} has 32-bit registers at multiples of 4 below "
                f"{len(unit.registers):#x}, not at {offset:#x}"
            )
        return unit

    def _start(self, unit: ComputeUnit, automatic: bool) -> None:
        if unit.unfinished:
            # ap_start of a busy unit stays up until it is ready: it is already up
            return
        memory = self._loaded.memory
        while True:
            registers = bytes(unit.registers[: unit.signature.nbytes])
            operands = unit.signature.decode(registers, memory, self._loaded.alignment)
            launch = Launch(unit, registers, operands, self._device.launch_fault())
            launch.automatic = automatic
            if unit.enqueue(launch, lambda _: None, memory):
                return


class EmulatedRun:
    """One execution of a kernel; its arguments are an image of the register map.

    `_lock` makes `start` and `set_arg` whole; it is taken before any other lock.
    """

    __slots__ = ("_device", "_image", "_launch", "_loaded", "_lock", "_missing", "_name",
                 "_operands", "_registers", "_signature", "_units")  # fmt: skip

    def __init__(self, device, loaded, name, units, signature) -> None:
        self._device: EmulatedDevice = device
        self._loaded: LoadedImage = loaded
        self._name: str = name
        self._units: tuple[ComputeUnit, ...] = units
        self._signature = signature
        self._lock = threading.Lock()
        self._image = bytearray(signature.nbytes)
        self._missing = {p.index for p in signature.parameters}
        self._launch: Launch | None = None
        # what follows from the image; None once an argument has changed
        self._registers: bytes | None = None
        self._operands = None

    def __repr__(self) -> str:
        state = RunState.NEW if self._launch is None else self._launch.state
        return f"<emulated run of {self._name}: {state.name}>"

    def set_arg(self, index: int, value: EmulatedBuffer | int | float) -> None:
        """Set argument `index` of the XML's order."""
        self._device.check()
        parameters = self._signature.parameters
        if not 0 <= index < len(parameters):
            raise ArgumentError(
                f"kernel {self._name} has no argument {index}; it has {len(parameters)}"
            )
        parameter = parameters[index]
        if parameter.kind == "pointer":
            data = self._address(parameter, value)
        else:
            data = parameter.encode(value)
        start = parameter.offset
        end = start + len(data)
        with self._lock:
            if self._image[start:end] != data:
                self._image[start:end] = data
                self._registers = None
            self._missing.discard(index)

    def start(self, label: str = "", part: int = 0) -> None:
        """Start asynchronously."""
        device = self._device
        device.check()
        with self._lock:
            if self._missing:
                self._refuse_missing()
            launch = self._launch
            if launch is not None and not launch.finished:
                raise KernelError(f"run of {launch} is {launch.state.name}: wait before starting")
            units = self._units
            unit = units[0] if len(units) == 1 else min(units, key=_load)
            fault = device.launch_fault() if device.faults.armed else None
            memory = self._loaded.memory
            while True:
                if self._registers is None or self._operands.generation != memory.generation:
                    self._decode()
                launch = Launch(unit, self._registers, self._operands, fault)
                if unit.enqueue(launch, self._accept, memory, part > 0):
                    break
        if events.subscribers:
            events.publish(events.Launch(device.index, self._name, label, part))

    def state(self) -> RunState:
        """The state now, without blocking."""
        self._device.check_process()
        launch = self._launch
        if launch is None:
            return RunState.NEW
        if not launch.finished:
            launch.unit.nudge()
        return launch.state

    def wait(self, timeout_ms: int | None = None) -> RunState:
        """Block until finished or until time is out."""
        self._device.check_for_wait()
        launch = self._launch
        if launch is None:
            raise KernelError(f"run of kernel {self._name} was never started: nothing to wait for")
        if not launch.finished:
            launch.unit.wait(launch, None if timeout_ms is None else timeout_ms / 1000)
            if not launch.finished:
                return RunState.TIMEOUT
        self._device.demand_present()
        return launch.state

    def error(self) -> DeviceError | None:
        """Why a finished run is not COMPLETED, or None."""
        launch = self._launch
        if launch is None or not launch.finished or launch.state is RunState.COMPLETED:
            return None
        return launch.error or KernelError(f"{launch} ended as {launch.state.name}")

    def abort(self) -> None:
        """Stop the run; its state becomes ABORT. Nothing happens to a finished one."""
        self._device.check()
        launch = self._launch
        if launch is None:
            raise KernelError(f"run of kernel {self._name} was never started: nothing to abort")
        if not launch.finished:
            launch.unit.abort(launch)

    def _accept(self, launch: Launch) -> None:
        self._launch = launch

    def _decode(self) -> None:
        self._registers = bytes(self._image)
        self._operands = self._signature.decode(
            self._registers, self._loaded.memory, self._loaded.alignment
        )

    def _address(self, parameter: Parameter, value: object) -> bytes:
        attempt = f"kernel {self._name}: argument {parameter}"
        if not isinstance(value, EmulatedBuffer):
            raise ArgumentError(f"{attempt} needs a buffer, got {type(value).__name__} {value!r}")
        if value._device is not self._device:
            raise DeviceError(f"{attempt}: the buffer is of another device ({value!r})")
        if not value._allocation.live:
            raise DeviceError(f"{attempt}: the buffer was freed ({value!r})")
        if value.bank not in parameter.banks:
            raise ConnectivityError(
                f"{attempt} reaches {reached(parameter)}, the buffer is in bank {value.bank}"
            )
        return value.address.to_bytes(8, "little")

    def _refuse_missing(self) -> None:
        streams = [p for p in self._signature.streams if p.index in self._missing]
        if streams:
            # says that streams are not supported
            self._decode()
        parameters = self._signature.parameters
        missing = ", ".join(str(parameters[i]) for i in sorted(self._missing))
        raise KernelError(f"kernel {self._name} cannot start: not set are arguments {missing}")


def _load(unit: ComputeUnit) -> int:
    return len(unit.queue)


def _bytes_of(host: memoryview, *, writable: bool) -> np.ndarray:
    """The bytes of C-contiguous host memory, not copied. TransferError if it is no such."""
    try:
        found = np.frombuffer(host, np.uint8)
    except (TypeError, ValueError, BufferError) as fault:
        if _is_empty(host):
            return np.empty(0, np.uint8)
        raise TransferError(f"host memory must be C-contiguous bytes: {fault}") from fault
    if writable and not found.flags.writeable:
        raise TransferError("downloading into read-only host memory")
    return found


def _is_empty(host: object) -> bool:
    try:
        return memoryview(host).nbytes == 0
    except TypeError:
        return False
