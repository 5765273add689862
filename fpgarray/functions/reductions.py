"""Array functions that reduce: they end at the methods of FPGAArray."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray.base import Unrecordable
from fpgarray.dispatch import FUNCTIONS, implements


def _given(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Only what the caller gave."""
    return {name: value for name, value in kwargs.items() if value is not np._NoValue}


def _ours(array: Any) -> Any:
    if not hasattr(array, "_storage"):
        raise Unrecordable("the array to reduce is not the first argument")
    return array


@implements(np.sum)
def sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.sum`."""
    return _ours(a).sum(axis, dtype, out, **_given(more))


@implements(np.min)
def min(a: Any, axis: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.min`."""
    return _ours(a).min(axis, out, **_given(more))


@implements(np.max)
def max(a: Any, axis: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.max`."""
    return _ours(a).max(axis, out, **_given(more))


@implements(np.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.mean`."""
    return _ours(a).mean(axis, dtype, out, **_given(more))


FUNCTIONS[np.amin] = min
FUNCTIONS[np.amax] = max
