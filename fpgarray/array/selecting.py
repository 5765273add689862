"""Fancy and boolean keys: what a key selects, and recording it as gathers, scatters and masks.

Index arrays are read here, at the call: an index that is out of bounds is NumPy's error before
anything is changed. The data they select from is not.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from fpgarray import base, dispatch, host_access, ops
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.layout import (
    Layout,
    broadcast_strides,
    contiguous,
    grown,
    layout,
    of_view,
    shrunk,
    stand_in,
)
from fpgarray.ops import B1, DEVICE_DTYPES
from fpgarray.selections import INDICES, natural_place

OURS = frozenset({np.dtype("i4"), np.dtype("i8")})
"""dtypes of index arrays that the kernel reads."""


class Selection(NamedTuple):
    """What a key selects. `whole`: the view that the basic parts of the key make, all of whose
    `axes` are indexed by `indices` (ndarrays, or arrays of ours); `place`: where among the result's
    axes theirs begin; `host`: the key with every array as the host has it."""

    whole: Layout
    axes: tuple[int, ...]
    indices: tuple[Any, ...]
    place: int
    host: tuple[Any, ...]

    @property
    def lead(self) -> tuple[int, ...]:
        """The shape that the index arrays broadcast to."""
        return np.broadcast_shapes(*(index.shape for index in self.indices))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what is selected."""
        rest = [n for axis, n in enumerate(self.whole.shape) if axis not in self.axes]
        return (*rest[: self.place], *self.lead, *rest[self.place :])


def get(array: ArrayBase, key: Any) -> ArrayBase:
    """Record `array[key]`. Raises Unrecordable when NumPy must do it."""
    if array._layout.dtype.hasobject or array._fixed:
        raise Unrecordable("no kernel for fancy indexing of objects and scalars")
    chosen = select(array._layout, key)
    target = result_layout(chosen)
    return gather(array, chosen, target)


def gather(array: ArrayBase, chosen: Selection, target: Layout, mode: str = "raise") -> ArrayBase:
    """Record the gather of a selection into a fresh array of layout `target`."""
    device = array._storage.device
    if not target.size:
        return dispatch.fresh(target, device)
    joined = _joined(chosen)
    whole = base.make(array._storage, array._handle, joined.whole)
    if len(joined.indices) > INDICES:
        # Packed, its axes can be walked as one.
        packed = contiguous(chosen.whole.shape, chosen.whole.dtype)
        owner = base.make(array._storage, array._handle, chosen.whole)
        whole = dispatch.copy_of(owner, target=packed)
        joined = _joined(chosen._replace(whole=packed))
        whole = base.make(whole._storage, whole._handle, joined.whole)
    _check_count(joined)
    operands = [whole, *_on_device(joined.indices, device)]
    params = {"axes": joined.axes, "place": joined.place, "along": False, "mode": mode}
    return dispatch.call(ops.TAKE, operands, target.shape, target.dtype, params, None, target)


def assign(array: ArrayBase, key: Any, value: Any) -> None:
    """Record `array[key] = value`. Raises Unrecordable when NumPy must do it."""
    view = array._layout
    if view.dtype.hasobject:
        raise Unrecordable("no kernel for fancy indexing of objects")
    mask = _whole_mask(view, key)
    if mask is not None:
        if _ndim(mask) == view.ndim and _ndim(value) > 1:
            raise Unrecordable("NumPy refuses values with axes of their own behind a mask")
        if _fill_masked(array, mask, value):
            return
    try:
        chosen = select(view, key)
    except IndexError:  # values that do not fit are what NumPy tells of first
        host = tuple(_plain(part) for part in (key if type(key) is tuple else (key,)))
        shape = value._layout.shape if isinstance(value, ArrayBase) else np.shape(value)
        np.empty(view.shape, np.uint8)[host] = np.broadcast_to(np.uint8(0), shape)
        raise Unrecordable("an index is out of bounds") from None
    scatter(array, chosen, value)


def _ndim(value: Any) -> int:
    return value._layout.ndim if isinstance(value, ArrayBase) else np.ndim(value)


