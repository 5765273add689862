"""`python benchmarks/run.py`: fpgarray beside NumPy, interleaved in one process.

Prints ratios (NumPy's time / fpgarray's), each the median of many rounds with its quartiles, and
what recording and launching cost. "!" marks a goal missed. The figures are of this machine and of
the provider that this process chose. Started as a file, it measures the installed package.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

import fpgarray as fa
from fpgarray.runtime import select
from timing import Spread, ratios, spread, take_turns
from workloads import WORKLOADS, Workload, chain

RECORDED = 256
"""Operations recorded between two runs of the tape, well below its cap."""

RECORDING = (
    ("a*b", lambda a, b: a * b),
    ("a+2.0", lambda a, b: a + 2.0),
    ("np.sqrt(a)", lambda a, b: np.sqrt(a)),
)
SMALL = (
    ("one operation on 10 elements", lambda a, b: a + b, 0.25),
    ("chain of 20 operations on 10 elements", chain, 0.5),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all tables; 0."""
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description=__doc__)
    parser.add_argument(
        "--sizes", type=_size, nargs="+", default=[10**4, 10**5, 10**6, 10**7], help="elements"
    )
    parser.add_argument("--dtypes", nargs="+", choices=("f4", "f8"), default=["f4", "f8"])
    parser.add_argument("--seconds", type=float, default=0.5, help="spent on each row, about")
    chosen = parser.parse_args(arguments)
    for line in (*_heading(), ""):
        print(line)
    _resident(chosen.sizes, chosen.dtypes, chosen.seconds)
    _overheads(chosen.seconds)
    return 0


def _size(text: str) -> int:
    return int(float(text))


def _heading() -> Iterator[str]:
    provider, reason = select.choose()
    yield f"fpgarray {fa.__version__}, NumPy {np.__version__}, Python {platform.python_version()}"
    yield f"{os.cpu_count()} processors; {provider.name}: {reason}"


# Resident arrays


@dataclass(frozen=True)
class Row:
    """`device`, `automatic`: NumPy's time over ours under the two policies; `limit`: our share of
    the bandwidth of a NumPy copy of as many bytes; `launches`, `moved`: of one run from host memory
    to a host result, bytes moved over bytes needed; `chosen`: operations "auto" ran on the host."""

    workload: Workload
    dtype: str
    elements: int
    device: Spread
    automatic: Spread
    limit: float
    launches: int
    moved: float
    chosen: int


_COLUMNS = "{:<21} {:>5} {:>9}  {:<20} {:>6}  {:<20} {:>5} {:>7} {:>9} {:>7}"


def _resident(sizes: Sequence[int], dtypes: Sequence[str], seconds: float) -> None:
    print("Resident arrays: NumPy's time / fpgarray's, median [quartiles]")
    print('  limit: share of the bandwidth of np.copyto on as many bytes, under "device"')
    print("  moved: bytes moved / bytes needed, from host arrays to a host result")
    print('  host: operations that "auto" ran in NumPy because that is cheaper')
    titles = ("workload", "dtype", "n", 'dispatch="device"', "goal", 'dispatch="auto"', "host",
              "limit", "launches", "moved")  # fmt: skip
    print(_COLUMNS.format(*titles))
    for workload in WORKLOADS:
        for dtype in dtypes:
            for elements in sizes:
                print(_line(_measure(workload, dtype, elements, seconds)), flush=True)
    print()


def _line(row: Row) -> str:
    goal = row.workload.goal(row.dtype, row.elements)
    met = "" if goal is None or row.device.middle >= goal else " !"
    return _COLUMNS.format(
        row.workload.name, row.dtype, f"{row.elements:,}", str(row.device),
        "" if goal is None else f">= {goal:g}{met}", str(row.automatic), row.chosen,
        f"{row.limit:.0%}", row.launches, f"{row.moved:.2f}",
    )  # fmt: skip


