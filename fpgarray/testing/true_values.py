"""True values of the elementary functions, by mpmath, and the exact ones that C99 Annex F demands.

The one file that needs mpmath (the extra `test`). Knows no kernels and no arrays of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan, pi
from typing import Any

from fpgarray.errors import FPGArrayError

INSTALL = "pip install 'fpgarray[test]'"

_FAR = 1 << 14
"""Exponents of this size are out of every range; mpmath would compute them for long."""
_BITS, _PERIODIC_BITS = 180, 1300
_PERIODIC = frozenset({"sin", "cos", "tan"})


class AccuracyUnavailableError(FPGArrayError, ImportError):
    """Accuracy cannot be measured without mpmath."""


def _mpmath() -> Any:
    try:
        import mpmath
    except ImportError as error:
        raise AccuracyUnavailableError(
            f"measuring accuracy needs mpmath, which is not installed: {INSTALL}"
        ) from error
    return mpmath


def reference(name: str) -> Callable[..., Any]:
    """The function of floats that gives the true value as an mpf (inf and nan included).

    Raises AccuracyUnavailableError without mpmath, KeyError for a name nobody knows.
    """
    mp = _mpmath()
    exact = _functions(mp)[name]
    bits = _PERIODIC_BITS if name in _PERIODIC else _BITS

    def value(*operands: float) -> Any:
        with mp.workprec(bits):
            return exact(*(mp.mpf(each) for each in operands))

    return value


def _functions(mp: Any) -> dict[str, Callable[..., Any]]:
    """All of them, for finite arguments inside their domains."""

    def grown(exponential: Callable[[Any], Any], least: Any) -> Callable[[Any], Any]:
        def guarded(x: Any) -> Any:
            return exponential(x) if abs(x) < _FAR else (mp.inf if x > 0 else least)

        return guarded

    def power(x: Any, y: Any) -> Any:
        if x == 0 or y == 0:
            return mp.mpf(1) if y == 0 else (mp.inf if y < 0 else mp.mpf(0))
        value = exp(y * mp.log(abs(x)))
        if x > 0:
            return value
        return mp.nan if not mp.isint(y) else -value if int(y) % 2 else value

    def tanh(x: Any) -> Any:
        return mp.tanh(x) if abs(x) < _FAR else mp.sign(x)

    def cbrt(x: Any) -> Any:
        return mp.sign(x) * mp.cbrt(abs(x))

    def logaddexp(x: Any, y: Any) -> Any:
        return max(x, y) + mp.log1p(exp(-abs(x - y)))

    def logaddexp2(x: Any, y: Any) -> Any:
        return max(x, y) + mp.log1p(exp2(-abs(x - y))) / mp.log(2)

    exp = grown(mp.exp, mp.mpf(0))
    exp2 = grown(lambda x: mp.mpf(2) ** x, mp.mpf(0))
    return {
        "exp": exp,
        "exp2": exp2,
        "expm1": grown(mp.expm1, mp.mpf(-1)),
        "log": mp.log,
        "log2": lambda x: mp.log(x) / mp.log(2),
        "log10": lambda x: mp.log(x) / mp.log(10),
        "log1p": mp.log1p,
        "cbrt": cbrt,
        "sin": mp.sin,
        "cos": mp.cos,
        "tan": mp.tan,
        "arcsin": mp.asin,
        "arccos": mp.acos,
        "arctan": mp.atan,
        "sinh": grown(mp.sinh, -mp.inf),
        "cosh": grown(mp.cosh, mp.inf),
        "tanh": tanh,
        "arcsinh": mp.asinh,
        "arccosh": mp.acosh,
        "arctanh": mp.atanh,
        "arctan2": mp.atan2,
        "hypot": mp.hypot,
        "power": power,
        "logaddexp": logaddexp,
        "logaddexp2": logaddexp2,
    }


def _odd(*rows: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    """Rows, and the same with both signs turned."""
    return (*rows, *(tuple(-each for each in row) for row in rows))


_EXPONENTIAL = ((0.0, 1.0), (-0.0, 1.0), (inf, inf), (-inf, 0.0), (1e5, inf), (-1e5, 0.0))
_LOGARITHM = ((1.0, 0.0), (0.0, -inf), (-0.0, -inf), (-1.0, nan), (inf, inf), (-inf, nan))
_BOUNDED = ((1.5, nan), (-1.5, nan), (inf, nan), (-inf, nan))

SPECIAL: dict[str, tuple[tuple[float, ...], ...]] = {
    "exp": _EXPONENTIAL,
    "exp2": (*_EXPONENTIAL, (10.0, 1024.0), (-1.0, 0.5)),
    "expm1": (*_odd((0.0, 0.0)), (inf, inf), (-inf, -1.0), (-1e5, -1.0), (1e5, inf)),
    "log": _LOGARITHM,
    "log2": (*_LOGARITHM, (8.0, 3.0), (0.125, -3.0)),
    "log10": (*_LOGARITHM, (1000.0, 3.0)),
    "log1p": (*_odd((0.0, 0.0)), (-1.0, -inf), (-2.0, nan), (inf, inf), (-inf, nan)),
    "cbrt": _odd((0.0, 0.0), (inf, inf), (27.0, 3.0), (0.125, 0.5)),
    "sin": (*_odd((0.0, 0.0)), (inf, nan), (-inf, nan)),
    "cos": ((0.0, 1.0), (-0.0, 1.0), (inf, nan), (-inf, nan)),
    "tan": (*_odd((0.0, 0.0)), (inf, nan), (-inf, nan)),
    "arcsin": (*_odd((0.0, 0.0), (1.0, pi / 2)), *_BOUNDED),
    "arccos": ((1.0, 0.0), (-1.0, pi), (0.0, pi / 2), (-0.0, pi / 2), *_BOUNDED),
    "arctan": _odd((0.0, 0.0), (inf, pi / 2), (1.0, pi / 4)),
    "sinh": _odd((0.0, 0.0), (inf, inf), (1e5, inf)),
    "cosh": ((0.0, 1.0), (-0.0, 1.0), (inf, inf), (-inf, inf), (-1e5, inf)),
    "tanh": _odd((0.0, 0.0), (inf, 1.0), (1e5, 1.0)),
    "arcsinh": _odd((0.0, 0.0), (inf, inf)),
    "arccosh": ((1.0, 0.0), (0.5, nan), (-1.0, nan), (-inf, nan), (inf, inf)),
    "arctanh": (*_odd((0.0, 0.0), (1.0, inf)), *_BOUNDED),
    "arctan2": (
        *((0.0, 0.0, 0.0), (-0.0, 0.0, -0.0), (0.0, -0.0, pi), (-0.0, -0.0, -pi)),
        *((0.0, 2.0, 0.0), (-0.0, 2.0, -0.0), (0.0, -2.0, pi), (-0.0, -2.0, -pi)),
        *((2.0, 0.0, pi / 2), (-2.0, 0.0, -pi / 2), (2.0, -0.0, pi / 2), (-2.0, -0.0, -pi / 2)),
        *((2.0, inf, 0.0), (-2.0, inf, -0.0), (2.0, -inf, pi), (-2.0, -inf, -pi)),
        *((inf, 2.0, pi / 2), (-inf, 2.0, -pi / 2), (inf, inf, pi / 4), (-inf, inf, -pi / 4)),
        *((inf, -inf, 3 * pi / 4), (-inf, -inf, -3 * pi / 4), (nan, inf, nan), (0.0, nan, nan)),
    ),
    "hypot": (
        *((inf, nan, inf), (nan, -inf, inf), (nan, 1.0, nan), (1.0, nan, nan)),
        *((0.0, -0.0, 0.0), (-3.0, 4.0, 5.0), (-0.0, -2.0, 2.0), (-inf, 1.0, inf)),
    ),
    "power": (
        *((nan, 0.0, 1.0), (nan, -0.0, 1.0), (1.0, nan, 1.0), (1.0, inf, 1.0), (1.0, -inf, 1.0)),
        *((nan, 1.0, nan), (2.0, nan, nan), (-1.0, inf, 1.0), (-1.0, -inf, 1.0)),
        *((0.0, 3.0, 0.0), (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0), (-0.0, 0.5, 0.0)),
        *((0.0, -3.0, inf), (-0.0, -3.0, -inf), (-0.0, -2.0, inf), (0.0, -inf, inf)),
        *((-0.0, -inf, inf), (0.0, inf, 0.0), (-2.0, 0.5, nan), (-8.0, 3.0, -512.0)),
        *((0.5, inf, 0.0), (0.5, -inf, inf), (-2.0, inf, inf), (-2.0, -inf, 0.0)),
        *((inf, 0.5, inf), (inf, -0.5, 0.0), (-inf, 3.0, -inf), (-inf, 2.0, inf)),
        *((-inf, -3.0, -0.0), (-inf, -2.0, 0.0), (-inf, 0.5, inf), (2.0, 10.0, 1024.0)),
        *((-2.0, -1e30, 0.0), (-1.0, 1e30, 1.0), (2.0, 1e30, inf)),
    ),
    "logaddexp": (
        *((inf, -inf, inf), (inf, inf, inf), (-inf, -inf, -inf), (-inf, 2.0, 2.0)),
        *((nan, 1.0, nan), (inf, nan, nan), (1e4, 0.0, 1e4)),
    ),
    "logaddexp2": (
        *((inf, -inf, inf), (inf, inf, inf), (-inf, -inf, -inf), (-inf, 2.0, 2.0)),
        *((nan, 1.0, nan), (inf, nan, nan), (3.0, 3.0, 4.0)),
    ),
}
"""Operands, then the result they must have: rounded to the dtype, its sign counts if it is zero."""
