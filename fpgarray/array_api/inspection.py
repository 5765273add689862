"""`__array_namespace_info__`: what the namespace offers, on which devices."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import host_access
from fpgarray.array_api import data_types
from fpgarray.device import Device, devices


class Info:
    """The inspection functions of the standard. Every device offers the same data types."""

    def capabilities(self) -> dict[str, Any]:
        """What the standard leaves open: we do all of it, up to NumPy's 64 axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> Device:
        """Where new arrays live unless device= says otherwise: the first device."""
        return host_access.default_device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype]:
        """Kind → data type that new arrays of this kind have."""
        host_access.device_of(device)
        return {
            "real floating": data_types.float64,
            "complex floating": data_types.complex128,
            "integral": np.dtype(np.intp),
            "indexing": np.dtype(np.intp),
        }

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype]:
        """Name → data type: all of them, or those of a kind or of a tuple of kinds."""
        host_access.device_of(device)
        if kind is None:
            kind = ("bool", "numeric")
        kinds = kind if isinstance(kind, tuple) else (kind,)
        unknown = [each for each in kinds if each not in data_types.KINDS]
        if unknown:
            raise ValueError(f"kind={unknown[0]!r}: expected one of {', '.join(data_types.KINDS)}")
        return {dtype.name: dtype for each in kinds for dtype in data_types.KINDS[each]}

    def devices(self) -> tuple[Device, ...]:
        """All devices, in order; each may be given as device=."""
        return tuple(devices())


def __array_namespace_info__() -> Info:
    """The inspection functions: capabilities, default_device, default_dtypes, dtypes, devices."""
    return Info()
