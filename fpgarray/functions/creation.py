"""Making arrays: from other arrays, filled, or empty. Registers the `*_like` functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import base, dispatch, host_access
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import implements
from fpgarray.layout import contiguous
from fpgarray.ops import DEVICE_DTYPES


def asarray(
    obj: Any, dtype: Any = None, order: str = "K", *, device: Any = None, copy: bool | None = None
) -> FPGAArray:
    """`obj` as an FPGAArray. An FPGAArray of that dtype and device is returned as it is.

    Anything else is copied (copy=False then raises ValueError): later changes of an ndarray do not
    reach the array. `device`: an index, a device, or None for the first (or `obj`'s own).
    """
    if isinstance(obj, FPGAArray):
        return _ordered(_from_ours(obj, dtype, device, copy), order)
    if copy is False:
        raise ValueError("an FPGAArray of other memory needs a copy, which copy=False forbids")
    return base.adopt(np.asarray(obj, dtype=dtype, order=order), host_access.device_of(device))


def _ordered(array: FPGAArray, order: str) -> FPGAArray:
    """The array, copied if it does not lie in memory order C or F as asked."""
    view = array._layout
    fits = {"C": view.is_contiguous, "F": view.is_fortran}.get(order, True)
    return array if fits else array.copy(order=order)


def _from_ours(array: FPGAArray, dtype: Any, device: Any, copy: bool | None) -> FPGAArray:
    home = array.device if device is None else host_access.device_of(device)
    if home is not array.device:
        if copy is False:
            raise ValueError("an array on another device needs a copy, which copy=False forbids")
        array = base.adopt(np.asarray(array), home)
    elif copy:
        array = array.copy(order="K")
    return array if dtype is None else array.astype(dtype, copy=bool(copy))


def array(
    obj: Any, dtype: Any = None, *, copy: bool | None = True, order: str = "K", device: Any = None
) -> FPGAArray:
    """`obj` copied into a new FPGAArray, as `numpy.array`."""
    return asarray(
        obj, dtype, order, device=device, copy=None if not isinstance(obj, FPGAArray) else copy
    )


def empty(shape: Any, dtype: Any = float, order: str = "C", *, device: Any = None) -> FPGAArray:
    """An array of undefined contents; takes no memory until it is used."""
    home = host_access.device_of(device)
    kind = np.dtype(dtype)
    if kind.hasobject or order not in ("C", "F"):
        return base.adopt(np.empty(shape, kind, order), home)
    stand = _shape(shape)
    target = contiguous(stand, kind, order)
    storage, handle = host_access.new_storage(home, target.nbytes)
    return base.make(storage, handle, target)


def full(
    shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None
) -> FPGAArray:
    """An array filled with `fill_value`."""
    kind = np.asarray(fill_value).dtype if dtype is None else np.dtype(dtype)
    if kind not in DEVICE_DTYPES or np.ndim(fill_value):
        return base.adopt(np.full(shape, fill_value, kind, order), host_access.device_of(device))
    result = empty(shape, kind, order, device=device)
    cell = np.empty((), kind)
    cell[()] = fill_value
    dispatch.assign(result, cell.item())
    return result


def zeros(shape: Any, dtype: Any = float, order: str = "C", *, device: Any = None) -> FPGAArray:
    """An array of zeros."""
    return full(shape, 0, np.dtype(dtype), order, device=device)


def ones(shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None) -> FPGAArray:
    """An array of ones."""
    return full(shape, 1, np.dtype(float if dtype is None else dtype), order, device=device)


def arange(*args: Any, dtype: Any = None, device: Any = None) -> FPGAArray:
    """Evenly spaced values in [start, stop), as `numpy.arange`."""
    return base.adopt(np.arange(*args, dtype=dtype), host_access.device_of(device))


def linspace(*args: Any, device: Any = None, **kwargs: Any) -> FPGAArray:
    """Evenly spaced values over an interval, as `numpy.linspace`."""
    return base.adopt(np.linspace(*args, **kwargs), host_access.device_of(device))


def _shape(shape: Any) -> tuple[int, ...]:
    """A shape as NumPy reads it, with NumPy's errors."""
    if isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape):
        return shape
    return np.broadcast_to(np.uint8(0), shape).shape


def _like(prototype: ArrayBase, dtype: Any, shape: Any, order: str) -> FPGAArray:
    view = prototype._layout
    if shape is not None or order != "K":
        raise Unrecordable("another shape or order than the prototype's")
    kind = view.dtype if dtype is None else np.dtype(dtype)
    if kind.hasobject:
        raise Unrecordable("no kernel for objects")
    target = view.like(kind)
    storage, handle = host_access.new_storage(prototype._storage.device, target.nbytes)
    return base.make(storage, handle, target)


@implements(np.empty_like)
def empty_like(
    prototype: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    **more: Any,
) -> FPGAArray:
    """As `numpy.empty_like`."""
    return _like(prototype, dtype, shape, order)


@implements(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    **more: Any,
) -> FPGAArray:
    """As `numpy.full_like`."""
    result = _like(a, dtype, shape, order)
    result[...] = fill_value
    return result


@implements(np.zeros_like)
def zeros_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **more: Any
) -> FPGAArray:
    """As `numpy.zeros_like`."""
    return full_like(a, 0, dtype, order, subok, shape)


@implements(np.ones_like)
def ones_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **more: Any
) -> FPGAArray:
    """As `numpy.ones_like`."""
    return full_like(a, 1, dtype, order, subok, shape)
