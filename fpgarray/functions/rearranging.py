"""Elements in other places: roll, pad, repeat, tile, insert, delete and what is made of slices.

Every function is copies into views of a fresh array, which the planner makes one launch.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from fpgarray import dispatch
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import implements
from fpgarray.layout import Layout, contiguous

PIECES = 256
"""Copies of one function, at most: from there NumPy is the cheaper place to record them."""


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """As `numpy.roll`."""
    array = _ours(a)
    if axis is None:
        return roll(array.ravel(), shift, 0).reshape(array.shape)
    by: dict[int, int] = {}
    pairs = np.broadcast(_integers(shift), _integers(axis))
    if pairs.ndim > 1:
        raise Unrecordable("the shifts or axes are not one row")
    for some, along in pairs:
        along = _axis(int(along), array.ndim)
        by[along] = by.get(along, 0) + int(some)
    target = array._layout.like(array.dtype)
    runs = [_rolled(n, by.get(axis, 0)) for axis, n in enumerate(array.shape)]
    return _pieced(array, target, runs)


def _rolled(extent: int, shift: int) -> list[tuple[slice, slice]]:
    """(target, source) slices of one axis."""
    shift = shift % extent if extent else 0
    if not shift:
        return [(slice(0, extent), slice(0, extent))]
    rest = extent - shift
    return [(slice(shift, extent), slice(0, rest)), (slice(0, shift), slice(rest, extent))]


def _pieced(
    array: FPGAArray, target: Layout, runs: Sequence[Sequence[tuple[slice, Any]]]
) -> FPGAArray:
    """A fresh array, copied piece by piece: the product of the (target, source) pairs per axis."""
    if prod(len(each) for each in runs) > PIECES:
        raise Unrecordable(f"more than {PIECES} pieces")
    result = dispatch.fresh(target, array.device)
    for pieces in itertools.product(*runs):
        here = result[(*(each for each, _ in pieces), ...)]
        if here.size:
            dispatch.assign(here, array[(*(each for _, each in pieces), ...)])
    return result


_INDEXED = ("edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """As `numpy.pad`, in the modes constant, edge, reflect, symmetric and wrap."""
    ours = _ours(array)
    if not ours.ndim:
        raise Unrecordable("there are no axes to pad")
    widths = _pairs(pad_width, ours.ndim)
    shape = tuple(b + n + a for (b, a), n in zip(widths, ours.shape, strict=True))
    view = ours._layout
    order = "F" if view.is_fortran and not view.is_contiguous else "C"
    target = contiguous(shape, ours.dtype, order)
    if mode == "constant" and kwargs.keys() <= {"constant_values"}:
        return _pad_constant(ours, target, widths, kwargs.get("constant_values", 0))
    if mode not in _INDEXED or kwargs or not ours.size:
        raise Unrecordable(f"no kernel for pad in mode {mode!r} with these arguments")
    runs = [
        _runs(np.pad(np.arange(n), pair, mode)) for n, pair in zip(ours.shape, widths, strict=True)
    ]
    return _pieced(ours, target, runs)


def _pairs(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    widths = np.asarray(pad_width) if not isinstance(pad_width, dict) else np.zeros(0)
    try:
        rows = np.broadcast_to(widths, (ndim, 2)).tolist()
    except ValueError:
        raise Unrecordable("the widths are not pairs") from None
    if widths.dtype.kind not in "iu" or any(n < 0 for row in rows for n in row):
        raise Unrecordable("the widths are not positive integers")
    return [(before, after) for before, after in rows]


def _runs(index: np.ndarray) -> list[tuple[slice, slice]]:
    """An index map as pieces in which the index is constant or steps by one."""
    steps = np.diff(index)
    found, start = [], 0
    while start < len(index):
        stop = start + 1
        step = int(steps[start]) if start < len(steps) else 1
        if step in (-1, 0, 1):
            while stop < len(index) and steps[stop - 1] == step:
                stop += 1
        first = int(index[start])
        if step == 0:
            source = slice(first, first + 1)
        elif step == -1 and stop - start > 1:
            last = first - (stop - start)
            source = slice(first, last if last >= 0 else None, -1)
        else:
            source = slice(first, first + stop - start)
        found.append((slice(start, stop), source))
        start = stop
    return found


def _pad_constant(
    array: FPGAArray, target: Layout, widths: list[tuple[int, int]], values: Any
) -> FPGAArray:
    if isinstance(values, (ArrayBase, dict)):
        raise Unrecordable("the constants are no numbers")
    try:
        cells = np.broadcast_to(np.asarray(values), (array.ndim, 2)).astype(array.dtype)
    except (ValueError, TypeError):
        raise Unrecordable("the constants are not pairs") from None
    result = dispatch.fresh(target, array.device)
    inner = [slice(b, b + n) for (b, _), n in zip(widths, array.shape, strict=True)]
    for axis, (before, after) in enumerate(widths):
        ends = (slice(0, before), slice(before + array.shape[axis], None))
        for width, end, cell in zip((before, after), ends, cells[axis], strict=True):
            border = result[(*[slice(None)] * axis, end, *inner[axis + 1 :])]
            if width and border.size:
                _fill(border, cell)
    if array.size:
        dispatch.assign(result[(*inner, ...)], array)
    return result


def _fill(array: FPGAArray, cell: Any) -> None:
    """Record a fill with a NumPy scalar of the array's dtype."""
    if array.dtype.char in "?bBhHiIlLqQfd":
        dispatch.assign(array, cell.item())
    else:
        dispatch.assign(array, dispatch.held(np.asarray(cell), array.device))


