"""What resizing an image means, in NumPy: the reference of the resize kernel, bit by bit. Pure.

kernels/src/resize.cpp does the same operations in the same order; a change of either is a change of
both. Weights are computed in f8 and rounded to the dtype computed in (f4 for uint8).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

METHODS = ("bilinear", "area")


class Taps(NamedTuple):
    """For each output position: the first input position, how many, and their weights.

    The first position weighs `first`, the last one `last`, those between them `middle`.
    """

    start: np.ndarray
    count: np.ndarray
    first: np.ndarray
    middle: float
    last: np.ndarray


def bilinear_taps(size: int, new_size: int) -> Taps:
    """Output i samples at (i + 1/2) size / new_size - 1/2, clamped to the image."""
    at = (np.arange(new_size) + 0.5) * (size / new_size) - 0.5
    floor = np.floor(at)
    start = np.clip(floor, 0, size - 1).astype(np.int64)
    weight = np.where((floor < 0) | (floor >= size - 1), 0.0, at - floor)
    return Taps(start, np.where(weight == 0, 1, 2), np.zeros(new_size), 0.0, weight)


def area_taps(size: int, new_size: int) -> Taps:
    """Output i is the mean over [i, i + 1) size / new_size; pixels partly inside weigh their part."""
    scale = size / new_size
    index = np.arange(new_size)
    begin, end = index * scale, np.minimum((index + 1) * scale, size)
    start, stop = begin.astype(np.int64), np.ceil(end).astype(np.int64)
    first = (np.minimum(start + 1.0, end) - begin) / scale
    count = stop - start
    return Taps(
        start, count, np.where(count == 1, 1.0, first), 1.0 / scale, (end - (stop - 1.0)) / scale
    )


def resample(image: np.ndarray, out: np.ndarray, method: str) -> np.ndarray:
    """Write `image` (H, W) or (H, W, C) into `out` (h, w) or (h, w, C); both of one dtype."""
    work = np.dtype("f4") if image.dtype == np.uint8 else image.dtype
    along = _blend if method == "bilinear" else _mean
    taps = bilinear_taps if method == "bilinear" else area_taps
    with np.errstate(all="ignore"):
        rows = along(image.astype(work), taps(image.shape[0], out.shape[0]), 0)
        done = along(rows, taps(image.shape[1], out.shape[1]), 1)
        out[...] = np.rint(done) if image.dtype == np.uint8 else done
    return out


def _blend(image: np.ndarray, taps: Taps, axis: int) -> np.ndarray:
    near = np.take(image, taps.start, axis)
    far = np.take(image, np.minimum(taps.start + 1, image.shape[axis] - 1), axis)
    weight = _along(taps.last.astype(image.dtype), image.ndim, axis)
    single = _along(taps.count == 1, image.ndim, axis)
    return np.where(single, near, near * (1 - weight) + far * weight)


def _mean(image: np.ndarray, taps: Taps, axis: int) -> np.ndarray:
    total = np.take(image, taps.start, axis) * _along(
        taps.first.astype(image.dtype), image.ndim, axis
    )
    for j in range(1, int(taps.count.max())):
        inside = _along(j < taps.count, image.ndim, axis)
        weight = np.where(j + 1 == taps.count, taps.last, taps.middle).astype(image.dtype)
        position = np.minimum(taps.start + j, image.shape[axis] - 1)
        term = np.take(image, position, axis) * _along(weight, image.ndim, axis)
        total = np.where(inside, total + term, total)
    return total


def _along(values: np.ndarray, ndim: int, axis: int) -> np.ndarray:
    """`values` shaped to broadcast along `axis` of an array of `ndim` axes."""
    return values.reshape([-1 if each == axis else 1 for each in range(ndim)])
