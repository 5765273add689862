"""One function, two kinds of array: do they agree, what moved, how long did each take.

Knows nothing of the workload. The timing is for people; nothing decides by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from fpgarray.functions.creation import asarray
from fpgarray.profiling import Profile, profile

Workload = Callable[..., Any]
"""From operands to a tuple of arrays; writes none of its operands."""

MAX_PAIRS = 31


@dataclass(frozen=True)
class Comparison:
    """What `compare` found.

    `bound`: how far results may be apart, of the largest expected value (0: no bit may differ);
    `cold`: profile of the first run, from host arrays to host results; `warm`: of a later one, the
    operands resident; `ratios`: NumPy's time / fpgarray's, per pair.
    """

    expected: tuple[np.ndarray, ...]
    results: tuple[np.ndarray, ...]
    bound: float
    device: str
    cold: Profile
    warm: Profile
    needed: int
    """Bytes of operands and results: what has to move at least once if all is computed there."""
    ratios: tuple[float, ...]

    @property
    def differing(self) -> int:
        """Elements whose bits differ."""
        pairs = zip(self.expected, self.results, strict=True)
        return sum(differing(a, b) for a, b in pairs)

    @property
    def size(self) -> int:
        """Elements of the results."""
        return sum(each.size for each in self.expected)

    @property
    def error(self) -> float:
        """The largest difference, of the largest expected value of its array; inf for another
        shape or dtype, or where NaN meets a number."""
        pairs = zip(self.expected, self.results, strict=True)
        return max((error(a, b) for a, b in pairs), default=0.0)

    @property
    def ratio(self) -> float:
        """Median of `ratios`."""
        return median(self.ratios)

    @property
    def moved(self) -> int:
        """Bytes of arrays that the cold run moved, both ways."""
        return self.cold.bytes_to_device + self.cold.bytes_from_device

    @property
    def faults(self) -> tuple[str, ...]:
        """Why this is no success; empty when it is one."""
        apart = self.differing if self.bound == 0 else self.error > self.bound
        allowed = "" if self.bound == 0 else f", by {self.error:.1e}; {self.bound:.0e} is allowed"
        found = (
            (apart, f"{self.differing:,} elements differ from NumPy's{allowed}"),
            (self.cold.fallbacks, f"{self.cold.fallbacks} operations fell back to NumPy"),
            (not self.cold.launches, "nothing was launched on the device"),
        )
        return tuple(text for wrong, text in found if wrong)


def compare(
    workload: Workload, operands: Sequence[np.ndarray], bound: float, seconds: float
) -> Comparison:
    """Run `workload` on ndarrays and on FPGAArrays of them; one warm-up, then interleaved pairs.

    Pairs are run for about `seconds`, at least one, at most MAX_PAIRS. Both times are from the call
    to ndarrays that hold the results; the FPGAArrays are resident.
    """
    expected = workload(*operands)
    with profile() as cold:
        resident = [asarray(each) for each in operands]
        results = _on_host(workload(*resident))
    with profile() as warm:
        _on_host(workload(*resident))
    return Comparison(
        expected=expected,
        results=results,
        bound=bound,
        device=resident[0].device.name,
        cold=cold,
        warm=warm,
        needed=sum(each.nbytes for each in (*operands, *expected)),
        ratios=_pairs(workload, operands, resident, seconds),
    )


def _on_host(results: Sequence[Any]) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray(each) for each in results)


def _pairs(
    workload: Workload, operands: Sequence[Any], resident: Sequence[Any], seconds: float
) -> tuple[float, ...]:
    """NumPy's time over fpgarray's, one call each, back to back."""
    ratios = []
    deadline = perf_counter() + seconds
    while not ratios or (perf_counter() < deadline and len(ratios) < MAX_PAIRS):
        start = perf_counter()
        workload(*operands)
        middle = perf_counter()
        _on_host(workload(*resident))
        ratios.append((middle - start) / (perf_counter() - middle))
    return tuple(ratios)


def differing(expected: np.ndarray, result: np.ndarray) -> int:
    """Elements whose bits differ; NaNs at one place are equal whatever their payload. All of them
    when shape or dtype differ."""
    if (expected.shape, expected.dtype) != (result.shape, result.dtype):
        return max(expected.size, result.size)
    bits = f"u{expected.itemsize}"
    same = np.ascontiguousarray(expected).view(bits) == np.ascontiguousarray(result).view(bits)
    if expected.dtype.kind in "fc":
        same |= np.isnan(expected) & np.isnan(result)
    return int(np.count_nonzero(~same))


def error(expected: np.ndarray, result: np.ndarray) -> float:
    """The largest |result - expected| / largest |expected|; inf where that has no meaning."""
    if (expected.shape, expected.dtype) != (result.shape, result.dtype):
        return float("inf")
    if differing(expected, result) == 0:
        return 0.0
    wide = expected.astype(np.float64), result.astype(np.float64)
    finite = np.isfinite(wide[0])
    if not np.array_equal(wide[0][~finite], wide[1][~finite], equal_nan=True):
        return float("inf")
    apart = np.abs(wide[1][finite] - wide[0][finite]).max()
    largest = np.abs(wide[0][finite]).max()
    return float(apart / largest) if largest > 0 and np.isfinite(apart) else float("inf")
