"""The array as memory: bytes, fields, flags, size. What changes it in place changes it whole."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fpgarray import base
from fpgarray.array.flags import owns
from fpgarray.base import ArrayBase, check_writable
from fpgarray.layout import stand_in
from fpgarray.storage import ReadOnly


class Raw(ArrayBase):
    """Methods of `numpy.ndarray` about the bytes behind the elements."""

    __slots__ = ()

    def tobytes(self, order: str = "C") -> bytes:
        """The elements' bytes."""
        return self._plain().tobytes(order)

    def tofile(self, fid: Any, /, sep: str = "", format: str = "%s") -> None:
        """Write the elements to a file, as `numpy.ndarray.tofile`."""
        self._plain().tofile(fid, sep, format)

    def dumps(self) -> bytes:
        """The array pickled; unpickling gives an FPGAArray."""
        return pickle.dumps(self)

    def dump(self, file: Any) -> None:
        """The same, into a file or a path."""
        if isinstance(file, (str, bytes, os.PathLike)):
            Path(os.fsdecode(file)).write_bytes(self.dumps())
        else:
            file.write(self.dumps())

    def getfield(self, dtype: Any, offset: int = 0) -> Any:
        """A view of the bytes from `offset` on in every element."""
        if self._layout.dtype.hasobject:
            raise TypeError("Cannot get/set field of an object array")
        return self._part(stand_in(self._layout).getfield(dtype, offset))

    def setfield(self, val: Any, /, dtype: Any, offset: int = 0) -> None:
        """Assign what `getfield` gives."""
        if self._fixed:
            raise TypeError("Can't set fields in a non-void array scalar.")
        self.getfield(dtype, offset)[...] = val

    def setflags(
        self, /, *, write: bool | None = None, align: bool | None = None, uic: bool | None = None
    ) -> None:
        """Make the array read-only (views made from now on too), or writable again."""
        if self._fixed:
            return
        if align and not self.flags.aligned:
            raise ValueError("cannot set aligned flag of mis-aligned array to True")
        if uic:
            raise ValueError("cannot set WRITEBACKIFCOPY flag to True")
        if write is None:
            return
        if not write:
            self._handle = base.read_only(self._handle)
        elif type(self._handle) is ReadOnly:
            if not self._layout.is_injective:
                raise ValueError("cannot set WRITEABLE flag to True of this array")
            self._handle = self._handle.whole

    def resize(self, /, *new_shape: Any, refcheck: bool = True) -> None:
        """Change shape and size in place; new elements are zero.

        ValueError if the array is a view, or if another array shares its memory (refcheck=True).
        """
        if self._fixed:
            return
        plain = np.array(self._plain(), order="K")
        if plain.size and not (plain.flags.forc and owns(self)):
            raise ValueError("cannot resize this array: it does not own its data")
        check_writable(self)
        plain.resize(*new_shape, refcheck=False)
        if refcheck and plain.nbytes != self.nbytes and sys.getrefcount(self._handle) > _OURS:
            raise ValueError(
                "cannot resize an array that references or is referenced by another array in this "
                "way; use numpy.resize, which makes a new one"
            )
        self._become(plain)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        plain = np.empty(0)
        plain.__setstate__(state)
        self._become(plain)

    def _become(self, plain: np.ndarray) -> None:
        """Take the values and geometry of `plain`, in memory of its own."""
        other = base.adopt(plain, self._storage.device)
        self._storage, self._handle, self._layout = other._storage, other._handle, other._layout


_OURS = 2
"""References to a handle of one array: its own, and getrefcount's argument."""
