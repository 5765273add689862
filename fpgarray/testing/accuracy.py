"""How far a function's results are from the true ones: samples, units in the last place, a table.

Measures whatever it is given as a function of ndarrays (`apply`): the device's kernels through
FPGAArrays for the command `fpgarray accuracy`, an engine called by hand in the kernels' own tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf, ldexp
from typing import Any

import numpy as np

from fpgarray.config import policy
from fpgarray.functions.creation import asarray
from fpgarray.host_access import device_of
from fpgarray.testing.true_values import SPECIAL, reference

BOUNDS = {4: 2.0, 8: 2.5}
"""Units in the last place, by the dtype's size."""

Apply = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Domain:
    """Where a function is looked at beside numbers of any magnitude: uniformly in `ranges`, and
    around `points`. `arity` operands; "positive" takes magnitudes only."""

    ranges: tuple[tuple[Any, Any], ...]
    points: tuple[float, ...] = ()
    positive: bool = False
    arity: int = 1


_WAVE = Domain(((-0.8, 0.8), (-10, 10), (-1e5, 1e5), (-2e6, 2e6)), (np.pi / 4, np.pi / 2, np.pi))
_LOG = Domain(((0.7, 1.42), (0, 4), (0, 1e4)), (2**0.5, 0.5**0.5, 1), positive=True)
_EXP = Domain(((-1, 1), (-3, 3), (-104, 89), (-746, 710)), (0.34657, 0.5))
_BOUNDED = Domain(((-1, 1), (-0.6, 0.6), (0.95, 1), (-1, -0.95)), (0.5, 1))
_PAIR = Domain(((-1, 1), (-3, 3), (-1000, 1000)), arity=2)

DOMAINS: dict[str, Domain] = {
    "exp": _EXP,
    "exp2": Domain(((-1, 1), (-150, 128), (-1075, 1024)), (0.5, 1.5)),
    "expm1": _EXP,
    "log": _LOG,
    "log2": _LOG,
    "log10": _LOG,
    "log1p": Domain(((-0.3, 0.42), (-1, 4), (-1e-7, 1e-7), (0, 1e4)), (0.41421, -0.29289)),
    "cbrt": Domain(((-1, 1), (1, 8), (-1e4, 1e4)), (1, 2, 4, 8)),
    "sin": _WAVE,
    "cos": _WAVE,
    "tan": _WAVE,
    "arcsin": _BOUNDED,
    "arccos": _BOUNDED,
    "arctan": Domain(((-1, 1), (0.5, 2.5), (-100, 100)), (0.55, 1, 1 / 0.55)),
    "sinh": Domain(((-1, 1), (0.9, 1.3), (-3, 3), (-90, 90), (-711, 711)), (1,)),
    "cosh": Domain(((-1, 1), (-3, 3), (-90, 90), (-711, 711)), (1,)),
    "tanh": Domain(((-1, 1), (0.55, 0.7), (-3, 3), (-30, 30)), (0.6,)),
    "arcsinh": Domain(((-1, 1), (-3, 3), (-1e4, 1e4)), (2.0**28,)),
    "arccosh": Domain(((1, 2), (1, 1.1), (1, 1.0001), (1, 1e4)), (2.0**28,), positive=True),
    "arctanh": Domain(((-1, 1), (-0.6, 0.6), (-0.1, 0.1), (0.99, 1)), (0.5,)),
    "arctan2": _PAIR,
    "hypot": _PAIR,
    "power": Domain(((0, 3), (-10, 10), (0.9, 1.1), (1, 1000)), arity=2),
    "logaddexp": _PAIR,
    "logaddexp2": _PAIR,
}


