"""What `run.py` measures: NumPy functions of resident arrays `a` and `b`, with rivals and goals.

Knows neither fpgarray nor its rivals; a rival's process hands its own module to `numexpr`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np

COEFFICIENTS = (0.5, -1.25, 0.75, 2.0, -0.125, 0.3, -0.7, 1.1, 0.25)
TAIL = (0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429)
"""M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 1964, 26.2.17."""
ROOT_OF_TAU = 2.5066282746310002
RATE, VOLATILITY = 0.03, 0.25
IN_CACHE = 4 << 20
"""Bytes of operands from which they are called "in DRAM" (a second-level cache or two)."""


@dataclass(frozen=True)
class Goals:
    """design goals: NumPy's time / ours in cache and in DRAM, for float32 and for float64; the best
    rival's time / ours in cache and in DRAM. None: no goal."""

    f4: tuple[float | None, float | None] = (None, None)
    f8: tuple[float | None, float | None] = (None, None)
    rival: tuple[float | None, float | None] = (None, None)

    def numpy(self, dtype: str, nbytes: int) -> float | None:
        """The goal against NumPy for operands of so many bytes."""
        return (self.f4 if dtype == "f4" else self.f8)[nbytes > IN_CACHE]

    def peer(self, nbytes: int) -> float | None:
        """The goal against the best rival."""
        return self.rival[nbytes > IN_CACHE]


@dataclass(frozen=True)
class Workload:
    """A row. `function(a, b)` in NumPy, its operands of shape `shape(n)`; `operands`: how many of
    the two it reads; `numexpr(ne, a, b, number)`: the same in numexpr, `number` making constants of
    the dtype; `numba`: whether it compiles the function as it is; `exact`: no bit may differ."""

    name: str
    function: Callable[[Any, Any], Any]
    operands: int
    goals: Goals
    numexpr: Callable[[Any, Any, Any, Callable[[float], Any]], Any] | None = None
    numba: bool = True
    exact: bool = False
    shape: Callable[[int], tuple[int, ...]] = lambda n: (n,)


