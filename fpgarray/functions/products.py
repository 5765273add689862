"""Products that sum: matrices by their kernel, vectors as an elementwise product and its sum."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from fpgarray import dispatch, ops
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import FUNCTIONS, implements, implements_ufunc


def _operands(*values: Any) -> list[FPGAArray]:
    """Arrays on one device, of the dtype NumPy computes their product in."""
    device = dispatch.first_device(values)
    arrays = [dispatch.capture(each, device) for each in values]
    if not all(isinstance(each, ArrayBase) and each.ndim for each in arrays):
        raise Unrecordable("an operand without axes")
    try:
        dtype = np.result_type(*(each.dtype for each in arrays))
    except TypeError:
        raise Unrecordable("no kernel for a product of these types") from None
    held = all(each.dtype in ops.DEVICE_DTYPES for each in arrays)
    if not held or dtype not in ops.DEVICE_DTYPES or dtype.kind not in "fi":
        raise Unrecordable(f"no kernel for a product in {dtype}")
    return [each if each.dtype == dtype else dispatch.copy_of(each, dtype) for each in arrays]


def _sum_of_products(a: FPGAArray, b: FPGAArray, axis: int, out: Any) -> Any:
    """The sum along one axis of an elementwise product: one launch, in the operands' dtype."""
    product = a * b
    if a.dtype.kind == "f":
        return product.sum(axis, out=out)
    total = product.sum(axis)
    if out is not None:
        raise Unrecordable("no kernel for a product of integers with out=")
    return total.astype(a.dtype)


def multiply(a: Any, b: Any, out: Any = None) -> Any:
    """Record `numpy.matmul(a, b, out)`."""
    a, b = _operands(a, b)
    if a.shape[-1] != b.shape[0 if b.ndim == 1 else -2]:
        raise Unrecordable("the matrices do not fit")  # NumPy says how
    if not a.size or not b.size:
        raise Unrecordable("a product of no elements")
    if b.ndim == 1:
        return _in_c_order(_sum_of_products(a, b, -1, out), out)
    if a.ndim == 1:
        return _in_c_order(_sum_of_products(a[:, None], b, -2, out), out)
    if a.shape[-2] == 1 and b.ndim == 2:
        return _with_axis(_sum_of_products(a[..., 0, :, None], b, -2, None), -2, out)
    if b.shape[-1] == 1:
        columns = b[..., None, :, 0]
        return _with_axis(_sum_of_products(a, columns, -1, None), -1, out)
    try:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise Unrecordable("the leading axes do not broadcast") from None
    shape = (*lead, a.shape[-2], b.shape[-1])
    return dispatch.call(ops.MATMUL, (a, b), shape, a.dtype, {}, out)


def _in_c_order(result: Any, out: Any) -> Any:
    """What is not C-contiguous copied so, as NumPy's products lie; an `out` lies as it does."""
    return result if out is not None or result._layout.is_contiguous else result.copy("C")


def _with_axis(result: Any, axis: int, out: Any) -> Any:
    """The result with an axis of one element more, in `out` if there is one."""
    whole = np.expand_dims(_in_c_order(result, None), axis)
    if out is None:
        return whole
    if out.shape != whole.shape:
        raise Unrecordable("out= has another shape")
    out[...] = whole
    return out


@implements_ufunc(np.matmul)
def matmul(a: Any, b: Any, /, out: Any = None, **more: Any) -> Any:
    """As `numpy.matmul`."""
    if more:
        raise Unrecordable(f"no kernel for matmul with {sorted(more)[0]}=")
    return multiply(a, b, dispatch.single_out(out))


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """As `numpy.dot`: a matrix product unless both have three axes or more."""
    if np.ndim(b) > 2:
        raise Unrecordable("no kernel for dot with a second operand of three axes")
    if out is not None:
        raise Unrecordable("no kernel for dot with out=")
    return multiply(a, b)


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """As `numpy.inner`: sums over the last axes of both."""
    a, b = _operands(a, b)
    if b.ndim > 2:
        raise Unrecordable("no kernel for inner with a second operand of three axes")
    return multiply(a, b.T)


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """As `numpy.vdot`, of real arrays."""
    a, b = _operands(a, b)
    return multiply(a.ravel(), b.ravel())


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """As `numpy.tensordot`: both are made matrices, copied where memory does not allow a view."""
    a, b = _operands(a, b)
    over_a, over_b = _contracted(axes, a.ndim, b.ndim)
    if len(over_a) != len(over_b) or any(
        a.shape[i] != b.shape[j] for i, j in zip(over_a, over_b, strict=False)
    ):
        raise Unrecordable("the contracted axes do not fit")
    kept_a = [axis for axis in range(a.ndim) if axis not in over_a]
    kept_b = [axis for axis in range(b.ndim) if axis not in over_b]
    shape = [a.shape[axis] for axis in kept_a] + [b.shape[axis] for axis in kept_b]
    summed = prod(a.shape[axis] for axis in over_a)
    left = a.transpose(*kept_a, *over_a).reshape(prod(shape[: len(kept_a)]), summed)
    right = b.transpose(*over_b, *kept_b).reshape(summed, prod(shape[len(kept_a) :]))
    return multiply(left, right).reshape(shape)


def _contracted(axes: Any, first: int, second: int) -> tuple[list[int], list[int]]:
    """The axes to sum over, as positions in both operands."""
    try:
        if isinstance(axes, int):
            return list(range(first - axes, first)), list(range(axes))
        over_a, over_b = axes
        normalize = np.lib.array_utils.normalize_axis_tuple
        return list(normalize(over_a, first)), list(normalize(over_b, second))
    except (TypeError, ValueError):
        raise Unrecordable("the axes are not valid") from None


@implements_ufunc(np.vecdot)
def vecdot(a: Any, b: Any, /, out: Any = None, axis: int = -1, **more: Any) -> Any:
    """As `numpy.vecdot`, of real arrays."""
    if more or out is not None or type(axis) is not int:
        raise Unrecordable("no kernel for vecdot with these arguments")
    a, b = _operands(a, b)
    if not -min(a.ndim, b.ndim) <= axis < 0 or a.shape[axis] != b.shape[axis]:
        raise Unrecordable("the axes do not fit")
    return _sum_of_products(a, b, axis, None)


for _linalg, _plain in (
    (np.linalg.matmul, multiply),
    (np.linalg.tensordot, tensordot),
):
    FUNCTIONS[_linalg] = _plain
