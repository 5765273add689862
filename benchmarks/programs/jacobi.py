"""A linear system by Jacobi's iteration."""

from __future__ import annotations

from typing import Any

import numpy as np


def jacobi(matrix: Any, right: Any, tolerance: float, most: int) -> tuple[Any]:
    """The solution of `matrix` x = `right`; stops when x changes no more than `tolerance`, or after
    `most` rounds. The diagonal must dominate."""
    diagonal = np.diagonal(matrix)
    x = right / diagonal
    for _ in range(most):
        better = x + (right - matrix @ x) / diagonal
        change = np.abs(better - x).max()
        x = better
        if change <= tolerance:
            break
    return (x,)
