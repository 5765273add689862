"""The `fft` extension. norm: "backward" scales the inverse, "forward" the transform, "ortho" both.

Real functions take real floating-point arrays, the others complex ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import base, host_access
from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays, beyond, named, own

Transform = Callable[..., FPGAArray]


def _along_one(name: str, numpy: Callable[..., Any], text: str) -> Transform:
    def function(
        x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
    ) -> FPGAArray:
        return arrays(numpy(own(name, x), n=n, axis=axis, norm=norm), x.device)

    return named(function, name, text)


def _along_many(name: str, numpy: Callable[..., Any], text: str) -> Transform:
    def function(
        x: FPGAArray, /, *, s: Any = None, axes: Any = None, norm: str = "backward"
    ) -> FPGAArray:
        return arrays(numpy(own(name, x), s=s, axes=axes, norm=norm), x.device)

    return named(function, name, text)


fft = _along_one(
    "fft",
    np.fft.fft,
    "The discrete Fourier transform along `axis`, of `n` points (cut or padded with zeros).",
)
ifft = _along_one("ifft", np.fft.ifft, "The inverse of `fft`.")
rfft = _along_one(
    "rfft",
    np.fft.rfft,
    "The transform of real values: the first `n // 2 + 1` coefficients of `fft`.",
)
irfft = _along_one(
    "irfft", np.fft.irfft, "The inverse of `rfft`: `n` real values (by default an even number)."
)
hfft = _along_one(
    "hfft",
    np.fft.hfft,
    "The transform of a signal that is Hermitian-symmetric: `n` real coefficients.",
)
ihfft = _along_one("ihfft", np.fft.ihfft, "The inverse of `hfft`.")

fftn = _along_many(
    "fftn", np.fft.fftn, "The transform along several `axes` (all by default), of `s` points each."
)
ifftn = _along_many("ifftn", np.fft.ifftn, "The inverse of `fftn`.")
rfftn = _along_many(
    "rfftn",
    np.fft.rfftn,
    "The transform of real values along several `axes`; `rfft` along the last of them.",
)
irfftn = _along_many("irfftn", np.fft.irfftn, "The inverse of `rfftn`: real values.")


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> FPGAArray:
    """The frequencies of the coefficients of `fft` of `n` points, `d` apart, in cycles per unit."""
    return _frequencies(np.fft.fftfreq(n, d), dtype, device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> FPGAArray:
    """The frequencies of the coefficients of `rfft` of `n` points, `d` apart."""
    return _frequencies(np.fft.rfftfreq(n, d), dtype, device)


def _frequencies(plain: np.ndarray, dtype: Any, device: Any) -> FPGAArray:
    """`plain` as `dtype`. ValueError: that is no real floating-point data type."""
    if dtype is not None and not np.isdtype(np.dtype(dtype), "real floating"):
        raise ValueError(f"dtype={dtype}: frequencies are real floating-point numbers")
    return base.adopt(plain.astype(dtype or plain.dtype), host_access.device_of(device))


def fftshift(x: FPGAArray, /, *, axes: Any = None) -> FPGAArray:
    """The coefficients with frequency zero moved from the start to the middle of `axes`."""
    return arrays(np.fft.fftshift(own("fftshift", x), axes=axes), x.device)


def ifftshift(x: FPGAArray, /, *, axes: Any = None) -> FPGAArray:
    """The inverse of `fftshift`."""
    return arrays(np.fft.ifftshift(own("ifftshift", x), axes=axes), x.device)


__getattr__ = beyond(np.fft)

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]
