"""Indexing, searching, sorting and set functions of the standard."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays, compat, own

# Indexing


def take(x: FPGAArray, indices: FPGAArray, /, *, axis: int | None = None) -> FPGAArray:
    """The elements (slices) of `x` at one-dimensional `indices` along `axis`.

    `axis` may be left out for one-dimensional `x` only.
    """
    if axis is None and own("take", x).ndim != 1:
        raise ValueError(f"take: the array has {x.ndim} axes; say which with axis=")
    return arrays(np.take(own("take", x), indices, axis=axis), x.device)


def take_along_axis(x: FPGAArray, indices: FPGAArray, /, *, axis: int = -1) -> FPGAArray:
    """The elements of `x` at `indices` along `axis`, each line with indices of its own."""
    return arrays(np.take_along_axis(own("take_along_axis", x), indices, axis=axis), x.device)


# Searching


def argmax(x: FPGAArray, /, *, axis: int | None = None, keepdims: bool = False) -> FPGAArray:
    """Indices of the (first) maxima along `axis`; into the flattened array by default."""
    return arrays(np.argmax(own("argmax", x), axis=axis, keepdims=keepdims), x.device)


def argmin(x: FPGAArray, /, *, axis: int | None = None, keepdims: bool = False) -> FPGAArray:
    """Indices of the (first) minima along `axis`; into the flattened array by default."""
    return arrays(np.argmin(own("argmin", x), axis=axis, keepdims=keepdims), x.device)


def count_nonzero(x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False) -> FPGAArray:
    """How many elements along `axis` (all axes by default) are not zero."""
    return arrays(np.count_nonzero(own("count_nonzero", x), axis=axis, keepdims=keepdims), x.device)


def nonzero(x: FPGAArray, /) -> tuple[FPGAArray, ...]:
    """Indices of the elements that are not zero, one array for each axis. ValueError: no axes."""
    return arrays(compat().nonzero(own("nonzero", x)), x.device)


def searchsorted(
    x1: FPGAArray,
    x2: FPGAArray | int | float,
    /,
    *,
    side: str = "left",
    sorter: FPGAArray | None = None,
) -> FPGAArray:
    """Where in the sorted `x1` to insert each of `x2`, before (left of) or after equal elements.

    `sorter` holds the indices that sort `x1` if it is not.
    """
    device = own("searchsorted", x1).device
    if isinstance(x2, (int, float)):
        x2 = np.asarray(x2, np.result_type(x1.dtype, x2))
    return arrays(np.searchsorted(x1, x2, side=side, sorter=sorter), device)


def where(condition: FPGAArray, x1: Any, x2: Any, /) -> FPGAArray:
    """Elements of `x1` where `condition` is true, else of `x2`; both may be scalars."""
    device = own("where", condition, x1, x2).device
    return arrays(np.where(condition, x1, x2), device)


# Sorting


def argsort(
    x: FPGAArray, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> FPGAArray:
    """Indices that sort `x` along `axis`. Stable: equal elements keep their order."""
    result = compat().argsort(own("argsort", x), axis=axis, descending=descending, stable=stable)
    return arrays(result, x.device)


def sort(
    x: FPGAArray, /, *, axis: int = -1, descending: bool = False, stable: bool = True
) -> FPGAArray:
    """A sorted copy of `x` along `axis`. Stable: equal elements keep their order."""
    result = compat().sort(own("sort", x), axis=axis, descending=descending, stable=stable)
    return arrays(result, x.device)


# Sets


def isin(x1: FPGAArray | int, x2: FPGAArray | int, /, *, invert: bool = False) -> FPGAArray:
    """For each element of `x1` whether it is (invert: is not) among those of `x2`."""
    device = own("isin", x1, x2).device
    return arrays(np.isin(x1, x2, invert=invert), device)


def unique_all(x: FPGAArray, /) -> Any:
    """The distinct elements of `x`, as `(values, indices, inverse_indices, counts)`.

    `indices` tells where each occurs first in the flattened `x`; `inverse_indices`, of the shape of
    `x`, rebuild it from `values`. Each NaN is distinct.
    """
    return arrays(compat().unique_all(own("unique_all", x)), x.device)


def unique_counts(x: FPGAArray, /) -> Any:
    """The distinct elements of `x` and how often each occurs, as `(values, counts)`."""
    return arrays(compat().unique_counts(own("unique_counts", x)), x.device)


def unique_inverse(x: FPGAArray, /) -> Any:
    """The distinct elements, and the indices that rebuild `x`: `(values, inverse_indices)`."""
    return arrays(compat().unique_inverse(own("unique_inverse", x)), x.device)


def unique_values(x: FPGAArray, /) -> FPGAArray:
    """The distinct elements of `x`, sorted, in one dimension. Each NaN is distinct."""
    return arrays(compat().unique_values(own("unique_values", x)), x.device)
