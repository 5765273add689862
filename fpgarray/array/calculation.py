"""Methods that calculate: reductions, and what NumPy computes, each a row of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import folds, ops
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.fallback import fallback
from fpgarray.ops import DEVICE_DTYPES, Op


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """An ndarray method that NumPy computes; of a scalar's stand-in, the scalar's."""
    name = function.__name__

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        call = getattr(self._layout.dtype.type, name) if self._fixed else function
        return fallback(name, f"no kernel for {name}", call, (self, *args), kwargs)

    method.__name__ = name
    method.__doc__ = f"As `numpy.ndarray.{name}`; computed by NumPy."
    return method


def _through(function: Callable[..., Any]) -> Callable[..., Any]:
    """An ndarray method that is its array function, which may have a kernel."""
    name = function.__name__
    of_scalar = _method(getattr(np.ndarray, name))

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self._fixed:
            return of_scalar(self, *args, **kwargs)
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"As `numpy.ndarray.{name}`."
    return method


def _reduce(
    op: Op,
    function: Callable[..., Any],
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
        if more.keys() - {"initial", "where"}:
            raise Unrecordable(f"no kernel for {op.name} with these arguments")
        return folds.fold(op, array, axis, dtype, out, keepdims, **more)
    except Unrecordable as refused:
        kwargs = {"axis": axis, "out": out, "keepdims": keepdims, **more}
        if dtype is not None:
            kwargs["dtype"] = dtype
        return fallback(op.name, str(refused), function, (array,), kwargs)


def _composed(
    recipe: Callable[..., Any],
    function: Callable[..., Any],
    array: Any,
    arguments: dict[str, Any],
    more: dict[str, Any],
) -> Any:
    """A reduction that NumPy composes of others, by `recipe` or by NumPy."""
    try:
        if more or not (arguments["out"] is None or isinstance(arguments["out"], ArrayBase)):
            raise Unrecordable(f"no kernel for {function.__name__} with these arguments")
        return recipe(array, **arguments)
    except Unrecordable as refused:
        kwargs = {**arguments, **more}
        return fallback(function.__name__, str(refused), function, (array,), kwargs)


def _with_condition(function: Callable[..., Any]) -> Callable[..., Any]:
    """An ndarray method whose array function takes the array second."""

    def method(self: Any, condition: Any, *args: Any, **kwargs: Any) -> Any:
        return function(condition, self, *args, **kwargs)

    method.__name__ = function.__name__
    method.__doc__ = f"As `numpy.ndarray.{function.__name__}`."
    return method


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
        return _reduce(ops.SUM, np.sum, self, axis, dtype, out, keepdims, more)

    def min(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Minimum over `axis`; NaN if any is NaN."""
        return _reduce(ops.MIN, np.min, self, axis, None, out, keepdims, more)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Maximum over `axis`; NaN if any is NaN."""
        return _reduce(ops.MAX, np.max, self, axis, None, out, keepdims, more)

    def mean(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Arithmetic mean over `axis`: the sum, divided."""
        arguments = {"axis": axis, "dtype": dtype, "out": out, "keepdims": keepdims}
        return _composed(folds.mean, np.mean, self, arguments, more)

    def var(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = 0,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Variance over `axis`, in two passes as NumPy's."""
        arguments = {"axis": axis, "dtype": dtype, "out": out, "ddof": ddof, "keepdims": keepdims}
        return _composed(folds.var, np.var, self, arguments, more)

    def std(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = 0,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Standard deviation over `axis`: the root of the variance."""
        arguments = {"axis": axis, "dtype": dtype, "out": out, "ddof": ddof, "keepdims": keepdims}
        return _composed(folds.std, np.std, self, arguments, more)

    def prod(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Product over `axis`; of integers it wraps around."""
        return _reduce(ops.PROD, np.prod, self, axis, dtype, out, keepdims, more)

    def any(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Whether any element over `axis` is not zero."""
        return _reduce(ops.ANY, np.any, self, axis, None, out, keepdims, more)

    def all(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Whether all elements over `axis` are not zero."""
        return _reduce(ops.ALL, np.all, self, axis, None, out, keepdims, more)

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **more: Any) -> Any:
        """The elements, each brought between `min` and `max`."""
        return np.clip(self, min, max, out, **more)

    argmax = _through(np.argmax)
    argmin = _through(np.argmin)
    argpartition = _method(np.ndarray.argpartition)
    argsort = _method(np.ndarray.argsort)
    choose = _method(np.ndarray.choose)
    compress = _with_condition(np.compress)
    conj = _method(np.ndarray.conj)
    conjugate = _method(np.ndarray.conjugate)
    cumprod = _through(np.cumprod)
    cumsum = _through(np.cumsum)
    dot = _through(np.dot)
    nonzero = _method(np.ndarray.nonzero)
    repeat = _through(np.repeat)

    def round(self, decimals: int = 0, out: Any = None) -> Any:
        """As `ndarray.round`."""
        return np.round(self, decimals, out)

    searchsorted = _method(np.ndarray.searchsorted)
    take = _through(np.take)
    trace = _method(np.ndarray.trace)

    def fill(self, value: Any) -> None:
        """Set every element to the scalar `value`."""
        plain = isinstance(value, (int, float, np.bool_, np.integer, np.floating))
        if plain and not self._fixed and self.dtype in DEVICE_DTYPES:
            self[...] = value
        else:
            self._filled(value)

    _filled = _method(np.ndarray.fill)
    byteswap = _method(np.ndarray.byteswap)
    partition = _method(np.ndarray.partition)
    put = _through(np.put)
    sort = _method(np.ndarray.sort)
