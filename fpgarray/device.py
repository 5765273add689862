"""A device as arrays see it: its image and engines, buffer pool, programs and idle runs.

Everything here is called under `Device.lock`, except that finalizers append to `returned`.
Knows the runtime seam; knows nothing of arrays, tapes or plans (`tape`, `in_flight` and `findings`
are the executor's, kept here so that one device has one of each).
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict, deque
from functools import cache
from typing import Any

from fpgarray.config import options
from fpgarray.costs import CARD, EMULATED, Costs
from fpgarray.errors import (
    AllocationError,
    DeviceError,
    DeviceLostError,
    ForkedProcessError,
    ImageError,
)
from fpgarray.registry import CallKernel, Engine, EngineSet, engines_of
from fpgarray.runtime import select
from fpgarray.runtime.api import Buffer, Kernel, Purpose, Run
from fpgarray.runtime.api import Device as RuntimeDevice
from fpgarray.xclbin import Xclbin
from fpgarray.xclbin import read as read_xclbin

_GRAIN = 4096


class Device:
    """One device of the chosen provider. Opened at first need; nothing loads before a launch."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.lock = threading.RLock()
        self.tape: Any = None
        self.scopes = 0
        self.in_flight: deque[Any] = deque()
        self.findings: deque[Any] = deque()
        self.retired: list[Any] = []
        self.returned: deque[Buffer] = deque()
        self.memories: weakref.WeakSet[Any] = weakref.WeakSet()
        self.costs: Costs = EMULATED if _provider().name == "emulator" else CARD
        self.small = self.costs.small
        self._pid = os.getpid()
        self._runtime: RuntimeDevice | None = None
        self._clear()

    def _clear(self) -> None:
        """Forget everything that belongs to the image."""
        self.ready = False
        self._engines: EngineSet | None = None
        self._kernels: dict[tuple[str, int], Kernel] = {}
        self._idle: dict[tuple[str, int], list[BoundRun]] = {}
        self._programs: OrderedDict[bytes, Buffer] = OrderedDict()
        self._pool: dict[int, list[Buffer]] = {}
        self._pool_nbytes = 0
        self._null: Buffer | None = None
        self._told: Buffer | None = None
        self.lines: list[int] = []

    def __repr__(self) -> str:
        return f"<fpgarray device {self.name}>"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """ "emulator:0", "pyxrt:0", …: the provider and the index."""
        return f"{_provider().name}:{self.index}"

    # The runtime device and its image

    def check_process(self) -> None:
        """Raise ForkedProcessError in a child of the process that made this device."""
        if os.getpid() != self._pid:
            raise ForkedProcessError(
                f"device {self.index} belongs to process {self._pid}; a forked child can read "
                "bytes that were valid on the host and nothing else: start the child with 'spawn'"
            )

    @property
    def runtime(self) -> RuntimeDevice:
        """The provider's device, opened now if need be."""
        self.check_process()
        if self._runtime is None:
            self._runtime = _provider().open(self.index)
        return self._runtime

    @property
    def engines(self) -> EngineSet:
        """Engines of the image that is, or would be, loaded. Reads a file, touches no device."""
        if self._engines is None:
            try:
                image = self._runtime.image if self._runtime is not None else None
            except DeviceLostError:
                return builtin_engines()  # the next launch meets the loss, and settles it
            self._engines = builtin_engines() if image is None else engines_of_image(image)
        return self._engines

    def require_image(self) -> None:
        """Load the built-in overlay onto an empty device (residency rule 2)."""
        if self.runtime.image is None:
            self.runtime.load(builtin_image())
            self._clear()
        self.ready = True

    def replace_image(self, image: Xclbin) -> None:
        """Load `image` in place of what is loaded; arrays hold no buffer any more.

        On failure the image before returns, or the device is empty; the error is raised.
        """
        before = self.runtime.image
        self._free_all()
        try:
            self.runtime.load(image)
        except DeviceError as error:
            self._clear()
            if before is not None:
                try:
                    self.runtime.load(before)
                except DeviceError as second:
                    raise error from second
            raise
        self._clear()
        self.ready = True

    def _free_all(self) -> None:
        """Free every buffer that is not an array's."""
        self._idle.clear()
        self.empty_pool()
        for buffer in self._programs.values():
            buffer.free()
        self._programs.clear()
        if self._null is not None:
            self._null.free()
            self._null = None
        if self._told is not None:
            self._told.free()
            self._told = None
        self.retired.clear()

    def lose(self, error: DeviceError) -> None:
        """The device is gone: every byte that lived only there raises `error` from now on."""
        error.settled = True
        for memory in list(self.memories):
            memory.lose_device(error)
        self.memories.clear()
        self.returned.clear()
        self.retired.clear()
        runtime, self._runtime = self._runtime, None
        self._clear()
        if runtime is not None:
            runtime.close()

    # Buffers

    def allocate(self, nbytes: int) -> Buffer:
        """A pooled or new buffer of at least `nbytes` in the engine's bank; contents undefined."""
        if not self.ready:
            self.require_image()
        rounded = max(-(-nbytes // _GRAIN) * _GRAIN, _GRAIN)
        self.reclaim()
        shelf = self._pool.get(rounded)
        if shelf:
            self._pool_nbytes -= rounded
            return shelf.pop()
        return self._new_buffer(rounded, "array")

    def _new_buffer(self, nbytes: int, purpose: Purpose) -> Buffer:
        """A buffer from the provider; gives up the pool if there is no room otherwise."""
        try:
            return self.runtime.allocate(nbytes, self._bank(), purpose)
        except AllocationError:
            self.empty_pool()
            return self.runtime.allocate(nbytes, self._bank(), purpose)

    def reclaim(self) -> None:
        """Shelve the buffers that finalizers returned; free what exceeds the limit."""
        while self.returned:
            buffer = self.returned.popleft()
            self._pool.setdefault(buffer.nbytes, []).append(buffer)
            self._pool_nbytes += buffer.nbytes
        if self._pool_nbytes > options.device_pool_nbytes:
            self._shrink(options.device_pool_nbytes)

    def _shrink(self, limit: int) -> None:
        """Free pooled buffers, largest first, until at most `limit` bytes are left."""
        for size in sorted(self._pool, reverse=True):
            shelf = self._pool[size]
            while shelf and self._pool_nbytes > limit:
                buffer = shelf.pop(0)
                self._pool_nbytes -= size
                self._unbind(buffer)
                buffer.free()

    def empty_pool(self) -> None:
        """Free every pooled buffer."""
        self.reclaim()
        self._shrink(0)

    def program(self, data: bytes) -> Buffer:
        """A device buffer that holds `data`, cached by content."""
        buffer = self._programs.get(data)
        if buffer is not None:
            self._programs.move_to_end(data)
            return buffer
        self.require_image()
        buffer = self._new_buffer(max(len(data), 64), "program")
        try:
            buffer.upload(0, memoryview(data), "program")
        except BaseException:
            buffer.free()
            raise
        self._programs[data] = buffer
        return buffer

    def trim_programs(self) -> None:
        """Free the programs used longest ago; only while nothing is in flight."""
        while len(self._programs) > options.programs:
            _, buffer = self._programs.popitem(last=False)
            self._unbind(buffer)
            buffer.free()

    @property
    def program_overflow(self) -> bool:
        """Whether more programs are cached than allowed by half as much again."""
        return len(self._programs) > options.programs * 3 // 2

    def _bank(self) -> int:
        return self._kernel(self.engines.kernel(0).kernel, 0).group_id(1)

    # Runs

    def bind(
        self,
        engine: Engine | CallKernel,
        unit: int,
        program: Buffer,
        ports: list[Buffer],
        line: int | None = None,
    ) -> BoundRun:
        """An idle run of compute unit `unit` of `engine`, its arguments set.

        `line`: of `findings_buffer`, where the run tells what it found.
        """
        if self._null is None:
            self._null = self._new_buffer(64, "program")
        idle = self._idle.setdefault((engine.kernel, unit), [])
        if idle:
            bound = idle.pop()
        else:
            bound = BoundRun(engine, unit, self._kernel(engine.kernel, unit).run())
        unused = [self._null] * (engine.ports - len(ports))
        bound.set_args([program, *ports, *unused])
        if isinstance(engine, Engine) and engine.findings:
            told = self._null if line is None else self.findings_buffer()
            bound.set_told(told, line or 0)
        return bound

    def findings_buffer(self) -> Buffer:
        """The lines that watched runs write; `lines` are those that nobody uses."""
        if self._told is None:
            self._told = self._new_buffer(self._line_count * 64, "program")
            self.free_lines()
        return self._told

    def free_lines(self) -> None:
        """No run uses any line of `findings_buffer`."""
        self.lines = list(range(self._line_count))

    @property
    def _line_count(self) -> int:
        return min(each.findings for each in self.engines.engines if each.findings)

    def release(self, bound: BoundRun) -> None:
        """Give a finished run back for reuse."""
        self._idle.setdefault((bound.engine.kernel, bound.unit), []).append(bound)

    def _kernel(self, name: str, unit: int) -> Kernel:
        kernel = self._kernels.get((name, unit))
        if kernel is None:
            instance = self.runtime.kernel(name).compute_units[unit].rpartition(":")[2]
            kernel = self._kernels[name, unit] = self.runtime.kernel(f"{name}:{{{instance}}}")
        return kernel

    def _unbind(self, buffer: Buffer) -> None:
        """Make idle runs forget a buffer that is about to be freed."""
        for shelf in self._idle.values():
            for bound in shelf:
                bound.forget(buffer)


class BoundRun:
    """A run and the buffers its arguments are set to, so that repeats set only what changed."""

    __slots__ = ("args", "engine", "line", "run", "unit")

    def __init__(self, engine: Engine | CallKernel, unit: int, run: Run) -> None:
        self.engine = engine
        self.unit = unit
        self.run = run
        self.args: list[Buffer | None] = [None] * (engine.ports + 2)
        self.line = -1

    def set_args(self, buffers: list[Buffer]) -> None:
        """Set the arguments that differ from last time."""
        for index, buffer in enumerate(buffers):
            if self.args[index] is not buffer:
                self.run.set_arg(index, buffer)
                self.args[index] = buffer

    def set_told(self, told: Buffer, line: int) -> None:
        """Where it tells what it found: the two arguments after the ports."""
        index = self.engine.ports + 1
        if self.args[index] is not told:
            self.run.set_arg(index, told)
            self.args[index] = told
        if self.line != line:
            self.run.set_arg(index + 1, line)
            self.line = line

    def forget(self, buffer: Buffer) -> None:
        """The buffer is going away: its argument must be set again."""
        self.args = [None if each is buffer else each for each in self.args]


@cache
def _provider() -> Any:
    return select.choose()[0]


@cache
def builtin_image() -> Xclbin:
    """The built-in overlay. Raises ImageError when it is not there."""
    path = select.overlay_path()
    try:
        return read_xclbin(path)
    except FileNotFoundError as error:
        raise ImageError(
            f"the built-in overlay {path} is missing. pip install builds it into the installed "
            "package; a source tree has none (python -P keeps the current folder off the path). "
            "FPGARRAY_OVERLAY names another one"
        ) from error


@cache
def builtin_engines() -> EngineSet:
    """Engines of the built-in overlay."""
    return engines_of_image(builtin_image())


def engines_of_image(image: Xclbin) -> EngineSet:
    """Engines that an image announces in its capability table."""
    units = {kernel.name: len(kernel.compute_units) for kernel in image.kernels}
    return engines_of(image.platform, str(image.uuid), image.capability, units)


_devices: list[Device] = []
_devices_lock = threading.Lock()


def devices() -> list[Device]:
    """All devices of the chosen provider, in order."""
    if not _devices:
        with _devices_lock:
            if not _devices:
                _devices.extend(Device(index) for index in range(_provider().device_count()))
    return _devices


def device(which: int | str | Device | None = None) -> Device:
    """The device of an index or a name, a device itself, or the first.

    Raises IndexError, ValueError (no device of that name), TypeError.
    """
    if isinstance(which, Device):
        return which
    if which is not None and not isinstance(which, (int, str)):
        raise TypeError(
            f"device={which!r}: expected an index, a name, or one of fpgarray.devices()"
        )
    found = devices()
    if isinstance(which, str):
        names = [each.name for each in found]
        if which not in names:
            raise ValueError(f"device={which!r}: there are {', '.join(names)}")
        return found[names.index(which)]
    index = which or 0
    if not 0 <= index < len(found):
        raise IndexError(
            f"device {index}: {_provider().name} has {len(found)} (0 to {len(found) - 1})"
        )
    return found[index]


def _renew_locks() -> None:
    """In a forked child: a lock that another thread held would never be released."""
    global _devices_lock
    _devices_lock = threading.Lock()
    for each in _devices:
        each.lock = threading.RLock()


os.register_at_fork(after_in_child=_renew_locks)
