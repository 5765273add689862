"""What an array says about itself: geometry, dtype, device, parts. Reads no element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fpgarray.base import ArrayBase
from fpgarray.device import Device
from fpgarray.fallback import fallback
from fpgarray.layout import stand_in


class Attributes(ArrayBase):
    """The attributes of `numpy.ndarray`."""

    __slots__ = ()

    shape = property(lambda self: self._layout.shape, doc="Extents of the axes.")
    strides = property(lambda self: self._layout.strides, doc="Bytes to step along each axis.")
    dtype = property(lambda self: self._layout.dtype, doc="Element type.")
    ndim = property(lambda self: self._layout.ndim, doc="Number of axes.")
    size = property(lambda self: self._layout.size, doc="Number of elements.")
    itemsize = property(lambda self: self._layout.itemsize, doc="Bytes of an element.")
    nbytes = property(lambda self: self._layout.nbytes, doc="Bytes of all elements.")

    def __sizeof__(self) -> int:
        """Bytes of the object and of all elements: what schedulers (dask's) weigh it by."""
        return object.__sizeof__(self) + self._layout.nbytes

    @property
    def device(self) -> Device:
        """The device its memory belongs to."""
        return self._storage.device

    @property
    def T(self) -> Any:
        """The transpose, a view."""
        return self.transpose()

    @property
    def mT(self) -> Any:
        """The last two axes swapped, a view. ValueError below two axes, as in NumPy."""
        return self._view_of(stand_in(self._layout).mT)

    @property
    def real(self) -> Any:
        """The real part: the array itself, unless complex."""
        return (
            self
            if self.dtype.kind != "c"
            else fallback("real", "no kernel for real", np.real, (self,), {})
        )

    @property
    def flat(self) -> Iterator[Any]:
        """The elements in C order."""
        return iter(self.ravel())
