"""Creation: NumPy's arguments and answers, on a device of choice."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import fpgarray as fa

CASES: list[Callable[[Any], Any]] = [
    lambda np: np.arange(5),
    lambda np: np.arange(1, 2, 0.25),
    lambda np: np.arange(start=1, stop=7, step=2, dtype="f4"),
    lambda np: np.arange("2024-01", "2024-04", dtype="M8[M]"),
    lambda np: np.linspace(0, 1, 7, endpoint=False),
    lambda np: np.linspace(0, 1, 3, retstep=True),
    lambda np: np.linspace(np.arange(2.0), 5.0, 3, axis=-1),
    lambda np: np.logspace(0, 2, 4),
    lambda np: np.geomspace(1, 256, 9),
    lambda np: np.zeros(3),
    lambda np: np.zeros((2, 3), "i4", "F"),
    lambda np: np.ones([2, 2], dtype=bool),
    lambda np: np.full((2, 3), [1, 2, 3]),
    lambda np: np.full(2, np.arange(3.0).max()),
    lambda np: np.full(2, 7, dtype="u1"),
    lambda np: np.eye(3, k=1),
    lambda np: np.identity(2, "f4"),
    lambda np: np.tri(3),
    lambda np: np.meshgrid([1, 2], [3, 4, 5], sparse=True),
    lambda np: np.indices((2, 3)),
    lambda np: np.frombuffer(b"\x01\x02\x03", "u1"),
    lambda np: np.fromiter((i * i for i in range(4)), float),
    lambda np: np.fromstring("1 2 3", sep=" "),
    lambda np: np.loadtxt(io.StringIO("1,2\n3,4"), delimiter=","),
    lambda np: np.genfromtxt(io.StringIO("1 2\n3 nan")),
    lambda np: np.hamming(5),
    lambda np: np.kaiser(5, 14.0),
    lambda np: np.tril_indices(3),
    lambda np: np.fft.fftfreq(4, 0.5),
    lambda np: np.diag([1, 2]),
    lambda np: np.array([[1, 2], [3, 4]], "f4", order="F"),
    lambda np: np.array([1, 2], ndmin=3),
    lambda np: np.array(np.arange(4)[::2], ndmin=2),
    lambda np: np.array([np.arange(3.0), np.ones(3)]),
    lambda np: np.array([np.arange(3.0)[1], 5.0]),
    lambda np: np.array(np.arange(3.0).sum()),
    lambda np: np.asarray(np.arange(3), float),
    lambda np: np.ascontiguousarray(np.ones((2, 3)).T),
    lambda np: np.asfortranarray(np.ones((2, 3))),
    lambda np: np.ascontiguousarray(3.0),
    lambda np: np.require([1, 2], "f8", ["C", "W"]),
    lambda np: np.asarray_chkfinite([1.0, 2.0]),
    lambda np: np.copy(np.arange(6).reshape(2, 3).T),
    lambda np: np.copy(np.arange(3.0).sum()),
    lambda np: np.empty_like(np.zeros((2, 3)), shape=(0, 4)),
    lambda np: np.zeros_like(np.ones((2, 3)).T, dtype="i2"),
    lambda np: np.zeros_like([1, 2]),
    lambda np: np.ones_like(np.ones((2, 3), "f4"), shape=(3, 4, 2)),
    lambda np: np.ones_like(np.ones((2, 3)), order="F"),
    lambda np: np.full_like(np.ones((2, 3)), 2.5, dtype="i8"),
    lambda np: np.full_like(np.ones((2, 3)), [1, 2, 3]),
    lambda np: np.zeros_like(np.arange(3.0).sum()),
    lambda np: np.array(["ab", "c"]),
    lambda np: np.array([1, None], dtype=object),
    lambda np: np.zeros(2, dtype=object),
    lambda np: np.from_dlpack(np.arange(3.0)),
]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_creation_is_numpys(case: Callable[[Any], Any]) -> None:
    compare(case(fa), case(numpy))


def compare(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, (tuple, list)):
        for one, other in zip(ours, theirs, strict=True):
            compare(one, other)
        return
    if type(theirs) is not numpy.ndarray:
        assert type(ours) is type(theirs)
    else:
        assert type(ours) is fa.FPGAArray
        assert not ours._fixed
        if theirs.size:
            assert ours.strides == theirs.strides
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
    numpy.testing.assert_array_equal(numpy.asarray(ours), theirs)


ERRORS: list[Callable[[Any], Any]] = [
    lambda np: np.zeros(-1),
    lambda np: np.zeros((2, 3), "no such dtype"),
    lambda np: np.empty(2, order="Q"),
    lambda np: np.full(2, 300, dtype="u1"),
    lambda np: np.full(2, "text", dtype="f8"),
    lambda np: np.arange(),
    lambda np: np.arange(1, 2, 0),
    lambda np: np.linspace(0, 1, -1),
    lambda np: np.array([[1], [2, 3]]),
    lambda np: np.array([1], copy=False, dtype="f8"),
    lambda np: np.asarray_chkfinite([numpy.nan]),
    lambda np: np.zeros_like(np.ones(3), order="Q"),
    lambda np: np.load("/no/such/file.npy"),
    lambda np: np.eye(2, device="no such device"),
]


@pytest.mark.parametrize("case", ERRORS, ids=range(len(ERRORS)))
def test_errors_are_numpys(case: Callable[[Any], Any]) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011 NumPy says which
        case(numpy)
    with pytest.raises(theirs.type):
        case(fa)


def test_an_fpgaarray_is_not_copied_where_numpy_would_not() -> None:
    x = fa.arange(3.0)
    assert fa.asarray(x) is x
    assert fa.asarray(x, float, "C") is x
    assert fa.array(x, copy=None) is x
    assert fa.ascontiguousarray(x) is x
    assert fa.array(x) is not x
    with pytest.raises(ValueError, match="copy=False"):
        fa.asarray([1.0], copy=False)
    with pytest.raises(ValueError, match="copy=False"):
        fa.asarray(x, "f4", copy=False)


def test_devices_by_every_name() -> None:
    first = fa.devices()[0]
    for device in (None, 0, first, first.name, "cpu"):
        for make in (fa.zeros, fa.ones, fa.empty, fa.arange, fa.eye, fa.identity, fa.hanning):
            assert make(3, device=device).device is first
        assert fa.linspace(0, 1, 3, device=device).device is first
        assert fa.array([1.0], device=device).device is first
    assert fa.zeros(2, like=fa.ones(1)).device is first


def test_like_of_another_library_is_its_business() -> None:
    class Other:
        def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> str:
            return func.__name__

    for name in ("zeros", "ones", "empty"):
        assert getattr(fa, name)(3, like=Other()) == name
    assert fa.full(3, 1, like=Other()) == "full"
    assert fa.arange(3, like=Other()) == "arange"
    assert fa.asarray([1], like=Other()) == "asarray"
    assert fa.eye(3, like=Other()) == "eye"


def test_what_broadcasting_repeats_is_not_stored() -> None:
    huge = fa.broadcast_to(1.5, (10**7, 10**7))
    assert (huge.shape, huge.strides, float(huge[3, 4])) == ((10**7, 10**7), (0, 0), 1.5)
    rows = fa.broadcast_to([1, 2], (3, 2))
    assert rows.tolist() == [[1, 2]] * 3
    with pytest.raises(ValueError, match="read-only"):
        rows[0] = 5
    one, two = fa.broadcast_arrays([1], [[2], [3]])
    assert (one.tolist(), two.tolist()) == ([[1], [1]], [[2], [3]])
    assert fa.broadcast_to([], (2, 0)).shape == (2, 0)
