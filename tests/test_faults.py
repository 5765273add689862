"""What goes wrong on a device is reported by name and file:line, and nothing else is lost."""

from __future__ import annotations

import os
import signal
import threading
import warnings

import numpy as np
import pytest

import fpgarray as fa

PLAIN = np.linspace(1, 2, 3000, dtype="f4")


@pytest.fixture
def faults():
    """The emulated device's faults; cleared, and the device settled, afterwards."""
    device = fa.devices()[0]
    with fa.policy(dispatch="device"):
        fa.synchronize()
        yield device.runtime.faults
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            device.runtime.faults.clear()
            fa.synchronize()


@pytest.fixture
def x():
    a = fa.asarray(PLAIN)
    with fa.policy(dispatch="device"):
        float(a.sum())
    return a


def values(array) -> np.ndarray:
    return np.asarray(array).copy()


def check_next_run(x) -> None:
    """The device is usable again, and `x` intact."""
    with fa.profile() as p:
        assert np.array_equal(values(x * 2 + 1), PLAIN * 2 + 1)
    assert p.launches == 1
    assert p.fallbacks == 0


@pytest.mark.parametrize(
    ("kind", "name"),
    [("allocation", "AllocationError"), ("kernel", "KernelError"), ("lost", "DeviceLostError")],
)
def test_a_step_that_cannot_run_is_done_in_numpy_and_reported(faults, x, kind, name) -> None:
    other = fa.asarray(PLAIN)
    big = fa.asarray(np.ones(100_001 if kind == "allocation" else 3000, "f4"))
    y = big + 1
    faults.inject(kind, times=2 if kind == "allocation" else 1)
    with fa.profile() as p, pytest.warns(fa.FallbackWarning, match=name) as caught:
        assert (values(y) == 2).all()
    assert caught[0].filename == __file__
    assert "test_faults.py:" in str(caught[0].message)
    assert p.fallbacks == 1
    assert np.array_equal(values(x), PLAIN)
    assert np.array_equal(values(other), PLAIN)
    check_next_run(x)


def test_a_failed_upload_is_reported_and_loses_nothing(faults, x) -> None:
    fresh = fa.asarray(PLAIN)
    y = fresh + 1
    faults.inject("transfer", part=0.5)
    with pytest.warns(fa.FallbackWarning, match="TransferError"):
        assert np.array_equal(values(y), PLAIN + 1)
    assert np.array_equal(values(fresh), PLAIN)
    check_next_run(x)


def test_a_failed_download_raises_and_the_next_read_succeeds(faults, x) -> None:
    y = x + 1
    fa.synchronize()
    faults.inject("transfer", part=0.5)
    with pytest.raises(fa.TransferError):
        np.asarray(y)
    assert np.array_equal(values(y), PLAIN + 1)
    check_next_run(x)


def test_a_kernel_that_never_ends_is_aborted(faults, x, monkeypatch) -> None:
    monkeypatch.setattr(fa.options, "launch_timeout_ms", 50)
    y = x + 1
    faults.inject("hang")
    with pytest.warns(fa.FallbackWarning, match=r"KernelTimeoutError.*50 ms.*test_faults.py"):
        assert np.array_equal(values(y), PLAIN + 1)
    check_next_run(x)


def test_ctrl_c_during_a_wait_can_be_repeated(faults, x, monkeypatch) -> None:
    y = x + 1
    faults.inject("hang")
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        np.asarray(y)
    timer.join()
    assert any("test_faults.py" in note for note in caught.value.__notes__)
    assert np.array_equal(values(x), PLAIN)
    monkeypatch.setattr(fa.options, "launch_timeout_ms", 50)
    with pytest.warns(fa.FallbackWarning, match="KernelTimeoutError"):
        assert np.array_equal(values(y), PLAIN + 1)
    check_next_run(x)


def test_an_overwritten_operand_makes_the_result_raise_until_it_is_overwritten(faults, x) -> None:
    bystander = x * 3
    fa.synchronize()
    faults.inject("kernel")
    x += 1
    dependent = x * 2
    for lost in (x, dependent, x[5:6]):
        with pytest.raises(fa.KernelError, match=r"test_faults.py:"):
            np.asarray(lost)
    assert np.array_equal(values(bystander), PLAIN * 3)
    with pytest.raises(fa.KernelError):
        np.asarray(x + 1)
    x[...] = fa.asarray(PLAIN)
    assert np.array_equal(values(x), PLAIN)
    check_next_run(x)