def scatter(array: ArrayBase, chosen: Selection, value: Any, mode: str = "raise") -> None:
    """Record that the elements of a selection are overwritten, the last of several winning."""
    view, device = array._layout, array._storage.device
    shape = chosen.shape
    values = as_values(value, view.dtype, device)
    if isinstance(values, ArrayBase):
        values = _spread(values, shape, view, chosen.host)
    if not prod(shape):
        return
    joined = _joined(chosen)
    _check_count(joined)
    whole = base.make(array._storage, array._handle, joined.whole)
    params = {"axes": joined.axes, "place": joined.place, "along": False, "mode": mode}
    dispatch.update(ops.PUT, whole, [*_on_device(joined.indices, device), values], params)


# Keys


def select(view: Layout, key: Any) -> Selection:
    """What `key` selects from `view`; NumPy's errors if that is not possible."""
    given = key if type(key) is tuple else (key,)
    host = tuple(_plain(part) for part in given)
    try:
        parts = [_part(plain, part) for plain, part in zip(host, given, strict=True)]
        parts = _expanded(parts, view)
        chosen = _selection(view, parts, host)
        chosen.lead  # noqa: B018 (raises if the index arrays do not broadcast together)
        return chosen
    except (Unrecordable, IndexError, ValueError, TypeError):
        stand_in(view)[host]  # NumPy's own error, if it is one
        raise Unrecordable("no kernel for this key") from None


def _plain(part: Any) -> Any:
    """A part of a key as the host has it."""
    if isinstance(part, ArrayBase):
        return host_access.snapshot(part._storage, part._layout)
    return part


def _part(plain: Any, given: Any) -> tuple[Any, Any]:
    """A part of a key as the host has it, and as an array of ours if the kernel reads it."""
    part = plain
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part, None
    if isinstance(given, ArrayBase):
        return plain, given if plain.dtype in OURS and plain.ndim else None
    if isinstance(part, (bool, np.bool_)):
        raise Unrecordable("no kernel for a truth value as an index")
    if isinstance(part, (list, tuple)):
        if any(isinstance(each, ArrayBase) for each in part):
            raise Unrecordable("an array in a list of indices")
        array = np.asarray(part)
        return (array.astype(np.intp) if not array.size else array), None
    if isinstance(part, (np.ndarray, np.generic)):
        return np.asarray(part), None
    return operator.index(part), None


def _expanded(parts: list[tuple[Any, Any]], view: Layout) -> list[tuple[Any, Any]]:
    """The parts with masks as index arrays and all axes named; an Ellipsis stays, as a mark."""
    found: list[tuple[Any, Any]] = []
    used = sum(
        part.ndim if isinstance(part, np.ndarray) and part.dtype == B1 else 1
        for part, _ in parts
        if part is not None and part is not Ellipsis
    )
    spare = view.ndim - used
    if spare < 0 or sum(part is Ellipsis for part, _ in parts) > 1:
        raise Unrecordable("too many indices")
    if not any(part is Ellipsis for part, _ in parts):
        parts = [*parts, (Ellipsis, None)]
    axis = 0
    for part, ours in parts:
        if part is Ellipsis:
            found += [(Ellipsis, None), *[(slice(None), None)] * spare]
            axis += spare
        elif isinstance(part, np.ndarray) and part.dtype == B1:
            if not part.ndim or part.shape != view.shape[axis : axis + part.ndim]:
                found.append((part, None))  # NumPy says why not
            else:
                found += [(index, None) for index in part.nonzero()]
            axis += part.ndim
        else:
            found.append((part, ours))
            axis += part is not None
    return found


def _selection(view: Layout, parts: Sequence[tuple[Any, Any]], host: tuple[Any, ...]) -> Selection:
    basic: list[Any] = []
    axes: list[int] = []
    indices: list[Any] = []
    marks: list[int] = []
    """Where index arrays and integers stand: next to each other, their axes stay in place."""
    place = ndim = extent_axis = 0
    for position, (part, ours) in enumerate(parts):
        if part is Ellipsis:
            continue
        if part is None or isinstance(part, slice):
            basic.append(part)
            ndim += 1
            extent_axis += part is not None
            continue
        if not marks:
            place = ndim - len(axes)
        marks.append(position)
        array = part if isinstance(part, np.ndarray) else np.asarray(part)
        if array.dtype.kind not in "iu":
            raise Unrecordable("an index of another dtype than integer")
        if array.ndim == 0:
            basic.append(int(array))
        else:
            basic.append(slice(None))
            _check_bounds(array, view.shape[extent_axis])
            axes.append(ndim)
            indices.append(array if ours is None else ours)
            ndim += 1
        extent_axis += 1
    if not indices:
        raise Unrecordable("no kernel for a key without an index array")
    if marks[-1] - marks[0] != len(marks) - 1:
        place = 0
    whole = of_view(view, stand_in(view)[tuple(basic)])
    return Selection(whole, tuple(axes), tuple(indices), place, host)


