"""Integers and bools as arrays: NumPy's values, dtypes and errors, by kernel, in few launches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

pytestmark = pytest.mark.device_work
DTYPES = ("i4", "i8", "u1")
ALL = (*DTYPES, "f4", "f8", "?")


@pytest.fixture(autouse=True)
def on_device() -> Iterator[None]:
    with fa.policy(dispatch="device", fallback="raise"), np.errstate(all="ignore"):
        fa.synchronize()
        yield


def plain(dtype: str, shape: Any = (60, 100), seed: int = 1) -> np.ndarray:
    """Small numbers of both signs, zeros among them, and the ends of the range."""
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(shape) < 0.5
    values = rng.integers(-9, 90, shape)
    if np.dtype(dtype).kind == "f":
        return (values / 4).astype(dtype)
    info = np.iinfo(dtype)
    ends = rng.choice(np.array([info.min, info.max], dtype), shape)
    return np.where(rng.random(shape) < 0.05, ends, values.astype(dtype))


def same(result: Any, expected: Any) -> None:
    got = np.asarray(result)
    assert isinstance(result, fa.FPGAArray)
    assert (got.dtype, got.shape) == (expected.dtype, np.shape(expected))
    assert np.array_equal(got, expected, equal_nan=got.dtype.kind == "f")
    # Any byte but 0 is true, that of a wrong kernel too.
    assert got.dtype != bool or got.tobytes() == np.asarray(expected).tobytes()


BINARY = [
    *(np.add, np.subtract, np.multiply, np.floor_divide, np.remainder, np.fmod, np.divide),
    *(np.minimum, np.maximum, np.bitwise_and, np.bitwise_or, np.bitwise_xor),
    *(np.left_shift, np.right_shift, np.less, np.greater_equal, np.equal, np.logical_xor),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", BINARY, ids=lambda f: f.__name__)
def test_binary(function: np.ufunc, dtype: str) -> None:
    x, y = plain(dtype), plain(dtype, seed=2)
    same(function(fa.asarray(x), fa.asarray(y)), function(x, y))
    same(function(fa.asarray(x), 3), function(x, 3))
    same(function(3, fa.asarray(x)), function(3, x))


@pytest.mark.parametrize("left", ALL)
@pytest.mark.parametrize("right", DTYPES)
def test_promotion_is_numpys(left: str, right: str) -> None:
    x, y = plain(left), plain(right, seed=2)
    for function in (np.add, np.multiply, np.less, np.divide):
        same(function(fa.asarray(x), fa.asarray(y)), function(x, y))
    same(np.where(fa.asarray(x > 3), fa.asarray(x), fa.asarray(y)), np.where(x > 3, x, y))


@pytest.mark.parametrize("exponent", [2.0, 1.0, 0.5, -1.0])
@pytest.mark.parametrize("dtype", DTYPES)
def test_powers_with_float_exponents_are_floats(dtype: str, exponent: float) -> None:
    x = np.maximum(plain(dtype), 1)
    x[0, 0] = np.iinfo(dtype).max
    same(fa.asarray(x) ** exponent, x**exponent)
    same(np.power(fa.asarray(x), exponent), np.power(x, exponent))


@pytest.mark.parametrize("function", [np.cumsum, np.cumprod])
@pytest.mark.parametrize("source", ["?", *DTYPES])
@pytest.mark.parametrize("dtype", DTYPES)
def test_scans_in_another_dtype(function: Callable[..., Any], source: str, dtype: str) -> None:
    x = plain(source)
    same(function(fa.asarray(x), axis=1, dtype=dtype), function(x, axis=1, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_operators(dtype: str) -> None:
    x, y = plain(dtype), plain(dtype, seed=2)
    a, b = fa.asarray(x), fa.asarray(y)
    same(~a, ~x)
    same(-a, -x)
    same(+a, +x)
    same(abs(a), abs(x))
    same(a**2, x**2)
    same(a**5, x**5)
    same(3 ** fa.asarray(x.astype("u1")), 3 ** x.astype("u1"))
    same(a // b % 7, x // y % 7)
    same((a << 3) ^ (b >> 1), (x << 3) ^ (y >> 1))
    same(np.sign(a), np.sign(x))
    same(np.clip(a, 3, 50), np.clip(x, 3, 50))
    a += 5
    a //= 3
    x += 5
    x //= 3
    same(a, x)
    np.add(a, b, out=a, where=fa.asarray(y > 4))
    np.add(x, y, out=x, where=y > 4)
    same(a, x)


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("target", ALL)
def test_casts(source: str, target: str) -> None:
    x = plain(source)
    same(fa.asarray(x).astype(target), x.astype(target))
    out, expected = fa.zeros(x.shape, target), np.zeros(x.shape, target)
    out[1:] = fa.asarray(x)[:-1]
    expected[1:] = x[:-1]
    same(out, expected)


@pytest.mark.parametrize("target", ["i4", "i8", "u1"])
@pytest.mark.parametrize("source", ["f4", "f8"])
def test_floats_that_no_integer_holds(source: str, target: str) -> None:
    values = [np.nan, np.inf, -np.inf, 3e9, -3e9, 1e19, -1e19, 255.9, 256.5, -0.9, -1.5, 2.0**31]
    x = np.array(values * 9, source)
    same(fa.asarray(x).astype(target), x.astype(target))


FOLDS: list[Callable[..., Any]] = [
    *(np.sum, np.prod, np.min, np.max, np.any, np.all, np.count_nonzero, np.mean),
]


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("dtype", [*DTYPES, "?"])
@pytest.mark.parametrize("function", FOLDS, ids=lambda f: f.__name__)
def test_folds(function: Callable[..., Any], dtype: str, axis: Any) -> None:
    x = plain(dtype, (5, 40, 31))
    if function is np.mean and dtype != "?":
        x = (x % 100).astype(dtype)
    a = fa.asarray(x)
    same(function(a, axis=axis), function(x, axis=axis))
    same(
        function(a[:, ::-1, 1:], axis=axis, keepdims=True),
        function(x[:, ::-1, 1:], axis=axis, keepdims=True),
    )


@pytest.mark.parametrize("dtype", ["i4", "i8", "f4", "f8"])
@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("function", [np.sum, np.prod], ids=["sum", "prod"])
def test_folds_in_another_dtype(function: Callable[..., Any], source: str, dtype: str) -> None:
    x = (plain(source, (7, 50)).astype("f8") % 3 + 0.5).astype(source)
    got = np.asarray(function(fa.asarray(x), axis=1, dtype=dtype))
    expected = function(x, axis=1, dtype=dtype)
    assert got.dtype == expected.dtype
    assert np.allclose(got, expected, rtol=1e-4 if dtype == "f4" else 1e-12)


@pytest.mark.parametrize("dtype", ALL)
def test_initial_and_where(dtype: str) -> None:
    x, mask = plain(dtype, (40, 50)), plain("?", (40, 50), 5)
    a, m = fa.asarray(x), fa.asarray(mask)
    if dtype not in ("?", "u1"):
        same(np.sum(a, axis=0, initial=3), np.sum(x, axis=0, initial=3))
        same(np.min(a, axis=0, initial=3), np.min(x, axis=0, initial=3))
    if dtype != "?":
        same(np.max(a, axis=1, initial=3, where=m), np.max(x, axis=1, initial=3, where=mask))
    same(np.any(a, axis=0, where=m), np.any(x, axis=0, where=mask))
    same(np.all(a, axis=1, where=m[:, :1]), np.all(x, axis=1, where=mask[:, :1]))
    same(np.logical_and.reduce(a), np.logical_and.reduce(x))
    same(np.sum(a, axis=0, where=m), np.sum(x, axis=0, where=mask))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
@pytest.mark.parametrize("dtype", ALL)
def test_spread(dtype: str, axis: Any, keepdims: bool) -> None:
    x = (plain(dtype, (30, 70)).astype("f8") % 50).astype(dtype)
    a = fa.asarray(x)
    near = 1e-5 if dtype == "f4" else 1e-12
    for arguments in ({}, {"ddof": 1}, {"dtype": "f8"}, {"correction": 0.5}):
        for function in (np.var, np.std):
            got = function(a, axis=axis, keepdims=keepdims, **arguments)
            expected = function(x, axis=axis, keepdims=keepdims, **arguments)
            assert (got.dtype, got.shape) == (expected.dtype, np.shape(expected))
            assert np.allclose(np.asarray(got), expected, rtol=near)
    if dtype != "?":
        same(np.ptp(a, axis=axis, keepdims=keepdims), np.ptp(x, axis=axis, keepdims=keepdims))
    same(np.average(a, axis=1) * 0, np.average(x, axis=1) * 0)


def test_folds_of_nothing() -> None:
    for dtype in ALL:
        x = np.zeros((0, 3), dtype)
        a = fa.asarray(x)
        for function in (np.sum, np.prod, np.any, np.all):
            same(function(a, axis=0), function(x, axis=0))


def test_long_sums_are_exact() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(-(1 << 31), 1 << 31, 300_000)
    for dtype in DTYPES:
        y = x.astype(dtype)
        same(fa.asarray(y).sum(), y.sum())
        same(fa.asarray(y).reshape(300, 1000).sum(axis=0), y.reshape(300, 1000).sum(axis=0))
        same(fa.asarray(y | 1).prod(), (y | 1).prod())


# ---- launches -----------------------------------------------------------------------------------


def launches(call: Callable[[], Any], expected: Any) -> int:
    with fa.profile() as p:
        same(call(), expected)
    return p.launches


def resident(x: np.ndarray) -> fa.FPGAArray:
    array = fa.asarray(x)
    array.sync_to_device()
    return array


def test_an_image_through_floats_and_back_is_one_launch() -> None:
    x = plain("u1", (300, 400))
    image = resident(x)
    expected = (x.astype("f4") * np.float32(0.5) + np.float32(10)).astype("u1")
    assert launches(lambda: (image.astype("f4") * 0.5 + 10).astype("u1"), expected) == 1
    assert launches(lambda: (image > 30).astype("u1") * 255, (x > 30).astype("u1") * 255) == 1


def test_counting_what_a_mask_leaves_is_one_launch() -> None:
    x, m = plain("i4"), plain("?")
    a, mask = resident(x), resident(m)
    assert launches(lambda: (mask & (a > 3)).sum(), (m & (x > 3)).sum()) == 1
    f = resident(plain("f8"))
    y = plain("f8")
    assert launches(lambda: np.where(mask & ~mask | mask, f, 0), np.where(m, y, 0)) == 1


def test_a_sum_of_an_integer_expression_is_one_launch() -> None:
    for dtype in DTYPES:
        x, y = plain(dtype), plain(dtype, seed=2)
        a, b = resident(x), resident(y)
        assert launches(lambda: (a * 2 - b).sum(axis=0), (x * 2 - y).sum(axis=0)) == 1  # noqa: B023


def test_what_was_cut_is_read_from_memory() -> None:
    """A float stored as an integer is not what the register still holds."""
    x = plain("f4") + np.float32(0.3)
    a = resident(x)
    cut = (a * 2).astype("i4")
    result = cut + 1
    same(result, (x * 2).astype("i4") + 1)
    same(cut.astype("f4") * 0.5, (x * 2).astype("i4").astype("f4") * np.float32(0.5))
