"""Selections: gathering and scattering by index arrays, as they are recorded.

Pure. Owns what a recorded selection is and what it means in NumPy. A selection has an array, up to
`INDICES` index arrays and, where values are put, values. Its parameters:

`axes`: the axes of the array that the index arrays stand for, in order, increasing. `place`: where
among the result's axes those of the index arrays begin. `along`: each index selects along its own
line instead (`numpy.take_along_axis`; one index array). `mode`: "raise" (checked when recorded),
"wrap" or "clip".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MODES = ("raise", "wrap", "clip")
INDICES = 3
"""Index arrays of a selection, at most."""


def key_of(ndim: int, indices: Sequence[Any], params: Mapping[str, Any]) -> tuple[Any, ...]:
    """The NumPy key of a selection that is not `along`; its mode is applied by `_resolved`."""
    key: list[Any] = [slice(None)] * ndim
    for axis, index in zip(params["axes"], indices, strict=True):
        key[axis] = index
    return tuple(key)


def _resolved(source: np.ndarray, indices: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
    """The index arrays as mode "raise" takes them."""
    extents = [source.shape[axis] for axis in params["axes"]]
    if params["mode"] == "wrap":
        return [index % extent for index, extent in zip(indices, extents, strict=True)]
    if params["mode"] == "clip":
        return [index.clip(0, extent - 1) for index, extent in zip(indices, extents, strict=True)]
    return list(indices)


def natural_place(axes: Sequence[int]) -> int:
    """Where NumPy puts the axes of index arrays at `axes`, if nothing else is indexed."""
    return axes[0] if axes[-1] - axes[0] == len(axes) - 1 else 0


def take(source: np.ndarray, *indices: np.ndarray, out: np.ndarray, **params: Any) -> None:
    """Gather in NumPy."""
    indices = tuple(_resolved(source, indices, params))
    if params["along"]:
        out[...] = np.take_along_axis(source, indices[0], params["axes"][0])
        return
    found = source[key_of(source.ndim, indices, params)]
    out[...] = np.moveaxis(found, *_places(indices, params)) if found.ndim else found


def put(source: np.ndarray, *operands: Any, out: np.ndarray, **params: Any) -> None:
    """Scatter the last of `operands` in NumPy."""
    *indices, values = operands
    indices = _resolved(source, indices, params)
    out[...] = source
    if params["along"]:
        np.put_along_axis(out, indices[0], values, params["axes"][0])
        return
    there, here = _places(indices, params)
    moved = np.moveaxis(values, here, there) if np.ndim(values) else values
    out[key_of(out.ndim, indices, params)] = moved


def _places(
    indices: Sequence[np.ndarray], params: Mapping[str, Any]
) -> tuple[list[int], list[int]]:
    """Axes of the index arrays in what NumPy gives, and in the selection's result."""
    ndim = max(index.ndim for index in indices)
    natural, place = natural_place(params["axes"]), params["place"]
    return [natural + k for k in range(ndim)], [place + k for k in range(ndim)]
