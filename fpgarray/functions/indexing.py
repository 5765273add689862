"""Functions that select by indices or masks: `take`, `put` and their kin."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from fpgarray import dispatch, host_access, ops
from fpgarray.array import FPGAArray, selecting
from fpgarray.array.selecting import Selection
from fpgarray.base import ArrayBase, Unrecordable, check_writable
from fpgarray.dispatch import implements
from fpgarray.layout import Layout, contiguous, grown, shrunk, stand_in
from fpgarray.ops import B1
from fpgarray.selections import MODES


@implements(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """As `numpy.take`. With mode "wrap" or "clip" no index need be read by the host."""
    array = _ours(a)
    if out is not None or mode not in MODES:
        raise Unrecordable("no kernel for take with out= or this mode")
    array, axis = (array.ravel(), 0) if axis is None else (array, _axis(axis, array.ndim))
    extent = array.shape[axis]
    index = _index(indices, mode)
    if mode == "raise" and not _inside(index, extent):
        np.take(stand_in(array._layout), _plain(index), axis)  # NumPy's error
    if not extent:
        raise Unrecordable("no elements to take from")
    shape = (*array.shape[:axis], *index.shape, *array.shape[axis + 1 :])
    if not shape and (array.dtype.kind in "SU" or not array.dtype.isnative):
        raise Unrecordable("one element, whose dtype as a scalar is another")
    target = contiguous(shape, array.dtype)
    if not prod(shape):
        return dispatch.fresh(target, array.device)
    chosen = Selection(array._layout, (axis,), (index,), axis, ())
    return selecting.gather(array, chosen, target, mode)


@implements(np.put)
def put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    """As `numpy.put`, on arrays that lie in C order."""
    array = _ours(a)
    check_writable(array)
    if not array._layout.is_contiguous or mode not in MODES or array.dtype.kind == "V":
        raise Unrecordable("no kernel for put with these arguments")
    flat = array.reshape(-1)
    index = _index(ind, mode)
    shape = v.shape if isinstance(v, ArrayBase) else np.shape(v)
    count = prod(index.shape)
    if count and not flat.size:
        raise Unrecordable("NumPy refuses to put values into no elements")
    if not count or not prod(shape):
        return  # without values NumPy does not look at the indices
    if mode == "raise" and not _inside(index, flat.size):
        np.put(np.empty(flat.shape, np.uint8), _plain(index), 0)
    if prod(shape) not in (1, count):
        raise Unrecordable("as many values as indices, or one, have a kernel")
    values = v.reshape(-1) if isinstance(v, ArrayBase) else np.ravel(v)
    if prod(shape) == 1:
        values = values[0]
    chosen = Selection(flat._layout, (0,), (index.reshape(-1),), 0, (_plain(index).reshape(-1),))
    selecting.scatter(flat, chosen, values, mode)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """As `numpy.take_along_axis`."""
    array, index, axis = _along(arr, indices, axis)
    target = _along_layout(array._layout, index, axis)
    if not target.size:
        return dispatch.fresh(target, array.device)
    params = {"axes": (axis,), "place": 0, "along": True, "mode": "raise"}
    return dispatch.call(ops.TAKE, (array, index), target.shape, target.dtype, params, None, target)


@implements(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """As `numpy.put_along_axis`."""
    array, index, axis = _along(arr, indices, axis)
    check_writable(array)
    shape = _along_shape(array._layout, index._layout, axis)
    what = selecting.as_values(values, array.dtype, array.device)
    if isinstance(what, ArrayBase):
        try:
            what = np.broadcast_to(what, shape)
        except ValueError:
            raise Unrecordable("the values do not fit what is selected") from None
    if not prod(shape):
        return
    params = {"axes": (axis,), "place": 0, "along": True, "mode": "raise"}
    dispatch.update(ops.PUT, array, (index, what), params)


@implements(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """As `numpy.compress`: the condition is read by the host."""
    where = _plain_of(condition)
    if where.ndim != 1 or out is not None:
        raise Unrecordable("no kernel for compress with these arguments")
    return take(_ours(a), where.nonzero()[0], axis)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """As `numpy.extract`: the condition is read by the host."""
    return take(_ours(arr), _plain_of(condition).ravel().nonzero()[0])


@implements(np.putmask)
def putmask(a: Any, mask: Any, values: Any) -> None:
    """As `numpy.putmask`, for one value or as many as there are elements."""
    array = _ours(a)
    _check_safe(values, array.dtype)
    shape = values.shape if isinstance(values, ArrayBase) else np.shape(values)
    if prod(shape) != 1 and shape != array.shape:
        raise Unrecordable("no kernel for putmask with values to be repeated")
    _masked(array, mask, values if prod(shape) != 1 else _single(values))


@implements(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """As `numpy.place`, for one value."""
    _check_safe(vals, _ours(arr).dtype)
    shape = vals.shape if isinstance(vals, ArrayBase) else np.shape(vals)
    if prod(shape) != 1:
        raise Unrecordable("no kernel for place with several values")
    _masked(_ours(arr), mask, _single(vals))


def _check_safe(values: Any, dtype: np.dtype) -> None:
    """Values must be cast safely here, scalars excepted; NumPy tells which are refused."""
    if dtype.kind == "V":
        raise Unrecordable("records and raw bytes are made of values by NumPy")
    if isinstance(values, ArrayBase):
        stand = values._layout.dtype.type(0) if values._fixed else np.zeros(1, values._layout.dtype)
    else:
        stand = values
    np.putmask(np.empty(1, dtype), [False], stand)


def _single(values: Any) -> Any:
    return values.reshape(()) if isinstance(values, ArrayBase) else np.ravel(values)[0]


def _masked(array: FPGAArray, mask: Any, values: Any) -> None:
    """Record `array = where(mask, values, array)`, cast as assignment casts."""
    check_writable(array)
    where = dispatch.held(mask, array.device)
    if where._layout.shape != array.shape:
        raise Unrecordable("the mask has another shape")
    if where._layout.dtype != B1:
        where = where.astype(bool)
    what = selecting.as_values(values, array.dtype, array.device)
    if not isinstance(what, ArrayBase):
        what = array.dtype.type(what)
    dispatch.elementwise(ops.WHERE, (where, what, array), out=array)


# Operands


def _ours(array: Any) -> FPGAArray:
    if not isinstance(array, FPGAArray) or array.dtype.hasobject:
        raise Unrecordable("the array to index is not ours, or holds objects")
    return array


def _axis(axis: Any, ndim: int) -> int:
    if type(axis) is not int or not -ndim <= axis < ndim:
        raise Unrecordable("the axis is not valid")
    return axis % ndim


def _index(indices: Any, mode: str) -> Any:
    """An index array: ours as it is if the kernel reads it, else an ndarray."""
    if isinstance(indices, ArrayBase) and indices._layout.dtype in selecting.OURS:
        return indices
    plain = _plain_of(indices)
    if not plain.size and not isinstance(indices, (np.ndarray, ArrayBase)):
        plain = plain.astype(np.intp)
    if plain.dtype.kind not in "iu" or plain.dtype == np.uint64:
        raise Unrecordable(f"indices of {plain.dtype}")
    return plain


def _plain(index: Any) -> np.ndarray:
    if isinstance(index, ArrayBase):
        return host_access.snapshot(index._storage, index._layout)
    return index


def _plain_of(values: Any) -> np.ndarray:
    return _plain(values) if isinstance(values, ArrayBase) else np.asarray(values)


def _inside(index: Any, extent: int) -> bool:
    return selecting.inside(_plain(index), extent)


def _along(arr: Any, indices: Any, axis: Any) -> tuple[FPGAArray, Any, int]:
    """Operands of the `_along_axis` functions; an index out of bounds is NumPy's error."""
    array = _ours(arr)
    if axis is None:
        raise Unrecordable("no kernel along a flattened array")
    axis = _axis(axis, array.ndim)
    index = _index(indices, "raise")
    if index.ndim != array.ndim:
        raise Unrecordable("indices of another dimension than the array")
    if not _inside(index, array.shape[axis]):
        np.take_along_axis(stand_in(array._layout), _plain(index), axis)  # NumPy's error
        raise Unrecordable("an index is out of bounds")
    shape = np.broadcast_shapes((*array.shape[:axis], 1, *array.shape[axis + 1 :]), index.shape)
    if any(a != axis and n != array.shape[a] for a, n in enumerate(shape)):
        raise Unrecordable("indices that repeat the array")
    if not isinstance(index, ArrayBase):
        index = selecting.narrowed(index)
    return array, dispatch.held(index, array.device), axis


def _along_shape(view: Layout, index: Layout, axis: int) -> tuple[int, ...]:
    return (*view.shape[:axis], index.shape[axis], *view.shape[axis + 1 :])


def _along_layout(view: Layout, index: Any, axis: int) -> Layout:
    """The layout NumPy gives `take_along_axis`."""
    shape = _along_shape(view, index._layout, axis)
    if 0 in shape:
        return contiguous(shape, view.dtype)
    asked = np.take_along_axis(shrunk(view), shrunk(index._layout), axis)
    return grown(asked, shape, view.dtype)
