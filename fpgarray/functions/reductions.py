"""Array functions that reduce: they end at the methods of FPGAArray."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import folds
from fpgarray.base import Unrecordable
from fpgarray.dispatch import FUNCTIONS, implements
from fpgarray.ops import DEVICE_DTYPES


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


@implements(np.prod)
def prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.prod`."""
    return _ours(a).prod(axis, dtype, out, **_given(more))


@implements(np.any)
def any(a: Any, axis: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.any`."""
    return _ours(a).any(axis, out, **_given(more))


@implements(np.all)
def all(a: Any, axis: Any = None, out: Any = None, **more: Any) -> Any:
    """As `numpy.all`."""
    return _ours(a).all(axis, out, **_given(more))


@implements(np.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **more: Any
) -> Any:
    """As `numpy.var`."""
    return _ours(a).var(axis, dtype, out, *_ddof(ddof, more), **_given(more))


@implements(np.std)
def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, **more: Any
) -> Any:
    """As `numpy.std`."""
    return _ours(a).std(axis, dtype, out, *_ddof(ddof, more), **_given(more))


def _ddof(ddof: Any, more: dict[str, Any]) -> tuple[Any]:
    """`correction`, the standard's name of ddof, taken out of `more`."""
    correction = more.get("correction", np._NoValue)
    if correction is np._NoValue:
        return (ddof,)
    if type(ddof) is not int or ddof != 0:
        raise Unrecordable("ddof and correction")  # NumPy raises
    del more["correction"]
    return (correction,)


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = np._NoValue) -> Any:
    """As `numpy.ptp`."""
    return folds.ptp(_ours(a), axis, out, keepdims is not np._NoValue and keepdims)


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """As `numpy.count_nonzero`."""
    return folds.count_nonzero(_ours(a), axis, keepdims)


@implements(np.average)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = False, **more: Any
) -> Any:
    """As `numpy.average`; with weights, whose sum must be looked at, in NumPy."""
    if weights is not None or returned:
        raise Unrecordable("no kernel for weighted averages")
    if _ours(a).dtype not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for the average of {a.dtype}")
    if not a.size:
        raise Unrecordable("an average of no elements")
    return a.mean(axis, **_given(more))


FUNCTIONS[np.amin] = min
FUNCTIONS[np.amax] = max
