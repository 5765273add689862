"""`python benchmarks/small.py`: what one operation costs on small arrays, where overhead is all.

Recording alone, launching, and whole operations with their result read, beside NumPy. "!" marks a
goal missed. The exit code is 1 if a result differs from NumPy's. Started as a file, it measures the
installed package.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from timing import Spread, ratios, spread, take_turns

import fpgarray as fa
from fpgarray.runtime import select

RECORDED = 256
"""Operations recorded between two runs of the tape, well below its cap."""


def chain(a: Any, b: Any) -> Any:
    """Twenty operations."""
    for _ in range(10):
        a = a * b + b
    return a


@dataclass(frozen=True)
class Operation:
    """A row: `function(a, b)`, its `count` of operations; `goal`: NumPy's time / ours at 10."""

    name: str
    function: Callable[[Any, Any], Any]
    count: int = 1
    goal: float | None = None


OPERATIONS = (
    Operation("a+b", lambda a, b: a + b, goal=0.25),
    Operation("a*2.0", lambda a, b: a * 2.0, goal=0.25),
    Operation("np.sqrt(a)", lambda a, b: np.sqrt(a), goal=0.25),
    Operation("a<b", lambda a, b: a < b, goal=0.25),
    Operation("np.where(a<b, a, b)", lambda a, b: np.where(a < b, a, b), 2),
    Operation("a.sum()", lambda a, b: a.sum(), goal=0.25),
    Operation("a[2:8]", lambda a, b: a[2:8]),
    Operation("a.reshape(2, -1)", lambda a, b: a.reshape(2, -1)),
    Operation("a.copy()", lambda a, b: a.copy()),
    Operation("20 operations", chain, 20, goal=0.5),
)
RECORDING_GOAL = 1.0
"""Microseconds."""
LAUNCH_GOAL = 10.0
"""Microseconds that a launch may cost more than the provider's own calls."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all tables; 0, or 1 if a result was wrong."""
    parser = argparse.ArgumentParser(prog="python benchmarks/small.py", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 1000, 10_000])
    parser.add_argument("--seconds", type=float, default=0.3, help="on each figure, about")
    chosen = parser.parse_args(arguments)
    provider, reason = select.choose()
    print(f"fpgarray {fa.__version__}, NumPy {np.__version__}, Python {platform.python_version()}")
    print(f"{os.cpu_count()} processors; {provider.name}: {reason}\n")
    recording(chosen.seconds)
    launching(chosen.seconds)
    return whole(chosen.sizes, chosen.seconds)


def operands(elements: int) -> tuple[np.ndarray, np.ndarray]:
    """Two float32 arrays, 0.5 to 2."""
    rng = np.random.default_rng(elements)
    return tuple(rng.uniform(0.5, 2.0, elements).astype("f4") for _ in range(2))


def recording(seconds: float) -> None:
    """Recording alone: the results are dropped at once, the runs not timed."""
    print(f"Recording, µs per operation (goal <= {RECORDING_GOAL:g})")
    for each in OPERATIONS[:4]:
        taken = _recording(each.function, seconds)
        print(f"  {each.name:<24} {taken}{'' if taken.middle <= RECORDING_GOAL else ' !'}")
    print()


def _recording(operation: Callable[[Any, Any], Any], seconds: float) -> Spread:
    a, b = (fa.asarray(each) for each in operands(20_000))  # smaller ones are not recorded
    taken = []
    deadline = perf_counter() + seconds
    while perf_counter() < deadline or len(taken) < 5:
        start = perf_counter()
        for _ in range(RECORDED):
            operation(a, b)
        taken.append((perf_counter() - start) / RECORDED * 1e6)
        fa.synchronize()
    return spread(taken)


def launching(seconds: float) -> None:
    """From expression to finish, and how much of it is not the provider's."""
    print('Launching a+b, resident, under "device": record, plan, launch, wait (µs)')
    for elements in (10, 10**6):
        total, raw = _launching(elements, seconds)
        extra = spread([a - b for a, b in zip(total, raw, strict=True)])
        missed = "" if extra.middle <= LAUNCH_GOAL else " !"
        goal = f"(goal <= {LAUNCH_GOAL:g}){missed}"
        print(f"  {elements:>9,} elements: {spread(total)}; beside a bare restart: {extra} {goal}")
    print()


def _launching(elements: int, seconds: float) -> tuple[list[float], list[float]]:
    a, b = (fa.asarray(each) for each in operands(elements))
    kept: list[Any] = [None]

    def total() -> None:
        with fa.policy(dispatch="device"):
            kept[0] = a + b
            fa.synchronize()

    total()
    run = _last_run(a)

    def raw() -> None:
        run.start()
        run.wait()

    taken = take_turns((total, raw), seconds)
    return tuple([each * 1e6 for each in times] for times in taken)


def _last_run(array: fa.FPGAArray) -> Any:
    """The runtime's run of the launch before, its arguments still set to pooled buffers."""
    shelves = array.device._idle.values()
    return next(shelf[-1].run for shelf in shelves if shelf)


COLUMNS = "  {:<22} {:>9}  {:<20} {:<20} {:<16} {}"


def whole(sizes: Sequence[int], seconds: float) -> int:
    """Each operation with its result read, under "auto"; 1 if one was wrong."""
    print('Operations, float32, dispatch="auto", the result read on the host')
    titles = ("", "n", "fpgarray, µs", "µs per operation", "NumPy / fpgarray", "")
    print(COLUMNS.format(*titles))
    wrong = []
    for each in OPERATIONS:
        for elements in sizes:
            plain = operands(elements)
            if not _same(each.function, plain):
                wrong.append(f"WRONG  {each.name} of {elements} elements differs from NumPy's")
            print(_line(each, elements, *_timed(each.function, plain, seconds)), flush=True)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def _same(function: Callable[[Any, Any], Any], plain: Sequence[np.ndarray]) -> bool:
    """Bits, but for sums: these may be summed in another order."""
    expected = np.asarray(function(*plain))
    result = np.asarray(function(*(fa.asarray(each) for each in plain)))
    if (expected.shape, expected.dtype) != (result.shape, result.dtype):
        return False
    return bool(np.allclose(result, expected, rtol=1e-6 if expected.ndim == 0 else 0, atol=0))


def _timed(
    function: Callable[[Any, Any], Any], plain: Sequence[np.ndarray], seconds: float
) -> tuple[list[float], list[float]]:
    ours = tuple(fa.asarray(each) for each in plain)
    return take_turns((lambda: function(*plain), lambda: np.asarray(function(*ours))), seconds)


def _line(row: Operation, elements: int, plain: list[float], ours: list[float]) -> str:
    found = ratios(plain, ours)
    micro = [each * 1e6 for each in ours]
    goal = ""
    if row.goal is not None and elements == 10:
        goal = f">= {row.goal:g}" + ("" if found.middle >= row.goal else " !")
    per = spread([each / row.count for each in micro])
    return COLUMNS.format(row.name, f"{elements:,}", str(spread(micro)), str(per), str(found), goal)


if __name__ == "__main__":
    sys.exit(main())