@implements(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """As `numpy.repeat`; several counts are read by the host."""
    array = _ours(a)
    if axis is None:
        array, axis = array.ravel(), 0
    axis = _axis(axis, array.ndim)
    counts = _integers(repeats)
    if (counts < 0).any():
        raise Unrecordable("a negative count")
    if counts.size != 1:
        if counts.shape != (array.shape[axis],):
            raise Unrecordable("as many counts as elements, or one, have a kernel")
        return np.take(array, np.repeat(np.arange(array.shape[axis]), counts), axis)
    count = int(counts.reshape(()))
    before, extent, after = array.shape[:axis], array.shape[axis], array.shape[axis + 1 :]
    result = dispatch.fresh(
        contiguous((*before, extent * count, *after), array.dtype), array.device
    )
    if result.size:
        spread = result.reshape((*before, extent, count, *after))
        dispatch.assign(spread, array[(*[slice(None)] * (axis + 1), None, ...)])
    return result


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """As `numpy.tile`."""
    array = _ours(A)
    counts = [int(n) for n in np.atleast_1d(_integers(reps))]
    if any(n < 0 for n in counts):
        raise Unrecordable("a negative count")
    counts = [1] * (array.ndim - len(counts)) + counts
    array = array[(*[None] * (len(counts) - array.ndim), ...)]
    if all(n == 1 for n in counts):
        return array.copy(order="K")
    shape = tuple(n * count for n, count in zip(array.shape, counts, strict=True))
    result = dispatch.fresh(contiguous(shape, array.dtype), array.device)
    if result.size:
        pairs = zip(counts, array.shape, strict=True)
        spread = result.reshape([n for pair in pairs for n in pair])
        dispatch.assign(spread, array[tuple([None, slice(None)] * array.ndim)])
    return result


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """As `numpy.resize`: the elements again and again, until the shape is full."""
    flat = _ours(a).ravel()
    shape = tuple(int(n) for n in np.atleast_1d(_integers(new_shape)))
    count = prod(shape)
    if any(n < 0 for n in shape) or not count or not flat.size:
        raise Unrecordable("no elements")
    if count <= flat.size:
        return flat[:count].copy().reshape(shape)
    return tile(flat, -(-count // flat.size))[:count].reshape(shape)


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """As `numpy.delete`, for an integer, or a slice without gaps; several indices by `take`."""
    array = _ours(arr)
    if axis is None:
        array, axis = array.ravel(), 0
    axis = _axis(axis, array.ndim)
    extent = array.shape[axis]
    if isinstance(obj, slice):
        chosen = range(*obj.indices(extent))
        gone = chosen if chosen.step > 0 else chosen[::-1]
        if len(gone) > 1 and gone.step != 1:
            raise Unrecordable("a slice with gaps")
        start, stop = (gone[0], gone[-1] + 1) if len(gone) else (0, 0)
    else:
        start = _index(obj)
        if not -extent <= start < extent:
            raise Unrecordable("out of bounds")
        start %= extent
        stop = start + 1
    shape = (*array.shape[:axis], extent - (stop - start), *array.shape[axis + 1 :])
    runs: list[list[tuple[slice, Any]]] = [[(slice(None), slice(None))] for _ in shape]
    runs[axis] = [
        (slice(0, start), slice(0, start)),
        (slice(start, None), slice(stop, None)),
    ]
    return _pieced(array, _in_order_of(array, shape), runs)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """As `numpy.insert` at one place."""
    array = _ours(arr)
    if array.dtype.kind == "V":
        raise Unrecordable("records and raw bytes are made of values by NumPy")
    if axis is None:
        array, axis = array.ravel(), 0
    axis = _axis(axis, array.ndim)
    extent, place = array.shape[axis], _index(obj)
    if not -extent <= place <= extent:
        raise Unrecordable("out of bounds")
    place += extent if place < 0 else 0
    if not isinstance(values, ArrayBase):
        values = np.asarray(values).astype(array.dtype)
    new = dispatch.held(values, array.device)
    if new.dtype != array.dtype:
        if not dispatch.movable(new.dtype, array.dtype):
            raise Unrecordable(f"no kernel for insert of {new.dtype}")
        new = new.astype(array.dtype)
    new = np.moveaxis(new[(*[None] * (array.ndim - new.ndim), ...)], 0, axis)
    count = new.shape[axis]
    others = (*array.shape[:axis], count, *array.shape[axis + 1 :])
    try:
        new = dispatch.broadcast_to(new, others)
    except ValueError:
        raise Unrecordable("the values do not fit") from None
    shape = (*array.shape[:axis], extent + count, *array.shape[axis + 1 :])
    result = dispatch.fresh(_in_order_of(array, shape), array.device)
    lead = (slice(None),) * axis
    pieces = (
        (slice(0, place), array[(*lead, slice(0, place))]),
        (slice(place, place + count), new),
        (slice(place + count, None), array[(*lead, slice(place, None))]),
    )
    for where, what in pieces:
        if what._layout.size:
            dispatch.assign(result[(*lead, where)], what)
    return result


def _in_order_of(array: FPGAArray, shape: tuple[int, ...]) -> Layout:
    view = array._layout
    order = "F" if view.is_fortran and not view.is_contiguous else "C"
    return contiguous(shape, view.dtype, order)


@implements(np.diff)
def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """As `numpy.diff`, without what is put before or after."""
    array = _ours(a)
    if prepend is not None or append is not None or type(n) is not int or n < 0:
        raise Unrecordable("no kernel for diff with these arguments")
    lead = (slice(None),) * _axis(axis, array.ndim)
    operation = np.not_equal if array.dtype == bool else np.subtract
    for _ in range(n):
        array = operation(array[(*lead, slice(1, None))], array[(*lead, slice(None, -1))])
    return array


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """As `numpy.ediff1d`, without what is put before or after."""
    if to_end is not None or to_begin is not None:
        raise Unrecordable("no kernel for ediff1d with ends")
    flat = _ours(ary).ravel()
    return np.subtract(flat[1:], flat[:-1])


@implements(np.tril)
def tril(m: Any, k: Any = 0) -> Any:
    """As `numpy.tril`."""
    array = _matrix(m)
    mask = np.tri(*array.shape[-2:], k=k, dtype=bool)
    return np.where(mask, array, np.zeros(1, array.dtype))


@implements(np.triu)
def triu(m: Any, k: Any = 0) -> Any:
    """As `numpy.triu`."""
    array = _matrix(m)
    mask = np.tri(*array.shape[-2:], k=k - 1, dtype=bool)
    return np.where(mask, np.zeros(1, array.dtype), array)


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """As `numpy.outer`."""
    device = dispatch.first_device((a, b))
    column, row = (dispatch.held(each, device).ravel() for each in (a, b))
    return np.multiply(column[:, None], row[None, :], out=out)


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """As `numpy.meshgrid`."""
    if indexing not in ("xy", "ij") or not xi:
        raise Unrecordable("no kernel for meshgrid with these arguments")
    device = dispatch.first_device(xi)
    ndim = len(xi)
    axes = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        axes[:2] = [1, 0]
    grids = [
        dispatch.held(x, device).reshape([-1 if axis == own else 1 for axis in range(ndim)])
        for x, own in zip(xi, axes, strict=True)
    ]
    if not sparse:
        shape = np.broadcast_shapes(*(each.shape for each in grids))
        grids = [np.broadcast_to(each, shape) for each in grids]
    return tuple(each.copy() if copy else each for each in grids)


# Arguments


def _ours(array: Any) -> FPGAArray:
    if not isinstance(array, FPGAArray) or array.dtype.hasobject:
        raise Unrecordable("the array is not ours, or holds objects")
    if not array.dtype.isnative:
        raise Unrecordable("the bytes are in foreign order, which not all results keep")
    return array


def _matrix(array: Any) -> FPGAArray:
    if _ours(array).ndim < 2:
        raise Unrecordable("fewer than two axes")
    return array


def _axis(axis: Any, ndim: int) -> int:
    if type(axis) is not int or not -ndim <= axis < ndim:
        raise Unrecordable("the axis is not valid")
    return axis % ndim


def _index(value: Any) -> int:
    if isinstance(value, (bool, np.bool_, Iterable)):
        raise Unrecordable("no kernel for several places")
    try:
        return operator.index(value)
    except TypeError:
        raise Unrecordable("the place is no integer") from None


def _integers(values: Any) -> np.ndarray:
    """Counts, axes or shifts, as the host has them."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise Unrecordable("not integers")
    return array
