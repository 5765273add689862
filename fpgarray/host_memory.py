"""Host memory: pooled blocks, and the leases that freeze a block while somebody looks at it.

Invariant: the bytes of a block never change while its lease is alive (`Block.leased`). A lease is
alive as long as anything made from it is: it is the base, not an ndarray, of what doors hand out.
Finalizers only queue: a dying block appends its memory to `_returned`, nothing more.
"""

from __future__ import annotations

import os
import weakref
from collections import deque
from threading import Lock
from typing import Any

import numpy as np

from fpgarray.config import options
from fpgarray.layout import Layout

_POOLED_FROM = 1 << 14
_ALIGNMENT = 64
_returned: deque[np.ndarray] = deque()
_free: dict[int, list[np.ndarray]] = {}
_free_nbytes = 0
_lock = Lock()


def _renew_lock() -> None:
    """In a forked child: a lock that another thread held would never be released."""
    global _lock
    _lock = Lock()


os.register_at_fork(after_in_child=_renew_lock)


class Lease:
    """Keeps one block's bytes as they are. Shared by all snapshots of the block."""

    __slots__ = ("__weakref__", "block")

    def __init__(self, block: Block) -> None:
        self.block = block


class Door:
    """What ndarrays made from a block have as base: the array interface and the lease."""

    __slots__ = ("__array_interface__", "__weakref__", "lease")

    def __init__(self, lease: Lease | Block, interface: dict[str, Any]) -> None:
        self.lease = lease
        self.__array_interface__ = interface


class Block:
    """Some host memory: `memory` is a 1-d uint8 array of the size asked for.

    `objects`: the dtype of elements that hold Python objects; then `memory` is of that dtype.
    """

    __slots__ = ("__weakref__", "_lease", "address", "memory")

    def __init__(self, nbytes: int, objects: np.dtype | None = None) -> None:
        if objects is None:
            self.memory = _take(nbytes)
        else:
            self.memory = np.empty(nbytes // objects.itemsize, objects)
        # Of no bytes too: NumPy before 2.4 takes a null pointer for no interface.
        self.address = self.memory.ctypes.data
        self._lease: weakref.ref[Lease] | None = None

    @classmethod
    def of(cls, values: np.ndarray) -> Block:
        """A block made of a C-contiguous array that nobody else can write."""
        block = object.__new__(cls)
        block.memory = values.reshape(-1).view(np.uint8)
        block.address = block.memory.ctypes.data
        block._lease = None
        return block

    @property
    def leased(self) -> bool:
        """Whether a snapshot of it is alive."""
        return self._lease is not None and self._lease() is not None

    def lease(self) -> Lease:
        """The living lease, or a new one."""
        lease = self._lease() if self._lease is not None else None
        if lease is None:
            lease = Lease(self)
            self._lease = weakref.ref(lease)
        return lease

    def snapshot(self, view: Layout) -> np.ndarray:
        """A read-only ndarray of `view` that holds the lease. Not for object memory."""
        return self._opened(Door(self.lease(), self._interface(view, read_only=True)), view)

    def writable(self, view: Layout) -> np.ndarray:
        """A writable ndarray of `view` that keeps the block alive without leasing it."""
        return self._opened(Door(self, self._interface(view, read_only=False)), view)

    @staticmethod
    def _opened(door: Door, view: Layout) -> np.ndarray:
        array = np.asarray(door)
        if view.dtype.names is not None:
            array.dtype = view.dtype  # in place: views must have this array as their base
        return array

    def view(self, view: Layout) -> np.ndarray:
        """A writable ndarray of `view` for our own use inside a call; never handed out."""
        if self.memory.dtype != np.uint8:
            return self._view_of_objects(view)
        if view.size == 0:
            return np.empty(view.shape, view.dtype)
        return np.ndarray(view.shape, view.dtype, self.memory, view.offset, view.strides)

    def _view_of_objects(self, view: Layout) -> np.ndarray:
        first, inside = divmod(view.offset, self.memory.itemsize)
        if view.dtype != self.memory.dtype:
            fields = self.memory.getfield(view.dtype, inside)
            return np.lib.stride_tricks.as_strided(fields[first:], view.shape, view.strides)
        if view.is_contiguous:
            return self.memory[first : first + view.size].reshape(view.shape)
        if self.memory.dtype.kind in "OV":
            return np.lib.stride_tricks.as_strided(self.memory[first:], view.shape, view.strides)
        # dtypes that NumPy's array interface cannot name (StringDType): a copy, see `scatter`
        gathered = self.memory[self._places(view)]
        gathered.flags.writeable = False
        return gathered

    def scatter(self, view: Layout, value: np.ndarray) -> None:
        """Write `value` where `view` could only give a copy."""
        self.memory[self._places(view)] = value

    def _places(self, view: Layout) -> np.ndarray:
        """The elements of `view`, as indices of `memory`."""
        places = np.full(view.shape, view.offset // view.itemsize)
        for axis, (extent, stride) in enumerate(zip(view.shape, view.strides, strict=True)):
            steps = np.arange(extent) * (stride // view.itemsize)
            places += steps.reshape((-1,) + (1,) * (len(view.shape) - axis - 1))
        return places

    def _interface(self, view: Layout, read_only: bool) -> dict[str, Any]:
        return {
            "version": 3,
            "shape": view.shape,
            "strides": view.strides,
            # Fields go by `_opened`: a description makes fields of the padding between them.
            "typestr": view.dtype.str,
            "data": (self.address + view.offset, read_only),
        }

    def __del__(self) -> None:
        memory = getattr(self, "memory", None)  # absent if its making was interrupted
        if memory is not None and memory.nbytes >= _POOLED_FROM and memory.dtype == np.uint8:
            _returned.append(memory)


def _take(nbytes: int) -> np.ndarray:
    """Memory from the pool, or new; contents are undefined."""
    if nbytes < _POOLED_FROM:
        return np.empty(nbytes, np.uint8)
    with _lock:
        _collect()
        shelf = _free.get(nbytes)
        if shelf:
            global _free_nbytes
            _free_nbytes -= nbytes
            return shelf.pop()
    raw = np.empty(nbytes + _ALIGNMENT, np.uint8)
    skip = -raw.ctypes.data % _ALIGNMENT
    return raw[skip : skip + nbytes]


def _collect() -> None:
    """Shelve what finalizers returned; what exceeds the limit goes back to the system. Locked."""
    global _free_nbytes
    while _returned:
        memory = _returned.popleft()
        _free.setdefault(memory.nbytes, []).append(memory)
        _free_nbytes += memory.nbytes
    if _free_nbytes > options.host_pool_nbytes:
        for size in sorted(_free, reverse=True):
            while _free[size] and _free_nbytes > options.host_pool_nbytes:
                _free[size].pop(0)
                _free_nbytes -= size
            if not _free[size]:
                del _free[size]


def trim() -> None:
    """Take in what finalizers returned, so that the limit holds between allocations too."""
    if _returned:
        with _lock:
            _collect()


def pooled_nbytes() -> int:
    """Bytes waiting for reuse."""
    with _lock:
        _collect()
        return _free_nbytes
