"""Times engine kernels beside NumPy, interleaved, on resident arrays: prints ratios, never seconds.

    python kernels/test/bench_engine.py [image.xclbin] [--clone _v3] [--sizes 1000000]

Ratios are NumPy's time / the engine's time of one direct kernel call, medians over many rounds;
NumPy allocates its results, as scripts do. Uses the test suite's program encoder.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "kernels"))

from kernel_lab import Image, Imm, Kernel, empty, place  # noqa: E402

Case = tuple[Callable[[], object], Callable[[], object]]


def cases(kernel: Kernel, n: int) -> dict[str, Case]:
    """name -> (NumPy's call, the engine's call)."""
    dtype = kernel.dtype
    rng = np.random.default_rng(0)
    a, b = rng.random(n).astype(dtype) + 1, rng.random(n).astype(dtype) + 1
    x, y, out = place(a), place(b), empty(n, dtype)
    flags, total = empty(n, "?"), empty((), dtype)
    square = 1 << int(np.log2(n) / 2)
    matrix = a[: square * square].reshape(square, square)
    grid, rows = place(matrix), empty((square,), dtype)

    def program(*steps, inputs=(x,), result=None):
        made = kernel.program((n,))
        for register, view in enumerate(inputs):
            made.load(register, view)
        for step in steps:
            made.do(*step)
        return made.store(steps[-1][1], result or out).prepared()

    def fold(name, shape, mode, view, result):
        kept, reduced = shape
        return kernel.program(kept, reduced, mode).load(0, view).folded(name, 0, result).prepared()

    def polynomial():
        r = np.full(n, 0.1, dtype)
        for _ in range(8):
            r = r * a + dtype.type(0.1)
        return r

    horner = [("set", 1, Imm(0.1))]
    for _ in range(8):
        horner += [("multiply", 1, 1, 0), ("add", 1, 1, Imm(0.1))]
    unary = {
        name: (lambda f=getattr(np, name): f(a), program((name, 2, 0)))
        for name in ("sqrt", "exp", "log", "sin", "cos")
    }
    return {
        "a + b": (lambda: a + b, program(("add", 2, 0, 1), inputs=(x, y))),
        "a + b, out=": (lambda: np.add(a, b, out=out.array), program(("add", 2, 0, 1), inputs=(x, y))),
        "2a + b": (
            lambda: dtype.type(2) * a + b,
            program(("multiply", 2, 0, Imm(2)), ("add", 2, 2, 1), inputs=(x, y)),
        ),
        "sqrt(a*a + b*b)": (
            lambda: np.sqrt(a * a + b * b),
            program(("multiply", 2, 0, 0), ("multiply", 3, 1, 1), ("add", 2, 2, 3), ("sqrt", 2, 2),
                    inputs=(x, y)),
        ),
        "a < b": (lambda: a < b, program(("less", 2, 0, 1), inputs=(x, y), result=flags)),
        "where(a<b,a,b)": (
            lambda: np.where(a < b, a, b),
            program(("less", 2, 0, 1), ("where", 2, 2, 0, 1), inputs=(x, y)),
        ),
        "maximum": (lambda: np.maximum(a, b), program(("maximum", 2, 0, 1), inputs=(x, y))),
        "degree 8": (polynomial, program(*horner)),
        "sin²+cos²": (
            lambda: np.sin(a) ** 2 + np.cos(a) ** 2,
            program(("sin", 1, 0), ("cos", 2, 0), ("multiply", 1, 1, 1), ("multiply", 2, 2, 2),
                    ("add", 1, 1, 2)),
        ),
        **unary,
        "sum": (a.sum, fold("sum", ((), (n,)), "within", x, total)),
        "max": (a.max, fold("max", ((), (n,)), "within", x, total)),
        "sum rows": (
            lambda: matrix.sum(axis=1),
            fold("sum", ((square,), (square,)), "within", grid, rows),
        ),
        "sum columns": (
            lambda: matrix.sum(axis=0),
            fold("sum", ((square,), (square,)), "across", grid.transpose(1, 0), rows),
        ),
        "transpose": (
            lambda: matrix.T.copy(),
            kernel.program((square, square)).load(0, grid.transpose(1, 0))
            .store(0, View2(out, square)).prepared(),
        ),
    }


def View2(out, square):  # noqa: N802 - reads as a constructor
    """The beginning of `out` as a square matrix."""
    return type(out)(out.memory, out.array[: square * square].reshape(square, square))


def ratio(case: Case, rounds: int) -> tuple[float, float]:
    """(NumPy / engine, engine's nanoseconds)."""
    times: tuple[list[float], list[float]] = ([], [])
    for call in case:
        call()
    for _ in range(rounds):
        for call, taken in zip(case, times, strict=True):
            begin = time.perf_counter_ns()
            call()
            taken.append(time.perf_counter_ns() - begin)
    numpy_time, engine_time = (statistics.median(t) for t in times)
    return numpy_time / engine_time, engine_time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image", nargs="?", type=Path, default=ROOT / "fpgarray/overlays/builtin.xclbin")
    parser.add_argument("--clone", default=None, help="symbol suffix: '', _v3, _v4 (best by default)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--nanoseconds", action="store_true", help="per call, for development")
    options = parser.parse_args()
    np.seterr(all="ignore")
    with tempfile.TemporaryDirectory() as scratch:
        image = Image(options.image, Path(scratch))
        for dtype in image.engines:
            columns = [cases(image.kernel(dtype, options.clone), n) for n in options.sizes]
            print(f"\nNumPy / {dtype} engine", *(f"{n:>12,}" for n in options.sizes))
            for name in columns[0]:
                cells = []
                for n, column in zip(options.sizes, columns, strict=True):
                    value, spent = ratio(column[name], max(15, min(400, 40_000_000 // n)))
                    cells.append(f"{value:6.2f}" + (f" {spent:12,.0f}" if options.nanoseconds else ""))
                print(f"{name:18}", *(f"{cell:>12}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
