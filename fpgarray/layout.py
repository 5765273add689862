"""Geometry of a view inside its storage: offset, shape, strides, dtype. Pure and immutable.

Layouts are interned and compare by identity: equal geometry almost always is the same object (the
table is emptied when it grows too large). Where it is not, two layouts of the same bytes count as
different ones that overlap, which costs a launch and is never wrong. Which bytes a layout touches,
and whether two layouts can touch the same byte, is decided here.
"""

from __future__ import annotations

import mmap
from functools import cached_property, lru_cache
from math import prod
from typing import Any

import numpy as np

from fpgarray.ranges import Range, intersects

RANGE_LIMIT = 64
"""A layout of more separate byte runs than this is treated as its bounding range."""

_INTERN_LIMIT = 20_000
_interned: dict[tuple, Layout] = {}


class Layout:
    """One view's geometry. `offset` and `strides` in bytes; never changes.

    Build with `layout()` or `contiguous()`, which intern.
    """

    __slots__ = (
        "__dict__",
        "dtype",
        "itemsize",
        "nbytes",
        "ndim",
        "offset",
        "shape",
        "size",
        "start",
        "stop",
        "strides",
    )

    def __init__(
        self, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype
    ) -> None:
        self.offset, self.shape, self.strides, self.dtype = offset, shape, strides, dtype
        self.ndim = len(shape)
        self.size = prod(shape)
        self.itemsize = dtype.itemsize
        self.nbytes = self.size * dtype.itemsize
        self.start = self.stop = offset
        if self.size:
            spans = [(extent - 1) * stride for extent, stride in zip(shape, strides, strict=True)]
            self.start = offset + sum(span for span in spans if span < 0)
            self.stop = offset + sum(span for span in spans if span > 0) + dtype.itemsize

    def __repr__(self) -> str:
        where = f"offset={self.offset}, shape={self.shape}, strides={self.strides}"
        return f"Layout({where}, {self.dtype})"

    @cached_property
    def fresh(self) -> Layout:
        """What NumPy allocates for an elementwise result of this one operand, same dtype."""
        return self.fresh_as(self.dtype)

    @cached_property
    def fresh_bool(self) -> Layout:
        """The same for a bool result."""
        return self.fresh_as(np.dtype(bool))

    def fresh_as(self, dtype: np.dtype) -> Layout:
        """NumPy's "K" order result layout for this operand and `dtype`."""
        return result_layout((self,), self.shape, dtype)

    def like(self, dtype: np.dtype) -> Layout:
        """What NumPy allocates for a copy in "K" order (PyArray_NewLikeArray): packed, axes
        ordered by the size of their strides."""
        if self.is_contiguous:
            return contiguous(self.shape, dtype)
        strides, step = [0] * self.ndim, dtype.itemsize
        for axis in reversed(self.by_stride):
            strides[axis] = step
            step *= max(self.shape[axis], 1)
        return layout(0, self.shape, tuple(strides), dtype)

    @cached_property
    def by_stride(self) -> tuple[int, ...]:
        """The axes, outermost in memory first; ties in order."""
        if self.is_fortran and not self.is_contiguous:
            return tuple(reversed(range(self.ndim)))
        return tuple(sorted(range(self.ndim), key=lambda axis: -abs(self.strides[axis])))

    @cached_property
    def interface(self) -> dict[str, Any]:
        """NumPy's array interface of this geometry, but for `data`."""
        return {
            "version": 3,
            "shape": self.shape,
            "strides": self.strides,
            "typestr": self.dtype.str,
            "descr": self.dtype.descr,
        }

    @cached_property
    def is_contiguous(self) -> bool:
        """C-contiguous, as NumPy's flag (extents of one do not matter)."""
        return _is_packed(self.shape, self.strides, self.itemsize)

    @cached_property
    def is_fortran(self) -> bool:
        """F-contiguous, as NumPy's flag."""
        return _is_packed(self.shape[::-1], self.strides[::-1], self.itemsize)

    @cached_property
    def is_dense(self) -> bool:
        """Whether the elements cover every byte of [start, stop) once (any order of axes)."""
        return self.size == 0 or (
            self.stop - self.start == self.nbytes
            and self._runs is not None
            and len(self._runs) == 1
        )

    @cached_property
    def is_aligned(self) -> bool:
        """Whether every element lies on a multiple of its item size."""
        size = self.itemsize
        return self.size == 0 or (
            self.offset % size == 0
            and all(stride % size == 0 for n, stride in zip(self.shape, self.strides) if n > 1)
        )

    @cached_property
    def is_injective(self) -> bool:
        """Whether no two elements share a byte, for certain (False may be caution)."""
        axes = sorted((abs(stride), n) for n, stride in zip(self.shape, self.strides) if n > 1)
        reach = self.itemsize
        for stride, extent in axes:
            if stride < reach:
                return self.size == 0
            reach = stride * (extent - 1) + reach
        return True

    @cached_property
    def _runs(self) -> tuple[Range, ...] | None:
        """The byte runs, sorted and joined; None when there are more than RANGE_LIMIT."""
        if self.size == 0:
            return ()
        axes = sorted((abs(s), n) for n, s in zip(self.shape, self.strides) if n > 1 and s != 0)
        run = self.itemsize
        while axes and axes[0][0] <= run:
            stride, extent = axes.pop(0)
            run = stride * (extent - 1) + run
        if prod(extent for _, extent in axes) > RANGE_LIMIT:
            return None
        bases = [self.start]
        for stride, extent in axes:
            bases = [base + i * stride for base in bases for i in range(extent)]
        joined: list[Range] = []
        for base in sorted(bases):
            if joined and base <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], base + run))
            else:
                joined.append((base, base + run))
        return tuple(joined)

    @cached_property
    def ranges(self) -> tuple[Range, ...]:
        """Byte ranges that contain every element: exact, or the one bounding range."""
        if self._runs is not None:
            return self._runs
        return ((self.start, self.stop),)

    @cached_property
    def is_exact(self) -> bool:
        """Whether `ranges` holds no byte that is not an element's."""
        return self.size == 0 or (
            self._runs is not None and sum(b - a for a, b in self._runs) <= self.nbytes
        )

    def covers(self, other: Layout) -> bool:
        """Whether writing this layout whole overwrites every byte of `other`."""
        return self.is_dense and self.start <= other.start and other.stop <= self.stop

    def overlaps(self, other: Layout) -> bool:
        """Whether the two may share a byte of one storage."""
        if self.stop <= other.start or other.stop <= self.start or not (self.size and other.size):
            return False
        mine, theirs = self._runs, other._runs
        if mine is None or theirs is None:
            return _share_bytes(self, other)
        return (len(mine) == 1 and len(theirs) == 1) or intersects(mine, theirs)