def _check_bounds(index: np.ndarray, extent: int) -> None:
    if not inside(index, extent):
        raise IndexError("out of bounds")


def inside(index: np.ndarray, extent: int) -> bool:
    """Whether every index is one of an axis of `extent`, counted from either end."""
    if not index.size:
        return True
    if index.flags.c_contiguous and index.dtype.isnative:
        # One pass where none is negative: as unsigned numbers, those would be the largest.
        if index.view(f"u{index.itemsize}").max() < extent:
            return True
    return bool(-extent <= index.min() and index.max() < extent)


def _joined(chosen: Selection) -> Selection:
    """Neighbouring axes that memory walks as one, indexed by what the host knows, as one axis."""
    whole, axes, indices = chosen.whole, list(chosen.axes), list(chosen.indices)
    for k in reversed(range(len(axes) - 1)):
        axis = axes[k]
        outer, inner = indices[k], indices[k + 1]
        if axes[k + 1] != axis + 1 or any(isinstance(each, ArrayBase) for each in (outer, inner)):
            continue
        extent = whole.shape[axis + 1]
        if whole.strides[axis] != whole.strides[axis + 1] * extent or not whole.shape[axis]:
            continue
        one = _from_start(outer, whole.shape[axis]) * extent + _from_start(inner, extent)
        whole = layout(
            whole.offset,
            (*whole.shape[:axis], whole.shape[axis] * extent, *whole.shape[axis + 2 :]),
            (*whole.strides[:axis], *whole.strides[axis + 1 :]),
            whole.dtype,
        )
        indices[k : k + 2] = [one]
        axes[k : k + 2] = [axis]
        axes[k + 1 :] = [each - 1 for each in axes[k + 1 :]]
    return chosen._replace(whole=whole, axes=tuple(axes), indices=tuple(indices))


def _check_count(chosen: Selection) -> None:
    if len(chosen.indices) > INDICES:
        raise Unrecordable(f"no kernel for {len(chosen.indices)} index arrays")


def _from_start(index: np.ndarray, extent: int) -> np.ndarray:
    wide = index.astype(np.int64)
    return np.where(wide < 0, wide + extent, wide)


def _on_device(indices: Sequence[Any], device: Any) -> list[ArrayBase]:
    """Index arrays as operands; those the host knows are copied, several of them together."""
    known = [each for each in indices if not isinstance(each, ArrayBase)]
    if len(indices) - len(known) > 1 and len(indices) > 2:
        indices = [
            host_access.snapshot(each._storage, each._layout)
            if isinstance(each, ArrayBase)
            else each
            for each in indices
        ]
        known = list(indices)
    if len(known) > 1:
        together = dispatch.held(np.stack(np.broadcast_arrays(*map(narrowed, known))), device)
        view = together._layout
        rows = iter(
            base.make(
                together._storage,
                together._handle,
                layout(k * view.strides[0], view.shape[1:], view.strides[1:], view.dtype),
            )
            for k in range(len(known))
        )
        return [
            dispatch.held(each, device) if isinstance(each, ArrayBase) else next(rows)
            for each in indices
        ]
    return [
        dispatch.held(each if isinstance(each, ArrayBase) else narrowed(each), device)
        for each in indices
    ]


def narrowed(index: np.ndarray) -> np.ndarray:
    """An index array in the type that costs the least to move."""
    small = not index.size or (-(1 << 31) <= index.min() and index.max() < 1 << 31)
    return index.astype(np.int32 if small else np.int64, order="C")


# Results


def result_layout(chosen: Selection) -> Layout:
    """The layout NumPy gives what is selected."""
    views = tuple(
        index._layout
        if isinstance(index, ArrayBase)
        else layout(0, index.shape, _upward(index), index.dtype)
        for index in chosen.indices
    )
    return _result_layout(chosen.whole, chosen.axes, views, chosen.place, chosen.shape)


def _upward(index: np.ndarray) -> tuple[int, ...]:
    """Strides that order the axes as the array's do."""
    return tuple(abs(stride) for stride in index.strides)


