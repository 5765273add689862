"""Making arrays: from other arrays, filled, or empty. Registers the `*_like` functions.

Signatures are NumPy's, with `device=` where NumPy has none. `device`: an index, a name, a device,
or "cpu", NumPy's only device, which names no card and so means the first one, as None does. `like`:
an FPGAArray, whose device is then the default; another object is NumPy's business.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import base, dispatch, host_access
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase
from fpgarray.device import Device
from fpgarray.dispatch import implements
from fpgarray.layout import contiguous, layout, stand_in
from fpgarray.ops import DEVICE_DTYPES


def home_of(device: Any, like: Any = None) -> Device:
    """The device that `device=` and `like=` name."""
    if device is None and isinstance(like, ArrayBase):
        return like._storage.device
    return host_access.device_of(None if isinstance(device, str) and device == "cpu" else device)


def foreign(like: Any) -> bool:
    """Whether `like=` names an object that makes its own arrays. (An ndarray makes ours here.)"""
    return like is not None and not isinstance(like, (ArrayBase, np.ndarray))


# From other arrays


def asarray(
    a: Any,
    dtype: Any = None,
    order: str | None = None,
    *,
    device: Any = None,
    copy: bool | None = None,
    like: Any = None,
) -> FPGAArray:
    """`a` as an FPGAArray. An FPGAArray of that dtype and device is returned as it is.

    Anything else is copied (copy=False then raises ValueError): later changes of an ndarray do not
    reach the array. Without `device`, `a` stays where it is.
    """
    if foreign(like):
        return np.asarray(a, dtype, order, copy=copy, like=like)
    if isinstance(a, FPGAArray):
        home = a.device if device is None else home_of(device)
        return _ordered(_from_ours(a, dtype, home, copy), order)
    if copy is False:
        raise ValueError("an FPGAArray of other memory needs a copy, which copy=False forbids")
    return base.adopt(np.asarray(a, dtype=dtype, order=order), home_of(device, like))


def _ordered(array: FPGAArray, order: str | None) -> FPGAArray:
    """The array, copied if it does not lie in memory order C or F as asked."""
    view = array._layout
    fits = {"C": view.is_contiguous, "F": view.is_fortran}.get(order, True)
    return array if fits else array.copy(order=order)


def _from_ours(array: FPGAArray, dtype: Any, home: Device, copy: bool | None) -> FPGAArray:
    if home is not array.device:
        if copy is False:
            raise ValueError("an array on another device needs a copy, which copy=False forbids")
        array = base.adopt(np.asarray(array), home)
    elif copy:
        array = array.copy(order="K")
    if dtype is None or np.dtype(dtype) == array.dtype:
        return array
    if copy is False:
        raise ValueError(f"a cast from {array.dtype} needs a copy, which copy=False forbids")
    return array.astype(dtype)


def asanyarray(
    a: Any,
    dtype: Any = None,
    order: str | None = None,
    *,
    device: Any = None,
    copy: bool | None = None,
    like: Any = None,
) -> Any:
    """As `asarray`; ndarray subclasses (masked arrays, matrices) stay what they are."""
    if isinstance(a, np.ndarray) and type(a) is not np.ndarray:
        return np.asanyarray(a, dtype, order, copy=copy, like=like if foreign(like) else None)
    return asarray(a, dtype, order, device=device, copy=copy, like=like)


def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None, device: Any = None) -> Any:
    """`a` as an FPGAArray in memory order C, of at least one axis."""
    result = asarray(a, dtype, "C", device=device, like=like)
    return result if result.ndim else result.reshape(1)


def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None, device: Any = None) -> Any:
    """`a` as an FPGAArray in memory order F, of at least one axis."""
    result = asarray(a, dtype, "F", device=device, like=like)
    return result if result.ndim else result.reshape(1)


def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: str = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int = 0,
    like: Any = None,
    device: Any = None,
) -> Any:
    """`object` copied into a new FPGAArray, as `numpy.array`, on `device` (default: the first).

    copy=None or False returns an FPGAArray as it is where dtype, order and device allow. subok=True
    leaves ndarray subclasses (masked arrays, matrices) what they are.
    """
    depth = {"ndmax": ndmax} if ndmax else {}  # NumPy has it since 2.4
    subclass = isinstance(object, np.ndarray) and type(object) is not np.ndarray
    if foreign(like) or (subok and subclass):
        like = like if foreign(like) else None
        return np.array(
            object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, like=like, **depth
        )
    if isinstance(object, FPGAArray):
        home = object.device if device is None else home_of(device)
        made = _ordered(_from_ours(object, dtype, home, copy), order)
        if made._fixed:  # NumPy makes an array of a scalar
            made = base.make(made._storage, made._handle, made._layout)
        return made.reshape((1,) * (ndmin - made.ndim) + made.shape) if ndmin > made.ndim else made
    if copy is False and not isinstance(object, np.ndarray):
        np.array(object, dtype, copy=False)  # raises as NumPy does
    given = np.array(object, dtype, copy=None, order=order, ndmin=ndmin, **depth)
    return base.adopt(given, home_of(device, like))


@implements(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """As `numpy.copy`."""
    if isinstance(a, FPGAArray):
        made = a.copy(order)
        return base.make(made._storage, made._handle, made._layout)  # an array, of a scalar too
    return array(a, order=order, subok=subok, copy=True)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> FPGAArray:
    """An FPGAArray of what `x` hands out by DLPack: a copy, unless `x` is one already.

    ValueError: copy=False, and only a copy would do.
    """
    if isinstance(x, FPGAArray) or copy is False:
        return asarray(x, device=device, copy=copy)
    return base.adopt(np.from_dlpack(x), home_of(device))


# Empty and filled


def empty(
    shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None
) -> FPGAArray:
    """An array of undefined contents; takes no memory until it is used."""
    if foreign(like):
        return np.empty(shape, dtype, order, like=like)
    home = home_of(device, like)
    kind = np.dtype(dtype)
    if kind.hasobject or order not in ("C", "F"):
        return base.adopt(np.empty(shape, kind, order), home)
    target = contiguous(_shape(shape), kind, order)
    storage, handle = host_access.new_storage(home, target.nbytes)
    return base.make(storage, handle, target)


def full(
    shape: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "C",
    *,
    device: Any = None,
    like: Any = None,
) -> FPGAArray:
    """An array filled with `fill_value`, which may be an array that broadcasts to `shape`."""
    if foreign(like):
        return np.full(shape, fill_value, dtype, order, like=like)
    home = home_of(device, like)
    fill = np.asarray(fill_value)
    kind = fill.dtype if dtype is None else np.dtype(dtype)
    if kind not in DEVICE_DTYPES or fill.ndim:
        given = fill if isinstance(fill_value, ArrayBase) else fill_value
        return base.adopt(np.full(shape, given, kind, order), home)
    result = empty(shape, kind, order, device=home)
    cell = np.empty((), kind)
    cell[()] = fill_value
    dispatch.assign(result, cell.item())
    return result


def zeros(
    shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None
) -> FPGAArray:
    """An array of zeros."""
    if foreign(like):
        return np.zeros(shape, dtype, order, like=like)
    kind = np.dtype(dtype)
    if kind not in DEVICE_DTYPES:
        return base.adopt(np.zeros(_shape(shape), kind, order), home_of(device, like))
    return full(shape, 0, kind, order, device=device, like=like)


def ones(
    shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None
) -> FPGAArray:
    """An array of ones."""
    if foreign(like):
        return np.ones(shape, dtype, order, like=like)
    return full(shape, 1, np.dtype(dtype), order, device=device, like=like)


def _shape(shape: Any) -> tuple[int, ...]:
    """A shape as NumPy reads it, with NumPy's errors."""
    if isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape):
        return shape
    return np.broadcast_to(np.uint8(0), shape).shape


