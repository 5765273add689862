"""Small operations are computed at the call; nobody can tell but by the time they take."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpgarray as fa


def pair(dtype: Any = "f4", size: int = 10) -> tuple[Any, Any, np.ndarray, np.ndarray]:
    x, y = np.arange(1, size + 1).astype(dtype), np.full(size, 3, dtype)
    return fa.asarray(x), fa.asarray(y), x, y


def recorded() -> int:
    return len(fa.devices()[0].tape.nodes)


@pytest.fixture(autouse=True)
def settled():
    fa.synchronize()


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1", "?", "f2", "c8"])
def test_nothing_is_recorded_and_the_answers_are_numpys(dtype: str) -> None:
    a, b, x, y = pair(dtype)
    for ours, theirs in (
        (a + b, x + y),
        (2 * a, 2 * x),
        (a == b, x == y),
        (np.where(a > b, a, 1), np.where(x > y, x, 1)),
        (a[2:8][::-1] * b[2:8], x[2:8][::-1] * y[2:8]),
        (a.reshape(2, 5) * b[:5], x.reshape(2, 5) * y[:5]),
        (a.sum(), x.sum()),
        (a.copy(), x.copy()),
        (a[3] + b, x[3] + y),
    ):
        assert recorded() == 0
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert np.array_equal(np.asarray(ours), theirs)


def test_no_small_operation_touches_the_device() -> None:
    a, b, *_ = pair()
    with fa.profile() as p:
        np.asarray((a * b + 1).sum())
    assert (p.launches, p.bytes_to_device, p.bytes_from_device, p.fallbacks) == (0, 0, 0, 0)
    assert p.host_chosen == 3
    assert "test_promptly.py" in str(p)
    assert "cheaper to compute at the call" in str(p)


def test_a_missing_kernel_stays_a_fallback() -> None:
    a = fa.asarray(np.ones(4, "f2"))
    with fa.profile() as p:
        a + a
    assert (p.fallbacks, p.host_chosen) == (1, 0)
    with fa.policy(fallback="raise"), pytest.raises(fa.FallbackError, match="float16"):
        a + a


def test_order_with_what_is_recorded() -> None:
    """Reads see what was recorded before them; what was recorded sees no later write."""
    a, b, x, y = pair()
    with fa.policy(dispatch="device"):
        late = a + b
    a += b
    x2 = x + y
    assert np.array_equal(late, x + y)
    assert np.array_equal(a, x2)
    with fa.policy(dispatch="device"):
        a *= 2
    assert np.array_equal(a + 1, x2 * 2 + 1)


def test_writes_through_views_are_seen() -> None:
    a, b, x, y = pair()
    part = a[2:5]
    a += b
    x += y
    assert np.array_equal(part, x[2:5])
    part += 1
    x[2:5] += 1
    assert np.array_equal(a + 0, x)
    a[0] = 7
    x[0] = 7
    assert np.array_equal(a * 1, x)


def test_snapshots_never_change() -> None:
    a, b, x, _ = pair()
    before = np.asarray(a)
    with pytest.raises(ValueError, match="read-only"):
        before[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        before.flags.writeable = True
    a += b
    a[:3] = 0
    with fa.policy(dispatch="device"):
        a *= 2
        np.asarray(a)
    del a
    assert np.array_equal(before, x)
    assert not isinstance(before.base, np.ndarray)


def test_scopes_and_the_device_take_small_arrays_over() -> None:
    a, b, x, y = pair()
    with a.host() as h:
        with pytest.raises(fa.CoherenceError):
            a + b
        h[0] = 9
    x[0] = 9
    a.sync_to_device()
    with fa.policy(dispatch="device"), fa.profile() as p:
        assert np.array_equal(a + b, x + y)
    assert p.launches == 1
    assert p.bytes_to_device == y.nbytes


@pytest.mark.filterwarnings("error")
def test_warnings_name_the_line_and_may_be_errors() -> None:
    a, zero = fa.asarray([1.0, 0.0]), fa.zeros(2)
    with pytest.raises(RuntimeWarning, match="divide by zero encountered in divide"):
        a / zero
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        a / zero  # here
        np.sqrt(-a)
        a /= zero
    assert [str(each.message).rpartition(" ")[2] for each in caught] == [
        *("divide", "divide", "sqrt", "divide", "divide")
    ]
    assert {each.filename for each in caught} == {__file__}
    assert "# here" in Path(__file__).read_text().splitlines()[caught[0].lineno - 1]
    with np.errstate(all="ignore"):
        a / zero
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        1 / zero


def test_a_failing_operation_leaves_errstate_and_operands() -> None:
    a = fa.asarray(np.arange(3, dtype="i8"))
    with pytest.raises(ValueError, match="negative integer powers"):
        a**-2
    with pytest.raises(OverflowError):
        fa.asarray(np.ones(3, "u1")) + 300
    assert np.geterr()["divide"] == "warn"
    assert np.array_equal(a, [0, 1, 2])


def test_threads_have_their_own_warnings() -> None:
    a, zero = fa.asarray(np.ones(4)), fa.zeros(4)
    failures: list[str] = []

    def work(bad: bool) -> None:
        for _ in range(200):
            result = a / (zero if bad else a)
            if bool(np.isinf(np.asarray(result)).all()) != bad:
                failures.append("mixed up")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        threads = [threading.Thread(target=work, args=(bad,)) for bad in (True, False) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures


def test_loops_over_elements_of_a_large_array_record_nothing() -> None:
    plain = np.arange(200_000.0)
    x = fa.asarray(plain)
    for a in (x, plain):
        for i in range(1, 50):
            a[i] = a[i - 1] * 0.5 + 1
    assert not recorded()
    assert np.array_equal(x, plain)
