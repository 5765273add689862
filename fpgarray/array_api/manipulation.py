"""Manipulation functions of the standard. Views where memory allows."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays as as_arrays
from fpgarray.array_api.operands import compat, own


def broadcast_arrays(*arrays: FPGAArray) -> tuple[FPGAArray, ...]:
    """The arrays broadcast against one another: views."""
    shape = np.broadcast_shapes(*(own("broadcast_arrays", each).shape for each in arrays))
    return tuple(np.broadcast_to(each, shape) for each in arrays)


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that shapes broadcast to. ValueError: they do not."""
    return np.broadcast_shapes(*shapes)


def broadcast_to(x: FPGAArray, /, shape: tuple[int, ...]) -> FPGAArray:
    """`x` broadcast to `shape`: a view."""
    return np.broadcast_to(own("broadcast_to", x), shape)


def concat(arrays: Any, /, *, axis: int | None = 0) -> FPGAArray:
    """The arrays joined along an axis they have; flattened first if axis is None."""
    device = own("concat", arrays).device
    return as_arrays(np.concatenate(arrays, axis=axis), device)


def expand_dims(x: FPGAArray, /, axis: int | tuple[int, ...]) -> FPGAArray:
    """A view with axes of one element at the positions `axis` of its shape."""
    return np.expand_dims(own("expand_dims", x), axis)


def flip(x: FPGAArray, /, *, axis: int | tuple[int, ...] | None = None) -> FPGAArray:
    """The elements in reverse order along `axis` (all axes by default): a view."""
    return np.flip(own("flip", x), axis)


def moveaxis(x: FPGAArray, source: Any, destination: Any, /) -> FPGAArray:
    """A view with axes moved to other positions, the others in their order."""
    return np.moveaxis(own("moveaxis", x), source, destination)


def permute_dims(x: FPGAArray, /, axes: tuple[int, ...]) -> FPGAArray:
    """A view with all axes permuted."""
    return np.transpose(own("permute_dims", x), axes)


def repeat(x: FPGAArray, repeats: int | FPGAArray, /, *, axis: int | None = None) -> FPGAArray:
    """Each element repeated along `axis` (flattened first by default)."""
    if isinstance(repeats, FPGAArray) and repeats.dtype == np.uint64:
        repeats = repeats.astype(np.int64)  # NumPy counts in these
    return as_arrays(np.repeat(own("repeat", x), repeats, axis=axis), x.device)


def reshape(x: FPGAArray, /, shape: tuple[int, ...], *, copy: bool | None = None) -> FPGAArray:
    """The elements in another shape: a view where memory allows, else a copy.

    copy=True always copies; copy=False raises ValueError where only a copy would do.
    """
    return np.reshape(own("reshape", x), shape, copy=copy)


def roll(x: FPGAArray, /, shift: Any, *, axis: Any = None) -> FPGAArray:
    """The elements shifted along `axis`, those that fall off coming back at the other end."""
    return as_arrays(np.roll(own("roll", x), shift, axis=axis), x.device)


def squeeze(x: FPGAArray, /, axis: int | tuple[int, ...]) -> FPGAArray:
    """A view without these axes of one element. ValueError: one has more."""
    return np.squeeze(own("squeeze", x), axis)


def stack(arrays: Any, /, *, axis: int = 0) -> FPGAArray:
    """The arrays, all of one shape, joined along a new axis."""
    device = own("stack", arrays).device
    return as_arrays(np.stack(arrays, axis=axis), device)


def tile(x: FPGAArray, repetitions: tuple[int, ...], /) -> FPGAArray:
    """The array repeated as tiles along its axes."""
    return as_arrays(np.tile(own("tile", x), repetitions), x.device)


def unstack(x: FPGAArray, /, *, axis: int = 0) -> tuple[FPGAArray, ...]:
    """The slices along `axis`, which they no longer have: views. ValueError: no axes."""
    return as_arrays(compat().unstack(own("unstack", x), axis=axis), x.device)
