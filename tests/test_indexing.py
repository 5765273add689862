"""Fancy and boolean indexing, `take`, `put` and their kin: answers, errors, launches, bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fpgarray as fa

DTYPES = ("f4", "f8", "?", "c16", "i2", "u1")


@pytest.fixture(autouse=True)
def on_the_device():
    with fa.policy(dispatch="device", fallback="raise"):
        yield


def values(dtype: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return rng.random(shape) < 0.5
    return rng.integers(-100, 100, shape).astype(dtype)


def same(got: Any, want: np.ndarray) -> None:
    """Equal in values, dtype, shape and memory order."""
    assert got.dtype == want.dtype and got.shape == want.shape
    if want.size:
        pairs = zip(want.shape, got.strides, want.strides, strict=True)
        assert all(g == w for n, g, w in pairs if n > 1), (got.strides, want.strides)
    np.testing.assert_array_equal(np.asarray(got), want)


@st.composite
def views(draw: st.DrawFn) -> tuple[np.ndarray, Any]:
    """A view of some array, and ours of the same geometry."""
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    plain = values(draw(st.sampled_from(DTYPES)), shape, draw(st.integers(0, 99)))
    ours = fa.asarray(plain)
    steps = tuple(slice(None, None, draw(st.sampled_from([1, 1, 2, -1]))) for _ in shape)
    order = tuple(draw(st.permutations(range(len(shape)))))
    return plain[steps].transpose(order), ours[steps].transpose(order)


def index_array(draw: st.DrawFn, extent: int, shape: tuple[int, ...]) -> np.ndarray:
    count = int(np.prod(shape, dtype=int))
    numbers = draw(st.lists(st.integers(-extent, extent - 1), min_size=count, max_size=count))
    array = np.array(numbers, draw(st.sampled_from(["i8", "i4", "i2"]))).reshape(shape)
    return array.T.copy().T if draw(st.booleans()) else array


@st.composite
def keys(draw: st.DrawFn, shape: tuple[int, ...], distinct: bool = False) -> tuple[Any, Any]:
    """A key with at least one array for an array of `shape`; and the same for ours, in which some
    arrays are ours. `distinct`: no element is selected twice."""
    lead = draw(st.sampled_from([(3,), (1,), (2, 2), (0,), (2, 1, 3)]))
    parts: list[Any] = []
    axis, arrays = 0, 0
    while axis < len(shape):
        kind = draw(st.sampled_from(["slice", "int", "array", "array", "mask", "none", "rest"]))
        if distinct and arrays and kind in ("array", "mask"):
            kind = "slice"
        extent = shape[axis]
        if kind == "slice":
            parts.append(slice(None, None, draw(st.sampled_from([1, -1, 2]))))
        elif kind == "int":
            parts.append(draw(st.integers(-extent, extent - 1)))
        elif kind == "array" and distinct:
            chosen = draw(st.permutations(range(extent)))
            parts.append(np.array(chosen[: draw(st.integers(0, extent))], np.int64))
        elif kind == "array":
            short = draw(st.booleans())
            parts.append(index_array(draw, extent, lead[1:] if short and len(lead) > 1 else lead))
        elif kind == "mask" and lead in ((1,),) or (kind == "mask" and distinct):
            mask = np.zeros(extent, bool)
            mask[draw(st.integers(0, extent - 1))] = True
            parts.append(mask)
        elif kind == "none":
            parts.append(None)
            continue
        elif kind == "rest":
            if Ellipsis not in [p for p in parts if not isinstance(p, np.ndarray)] and arrays:
                parts.append(Ellipsis)
                break
            continue
        else:
            continue
        arrays += isinstance(parts[-1], np.ndarray)
        axis += 1
    if not arrays:
        extent = shape[0]
        first = next(i for i, p in enumerate(parts) if p is not None)
        parts[first] = np.array([0, extent - 1] if not distinct else [extent - 1])
    ours = [
        fa.asarray(p) if isinstance(p, np.ndarray) and draw(st.booleans()) else p for p in parts
    ]
    return tuple(parts), tuple(ours)


def taken(key: tuple[Any, ...]) -> Any:
    """The policy for a key: more than three index arrays may have no kernel."""
    several = sum(isinstance(part, np.ndarray) for part in key) > 3
    return fa.policy(dispatch="device", fallback="allow" if several else "raise")


@pytest.mark.device_work
@given(st.data())
def test_getting_is_numpys_over_any_views_and_keys(data):
    plain, ours = data.draw(views())
    key, our_key = data.draw(keys(plain.shape))
    with taken(key):
        same(ours[our_key], plain[key])


@pytest.mark.device_work
@given(st.data())
def test_setting_is_numpys_over_any_views_and_keys(data):
    plain, ours = data.draw(views())
    key, our_key = data.draw(keys(plain.shape, distinct=True))
    shape = plain[key].shape
    kind = data.draw(st.sampled_from(["scalar", "array", "ours", "part"]))
    new = values(plain.dtype.str[1:] if plain.dtype != bool else "?", shape, 7)
    if kind == "scalar":
        new = 1
    elif kind == "part":
        new = new[..., :1] if new.ndim and new.shape[-1] else new
    with taken(key):
        ours[our_key] = fa.asarray(new) if kind == "ours" else new
        plain[key] = new
        np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
@given(st.data())
def test_masks_of_the_first_axes(data):
    plain, ours = data.draw(views())
    mask = values("?", plain.shape[: data.draw(st.integers(1, plain.ndim))], 3)
    our_mask = fa.asarray(mask) if data.draw(st.booleans()) else mask
    with fa.policy(dispatch="device", fallback="raise"):
        same(ours[our_mask], plain[mask])
        new = values(plain.dtype.str[1:] if plain.dtype != bool else "?", plain[mask].shape, 5)
    # More than three axes that memory does not walk as one have no kernel.
    with fa.policy(dispatch="device", fallback="raise" if mask.ndim <= 3 else "allow"):
        for each in (1, new, new[:1] if len(new) else new):
            ours[our_mask] = each
            plain[mask] = each
            np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
@given(st.data(), st.sampled_from(["raise", "wrap", "clip"]))
def test_take_and_put_in_all_modes(data, mode):
    plain, ours = data.draw(views())
    axis = data.draw(st.sampled_from([None, *range(-plain.ndim, plain.ndim)]))
    extent = plain.size if axis is None else plain.shape[axis]
    low, high = (-extent, extent - 1) if mode == "raise" else (-3 * extent, 3 * extent)
    numbers = data.draw(st.lists(st.integers(low, high), min_size=1, max_size=6))
    index = np.array(numbers, "i4").reshape(data.draw(st.sampled_from([(-1,), (1, -1)])))
    with fa.policy(dispatch="device", fallback="raise"):
        for each in (index, fa.asarray(index)):
            same(np.take(ours, each, axis, mode=mode), np.take(plain, index, axis, mode=mode))
        flat, our_flat = plain.ravel(), ours.flatten()
        low, high = (-flat.size, flat.size - 1) if mode == "raise" else (-9, 9)
        spots = np.clip(index, low, high)
        new = values("f4", spots.shape, 4).astype(plain.dtype)
        np.put(our_flat, fa.asarray(spots), new, mode=mode)
        np.put(flat := flat.copy(), spots, new, mode=mode)
        np.testing.assert_array_equal(np.asarray(our_flat), flat)


@pytest.mark.device_work
@given(st.data())
def test_along_an_axis(data):
    plain, ours = data.draw(views())
    axis = data.draw(st.integers(-plain.ndim, plain.ndim - 1))
    order = np.random.default_rng(0).random(plain.shape).argsort(axis)
    new = values("f4", plain.shape, 4).astype(plain.dtype)
    with fa.policy(dispatch="device", fallback="raise"):
        same(
            np.take_along_axis(ours, fa.asarray(order), axis),
            np.take_along_axis(plain, order, axis),
        )
        np.put_along_axis(ours, order, fa.asarray(new), axis)
        np.put_along_axis(plain, order, new, axis)
        np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
def test_masked_functions():
    plain, mask = values("f8", (30, 40)), values("?", (30, 40), 2)
    ours, our_mask = fa.asarray(plain), fa.asarray(mask)
    same(np.extract(our_mask, ours), np.extract(mask, plain))
    same(np.compress(our_mask[0], ours, 1), np.compress(mask[0], plain, 1))
    for function, more in ((np.putmask, -plain), (np.putmask, 3.5), (np.place, 2.5)):
        function(ours, our_mask, more)
        function(plain, mask, more)
        np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
def test_masked_copies():
    plain, mask = values("f4", (30, 40)), values("?", (30, 40), 2)
    ours, our_mask = fa.asarray(plain), fa.asarray(mask)
    for new in (2.5, -plain, plain[0], np.float32(7)):
        np.copyto(ours, fa.asarray(new) if np.ndim(new) == 2 else new, where=our_mask)
        np.copyto(plain, new, where=mask)
        np.testing.assert_array_equal(np.asarray(ours), plain)
    np.copyto(ours, fa.asarray(plain), where=mask[0])
    np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
def test_the_last_of_several_values_wins():
    plain = np.zeros((50, 30), "f4")
    ours = fa.asarray(plain)
    where = np.random.default_rng(0).integers(0, 50, 5000)
    new = np.arange(5000 * 30, dtype="f4").reshape(5000, 30)
    ours[where] = new
    plain[where] = new
    np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
def test_lines_longer_than_a_chunk():
    plain = values("f8", (5, 3000))
    ours = fa.asarray(plain)
    where = np.random.default_rng(0).permutation(3000)
    same(ours[:, where], plain[:, where])
    same(ours[[4, 0, 4]], plain[[4, 0, 4]])
    ours[2:4, where] = plain[:2]
    plain[2:4, where] = plain[:2]
    np.testing.assert_array_equal(np.asarray(ours), plain)


def test_a_gather_is_one_launch_and_moves_only_its_indices():
    plain = values("f8", (4000,))
    ours = fa.asarray(plain)
    ours.sync_to_device()
    with fa.profile() as p:
        got = ours[np.arange(10)]
        fa.synchronize()
    assert (p.launches, p.bytes_to_device, p.bytes_from_device) == (1, 40, 0)
    where = fa.asarray(np.arange(100, dtype="i8"))
    where.sync_to_device()
    with fa.profile() as p:
        got = ours[where]
        fa.synchronize()
    assert (p.launches, p.bytes_to_device, p.bytes_from_device) == (1, 0, 0)
    np.testing.assert_array_equal(np.asarray(got), plain[:100])


def test_a_masked_fill_reads_nothing():
    ours = fa.asarray(values("f8", (4000,)))
    with fa.profile() as p:
        ours[ours > 3] = 0.0
        ours[ours < -3] = 1.0
        fa.synchronize()
    assert (p.launches, p.fallbacks, p.bytes_from_device) == (1, 0, 0)


def test_wrapped_and_clipped_indices_are_not_read():
    ours = fa.asarray(values("f8", (4000,)))
    where = fa.asarray(np.arange(100, dtype="i8"))
    with fa.profile() as p:
        np.take(ours, where, mode="clip")
    assert p.launches == p.bytes_from_device == 0


@pytest.mark.device_work
def test_a_scatter_keeps_what_it_does_not_hit():
    plain = values("f4", (1000,))
    ours = fa.asarray(plain) + 0
    ours[[3, 5]] = 0
    ours[::2][[1, 2]] = fa.asarray([1.0, 2.0])
    plain[[3, 5]] = 0
    plain[::2][[1, 2]] = [1.0, 2.0]
    np.testing.assert_array_equal(np.asarray(ours), plain)


@pytest.mark.device_work
def test_operands_may_share_memory():
    plain = values("f8", (40,))
    ours = fa.asarray(plain)
    where = np.random.default_rng(1).permutation(40)
    ours[where] = ours
    plain[where] = plain.copy()
    ours[where[:20]] = ours[20:]
    plain[where[:20]] = plain[20:].copy()
    np.testing.assert_array_equal(np.asarray(ours), plain)


def test_what_numpy_refuses_is_refused_at_the_call_and_changes_nothing():
    plain = values("f8", (4, 5))
    ours = fa.asarray(plain)
    for key in ([4], ([0], [5]), ([0, 1], [1, 2, 3]), ([0.5],), (0, 0, [0]), np.zeros(3, bool)):
        with pytest.raises(IndexError) as ours_says:
            ours[key]
        with pytest.raises(IndexError) as numpy_says:
            plain[key]
        assert str(ours_says.value) == str(numpy_says.value)
        with pytest.raises(IndexError):
            ours[key] = 1
    with pytest.raises(ValueError, match="shape mismatch"):
        ours[[0, 1]] = np.zeros(3)
    with pytest.raises(IndexError):
        np.take(ours, [20])
    np.testing.assert_array_equal(np.asarray(ours), plain)


def test_the_host_does_it_where_policy_says_so():
    plain = values("f8", (6, 7))
    ours = fa.asarray(plain)
    with fa.policy(dispatch="host", fallback="allow"), fa.profile() as p:
        same(ours[:, [1, 1], None], plain[:, [1, 1], None])
        ours[0, :, None][[2, 3]] = 9
        plain[0, :, None][[2, 3]] = 9
        same(np.take(ours, [9, -9], mode="wrap"), np.take(plain, [9, -9], mode="wrap"))
        np.testing.assert_array_equal(np.asarray(ours), plain)
    assert p.launches == 0


def test_put_without_values_looks_at_no_index():
    ours = fa.asarray(np.arange(6.0))
    np.put(ours, [99, -99], [])
    np.testing.assert_array_equal(np.asarray(ours), np.arange(6.0))
    with pytest.raises(IndexError, match="99 is out of bounds"):
        np.put(ours, [99], [1.0])