def layout(
    offset: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype
) -> Layout:
    """The interned layout of this geometry."""
    key = (offset, shape, strides, dtype)
    found = _interned.get(key)
    if found is None:
        if len(_interned) >= _INTERN_LIMIT:
            _interned.clear()
        found = _interned[key] = Layout(*key)
    return found


def contiguous(shape: tuple[int, ...], dtype: np.dtype, order: str = "C") -> Layout:
    """A C- (or "F"-) ordered layout at offset 0."""
    extents = shape[::-1] if order == "C" else shape
    strides, step = [], dtype.itemsize
    for extent in extents:
        strides.append(step)
        step *= max(extent, 1)
    return layout(0, shape, tuple(strides[::-1] if order == "C" else strides), dtype)


_SHARING_WORK = 1000
"""Candidates NumPy may try to find out whether two views share a byte."""


@lru_cache(maxsize=4096)
def _share_bytes(one: Layout, other: Layout) -> bool:
    """`numpy.shares_memory` of views of one storage; True where that is too hard to say."""
    base = reserved(max(one.stop, other.stop))
    views = [
        np.ndarray(each.shape, f"V{each.itemsize}", base, each.offset, each.strides)
        for each in (one, other)
    ]
    try:
        return np.shares_memory(*views, max_work=_SHARING_WORK)
    except np.exceptions.TooHardError:
        return True


def of_array(array: np.ndarray) -> Layout:
    """The layout `array` would have in a storage that starts at its first byte."""
    return layout(0, array.shape, array.strides, array.dtype)


_REGION_NBYTES = 1 << 40
_region: mmap.mmap | None = None


def stand_in(view: Layout) -> np.ndarray:
    """A read-only ndarray of this geometry, for asking NumPy about shapes and views.

    All stand-ins lie in one reserved region that holds no memory; `of_view` turns what NumPy made
    of one back into a layout. Nobody reads its elements (they would be 0).
    """
    found = view.__dict__.get("stand_in")
    if found is None:
        if view.dtype.hasobject:
            base: Any = np.empty(view.stop - view.start, np.uint8)
            dtype = np.dtype((np.void, view.itemsize))
        else:
            base, dtype = reserved(view.stop - view.start), view.dtype
        found = np.ndarray(view.shape, dtype, base, view.offset - view.start, view.strides)
        found.flags.writeable = False
        view.__dict__["stand_in"] = found
        view.__dict__["origin"] = found.ctypes.data - view.offset
    return found


def of_view(source: Layout, derived: np.ndarray) -> Layout:
    """The layout of `derived`, a view that NumPy made of `stand_in(source)`."""
    offset = derived.ctypes.data - source.__dict__["origin"] if derived.size else source.offset
    dtype = source.dtype if source.dtype.hasobject else derived.dtype
    found = layout(offset, derived.shape, derived.strides, dtype)
    if found.size and not source.start <= found.start <= found.stop <= source.stop:
        raise AssertionError(f"NumPy gave a copy, not a view, of {source}")
    return found


def reserved(nbytes: int) -> Any:
    """The region, or for what exceeds it (or where it is refused) ordinary untouched memory."""
    global _region
    if _region is None and nbytes <= _REGION_NBYTES:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0x4000)
        try:
            _region = mmap.mmap(-1, _REGION_NBYTES, flags=flags, prot=mmap.PROT_READ)
        except (OSError, ValueError):
            return np.empty(max(nbytes, 1), np.uint8)
    return _region if nbytes <= _REGION_NBYTES else np.empty(nbytes, np.uint8)


