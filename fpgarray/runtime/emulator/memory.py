"""Device memory: banks, what is allocated in them, and the host memory that stands behind.

Owns device addresses, holes and garbage. Must not know kernels, runs or the provider protocol;
nothing above this package may reach the bytes but through a provider's copies.

    bank  = a window [base, base + nbytes) of device addresses
    region = a maximal run of overlapping windows (a group of HBM channels and its channels share
             memory), one sparse mapping; host address = region.pointer + address - region.base

Memory that is handed out is filled with `garbage`, so that reading what nobody wrote shows.

Lock: `Memory.lock` guards the allocations and holes. It is a leaf but for the compute units' locks
(`release` runs its `in_use` callback under it).
"""

from __future__ import annotations

import bisect
import ctypes
import itertools
import mmap
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from fpgarray.errors import AllocationError, DeviceError

PAGE = 4096
GARBAGE_PERIOD = 256 << 10
FILLED_WHOLE_NBYTES = 256 << 20
"""Larger buffers get their middle as copy-on-write garbage (zeros where memory is shared)."""
GIVEN_BACK_NBYTES = 256 << 20
"""Freed blocks from this size on return to the operating system; first touch is expensive."""

MAP_NORESERVE = 0x4000
MAP_FIXED = 0x10
MADV_REMOVE = 9

# bytes 1 to 255: fresh memory is never zero
_PATTERN = np.random.default_rng(0x46504741).integers(1, 256, GARBAGE_PERIOD, dtype=np.uint8)

_libc = ctypes.CDLL(None, use_errno=True)
# void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (
    ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
)  # fmt: skip


def garbage(address: int, nbytes: int) -> bytes:
    """What fresh device memory holds at [address, address + nbytes)."""
    return np.resize(np.roll(_PATTERN, -(address % GARBAGE_PERIOD)), nbytes).tobytes()


@dataclass(frozen=True, slots=True)
class Window:
    """A bank as the allocator sees it: its number, name and addresses."""

    index: int
    name: str
    base: int
    nbytes: int
    used: bool

    @property
    def end(self) -> int:
        """First address beyond."""
        return self.base + self.nbytes


