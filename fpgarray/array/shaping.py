"""The elements in another shape, order or dtype: views where memory allows, else copies."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from fpgarray import errstate, ops
from fpgarray.base import ArrayBase
from fpgarray.dispatch import copy_of
from fpgarray.fallback import fallback
from fpgarray.layout import layout, stand_in
from fpgarray.ops import DEVICE_DTYPES


class Shaping(ArrayBase):
    """Views, copies and casts."""

    __slots__ = ()

    def transpose(self, *axes: Any) -> Any:
        """A view with axes permuted (reversed by default)."""
        return self._part(stand_in(self._layout).transpose(*axes))

    def swapaxes(self, axis1: int, axis2: int) -> Any:
        """A view with two axes exchanged."""
        return self._part(stand_in(self._layout).swapaxes(axis1, axis2))

    def squeeze(self, axis: Any = None) -> Any:
        """A view without axes of one element."""
        return self._part(stand_in(self._layout).squeeze(axis))

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
        """A view of a diagonal. (NumPy's is read-only; ours may be written.)"""
        return self._part(stand_in(self._layout).diagonal(offset, axis1, axis2))

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        """The elements in another shape: a view where memory allows, else a copy.

        copy=True always copies; copy=False raises ValueError where a copy would be needed.
        """
        if not shape:
            raise TypeError("reshape() takes exactly 1 argument (0 given)")
        wanted = shape[0] if len(shape) == 1 else shape
        source = self.copy(order="K") if copy else self
        stand = stand_in(source._layout)
        try:
            return source._view_of(np.reshape(stand, wanted, order=order, copy=False))
        except ValueError:
            if copy is False or stand.size != _reshaped_size(stand.shape, wanted):
                np.reshape(np.empty(stand.shape, np.bool_), wanted, order=order)
                raise
        packed = source.copy(order="F" if order == "F" else "C")
        return packed._view_of(
            np.reshape(stand_in(packed._layout), wanted, order=order, copy=False)
        )

    def ravel(self, order: str = "C") -> Any:
        """One axis: a view where the elements lie in that order without gaps, else a copy."""
        view = self._layout
        if order == "A":
            order = "F" if view.is_fortran and not view.is_contiguous else "C"
        if order == "K":
            ordered = self._in_memory_order()
            return ordered.reshape(-1) if ordered._layout.is_contiguous else ordered.flatten()
        packed = view.is_fortran if order == "F" else view.is_contiguous
        return self.reshape(-1, order=order) if packed else self.flatten(order)

    def flatten(self, order: str = "C") -> Any:
        """One axis, always a copy."""
        view = self._layout
        if order == "A":
            order = "F" if view.is_fortran and not view.is_contiguous else "C"
        if order == "K":
            return self._in_memory_order().flatten()
        return self.copy(order=order).reshape(-1, order=order)

    def _in_memory_order(self) -> Any:
        """A view with the axes as NumPy's iterator walks them (axes of stride 0 stay in place)."""
        steps = self._layout.fresh.strides
        return self.transpose(sorted(range(self._layout.ndim), key=lambda axis: -steps[axis]))

    def view(self, dtype: Any = None, type: Any = None) -> Any:
        """The same memory, seen as `dtype`. There are no subclasses to see it as: TypeError."""
        given = (dtype, type)
        if any(isinstance(each, builtins.type) and issubclass(each, np.ndarray) for each in given):
            if np.ndarray not in given:
                raise TypeError(f"view as {given}: an FPGAArray has no subclasses to be viewed as")
            dtype = None if dtype is np.ndarray else dtype
        elif type is not None:
            raise ValueError("Type must be a sub-type of ndarray type")
        stand = stand_in(self._layout)
        if dtype is None:
            return self._part(stand.view())
        kind = np.dtype(dtype)
        if kind != self._layout.dtype and (kind.hasobject or self._layout.dtype.hasobject):
            raise TypeError("Cannot change data-type for array of references.")
        return self._part(stand.view() if kind.hasobject else stand.view(kind))

    # Copies and casts

    def copy(self, order: str = "C") -> Any:
        """A copy of the present values in memory order C, F, A or K (recorded, not run)."""
        view = self._layout
        if view.dtype.hasobject:
            return fallback("copy", "objects live on the host", np.copy, (self,), {"order": order})
        target = None
        if order == "F" or (order == "A" and view.is_fortran and not view.is_contiguous):
            target = layout(0, view.shape, _strides(view.shape, view.itemsize, "F"), view.dtype)
        elif order in ("C", "A"):
            target = layout(0, view.shape, _strides(view.shape, view.itemsize, "C"), view.dtype)
        elif order != "K":
            np.empty(0).copy(order=order)  # raises as NumPy does
        return copy_of(self, target=target, fixed=self._fixed)

    def __copy__(self) -> Any:
        return self.copy(order="K")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self.copy(order="K")

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: str = "unsafe",
        subok: bool = True,
        copy: bool = True,
    ) -> Any:
        """A copy cast to `dtype`. TypeError when `casting` forbids it."""
        wanted = np.dtype(dtype)
        view = self._layout
        if not copy and wanted == view.dtype:
            return self
        narrows = ops.narrows(view.dtype, wanted)
        at_once = errstate.current().at_once if narrows else None
        recordable = wanted in DEVICE_DTYPES and view.dtype in DEVICE_DTYPES and order == "K"
        if recordable and np.can_cast(view.dtype, wanted, casting) and not at_once:
            return copy_of(self, wanted, fixed=self._fixed)
        reason = at_once or f"no kernel for astype from {view.dtype} to {wanted}"
        kwargs = {"order": order, "casting": casting, "copy": copy}
        call = view.dtype.type.astype if self._fixed else np.ndarray.astype
        return fallback("astype", reason, call, (self, wanted), kwargs)


def _reshaped_size(old: tuple[int, ...], new: Any) -> int:
    """Elements of `new`, whose -1 takes what is left; -1 when it cannot."""
    extents = tuple(new) if isinstance(new, (tuple, list)) else (new,)
    try:
        np.empty(old, np.bool_).reshape(extents)
    except (ValueError, TypeError):
        return -1
    return int(np.prod(old, dtype=np.int64))


def _strides(shape: tuple[int, ...], itemsize: int, order: str) -> tuple[int, ...]:
    strides, step = [], itemsize
    for extent in shape[::-1] if order == "C" else shape:
        strides.append(step)
        step *= max(extent, 1)
    return tuple(strides[::-1] if order == "C" else strides)
