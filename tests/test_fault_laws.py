"""Random programs on a device that fails at random: every value is right, or reading it raises."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpgarray as fa
from fpgarray import executor

SIZE = 600
KINDS = ["kernel", "allocation", "transfer", "lost"]
faults = st.tuples(st.sampled_from(KINDS), st.integers(0, 4), st.integers(1, 2))
statements = st.tuples(
    st.sampled_from(["add", "shift", "scale", "strided", "mix", "host", "run", "read"]),
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from(["device", "device", "auto"]),
    st.none() | faults,
)


def apply(arrays: list, plain: list, what: str, a: int, b: int) -> None:
    """One statement on both sides. Shuffles keep values bounded and launches apart."""
    if what == "add":
        arrays[a], plain[a] = arrays[a] + arrays[b], plain[a] + plain[b]
    elif what == "shift":
        arrays[a][1:] = arrays[b][:-1]
        plain[a][1:] = plain[b][:-1].copy()
    elif what == "scale":
        arrays[a] *= 0.5
        plain[a] *= np.float32(0.5)
    elif what == "strided":
        arrays[a][b :: b + 2] += 1.0
        plain[a][b :: b + 2] += np.float32(1)
    elif what == "mix":
        arrays[a][...] = arrays[b].reshape(20, 30).T.reshape(-1)
        plain[a][...] = plain[b].reshape(20, 30).T.reshape(-1).copy()
    elif what == "host":
        arrays[a][b : b + 99] = np.full(99, 3, "f4")
        plain[a][b : b + 99] = 3
    elif what == "run":
        executor.run(arrays[a].device)


def check(array, expected: np.ndarray) -> bool:
    """Whether the values can be read; they are right then."""
    try:
        found = np.asarray(array)
    except fa.DeviceError:
        return False
    assert np.array_equal(found, expected)
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(statements, min_size=1, max_size=14), st.integers(0, 99))
def test_values_are_right_or_reading_them_raises(program: list, seed: int) -> None:
    device = fa.devices()[0]
    rng = np.random.default_rng(seed)
    plain = [rng.integers(0, 9, SIZE).astype("f4") for _ in range(3)]
    arrays = [fa.asarray(each) for each in plain]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fa.FallbackWarning)
        try:
            for what, a, b, dispatch, fault in program:
                if fault is not None:
                    kind, after, times = fault
                    device.runtime.faults.inject(kind, after=after, times=times)
                with fa.policy(dispatch=dispatch):
                    if what == "read":
                        check(arrays[a], plain[a])
                    else:
                        apply(arrays, plain, what, a, b)
        except fa.DeviceError:
            return  # the statement did not happen: there is nothing to compare with
        finally:
            recover(device)
        for array, expected in zip(arrays, plain, strict=True):
            check(array, expected)


def recover(device) -> None:
    """No more faults; the device must work at once, whatever has happened."""
    for _ in range(2):
        try:
            device.runtime.faults.clear()
            fa.synchronize()
        except fa.DeviceError:
            continue
    with fa.policy(dispatch="device"):
        assert float((fa.asarray(np.ones(50, "f4")) + 1).sum()) == 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_every_point_of_one_program(kind: str) -> None:
    program = [("add", 0, 1), ("strided", 0, 1), ("mix", 1, 0), ("shift", 2, 1), ("scale", 1, 1)]
    device = fa.devices()[0]
    for after in range(30):
        plain = [np.arange(SIZE, dtype="f4") % (7 + k) for k in range(3)]
        arrays = [fa.asarray(each) for each in plain]
        with warnings.catch_warnings(), fa.policy(dispatch="device"):
            warnings.simplefilter("ignore", fa.FallbackWarning)
            device.runtime.faults.inject(kind, after=after)
            for step in program:
                apply(arrays, plain, *step)
            readable = [check(*pair) for pair in zip(arrays, plain, strict=True)]
            recover(device)
            again = [check(*pair) for pair in zip(arrays, plain, strict=True)]
        assert all(later >= sooner for sooner, later in zip(readable, again, strict=True))