def _operands(dtype: str, elements: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(elements)
    return tuple(rng.uniform(0.5, 2.0, elements).astype(dtype) for _ in range(2))


def _measure(workload: Workload, dtype: str, elements: int, seconds: float) -> Row:
    plain = _operands(dtype, elements)
    with fa.policy(dispatch="device"), fa.profile() as cold:
        resident = tuple(fa.asarray(each) for each in plain)
        result = np.asarray(workload.function(*resident))
    used = workload.operands * plain[0].nbytes
    needed = used + result.nbytes
    fa.synchronize()

    def on_device() -> None:
        with fa.policy(dispatch="device"):
            _finish(workload.function(*resident))

    def automatic() -> None:
        _finish(workload.function(*resident))

    with fa.profile() as warm:
        automatic()
    half = np.ones(needed // 2, np.uint8)
    other = np.empty_like(half)
    numpy_times, device_times, automatic_times, copy_times = take_turns(
        (lambda: workload.function(*plain), on_device, automatic, lambda: np.copyto(other, half)),
        seconds,
    )
    return Row(
        workload,
        dtype,
        elements,
        ratios(numpy_times, device_times),
        ratios(numpy_times, automatic_times),
        ratios(copy_times, device_times).middle,
        cold.launches,
        (cold.bytes_to_device + cold.bytes_from_device) / needed,
        warm.host_chosen,
    )


def _finish(result: Any) -> None:
    """Run what is recorded and wait. `result` stays where it was computed; while it is held here it
    is wanted, else its operations would be dropped."""
    fa.synchronize()


# Overheads


def _overheads(seconds: float) -> None:
    print("Recording, µs per operation (goal <= 1)")
    for name, operation in RECORDING:
        print(f"  {name:<40} {_recording(operation, seconds)}")
    print("\nLaunching a+b, f4, resident: record, plan, launch and wait")
    for elements in (10, 10**6):
        whole, raw = _launching(elements, seconds)
        extra = spread([a - b for a, b in zip(whole, raw, strict=True)])
        name = f"{elements:,} elements: µs per launch"
        print(f"  {name:<40} {spread(whole)}; µs beside a bare restart of the run: {extra}")
    print("\nSmall arrays, f4, dispatch=\"auto\", result read: NumPy's time / fpgarray's")
    for name, function, goal in SMALL:
        found = _small(function, seconds)
        met = "" if found.middle >= goal else " !"
        print(f"  {name:<40} {found}  (goal >= {goal:g}{met})")


def _recording(operation: Callable[[Any, Any], Any], seconds: float) -> Spread:
    """µs to record one operation whose result is dropped at once; the runs are not measured."""
    a, b = (fa.asarray(each) for each in _operands("f4", 1000))
    taken = []
    deadline = perf_counter() + seconds
    while perf_counter() < deadline or len(taken) < 5:
        start = perf_counter()
        for _ in range(RECORDED):
            operation(a, b)
        taken.append((perf_counter() - start) / RECORDED * 1e6)
        fa.synchronize()
    return spread(taken)


def _launching(elements: int, seconds: float) -> tuple[list[float], list[float]]:
    """µs of a launch from expression to finish, and of starting the same finished run again."""
    a, b = (fa.asarray(each) for each in _operands("f4", elements))
    kept: list[Any] = [None]

    def whole() -> None:
        with fa.policy(dispatch="device"):
            kept[0] = a + b
            fa.synchronize()

    whole()
    run = _last_run(a)

    def raw() -> None:
        run.start()
        run.wait()

    taken = take_turns((whole, raw), seconds)
    return tuple([each * 1e6 for each in times] for times in taken)


def _last_run(array: fa.FPGAArray) -> Any:
    """The runtime's run of the launch before, its arguments still set to pooled buffers."""
    shelves = array.device._idle.values()
    return next(shelf[-1].run for shelf in shelves if shelf)


def _small(function: Callable[[Any, Any], Any], seconds: float) -> Spread:
    plain = _operands("f4", 10)
    ours = tuple(fa.asarray(each) for each in plain)
    times = take_turns((lambda: function(*plain), lambda: np.asarray(function(*ours))), seconds)
    return ratios(*times)


if __name__ == "__main__":
    sys.exit(main())
