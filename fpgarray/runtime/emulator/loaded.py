"""What a device holds while an image is loaded: memory, compute units, code.

Owns the checks that make an image loadable and the order in which it is torn down. Must not know
the provider protocol.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fpgarray.errors import DeviceError, ImageError
from fpgarray.runtime.emulator import worker
from fpgarray.runtime.emulator.elf import Library, read_library
from fpgarray.runtime.emulator.guard import MARGIN, Guard
from fpgarray.runtime.emulator.memory import Allocation, Memory, Window
from fpgarray.runtime.emulator.registers import PORT_WORD, Signature
from fpgarray.runtime.emulator.supervisor import Supervisor, WorkerUnit
from fpgarray.runtime.emulator.unit import ComputeUnit, InlineUnit, Launch
from fpgarray.xclbin import Mode, Xclbin

MAX_REGISTER_NBYTES = 0x10000

_libc = ctypes.CDLL(None)
# int dlclose(void *handle);
_libc.dlclose.argtypes = (ctypes.c_void_p,)


@dataclass(frozen=True, slots=True)
class Setup:
    """How images are run. `inline`: in this process; `clone`: forced x86-64 level, or None."""

    inline: bool
    guard: bool
    clone: int | None


class LoadedImage:
    """An image that runs. Everything it owns goes with `close`."""

    def __init__(self, image: Xclbin, setup: Setup) -> None:
        """ImageError with its cause if the image cannot run here; nothing is left behind then."""
        self.image = image
        self.alignment = PORT_WORD if setup.guard else 1
        library = _library(image)
        windows = _windows(image)
        self.units: dict[str, ComputeUnit] = {}
        self._supervisor: Supervisor | None = None
        self._signatures: dict[tuple[str, str | None], Signature] = {}
        with contextlib.ExitStack() as undo:
            self.memory = _memory(windows, setup)
            undo.callback(self._close_units, wait=True)
            self.guard = Guard(self.memory) if setup.guard else None
            try:
                if setup.inline:
                    self._add_inline_units(library, setup.clone)
                else:
                    self._add_worker_units(library, setup.clone)
            except (OSError, AttributeError) as fault:
                raise ImageError(f"its code cannot be loaded: {fault}") from fault
            undo.pop_all()

    def signature(self, kernel: str, instance: str | None) -> Signature:
        """Arguments of a kernel, for one compute unit or (None) common to all."""
        key = kernel, instance
        if key not in self._signatures:
            self._signatures[key] = Signature(self.image, kernel, instance)
        return self._signatures[key]

    @property
    def unfinished(self) -> list[Launch]:
        """Launches that are queued or running."""
        return [launch for unit in self.units.values() for launch in unit.unfinished]

    def demand_unused(self, allocation: Allocation) -> None:
        """DeviceError if an unfinished launch works on `allocation`."""
        for unit in self.units.values():
            with unit.lock:
                for launch in unit.unfinished:
                    if allocation in launch.operands.allocations:
                        raise DeviceError(f"{allocation} is in use: {launch} has not finished")

    def demand_idle(self) -> None:
        """Let no launch begin any more. DeviceError, and nothing changed, if some are unfinished
        or buffers are allocated."""
        with contextlib.ExitStack() as locks:
            for unit in self.units.values():
                locks.enter_context(unit.lock)
            if launches := self.unfinished:
                listed = "; ".join(f"{ln} is {ln.state.name}" for ln in launches[:8])
                raise DeviceError(
                    f"{len(launches)} runs have not finished ({listed}); wait for or abort them"
                )
            for unit in self.units.values():
                unit.closed = True
        try:
            # not under the units' locks, which are leaves
            self.memory.close()
        except DeviceError:
            for unit in self.units.values():
                unit.closed = False
            raise

    def close(self, *, wait: bool = True) -> None:
        """Tear everything down. Memory goes when nothing refers to it any more."""
        self.memory.close(force=True)
        self._close_units(wait=wait)

    # -- building ---------------------------------------------------------------------------

    def _compute_units(self) -> Iterator[tuple[str, Signature, int]]:
        for kernel in self.image.kernels:
            nbytes = min(kernel.address_range, MAX_REGISTER_NBYTES)
            for ip in self.image.compute_units(kernel.name):
                yield ip.name, self.signature(kernel.name, ip.instance), nbytes

    def _add_inline_units(self, library: Library, clone: int | None) -> None:
        for name, signature, nbytes in self._compute_units():
            code = _open_copy(library.data)
            close = _closer(code)
            try:
                function = worker.function_of(code, signature.kernel, clone)
            except BaseException:
                close()
                raise
            self.units[name] = InlineUnit(name, signature, nbytes, self.guard, function, close)
        for unit in self.units.values():
            unit.siblings = tuple(self.units.values())

    def _add_worker_units(self, library: Library, clone: int | None) -> None:
        supervisor = self._supervisor = Supervisor(library.data, self.memory, clone)
        for name, signature, nbytes in self._compute_units():
            self.units[name] = WorkerUnit(name, signature, nbytes, self.guard, supervisor)
        supervisor.start()

    def _close_units(self, *, wait: bool) -> None:
        for unit in self.units.values():
            unit.close(wait=wait)
        if self._supervisor is not None:
            self._supervisor.close(wait=wait)


def _library(image: Xclbin) -> Library:
    if image.mode != Mode.SW_EMU:
        name = image.mode.name if isinstance(image.mode, Mode) else image.mode
        raise ImageError(
            f"it is built for mode {name}, the emulated device runs SW_EMU images; rebuild it with "
            "TARGET=emulation, or use a card"
        )
    try:
        library = read_library(image.bitstream)
    except ValueError as fault:
        raise ImageError(f"its BITSTREAM cannot run here: {fault}") from fault
    missing = [k.name for k in image.kernels if k.name not in library.functions]
    if missing:
        raise ImageError(
            f'its BITSTREAM does not define the kernels {", ".join(missing)} (are they extern "C"?)'
        )
    return library


def _windows(image: Xclbin) -> list[Window]:
    return [
        Window(i, m.tag, 0 if m.is_stream else m.base_address, m.nbytes, m.used)
        for i, m in enumerate(image.memories)
    ]


def _memory(windows: list[Window], setup: Setup) -> Memory:
    try:
        return Memory(windows, shared=not setup.inline, margin=MARGIN if setup.guard else 0)
    except (OSError, OverflowError, ValueError) as fault:
        sizes = ", ".join(f"{w.name}: {w.nbytes}" for w in windows)
        raise ImageError(f"its memories ({sizes}) cannot be reserved: {fault}") from fault


def _open_copy(data: bytes) -> ctypes.CDLL:
    """A copy with static data of its own: the linker tells libraries apart by file and by name."""
    with tempfile.NamedTemporaryFile(prefix="fpgarray-unit-", suffix=".so") as file:
        file.write(data)
        file.flush()
        return ctypes.CDLL(str(Path(file.name)), mode=os.RTLD_NOW | os.RTLD_LOCAL)


def _closer(code: ctypes.CDLL):
    """A function that unloads `code`. Nobody may be inside it."""
    return lambda: _libc.dlclose(code._handle)
