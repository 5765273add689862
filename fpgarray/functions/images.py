"""Images: resizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fpgarray import dispatch, host_access, ops
from fpgarray.array import FPGAArray
from fpgarray.base import Unrecordable, adopt
from fpgarray.fallback import fallback
from fpgarray.resampling import METHODS, resample

CHANNELS = 4


def resize(a: Any, new_shape: int | Sequence[int], method: str | None = None) -> FPGAArray:
    """An image in another size; without `method`, `numpy.resize` (repeats `a` to fill the shape).

    a : image, (H, W) or (H, W, C) with 1 to 4 channels; uint8, float32 or float64. What is no
        FPGAArray is copied to the first device.
    new_shape : (h, w)
    method : "bilinear" samples output pixel i at (i + 1/2) H/h - 1/2, clamped to the image (OpenCV's
        INTER_LINEAR; enlarging, or shrinking to half at most); "area" is the mean of what output
        pixel i covers, [i, i + 1) H/h (INTER_AREA; shrinking without aliasing).

    Returns (h, w) or (h, w, C) in the image's dtype; uint8 is rounded to nearest, ties to even. One
    launch; other dtypes, and rows longer than the kernel holds, are resized by the same operations
    in NumPy. Raises ValueError and TypeError, naming what was found.
    """
    if method is None:
        return np.resize(a if isinstance(a, FPGAArray) else _ours(a), new_shape)
    image = a if isinstance(a, FPGAArray) else _ours(a)
    shape = _checked(image, new_shape, method)
    try:
        if image.dtype not in _DTYPES:
            raise Unrecordable(f"no kernel to resize {image.dtype}")
        return dispatch.call(ops.RESIZE, (image,), shape, image.dtype, {"method": method})
    except Unrecordable as refused:
        arguments = (image, shape, method)
        return fallback("resize", str(refused), _resized, arguments, {})


_DTYPES = frozenset({np.dtype("u1"), np.dtype("f4"), np.dtype("f8")})


def _ours(value: Any) -> FPGAArray:
    return adopt(np.asarray(value), host_access.device_of(None))


def _resized(image: np.ndarray, shape: tuple[int, ...], method: str) -> np.ndarray:
    """The reference, for what the kernel does not take; computed in f8 unless that is narrower."""
    work = image if image.dtype in _DTYPES else image.astype(np.result_type(image.dtype, "f4"))
    done = resample(work, np.empty(shape, work.dtype), method)
    if done.dtype != image.dtype and image.dtype.kind in "iu":
        done = np.rint(done)
    return done.astype(image.dtype)


def _checked(image: FPGAArray, new_shape: Any, method: str) -> tuple[int, ...]:
    """The result's shape, or an error that says what is wrong."""
    if method not in METHODS:
        raise ValueError(f"method={method!r}: expected one of {', '.join(map(repr, METHODS))}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and not 1 <= image.shape[2] <= CHANNELS):
        raise ValueError(
            f"an image is (H, W) or (H, W, C) with 1 to {CHANNELS} channels; "
            f"this array has the shape {image.shape}"
        )
    if image.dtype.kind not in "iuf":
        raise TypeError(f"an image of {image.dtype} cannot be resized; convert it with astype")
    try:
        height, width = (int(n) for n in new_shape)
    except (TypeError, ValueError):
        raise ValueError(f"new_shape={new_shape!r}: expected (height, width)") from None
    if height < 1 or width < 1 or not image.size:
        raise ValueError(f"cannot resize {image.shape} to {(height, width)}: no pixels")
    return (height, width, *image.shape[2:])
