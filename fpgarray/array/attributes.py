"""What an array says about itself: geometry, dtype, device, parts. Reads no element."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from fpgarray import base
from fpgarray.array.flags import Flags, owns
from fpgarray.array.flat import Flat
from fpgarray.base import ArrayBase
from fpgarray.device import Device
from fpgarray.fallback import fallback
from fpgarray.layout import Layout, contiguous, layout, of_view, stand_in


class Attributes(ArrayBase):
    """The attributes of `numpy.ndarray`."""

    __slots__ = ()

    shape: Any = property(lambda self: self._layout.shape, doc="Extents of the axes.")
    strides: Any = property(lambda self: self._layout.strides, doc="Bytes to step along an axis.")
    dtype: Any = property(lambda self: self._layout.dtype, doc="Element type.")
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
        """The real part, a view: the array itself, unless complex."""
        if self._layout.dtype.kind != "c":
            return self
        return self._part(stand_in(self._layout).real)

    @real.setter
    def real(self, value: Any) -> None:
        self._check_array("real")
        self.real[...] = value if isinstance(value, ArrayBase) else np.asarray(value)

    @property
    def imag(self) -> Any:
        """The imaginary part: a view, or read-only zeros where there is none."""
        if self._layout.dtype.kind == "c":
            return self._part(stand_in(self._layout).imag)
        zeros = fallback("imag", "no kernel for imag", _zeros, (self,), {})
        return zeros if zeros._fixed else _read_only(zeros)

    @imag.setter
    def imag(self, value: Any) -> None:
        self._check_array("imag")
        if self._layout.dtype.kind != "c":
            raise TypeError("array does not have imaginary part to set")
        self.imag[...] = value if isinstance(value, ArrayBase) else np.asarray(value)

    @property
    def flat(self) -> Any:
        """The elements in C order; assigning repeats a shorter value."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        self._check_array("flat")
        self.flat[...] = value

    @property
    def flags(self) -> Flags:
        """How it lies in memory, and whether it may be written."""
        return Flags(self)

    @property
    def base(self) -> Any:
        """None, or an array of all the memory this one is a view of (made anew at every call)."""
        if owns(self):
            return None
        return base.make(self._storage, self._handle, self._whole())

    @property
    def data(self) -> memoryview:
        """A read-only buffer of the present values, which never changes."""
        return self._plain().data

    def _whole(self) -> Layout:
        """One axis over the whole storage, in this dtype if it fits."""
        nbytes, dtype = self._storage.nbytes, self._layout.dtype
        if nbytes % dtype.itemsize and not dtype.hasobject:
            dtype = np.dtype(np.uint8)
        return contiguous((nbytes // dtype.itemsize,), dtype)

    def _part(self, derived: np.ndarray) -> Any:
        """A view, or of a scalar's stand-in a scalar."""
        view = of_view(self._layout, derived)
        return base.make(self._storage, self._handle, view, self._fixed)

    def _check_array(self, name: str) -> None:
        """Attributes of NumPy scalars cannot be set."""
        if self._fixed:
            raise AttributeError(f"attribute {name!r} of 'numpy.generic' objects is not writable")


def _relaid(name: str) -> Any:
    """The setter of an attribute of the layout: the array is the view that NumPy makes of it."""

    def setter(self: Any, value: Any) -> None:
        self._check_array(name)
        own = self._layout.dtype
        if name == "dtype" and np.dtype(value) != own and own.hasobject:
            raise TypeError("Cannot change data-type for array of references.")
        stand = stand_in(self._layout).view()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            setattr(stand, name, value)
        view = layout(
            self._layout.offset, stand.shape, stand.strides, own if own.hasobject else stand.dtype
        )
        if view.size and not 0 <= view.start <= view.stop <= self._storage.nbytes:
            raise ValueError(f"{name} is not compatible with available memory")
        self._layout = view

    return setter


for _name in ("shape", "dtype", "strides"):
    setattr(Attributes, _name, getattr(Attributes, _name).setter(_relaid(_name)))


def _zeros(array: np.ndarray) -> Any:
    """The imaginary part of what has none."""
    return array.imag


def _read_only(array: ArrayBase) -> ArrayBase:
    return base.make(array._storage, base.read_only(array._handle), array._layout)
