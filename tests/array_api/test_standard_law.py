"""Law: whatever array_api_strict answers to a chain of calls, we answer too.

Chains run by kernel or in NumPy. What array_api_strict refuses (data types that the standard
leaves open, shapes that do not fit) ends the chain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standard import agree, strict, xp

import fpgarray as fa

DTYPES = ("bool", "int8", "int32", "int64", "uint8", "float32", "float64", "complex64")
Step = Callable[[Any, Any], Any]
"""(namespace, array) → array."""

shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
axes = st.integers(-3, 2)


def call(name: str, *args: Any, **kwargs: Any) -> Step:
    return lambda n, x: getattr(n, name)(x, *args, **kwargs)


def with_itself(name: str) -> Step:
    """A function of two arrays, the second in reverse order."""
    return lambda n, x: getattr(n, name)(x, n.flip(x))


def cast(dtype: str) -> Step:
    return lambda n, x: n.astype(x, getattr(n, dtype))


def joined(name: str, axis: int) -> Step:
    return lambda n, x: getattr(n, name)([x, n.flip(x)], axis=axis)


def indexed(key: Any) -> Step:
    return lambda n, x: x[key]


def at_integers(positions: list[int], axis: int) -> Step:
    return lambda n, x: n.take(x, n.asarray(positions, dtype=n.int64), axis=axis)


def masked(n: Any, x: Any) -> Any:
    return x[x > 1]


def chosen(n: Any, x: Any) -> Any:
    return n.where(x > 1, x, n.flip(x))


def overwritten(value: int) -> Step:
    def step(n: Any, x: Any) -> Any:
        y = n.asarray(x, copy=True)
        y[..., :1] = value
        return y

    return step


UNARY = ("abs", "negative", "square", "sqrt", "floor", "sign", "isfinite", "logical_not", "real")
BINARY = ("add", "subtract", "multiply", "maximum", "minimum", "less", "equal", "bitwise_xor")
FOLDS = ("sum", "prod", "max", "min", "mean", "all", "any", "count_nonzero")
SORTS = ("sort", "argsort", "cumulative_sum", "diff")

steps: st.SearchStrategy[Step] = st.one_of(
    st.sampled_from(UNARY).map(call),
    st.sampled_from(BINARY).map(with_itself),
    st.builds(
        lambda name, axis, keepdims: call(name, axis=axis, keepdims=keepdims),
        st.sampled_from(FOLDS),
        st.none() | axes,
        st.booleans(),
    ),
    st.builds(lambda name, axis: call(name, axis=axis), st.sampled_from(SORTS), axes),
    st.sampled_from(DTYPES).map(cast),
    st.sampled_from([(-1,), (2, -1), (1, 4, -1), (0,)]).map(lambda shape: call("reshape", shape)),
    st.sampled_from([(4,), (2, 3, 4), (3, 1, 4)]).map(lambda shape: call("broadcast_to", shape)),
    st.permutations(range(3)).map(lambda order: call("permute_dims", tuple(order))),
    st.permutations(range(2)).map(lambda order: call("permute_dims", tuple(order))),
    st.builds(lambda shift, axis: call("roll", shift, axis=axis), axes, st.none() | axes),
    axes.map(lambda axis: call("flip", axis=axis)),
    axes.map(lambda axis: call("expand_dims", axis)),
    axes.map(lambda axis: call("squeeze", axis)),
    axes.map(lambda axis: joined("concat", axis)),
    axes.map(lambda axis: joined("stack", axis)),
    axes.map(lambda axis: call("repeat", 2, axis=axis)),
    st.builds(at_integers, st.lists(st.integers(-1, 0), max_size=3), axes),
    st.sampled_from([(0, ...), (..., 0), (..., slice(None, None, -1)), (None, ...)]).map(indexed),
    st.sampled_from([masked, chosen, overwritten(1), overwritten(0)]),
    st.just(call("unique_values")),
)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@settings(max_examples=400)
@given(
    shape=shapes,
    dtype=st.sampled_from(DTYPES),
    values=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    chain=st.lists(steps, min_size=1, max_size=6),
    dispatch=st.sampled_from(["auto", "device", "host"]),
)
def test_chains_agree(
    shape: tuple[int, ...],
    dtype: str,
    values: list[int],
    chain: list[Step],
    dispatch: str,
) -> None:
    plain = np.resize(np.asarray(values), shape).astype(dtype)
    ours, theirs = xp.asarray(plain), strict.asarray(plain)
    with fa.policy(dispatch=dispatch), np.errstate(all="ignore"):
        for step in chain:
            try:
                theirs = step(strict, theirs)
            except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
                break
            ours = step(xp, ours)
        agree(ours, theirs)
