"""One function, two kinds of array: do they agree, what moved, how long did each take.

Knows nothing of the workload. The timing is for people; nothing decides by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.functions.creation import asarray
from fpgarray.profiling import Profile, profile

Workload = Callable[[Any], Any]


@dataclass(frozen=True)
class Comparison:
    """What `compare` found. `cold`: profile of the first run, from a host array to a host result;
    `warm`: of a later one, the operand resident; `ratios`: NumPy's time / fpgarray's, per pair."""

    expected: np.ndarray
    result: np.ndarray
    device: str
    cold: Profile
    warm: Profile
    needed_to_device: int
    needed_from_device: int
    ratios: tuple[float, ...]

    @property
    def differing(self) -> int:
        """Elements whose bits differ; NaNs at one place are equal whatever their payload. All of
        them when shape or dtype differ."""
        if (self.expected.shape, self.expected.dtype) != (self.result.shape, self.result.dtype):
            return max(self.expected.size, self.result.size)
        bits = f"u{self.expected.itemsize}"
        same = self.expected.view(bits) == self.result.view(bits)
        both_nan = np.isnan(self.expected) & np.isnan(self.result)
        return int(np.count_nonzero(~(same | both_nan)))

    @property
    def ratio(self) -> float:
        """Median of `ratios`."""
        return median(self.ratios)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why this is no success; empty when it is one."""
        found = (
            (self.differing, f"{self.differing:,} elements differ from NumPy's"),
            (self.cold.fallbacks, f"{self.cold.fallbacks} operations fell back to NumPy"),
            (not self.cold.launches, "nothing was launched on the device"),
        )
        return tuple(text for wrong, text in found if wrong)


def compare(workload: Workload, operand: np.ndarray, repetitions: int) -> Comparison:
    """Run `workload` on an ndarray and on an FPGAArray of it; one warm-up, then interleaved pairs.

    Both times are from a call to an ndarray that holds the result; the FPGAArray is resident.
    """
    expected = workload(operand)
    with profile() as cold:
        resident = asarray(operand)
        result = np.asarray(workload(resident))
    with profile() as warm:
        np.asarray(workload(resident))
    return Comparison(
        expected=expected,
        result=result,
        device=resident.device.name,
        cold=cold,
        warm=warm,
        needed_to_device=operand.nbytes,
        needed_from_device=expected.nbytes,
        ratios=tuple(_pair(workload, operand, resident) for _ in range(repetitions)),
    )


def _pair(workload: Workload, operand: np.ndarray, resident: FPGAArray) -> float:
    """NumPy's time over fpgarray's, one call each, back to back."""
    start = perf_counter()
    workload(operand)
    middle = perf_counter()
    np.asarray(workload(resident))
    return (middle - start) / (perf_counter() - middle)


def max_ulp(expected: np.ndarray, result: np.ndarray) -> int:
    """The largest distance in representable floats; arrays of float32 or of float64 without NaN."""
    if expected.size == 0:
        return 0
    a, b = _ordered(expected), _ordered(result)
    return int(np.max(np.where(a > b, a - b, b - a)))


def _ordered(values: np.ndarray) -> np.ndarray:
    """Integers in the order of the floats, neighbours one apart; -0.0 and 0.0 both 0."""
    bits = values.view(f"i{values.itemsize}").astype(np.int64)
    lowest = np.int64(-1 << (8 * values.itemsize - 1))
    return np.where(bits < 0, lowest - bits, bits)
