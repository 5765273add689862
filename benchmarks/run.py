"""`python benchmarks/run.py`: expressions on resident arrays, beside NumPy, numexpr and numba.

Each of them runs in a process of its own, interleaved with NumPy there; a figure is NumPy's time /
theirs, the median of many rounds with its quartiles. "!" marks a goal missed. The exit code is 1 if
a result differs from NumPy's. The figures are of this machine and of the provider that fpgarray
chose. Started as a file, it measures the installed package.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rival import RIVALS
from timing import Spread
from workloads import TOLERANCE, WORKLOADS, Workload, make_operands

COLUMNS = (
    "{:<21} {:>5} {:>10}  {:<19} {:>8}  {:<19} {:<19} {:<19} {:>11} {:>6} {:>9} {:>9} {:>6} {:>5}"
)
TITLES = ("workload", "dtype", "n", 'dispatch="device"', "goal", 'dispatch="auto"', "numexpr",
          "numba", "best rival", "limit", "launches", "fallbacks", "moved", "host")  # fmt: skip

LEGEND = """\
NumPy's time / theirs, median [quartiles]
  best rival: the better rival's time / ours under "device", with the goal
  limit: share of the bandwidth of np.copyto on as many bytes, under "device"
  moved: bytes moved / bytes needed, from host arrays to a host result; host: operations that "auto"
  ran in NumPy because that is cheaper"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0, or 1 if a result was wrong."""
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description=__doc__)
    parser.add_argument("--sizes", type=_size, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--dtypes", nargs="+", choices=("f4", "f8"), default=["f4", "f8"])
    names = [each.name for each in WORKLOADS]
    parser.add_argument("--workloads", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--rivals", nargs="*", choices=tuple(RIVALS)[1:], default=tuple(RIVALS)[1:])
    parser.add_argument("--seconds", type=float, default=0.5, help="on each figure, about")
    chosen = parser.parse_args(arguments)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")
    processes = {name: Process(name) for name in ("fpgarray", *chosen.rivals)}
    print(*(each.told for each in processes.values()), "", LEGEND, "", sep="\n")
    print(COLUMNS.format(*TITLES), flush=True)
    wrong = [
        fault
        for workload in WORKLOADS
        if workload.name in chosen.workloads
        for dtype in chosen.dtypes
        for elements in chosen.sizes
        for fault in row(processes, workload, dtype, elements, chosen.seconds)
    ]
    for each in processes.values():
        each.close()
    print(*(f"WRONG  {each}" for each in wrong), sep="\n")
    return 1 if wrong else 0


def _size(text: str) -> int:
    return int(float(text))


class Process:
    """A rival's process. `told`: its version, or why it is absent."""

    def __init__(self, name: str) -> None:
        self.name = name
        command = [sys.executable, str(Path(__file__).with_name("rival.py")), name]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        first = self._read()
        self.present = "version" in first
        self.told = first.get("version") or f"skipped: {first['absent']}"

    def ask(self, **request: Any) -> dict[str, Any] | None:
        """Its answer; None if it is absent or does not have the workload."""
        if not self.present:
            return None
        self._child.stdin.write(json.dumps(request) + "\n")
        self._child.stdin.flush()
        found = self._read()
        return found if found["ratios"] else None

    def _read(self) -> dict[str, Any]:
        line = self._child.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: its process ended with {self._child.wait()}")
        return json.loads(line)

    def close(self) -> None:
        """Let it end."""
        self._child.stdin.close()
        self._child.wait()


def row(
    processes: Mapping[str, Process], workload: Workload, dtype: str, elements: int, seconds: float
) -> list[str]:
    """Measure and print one row; what was wrong with it."""
    request = {"workload": workload.name, "dtype": dtype, "elements": elements, "seconds": seconds}
    found = {name: process.ask(**request) for name, process in processes.items()}
    print(line(workload, dtype, elements, found), flush=True)
    at = f"{workload.name}, {dtype}, {elements:,}"
    return [f"{name}: {at}: {text}" for name, answer in found.items() if answer
            for text in faults(name, workload, dtype, answer)]  # fmt: skip


def faults(name: str, workload: Workload, dtype: str, answer: Mapping[str, Any]) -> list[str]:
    """What is wrong with a result: any bit for exact functions of ours, else beyond TOLERANCE."""
    bound = TOLERANCE[dtype]
    if name == "fpgarray" and workload.exact and not answer["identical"]:
        return [f"differs from NumPy by {answer['error']:.1e}; no bit may"]
    if answer["error"] > bound:
        return [f"differs from NumPy by {answer['error']:.1e}; {bound:.0e} is allowed"]
    return []


def line(
    workload: Workload, dtype: str, elements: int, found: Mapping[str, dict[str, Any] | None]
) -> str:
    """The row's text."""
    ours = found["fpgarray"]
    device, automatic, copy = (Spread(**ours["ratios"][n]) for n in ("device", "auto", "copy"))
    rivals = {name: answer["ratios"]["rival"] for name, answer in found.items()
              if answer and name != "fpgarray"}  # fmt: skip
    operands = make_operands(workload, dtype, elements)[: workload.operands]
    nbytes = sum(each.nbytes for each in operands)
    best = max((each["middle"] for each in rivals.values()), default=None)
    facts = ours["facts"]
    return COLUMNS.format(
        workload.name, dtype, f"{operands[0].size:,}", str(device),
        _goal(device.middle, workload.goals.numpy(dtype, nbytes)), str(automatic),
        *(str(Spread(**rivals[name])) if name in rivals else "-" for name in ("numexpr", "numba")),
        "-" if best is None else _against(device.middle / best, workload.goals.peer(nbytes)),
        f"{device.middle / copy.middle:.0%}", facts["launches"], facts["fallbacks"],
        f"{facts['moved']:.2f}", facts["host"],
    )  # fmt: skip


def _goal(value: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f">= {goal:g}" + ("" if value >= goal else " !")


def _against(value: float, goal: float | None) -> str:
    return f"{value:.2f} {_goal(value, goal)}".strip()


if __name__ == "__main__":
    sys.exit(main())