class Region:
    """One sparse mapping. Unmapped when the last reference goes, never while something uses it."""

    def __init__(self, base: int, nbytes: int, shared: bool) -> None:
        """`shared`: behind a memfd (`fd`, owned by the region) that other processes can map."""
        self.base = base
        self.nbytes = nbytes
        self.fd = -1
        if shared:
            self.fd = os.memfd_create("fpgarray-memory", os.MFD_CLOEXEC)
            os.ftruncate(self.fd, nbytes)
            self._map = mmap.mmap(self.fd, nbytes, flags=mmap.MAP_SHARED | MAP_NORESERVE)
        else:
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
            self._map = mmap.mmap(-1, nbytes, flags=flags)
        self._advise(mmap.MADV_HUGEPAGE, 0, nbytes)
        self.bytes = np.frombuffer(self._map, np.uint8)
        self.pointer = self.bytes.ctypes.data

    def __del__(self) -> None:
        if getattr(self, "fd", -1) >= 0:
            os.close(self.fd)

    def fill(self, start: int, nbytes: int) -> None:
        """Put garbage at addresses [start, start + nbytes)."""
        if nbytes <= FILLED_WHOLE_NBYTES:
            self._fill(start, nbytes)
            return
        # the middle begins where the garbage file does
        low = -(-(start + FILLED_WHOLE_NBYTES // 2) // GARBAGE_PERIOD) * GARBAGE_PERIOD
        high = start + nbytes - FILLED_WHOLE_NBYTES // 2
        self._fill(start, low - start)
        self._fill(high, start + nbytes - high)
        if self.fd < 0:
            self._map_garbage(low, high)

    def give_back(self, start: int, nbytes: int) -> None:
        """Let the operating system have the pages of [start, start + nbytes)."""
        offset = start - self.base
        if self.fd >= 0:
            self._advise(MADV_REMOVE, offset, nbytes)
            return
        # also replaces copy-on-write garbage
        self._map_over(start, nbytes, mmap.MAP_ANONYMOUS, -1)
        self._advise(mmap.MADV_HUGEPAGE, offset, nbytes)

    def _fill(self, start: int, nbytes: int) -> None:
        target = self.bytes[start - self.base : start - self.base + nbytes]
        phase = start % GARBAGE_PERIOD
        head = min(nbytes, -phase % GARBAGE_PERIOD)
        whole = (nbytes - head) // GARBAGE_PERIOD
        target[:head] = _PATTERN[phase : phase + head]
        body = target[head : head + whole * GARBAGE_PERIOD]
        body.reshape(whole, GARBAGE_PERIOD)[:] = _PATTERN
        tail = target[head + whole * GARBAGE_PERIOD :]
        tail[:] = _PATTERN[: len(tail)]

    def _map_garbage(self, low: int, high: int) -> None:
        fd = os.memfd_create("fpgarray-garbage", os.MFD_CLOEXEC)
        try:
            file_nbytes = 64 * GARBAGE_PERIOD
            os.write(fd, _PATTERN.tobytes() * 64)
            for at in range(low, high, file_nbytes):
                self._map_over(at, min(file_nbytes, high - at), 0, fd)
        finally:
            os.close(fd)

    def _map_over(self, start: int, nbytes: int, kind: int, fd: int) -> None:
        flags = mmap.MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE | kind
        protection = mmap.PROT_READ | mmap.PROT_WRITE
        at = self.pointer + start - self.base
        if _libc.mmap(at, nbytes, protection, flags, fd, 0) != at:
            errno = ctypes.get_errno()
            raise AllocationError(f"cannot map {nbytes} bytes: {os.strerror(errno)}")

    def _advise(self, advice: int, offset: int, nbytes: int) -> None:
        try:
            self._map.madvise(advice, offset, nbytes)
        except OSError:
            # advice only: kernels without huge pages refuse it
            return


class Holes:
    """The free parts of a region, as sorted disjoint intervals. First fit, lowest address."""

    def __init__(self, start: int, end: int) -> None:
        self._starts = [start]
        self._ends = [end]

    def take(self, nbytes: int, low: int, high: int) -> int | None:
        """Cut the lowest page-aligned `nbytes` in [low, high) out of the holes; None: no room."""
        for index, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            at = -(-max(start, low) // PAGE) * PAGE
            if at + nbytes <= min(end, high):
                self._cut(index, at, at + nbytes)
                return at
        return None

    def put(self, start: int, end: int) -> None:
        """Give [start, end) back, merging it with its neighbours."""
        index = bisect.bisect(self._starts, start)
        if index < len(self._starts) and self._starts[index] == end:
            end = self._ends[index]
            del self._starts[index], self._ends[index]
        if index and self._ends[index - 1] == start:
            self._ends[index - 1] = end
        else:
            self._starts.insert(index, start)
            self._ends.insert(index, end)

    def sizes(self, low: int, high: int) -> list[int]:
        """Sizes of the holes inside [low, high)."""
        pairs = zip(self._starts, self._ends, strict=True)
        return [n for s, e in pairs if (n := min(e, high) - max(s, low)) > 0]

    def _cut(self, index: int, start: int, end: int) -> None:
        rest = [(self._starts[index], start), (end, self._ends[index])]
        rest = [(s, e) for s, e in rest if s < e]
        self._starts[index : index + 1] = [s for s, _ in rest]
        self._ends[index : index + 1] = [e for _, e in rest]


class Allocation:
    """A live or past block: `nbytes` at device `address`, inside [start, end) of its region."""

    __slots__ = ("address", "bank", "end", "live", "nbytes", "pointer", "region", "start", "view")

    def __init__(
        self, region: Region, start: int, end: int, address: int, nbytes: int, bank: int
    ) -> None:
        self.region = region
        self.start = start
        self.end = end
        self.address = address
        self.nbytes = nbytes
        self.bank = bank
        self.live = True
        offset = address - region.base
        self.pointer = region.pointer + offset
        self.view = region.bytes[offset : offset + nbytes]

    def __repr__(self) -> str:
        return f"{self.nbytes} bytes at {self.address:#x} in bank {self.bank}"


class Memory:
    """All banks of a loaded image."""

    def __init__(self, windows: Iterable[Window], *, shared: bool, margin: int = 0) -> None:
        """`margin` bytes are kept free on both sides of every buffer, for red zones."""
        self.lock = threading.Lock()
        self.windows = tuple(windows)
        self.margin = margin
        self.generation = 0
        """Changes whenever an address may have changed its meaning."""
        self.closed = False
        self.dress: Callable[[Allocation], None] | None = None
        """What is done to a fresh allocation before anybody sees it."""
        self.allocations: dict[int, Allocation] = {}
        """By address; live ones only."""
        self._addresses: list[int] = []
        self.regions = [Region(b, e - b, shared) for b, e in _merged(self.windows)]
        self._holes = [Holes(r.base, r.base + r.nbytes) for r in self.regions]

    def allocate(self, nbytes: int, bank: int) -> Allocation:
        """`nbytes` of garbage in `bank`, page-aligned. AllocationError says what there is."""
        window = self._window(nbytes, bank)
        block = max(PAGE, -(-nbytes // PAGE) * PAGE) + 2 * self.margin
        with self.lock:
            if self.closed:
                raise AllocationError(f"allocating {nbytes} bytes: the image is unloaded")
            number = self._region_of(window)
            start = self._holes[number].take(block, window.base, window.end)
            if start is None:
                raise self._exhausted(nbytes, window, self._holes[number])
        region = self.regions[number]
        address = start + self.margin
        allocation = Allocation(region, start, start + block, address, nbytes, bank)
        try:
            # outside the lock, and before anybody else can know this block
            region.fill(start, block)
            if self.dress is not None:
                self.dress(allocation)
            self._publish(allocation)
        except BaseException:
            self._withdraw(allocation)
            raise
        return allocation

    def release(
        self, allocation: Allocation, in_use: Callable[[Allocation], None] | None = None
    ) -> None:
        """Free `allocation`; `in_use` may raise to refuse. Freed before: nothing happens."""
        with self.lock:
            if not allocation.live:
                return
            # before asking, so that a start that races with us looks its addresses up again
            self.generation += 1
            if in_use is not None:
                in_use(allocation)
            allocation.live = False
            del self.allocations[allocation.address]
            del self._addresses[bisect.bisect_left(self._addresses, allocation.address)]
            nbytes = allocation.end - allocation.start
            if nbytes >= GIVEN_BACK_NBYTES:
                allocation.region.give_back(allocation.start, nbytes)
            number = self.regions.index(allocation.region)
            self._holes[number].put(allocation.start, allocation.end)

    def find(self, address: int) -> Allocation | None:
        """The live allocation that `address` lies in. The caller holds `lock`."""
        found = self.allocations.get(address)
        if found is None:
            index = bisect.bisect(self._addresses, address)
            if index:
                found = self.allocations[self._addresses[index - 1]]
                if address >= found.address + found.nbytes:
                    return None
        return found

    def close(self, *, force: bool = False) -> None:
        """Refuse further use. DeviceError that lists what is still allocated, unless `force`."""
        with self.lock:
            if self.allocations and not force:
                listed = "; ".join(map(repr, itertools.islice(self.allocations.values(), 8)))
                raise DeviceError(
                    f"{len(self.allocations)} buffers are still allocated ({listed}); free them"
                )
            self.closed = True
            self.generation += 1
            for allocation in self.allocations.values():
                allocation.live = False
            self.allocations.clear()
            self._addresses.clear()

    def _publish(self, allocation: Allocation) -> None:
        with self.lock:
            if self.closed:
                raise AllocationError(f"{allocation}: the image was unloaded meanwhile")
            self.allocations[allocation.address] = allocation
            bisect.insort(self._addresses, allocation.address)

    def _withdraw(self, allocation: Allocation) -> None:
        """Undo an allocation that was interrupted, published or not."""
        with self.lock:
            allocation.live = False
            if self.allocations.pop(allocation.address, None) is not None:
                self._addresses.remove(allocation.address)
            number = self.regions.index(allocation.region)
            self._holes[number].put(allocation.start, allocation.end)

    def _window(self, nbytes: int, bank: int) -> Window:
        attempt = f"allocating {nbytes} bytes in bank {bank}"
        if nbytes < 0:
            raise AllocationError(f"{attempt}: a size cannot be negative")
        if not 0 <= bank < len(self.windows):
            listed = ", ".join(f"{w.index}: {w.name}" for w in self.windows) or "none"
            raise AllocationError(f"{attempt}: there is no such bank; the image has {listed}")
        window = self.windows[bank]
        if not (window.used and window.nbytes):
            raise AllocationError(f"{attempt} ({window.name}): the image does not use this bank")
        return window

    def _region_of(self, window: Window) -> int:
        bases = [region.base for region in self.regions]
        return bisect.bisect(bases, window.base) - 1

    def _exhausted(self, nbytes: int, window: Window, holes: Holes) -> AllocationError:
        sizes = holes.sizes(window.base, window.end)
        return AllocationError(
            f"bank {window.index} ({window.name}) has no room for {nbytes} bytes: "
            f"{sum(sizes)} of {window.nbytes} bytes are free, the largest hole has "
            f"{max(sizes, default=0)}; free buffers or use another bank"
        )


def _merged(windows: Iterable[Window]) -> list[tuple[int, int]]:
    """Intervals of addresses, overlapping windows joined. Windows that only touch stay apart."""
    merged: list[tuple[int, int]] = []
    for window in sorted((w for w in windows if w.nbytes and w.used), key=lambda w: w.base):
        if merged and window.base < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], window.end))
        else:
            merged.append((window.base, window.end))
    return merged
