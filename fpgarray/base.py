"""What arrays are made of, and where a call came from. Below everything that records or falls back.

Knows arrays only as `ArrayBase`; `array` supplies the class that results have.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType

import numpy as np

from fpgarray import host_access
from fpgarray.device import Device
from fpgarray.layout import Layout
from fpgarray.storage import Handle, Storage


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


_PACKAGE = str(Path(__file__).parent)
_NUMPY = str(Path(np.__file__).parent)


def make(storage: Storage, handle: Handle, view: Layout, fixed: bool = False) -> ArrayBase:
    """An array over existing memory."""
    array = object.__new__(result_type)
    array._storage, array._handle, array._layout, array._fixed = storage, handle, view, fixed
    return array


_inner: dict[CodeType, bool] = {}


def is_inner(code: CodeType) -> bool:
    """Whether code is fpgarray's or NumPy's own."""
    found = _inner.get(code)
    if found is None:
        if len(_inner) > 10_000:
            _inner.clear()  # programs that make code at run time
        found = _inner[code] = code.co_filename.startswith((_PACKAGE, _NUMPY))
    return found


def caller() -> tuple[CodeType | None, int]:
    """Code and instruction of the innermost frame outside fpgarray and NumPy."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if not is_inner(code):
            return code, frame.f_lasti
        frame = frame.f_back
    return None, 0


def caller_location() -> str | None:
    """file:line of the innermost frame outside fpgarray and NumPy."""
    frame = sys._getframe(1)
    while frame is not None and is_inner(frame.f_code):
        frame = frame.f_back
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def adopt(value: np.ndarray, device: Device, fixed: bool = False) -> ArrayBase:
    """An array with a private copy of `value`."""
    return make(*host_access.adopt(device, value), fixed)
