"""Statistical and utility functions of the standard."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays, compat, own


def all(x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False) -> FPGAArray:
    """Whether all elements along `axis` (all axes by default) are true."""
    return arrays(np.all(own("all", x), axis=axis, keepdims=keepdims), x.device)


def any(x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False) -> FPGAArray:
    """Whether any element along `axis` (all axes by default) is true."""
    return arrays(np.any(own("any", x), axis=axis, keepdims=keepdims), x.device)


def cumulative_prod(
    x: FPGAArray,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> FPGAArray:
    """Products of the elements up to each one along `axis`, after a leading 1 if asked for.

    `axis` may be left out for one-dimensional `x` only; dtype as for `prod`.
    """
    own("cumulative_prod", x)
    options = {"axis": axis, "dtype": dtype, "include_initial": include_initial}
    return arrays(compat().cumulative_prod(x, **options), x.device)


def cumulative_sum(
    x: FPGAArray,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    include_initial: bool = False,
) -> FPGAArray:
    """Sums of the elements up to each one along `axis`, after a leading 0 if asked for.

    `axis` may be left out for one-dimensional `x` only; dtype as for `sum`.
    """
    own("cumulative_sum", x)
    options = {"axis": axis, "dtype": dtype, "include_initial": include_initial}
    return arrays(compat().cumulative_sum(x, **options), x.device)


def diff(
    x: FPGAArray,
    /,
    *,
    axis: int = -1,
    n: int = 1,
    prepend: FPGAArray | None = None,
    append: FPGAArray | None = None,
) -> FPGAArray:
    """The `n`-th differences of neighbours along `axis`, of `x` between `prepend` and `append`."""
    ends = {"prepend": prepend, "append": append}
    given = {name: each for name, each in ends.items() if each is not None}
    return arrays(np.diff(own("diff", x), n, axis, **given), x.device)


def max(x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False) -> FPGAArray:
    """The maximum along `axis` (all axes by default); NaN if any is NaN."""
    return arrays(np.max(own("max", x), axis=axis, keepdims=keepdims), x.device)


def mean(x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False) -> FPGAArray:
    """The arithmetic mean along `axis` (all axes by default)."""
    return arrays(np.mean(own("mean", x), axis=axis, keepdims=keepdims), x.device)


def min(x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False) -> FPGAArray:
    """The minimum along `axis` (all axes by default); NaN if any is NaN."""
    return arrays(np.min(own("min", x), axis=axis, keepdims=keepdims), x.device)


def prod(
    x: FPGAArray, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> FPGAArray:
    """The product along `axis` (all axes by default).

    dtype: that of `x`, but integers are at least as wide as the default integer.
    """
    return arrays(np.prod(own("prod", x), axis=axis, dtype=dtype, keepdims=keepdims), x.device)


def std(
    x: FPGAArray,
    /,
    *,
    axis: Any = None,
    correction: float = 0.0,
    keepdims: bool = False,
    ddof: float | None = None,
) -> FPGAArray:
    """The standard deviation along `axis`; the sum of squares is divided by N - `correction`.

    `ddof` is NumPy's name of `correction`, beyond the standard: xarray gives it.
    """
    less = correction if ddof is None else ddof
    return arrays(np.std(own("std", x), axis=axis, ddof=less, keepdims=keepdims), x.device)


def sum(
    x: FPGAArray, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False
) -> FPGAArray:
    """The sum along `axis` (all axes by default), within the error bound of pairwise summation.

    dtype: that of `x`, but integers are at least as wide as the default integer.
    """
    return arrays(np.sum(own("sum", x), axis=axis, dtype=dtype, keepdims=keepdims), x.device)


def var(
    x: FPGAArray,
    /,
    *,
    axis: Any = None,
    correction: float = 0.0,
    keepdims: bool = False,
    ddof: float | None = None,
) -> FPGAArray:
    """The variance along `axis`; the sum of squares is divided by N - `correction`.

    `ddof` is NumPy's name of `correction`, beyond the standard: xarray gives it.
    """
    less = correction if ddof is None else ddof
    return arrays(np.var(own("var", x), axis=axis, ddof=less, keepdims=keepdims), x.device)
