"""Storage: the memory one family of views shares. Host block + device buffer + coherence.

A `Storage` is light until it holds bytes: temporaries that die on the tape never get a `Memory`.
All methods of `Memory` are called under the device's lock, after the executor has settled the
launches that touch the bytes. Invariants: bytes valid on the host are in `block`; bytes valid on
the device are in `buffer`, whose address never changes; a leased block is never written.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fpgarray import ranges as ranges_
from fpgarray.coherence import ByteMap, Event, State
from fpgarray.errors import CoherenceError, DeviceError
from fpgarray.host_memory import Block
from fpgarray.layout import Layout
from fpgarray.ranges import Range


class Handle:
    """What the arrays of a storage share and nothing else holds: gone when they are all gone."""

    __slots__ = ("__weakref__",)


class ReadOnly(Handle):
    """The handle of arrays that must not be written; views share it. `whole` is the real one."""

    __slots__ = ("whole",)

    def __init__(self, whole: Handle) -> None:
        self.whole = whole


class Storage:
    """`nbytes` of memory on `device`. `written` and `read` are marks of the tape's epoch.

    `small`: in place of a `Memory`, all bytes as a C-contiguous ndarray of layout `view`, as long as
    nothing but reading on the host is asked of them. It is never written; once a snapshot of it has
    been handed out it is marked read-only, and the memory that follows it is a copy.
    """

    __slots__ = (
        *("__weakref__", "device", "handle", "memory", "nbytes", "read", "small", "view"),
        "written",
    )

    def __init__(self, device: Any, nbytes: int, handle: Handle) -> None:
        self.device = device
        self.nbytes = nbytes
        self.handle = weakref.ref(handle)
        self.memory: Memory | None = None
        self.small: np.ndarray | None = None
        self.written = self.read = -1

    @property
    def alive(self) -> bool:
        """Whether an array of it exists."""
        return self.handle() is not None

    def require(self) -> Memory:
        """Its memory, made now if need be."""
        memory = self.memory
        if memory is None:
            memory = Memory(self.device, self.nbytes)
            if self.small is not None:
                memory.take(self.small)
            self.memory = memory
            self.small = None
        return memory


@dataclass(frozen=True, slots=True)
class HostScope:
    """A writable scope that is open: which bytes, and where it was entered."""

    ranges: tuple[Range, ...]
    location: str


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that were lost, and the error that reading them raises."""

    start: int
    stop: int
    error: Exception


