"""The emulated device: opening, loading, allocating, losing, closing. And the provider.

Owns which image is loaded and whether the device may be used at all. Buffers, kernels and runs are
in `handles`; what an image consists of is in `loaded`.

Locks. `EmulatedDevice._lock` serialises load, unload and close; nothing else takes it, so launches
and copies of several threads do not meet. All locks, outermost first:

    EmulatedDevice._lock > EmulatedRun._lock > InlineUnit.execution > Memory.lock
        > ComputeUnit.lock (worker images: Supervisor.lock) > Faults._lock

Fork. Nothing works in a forked child: locks may be held for ever there and worker sockets would be
shared. Every call compares process ids first, before it takes a lock.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable, Collection, Sequence
from uuid import UUID

from fpgarray import events
from fpgarray.errors import (
    AllocationError,
    DeviceError,
    DeviceLostError,
    ForkedProcessError,
    ImageError,
    XclbinError,
)
from fpgarray.runtime.api import Bank, Capabilities, Purpose, RunState
from fpgarray.runtime.emulator.faults import Faults
from fpgarray.runtime.emulator.handles import EmulatedBuffer, EmulatedKernel
from fpgarray.runtime.emulator.loaded import LoadedImage, Setup
from fpgarray.runtime.emulator.unit import ComputeUnit
from fpgarray.xclbin import Xclbin

MAX_BUFFER_NBYTES = (4 << 30) - 4096
"""Cards refuse buffers of 4 GiB."""
CLOSE_TIMEOUT_S = 5.0
"""How long `close` waits for runs before it abandons them."""

InProcess = Callable[[Xclbin], bool] | Collection[UUID]
"""Which images run in this process: those that are trusted not to crash it."""


class EmulatedDevice:
    """A card's behaviour without a card. `faults` makes it fail on request."""

    def __init__(
        self,
        index: int,
        in_process: InProcess,
        *,
        guard: bool = False,
        clone: int | None = None,
        max_buffer_nbytes: int = MAX_BUFFER_NBYTES,
    ) -> None:
        self.index = index
        self.name = f"emulated device {index}"
        self.capabilities = Capabilities(
            emulated=True,
            in_order=True,
            registers=True,
            abort=True,
            max_buffer_nbytes=max_buffer_nbytes,
        )
        self.faults = Faults()
        self._in_process = in_process
        self._guard = guard
        self._clone = clone
        self._lock = threading.RLock()
        self._loaded: LoadedImage | None = None
        self._banks: tuple[Bank, ...] = ()
        self._process = os.getpid()
        # why nothing works any more; None almost always
        self._trouble: DeviceError | None = None
        self._closed = False
        _open_devices.add(self)

    def __repr__(self) -> str:
        loaded = self._loaded
        state = "closed" if self._closed else "empty" if loaded is None else loaded.image.uuid
        return f"<{self.name} (emulated): {state}>"

    # -- may it be used? --------------------------------------------------------------------

    def check(self) -> None:
        """The first thing in every call. ForkedProcessError, DeviceLostError, or DeviceError."""
        if self._trouble is not None or self._process != os.getpid():
            self._refuse()
        if self.faults.armed and self.faults.take("lost"):
            self._lose()
            self._refuse()

    def check_process(self) -> None:
        """The part of `check` that calls make which work on a closed or lost device."""
        if self._process != os.getpid():
            self._refuse()

    def check_for_wait(self) -> None:
        """`check`, but a run that was started before `close` can be waited for."""
        if self._closed:
            self.check_process()
        else:
            self.check()

    def demand_present(self) -> None:
        """DeviceLostError if the device was lost."""
        if isinstance(self._trouble, DeviceLostError):
            self._refuse()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def process(self) -> int:
        """The process that opened it, the only one that may use it."""
        return self._process

    def launch_fault(self) -> str | None:
        """The fault that the launch starting now is to have."""
        for kind in ("hang", "kernel"):
            if self.faults.take(kind):
                return kind
        return None

    def _refuse(self) -> None:
        if self._process != os.getpid():
            raise ForkedProcessError(
                f"{self.name} was opened by process {self._process}; this is a forked child, "
                f"{os.getpid()}: open devices after the fork, or start processes by spawn"
            )
        trouble = self._trouble
        raise type(trouble)(*trouble.args)

    def _lose(self) -> None:
        self._trouble = DeviceLostError(
            f"{self.name} was lost (injected fault) and its memory with it: close and reopen it"
        )
        loaded = self._loaded
        if loaded is not None:
            for unit in loaded.units.values():
                unit.abandon(RunState.ERROR, lambda _: self._trouble)
            self._loaded = None
            loaded.close(wait=False)

    # -- images -----------------------------------------------------------------------------

    @property
    def image(self) -> Xclbin | None:
        """The loaded image, or None."""
        self.check()
        loaded = self._loaded
        return None if loaded is None else loaded.image

    @property
    def banks(self) -> Sequence[Bank]:
        """Memories of the loaded image; empty without one."""
        self.check()
        return self._banks if self._loaded is not None else ()

    def load(self, image: Xclbin) -> None:
        """Load `image` onto the device, emptied before."""
        self.check()
        with self._lock:
            self._empty(f"loading {image.uuid} onto {self.name}")
            began = time.perf_counter()
            inline = self._runs_here(image)
            try:
                self._loaded = LoadedImage(image, Setup(inline, self._guard, self._clone))
            except (ImageError, XclbinError) as fault:
                raise ImageError(f"loading {image.uuid} onto {self.name}: {fault}") from fault
            self._banks = tuple(
                Bank(i, m.tag, m.nbytes, 0 if m.is_stream else m.base_address, m.used)
                for i, m in enumerate(image.memories)
            )
            seconds = time.perf_counter() - began
        if events.subscribers:
            events.publish(events.Load(self.index, str(image.uuid), seconds))

    def unload(self) -> None:
        """Empty the device."""
        self.check()
        with self._lock:
            self._empty(f"unloading {self.name}")

    def _empty(self, attempt: str) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        try:
            loaded.demand_idle()
        except DeviceError as fault:
            raise DeviceError(f"{attempt}: {fault}") from None
        self._loaded = None
        loaded.close()

    def _runs_here(self, image: Xclbin) -> bool:
        if callable(self._in_process):
            return self._in_process(image)
        return image.uuid in self._in_process

    def _demand_loaded(self, attempt: str, error: type[DeviceError]) -> LoadedImage:
        loaded = self._loaded
        if loaded is None:
            raise error(f"{attempt}: no image is loaded on {self.name}; load one first")
        return loaded

    # -- kernels and buffers ----------------------------------------------------------------

    def kernel(self, name: str) -> EmulatedKernel:
        """`"name"`, `"name:{instance}"` or `"name:instance"`; several instances by commas."""
        self.check()
        loaded = self._demand_loaded(f"opening kernel {name!r}", ImageError)
        kernel, _, listed = name.partition(":")
        instances = listed.strip("{}").split(",") if listed else []
        wanted = [f"{kernel}:{instance.strip()}" for instance in instances]
        units = [
            unit
            for unit in loaded.units.values()
            if (unit.name in wanted if wanted else unit.signature.kernel == kernel)
        ]
        if not units or (wanted and len(units) != len(wanted)):
            found = ", ".join(loaded.units) or "none"
            raise ImageError(f"opening kernel {name!r}: the image has the compute units {found}")
        return EmulatedKernel(self, loaded, name, units, exclusive=bool(wanted) and len(units) == 1)

    def allocate(self, nbytes: int, bank: int, purpose: Purpose = "array") -> EmulatedBuffer:
        """Device memory filled with garbage."""
        self.check()
        loaded = self._demand_loaded(f"allocating {nbytes} bytes in bank {bank}", ImageError)
        if nbytes > self.capabilities.max_buffer_nbytes:
            raise AllocationError(
                f"allocating {nbytes} bytes in bank {bank}: the largest buffer has "
                f"{self.capabilities.max_buffer_nbytes} bytes"
            )
        if self.faults.armed and self.faults.take("allocation"):
            raise AllocationError(f"allocating {nbytes} bytes in bank {bank}: injected fault")
        allocation = loaded.memory.allocate(nbytes, bank)
        return EmulatedBuffer(self, loaded, allocation, purpose)

    # -- the end ----------------------------------------------------------------------------

    def close(self) -> None:
        """Wait for runs (those that hang are abandoned), free everything, unload."""
        self.check_process()
        self._close(CLOSE_TIMEOUT_S)

    def _close(self, timeout_s: float) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._trouble = DeviceError(f"{self.name} was closed: open it again")
            loaded, self._loaded = self._loaded, None
            if loaded is not None:
                try:
                    self._finish(list(loaded.units.values()), time.monotonic() + timeout_s)
                finally:
                    loaded.close(wait=timeout_s > 0)

    def _finish(self, units: list[ComputeUnit], deadline: float) -> None:
        for unit in units:
            unit.registers[0] = 0  # auto-restart ends here
            for launch in unit.unfinished:
                rest = deadline - time.monotonic()
                if unit.hung is None and rest > 0:
                    unit.wait(launch, rest)
        for unit in units:
            unit.abandon(RunState.ABORT, lambda launch: DeviceError(f"{launch}: device was closed"))


_open_devices: weakref.WeakSet[EmulatedDevice] = weakref.WeakSet()


@atexit.register
def _close_at_exit() -> None:
    """Workers must not outlive us, and nothing may make the interpreter hang."""
    for device in list(_open_devices):
        if device.process == os.getpid():
            device._close(0.0)