# Evenly spaced


def arange(
    *bounds: Any, dtype: Any = None, device: Any = None, like: Any = None, **named: Any
) -> FPGAArray:
    """Evenly spaced values in [start, stop), as `numpy.arange`: start, stop, step also by name."""
    if foreign(like):
        return np.arange(*bounds, dtype=dtype, like=like, **named)
    numbers = [_number(each) for each in bounds]
    named = {name: _number(each) for name, each in named.items()}
    return base.adopt(np.arange(*numbers, dtype=dtype, **named), home_of(device, like))


arange.__wrapped__ = np.arange  # type: ignore[attr-defined]  # whose signature it has


def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: Any = 0,
    *,
    device: Any = None,
) -> Any:
    """Evenly spaced values over an interval, as `numpy.linspace`; where `start` or `stop` is."""
    made = np.linspace(start, stop, num, endpoint, retstep, dtype, axis)
    values, *step = made if retstep else (made,)
    if device is not None or not isinstance(values, FPGAArray):
        values = asarray(values, device=device)
    return (values, *step) if retstep else values


def _number(value: Any) -> Any:
    """A bound as NumPy takes it: what an FPGAArray holds, else the value."""
    if not isinstance(value, FPGAArray):
        return value
    return np.asarray(value)[()]


# Like another


def _like(prototype: Any, dtype: Any, order: str, shape: Any, device: Any) -> FPGAArray:
    """An array of undefined contents after `prototype`, in the memory order NumPy would choose."""
    if not isinstance(prototype, ArrayBase):
        made = np.empty_like(prototype, dtype, order, False, shape)
        return empty(made.shape, made.dtype, _order(made), device=device)
    view = prototype._layout
    kind = view.dtype if dtype is None else np.dtype(dtype)
    home = home_of(device, prototype)
    if kind.hasobject:
        return base.adopt(np.empty_like(stand_in(view), kind, order, False, shape), home)
    if shape is None and order == "K":
        target = view.like(kind)
    else:
        made = np.empty_like(stand_in(view), kind, order, False, shape)
        target = layout(0, made.shape, made.strides, made.dtype)
    storage, handle = host_access.new_storage(home, target.nbytes)
    return base.make(storage, handle, target)


def _order(array: np.ndarray) -> str:
    return "F" if array.flags.fnc else "C"


@implements(np.empty_like)
def empty_like(
    prototype: Any,
    /,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> FPGAArray:
    """As `numpy.empty_like`, on the prototype's device."""
    return _like(prototype, dtype, order, shape, device)


@implements(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> FPGAArray:
    """As `numpy.full_like`, on the prototype's device."""
    result = _like(a, dtype, order, shape, device)
    if not isinstance(fill_value, ArrayBase):
        # The cast is copyto's "unsafe" one, not that of an assignment.
        fill_value = np.full_like(np.empty(np.shape(fill_value), result.dtype), fill_value)
    result[...] = fill_value
    return result


@implements(np.zeros_like)
def zeros_like(
    a: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> FPGAArray:
    """As `numpy.zeros_like`, on the prototype's device."""
    result = _like(a, dtype, order, shape, device)
    result[...] = 0 if result.dtype in DEVICE_DTYPES else np.zeros((), result.dtype)
    return result


@implements(np.ones_like)
def ones_like(
    a: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> FPGAArray:
    """As `numpy.ones_like`, on the prototype's device."""
    return full_like(a, 1, dtype, order, subok, shape, device=device)
