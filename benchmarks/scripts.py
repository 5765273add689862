"""`python benchmarks/scripts.py`: whole scripts, unchanged, with NumPy's arrays and fpgarray's.

Prints agreement, NumPy's time / fpgarray's (interleaved, arrays resident, results read), launches,
fallbacks, host choices and bytes moved over bytes needed. The exit code is 1 if a result is further
from NumPy's than the script's bound. Started as a file, it measures the installed package.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from programs.jacobi import jacobi
from programs.logistic import logistic
from programs.mandelbrot import mandelbrot
from programs.nbody import nbody

import fpgarray as fa
from fpgarray.demo.comparison import Comparison, Workload, compare
from fpgarray.demo.jobs import halve
from fpgarray.demo.workloads.clusters import palette
from fpgarray.demo.workloads.heat import diffuse
from fpgarray.demo.workloads.options import option_book
from fpgarray.demo.workloads.photograph import develop
from fpgarray.runtime import select

Case = tuple[Workload, Sequence[np.ndarray]]


@dataclass(frozen=True)
class Script:
    """A row. `make(quick)`: the function and its operands, small if quick; `bound`: how far results
    may be apart, of the largest value (0: no bit)."""

    name: str
    make: Callable[[bool], Case]
    bound: float


def _heat(quick: bool) -> Case:
    side, steps = (40, 5) if quick else (1000, 200)
    plate = np.random.default_rng(0).random((side, side), dtype="f4")
    return partial(diffuse, times=(steps,)), (plate,)


def _options(quick: bool) -> Case:
    days, strikes = (40, 5) if quick else (1000, 100)
    returns = np.random.default_rng(1).normal(0, 0.02, days)
    close = 100 * np.exp(np.cumsum(returns))
    return option_book, (close, np.linspace(50, 200, strikes), np.arange(1, 13) / 12)


def _clusters(quick: bool) -> Case:
    count = 300 if quick else 250_000
    pixels = np.random.default_rng(2).integers(0, 256, (3, count)).astype("f8")
    return partial(palette, rounds=3 if quick else 10), (pixels, pixels[:, :8])


def _mandelbrot(quick: bool) -> Case:
    side, rounds = (30, 10) if quick else (800, 60)
    x = np.linspace(-2, 0.6, side)
    y = np.linspace(-1.3, 1.3, side)[:, None]
    return partial(mandelbrot, rounds=rounds), (x, y)


def _nbody(quick: bool) -> Case:
    bodies, steps = (20, 2) if quick else (1000, 5)
    rng = np.random.default_rng(3)
    place, velocity = rng.normal(0, 1, (3, bodies)), rng.normal(0, 0.1, (3, bodies))
    return partial(nbody, steps=steps, step=0.01), (place, velocity, rng.random(bodies) / bodies)


def _logistic(quick: bool) -> Case:
    count, features, steps = (60, 4, 5) if quick else (50_000, 32, 30)
    rng = np.random.default_rng(4)
    samples = rng.normal(size=(count, features))
    labels = (samples @ rng.normal(size=features) + rng.normal(size=count) > 0).astype("f8")
    return partial(logistic, steps=steps), (samples, labels)


def _jacobi(quick: bool) -> Case:
    size = 30 if quick else 1500
    rng = np.random.default_rng(5)
    matrix = rng.random((size, size)) / size + 2 * np.eye(size)
    return partial(jacobi, tolerance=1e-12, most=100), (matrix, rng.random(size))


def _image(quick: bool) -> Case:
    rows, columns = (40, 60) if quick else (2160, 3840)
    image = np.random.default_rng(6).integers(0, 256, (rows, columns, 3), dtype="u1")
    return partial(develop, resize=halve), (image,)


SCRIPTS = (
    Script("heat equation", _heat, 0.0),
    Script("Black-Scholes book", _options, 1e-12),
    Script("k-means", _clusters, 0.0),
    Script("Mandelbrot", _mandelbrot, 0.0),
    Script("n-body", _nbody, 1e-12),
    Script("logistic regression", _logistic, 1e-11),
    Script("Jacobi", _jacobi, 1e-11),
    Script("image pipeline", _image, 0.0),
)

COLUMNS = "{:<20} {:<28} {:<22} {:>8} {:>9} {:>6} {:>8}"
TITLES = ("script", "agreement", "NumPy / fpgarray", "launches", "fallbacks", "host", "moved")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 0, or 1 if a result was wrong."""
    parser = argparse.ArgumentParser(prog="python benchmarks/scripts.py", description=__doc__)
    names = [each.name for each in SCRIPTS]
    parser.add_argument("--scripts", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="small: to check, not to measure")
    parser.add_argument("--seconds", type=float, default=3.0, help="on each script, about")
    chosen = parser.parse_args(arguments)
    provider, reason = select.choose()
    print(f"fpgarray {fa.__version__}, NumPy {np.__version__}, Python {platform.python_version()}")
    print(f"{os.cpu_count()} processors; {provider.name}: {reason}\n")
    print(COLUMNS.format(*TITLES), flush=True)
    wrong = []
    for script in SCRIPTS:
        if script.name in chosen.scripts:
            workload, operands = script.make(chosen.quick)
            found = compare(workload, operands, script.bound, 0 if chosen.quick else chosen.seconds)
            print(line(script, found), flush=True)
            wrong += [f"WRONG  {script.name}: {text}" for text in differences(found)]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def differences(found: Comparison) -> list[str]:
    """What is wrong with the results; where they were computed is told, not judged."""
    if found.bound == 0 and found.differing:
        return [f"{found.differing:,} of {found.size:,} values differ from NumPy's"]
    if found.error > found.bound:
        return [f"apart by {found.error:.1e} of the largest value; {found.bound:.0e} is allowed"]
    return []


def line(script: Script, found: Comparison) -> str:
    """A row of the table."""
    agreement = "identical" if found.differing == 0 else f"within {found.error:.1e}"
    low, high = np.percentile(found.ratios, (25, 75))
    return COLUMNS.format(
        script.name,
        agreement + ("" if script.bound == 0 else f" (bound {script.bound:.0e})"),
        f"{found.ratio:.2f} [{low:.2f}, {high:.2f}]",
        f"{found.cold.launches:,}",
        f"{found.cold.fallbacks:,}",
        f"{found.cold.host_chosen:,}",
        f"{found.moved / found.needed:.2f}",
    )


if __name__ == "__main__":
    sys.exit(main())
