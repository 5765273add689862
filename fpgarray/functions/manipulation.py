"""Views, copies and selection. View functions ask NumPy, on a stand-in, which view it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import base, dispatch, host_access, ops
from fpgarray.array import FPGAArray, selecting
from fpgarray.base import ArrayBase, Unrecordable, check_writable
from fpgarray.dispatch import implements
from fpgarray.layout import stand_in
from fpgarray.ops import B1, DEVICE_DTYPES, FLOATS


def _view_function(function: Callable[..., Any]) -> None:
    """Register a function whose result is always a view (or several) of its first argument."""

    def implementation(array: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(array, FPGAArray) or any(isinstance(each, ArrayBase) for each in args):
            raise Unrecordable("the array to view is not the first argument, or not the only one")
        return _views(array, function(stand_in(array._layout), *args, **kwargs))

    dispatch.FUNCTIONS[function] = implementation


def _views(array: FPGAArray, made: Any) -> Any:
    if isinstance(made, np.ndarray):
        return array._view_of(made)
    if isinstance(made, np.generic):
        return array[()]  # flip of no axes: NumPy indexes by them
    return type(made)(_views(array, each) for each in made)


for _function in (
    np.transpose,
    np.swapaxes,
    np.moveaxis,
    np.rollaxis,
    np.squeeze,
    np.expand_dims,
    np.diagonal,
    np.flip,
    np.fliplr,
    np.flipud,
    np.rot90,
    np.split,
    np.array_split,
    np.hsplit,
    np.vsplit,
    np.dsplit,
    np.permute_dims,
    np.matrix_transpose,
):
    _view_function(_function)


@implements(np.unstack)
def unstack(array: Any, /, *, axis: Any = 0) -> Any:
    """As `numpy.unstack`: views, or scalars if there is one axis only."""
    if not isinstance(array, FPGAArray) or not array.ndim:
        raise Unrecordable("there are no axes of ours to take apart")
    return tuple(np.moveaxis(array, axis, 0))


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    """As `numpy.broadcast_to`: a read-only view."""
    if not isinstance(array, FPGAArray):
        raise Unrecordable("the array to view is not the first argument")
    view = array._view_of(np.broadcast_to(stand_in(array._layout), shape))
    return base.make(view._storage, base.read_only(view._handle), view._layout)


def _at_least(function: Callable[..., Any]) -> None:
    """Register atleast_1d and its sisters, which take any number of arrays: ours view one."""

    def implementation(*arrays: Any) -> Any:
        if len(arrays) != 1:
            raise Unrecordable("more than one array")
        return _views(arrays[0], function(stand_in(arrays[0]._layout)))

    dispatch.FUNCTIONS[function] = implementation


for _function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    _at_least(_function)


@implements(np.reshape)
def reshape(a: Any, /, shape: Any = None, order: str = "C", *, copy: bool | None = None) -> Any:
    """As `numpy.reshape`: a view where memory allows."""
    return a.reshape(shape, order=order, copy=copy)


@implements(np.ravel)
def ravel(a: Any, order: str = "C") -> Any:
    """As `numpy.ravel`: a view where memory allows."""
    return a.ravel(order)


@implements(np.astype)
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """As `numpy.astype`. `device`: as for `to_device`, or "cpu" for where `x` is, as None."""
    if device is not None and device != "cpu":
        x = x.to_device(device)
    return x.astype(dtype, copy=copy)


@implements(np.copyto)
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """As `numpy.copyto`."""
    if not isinstance(dst, FPGAArray) or dst._fixed:
        raise Unrecordable("no kernel for copyto into this target")
    check_writable(dst)
    if where is not True:
        _copy_masked(dst, src, casting, where)
        return
    if not isinstance(src, ArrayBase) or not dispatch.movable(src.dtype, dst.dtype):
        raise Unrecordable("no kernel for copyto from this source")
    if not np.can_cast(src.dtype, dst.dtype, casting):
        raise Unrecordable("copyto must not cast so")
    dispatch.assign(dst, dispatch.held(src, dst.device))


def _copy_masked(dst: FPGAArray, src: Any, casting: str, where: Any) -> None:
    """Record `dst = where(mask, src, dst)`."""
    if dst.dtype not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for copyto into {dst.dtype}")
    if type(src) in (int, float, bool):
        if dst.dtype not in FLOATS:
            raise Unrecordable("no kernel for copyto of a Python number into integers")
        src = np.asarray(src, dst.dtype)
    elif not isinstance(src, ArrayBase):
        src = np.asarray(src)
    mask = where if isinstance(where, ArrayBase) else np.asarray(where)
    if mask.dtype != B1 or not np.can_cast(src.dtype, dst.dtype, casting):
        raise Unrecordable("copyto must not cast so")
    values = selecting.as_values(src, dst.dtype, dst.device)
    if not isinstance(values, ArrayBase):
        values = dst.dtype.type(values)
    dispatch.elementwise(ops.WHERE, (dispatch.held(mask, dst.device), values, dst), out=dst)


@implements(np.where)
def where(condition: Any, *choices: Any) -> Any:
    """As `numpy.where` with three arguments; with one it is nonzero, in NumPy."""
    if len(choices) != 2:
        raise Unrecordable("no kernel for where with one argument")
    device = dispatch.first_device((condition, *choices))
    mask = dispatch.capture(condition, device)
    if not isinstance(mask, ArrayBase):
        mask = bool(mask)
    elif mask._layout.dtype not in DEVICE_DTYPES:
        raise Unrecordable(f"the condition is {mask._layout.dtype}")
    elif mask._layout.dtype != B1:
        mask = dispatch.copy_of(mask, B1)
    result = dispatch.elementwise(ops.WHERE, (mask, *choices))
    # Unlike a ufunc, where gives an ndarray even without axes.
    return base.make(result._storage, result._handle, result._layout)


@implements(np.shape)
def shape(a: Any) -> tuple[int, ...]:
    """As `numpy.shape`."""
    return a.shape


@implements(np.ndim)
def ndim(a: Any) -> int:
    """As `numpy.ndim`."""
    return a.ndim


@implements(np.size)
def size(a: Any, axis: Any = None) -> int:
    """As `numpy.size`."""
    return np.size(stand_in(a._layout), axis)


@implements(np.shares_memory)
def shares_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    """Whether two arrays share a byte, as `numpy.shares_memory`; exact."""
    return _share(np.shares_memory, a, b, max_work)


@implements(np.may_share_memory)
def may_share_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    """Whether two arrays' bounds overlap, as `numpy.may_share_memory`."""
    return _share(np.may_share_memory, a, b, max_work)


def _share_on_host(function: Callable[..., bool], a: Any, b: Any, max_work: Any) -> bool:
    places = [
        host_access.host_bytes(each._storage, each._layout) if isinstance(each, FPGAArray) else each
        for each in (a, b)
    ]
    return all(each is not None for each in places) and function(*places, max_work)


def _share(function: Callable[..., bool], a: Any, b: Any, max_work: Any) -> bool:
    if not (isinstance(a, FPGAArray) and isinstance(b, FPGAArray)):
        # A snapshot shares until the array moves away from it: who means to write asks for that.
        return _share_on_host(function, a, b, max_work)
    if a._storage is not b._storage:
        return False
    base = host_access.common_base(a._storage.nbytes)
    views = [
        np.ndarray(each.shape, each.dtype, base, each._layout.offset, each.strides)
        for each in (a, b)
    ]
    return function(*views, max_work)
