"""Joining arrays, and the copy kernel: answers in lockstep with NumPy, plans by their launches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fpgarray as fa

DTYPES = ("f4", "f8", "?", "c16", "i2", "u1", "M8[s]")


@pytest.fixture(autouse=True)
def on_the_device():
    with fa.policy(dispatch="device", fallback="raise"):
        yield


def values(dtype: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Values that differ, any bytes for most dtypes."""
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(shape) < 0.5
    return rng.integers(-100, 100, shape).astype(dtype)


def same(got: Any, want: np.ndarray, order: bool = True) -> None:
    """Equal in values, dtype, shape and (if `order`) memory order."""
    assert got.dtype == want.dtype and got.shape == want.shape
    if want.size and order:
        steps = [
            (g, w) for n, g, w in zip(want.shape, got.strides, want.strides, strict=True) if n > 1
        ]
        assert all(g == w for g, w in steps), (got.strides, want.strides)
    np.testing.assert_array_equal(np.asarray(got), want)


@st.composite
def views(draw: st.DrawFn, shape: tuple[int, ...], dtype: str) -> tuple[np.ndarray, Any]:
    """A view of that shape into a larger array, in any order of axes, and ours of the same bytes."""
    order = draw(st.permutations(range(len(shape))))
    steps = [draw(st.sampled_from([1, 1, -1, 2, -3])) for _ in shape]
    whole = values(
        dtype, tuple(shape[axis] * abs(steps[axis]) for axis in order), draw(st.integers(0, 99))
    )
    ours = fa.asarray(whole)
    key = tuple(slice(None, None, steps[axis]) for axis in order)
    back = np.argsort(order) if shape else ()
    return whole[(*key, ...)].transpose(back), ours[(*key, ...)].transpose(tuple(back))


shapes = st.lists(st.integers(0, 6), min_size=1, max_size=4).map(tuple)


@pytest.mark.device_work
@given(st.data(), shapes, st.sampled_from(DTYPES))
def test_concatenate_is_numpys_over_any_views(data, shape, dtype):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = data.draw(st.integers(1, 4))
    pairs = []
    for _ in range(count):
        own = list(shape)
        own[axis] = data.draw(st.integers(0, 5))
        pairs.append(data.draw(views(tuple(own), dtype)))
    with fa.policy(dispatch="device", fallback="raise"):
        got = np.concatenate([ours for _, ours in pairs], axis)
        order = all(plain.size for plain, _ in pairs)  # NumPy's strides of nothing are zeros
        same(got, np.concatenate([plain for plain, _ in pairs], axis), order)


@pytest.mark.device_work
@given(st.data(), st.lists(st.integers(1, 5), min_size=0, max_size=3).map(tuple))
def test_stacking_is_numpys(data, shape):
    dtypes = data.draw(st.sampled_from([("f4", "f4"), ("f4", "f8"), ("?", "f4"), ("c16", "c16")]))
    pairs = [data.draw(views(shape, dtype)) for dtype in dtypes]
    plain, ours = zip(*pairs, strict=True)
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    with fa.policy(dispatch="device", fallback="raise"):
        same(np.stack(ours, axis), np.stack(plain, axis))
        for function in (np.vstack, np.hstack, np.dstack):
            same(function(ours), function(plain))
        if shape:
            same(np.column_stack(ours), np.column_stack(plain))
        same(np.append(*ours), np.append(*plain))
        same(np.block([[*ours], [*ours]]), np.block([[*plain], [*plain]]))
        same(np.concatenate(ours, axis=None), np.concatenate(plain, axis=None))


@pytest.mark.device_work
@given(st.data(), st.lists(st.integers(1, 9), min_size=0, max_size=4).map(tuple))
def test_copies_of_dtypes_without_an_engine(data, shape):
    dtype = data.draw(st.sampled_from(["c16", "i2", "S5", "c8", "M8[s]", "f2"]))
    plain, ours = data.draw(views(shape, dtype))
    parts = [(plain, ours), data.draw(views(shape, dtype))]
    with fa.policy(dispatch="device", fallback="raise"):
        same(np.stack([each for _, each in parts]), np.stack([each for each, _ in parts]))


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", ["f4", "f8", "u1", "c16"])
def test_large_planes_are_crossed_block_by_block(dtype):
    plain = values(dtype, (131, 203))
    ours = fa.asarray(plain)
    with fa.profile() as p:
        got = np.concatenate([ours.T, ours.T[:70, ::-1], ours.T[::2]])
        np.testing.assert_array_equal(
            np.asarray(got), np.concatenate([plain.T, plain.T[:70, ::-1], plain.T[::2]])
        )
    assert p.launches == 1


