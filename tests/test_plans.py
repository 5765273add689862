"""Plans by their launches and bytes. Every test here claims device work, so each must fail when
kernels write wrong answers (see tests/lockstep/test_wrong_kernels.py)."""

from __future__ import annotations

import numpy as np
import pytest

import fpgarray as fa

pytestmark = pytest.mark.device_work
N = 6000


@pytest.fixture(autouse=True)
def on_device():
    with fa.policy(dispatch="device"):
        fa.synchronize()
        yield


def resident(plain: np.ndarray) -> fa.FPGAArray:
    """An array that is valid on the device and not pending."""
    array = fa.asarray(plain)
    array.sync_to_device()
    return array


@pytest.fixture
def plain() -> np.ndarray:
    return np.random.default_rng(3).random(N).astype("f4")


def test_the_first_script() -> None:
    a = fa.asarray(np.arange(1e6, dtype="f4"))
    seen = []
    for _ in range(2):
        with fa.profile() as p:
            y = float(np.sqrt(a * a + 1).sum())
        seen.append((p.launches, p.bytes_to_device, p.bytes_from_device))
        assert y == pytest.approx(np.sqrt(np.arange(1e6) ** 2 + 1).sum(), rel=1e-5)
    assert seen == [(1, 4_000_000, 4), (1, 0, 4)]
    a[17] = 3
    with fa.profile() as p:
        float(np.sqrt(a * a + 1).sum())
    assert (p.launches, p.bytes_to_device, p.bytes_from_device) == (1, 4, 4)


def test_dead_temporaries_have_no_memory(plain) -> None:
    a = resident(plain)
    squares = a * a
    storage = squares._storage
    total = (squares + 1).sum()
    del squares
    with fa.profile() as p:
        assert float(total) == pytest.approx((plain.astype("f8") ** 2 + 1).sum(), rel=1e-5)
    assert p.launches == 1
    assert storage.memory is None


def test_what_nobody_wants_is_not_computed(plain) -> None:
    a = resident(plain)
    np.exp(a) * 3
    b = a + 1
    b[...] = 7
    with fa.profile() as p:
        assert (np.asarray(b) == 7).all()
    assert p.launches == 1
    assert all("exp" not in str(e) and "add" not in str(e) for e in p.events)


def test_independent_results_share_a_launch(plain) -> None:
    a, b = resident(plain), resident(plain[::-1].copy())
    with fa.profile() as p:
        c, d = a + b, np.sqrt(a) * b
        assert np.array_equal(np.asarray(c), plain + plain[::-1])
        assert np.array_equal(np.asarray(d), np.sqrt(plain) * plain[::-1])
    assert p.launches == 1


def test_a_stencil_is_one_launch(plain) -> None:
    u = resident(plain.reshape(60, 100))
    v = plain.reshape(60, 100)
    with fa.profile() as p:
        lap = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - u[1:-1, 1:-1] * 4
        found = np.asarray(lap)
    expected = v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:] - v[1:-1, 1:-1] * 4
    assert np.array_equal(found, expected)
    assert p.launches == 1
    assert p.bytes_to_device == 0


def test_an_in_place_shift_takes_two_launches(plain) -> None:
    a = resident(plain)
    with fa.profile() as p:
        a[1:] += a[:-1]
        found = np.asarray(a)
    expected = plain.copy()
    expected[1:] += plain[:-1]
    assert np.array_equal(found, expected)
    assert p.launches == 2


def test_broadcasting_reads_each_operand_once(plain) -> None:
    a, row = resident(plain.reshape(60, 100)), fa.asarray(plain[:100])
    with fa.profile() as p:
        found = np.asarray((a - row) * (a + row))
    block = plain.reshape(60, 100)
    assert np.array_equal(found, (block - plain[:100]) * (block + plain[:100]))
    assert (p.launches, p.bytes_to_device) == (1, 400)


def test_overwriting_a_slice_moves_none_of_the_old_bytes(plain) -> None:
    a = fa.asarray(plain)
    with fa.profile() as p:
        a[100:200] = resident(plain[:100])
        fa.synchronize()
    assert p.bytes_to_device == 400
    with fa.profile() as p:
        expected = plain.copy()
        expected[100:200] = plain[:100]
        assert np.array_equal(np.asarray(a), expected)
    assert p.bytes_from_device == 400


def test_fresh_memory_moves_nowhere() -> None:
    with fa.profile() as p:
        a = fa.empty((N,), "f4")
        a[:] = 2
        b = a * 3
        fa.synchronize()
    assert (p.bytes_to_device, p.bytes_from_device) == (0, 0)
    assert (np.asarray(b) == 6).all()


def test_casts_cross_engines_by_loads_and_stores(plain) -> None:
    a = resident(plain)
    with fa.profile() as p:
        found = np.asarray((a.astype("f8") * 1.5).astype("f4"))
    assert np.array_equal(found, (plain.astype("f8") * 1.5).astype("f4"))
    assert p.launches == 1


def test_a_long_chain_needs_as_many_launches_as_programs(plain) -> None:
    a = resident(plain)
    r = a
    for _ in range(300):
        r = r + 1.0
    expected = plain
    for _ in range(300):
        expected = expected + np.float32(1)
    with fa.profile() as p:
        assert np.array_equal(np.asarray(r), expected)
    instructions = fa.devices()[0].engines.engines[0].instructions
    assert p.launches <= -(-300 // (instructions - 2)) + 1


def test_hundred_thousand_chained_operations() -> None:
    a = resident(np.zeros(4, "f4"))
    r = a
    for _ in range(100_000):
        r = r + 1.0
    assert (np.asarray(r) == 100_000).all()


def test_scalars_are_part_of_the_program(plain) -> None:
    a = resident(plain)
    with fa.profile() as p:
        for t in (0.5, 0.25, -0.0):
            found = np.asarray(np.where(a > 0.5, a * t, 1.0))
            assert np.array_equal(
                found, np.where(plain > 0.5, plain * np.float32(t), np.float32(1))
            )
            assert np.signbit(found).any() == (str(t) == "-0.0")
    assert (p.launches, p.bytes_to_device) == (3, 0)


def test_the_program_of_a_loop_is_sent_once(plain) -> None:
    a = resident(plain)
    b = a * 0
    fa.synchronize()
    sent = []
    for _ in range(4):
        with fa.profile() as p:
            b += a * 2.0
            fa.synchronize()
        sent.append(p.program_bytes)
    assert sent[0] > 0
    assert sent[1:] == [0, 0, 0]
    assert np.allclose(np.asarray(b), plain * 8)


def test_every_launch_says_why_it_was_not_joined(plain) -> None:
    a = resident(plain)
    with fa.profile() as p:
        a[1:] = a[:-1]
        b = a.sum() + 1
        assert float(b) > 0
    labels = [str(event) for event in p.events if type(event).__name__ == "Launch"]
    assert len(labels) == 4
    assert any("reads what the launch before writes" in label for label in labels)
    assert all("test_plans.py:" in label for label in labels)
    assert np.array_equal(np.asarray(a[1:]), plain[:-1])