def shrunk(view: Layout) -> np.ndarray:
    """A stand-in with `view`'s strides and hardly an element, to ask NumPy what the layout of a
    result would be without its working through all of them (see `grown`)."""
    extents = tuple(min(extent, 2) for extent in view.shape)
    return stand_in(layout(view.offset, extents, view.strides, view.dtype))


def grown(small: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> Layout:
    """The packed layout of `shape` at offset 0 with the axes ordered as in `small`, which has an
    extent of one where `shape` has."""
    order = sorted(range(small.ndim), key=lambda axis: (-small.strides[axis], -small.shape[axis]))
    strides, step = [0] * len(shape), dtype.itemsize
    for axis in reversed(order):
        strides[axis] = step
        step *= max(shape[axis], 1)
    return layout(0, shape, tuple(strides), dtype)


_results: dict[tuple, Layout] = {}


def result_layout(operands: tuple[Layout, ...], shape: tuple[int, ...], dtype: np.dtype) -> Layout:
    """The layout NumPy gives an elementwise result ("K" order), at offset 0."""
    if all(each.is_contiguous and each.shape == shape for each in operands):
        return contiguous(shape, dtype)
    key = (operands, shape, dtype)
    found = _results.get(key)
    if found is None:
        if len(_results) >= _INTERN_LIMIT:
            _results.clear()
        found = _results[key] = _ask_numpy(operands, shape, dtype)
    return found


def _ask_numpy(operands: tuple[Layout, ...], shape: tuple[int, ...], dtype: np.dtype) -> Layout:
    """Let NumPy's own iterator, which ufuncs allocate by, choose the order of axes."""
    inputs = [stand_in(each) for each in operands]
    iterator = np.nditer(
        [*inputs, None],
        flags=["zerosize_ok", "refs_ok", "multi_index"],
        op_flags=[["readonly"]] * len(inputs) + [["writeonly", "allocate"]],
        op_dtypes=[None] * len(inputs) + [dtype],
        casting="unsafe",
        order="K",
        itershape=shape,
    )
    result = iterator.operands[-1]
    return layout(0, result.shape, result.strides, dtype)


def fold_layout(
    operand: Layout,
    axes: tuple[int, ...],
    keepdims: bool,
    dtype: np.dtype,
    mask: Layout | None = None,
) -> Layout:
    """The layout NumPy gives the result of reducing `operand` along `axes`, at offset 0.

    `mask`: that of where=, which has a say too.
    """
    kept = [axis for axis in range(operand.ndim) if axis not in axes]
    shape = tuple(operand.shape[axis] for axis in kept)
    alike = mask is None or (mask.is_contiguous and mask.shape == operand.shape)
    if len(kept) < 2 or (operand.is_contiguous and alike) or not operand.size:
        strides = contiguous(shape, dtype).strides
    else:
        strides = _ask_numpy_to_fold(operand, kept, dtype, mask)
    if keepdims:
        own = iter(zip(shape, strides, strict=True))
        pairs = [(1, dtype.itemsize) if a in axes else next(own) for a in range(operand.ndim)]
        shape, strides = tuple(n for n, _ in pairs), tuple(stride for _, stride in pairs)
    return layout(0, shape, strides, dtype)


def _ask_numpy_to_fold(
    operand: Layout, kept: list[int], dtype: np.dtype, mask: Layout | None
) -> tuple[int, ...]:
    """Strides of what NumPy's iterator, which reductions allocate by, makes for the kept axes."""
    places = [kept.index(axis) if axis in kept else -1 for axis in range(operand.ndim)]
    inputs = [stand_in(operand)]
    if mask is not None:
        inputs.append(np.broadcast_to(stand_in(mask), operand.shape))
    iterator = np.nditer(
        [None, *inputs],
        flags=["reduce_ok", "zerosize_ok", "multi_index"],
        op_flags=[["readwrite", "allocate"], *[["readonly"]] * len(inputs)],
        op_dtypes=[dtype, *[None] * len(inputs)],
        casting="unsafe",
        order="K",
        op_axes=[places, *[list(range(operand.ndim))] * len(inputs)],
    )
    return iterator.operands[0].strides


def broadcast_strides(view: Layout, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides of `view` broadcast to `shape` (which it must broadcast to): 0 where repeated."""
    lead = len(shape) - view.ndim
    own = tuple(
        0 if extent == 1 else stride
        for extent, stride in zip(view.shape, view.strides, strict=True)
    )
    return (0,) * lead + own


def _is_packed(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> bool:
    """Row-major without gaps; an empty array counts as packed, as in NumPy."""
    if 0 in shape:
        return True
    step = itemsize
    for extent, stride in zip(reversed(shape), reversed(strides), strict=True):
        if extent != 1 and stride != step:
            return False
        step *= extent
    return True