def test_what_follows_a_failed_launch_is_redone_in_order(faults, x) -> None:
    faults.inject("kernel")
    total = (x + 1).sum()
    column = fa.asarray(PLAIN.reshape(30, 100))
    rows = column.sum(axis=1) + total
    with pytest.warns(fa.FallbackWarning):
        found = values(rows)
    expected = PLAIN.reshape(30, 100).sum(axis=1) + (PLAIN + 1).sum()
    assert np.allclose(found, expected, rtol=1e-5)
    check_next_run(x)


def test_a_lost_device_loses_only_what_lived_there_alone(faults, x) -> None:
    both = x + 1
    np.asarray(both)
    only_there = x + 2
    fa.synchronize()
    faults.inject("lost")
    with pytest.raises(fa.DeviceLostError):
        np.asarray(only_there)
    with pytest.raises(fa.DeviceLostError):
        np.asarray(only_there)
    assert np.array_equal(values(both), PLAIN + 1)
    assert np.array_equal(values(x), PLAIN)
    check_next_run(x)


def test_later_flights_over_the_same_bytes_never_show_the_earlier_values(faults, x) -> None:
    """Redoing one launch must not hide that a later one, which cannot be redone, is lost."""
    faults.inject("kernel", after=1)
    for _ in range(2):
        x[...] = np.sqrt(x.reshape(30, 100).T.reshape(-1))
    with pytest.raises(fa.KernelError):
        np.asarray(x)
    assert (values(fa.asarray(PLAIN) + 1) == PLAIN + 1).all()


def test_a_strided_result_that_fails_spares_what_lies_between(faults) -> None:
    plain = np.arange(3000, dtype="f4")
    y = fa.asarray(plain)
    other = fa.asarray(plain * 2)
    y.sync_to_device()
    faults.inject("kernel")
    y[::3] = other[::3]
    with pytest.warns(fa.FallbackWarning, match="KernelError"):
        found = values(y)
    expected = plain.copy()
    expected[::3] *= 2
    assert np.array_equal(found, expected)


def test_in_place_work_on_a_failed_array_leaves_the_device_usable(faults, x) -> None:
    faults.inject("kernel")
    x += 1
    x[::3] += 1
    with pytest.raises(fa.KernelError):
        np.asarray(x)
    fa.synchronize()
    other = fa.asarray(PLAIN)
    assert np.array_equal(values(other + 1), PLAIN + 1)


def test_warnings_made_errors_do_not_leave_wrong_values(faults, x) -> None:
    y = x + 1
    z = x + 2
    fa.synchronize()
    y2 = x * 2
    faults.inject("kernel")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(fa.FallbackWarning):
            np.asarray(y2)
    assert np.array_equal(values(y2), PLAIN * 2)
    assert np.array_equal(values(y), PLAIN + 1)
    assert np.array_equal(values(z), PLAIN + 2)


def test_policy_raise_keeps_the_error_for_the_reader(faults, x) -> None:
    with fa.policy(fallback="raise"):
        y = x + 1
    faults.inject("kernel")
    with pytest.raises(fa.KernelError, match="test_faults.py:"):
        np.asarray(y)
    check_next_run(x)


def test_memory_that_does_not_fit_a_bank_is_explained(x) -> None:
    huge = fa.empty(((1 << 30) + 4096,), "f4")
    with fa.policy(dispatch="device"), pytest.warns(fa.FallbackWarning, match="AllocationError"):
        part = huge[:10]
        part[...] = 1
        y = part + 1
        assert (values(y) == 2).all()


def test_a_failed_launch_of_copies_or_a_gather_is_redone(faults, x) -> None:
    where = np.arange(2999, -1, -1)
    for make, want in (
        (lambda: np.concatenate([x, x[:10]]), np.concatenate([PLAIN, PLAIN[:10]])),
        (lambda: x[where], PLAIN[::-1]),
        (lambda: np.take(x, [5, -5000], mode="wrap"), np.take(PLAIN, [5, -5000], mode="wrap")),
    ):
        faults.inject("kernel")
        result = make()
        with pytest.warns(fa.FallbackWarning, match="KernelError"):
            assert np.array_equal(values(result), want)
    check_next_run(x)


def test_what_a_failed_scatter_wrote_into_raises_until_it_is_overwritten(faults, x) -> None:
    y = x + 1
    fa.synchronize()
    faults.inject("kernel")
    y[np.arange(100)] = 0
    with pytest.raises(fa.KernelError):
        np.asarray(y)
    y[...] = 3
    assert (values(y) == 3).all()
    check_next_run(x)
