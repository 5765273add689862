"""Creation functions of the standard, over fpgarray's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import base, host_access
from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays as as_arrays
from fpgarray.array_api.operands import own
from fpgarray.functions import creation


def asarray(
    obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None
) -> FPGAArray:
    """`obj` (array, scalar, nested sequence, buffer) as an array.

    An FPGAArray that fits is returned as it is unless copy=True; anything else is copied, and
    copy=False raises ValueError then. OverflowError: an integer that no data type holds.
    TypeError: Python objects that are neither numbers nor booleans.
    """
    if dtype is None and isinstance(obj, int) and not -(2**63) <= obj < 2**64:
        raise OverflowError(f"the integer {obj} does not fit any data type of the standard")
    array = creation.asarray(obj, dtype, device=device, copy=copy)
    if array.dtype.kind in "OSU" and not hasattr(obj, "dtype"):
        raise TypeError(
            f"asarray takes numbers and booleans; of a {type(obj).__name__} NumPy would make an "
            f"array of {array.dtype}, which the array API standard does not have"
        )
    return array


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> FPGAArray:
    """An array of what `x` hands out by DLPack: a copy, unless `x` is an FPGAArray already there.

    BufferError: copy=False, and only a copy would do. TypeError: `x` does not speak DLPack.
    """
    if isinstance(x, FPGAArray):
        home = x.device if device is None else host_access.device_of(device)
        if copy is False and home is not x.device:
            raise BufferError(f"moving from {x.device} to {home} needs a copy")
        return creation.asarray(x, device=home, copy=copy)
    if not hasattr(x, "__dlpack__"):
        raise TypeError(
            "from_dlpack takes objects that have __dlpack__, "
            f"which {type(x).__name__} lacks; try asarray"
        )
    if copy is False:
        raise BufferError("memory of another library becomes an FPGAArray by a copy only")
    on_host = x.__dlpack_device__()[0] == _CPU
    plain = np.from_dlpack(x) if on_host else np.from_dlpack(x, device="cpu")
    return base.adopt(plain, host_access.device_of(device))


_CPU = 1
"""kDLCPU of dlpack.h."""


def arange(
    start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None
) -> FPGAArray:
    """Values `start`, `start + step`, … below `stop`; with one argument, from 0 up to it."""
    bounds = (0, start) if stop is None else (start, stop)
    return creation.arange(*bounds, step, dtype=dtype, device=device)


def linspace(
    start: Any,
    stop: Any,
    /,
    num: int,
    *,
    dtype: Any = None,
    device: Any = None,
    endpoint: bool = True,
) -> FPGAArray:
    """`num` evenly spaced values from `start` to `stop`, which is left out if not `endpoint`."""
    return creation.linspace(start, stop, num, dtype=dtype, device=device, endpoint=endpoint)


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """An array of undefined contents; takes no memory until it is used."""
    return creation.empty(shape, dtype, device=device)


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """An array of zeros (float64 by default)."""
    return creation.zeros(shape, dtype, device=device)


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """An array of ones (float64 by default)."""
    return creation.ones(shape, dtype, device=device)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """An array filled with a scalar; its default data type follows the scalar's kind."""
    return creation.full(shape, fill_value, dtype, device=device)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: Any = None,
    device: Any = None,
) -> FPGAArray:
    """A matrix with ones on its `k`-th diagonal and zeros elsewhere."""
    plain = np.eye(n_rows, n_cols, k=k, dtype=dtype)
    return base.adopt(plain, host_access.device_of(device))


def empty_like(x: FPGAArray, /, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """An array of undefined contents with the shape of `x`, and its data type and device."""
    own("empty_like", x)
    home = x.device if device is None else device
    return empty(x.shape, dtype=x.dtype if dtype is None else dtype, device=home)


def zeros_like(x: FPGAArray, /, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """Zeros in the shape of `x`, by default with its data type and device."""
    return full_like(own("zeros_like", x), 0, dtype=dtype, device=device)


def ones_like(x: FPGAArray, /, *, dtype: Any = None, device: Any = None) -> FPGAArray:
    """Ones in the shape of `x`, by default with its data type and device."""
    return full_like(own("ones_like", x), 1, dtype=dtype, device=device)


def full_like(
    x: FPGAArray, /, fill_value: Any, *, dtype: Any = None, device: Any = None
) -> FPGAArray:
    """`fill_value` in the shape of `x`, by default with its data type and device."""
    own("full_like", x)
    home = x.device if device is None else device
    return full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype, device=home)


def tril(x: FPGAArray, /, *, k: int = 0) -> FPGAArray:
    """The lower triangle of (a stack of) matrices, up to the `k`-th diagonal; zeros above."""
    return as_arrays(np.tril(own("tril", x), k), x.device)


def triu(x: FPGAArray, /, *, k: int = 0) -> FPGAArray:
    """The upper triangle of (a stack of) matrices, from the `k`-th diagonal; zeros below."""
    return as_arrays(np.triu(own("triu", x), k), x.device)


def meshgrid(*arrays: FPGAArray, indexing: str = "xy") -> tuple[FPGAArray, ...]:
    """Coordinate matrices from one-dimensional coordinates, Cartesian ("xy") or matrix ("ij")."""
    if not arrays:
        return ()
    return as_arrays(np.meshgrid(*arrays, indexing=indexing), own("meshgrid", *arrays).device)
