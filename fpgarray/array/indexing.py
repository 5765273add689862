"""Indexing: views, elements, assignment, iteration. Fancy and boolean keys: `selecting`."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from fpgarray import base, dispatch, host_access, promptly
from fpgarray.array import selecting
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import assign, copy_of
from fpgarray.fallback import fallback
from fpgarray.layout import layout, of_view, stand_in
from fpgarray.ops import DEVICE_DTYPES
from fpgarray.storage import ReadOnly


class Indexing(ArrayBase):
    """`x[key]`, `x[key] = value`, and what walks along the first axis."""

    __slots__ = ()

    def _view_of(self, derived: np.ndarray) -> Any:
        """The array of a view that NumPy made of this layout's stand-in."""
        owner = copy_of(self) if self._fixed else self  # a NumPy scalar has no views
        return base.make(owner._storage, owner._handle, of_view(self._layout, derived))

    def __getitem__(self, key: Any) -> Any:
        if self._fixed and self._layout.dtype.kind in "SUV":
            return self._ours(self._scalar()[key])  # text and records have items of their own
        if _is_advanced(key) and not self._is_field(key):
            if self._layout.dtype.hasobject and type(key) is str and not self._fixed:
                field = self._field_of_objects(key)
                if field is not None:
                    return field
            try:
                return selecting.get(self, key)
            except Unrecordable as refused:
                return fallback("getitem", str(refused), operator.getitem, (self, key), {})
        derived = stand_in(self._layout)[key]
        if isinstance(derived, np.ndarray):
            return self._view_of(derived)
        return self._element(key)

    def _field_of_objects(self, name: str) -> Any:
        """The view of a field of records with objects, for which there are no stand-ins."""
        view = self._layout
        dtype, offset, *_ = (view.dtype.fields or {}).get(name, (None, 0))
        if dtype is None or dtype.subdtype is not None:
            return None
        whole = layout(view.offset + offset, view.shape, view.strides, dtype)
        return base.make(self._storage, self._handle, whole)

    def _is_field(self, key: Any) -> bool:
        """Whether `key` names fields of a structured array, which are views."""
        dtype = self._layout.dtype
        if dtype.names is None or dtype.hasobject or self._fixed:
            return False
        names = key if type(key) is list else [key]
        return bool(names) and all(isinstance(each, str) for each in names)

    def _element(self, key: Any) -> Any:
        """A copy of one element, which stands for a NumPy scalar."""
        whole = key if isinstance(key, tuple) else (key,)
        view = of_view(self._layout, stand_in(self._layout)[(*whole, ...)])
        storage = self._storage
        if view.dtype.kind in "OTSU" or not view.dtype.isnative:
            # The object itself; text is as long as it is, and numbers are in native order.
            return self._ours(host_access.snapshot(storage, view)[()])
        values = promptly.ready(self)
        if values is not None:
            return base.adopt(np.asarray(values[key]), storage.device, fixed=True)
        if view.dtype not in DEVICE_DTYPES or not storage.device.tape.pending(storage.written):
            memory = storage.memory
            if memory is None or memory.map.holds(host_access.HOST, view.ranges):
                value = host_access.snapshot(storage, view)
                return base.adopt(value, storage.device, fixed=True)
        whole_array = base.make(storage, self._handle, view)
        if view.dtype not in DEVICE_DTYPES:
            return base.adopt(host_access.snapshot(storage, view), storage.device, fixed=True)
        return copy_of(whole_array, fixed=True)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._fixed:
            raise TypeError(
                "'FPGAArray' stands for a NumPy scalar; it does not support item assignment"
            )
        if type(self._handle) is ReadOnly:
            base.check_writable(self)
        if _is_advanced(key) and not self._is_field(key):
            try:
                selecting.assign(self, key, value)
            except Unrecordable as refused:
                fallback("setitem", str(refused), operator.setitem, (self, key, value), {})
            return
        derived = stand_in(self._layout)[key]
        if not isinstance(derived, np.ndarray):
            if not _is_number(value) or self._layout.dtype.hasobject:
                # One element is not assigned as an array is: a list can be an object, or true.
                reason = "no kernel to assign an element from this"
                fallback("setitem", reason, operator.setitem, (self, key, value), {})
                return
            whole = key if isinstance(key, tuple) else (key,)
            derived = stand_in(self._layout)[(*whole, ...)]
        self._view_of(derived)._fill(value)

    def _fill(self, value: Any) -> None:
        """Overwrite the whole view with `value`."""
        view, storage = self._layout, self._storage
        # Loops in Python: a[i] = a[i - 1] / 2. What is no scalar is cast as arrays are, not as numbers.
        scalar = isinstance(value, ArrayBase) and (value._fixed or value._layout.dtype == view.dtype)
        if scalar and view.size == 1 and value._layout.ndim == 0:
            number = promptly.number(value)
            value = value if number is None else number
        if isinstance(value, ArrayBase):
            if dispatch.movable(value._layout.dtype, view.dtype):
                try:
                    assign(self, dispatch.held(value, storage.device))
                    return
                except Unrecordable:
                    pass  # shapes do not broadcast: NumPy says so below
            value = host_access.snapshot(value._storage, value._layout)
        if view.dtype not in DEVICE_DTYPES or np.ndim(value) or isinstance(value, str):
            host_access.host_write(storage, view, value)
            return
        number = _as_dtype(value, view.dtype)
        pending = storage.device.tape.pending(max(storage.written, storage.read))
        if view.size == 1 and not pending:
            host_access.host_write(storage, view, number)
        else:
            assign(self, number.item())

    def __delitem__(self, key: Any) -> None:
        raise ValueError("cannot delete array elements")

    def __iter__(self) -> Iterator[Any]:
        if self._layout.ndim == 0:
            return map(self._ours, self._scalar())  # text; TypeError for the rest
        view = self._layout
        if view.ndim > 1 or view.dtype.kind in "OTSU" or not view.dtype.isnative:
            return (self[i] for i in range(view.shape[0]))
        device = self._storage.device
        cells = host_access.elements(self._storage, view)
        return (base.adopt(cell, device, fixed=True) for cell in cells)

    def __len__(self) -> int:
        if self._layout.ndim == 0:
            return len(self._scalar())  # of text; TypeError for the rest
        return self._layout.shape[0]

    def __contains__(self, item: Any) -> bool:
        return bool((self == item).any())


def _is_advanced(key: Any) -> bool:
    """Whether indexing by `key` copies (arrays, lists, booleans) rather than views."""
    return not all(
        part is None
        or part is Ellipsis
        or isinstance(part, slice)
        or (isinstance(part, (int, np.integer)) and not isinstance(part, bool))
        or (type(part).__module__ != "numpy" and _is_index(part))
        for part in (key if isinstance(key, tuple) else (key,))
    )


def _is_number(value: Any) -> bool:
    """Whether `value` is one number, text or date, ours or not."""
    if isinstance(value, ArrayBase):
        return not value._layout.shape
    return isinstance(value, (int, float, complex, np.generic, str, bytes))


def _is_index(part: Any) -> bool:
    """Whether `part` is a foreign integer: it has __index__ and is no array or boolean."""
    kind = type(part)
    arrays = ("__array__", "__array_interface__", "__len__")
    return (
        hasattr(kind, "__index__")
        and kind is not bool
        and not any(hasattr(kind, name) for name in arrays)
    )


def _as_dtype(value: Any, dtype: np.dtype) -> np.ndarray:
    """A 0-d ndarray of `dtype`, cast as item assignment casts (raises NumPy's errors)."""
    cell = np.empty((), dtype)
    cell[()] = value
    return cell
