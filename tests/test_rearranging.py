"""roll, pad, repeat, tile and their kin: NumPy's answers, in one launch of copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fpgarray as fa

DTYPES = ("f4", "f8", "?", "c16", "i2", "i4")
PADS = ("constant", "edge", "reflect", "symmetric", "wrap")


def values(dtype: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(shape) < 0.5
    return rng.integers(-100, 100, shape).astype(dtype)


@st.composite
def views(draw: st.DrawFn, dtypes: tuple[str, ...] = DTYPES) -> tuple[np.ndarray, Any]:
    """A view of some array, and ours of the same geometry."""
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=3)))
    plain = values(draw(st.sampled_from(dtypes)), shape, draw(st.integers(0, 99)))
    ours = fa.asarray(plain)
    steps = tuple(slice(None, None, draw(st.sampled_from([1, 1, 2, -1]))) for _ in shape)
    order = tuple(draw(st.permutations(range(len(shape)))))
    return plain[steps].transpose(order), ours[steps].transpose(order)


def lockstep(function: Callable[[Any], Any], plain: np.ndarray, ours: Any) -> None:
    """The same answer, dtype and memory order, all by kernels."""
    want = function(plain)
    with fa.policy(dispatch="device", fallback="raise"):
        got = function(ours)
        assert got.dtype == want.dtype and got.shape == want.shape
        if want.size:
            pairs = zip(want.shape, got.strides, want.strides, strict=True)
            assert all(g == w for n, g, w in pairs if n > 1), (got.strides, want.strides)
        np.testing.assert_array_equal(np.asarray(got), want)


@pytest.mark.device_work
@given(st.data())
def test_roll(data):
    plain, ours = data.draw(views())
    axis = data.draw(st.sampled_from([None, 0, -1, (0, -1)]))
    shift = data.draw(st.integers(-9, 9))
    lockstep(lambda x: np.roll(x, shift, axis), plain, ours)


@pytest.mark.device_work
@given(st.data(), st.sampled_from(PADS))
def test_pad(data, mode):
    plain, ours = data.draw(views())
    widths = [
        (data.draw(st.integers(0, 7)), data.draw(st.integers(0, 4))) for _ in range(plain.ndim)
    ]
    more = {"constant_values": data.draw(st.sampled_from([0, 1, (0, 1)]))}
    lockstep(lambda x: np.pad(x, widths, mode, **(more if mode == "constant" else {})), plain, ours)


@pytest.mark.device_work
@given(st.data())
def test_repeat_tile_and_resize(data):
    plain, ours = data.draw(views())
    axis = data.draw(st.sampled_from([None, *range(plain.ndim)]))
    count = data.draw(st.integers(0, 4))
    extent = plain.size if axis is None else plain.shape[axis]
    counts = data.draw(st.lists(st.integers(0, 3), min_size=extent, max_size=extent))
    reps = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    shape = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    lockstep(lambda x: np.repeat(x, count, axis), plain, ours)
    lockstep(lambda x: np.repeat(x, counts, axis), plain, ours)
    lockstep(lambda x: np.tile(x, reps), plain, ours)
    lockstep(lambda x: np.resize(x, shape), plain, ours)


@pytest.mark.device_work
@given(st.data())
def test_insert_and_delete(data):
    plain, ours = data.draw(views())
    axis = data.draw(st.sampled_from([None, *range(plain.ndim)]))
    extent = plain.size if axis is None else plain.shape[axis]
    place = data.draw(st.integers(-extent, extent - 1))
    new = data.draw(st.sampled_from([1, np.ones(1, plain.dtype)]))
    lockstep(lambda x: np.delete(x, place, axis), plain, ours)
    lockstep(lambda x: np.delete(x, slice(place, None), axis), plain, ours)
    lockstep(lambda x: np.insert(x, place, new, axis), plain, ours)


@pytest.mark.device_work
@given(st.data())
def test_differences_triangles_and_products(data):
    plain, ours = data.draw(views(("f4", "f8", "i4")))
    count = data.draw(st.integers(0, 2))
    lockstep(lambda x: np.diff(x, count, 0), plain, ours)
    lockstep(np.ediff1d, plain, ours)
    lockstep(lambda x: np.outer(x, x), plain, ours)
    if plain.ndim > 1:
        k = data.draw(st.integers(-2, 2))
        lockstep(lambda x: np.tril(x, k), plain, ours)
        lockstep(lambda x: np.triu(x, k), plain, ours)


@pytest.mark.device_work
@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.roll(x, (3, -2), (0, 1)),
        lambda x: np.pad(x, 2),
        lambda x: np.pad(x, 3, "reflect"),
        lambda x: np.repeat(x, 3, 1),
        lambda x: np.tile(x, (2, 3)),
        lambda x: np.insert(x, 1, x[0], 0),
        lambda x: np.delete(x, 2, 1),
    ],
    ids=["roll", "pad", "reflect", "repeat", "tile", "insert", "delete"],
)
def test_one_launch(function):
    plain = values("f8", (12, 9))
    ours = fa.asarray(plain)
    with fa.policy(dispatch="device", fallback="raise"), fa.profile() as p:
        np.testing.assert_array_equal(np.asarray(function(ours)), function(plain))
    assert (p.launches, p.bytes_to_device) == (1, plain.nbytes)


@pytest.mark.device_work
def test_meshgrid():
    x, y = values("f4", (4,)), values("f4", (3,), 1)
    for more in ({}, {"indexing": "ij"}, {"sparse": True}):
        with fa.policy(dispatch="device", fallback="raise"):
            got = np.meshgrid(fa.asarray(x), fa.asarray(y), **more)
            for each, want in zip(got, np.meshgrid(x, y, **more), strict=True):
                np.testing.assert_array_equal(np.asarray(each), want, strict=True)


def test_what_numpy_refuses_is_refused_by_numpy():
    x = fa.zeros((2, 3))
    for call in (
        lambda: np.roll(x, 1, 2),
        lambda: np.pad(x, -1),
        lambda: np.repeat(x, [1, 2, 3], 0),
        lambda: np.delete(x, 9, 0),
        lambda: np.insert(x, 9, 0, 0),
        lambda: np.tile(x, -1),
    ):
        with pytest.raises((ValueError, IndexError)):
            call()
