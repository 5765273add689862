"""What integers cannot do is said as NumPy says it: errors at the call, warnings at the run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import fpgarray as fa


@pytest.fixture(autouse=True)
def on_device() -> Iterator[None]:
    with fa.policy(dispatch="device", fallback="raise"), np.errstate(all="ignore"):
        yield


def same(result: fa.FPGAArray, expected: np.ndarray) -> None:
    got = np.asarray(result)
    assert (got.dtype, got.tolist()) == (expected.dtype, expected.tolist())


def test_errors_are_numpys() -> None:
    a = fa.asarray(np.arange(5))
    with fa.policy(fallback="allow"):
        for wrong, error in (
            (lambda: a**-1, ValueError),
            (lambda: a ** fa.asarray(np.array([1, 0, -1, 2, 3])), ValueError),
            (lambda: fa.zeros(3, "u1") + 300, OverflowError),
            (lambda: fa.full(3, 1 << 40, "i4"), OverflowError),
            (lambda: -fa.zeros(3, bool), TypeError),
            (lambda: fa.zeros(3, bool) - fa.zeros(3, bool), TypeError),
            (lambda: a << 1.5, TypeError),
            (lambda: a.__iadd__(1.5), TypeError),
            (lambda: np.ptp(fa.zeros(3, bool)), TypeError),
        ):
            with pytest.raises(error):
                np.asarray(wrong())
        same(fa.asarray(np.arange(5, dtype="u1")) < 300, np.arange(5, dtype="u1") < 300)
        same(a ** fa.asarray(np.array([1, 0, 3, 2, 3])), np.arange(5) ** np.array([1, 0, 3, 2, 3]))


def test_warnings_are_numpys() -> None:
    zero = fa.asarray(np.zeros(3000, "i4"))
    lowest = fa.asarray(np.full(3000, np.iinfo("i4").min, "i4"))
    wide = fa.asarray(np.full(3000, 1e10))
    for call, text in (
        (lambda: 5 // zero, "divide by zero encountered in floor_divide"),
        (lambda: 5 % zero, "divide by zero encountered in remainder"),
        (lambda: lowest // -1, "overflow encountered in floor_divide"),
        (lambda: wide.astype("i4"), "invalid value encountered in cast"),
        (lambda: wide.astype("u1"), "invalid value encountered in cast"),
    ):
        with np.errstate(all="warn", under="ignore"), pytest.warns(RuntimeWarning, match=text):
            np.asarray(call())