def rows_of(columns: int) -> Callable[[int], tuple[int, ...]]:
    """n elements as rows of `columns` each."""
    return lambda n: (max(n // columns, 3), columns)


# The functions, in NumPy


def add(a: Any, b: Any) -> Any:
    return a + b


def scale_and_add(a: Any, b: Any) -> Any:
    return a * 2.5 + b


def length(a: Any, b: Any) -> Any:
    return np.sqrt(a * a + b * b)


def black_scholes(a: Any, b: Any) -> Any:
    """A call on a stock at price a with strike b, one year before it expires."""
    d1 = (np.log(a / b) + (RATE + VOLATILITY * VOLATILITY / 2)) / VOLATILITY
    return a * normal_cdf(d1) - b * 0.9704455335485082 * normal_cdf(d1 - VOLATILITY)


def normal_cdf(x: Any) -> Any:
    """Of the standard normal distribution; absolute error below 7.5e-8."""
    t = 1.0 / (1.0 + 0.2316419 * np.abs(x))
    p = t * (TAIL[0] + t * (TAIL[1] + t * (TAIL[2] + t * (TAIL[3] + t * TAIL[4]))))
    tail = p * np.exp(-0.5 * x * x) / ROOT_OF_TAU
    return np.where(x > 0, 1.0 - tail, tail)


def pythagoras(a: Any, b: Any) -> Any:
    return np.sin(a) ** 2 + np.cos(a) ** 2


def polynomial(a: Any, b: Any) -> Any:
    """Degree 8, by Horner's rule."""
    y = a * COEFFICIENTS[0] + COEFFICIENTS[1]
    y = y * a + COEFFICIENTS[2]
    y = y * a + COEFFICIENTS[3]
    y = y * a + COEFFICIENTS[4]
    y = y * a + COEFFICIENTS[5]
    y = y * a + COEFFICIENTS[6]
    y = y * a + COEFFICIENTS[7]
    return y * a + COEFFICIENTS[8]


def total(a: Any, b: Any) -> Any:
    return np.sum(a)


def variance(a: Any, b: Any) -> Any:
    return np.var(a)


def largest(a: Any, b: Any) -> Any:
    return np.max(a)


def softmax(a: Any, b: Any) -> Any:
    """Over rows."""
    e = np.exp(a - np.max(a, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def stencil(a: Any, b: Any) -> Any:
    """Five points, by slices."""
    around = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]
    return a[1:-1, 1:-1] + 0.24 * (around - 4.0 * a[1:-1, 1:-1])


def position(a: Any, b: Any) -> Any:
    return np.argmax(a)


def cumulated(a: Any, b: Any) -> Any:
    return np.cumsum(a)


def distances(a: Any, b: Any) -> Any:
    """Squares of the distances of points a, shape (3, n), from 8 centres."""
    x, y, z = a[0] - b[0, :8, None], a[1] - b[1, :8, None], a[2] - b[2, :8, None]
    return x * x + y * y + z * z


def product(a: Any, b: Any) -> Any:
    return a @ b


# The same for numexpr, which takes names from the caller's frame; constants must have the dtype


def _ne_scale_and_add(ne: Any, a: Any, b: Any, number: Any) -> Any:
    k = number(2.5)
    return ne.evaluate("a * k + b", {"a": a, "b": b, "k": k})


def _ne_black_scholes(ne: Any, a: Any, b: Any, number: Any) -> Any:
    names = {f"p{i}": number(each) for i, each in enumerate(TAIL)}
    names |= {"one": number(1), "k": number(0.2316419), "half": number(-0.5)}
    names |= {"root": number(ROOT_OF_TAU), "v": number(VOLATILITY)}
    names |= {"drift": number(RATE + VOLATILITY**2 / 2), "discount": number(0.9704455335485082)}
    names |= {"a": a, "b": b}
    d1 = "((log(a / b) + drift) / v)"
    price = f"a * {_ne_cdf(d1)} - b * discount * {_ne_cdf(f'({d1} - v)')}"
    return ne.evaluate(price, names)


def _ne_cdf(x: str) -> str:
    """numexpr shares equal subexpressions."""
    t = f"(one / (one + k * abs({x})))"
    p = f"({t} * (p0 + {t} * (p1 + {t} * (p2 + {t} * (p3 + {t} * p4)))))"
    tail = f"({p} * exp(half * {x} * {x}) / root)"
    return f"where({x} > 0, one - {tail}, {tail})"


def _ne_polynomial(ne: Any, a: Any, b: Any, number: Any) -> Any:
    names = {f"k{i}": number(each) for i, each in enumerate(COEFFICIENTS)}
    text = "a * k0 + k1"
    for i in range(2, len(COEFFICIENTS)):
        text = f"({text}) * a + k{i}"
    return ne.evaluate(text, {**names, "a": a})


def _ne_stencil(ne: Any, a: Any, b: Any, number: Any) -> Any:
    names = {"n": a[:-2, 1:-1], "s": a[2:, 1:-1], "w": a[1:-1, :-2], "e": a[1:-1, 2:]}
    names |= {"c": a[1:-1, 1:-1], "k": number(0.24), "four": number(4)}
    return ne.evaluate("c + k * (n + s + w + e - four * c)", names)


def _ne_distances(ne: Any, a: Any, b: Any, number: Any) -> Any:
    names = {name: a[i] for i, name in enumerate("xyz")}
    names |= {f"c{name}": b[i, :8, None] for i, name in enumerate("xyz")}
    return ne.evaluate("(x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2", names)


def _ne(text: str) -> Callable[..., Any]:
    return lambda ne, a, b, number: ne.evaluate(text, {"a": a, "b": b})


WORKLOADS = (
    Workload("a+b", add, 2, Goals((1.8, 2), (1.8, 2), (1, 2)), _ne("a + b"), exact=True),
    Workload("a*x+y", scale_and_add, 2, Goals((1.8, 2), (1.8, 2), (1, 2)), _ne_scale_and_add,
             exact=True),
    Workload("sqrt(a*a+b*b)", length, 2, Goals((6, 6), (6, 6), (1, 1)),
             _ne("sqrt(a * a + b * b)"), exact=True),
    Workload("Black-Scholes", black_scholes, 2, Goals((10, 10), (7, 7), (1.5, 1.5)),
             _ne_black_scholes),
    Workload("sin(a)**2+cos(a)**2", pythagoras, 1, Goals((5, 5), (30, 30), (1.3, 1.3)),
             _ne("sin(a) ** 2 + cos(a) ** 2")),
    Workload("polynomial, degree 8", polynomial, 1, Goals((20, 20), (20, 20), (1, 5)),
             _ne_polynomial, exact=True),
    Workload("sum", total, 1, Goals((3, 3), (3, 3), (0.8, 0.8)), _ne("sum(a)")),
    Workload("var", variance, 1, Goals((6, 6), (6, 6), (0.8, 0.8))),
    Workload("max", largest, 1, Goals((1.3, 1.3), (1.3, 1.3), (0.8, 0.8)), _ne("max(a)"),
             exact=True),
    Workload("argmax", position, 1, Goals((1.3, 1.3), (1.3, 1.3), (0.8, 0.8)), exact=True),
    Workload("cumsum", cumulated, 1, Goals((3, 3), (3, 3), (0.8, 0.8))),
    Workload("softmax over rows", softmax, 1, Goals((5, 5), (5, 5), (2.5, 2.5)), numba=False,
             shape=rows_of(1000)),
    Workload("5-point stencil", stencil, 1, Goals((8, 8), (8, 8), (0.8, 0.8)), _ne_stencil,
             exact=True, shape=rows_of(1000)),
    Workload("k-means distances", distances, 1, Goals((15, 15), (15, 15), (0.6, 0.6)),
             _ne_distances, exact=True, shape=lambda n: (3, n // 3)),
    Workload("matmul, up to 1024", product, 2, Goals((1.4, 1.4), (1.4, 1.4)), numba=False,
             shape=lambda n: (min(isqrt(n), 1024),) * 2),
)  # fmt: skip


def make_operands(workload: Workload, dtype: str, elements: int) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of that dtype, 0.5 to 2, the same at every call."""
    rng = np.random.default_rng(elements)
    shape = workload.shape(elements)
    return rng.uniform(0.5, 2.0, shape).astype(dtype), rng.uniform(0.5, 2.0, shape).astype(dtype)


TOLERANCE = {"f4": 1e-4, "f8": 1e-10}
"""Of the largest value; for functions that are not exact, and for every rival (which may contract
and sum as they like)."""


def error(expected: Any, result: Any) -> float:
    """The largest difference, of the largest expected value; inf for another shape or dtype."""
    expected, result = np.asarray(expected), np.asarray(result)
    if expected.shape != result.shape:
        return float("inf")
    apart = np.abs(result.astype("f8") - expected.astype("f8")).max()
    return float(apart / np.abs(expected).max()) if np.isfinite(apart) else float("inf")
