"""Cumulative folds along one axis: array functions and `ufunc.accumulate`."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import dispatch, ops
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import implements
from fpgarray.ops import DEVICE_DTYPES, Op


def scan(op: Op, array: Any, axis: Any, dtype: Any, out: Any) -> Any:
    """Record a cumulative fold of `array` along `axis` (None: of the flattened array)."""
    if not isinstance(array, FPGAArray):
        raise Unrecordable("the array to accumulate is not the first argument")
    if out is not None and not isinstance(out, ArrayBase):
        raise Unrecordable("out= is an ndarray")
    kind = _result_dtype(op, array.dtype, dtype)
    if axis is None:
        array, axis = array.ravel(), 0
    if type(axis) is not int or not -array.ndim <= axis < array.ndim:
        raise Unrecordable("the axis is not valid")
    params = {"axis": axis % array.ndim}
    target = array._layout.fresh_as(kind)
    return dispatch.call(op, (array,), array.shape, kind, params, out, target)


def _result_dtype(op: Op, source: np.dtype, dtype: Any) -> np.dtype:
    """What NumPy accumulates in and gives: small integers widen as they do in a sum."""
    assert op.ufunc is not None
    if source not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for {op.name} of {source}")
    kind = op.ufunc.accumulate(np.zeros(1, source)).dtype if dtype is None else np.dtype(dtype)
    if kind not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for {op.name} of {source} in {kind}")
    return kind


def _accumulate(op: Op) -> None:
    """Register `ufunc.accumulate`, whose axis is the first one unless given."""

    def implementation(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        return scan(op, array, axis, dtype, dispatch.single_out(out))

    assert op.ufunc is not None
    dispatch.implements_ufunc(op.ufunc, "accumulate")(implementation)


for _op in ops.SCANS.values():
    _accumulate(_op)


@implements(np.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.cumsum`."""
    return scan(ops.CUMSUM, a, axis, dtype, out)


@implements(np.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """As `numpy.cumprod`."""
    return scan(ops.CUMPROD, a, axis, dtype, out)
