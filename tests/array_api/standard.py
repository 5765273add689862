"""`fpgarray.array_api` beside `array_api_strict`, the consortium's reading of edition 2025.12.

What there is to compare, and how answers are compared.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

strict = pytest.importorskip("array_api_strict", reason="pip install fpgarray[test]")
xp = fa.array_api

THEIR_OWN = {
    "ArrayAPIStrictFlags",
    "Device",
    "__version__",
    "get_array_api_strict_flags",
    "reset_array_api_strict_flags",
    "set_array_api_strict_flags",
}
"""Names of array_api_strict that the standard does not have."""

NAMES = {
    "": sorted(set(strict.__all__) - THEIR_OWN),
    "linalg": sorted({*strict.linalg.__all__, "eig", "eigvals"}),  # which it forgets to export
    "fft": sorted(strict.fft.__all__),
}
ALL = [(part, name) for part, names in NAMES.items() for name in names]
FUNCTIONS = [
    (part, name)
    for part, name in ALL
    if inspect.isfunction(getattr(getattr(strict, part) if part else strict, name))
]


def find(namespace: Any, part: str, name: str) -> Any:
    return getattr(getattr(namespace, part) if part else namespace, name)


def plain(value: Any) -> Any:
    """Arrays of either namespace as ndarrays, data types as NumPy's, inside tuples too."""
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    if isinstance(value, fa.FPGAArray) or hasattr(value, "__array_namespace__"):
        return np.from_dlpack(value)
    if type(value).__module__.startswith("array_api_strict") and hasattr(value, "_np_dtype"):
        return np.dtype(value._np_dtype)
    return value


def agree(ours: Any, theirs: Any) -> None:
    """Same structure, shapes and data types; same values, up to the last bits of a function."""
    ours, theirs = plain(ours), plain(theirs)
    if isinstance(theirs, tuple):
        assert isinstance(ours, tuple)
        assert getattr(ours, "_fields", None) == getattr(theirs, "_fields", None)
        assert len(ours) == len(theirs)
        for mine, yours in zip(ours, theirs, strict=True):
            agree(mine, yours)
    elif isinstance(theirs, np.ndarray):
        assert isinstance(ours, np.ndarray)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        single = ours.dtype in (np.float32, np.complex64)
        np.testing.assert_allclose(ours, theirs, rtol=1e-5 if single else 1e-12)
    else:
        assert ours == theirs
        assert type(ours) is type(theirs) or isinstance(theirs, np.dtype)


def parameters(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults; array_api_strict gives later editions' parameters an `Undef`."""
    return [
        (each.name, each.kind, None if type(each.default).__name__ == "Undef" else each.default)
        for each in inspect.signature(function).parameters.values()
    ]
