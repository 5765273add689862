"""Large maps are shared: by processors inside the emulated engine, by compute units on an image
that has several. Who computes an element changes no bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fpgarray as fa

SHAPE = (1200, 500)


def views(rng: np.random.Generator, dtype: str) -> list[tuple]:
    """(ndarray view, how to take the same view of ours), all of SHAPE after broadcasting."""
    rows, columns = SHAPE
    return [
        (rng.random(SHAPE).astype(dtype), np.s_[...]),
        (rng.random((rows * 2, columns)).astype(dtype), np.s_[::2]),
        (rng.random((rows, columns * 3)).astype(dtype), np.s_[:, ::-3]),
        (rng.random((columns,)).astype(dtype), np.s_[::-1]),
        (rng.random((rows, 1)).astype(dtype), np.s_[...]),
        (rng.random((columns, rows)).astype(dtype), "T"),
    ]


def take(array, key):
    return array.T if key == "T" else array[key]


def compute(xp_where, a, b, c) -> list:
    """Several results, some of them stored, one of them bool, one of another dtype."""
    s = np.sqrt(a * a + b * b)
    m = s > c
    return [s, m, xp_where(m, s - c, c * 2.0), (a - b).astype("f4"), np.maximum(a, b) / (c + 1.0)]


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("seed", range(6))
def test_large_maps_equal_numpy(dtype: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    chosen = [views(rng, dtype)[i] for i in rng.permutation(6)[:3]]
    chosen[0] = views(rng, dtype)[seed % 3]
    plain = [take(array, key) for array, key in chosen]
    with fa.policy(dispatch="device"), fa.profile() as p:
        ours = [take(fa.asarray(array), key) for array, key in chosen]
        found = [np.asarray(each) for each in compute(np.where, *ours)]
    expected = compute(np.where, *plain)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)
    assert p.fallbacks == 0


@pytest.mark.device_work
def test_large_maps_in_place() -> None:
    plain = np.random.default_rng(1).random(1_000_003).astype("f4")
    with fa.policy(dispatch="device"):
        x = fa.asarray(plain)
        for _ in range(5):
            x *= 1.5
            x -= 0.25
            plain = plain * np.float32(1.5) - np.float32(0.25)
            half = x[1::2]
            half += x[: half.size]
            expected = plain.copy()
            expected[1::2] += plain[: half.size]
            plain = expected
            assert np.array_equal(np.asarray(x), plain)


SPLIT = """
import dataclasses
import numpy as np, fpgarray as fa
from fpgarray.events import Launch
device = fa.devices()[0]
assert all(engine.units == 2 for engine in device.engines.engines)
device.costs = dataclasses.replace(device.costs, share=0.0)
rng = np.random.default_rng(0)
def check(n, work):
    plain = [rng.random(n).astype("f4") for _ in range(3)]
    with fa.policy(dispatch="device"), fa.profile() as p:
        found = [np.asarray(each) for each in work(*map(fa.asarray, plain))]
    for mine, theirs in zip(found, work(*plain)):
        assert np.array_equal(mine, theirs)
    return p, [e.part for e in p.events if isinstance(e, Launch)]
p, parts = check((60_000,), lambda a, b, c: [a * b + c, a - c])
assert p.launches == 1 and sorted(parts) == [0, 1], parts
p, parts = check((301, 77), lambda a, b, c: [a.T[:, ::-2] * b.T[:, ::2] - 1.0])
assert p.launches == 1 and sorted(parts) == [0, 1], parts
p, parts = check((300, 400), lambda a, b, c: [(a * b).max(axis=1), c + 1.0])
assert p.launches == 1 and sorted(parts) == [0, 1], parts
p, parts = check((10,), lambda a, b, c: [a * b])
assert parts == [0]
# parts never share a port word, which one of them would rewrite while the other stores into it
for _ in range(40):
    p, parts = check((300, 77), lambda a, b, c: [a * b, a > c])
    p, parts = check((60_000,), lambda a, b, c: [np.add(a[1:], b[1:], out=c[1:])])
    assert parts == [0], parts
# nor do launches on different units: two dtypes, neighbouring bytes of one memory
whole = fa.zeros(40, "f8")
left, right = whole.view("f4")[:37], whole[19:]
with fa.policy(dispatch="device"):
    for k in range(200):
        left += 1.0
        right += 1.0
plain = np.zeros(40, "f8")
for k in range(200):
    plain.view("f4")[:37] += np.float32(1)
    plain[19:] += 1
assert np.array_equal(np.asarray(whole), plain)
x = fa.asarray(np.zeros(100_000, "f4"))
with fa.policy(dispatch="device"):
    for k in range(20):
        x += 1.0
        y = x * 2.0
        x[1:] = y[:-1]
        x[0] = k
plain = np.zeros(100_000, "f4")
for k in range(20):
    plain = plain + np.float32(1)
    y = plain * np.float32(2)
    plain[1:] = y[:-1]
    plain[0] = k
assert np.array_equal(np.asarray(x), plain)
# a part that fails taints the whole launch
with fa.policy(dispatch="device"):
    z = x * 0.5
    fa.synchronize()
    import warnings
    for after in (0, 1):
        z = x * 0.5
        device.runtime.faults.inject("kernel", after=after)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert np.array_equal(np.asarray(z), plain * np.float32(0.5))
        assert any("KernelError" in str(w.message) for w in caught)
"""


def test_launches_split_over_compute_units(overlays, tmp_path: Path) -> None:
    environment = dict(os.environ, FPGARRAY_OVERLAY=str(overlays["plain"]))
    done = subprocess.run(
        [sys.executable, "-c", SPLIT],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
