"""Operations that a kernel of their own does whole: plans, answers, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fpgarray as fa
from fpgarray.resampling import resample

DTYPES = ("f4", "f8")
SCANS = (np.cumsum, np.cumprod)


@pytest.fixture(autouse=True)
def on_the_device():
    with fa.policy(dispatch="device", fallback="raise"):
        yield


def arrays_for(
    dtype: str, shape: tuple[int, ...], seed: int = 0
) -> tuple[np.ndarray, fa.FPGAArray]:
    plain = np.random.default_rng(seed).uniform(0.5, 1.5, shape).astype(dtype)
    return plain, fa.asarray(plain)


@st.composite
def views(draw: st.DrawFn) -> tuple[np.ndarray, fa.FPGAArray, int]:
    """A view of some array, ours of the same geometry, and an axis of it."""
    shape = tuple(draw(st.lists(st.integers(1, 7), min_size=1, max_size=4)))
    plain, ours = arrays_for(draw(st.sampled_from(DTYPES)), shape, draw(st.integers(0, 9)))
    steps = tuple(slice(None, None, draw(st.sampled_from([1, 2, -1, -3]))) for _ in shape)
    order = draw(st.permutations(range(len(shape))))
    return (
        plain[steps].transpose(order),
        ours[steps].transpose(order),
        draw(st.integers(-len(shape), len(shape) - 1)),
    )


@pytest.mark.device_work
@given(views(), st.sampled_from(SCANS))
def test_scans_are_numpys_bits_over_any_view(drawn, function):
    plain, ours, axis = drawn
    with fa.policy(dispatch="device", fallback="raise"):
        got = function(ours, axis=axis)
        want = function(plain, axis=axis)
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(np.asarray(got), want)


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_scan_longer_than_its_tile(dtype):
    plain, ours = arrays_for(dtype, (3, 5000))
    np.testing.assert_array_equal(np.asarray(ours.cumsum(axis=1)), plain.cumsum(axis=1))
    np.testing.assert_array_equal(np.asarray(ours.cumsum()), plain.cumsum())


def test_a_call_is_one_launch_between_those_of_its_operands_and_its_users():
    _, ours = arrays_for("f8", (2000,))
    with fa.profile() as p:
        total = (np.cumsum(ours * 2 + 1) - 1).sum()
        float(total)
    assert (p.launches, p.fallbacks) == (3, 0)


def test_a_dead_call_is_never_launched():
    _, ours = arrays_for("f8", (2000,))
    with fa.profile() as p:
        np.cumsum(ours)
        fa.synchronize()
    assert p.launches == 0


@pytest.mark.device_work
def test_out_may_be_the_source_a_part_of_it_or_of_another_dtype():
    plain, ours = arrays_for("f8", (50,))
    np.cumsum(ours, out=ours)
    np.cumsum(plain, out=plain)
    np.testing.assert_array_equal(np.asarray(ours), plain)
    np.cumsum(ours[10:20], out=ours[15:25])
    plain[15:25] = np.cumsum(plain[10:20])
    np.testing.assert_array_equal(np.asarray(ours), plain)


def test_what_numpy_refuses_is_refused_by_numpy():
    _, ours = arrays_for("f8", (4, 5))
    with fa.policy(fallback="allow"):
        with pytest.raises(np.exceptions.AxisError):
            np.cumsum(ours, axis=2)
        with pytest.raises(ValueError):
            np.cumsum(ours, axis=0, out=fa.zeros(3))


def test_no_elements_are_numpys_business():
    with fa.policy(fallback="allow"):
        assert np.cumsum(fa.zeros((0, 3)), axis=0).shape == (0, 3)


def test_the_host_does_it_where_policy_says_so():
    plain, ours = arrays_for("f4", (6, 7))
    with fa.policy(dispatch="host"), fa.profile() as p:
        np.testing.assert_array_equal(np.asarray(ours.cumsum(axis=1)), plain.cumsum(axis=1))
    assert (p.launches, p.host_chosen) == (0, 1)


# Products


SHAPES = [
    ((5, 7), (7, 9)),
    ((300, 290), (290, 270)),
    ((13, 600), (600, 33)),
    ((3, 30, 70), (70, 40)),
    ((2, 1, 20, 60), (5, 60, 33)),
    ((7,), (7,)),
    ((9, 7), (7,)),
    ((7,), (7, 4)),
    ((1, 7), (7, 4)),
    ((4, 7), (7, 1)),
    ((3, 1, 7), (3, 7, 5)),
]


def close(got: fa.FPGAArray, want: np.ndarray, terms: int) -> None:
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    scale = terms * np.finfo(want.dtype).eps * 4
    np.testing.assert_allclose(np.asarray(got), want, rtol=scale, atol=scale)


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_matrix_products_are_numpys_in_one_launch(dtype, shapes):
    (x, a), (y, b) = (arrays_for(dtype, shape, seed) for seed, shape in enumerate(shapes))
    with fa.profile() as p:
        got = a @ b
        close(got, x @ y, x.shape[-1])
    assert p.launches == 1


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", DTYPES)
def test_transposed_and_reversed_operands_are_not_copied(dtype):
    (x, a), (y, b) = arrays_for(dtype, (40, 60)), arrays_for(dtype, (50, 40))
    with fa.profile() as p:
        close(a.T @ b.T, x.T @ y.T, 40)
        close(b[::-1, ::2] @ a[::2], y[::-1, ::2] @ x[::2], 20)
    assert p.launches == 2


@pytest.mark.device_work
def test_products_by_their_other_names():
    (x, a), (y, b) = arrays_for("f8", (3, 4, 5)), arrays_for("f8", (5, 4, 2), 1)
    close(np.tensordot(a, b, ([2, 1], [0, 1])), np.tensordot(x, y, ([2, 1], [0, 1])), 20)
    close(np.dot(a, b[:, 0]), np.dot(x, y[:, 0]), 5)
    close(np.inner(a, a[0]), np.inner(x, x[0]), 5)
    close(np.vdot(a, a), np.vdot(x, x), 60)
    close(np.vecdot(a, a[0]), np.vecdot(x, x[0]), 5)
    close(np.linalg.matmul(a[0], b[:, 0]), np.linalg.matmul(x[0], y[:, 0]), 5)


def test_a_product_into_an_operand_and_in_place():
    x, a = arrays_for("f8", (6, 6))
    np.matmul(a, a, out=a)
    np.matmul(x, x, out=x)
    a @= a
    x @= x
    close(a, x, 6)


def test_products_that_do_not_fit_are_numpys_errors():
    (_, a), (_, b) = arrays_for("f8", (3, 4)), arrays_for("f8", (3, 4))
    with fa.policy(fallback="allow"), pytest.raises(ValueError, match="matmul"):
        a @ b


# Where the largest is


@st.composite
def ties(draw: st.DrawFn) -> tuple[np.ndarray, fa.FPGAArray]:
    """Arrays with equal elements and, where the dtype has them, NaNs; any strides."""
    shape = tuple(draw(st.lists(st.sampled_from([1, 2, 3, 5, 70]), min_size=1, max_size=3)))
    dtype = draw(st.sampled_from(["f4", "f8", "?"]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    plain = rng.integers(0, 4, shape).astype(dtype)
    if dtype != "?" and draw(st.booleans()):
        plain[rng.random(shape) < 0.02] = np.nan
    order = draw(st.permutations(range(len(shape))))
    ours = fa.asarray(plain)
    step = draw(st.sampled_from([1, -1, 2]))
    return plain[::step].transpose(order), ours[::step].transpose(order)


@pytest.mark.device_work
@given(ties(), st.sampled_from([np.argmax, np.argmin]), st.data())
def test_arguments_are_the_first_of_equals_and_the_first_nan(drawn, function, data):
    plain, ours = drawn
    axis = data.draw(st.one_of(st.none(), st.integers(-plain.ndim, plain.ndim - 1)))
    keepdims = data.draw(st.booleans())
    with fa.policy(dispatch="device", fallback="raise"):
        got = function(ours, axis=axis, keepdims=keepdims)
        want = function(plain, axis=axis, keepdims=keepdims)
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        np.testing.assert_array_equal(np.asarray(got), want)


@pytest.mark.device_work
@pytest.mark.parametrize("length", [1, 63, 64, 65, 5000, 100_001])
@pytest.mark.parametrize("dtype", DTYPES)
def test_long_lines_are_searched_whole(dtype, length):
    plain = np.random.default_rng(length).standard_normal((2, length)).astype(dtype)
    ours = fa.asarray(plain)
    np.testing.assert_array_equal(np.asarray(ours.argmax(axis=1)), plain.argmax(axis=1))
    np.testing.assert_array_equal(np.asarray(ours.argmin(axis=0)), plain.argmin(axis=0))
    assert int(ours.argmin()) == plain.argmin()


# Images


def picture(dtype: str, *shape: int) -> tuple[np.ndarray, fa.FPGAArray]:
    rng = np.random.default_rng(len(shape))
    plain = rng.integers(0, 256, shape).astype(dtype)
    return plain, fa.asarray(plain)


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
@pytest.mark.parametrize("method", ["bilinear", "area"])
@pytest.mark.parametrize("channels", [(), (1,), (2,), (3,), (4,)], ids=str)
@pytest.mark.parametrize("shape", [(20, 31), (40, 62), (13, 7), (1, 1), (97, 100)], ids=str)
def test_images_are_resized_to_the_references_bits(dtype, method, channels, shape):
    plain, ours = picture(dtype, 40, 62, *channels)
    want = resample(plain, np.empty((*shape, *channels), dtype), method)
    with fa.profile() as p:
        got = fa.resize(ours, shape, method)
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        np.testing.assert_array_equal(np.asarray(got), want)
    assert (p.launches, p.fallbacks) == (1, 0)


def test_the_reference_itself_by_known_answers():
    plain, _ = picture("f8", 12, 16)
    half = resample(plain, np.empty((6, 8)), "area")
    np.testing.assert_allclose(half, plain.reshape(6, 2, 8, 2).mean((1, 3)))
    np.testing.assert_allclose(resample(plain, np.empty((6, 8)), "bilinear"), half)
    np.testing.assert_array_equal(resample(plain, np.empty((12, 16)), "bilinear"), plain)
    np.testing.assert_array_equal(resample(plain, np.empty((12, 16)), "area"), plain)
    uneven = resample(plain, np.empty((5, 7)), "area")
    np.testing.assert_allclose(uneven.mean(), plain.mean())
    ramp = np.arange(10.0)[None, :].repeat(2, 0)
    larger = resample(ramp, np.empty((2, 20)), "bilinear")
    np.testing.assert_allclose(larger[0, 1:-1], np.arange(20)[1:-1] / 2 - 0.25)


@pytest.mark.device_work
def test_crops_and_other_strides_need_no_copy():
    plain, ours = picture("u1", 50, 60, 3)
    for cut in (np.s_[5:45, 10:50], np.s_[::-1, ::2], np.s_[:, :, ::-1], np.s_[..., 1]):
        view, mine = plain[cut], ours[cut]
        want = resample(view, np.empty((17, 23, *view.shape[2:]), "u1"), "bilinear")
        with fa.profile() as p:
            np.testing.assert_array_equal(np.asarray(fa.resize(mine, (17, 23), "bilinear")), want)
        assert p.launches == 1


def test_infinite_pixels_stay_where_they_are():
    plain = np.zeros((8, 8))
    plain[3, 3] = np.inf
    for method in ("area", "bilinear"):
        got = np.asarray(fa.resize(fa.asarray(plain), (4, 4), method))
        assert np.isinf(got[1, 1])
        assert np.isfinite(np.delete(got.ravel(), 5)).all()


def test_resize_says_what_is_wrong():
    _, ours = picture("u1", 8, 8, 3)
    with pytest.raises(ValueError, match="'cubic': expected one of 'bilinear', 'area'"):
        fa.resize(ours, (4, 4), "cubic")
    with pytest.raises(ValueError, match=r"1 to 4 channels.*\(8, 8, 3, 1\)"):
        fa.resize(ours[..., None], (4, 4), "area")
    with pytest.raises(ValueError, match="no pixels"):
        fa.resize(ours, (0, 4), "area")
    with pytest.raises(ValueError, match="expected \\(height, width\\)"):
        fa.resize(ours, 4, "area")
    with pytest.raises(TypeError, match="complex"):
        fa.resize(fa.asarray(np.ones((4, 4), complex)), (2, 2), "area")


def test_resize_without_a_method_is_numpys():
    plain, ours = picture("f4", 2, 3)
    with fa.policy(fallback="allow"):
        got = fa.resize(ours, (3, 4))
    np.testing.assert_array_equal(np.asarray(got), np.resize(plain, (3, 4)))


def test_other_dtypes_are_resized_by_numpy_with_a_reason():
    plain, ours = picture("u2", 8, 8)
    with fa.policy(fallback="allow"), fa.profile() as p:
        got = fa.resize(ours, (4, 4), "area")
        np.testing.assert_array_equal(
            np.asarray(got), np.rint(plain.reshape(4, 2, 4, 2).mean((1, 3)))
        )
    assert p.fallbacks == 1


@pytest.mark.device_work
def test_rows_of_a_large_product_are_shared_between_units():
    """Two compute units, one launch; neither writes into a port word of the other."""
    plain, ours = arrays_for("f4", (513, 257))
    other, theirs = arrays_for("f4", (257, 301))
    with fa.profile() as p:
        close(ours @ theirs, plain @ other, 257)
    assert p.launches == 1
