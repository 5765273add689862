"""Interleaved timing: rivals take turns in one process, so that disturbances hit all alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

MIN_SAMPLE_SECONDS = 2e-3
MIN_ROUNDS = 5
MAX_ROUNDS = 300


@dataclass(frozen=True)
class Spread:
    """Median and quartiles."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{_short(self.middle)} [{_short(self.low)}, {_short(self.high)}]"


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles of at least two values."""
    low, _, high = quantiles(values, n=4)
    return Spread(median(values), low, high)


def take_turns(rivals: Sequence[Callable[[], object]], seconds: float) -> list[list[float]]:
    """Seconds per call of each rival, one list per rival, entry i of all from the same round.

    Every rival runs once before, unmeasured. Calls too short to time are repeated within a sample.
    Who begins changes from round to round. Ends after about `seconds`, not before 5 rounds.
    """
    repeats = [_repeats(rival) for rival in rivals]
    times: list[list[float]] = [[] for _ in rivals]
    deadline = perf_counter() + seconds
    rounds = 0
    while rounds < MIN_ROUNDS or (perf_counter() < deadline and rounds < MAX_ROUNDS):
        for turn in range(len(rivals)):
            index = (turn + rounds) % len(rivals)
            times[index].append(_sample(rivals[index], repeats[index]))
        rounds += 1
    return times


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Spread of the quotients, round by round."""
    return spread([a / b for a, b in zip(numerators, denominators, strict=True)])


def _repeats(rival: Callable[[], object]) -> int:
    """Calls per sample."""
    rival()
    rival()
    return max(1, round(MIN_SAMPLE_SECONDS / max(_sample(rival, 1), 1e-7)))


def _sample(rival: Callable[[], object], repeats: int) -> float:
    """Seconds per call in a rival's own steady state: half as many calls go before, unmeasured,
    and bring back to the caches what the other rival's data displaced."""
    for _ in range(repeats // 2):
        rival()
    start = perf_counter()
    for _ in range(repeats):
        rival()
    return (perf_counter() - start) / repeats