@lru_cache(maxsize=1024)
def _result_layout(
    whole: Layout,
    axes: tuple[int, ...],
    indices: tuple[Layout, ...],
    place: int,
    shape: tuple[int, ...],
) -> Layout:
    if 0 in shape:
        return contiguous(shape, whole.dtype)
    key: list[Any] = [slice(None)] * whole.ndim
    for axis, index in zip(axes, indices, strict=True):
        key[axis] = shrunk(index)
    asked = shrunk(whole)[tuple(key)]
    count = max(index.ndim for index in indices)
    natural = natural_place(axes)
    here = list(range(natural, natural + count))
    moved = np.moveaxis(asked, here, [place + k for k in range(count)])
    return grown(moved, shape, whole.dtype)


# Values


def as_values(value: Any, dtype: np.dtype, device: Any) -> Any:
    """What is assigned, in the array's dtype: an array of ours, or a number."""
    if isinstance(value, ArrayBase):
        if not dispatch.movable(value._layout.dtype, dtype):
            raise Unrecordable(f"no kernel for copy from {value._layout.dtype} to {dtype}")
        value = dispatch.held(value, device)
        return value if value._layout.dtype == dtype else dispatch.copy_of(value, dtype)
    plain = np.asarray(value)
    if dtype.kind == "V" and plain.dtype != dtype:
        raise Unrecordable(f"no kernel to make {dtype} of {plain.dtype}")
    cast = np.empty(plain.shape, dtype)
    cast[...] = value if not plain.ndim else plain
    if not cast.ndim and dtype in DEVICE_DTYPES:
        return cast.item()
    return dispatch.held(cast, device)


def _spread(values: ArrayBase, shape: tuple[int, ...], view: Layout, host: Any) -> ArrayBase:
    """`values` broadcast to the selection; NumPy's error if it does not."""
    own = values._layout
    extra = max(own.ndim - len(shape), 0)
    if any(n != 1 for n in own.shape[:extra]):
        _refuse(view, host, own)
    inner = layout(own.offset, own.shape[extra:], own.strides[extra:], own.dtype)
    pairs = zip(reversed(inner.shape), reversed(shape), strict=False)
    if any(n not in (1, wanted) for n, wanted in pairs):
        _refuse(view, host, own)
    spread = layout(own.offset, shape, broadcast_strides(inner, shape), own.dtype)
    return base.make(values._storage, values._handle, spread)


def _refuse(view: Layout, host: Any, values: Layout) -> None:
    """Raise what NumPy says of values that do not fit a selection."""
    np.empty(view.shape, np.uint8)[host] = np.broadcast_to(np.uint8(0), values.shape)
    raise Unrecordable("the values do not fit what is selected")


# Masks


def _whole_mask(view: Layout, key: Any) -> Any:
    """The one mask that the key is, if it covers the first axes of `view`."""
    if type(key) is tuple and len(key) == 1:
        (key,) = key
    if not isinstance(key, (ArrayBase, np.ndarray)):
        return None
    found = key._layout if isinstance(key, ArrayBase) else key
    fits = found.dtype == B1 and found.ndim and found.shape == view.shape[: found.ndim]
    return key if fits else None


def _fill_masked(array: ArrayBase, mask: Any, value: Any) -> bool:
    """Record the assignment of one value, or one per place behind the mask, without counting what
    is masked; False if there may be a value for each masked place."""
    view = array._layout
    behind = view.ndim - (mask._layout.ndim if isinstance(mask, ArrayBase) else mask.ndim)
    shape = value._layout.shape if isinstance(value, ArrayBase) else np.shape(value)
    if shape == (1,) and not behind:
        value = value.reshape(()) if isinstance(value, ArrayBase) else np.asarray(value)[0]
        shape = ()
    if len(shape) > behind or view.dtype not in DEVICE_DTYPES or not view.size:
        return False
    if any(n not in (1, wanted) for n, wanted in zip(shape[::-1], view.shape[::-1], strict=False)):
        return False
    device = array._storage.device
    where = dispatch.held(mask, device)
    if behind:
        own = where._layout
        spread = layout(own.offset, (*own.shape, *[1] * behind), (*own.strides, *[0] * behind), B1)
        where = base.make(where._storage, where._handle, spread)
    values = as_values(value, view.dtype, device)
    if isinstance(values, (int, float)) and ops.resolve(ops.WHERE, B1, view.dtype, view.dtype):
        values = view.dtype.type(values)
    dispatch.elementwise(ops.WHERE, (where, values, array), out=array)
    return True
