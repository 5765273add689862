"""Methods that calculate: reductions, and what NumPy computes, each a row of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import ops
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.dispatch import elementwise, fold
from fpgarray.fallback import fallback
from fpgarray.ops import Op


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """An ndarray method that NumPy computes."""
    name = function.__name__

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return fallback(name, f"no kernel for {name}", function, (self, *args), kwargs)

    method.__name__ = name
    method.__doc__ = f"As `numpy.ndarray.{name}`; computed by NumPy."
    return method


def _through(function: Callable[..., Any]) -> Callable[..., Any]:
    """An ndarray method that is its array function, which may have a kernel."""
    name = function.__name__

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As `numpy.ndarray.{name}`."
    return method


def _reduce(
    op: Op,
    function: np.ufunc,
    array: Any,
    axis: Any,
    dtype: Any,
    out: Any,
    keepdims: bool,
    more: dict[str, Any],
) -> Any:
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    try:
        if more or not (out is None or isinstance(out, ArrayBase)):
            raise Unrecordable(f"no kernel for {op.name} with these arguments")
        return fold(op, array, axis, dtype, out, bool(keepdims))
    except Unrecordable as refused:
        kwargs = {"axis": axis, "out": out, "keepdims": keepdims, **more}
        if dtype is not None:
            kwargs["dtype"] = dtype
        return fallback(op.name, str(refused), function.reduce, (array,), kwargs)


class Calculation(ArrayBase):
    """The methods of `numpy.ndarray` that compute something."""

    __slots__ = ()

    def sum(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Sum over `axis`, within the error bound of pairwise summation."""
        return _reduce(ops.SUM, np.add, self, axis, dtype, out, keepdims, more)

    def min(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Minimum over `axis`; NaN if any is NaN."""
        return _reduce(ops.MIN, np.minimum, self, axis, None, out, keepdims, more)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Maximum over `axis`; NaN if any is NaN."""
        return _reduce(ops.MAX, np.maximum, self, axis, None, out, keepdims, more)

    def mean(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Arithmetic mean over `axis`: the sum, divided."""
        try:
            if more or dtype is not None or out is not None or not self._layout.size:
                raise Unrecordable("no kernel for mean with these arguments")
            total = fold(ops.SUM, self, axis, None, None, keepdims)
            return elementwise(ops.DIVIDE, (total, self._layout.size // max(total._layout.size, 1)))
        except Unrecordable as refused:
            kwargs = {"axis": axis, "dtype": dtype, "out": out, "keepdims": keepdims, **more}
            return fallback("mean", str(refused), np.mean, (self,), kwargs)

    all = _method(np.ndarray.all)
    any = _method(np.ndarray.any)
    argmax = _through(np.argmax)
    argmin = _through(np.argmin)
    argpartition = _method(np.ndarray.argpartition)
    argsort = _method(np.ndarray.argsort)
    choose = _method(np.ndarray.choose)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **more: Any) -> Any:
        """As `ndarray.clip`."""
        return np.clip(self, min, max, out, **more)

    compress = _method(np.ndarray.compress)
    conj = _method(np.ndarray.conj)
    conjugate = _method(np.ndarray.conjugate)
    cumprod = _through(np.cumprod)
    cumsum = _through(np.cumsum)
    dot = _through(np.dot)
    nonzero = _method(np.ndarray.nonzero)
    prod = _method(np.ndarray.prod)
    repeat = _method(np.ndarray.repeat)

    def round(self, decimals: int = 0, out: Any = None) -> Any:
        """As `ndarray.round`."""
        return np.round(self, decimals, out)

    searchsorted = _method(np.ndarray.searchsorted)
    std = _method(np.ndarray.std)
    take = _method(np.ndarray.take)
    trace = _method(np.ndarray.trace)
    var = _method(np.ndarray.var)

    def fill(self, value: Any) -> None:
        """Set every element to the scalar `value`."""
        self[...] = value

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None) -> None:
        """Sort in place along `axis`, in NumPy."""
        self[...] = fallback(
            "sort",
            "no kernel for sort",
            np.sort,
            (self,),
            {"axis": axis, "kind": kind, "order": order},
        )
