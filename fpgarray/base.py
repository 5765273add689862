"""What arrays are made of. Below everything that records or falls back.

Knows arrays only as `ArrayBase`; `array` supplies the class that results have.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from fpgarray import host_access
from fpgarray.device import Device
from fpgarray.frames import caller, caller_location, is_inner
from fpgarray.layout import Layout
from fpgarray.storage import Handle, ReadOnly, Storage

__all__ = [
    "ArrayBase",
    "Unrecordable",
    "adopt",
    "adopt_scalar",
    "caller",
    "caller_location",
    "check_writable",
    "is_inner",
    "make",
    "read_only",
]


class ArrayBase:
    """What an array is made of. `_fixed`: it stands for a NumPy scalar and cannot be written."""

    __slots__ = ("__weakref__", "_fixed", "_handle", "_layout", "_storage")

    _storage: Storage
    _handle: Handle
    _layout: Layout
    _fixed: bool


class Unrecordable(Exception):
    """Internal: an operation cannot be recorded; the text is the fallback's reason."""


result_type: type[ArrayBase] = ArrayBase
"""The class of results; set once by `array`."""

array_namespaces: dict[str, ModuleType] = {}
"""Edition of the array API standard → its namespace; filled by `array_api`."""


def make(storage: Storage, handle: Handle, view: Layout, fixed: bool = False) -> ArrayBase:
    """An array over existing memory."""
    array = object.__new__(result_type)
    array._storage, array._handle, array._layout, array._fixed = storage, handle, view, fixed
    return array


def adopt(value: np.ndarray, device: Device, fixed: bool = False) -> ArrayBase:
    """An array with a private copy of `value`."""
    return make(*host_access.adopt(device, value), fixed)


def adopt_scalar(value: np.generic, device: Device) -> ArrayBase | np.character:
    """The stand-in of a NumPy scalar. Text stays NumPy's own: it is never on a device, and what
    takes names, paths and labels asks for `str`, which only NumPy's own scalar is."""
    if isinstance(value, np.character):
        return value
    return adopt(np.asarray(value), device, fixed=True)


def read_only(handle: Handle) -> ReadOnly:
    """The handle of a view of the same storage that cannot be written."""
    return handle if type(handle) is ReadOnly else ReadOnly(handle)


def check_writable(array: ArrayBase) -> None:
    """Raise as NumPy does where an output cannot be written."""
    if array._fixed:
        raise TypeError("the output stands for a NumPy scalar, which cannot be written")
    if type(array._handle) is ReadOnly:
        raise ValueError("assignment destination is read-only")