@dataclass(frozen=True)
class Row:
    """What was found of one function in one dtype.

    `worst`: the largest error in units in the last place, at `operands`. `special`: the rows of
    `SPECIAL` that are wrong, each with what came instead.
    """

    name: str
    dtype: np.dtype
    count: int
    least: float
    largest: float
    worst: float
    operands: tuple[float, ...]
    bound: float
    special: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether the bound and all special values hold."""
        return self.worst <= self.bound and not self.special


def samples(name: str, dtype: np.dtype, count: int, seed: int = 7) -> list[np.ndarray]:
    """About `count` finite operands each: a third random bits (every exponent is likely, subnormals
    are among them), the rest uniform in the function's domain, and the neighbourhood of where its
    formulas change."""
    domain, rng = DOMAINS[name], np.random.default_rng(seed)
    some = count // 3
    columns = [[_any_bits(dtype, some, rng, domain.positive)] for _ in range(domain.arity)]
    each = max(2 * count // (3 * len(domain.ranges) ** domain.arity), 4)
    for ranges in _tuples(domain.ranges, domain.arity):
        for column, (low, high) in zip(columns, ranges, strict=True):
            column.append(rng.uniform(low, high, each).astype(dtype))
    if domain.arity == 1:
        columns[0] += [_around(point, dtype) for point in domain.points]
    else:
        _add_relatives(name, columns, dtype, some, rng)
    operands = [np.concatenate(column).astype(dtype) for column in columns]
    usable = [np.isfinite(operand) & (operand != 0) for operand in operands]
    kept = np.logical_and.reduce(usable)  # zeros and infinities are `SPECIAL`'s
    return [operand[kept] for operand in operands]


def _tuples(ranges: tuple[Any, ...], arity: int) -> Iterator[tuple[Any, ...]]:
    for first in ranges:
        if arity == 1:
            yield (first,)
        else:
            yield from ((first, second) for second in ranges)


def _any_bits(
    dtype: np.dtype, count: int, rng: np.random.Generator, positive: bool = False
) -> np.ndarray:
    bits = {4: np.uint32, 8: np.uint64}[dtype.itemsize]
    values = rng.integers(0, 256, count * dtype.itemsize, np.uint8).view(bits)
    mantissa = bits((1 << np.finfo(dtype).nmant) - 1)
    values[::8] &= mantissa >> rng.integers(0, np.finfo(dtype).nmant, values[::8].size).astype(bits)
    return np.abs(values.view(dtype)) if positive else values.view(dtype)


def _around(point: float, dtype: np.dtype) -> np.ndarray:
    """Both signs of a number and its eight nearest neighbours."""
    here = np.asarray(point, dtype)
    near = here + np.spacing(here) * np.arange(-4, 5).astype(dtype)
    return np.concatenate([near, -near])


def _add_relatives(
    name: str, columns: list[list[np.ndarray]], dtype: np.dtype, count: int, rng: Any
) -> None:
    """Pairs that belong together: of one magnitude; for powers, with results in the whole range."""
    with np.errstate(all="ignore"):
        first = _any_bits(dtype, count, rng)
        if name == "power":
            first = np.abs(first)
            reach = np.finfo(dtype).maxexp * rng.uniform(-1.05, 1, count)
            second = reach / np.log2(first.astype(float))
        else:
            second = first * rng.uniform(-2, 2, count)
        columns[0].append(first)
        columns[1].append(second.astype(dtype))


def measure(
    apply: Apply, name: str, dtype: np.dtype, count: int = 1500, subnormals: bool = True
) -> Row:
    """The row of one function. `apply(*operands)`: the results to be judged, as an ndarray.

    `subnormals`: whether the device keeps them; else none is sampled and 0 stands for one.
    """
    operands = samples(name, dtype, count)
    tiny = np.finfo(dtype).tiny
    if not subnormals:
        normal = [(np.abs(each) >= tiny) | (each == 0) for each in operands]
        operands = [each[np.logical_and.reduce(normal)] for each in operands]
    results = apply(*operands)
    exact = reference(name)
    worst, at = 0.0, tuple(float(each[0]) for each in operands)
    for index, result in enumerate(results):
        given = tuple(float(each[index]) for each in operands)
        scale = max(given) if name in _CANCELLING else None
        error = distance(_true(name, exact, given), float(result), dtype, subnormals, scale)
        if error > worst:
            worst, at = error, given
    sizes = np.abs(np.concatenate(operands).astype(float))
    least, largest = float(sizes[sizes > 0].min()), float(sizes.max())
    bound, special = BOUNDS[dtype.itemsize], _special(apply, name, dtype)
    return Row(name, dtype, len(results), least, largest, worst, at, bound, special)


_CANCELLING = frozenset({"logaddexp", "logaddexp2"})
"""The larger operand and a logarithm added: where that cancels, units are those of the terms."""
_OUTSIDE: dict[str, Callable[[float], bool]] = {
    **dict.fromkeys(("log", "log2", "log10"), lambda x: x <= 0),
    "log1p": lambda x: x <= -1,
    **dict.fromkeys(("arcsin", "arccos"), lambda x: abs(x) > 1),
    "arccosh": lambda x: x < 1,
    "arctanh": lambda x: abs(x) >= 1,
}


def _true(name: str, exact: Callable[..., Any], given: tuple[float, ...]) -> Any:
    """The true value, or what is demanded outside the domain."""
    outside = _OUTSIDE.get(name)
    if outside is not None and outside(given[0]):
        poles = {"log": 0.0, "log2": 0.0, "log10": 0.0, "log1p": -1.0}
        if given[0] == poles.get(name):
            return -inf
        return given[0] * inf if name == "arctanh" and abs(given[0]) == 1 else float("nan")
    return exact(*given)


def distance(
    true: Any, result: float, dtype: np.dtype, subnormals: bool = True, scale: float | None = None
) -> float:
    """|result - true| in units in the last place of `true`, never finer than the subnormals'.

    Infinity for a true value beyond the range is right, and one unit away from a true value in the
    last unit below; what else is no number must agree. `scale`: a term that the true value was
    computed from; units are those of the larger.
    """
    info = np.finfo(dtype)
    if true != true or result != result:
        return 0.0 if true != true and result != result else inf
    top = float(info.max)
    if abs(true) == inf or abs(true) > top or abs(result) == inf:
        near = abs(true) >= top * (1 - float(info.eps)) and (true > 0) == (result > 0)
        return 0.0 if near and abs(result) >= top else inf
    if not subnormals and abs(true) < float(info.tiny) and result == 0:
        return 0.0
    size = abs(true) if scale is None else abs(scale) + abs(true - scale)
    exponent = max(_exponent(size) - info.nmant, info.minexp - info.nmant)
    return float(abs(true - result) / ldexp(1.0, exponent))


def _exponent(size: Any) -> int:
    """floor(log2(size)); very small for 0."""
    if not size:
        return -(1 << 30)
    as_float = float(size)
    return int(np.frexp(as_float)[1]) - 1 if as_float else -1100


def _special(apply: Apply, name: str, dtype: np.dtype) -> tuple[str, ...]:
    """The demanded values that are wrong; of one operand, NaN gives NaN."""
    rows = SPECIAL[name]
    if DOMAINS[name].arity == 1:
        rows = (*rows, (float("nan"), float("nan")))
    columns = [np.array(column, dtype) for column in zip(*rows, strict=True)]
    *operands, expected = columns
    results = apply(*operands)
    wrong = []
    for row, wanted, result in zip(rows, expected, results, strict=True):
        same = wanted == result and np.signbit(wanted) == np.signbit(result)
        if not (same or (np.isnan(wanted) and np.isnan(result))):
            inside = ", ".join(f"{each:g}" for each in row[:-1])
            wrong.append(f"{name}({inside}) is {result:g}, not {wanted:g}")
    return tuple(wrong)


def rows_of_the_device(names: Iterable[str], count: int, device: Any = None) -> Iterator[Row]:
    """A row for each function and float dtype that the device's engines have."""
    home = device_of(device)
    for name in names:
        for engine in home.engines.engines:
            if name in engine.operations and engine.dtype.kind == "f":
                yield measure(_by_kernel(name, home), name, engine.dtype, count, engine.subnormals)


def _by_kernel(name: str, device: Any) -> Apply:
    ufunc = getattr(np, name)

    def apply(*operands: np.ndarray) -> np.ndarray:
        with policy(dispatch="device", fallback="raise"), np.errstate(all="ignore"):
            return np.asarray(ufunc(*(asarray(each, device=device) for each in operands)))

    return apply


HEADER = (
    f"{'function':<11} {'dtype':<8} {'samples':>8}  {'magnitudes':<19} {'max ULP':>8} {'bound':>6}"
)


def line(row: Row) -> str:
    """One line of the table, and a line for each special value that is wrong."""
    sizes = f"{row.least:.1e} … {row.largest:.1e}"
    verdict = "ok" if row.good else "BEYOND THE BOUND" if row.worst > row.bound else "WRONG"
    text = (
        f"{row.name:<11} {row.dtype.name:<8} {row.count:>8,}  {sizes:<19} {row.worst:>8.3f} "
        f"{row.bound:>6.1f}  {len(SPECIAL[row.name]) - len(row.special)} {verdict}"
    )
    if row.worst > row.bound:
        text += f" at {', '.join(repr(each) for each in row.operands)}"
    return "\n".join([text, *(f"{'':<20} {each}" for each in row.special)])
