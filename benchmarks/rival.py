"""`python benchmarks/rival.py NAME`: one rival in a process of its own, timed beside NumPy.

Thread pools of one library slow the others down, so no two of them share a process. Says first
what it is, or why it is absent; then answers requests, each a line of JSON on stdin, by a line on
stdout. `run.py` starts it.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from timing import ratios, take_turns
from workloads import WORKLOADS, Workload, error, make_operands

Callables = dict[str, Callable[[], Any]]
Operands = Sequence[np.ndarray]


class Absent(Exception):
    """The rival's package is not installed; the message says how to get it."""


INSTALL = "pip install 'fpgarray[benchmarks]'"


class Fpgarray:
    """Ours, under both policies, and what a copy of as many bytes costs."""

    def __init__(self) -> None:
        import fpgarray
        from fpgarray.runtime import select

        self.fa = fpgarray
        provider, reason = select.choose()
        self.version = f"fpgarray {fpgarray.__version__} on the {provider.name} ({reason})"
        self.facts: dict[str, Any] = {}

    def prepare(self, workload: Workload, operands: Operands) -> tuple[Any, Callables]:
        """The result, and what to time."""
        fa = self.fa
        with fa.policy(dispatch="device"), fa.profile() as cold:
            resident = [fa.asarray(each) for each in operands]
            result = np.array(workload.function(*resident))
        used = operands[: workload.operands]
        needed = sum(each.nbytes for each in used) + result.nbytes
        with fa.profile() as warm:
            workload.function(*resident)
            fa.synchronize()
        self.facts = {
            "launches": cold.launches,
            "fallbacks": cold.fallbacks,
            "moved": (cold.bytes_to_device + cold.bytes_from_device) / needed,
            "host": warm.host_chosen,
        }
        half = np.ones(max(needed // 2, 1), np.uint8)
        other = np.empty_like(half)

        def automatic() -> None:
            # held here until it has run: nobody wants a dropped result, and nothing computes it
            held = workload.function(*resident)
            fa.synchronize()
            del held

        def device() -> None:
            with fa.policy(dispatch="device"):
                automatic()

        return result, {"device": device, "auto": automatic, "copy": lambda: np.copyto(other, half)}


class Numexpr:
    """numexpr with all its threads."""

    def __init__(self) -> None:
        try:
            import numexpr
        except ImportError as fault:
            raise Absent(f"numexpr is not installed: {INSTALL} ({fault})") from fault
        self.ne = numexpr
        self.version = f"numexpr {numexpr.__version__}, {numexpr.nthreads} threads"
        self.facts: dict[str, Any] = {}

    def prepare(self, workload: Workload, operands: Operands) -> tuple[Any, Callables] | None:
        """The result, and what to time; None for a function it does not have."""
        if workload.numexpr is None:
            return None
        number = operands[0].dtype.type
        run = lambda: workload.numexpr(self.ne, *operands, number)  # noqa: E731
        return run(), {"rival": run}


class Numba:
    """The NumPy function itself, compiled, with all threads."""

    def __init__(self) -> None:
        try:
            import numba
        except ImportError as fault:
            raise Absent(f"numba cannot be imported: {INSTALL} ({fault})") from fault
        self.nb = numba
        self.version = f"numba {numba.__version__}, {numba.get_num_threads()} threads"
        self.facts: dict[str, Any] = {}

    def prepare(self, workload: Workload, operands: Operands) -> tuple[Any, Callables] | None:
        """The result, and what to time; None for a function it does not compile."""
        if not workload.numba:
            return None
        try:
            return self._compiled(workload.function, operands, parallel=True)
        except (self.nb.errors.NumbaError, AssertionError):  # what it cannot share, it may compile
            return self._compiled(workload.function, operands, parallel=False)

    def _compiled(
        self, function: Callable[..., Any], operands: Operands, parallel: bool
    ) -> tuple[Any, Callables]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", self.nb.errors.NumbaPerformanceWarning)
            whole = _with_compiled_parts(self.nb, function, parallel)
            compiled = self.nb.njit(parallel=parallel)(whole)
            run = lambda: compiled(*operands)  # noqa: E731
            return run(), {"rival": run}


def _with_compiled_parts(
    numba: Any, function: Callable[..., Any], parallel: bool
) -> Callable[..., Any]:
    """A copy that calls compiled copies of the plain functions it calls, as numba demands."""
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        if isinstance(names.get(name), FunctionType):
            names[name] = numba.njit(parallel=parallel)(names[name])
    return FunctionType(function.__code__, names, function.__name__)


RIVALS: dict[str, Callable[[], Any]] = {
    "fpgarray": Fpgarray,
    "numexpr": Numexpr,
    "numba": Numba,
}


def answer(rival: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Measure one row: NumPy's time over the rival's, its error, and facts."""
    workload = next(each for each in WORKLOADS if each.name == request["workload"])
    operands = make_operands(workload, request["dtype"], request["elements"])
    expected = workload.function(*operands)
    prepared = rival.prepare(workload, operands)
    if prepared is None:
        return {"ratios": {}, "error": 0.0, "facts": {}}
    result, callables = prepared
    identical = np.asarray(result).tobytes() == np.asarray(expected).tobytes()
    times = take_turns(
        (lambda: workload.function(*operands), *callables.values()), request["seconds"]
    )
    return {
        "ratios": {
            name: vars(ratios(times[0], taken))
            for name, taken in zip(callables, times[1:], strict=True)
        },
        "error": 0.0 if identical else error(expected, result),
        "identical": identical,
        "facts": rival.facts,
    }


def main(arguments: Sequence[str]) -> int:
    """Serve requests until stdin ends; 0, also when the rival is absent."""
    (name,) = arguments
    try:
        rival = RIVALS[name]()
    except Absent as fault:
        print(json.dumps({"absent": str(fault)}), flush=True)
        return 0
    print(json.dumps({"version": f"{rival.version}; NumPy {np.__version__}"}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(rival, json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