def launches(function: Any, *arrays: np.ndarray) -> int:
    """How many launches `function` takes, all operands on the device; its answer is checked."""
    ours = [fa.asarray(each) for each in arrays]
    want = function(*arrays)
    with fa.profile() as p:
        np.testing.assert_array_equal(np.asarray(function(*ours)), want)
    assert p.fallbacks == p.host_chosen == 0
    return p.launches


@pytest.mark.device_work
def test_joining_is_one_launch():
    parts = [values("f8", (n, 3), n) for n in (1, 5, 2, 7, 3)]
    assert launches(lambda *each: np.concatenate(each), *parts) == 1
    assert launches(lambda *each: np.vstack(each), *parts) == 1
    assert launches(lambda a, b: np.stack([a, b, a]), parts[0], parts[0] + 1) == 1
    mixed = [values(dtype, (4,)) for dtype in ("c16", "c16", "c16")]
    assert launches(lambda *each: np.concatenate(each), *mixed) == 1


@pytest.mark.device_work
def test_more_arrays_than_a_launch_has_ports():
    parts = [values("f4", (n,), n) for n in range(1, 21)]
    assert launches(lambda *each: np.concatenate(each), *parts) == 3


@pytest.mark.device_work
def test_what_was_just_computed_is_joined_from_registers():
    a, b, c = values("f8", (6,)), values("f8", (6,), 1), values("f8", (9,), 2)
    assert launches(lambda x, y: np.concatenate([x * 2, y + 1]), a, b) == 1
    assert launches(lambda x, y: np.concatenate([x * 2, y + 1]), a, c) == 2
    assert launches(lambda x, y: np.concatenate([x, y]) * 2, a, c) == 2


@pytest.mark.device_work
def test_copies_that_depend_on_each_other_stay_in_order():
    def program(x: Any, y: Any) -> Any:
        x = x.copy()
        y = y.copy()
        kept = x.copy()
        x[...] = y[:5]
        y[:5] = kept
        y[5:] = x[:2]
        return np.concatenate([x, y, kept])

    launches(program, values("f8", (5,), 1), values("f8", (7,), 2))


@pytest.mark.device_work
def test_fills_of_any_shape_share_a_launch():
    with fa.profile() as p:
        many = [fa.full(n, n, dtype) for n, dtype in ((3, "f4"), (5, "f8"), (7, "?"), (9, "f4"))]
        fa.synchronize()
    assert p.launches == 1
    for each in many:
        np.testing.assert_array_equal(np.asarray(each), np.full(each.shape, each.size, each.dtype))


def test_only_what_is_stale_moves():
    a, b = (fa.asarray(values("f8", (1000,), seed)) for seed in (1, 2))
    a.sync_to_device()
    with fa.profile() as p:
        joined = np.concatenate([a, b[:100]])
        fa.synchronize()
    assert (p.bytes_to_device, p.bytes_from_device) == (800, 0)
    with fa.profile() as p:
        float(joined[0])
    assert p.bytes_from_device <= 64


@pytest.mark.device_work
def test_out_may_be_one_of_the_parts():
    plain = values("f8", (8,))
    ours = fa.asarray(plain)
    np.concatenate([ours[4:], ours[:4]], out=ours)
    np.testing.assert_array_equal(np.asarray(ours), np.concatenate([plain[4:], plain[:4]]))


def test_what_numpy_refuses_is_refused_by_numpy():
    x = fa.zeros((2, 3))
    with fa.policy(fallback="allow"):
        with pytest.raises(ValueError, match="must match exactly"):
            np.concatenate([x, fa.zeros((3, 2))])
        with pytest.raises(np.exceptions.AxisError):
            np.concatenate([x, x], axis=2)
        with pytest.raises(ValueError):
            np.stack([x, fa.zeros(2)])
        with pytest.raises(TypeError):
            np.concatenate([x, x], dtype="i4", casting="safe")


def test_the_host_does_it_where_policy_says_so():
    plain = values("f8", (5,))
    with fa.policy(dispatch="host"), fa.profile() as p:
        same(np.concatenate([fa.asarray(plain), plain]), np.concatenate([plain, plain]))
    assert p.launches == 0
