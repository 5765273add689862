"""Values on their way to Python: conversions, text, pickling. Every one waits for the device."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fpgarray import base, host_access, printing
from fpgarray.base import ArrayBase


class Values(ArrayBase):
    """Conversions to Python objects and text."""

    __slots__ = ()

    def _plain(self) -> np.ndarray:
        """A read-only snapshot."""
        return host_access.snapshot(self._storage, self._layout)

    def _scalar(self) -> Any:
        plain = self._plain()
        return plain[()] if self._fixed else plain

    def __bool__(self) -> bool:
        return bool(self._plain())

    def __int__(self) -> int:
        return int(self._scalar())

    def __float__(self) -> float:
        return float(self._scalar())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __bytes__(self) -> bytes:
        return bytes(self._scalar())

    def __index__(self) -> int:
        return operator.index(self._scalar())

    def __round__(self, ndigits: int | None = None) -> Any:
        return self._ours(round(self._scalar(), ndigits))

    def __trunc__(self) -> int:
        return math.trunc(self._scalar())

    def __floor__(self) -> int:
        return math.floor(self._scalar())

    def __ceil__(self) -> int:
        return math.ceil(self._scalar())

    def __getattr__(self, name: str) -> Any:
        """What only the NumPy scalar has that the array stands for: `is_integer`, `upper`, …"""
        if not self._fixed or name.startswith("_"):
            hint = _HINTS.get(name, "")
            raise AttributeError(f"'FPGAArray' object has no attribute {name!r}{hint}")
        found = getattr(self._scalar(), name)
        if not callable(found):
            return self._ours(found)
        return lambda *args, **kwargs: self._ours(found(*args, **kwargs))

    def _ours(self, value: Any) -> Any:
        """A number as its stand-in, an ndarray as an array; text and anything else as it is."""
        if type(value) is np.ndarray:
            return base.adopt(value, self._storage.device)
        if not isinstance(value, np.generic):
            return value
        return base.adopt_scalar(value, self._storage.device)

    def __format__(self, spec: str) -> str:
        if self._fixed or not self._layout.ndim:
            return format(self._plain()[()], spec)
        return object.__format__(self, spec)  # TypeError for any spec, as in NumPy

    def item(self, *args: Any) -> Any:
        """An element as a Python scalar."""
        return self._plain().item(*args)

    def tolist(self) -> Any:
        """The elements as nested lists of Python scalars."""
        return self._plain().tolist()

    def __repr__(self) -> str:
        return printing.array_repr(self)

    def __str__(self) -> str:
        return str(self._scalar()) if self._fixed else printing.array_str(self)

    def __reduce__(self) -> Any:
        return _unpickle, (np.array(self._plain(), order="A"), self._fixed)


_HINTS = {
    "ctypes": ": C code would read and write behind coherence's back; read by "
    "numpy.asarray(x).ctypes, write by h.ctypes inside `with x.host() as h:`",
    "__array_interface__": ", as its dtype has objects or fields: use numpy.asarray(x)",
}
"""What to do without an attribute that ndarray has."""


def _unpickle(plain: np.ndarray, fixed: bool) -> Any:
    """Rebuild a pickled array on the first device of this process."""
    device = host_access.default_device()
    return base.adopt(plain, device, fixed)
