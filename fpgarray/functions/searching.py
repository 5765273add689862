"""Where the largest and smallest elements are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import base, dispatch, ops, promptly
from fpgarray.array import FPGAArray
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import FUNCTIONS
from fpgarray.layout import contiguous
from fpgarray.ops import Op


def _arg(function: Callable[..., Any], op: Op) -> None:
    """Register argmax or argmin."""

    def implementation(
        a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = np._NoValue
    ) -> Any:
        if not isinstance(a, FPGAArray) or not (out is None or isinstance(out, ArrayBase)):
            raise Unrecordable("the array to search, or out=, is not ours")
        if out is not None and out.dtype != np.intp:
            raise Unrecordable(f"out= is {out.dtype}")
        kept = bool(keepdims) and keepdims is not np._NoValue
        if kept and out is not None:
            raise Unrecordable("keepdims= together with out=")
        ndim = a.ndim
        flat = axis is None
        if flat:
            a, axis = a.ravel(), 0
        if type(axis) is not int or not -a.ndim <= axis < a.ndim or not a.size:
            raise Unrecordable("the axis is not valid, or there are no elements")
        if a.dtype not in _DTYPES:
            raise Unrecordable(f"no kernel for {op.name} on {a.dtype}")
        axis %= a.ndim
        if out is None:
            made = promptly.composed(function, a, {"axis": axis, "keepdims": kept and not flat})
            if made is not None:
                return made.reshape((1,) * ndim) if kept and flat else made
        shape = (*a.shape[:axis], *a.shape[axis + 1 :])
        found = dispatch.call(op, (a,), shape, np.dtype(np.intp), {"axis": axis}, out)
        if not kept:
            return found
        whole = (1,) * ndim if flat else (*shape[:axis], 1, *shape[axis:])
        return base.make(found._storage, found._handle, contiguous(whole, found.dtype))

    FUNCTIONS[function] = implementation


_DTYPES = frozenset(map(np.dtype, ("f4", "f8", "i4", "i8", "u1", "?")))

_arg(np.argmax, ops.ARGMAX)
_arg(np.argmin, ops.ARGMIN)
