"""Array functions that round or bound numbers: composed of recorded operations, NumPy's bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray import ops
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import FUNCTIONS, copy_of, elementwise, fresh, implements
from fpgarray.fallback import fallback
from fpgarray.layout import contiguous
from fpgarray.ops import FLOATS, INTEGERS


def _ours(name: str, array: Any, dtypes: tuple[np.dtype, ...] = FLOATS) -> ArrayBase:
    """`array`, if it is one of these dtypes and ours."""
    if not isinstance(array, ArrayBase) or array._layout.dtype not in dtypes:
        raise Unrecordable(f"no kernel for {name} of this argument")
    return array


def _output(out: Any) -> ArrayBase | None:
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    if out is not None and not isinstance(out, ArrayBase):
        raise Unrecordable("out= is an ndarray")
    return out


@implements(np.round)
def round(a: Any, decimals: Any = 0, out: Any = None) -> Any:
    """As `numpy.round`: scaled by a power of ten, rounded to even, scaled back."""
    array, target = _ours("round", a), _output(out)
    if type(decimals) is not int or abs(decimals) > 300:
        raise Unrecordable("no kernel for round with these decimals")
    if decimals == 0:
        return elementwise(ops.RINT, (array,), target)
    up, down = ops.MULTIPLY, ops.DIVIDE
    if decimals < 0:
        up, down = down, up
    view = array._layout
    if target is None and view.ndim > 1 and not view.is_contiguous:
        # Unlike its parts, NumPy's round gives C order, or F for what is F-contiguous.
        order = "F" if view.is_fortran else "C"
        target = fresh(contiguous(view.shape, view.dtype, order), array._storage.device)
    factor = 10.0 ** abs(decimals)
    rounded = elementwise(ops.RINT, (elementwise(up, (array, factor)),))
    return elementwise(down, (rounded, factor), target)


FUNCTIONS[np.around] = round


@implements(np.clip)
def clip(
    a: Any, a_min: Any = np._NoValue, a_max: Any = np._NoValue, out: Any = None, **more: Any
) -> Any:
    """As `numpy.clip`: the maximum with one bound, then the minimum with the other."""
    array, target = _ours("clip", a, (*FLOATS, *INTEGERS)), _output(out)
    low = more.pop("min", None) if a_min is np._NoValue else a_min
    high = more.pop("max", None) if a_max is np._NoValue else a_max
    if more or (low is None and high is None):
        raise Unrecordable("no kernel for clip with these arguments")
    if high is None:
        return elementwise(ops.MAXIMUM, (array, low), target)
    if low is None:
        return elementwise(ops.MINIMUM, (array, high), target)
    return elementwise(ops.MINIMUM, (elementwise(ops.MAXIMUM, (array, low)), high), target)


@implements(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """As `numpy.nan_to_num`."""
    values = {"nan": nan, "posinf": posinf, "neginf": neginf}
    try:
        result = _numbers(_ours("nan_to_num", x), **values)
    except Unrecordable as refused:
        result = fallback("nan_to_num", str(refused), np.nan_to_num, (x,), values)
    if copy or not isinstance(x, ArrayBase) or x._fixed:
        return result
    x[...] = result
    return x if x.ndim else x[()]


def _numbers(array: ArrayBase, nan: Any, posinf: Any, neginf: Any) -> Any:
    """`array` with numbers in place of what is none."""
    info = np.finfo(array._layout.dtype)
    high = float(info.max) if posinf is None else posinf
    low = float(info.min) if neginf is None else neginf
    if not all(type(each) in (int, float) for each in (nan, high, low)):
        raise Unrecordable("no kernel for nan_to_num with arrays to put in place")
    result = elementwise(ops.WHERE, (elementwise(ops.ISNAN, (array,)), nan, array))
    # In memory it lies as a copy does.
    target = None if not array._layout.shape else copy_of(array)
    for bound, value, out in ((np.inf, high, None), (-np.inf, low, target)):
        hit = elementwise(ops.EQUAL, (array, bound))
        result = elementwise(ops.WHERE, (hit, value, result), out)
    return result
