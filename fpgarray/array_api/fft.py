"""The `fft` extension. norm: "backward" scales the inverse, "forward" the transform, "ortho" both.

Real functions take real floating-point arrays, the others complex ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import base, host_access
from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays, beyond, own


def fft(
    x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> FPGAArray:
    """The discrete Fourier transform along `axis`, of `n` points (cut or padded with zeros)."""
    return arrays(np.fft.fft(own("fft", x), n=n, axis=axis, norm=norm), x.device)


def ifft(
    x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> FPGAArray:
    """The inverse of `fft`."""
    return arrays(np.fft.ifft(own("ifft", x), n=n, axis=axis, norm=norm), x.device)


def rfft(
    x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> FPGAArray:
    """The discrete Fourier transform of real values: its `n // 2 + 1` first coefficients."""
    return arrays(np.fft.rfft(own("rfft", x), n=n, axis=axis, norm=norm), x.device)


def irfft(
    x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> FPGAArray:
    """The inverse of `rfft`: `n` real values (an even number by default)."""
    return arrays(np.fft.irfft(own("irfft", x), n=n, axis=axis, norm=norm), x.device)


def hfft(
    x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> FPGAArray:
    """The transform of a signal that is Hermitian-symmetric: `n` real coefficients."""
    return arrays(np.fft.hfft(own("hfft", x), n=n, axis=axis, norm=norm), x.device)


def ihfft(
    x: FPGAArray, /, *, n: int | None = None, axis: int = -1, norm: str = "backward"
) -> FPGAArray:
    """The inverse of `hfft`."""
    return arrays(np.fft.ihfft(own("ihfft", x), n=n, axis=axis, norm=norm), x.device)


def fftn(x: FPGAArray, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> FPGAArray:
    """The transform along several `axes` (all by default), of `s` points each."""
    return arrays(np.fft.fftn(own("fftn", x), s=s, axes=axes, norm=norm), x.device)


def ifftn(x: FPGAArray, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> FPGAArray:
    """The inverse of `fftn`."""
    return arrays(np.fft.ifftn(own("ifftn", x), s=s, axes=axes, norm=norm), x.device)


def rfftn(x: FPGAArray, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> FPGAArray:
    """The transform of real values along several `axes`; `rfft` along the last of them."""
    return arrays(np.fft.rfftn(own("rfftn", x), s=s, axes=axes, norm=norm), x.device)


def irfftn(
    x: FPGAArray, /, *, s: Any = None, axes: Any = None, norm: str = "backward"
) -> FPGAArray:
    """The inverse of `rfftn`: real values."""
    return arrays(np.fft.irfftn(own("irfftn", x), s=s, axes=axes, norm=norm), x.device)


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
