"""Reductions as recorded operations: folds along axes, and what NumPy composes of them.

Owns `ufunc.reduce` and the recipes of mean, var, std and ptp, step by step as NumPy's own. Knows
arrays as `ArrayBase`; whatever cannot be expressed raises `Unrecordable`, and NumPy does it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import dispatch, ops, promptly
from fpgarray.base import ArrayBase, Unrecordable, caller
from fpgarray.config import current_policy
from fpgarray.device import Device
from fpgarray.dispatch import assign, broadcast_to, copy_of, elementwise, fresh
from fpgarray.layout import Layout, fold_layout, result_layout
from fpgarray.ops import B1, DEVICE_DTYPES, F4, F8, FLOATS, I8, Op
from fpgarray.tape import Node

_COMBINE = {
    ops.SUM: ops.ADD,
    ops.PROD: ops.MULTIPLY,
    ops.MIN: ops.MINIMUM,
    ops.MAX: ops.MAXIMUM,
    ops.ANY: ops.LOGICAL_OR,
    ops.ALL: ops.LOGICAL_AND,
}
"""What brings `initial` into the result of a fold."""


def fold(
    op: Op,
    array: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> ArrayBase:
    """Record `ufunc.reduce` of one array. Unrecordable when NumPy must do it (or report it)."""
    if not isinstance(array, ArrayBase) or not (out is None or isinstance(out, ArrayBase)):
        raise Unrecordable(f"no kernel for {op.name} with these arguments")
    if out is None and dtype is None and initial is np._NoValue and where is True:
        made = promptly.fold(op, array, axis, bool(keepdims))
        if made is not None:
            return made
    kind = as_dtype(dtype)
    model = array._layout
    if op in (ops.ANY, ops.ALL) and array._layout.dtype != B1:
        array = elementwise(ops.NOT_EQUAL, (array, 0))
    mask = None
    if where is not True:
        where = _condition(where, array)
        mask = where._layout if isinstance(where, ArrayBase) else None
        array = _masked(op, array, where, initial)
    if initial is np._NoValue:
        return _fold(op, array, axis, kind, out, bool(keepdims), model, mask)
    result = _fold(op, array, axis, kind, None, bool(keepdims), model, mask, initial)
    number = _initial(initial, result._layout.dtype)
    if not array._layout.size:
        return _deliver(result, out)
    return _same_dtype(elementwise(_COMBINE[op], (result, number), out), result)


def as_dtype(dtype: Any) -> np.dtype | None:
    """A dtype argument; None if not given. What is no dtype is NumPy's to report."""
    try:
        return None if dtype is None or dtype is np._NoValue else np.dtype(dtype)
    except TypeError:
        raise Unrecordable("the dtype is not valid") from None


def _masked(op: Op, array: ArrayBase, where: Any, initial: Any) -> ArrayBase:
    """The array with what changes no result where the mask is false."""
    identity = op.identity if op.identity is not None else initial
    dtype = array._layout.dtype
    if identity is np._NoValue or dtype not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for {op.name} with where=")
    masked = elementwise(ops.WHERE, (where, array, _initial(identity, dtype)))
    if masked._layout.shape != array._layout.shape:
        raise Unrecordable("where= does not broadcast to the array")
    return _same_dtype(masked, array)


def _condition(where: Any, array: ArrayBase) -> Any:
    mask = dispatch.capture(where, array._storage.device)
    if not isinstance(mask, ArrayBase) or mask._layout.dtype != B1:
        raise Unrecordable("where= is no array of bools")
    return mask


def _initial(value: Any, dtype: np.dtype) -> Any:
    """A Python number that `dtype` holds without a cast that NumPy might have a view on."""
    if dtype == B1 and value in (0, 1):
        return bool(value)
    if type(value) is not int and not (type(value) is float and dtype in FLOATS):
        raise Unrecordable("no kernel for this initial=")
    return value


