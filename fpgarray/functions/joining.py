"""Arrays joined into one: concatenate and what is made of it. Each part is a copy into its place.

Knows no kernel: the planner makes one launch of copies that do not depend on each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fpgarray import dispatch
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase, Unrecordable, make
from fpgarray.dispatch import implements
from fpgarray.layout import Layout, grown, layout, shrunk, stand_in


@implements(np.concatenate)
def concatenate(
    arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """As `numpy.concatenate`."""
    parts = _parts(arrays)
    if axis is None:
        if any(type(each) in (int, float, complex, bool) for each in arrays):
            raise Unrecordable("a Python scalar among arrays to flatten")
        parts, axis = [each.ravel() for each in parts], 0
    views = [each._layout for each in parts]
    shape, axis = _joined_shape(views, axis)
    if out is not None:
        return _into(out, parts, shape, axis, dtype, casting)
    target = _joined_layout(tuple(views), shape, axis, dtype, casting)
    result = dispatch.fresh(target, parts[0]._storage.device)
    _place(result, parts, axis)
    return result


def _parts(arrays: Any) -> list[Any]:
    """The arrays to be joined, ours and on the first one's device."""
    if not isinstance(arrays, (list, tuple, FPGAArray)) or not len(arrays):
        raise Unrecordable("the arrays are no sequence")
    rows = list(arrays)
    device = dispatch.first_device(rows)
    return [dispatch.held(each, device) for each in rows]


def _joined_shape(views: Sequence[Layout], axis: Any) -> tuple[tuple[int, ...], int]:
    """The shape of the result, and the axis counted from the front."""
    ndim = views[0].ndim
    if type(axis) is not int or not -ndim <= axis < ndim:
        raise Unrecordable("the axis is not valid")
    axis %= ndim
    rests = {(view.ndim, view.shape[:axis], view.shape[axis + 1 :]) for view in views}
    if len(rests) != 1:
        raise Unrecordable("the arrays do not fit together")
    ((_, before, after),) = rests
    return (*before, sum(view.shape[axis] for view in views), *after), axis


def _joined_layout(
    views: tuple[Layout, ...], shape: tuple[int, ...], axis: int, dtype: Any, casting: str
) -> Layout:
    """What NumPy allocates for the result."""
    small = 0 not in shape
    stands = [shrunk(view) if small else stand_in(view) for view in views]
    try:
        asked = np.concatenate(stands, axis, dtype=dtype, casting=casting)
    except (TypeError, ValueError) as error:
        raise Unrecordable(f"NumPy does not join them: {error}") from None
    if not all(dispatch.movable(view.dtype, asked.dtype) for view in views):
        raise Unrecordable(f"no kernel for concatenate to {asked.dtype}")
    if small:
        return grown(asked, shape, asked.dtype)
    return layout(0, shape, asked.strides, asked.dtype)


def _into(
    out: Any, parts: list[Any], shape: tuple[int, ...], axis: int, dtype: Any, casting: str
) -> Any:
    if not isinstance(out, FPGAArray) or dtype is not None or out._fixed or out.shape != shape:
        raise Unrecordable("out= is no array of ours, or does not fit")
    kinds = [each.dtype for each in parts]
    if not all(
        dispatch.movable(kind, out.dtype) and np.can_cast(kind, out.dtype, casting)
        for kind in kinds
    ):
        raise Unrecordable(f"out= is {out.dtype}")
    device = out._storage.device
    parts = [dispatch.held(each, device) for each in parts]
    if any(each._storage is out._storage for each in parts):
        parts = [each.copy() if each._storage is out._storage else each for each in parts]
    _place(out, parts, axis)
    return out


def _place(result: ArrayBase, parts: Sequence[ArrayBase], axis: int) -> None:
    """Record the copies of `parts`, one after the other along `axis` of `result`."""
    start = 0
    for each in parts:
        stop = start + each._layout.shape[axis]
        dispatch.assign(section(result, axis, start, stop), each)
        start = stop


def section(array: ArrayBase, axis: int, start: int, stop: int) -> ArrayBase:
    """The view of [start, stop) along `axis`."""
    view = array._layout
    shape = (*view.shape[:axis], stop - start, *view.shape[axis + 1 :])
    offset = view.offset + start * view.strides[axis]
    return make(array._storage, array._handle, layout(offset, shape, view.strides, view.dtype))


@implements(np.stack)
def stack(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    """As `numpy.stack`."""
    parts = _parts(arrays)
    ndim = parts[0].ndim + 1
    if len({each.shape for each in parts}) != 1:
        raise Unrecordable("the arrays are not of one shape")
    if type(axis) is not int or not -ndim <= axis < ndim:
        raise Unrecordable("the axis is not valid")
    key = (*[slice(None)] * (axis % ndim), None, ...)
    expanded = [each[key] for each in parts]
    return concatenate(expanded, axis % ndim, out, dtype=dtype, casting=casting)


def _stacking(function: Callable[..., Any], at_least: Callable[..., Any], axis: int) -> None:
    """Register `vstack` or a sister: every part gets axes, then all are joined."""

    def implementation(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
        parts = [_viewed(at_least, each) for each in _parts(tup)]
        along = 0 if parts[0].ndim == 1 else axis
        return concatenate(parts, along, dtype=dtype, casting=casting)

    dispatch.FUNCTIONS[function] = implementation


def _viewed(function: Callable[..., Any], array: Any) -> Any:
    return array._view_of(function(stand_in(array._layout)))


_stacking(np.vstack, np.atleast_2d, 0)
_stacking(np.hstack, np.atleast_1d, 1)
_stacking(np.dstack, np.atleast_3d, 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """As `numpy.column_stack`."""
    return concatenate([x if x.ndim > 1 else np.atleast_2d(x).T for x in _parts(tup)], 1)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """As `numpy.append`."""
    parts = _parts([arr, values])
    if axis is None:
        return concatenate([each.ravel() for each in parts], 0)
    return concatenate(parts, axis)


@implements(np.block)
def block(arrays: Any) -> Any:
    """As `numpy.block`, for lists of equal depth."""
    depths, leaves = set[int](), []
    _collect(arrays, 0, depths, leaves)
    if len(depths) != 1 or not leaves:
        raise Unrecordable("the lists are not of one depth")
    (depth,) = depths
    device = dispatch.first_device(leaves)
    ndim = max(depth, *(np.ndim(each) for each in leaves))
    whole = _block(arrays, depth, ndim, device)
    return whole.copy() if depth == 0 else whole


def _collect(arrays: Any, depth: int, depths: set[int], leaves: list[Any]) -> None:
    if type(arrays) is not list:
        if type(arrays) is tuple:
            raise Unrecordable("a tuple among the lists")
        depths.add(depth)
        leaves.append(arrays)
        return
    if not arrays:
        raise Unrecordable("an empty list")
    for each in arrays:
        _collect(each, depth + 1, depths, leaves)


def _block(arrays: Any, depth: int, ndim: int, device: Any) -> Any:
    """`depth`: how deep the lists in `arrays` still are; the innermost join the last axis."""
    if type(arrays) is list:
        return concatenate([_block(each, depth - 1, ndim, device) for each in arrays], -depth)
    leaf = dispatch.held(arrays, device)
    return leaf[(*[None] * (ndim - leaf.ndim), ...)] if leaf.ndim < ndim else leaf
