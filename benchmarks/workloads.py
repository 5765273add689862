"""What is measured: NumPy functions of resident arrays `a` and `b`, with their goals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

COEFFICIENTS = (0.5, -1.25, 0.75, 2.0, -0.125, 0.3, -0.7, 1.1, 0.25)


@dataclass(frozen=True)
class Workload:
    """A row. `function(a, b)`; `operands`: how many of the two it reads; `goal(dtype, n)`: the
    ratio asked for, or None."""

    name: str
    function: Callable[[Any, Any], Any]
    operands: int
    goal: Callable[[str, int], float | None]


def polynomial(a: Any, b: Any) -> Any:
    """Degree 8, by Horner's rule."""
    y = a * COEFFICIENTS[0] + COEFFICIENTS[1]
    for coefficient in COEFFICIENTS[2:]:
        y = y * a + coefficient
    return y


def _at_1e6_f4(goal: float) -> Callable[[str, int], float | None]:
    return lambda dtype, n: goal if (dtype, n) == ("f4", 10**6) else None


def _none(dtype: str, n: int) -> None:
    return None


WORKLOADS = (
    Workload("a+b", lambda a, b: a + b, 2, _at_1e6_f4(1)),
    Workload("sqrt(a*a+b*b)", lambda a, b: np.sqrt(a * a + b * b), 2, _at_1e6_f4(3)),
    Workload("sum(a)", lambda a, b: np.sum(a), 1, _none),
    Workload("polynomial, degree 8", polynomial, 1, _none),
    Workload("sin(a)**2+cos(a)**2", lambda a, b: np.sin(a) ** 2 + np.cos(a) ** 2, 1, _none),
)


def chain(a: Any, b: Any) -> Any:
    """Twenty operations."""
    for _ in range(10):
        a = a * b + b
    return a