def _same_dtype(result: ArrayBase, model: ArrayBase) -> ArrayBase:
    if result._layout.dtype != model._layout.dtype:
        raise Unrecordable("the types are not the fold's own")
    return result


def _fold(
    op: Op,
    array: ArrayBase,
    axis: Any,
    kind: np.dtype | None,
    out: ArrayBase | None,
    keepdims: bool,
    model: Layout,
    mask: Layout | None = None,
    initial: Any = np._NoValue,
) -> ArrayBase:
    """The fold itself, with the axes of its result in the order that folding `model` gives them
    (under `mask`, the layout of where=).
    `initial` is only what a fold of nothing gives."""
    view, device = array._layout, array._storage.device
    loop = ops.resolve_fold(op, view.dtype, kind)
    if loop is None:
        raise Unrecordable(f"no kernel for {op.name} on {view.dtype}")
    axes = _axes(axis, view.ndim)
    device.tape.nbytes += view.nbytes  # held until the run, if by nobody else
    target = fold_layout(model, axes, keepdims, loop.result, mask)
    _check_out(out, target)
    if not view.size:
        return _nothing(op, target, device, out, initial)
    direct = out is not None and out._storage.device is device
    if direct and not dispatch.overlaps((array._storage, view), out):
        result = out
    else:
        result = fresh(target, device)
    code, lasti = caller()
    sources = (array._storage, view)
    storage, policy = result._storage, current_policy()
    dispatch.append(
        Node(op, loop.compute, sources, storage, result._layout, policy, code, lasti, axes)
    )
    return _deliver(result, out)


def _check_out(out: ArrayBase | None, target: Layout) -> None:
    if out is None:
        return
    dispatch.check_out(out, target.dtype, "same_kind")
    if out._layout.shape != target.shape or out._layout.dtype != target.dtype:
        raise Unrecordable("out= has another shape or dtype")


def _deliver(result: ArrayBase, out: ArrayBase | None) -> ArrayBase:
    """The result, copied into `out` unless it is there or none is asked for."""
    if out is None or result is out:
        return result
    if out._storage.device is not result._storage.device:
        return dispatch.to_other_device(result, out)
    assign(out, result)
    return out


def _nothing(
    op: Op, target: Layout, device: Device, out: ArrayBase | None, initial: Any
) -> ArrayBase:
    """A fold of no elements: `initial` or the identity."""
    value = op.identity if initial is np._NoValue else initial
    if value is None:
        raise Unrecordable("a reduction of no elements")
    result = fresh(target, device)
    assign(result, target.dtype.type(_initial(value, target.dtype)).item())
    return _deliver(result, out)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, list):
        raise Unrecordable("the axes are not valid")
    try:
        return np.lib.array_utils.normalize_axis_tuple(axis, ndim)
    except (TypeError, ValueError):
        raise Unrecordable("the axes are not valid") from None


def _register(op: Op) -> None:
    """Register `ufunc.reduce`, whose axis is the first one unless given."""

    def reduce(
        array: Any,
        axis: Any = 0,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = np._NoValue,
        where: Any = True,
    ) -> ArrayBase:
        return fold(op, array, axis, dtype, dispatch.single_out(out), keepdims, initial, where)

    assert op.ufunc is not None
    dispatch.implements_ufunc(op.ufunc, "reduce")(reduce)


for _op in ops.FOLDS.values():
    _register(_op)


# Compositions


def _float_dtype(array: ArrayBase, dtype: Any) -> np.dtype:
    """What means are computed in: the array's floats, f8 for integers and bools, or as asked."""
    kind = as_dtype(dtype)
    own = array._layout.dtype
    kind = kind or (own if own in FLOATS else F8)
    if kind not in FLOATS or own not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for a mean of {own} in {kind}")
    return kind


