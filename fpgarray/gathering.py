"""What the `take` kernel is told of a selection: views of one shape in units, joined axes.

Pure. Owns that part of kernels/PROGRAM.md, "Calls". Knows layouts and what selections are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd
from typing import Any

import numpy as np

from fpgarray.layout import Layout, broadcast_strides, layout

_UNITS = {1: np.dtype("u1"), 2: np.dtype("u2"), 4: np.dtype("u4"), 8: np.dtype("u8")}
SCATTERS, SCALAR = 1, 2
MODES = {"raise": 0, "wrap": 4, "clip": 8}
"""Flags of the call's first number."""


def told(views: Sequence[Layout], scatters: bool, params: Mapping[str, Any]) -> list[Layout]:
    """The operands' views in units, all of one shape, its axes joined where that is possible.

    `views`: source, index arrays, values if there are any, result (or the source again).
    """
    source, *rest = views
    count = len(params["axes"])
    indices, values = rest[:count], rest[count]
    scalar = scatters and len(rest) == count + 1
    shape = selected_shape(source, indices, params) if scatters else values.shape
    rows = [_source_strides(source, shape, indices, params)]
    rows += [_index_strides(index, shape, source, indices, params) for index in indices]
    if not scalar:
        rows.append(broadcast_strides(values, shape))
    unit = _unit(source, [rows[0], *([] if scalar else [rows[-1]])], [] if scalar else [values])
    extents = list(shape)
    if unit != source.itemsize:
        extents.append(source.itemsize // unit)
        wide = {0, len(rows) - 1} - ({len(rows) - 1} if scalar else set())
        rows = [(*row, unit if k in wide else 0) for k, row in enumerate(rows)]
    if not extents:  # one element
        extents, rows = [1], [(0,)] * len(rows)
    order = _order(extents, rows, scatters, scalar, _index_axes(shape, indices, params))
    axes = _joined([(extents[a], tuple(row[a] for row in rows)) for a in order])
    kinds = [_UNITS[unit], *[index.dtype for index in indices], _UNITS[unit]]
    offsets = [source.offset, *[index.offset for index in indices], values.offset]
    found = [
        layout(offset, tuple(n for n, _ in axes), tuple(steps[k] for _, steps in axes), kind)
        for k, (offset, kind) in enumerate(zip(offsets[: len(rows)], kinds, strict=False))
    ]
    return [*found, found[0]] if scatters else found


def steps(views: Sequence[Layout], told_: Sequence[Layout], params: Mapping[str, Any]) -> list[int]:
    """Extent and step in units of each index array."""
    source = views[0]
    unit = told_[0].itemsize
    return [n for a in params["axes"] for n in (source.shape[a], source.strides[a] // unit)]


def selected_shape(
    source: Layout, indices: Sequence[Layout], params: Mapping[str, Any]
) -> tuple[int, ...]:
    """The shape that a selection has."""
    if params["along"]:
        axis = params["axes"][0]
        others = (*source.shape[:axis], 1, *source.shape[axis + 1 :])
        return np.broadcast_shapes(others, indices[0].shape)
    lead = np.broadcast_shapes(*(index.shape for index in indices))
    rest = [n for axis, n in enumerate(source.shape) if axis not in params["axes"]]
    place = params["place"]
    return (*rest[:place], *lead, *rest[place:])


def _index_axes(
    shape: tuple[int, ...], indices: Sequence[Layout], params: Mapping[str, Any]
) -> range:
    """The axes of the selection along which an index may vary."""
    if params["along"]:
        return range(len(shape))
    ndim = max(index.ndim for index in indices)
    return range(params["place"], params["place"] + ndim)


def _source_strides(
    source: Layout, shape: tuple[int, ...], indices: Sequence[Layout], params: Mapping[str, Any]
) -> tuple[int, ...]:
    if params["along"]:
        own = broadcast_strides(source, source.shape)
        return tuple(0 if a in params["axes"] else stride for a, stride in enumerate(own))
    own = iter(s for axis, s in enumerate(source.strides) if axis not in params["axes"])
    inner = _index_axes(shape, indices, params)
    return tuple(0 if axis in inner else next(own) for axis in range(len(shape)))


def _index_strides(
    index: Layout,
    shape: tuple[int, ...],
    source: Layout,
    indices: Sequence[Layout],
    params: Mapping[str, Any],
) -> tuple[int, ...]:
    inner = _index_axes(shape, indices, params)
    part = broadcast_strides(index, tuple(shape[axis] for axis in inner))
    return (*[0] * inner.start, *part, *[0] * (len(shape) - inner.stop))


def _unit(source: Layout, rows: Sequence[tuple[int, ...]], others: Sequence[Layout]) -> int:
    """The widest unit that divides items, strides and offsets."""
    divisor = gcd(8, source.itemsize, source.offset, *source.strides)
    for each in others:
        divisor = gcd(divisor, each.offset)
    for row in rows:
        divisor = gcd(divisor, *row)
    return divisor & -divisor


def _order(
    extents: Sequence[int],
    rows: Sequence[tuple[int, ...]],
    scatters: bool,
    scalar: bool,
    index_axes: range,
) -> list[int]:
    """The axes of more than one element, outermost first; at least one axis.

    A gather runs along the result. A scatter keeps the order of the index arrays' axes, since the
    last of two values for one element must win, and runs within that along the source.
    """
    axes = [axis for axis, extent in enumerate(extents) if extent != 1]
    if not scatters:
        axes.sort(key=lambda axis: -abs(rows[-1][axis]))
    else:
        ordered = [axis for axis in axes if axis in index_axes]
        others = [axis for axis in axes if axis not in index_axes]
        others.sort(key=lambda axis: -abs(rows[0][axis]))
        axes = ordered + others
    return axes or [0]


def _joined(
    axes: Sequence[tuple[int, tuple[int, ...]]],
) -> list[tuple[int, tuple[int, ...]]]:
    """Axes, outer first; runs that every operand walks in one stride are one."""
    joined: list[tuple[int, tuple[int, ...]]] = []
    for extent, steps_ in axes:
        if joined and joined[-1][1] == tuple(step * extent for step in steps_):
            joined[-1] = (joined[-1][0] * extent, steps_)
        else:
            joined.append((extent, steps_))
    return joined
