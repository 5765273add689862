"""Claims that kernels do the work: the right answer, by launches, without fallbacks.

Marked `device_work`: with kernels that answer wrongly each of these must fail
(`test_wrong_kernels.py`), so none of them can pass because NumPy did the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

pytestmark = pytest.mark.device_work

BINARY = [
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.minimum,
    np.maximum,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.equal,
    np.not_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.copysign,
    np.fmin,
    np.fmax,
    np.heaviside,
    np.nextafter,
    np.floor_divide,
    np.remainder,
    np.fmod,
]
UNARY = [
    *(np.negative, np.absolute, np.sqrt, np.logical_not, np.square, np.reciprocal, np.positive),
    *(np.floor, np.ceil, np.trunc, np.rint, np.sign, np.fabs, np.spacing),
    *(np.degrees, np.radians, np.rad2deg, np.deg2rad),
    *(np.isnan, np.isinf, np.isfinite, np.signbit),
]
FUNCTIONS = [
    *(np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.cbrt),
    *(np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh),
    *(np.arctan2, np.hypot, np.power, np.logaddexp, np.logaddexp2),
]
WITHIN_ONE = [np.arcsin, np.arccos, np.arctanh]


def numbers(dtype: str, shape: Any = (3, 700)) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 4, shape).astype(dtype)


def by_kernels(program: Callable[..., Any], *arrays: np.ndarray) -> np.ndarray:
    """What `program` gives on FPGAArrays when every operation is launched."""
    with fa.policy(dispatch="device", fallback="raise"), fa.profile() as p:
        result = np.asarray(program(*[fa.asarray(each) for each in arrays]))
    assert p.launches >= 1
    assert p.fallbacks == p.host_chosen == 0
    return result


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("function", [*BINARY, *UNARY], ids=lambda f: f.__name__)
def test_arithmetic_has_numpys_bits(function: np.ufunc, dtype: str) -> None:
    x, y = numbers(dtype), numbers(dtype)[::-1].copy()
    operands = (x, y)[: function.nin]
    with np.errstate(all="ignore"):
        expected = function(*operands)
    result = by_kernels(function, *operands)
    np.testing.assert_array_equal(result, expected, strict=True)
    # Any byte but 0 is true, that of a wrong kernel too.
    assert result.dtype != bool or result.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(
    "function", [*FUNCTIONS, *WITHIN_ONE, np.arccosh], ids=lambda f: f.__name__
)
def test_functions_are_near_the_true_value(function: np.ufunc, dtype: str) -> None:
    x = numbers(dtype) + np.dtype(dtype).type(0.5)
    if function in WITHIN_ONE:
        x /= 8
    if function is np.arccosh:
        x += 1
    operands = (x, x[::-1].copy())[: function.nin]
    wide = function(*(each.astype(np.longdouble) for each in operands))
    result = by_kernels(function, *operands)
    assert np.all(np.abs(result - wide) <= 2.5 * np.spacing(np.abs(wide.astype(dtype))))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", ["sum", "min", "max"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_folds(name: str, axis: int | None, dtype: str) -> None:
    x = numbers(dtype)  # small integers: sums are exact in any order
    expected = getattr(x, name)(axis=axis)
    result = by_kernels(lambda a: getattr(a, name)(axis=axis), x)
    np.testing.assert_array_equal(result, expected, strict=True)


@pytest.mark.parametrize(
    "program",
    [
        lambda x: np.where(x > 1, x, -x),
        lambda x: x.astype("f8"),
        lambda x: x.astype(bool),
        lambda x: x.T.copy(),
        lambda x: np.sqrt(x * x + x).sum(axis=0),
        lambda x: (x > 1) & (x < 3),
        lambda x: ~(x > 1),
    ],
    ids=["where", "to f8", "to bool", "transpose", "expression", "and", "invert"],
)
def test_expressions(program: Callable[[Any], Any]) -> None:
    x = numbers("f4", (40, 60))
    np.testing.assert_allclose(by_kernels(program, x), program(x), rtol=1e-6, strict=True)


def test_writes_through_overlapping_views() -> None:
    def program(x: Any) -> Any:
        x[1:] += x[:-1]
        x[::-2] = x[::2]
        return x

    expected = program(numbers("f4", (101,)))
    np.testing.assert_array_equal(by_kernels(program, numbers("f4", (101,))), expected)


def test_fills_run_as_kernels() -> None:
    with fa.policy(dispatch="device"), fa.profile() as p:
        x = fa.full((2000,), 2.5, "f4")
        x[::2] = 0.0
        result = np.asarray(x)
    assert p.launches >= 1
    np.testing.assert_array_equal(result, np.tile(np.array([0.0, 2.5], "f4"), 1000))