def _total(array: ArrayBase, axis: Any, kind: np.dtype, keepdims: bool) -> ArrayBase:
    """The sum that a mean divides: exact for integers of which no sum exceeds 64 bits."""
    exact = kind == F8 and array._layout.dtype not in (*FLOATS, I8)
    return fold(ops.SUM, array, axis, I8 if exact else kind, None, keepdims)


def _count(array: ArrayBase, total: ArrayBase) -> int:
    """Elements folded into each element of `total`."""
    if not array._layout.size:
        raise Unrecordable("a mean of no elements")
    return array._layout.size // total._layout.size


def mean(
    array: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> ArrayBase:
    """Record `numpy.mean`: the sum, divided."""
    if out is None:
        kwargs = {"axis": axis, "dtype": dtype, "keepdims": bool(keepdims)}
        made = promptly.composed(np.mean, array, kwargs)
        if made is not None:
            return made
    kind = _float_dtype(array, dtype)
    total = _total(array, axis, kind, bool(keepdims))
    count = _count(array, total)
    if kind == F4 and count > 1 << 24:
        # NumPy divides by the count in f8: in f4 it would be rounded first.
        return _deliver(copy_of(elementwise(ops.DIVIDE, (total, np.float64(count))), F4), out)
    return _same_dtype_out(elementwise(ops.DIVIDE, (total, count)), out)


def _same_dtype_out(result: ArrayBase, out: ArrayBase | None) -> ArrayBase:
    _check_out(out, result._layout)
    return _deliver(result, out)


def _promptly(
    function: Any, array: ArrayBase, axis: Any, dtype: Any, ddof: Any, keepdims: Any
) -> Any:
    kwargs = {"axis": axis, "dtype": dtype, "ddof": ddof, "keepdims": bool(keepdims)}
    return promptly.composed(function, array, kwargs)


def var(
    array: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
) -> ArrayBase:
    """Record `numpy.var`: the mean of the squared distances from the mean, in two passes."""
    if out is None:
        made = _promptly(np.var, array, axis, dtype, ddof, keepdims)
        if made is not None:
            return made
    kind = _float_dtype(array, dtype)
    total = _total(array, axis, kind, True)
    count = _count(array, total)
    if type(ddof) not in (int, float) or not count - ddof > 0:
        raise Unrecordable("no kernel for this ddof=")
    # Divided where it is subtracted: one launch less, and the same bits.
    middle = elementwise(ops.DIVIDE, (broadcast_to(total, array._layout.shape), count))
    # In memory as NumPy's distances lie, whose order of axes the result inherits.
    order = result_layout((array._layout, total._layout), array._layout.shape, kind)
    distances = fresh(order, array._storage.device) if order.shape else None
    squares = elementwise(ops.SQUARE, (elementwise(ops.SUBTRACT, (array, middle), distances),))
    spread = fold(ops.SUM, squares, axis, kind, None, keepdims)
    return _same_dtype_out(elementwise(ops.DIVIDE, (spread, count - ddof)), out)


def std(
    array: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
) -> ArrayBase:
    """Record `numpy.std`: the root of the variance."""
    if out is None:
        made = _promptly(np.std, array, axis, dtype, ddof, keepdims)
        if made is not None:
            return made
    root = elementwise(ops.SQRT, (var(array, axis, dtype, None, ddof, keepdims),))
    return _same_dtype_out(root, out)


def ptp(array: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> ArrayBase:
    """Record `numpy.ptp`: the maximum less the minimum."""
    ends = [fold(op, array, axis, None, None, keepdims) for op in (ops.MAX, ops.MIN)]
    return _same_dtype_out(elementwise(ops.SUBTRACT, ends), out)


def count_nonzero(array: Any, axis: Any = None, keepdims: Any = False) -> ArrayBase:
    """Record `numpy.count_nonzero`: the sum of what is not zero."""
    if array._layout.dtype not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for count_nonzero of {array._layout.dtype}")
    mask = array if array._layout.dtype == B1 else copy_of(array, B1)
    return fold(ops.SUM, mask, axis, I8, None, keepdims)
