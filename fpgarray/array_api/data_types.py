"""Constants, data types, and the functions about them. None but `astype` touches a device.

Data types are NumPy's `dtype` objects, hashable as the dtypes of arrays are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import own

e = math.e
inf = math.inf
nan = math.nan
newaxis = None
pi = math.pi

bool = np.dtype(np.bool)
int8 = np.dtype(np.int8)
int16 = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = np.dtype(np.int64)
uint8 = np.dtype(np.uint8)
uint16 = np.dtype(np.uint16)
uint32 = np.dtype(np.uint32)
uint64 = np.dtype(np.uint64)
float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)
complex64 = np.dtype(np.complex64)
complex128 = np.dtype(np.complex128)

KINDS: dict[str, tuple[np.dtype, ...]] = {
    "bool": (bool,),
    "signed integer": (int8, int16, int32, int64),
    "unsigned integer": (uint8, uint16, uint32, uint64),
    "real floating": (float32, float64),
    "complex floating": (complex64, complex128),
}
"""Kind → its data types, in the standard's order."""
KINDS["integral"] = KINDS["signed integer"] + KINDS["unsigned integer"]
KINDS["numeric"] = KINDS["integral"] + KINDS["real floating"] + KINDS["complex floating"]


@dataclass(frozen=True)
class FloatInfo:
    """Limits of a floating-point data type (of the parts of a complex one)."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype


@dataclass(frozen=True)
class IntegerInfo:
    """Limits of an integer data type."""

    bits: int
    max: int
    min: int
    dtype: np.dtype


def finfo(type: np.dtype | FPGAArray, /) -> FloatInfo:
    """Limits of a floating-point data type, or of an array's. ValueError: it is none."""
    found = np.finfo(_dtype_of(type))
    limits = (float(getattr(found, name)) for name in ("eps", "max", "min", "smallest_normal"))
    return FloatInfo(found.bits, *limits, found.dtype)


def iinfo(type: np.dtype | FPGAArray, /) -> IntegerInfo:
    """Limits of an integer data type, or of an array's. ValueError: it is none."""
    found = np.iinfo(_dtype_of(type))
    return IntegerInfo(found.bits, int(found.max), int(found.min), found.dtype)


def isdtype(dtype: np.dtype, kind: Any) -> bool:
    """Whether `dtype` is `kind`: a data type, the name of a kind, or a tuple of these.

    Kinds: "bool", "signed integer", "unsigned integer", "integral", "real floating",
    "complex floating", "numeric".
    """
    return np.isdtype(dtype, kind)


def result_type(*arrays_and_dtypes: Any) -> np.dtype:
    """The data type that arrays, data types and Python scalars promote to."""
    return np.result_type(*(_dtype_of(each) for each in arrays_and_dtypes))


def can_cast(from_: np.dtype | FPGAArray, to: np.dtype, /) -> bool:
    """Whether type promotion leads from `from_` (a data type or an array's) to `to`."""
    return np.result_type(_dtype_of(from_), to) == np.dtype(to)


def astype(x: FPGAArray, dtype: np.dtype, /, *, copy: bool = True, device: Any = None) -> FPGAArray:
    """`x` cast to `dtype`, on `device` (default: where it is).

    With copy=False, `x` itself if neither differs. TypeError: complex to real, which would drop
    the imaginary part; take `real(x)`.
    """
    own("astype", x)
    if isdtype(x.dtype, "complex floating") and not isdtype(np.dtype(dtype), "complex floating"):
        raise TypeError(
            f"astype from {x.dtype} to {np.dtype(dtype)} would drop the imaginary part; "
            "cast real(x) or imag(x)"
        )
    moved = x if device is None else x.to_device(device)
    return moved.astype(dtype, copy=copy and moved is x)


def _dtype_of(each: Any) -> Any:
    return each.dtype if isinstance(each, FPGAArray) else each
