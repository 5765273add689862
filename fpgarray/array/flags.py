"""What `FPGAArray.flags` gives: NumPy's flags object for an array of ours. Reads no element."""

from __future__ import annotations

from typing import Any

from fpgarray.base import ArrayBase
from fpgarray.layout import Layout
from fpgarray.storage import ReadOnly

_BITS = {
    "c_contiguous": 0x1,
    "f_contiguous": 0x2,
    "owndata": 0x4,
    "writeable": 0x400,
    "aligned": 0x100,
    "writebackifcopy": 0x2000,
}
"""The flags NumPy prints, with its bits."""

_KEYS = {
    "C": "c_contiguous", "CONTIGUOUS": "c_contiguous", "C_CONTIGUOUS": "c_contiguous",
    "F": "f_contiguous", "FORTRAN": "f_contiguous", "F_CONTIGUOUS": "f_contiguous",
    "O": "owndata", "OWNDATA": "owndata", "W": "writeable", "WRITEABLE": "writeable",
    "A": "aligned", "ALIGNED": "aligned", "X": "writebackifcopy",
    "WRITEBACKIFCOPY": "writebackifcopy", "B": "behaved", "BEHAVED": "behaved",
    "FNC": "fnc", "FORC": "forc", "CA": "carray", "CARRAY": "carray", "FA": "farray",
    "FARRAY": "farray",
}  # fmt: skip
"""Names that indexing takes."""


class Flags:
    """Memory layout of an array, as `numpy.ndarray.flags`. Attributes or keys, as in NumPy."""

    __slots__ = ("_array",)

    def __init__(self, array: Any) -> None:
        self._array = array

    @property
    def writeable(self) -> bool:
        """Whether elements may be assigned. May be set."""
        return not self._array._fixed and type(self._array._handle) is not ReadOnly

    @writeable.setter
    def writeable(self, value: Any) -> None:
        if self._array._fixed:
            raise ValueError("Cannot set flags on array scalars.")
        self._array.setflags(write=bool(value))

    @property
    def aligned(self) -> bool:
        """Whether every element lies on a multiple of its type's alignment."""
        return _is_aligned(self._layout)

    @aligned.setter
    def aligned(self, value: Any) -> None:
        self._array.setflags(align=bool(value))

    @property
    def writebackifcopy(self) -> bool:
        """Never: no array of ours is a copy to be written back."""
        return False

    @writebackifcopy.setter
    def writebackifcopy(self, value: Any) -> None:
        self._array.setflags(uic=bool(value))

    c_contiguous = contiguous = property(lambda self: self._layout.is_contiguous)
    f_contiguous = fortran = property(lambda self: self._layout.is_fortran)
    owndata = property(lambda self: owns(self._array))
    fnc = property(lambda self: self.f_contiguous and not self.c_contiguous)
    forc = property(lambda self: self.f_contiguous or self.c_contiguous)
    behaved = property(lambda self: self.aligned and self.writeable)
    carray = property(lambda self: self.behaved and self.c_contiguous)
    farray = property(lambda self: self.behaved and self.fnc)
    _layout: Any = property(lambda self: self._array._layout)

    @property
    def num(self) -> int:
        """The flags as NumPy's bits."""
        return sum(bit for name, bit in _BITS.items() if getattr(self, name))

    def __getitem__(self, key: Any) -> bool:
        if not isinstance(key, str) or key not in _KEYS:
            raise KeyError("Unknown flag")
        return getattr(self, _KEYS[key])

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, str) or key not in _KEYS:
            raise KeyError("Unknown flag")
        if _KEYS[key] not in ("writeable", "aligned", "writebackifcopy"):
            raise KeyError("Unknown flag")
        setattr(self, _KEYS[key], value)

    def __eq__(self, other: object) -> bool:
        return self.num == other.num if isinstance(other, Flags) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "".join(f"  {name.upper()} : {getattr(self, name)}\n" for name in _BITS)


def owns(array: ArrayBase) -> bool:
    """Whether an array is all there is of its storage (a transpose of the whole counts as that)."""
    view = array._layout
    return view.is_dense and view.nbytes == array._storage.nbytes


def _is_aligned(view: Layout) -> bool:
    """Whether every element lies on a multiple of its type's alignment."""
    step = view.dtype.alignment
    places = [view.offset, *(s for n, s in zip(view.shape, view.strides, strict=True) if n > 1)]
    return not view.size or all(place % step == 0 for place in places)