class Memory:
    """The two copies of a storage's bytes and their state."""

    __slots__ = (
        "__weakref__",
        "block",
        "buffer",
        "damage",
        "device",
        "escaped",
        "map",
        "nbytes",
        "objects",
        "scopes",
    )

    def __init__(self, device: Any, nbytes: int, objects: np.dtype | None = None) -> None:
        self.device = device
        self.nbytes = nbytes
        self.objects = objects
        self.block: Block | None = None
        self.buffer: Any = None
        self.map = ByteMap(nbytes)
        self.scopes: list[HostScope] = []
        self.escaped = False
        """Memory lent by a scope that is closed is still held; move when no scope is open."""
        self.damage: list[Damage] = []

    def __del__(self) -> None:
        if self.buffer is not None:
            self.device.returned.append(self.buffer)

    # Host side

    def take(self, values: np.ndarray) -> None:
        """Begin with these bytes, on the host; copied if they were shown to anybody."""
        self.block = Block.of(values if values.flags.writeable else values.copy())
        self.map.apply(Event.HOST_WRITE, 0, self.nbytes)

    def host_block(self) -> Block:
        """The host memory, allocated at first use."""
        if self.block is None:
            self.block = Block(self.nbytes, self.objects)
        return self.block

    def pull(self, ranges: Sequence[Range], label: str = "") -> None:
        """Make `ranges` valid on the host: copies exactly what is stale there."""
        if self.damage or self.scopes:
            self.check(ranges)
        self.fetch(ranges, label)

    def fetch(self, ranges: Sequence[Range], label: str = "") -> None:
        """The same for whoever knows of damage: brings home good bytes and bad."""
        state = self.map.uniform()
        if state == State.HOST or state == State.BOTH:
            self.host_block()
            return
        copies = self.map.copies(State.HOST, ranges, self.device.costs.gap_nbytes)
        if not copies:
            self.host_block()
            return
        block = self.unleased()
        target = memoryview(block.memory)
        for start, stop in copies:
            self.buffer.download(start, target[start:stop], label)
            self.map.apply(Event.FROM_DEVICE, start, stop)

    def unleased(self) -> Block:
        """A block that may be written: moves host memory away from a living lease.

        Every byte valid on the host is carried over, so the move costs no transfer.
        """
        block = self.host_block()
        if block.leased:
            block = self._moved(block)
        return block

    def move(self) -> None:
        """Leave the present host memory to whoever still holds it."""
        if self.block is not None:
            self._moved(self.block)

    def _moved(self, old: Block) -> Block:
        fresh = Block(self.nbytes, self.objects)
        if self.objects is not None:
            fresh.memory[:] = old.memory
        else:
            for start, stop, state in self.map.ranges():
                if state & State.HOST:
                    fresh.memory[start:stop] = old.memory[start:stop]
        self.block = fresh
        return fresh

    def host_view(self, view: Layout, label: str = "") -> np.ndarray:
        """An ndarray of valid bytes for our own use inside a call; not to be written or kept."""
        self.pull(view.ranges, label)
        assert self.block is not None
        return self.block.view(view)

    def host_target(self, view: Layout, label: str = "") -> np.ndarray:
        """An ndarray to overwrite whole; call `host_written` after. Old bytes only as needed."""
        self.check(() if view.is_exact else view.ranges)
        if self.scopes:
            self.check_scopes(view.ranges)
        if not view.is_exact:
            self.pull(view.ranges, label)
        return self.unleased().view(view)

    def replace(self, block: Block) -> None:
        """Take `block`, whose bytes are all new, as host memory; call `host_written` after."""
        if self.scopes:
            self.check_scopes([(0, self.nbytes)])
        self.block = block

    def host_written(self, view: Layout) -> None:
        """The host overwrote `view` whole."""
        for start, stop in view.ranges:
            self.map.apply(Event.HOST_WRITE, start, stop)
        self._mend(view.ranges)

    # Device side

    def device_buffer(self) -> Any:
        """The device memory, allocated at first use. Raises AllocationError."""
        if self.buffer is None:
            self.buffer = self.device.allocate(self.nbytes)
            self.device.memories.add(self)
        return self.buffer

    def push(self, ranges: Sequence[Range], label: str = "") -> None:
        """Make `ranges` valid on the device: copies exactly what is stale there."""
        if self.damage or self.scopes:
            self.check(ranges)
        state = self.map.uniform()
        if self.buffer is not None and (state == State.DEVICE or state == State.BOTH):
            return
        copies = self.map.copies(State.DEVICE, ranges, self.device.costs.gap_nbytes)
        buffer = self.device_buffer()
        if not copies:
            return
        assert self.block is not None
        source = memoryview(self.block.memory)
        for start, stop in copies:
            buffer.upload(start, source[start:stop], label)
            self.map.apply(Event.TO_DEVICE, start, stop)

    def stale_on_device(self, ranges: Sequence[Range]) -> int:
        """Bytes a push would have to copy (without gaps)."""
        return ranges_.nbytes(self.map.stale(State.DEVICE, ranges))

    def stale_on_host(self, ranges: Sequence[Range]) -> int:
        """Bytes a pull would have to copy (without gaps)."""
        return ranges_.nbytes(self.map.stale(State.HOST, ranges))

    def device_written(self, ranges: Sequence[Range]) -> None:
        """A kernel was started that overwrites `ranges` whole."""
        for start, stop in ranges:
            self.map.apply(Event.DEVICE_WRITE, start, stop)
        self._mend(ranges)

    def drop_buffer(self) -> Any:
        """Give up the device copy; nothing may be valid only there. Returns the buffer."""
        self.map.apply(Event.DROP_DEVICE, 0, self.nbytes)
        buffer, self.buffer = self.buffer, None
        return buffer

    def lose_device(self, error: DeviceError) -> None:
        """The device copy is lost with the device: what was valid only there raises `error`."""
        _settled(error)
        for start, stop, state in self.map.ranges():
            if state == State.DEVICE:
                self.damage.append(Damage(start, stop, error))
        self.map.apply(Event.LOSE_DEVICE, 0, self.nbytes)
        self.buffer = None

    # Damage and scopes

    def lose(self, ranges: Sequence[Range], error: Exception) -> None:
        """`ranges` are lost; reading them raises `error` until they are overwritten."""
        _settled(error)
        for start, stop in ranges:
            self.map.apply(Event.FORGET, start, stop)
            self.damage.append(Damage(start, stop, error))

    def damaged(self, view: Layout, error: Exception) -> None:
        """The elements of `view` are lost. What lies between them stays, on the host if anywhere.

        Reading any byte of its ranges raises `error`, caution included, until they are overwritten.
        """
        if view.is_exact:
            self.lose(view.ranges, error)
            return
        _settled(error)
        for start, stop in view.ranges:
            self.damage.append(Damage(start, stop, error))

    def amend(self, error: Exception) -> None:
        """What raises `error` is about to be put right."""
        self.damage = [damage for damage in self.damage if damage.error is not error]

    def check(self, ranges: Sequence[Range]) -> None:
        """Raise what reading `ranges` must raise: their damage, or an open host scope."""
        for damage in self.damage:
            if ranges_.intersects(ranges, [(damage.start, damage.stop)]):
                raise damage.error.with_traceback(None)
        if self.scopes:
            self.check_scopes(ranges)

    def check_scopes(self, ranges: Sequence[Range]) -> None:
        """Raise if an open host scope holds a byte of `ranges`."""
        for scope in self.scopes:
            if ranges_.intersects(ranges, scope.ranges):
                raise CoherenceError(
                    f"these bytes are open for writing in the host() scope entered at "
                    f"{scope.location}; leave it first, or use the array it gave"
                )

    def _mend(self, ranges: Sequence[Range]) -> None:
        """Overwritten bytes are no longer damaged."""
        if not self.damage:
            return
        self.damage = [
            Damage(start, stop, damage.error)
            for damage in self.damage
            for start, stop in ranges_.subtract([(damage.start, damage.stop)], list(ranges))
        ]


def _settled(error: Exception) -> None:
    """Mark an error as accounted for (see `DeviceError.settled`)."""
    if isinstance(error, DeviceError):
        error.settled = True
