"""Nothing grows, threads do not meet, and a forked child is told so."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import fpgarray as fa
from fpgarray import host_memory


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def device_bytes() -> int:
    """Bytes of live device buffers, as the emulated device counts them."""
    return sum(memory.buffer.nbytes for memory in fa.devices()[0].memories if memory.buffer)


def churn(count: int) -> None:
    a = fa.asarray(np.ones(500, "f4"))
    b = a
    for i in range(count):
        b = b * 0.5 + a
        if i % 100 == 99:
            b = fa.asarray(np.asarray(b))
    assert float(b[0]) == pytest.approx(2, rel=1e-3)


def allocate(count: int) -> None:
    for i in range(count):
        a = fa.zeros(1000 + i % 50, "f4")
        if i % 10 == 0:
            float(a.sum())


def grown(work, count: int) -> tuple[int, int, int]:
    """Python bytes, descriptors and device bytes that `count` more rounds leave behind."""
    with fa.policy(dispatch="device"):
        work(count // 10)
        fa.synchronize()
        gc.collect()
        fds, buffers = descriptors(), device_bytes()
        tracemalloc.start()
        try:
            before = tracemalloc.take_snapshot()
            work(count)
            fa.synchronize()
            gc.collect()
            after = tracemalloc.take_snapshot()
        finally:
            tracemalloc.stop()
        size = sum(stat.size_diff for stat in after.compare_to(before, "filename"))
        return size, descriptors() - fds, device_bytes() - buffers


def test_a_hundred_thousand_operations_leave_nothing() -> None:
    size, fds, buffers = grown(churn, 50_000)  # two operations a round
    assert size < 300_000
    assert fds == 0
    assert buffers <= 4096


def test_ten_thousand_allocations_leave_nothing() -> None:
    size, fds, buffers = grown(allocate, 10_000)
    assert size < 300_000
    assert fds == 0
    assert buffers <= 4096


def test_pools_keep_their_limits(monkeypatch) -> None:
    monkeypatch.setattr(fa.options, "host_pool_nbytes", 1 << 20)
    monkeypatch.setattr(fa.options, "device_pool_nbytes", 1 << 20)
    with fa.policy(dispatch="device"):
        for _ in range(8):
            arrays = [fa.asarray(np.ones(100_000, "f4")) + 1 for _ in range(4)]
            assert float(sum(a[0] for a in arrays)) == 8
            del arrays
    device = fa.devices()[0]
    with device.lock:
        device.reclaim()
    assert device._pool_nbytes <= 1 << 20
    assert host_memory.pooled_nbytes() <= 1 << 20


def hammer(device, seed: int, failures: list) -> None:
    rng = np.random.default_rng(seed)
    try:
        with fa.policy(dispatch="device" if seed % 2 else "auto"):
            for _ in range(25):
                plain = rng.random(700 + seed).astype("f4")
                a = fa.asarray(plain, device=device)
                b = a * 2.0
                b[10:20] = a[:10]
                expected = plain * 2
                expected[10:20] = plain[:10]
                assert np.array_equal(np.asarray(b), expected)
                assert float(np.sqrt(b).max()) == np.sqrt(expected).max()
    except BaseException as error:
        failures.append(error)


def test_eight_threads_on_one_device() -> None:
    failures: list = []
    threads = [threading.Thread(target=hammer, args=(0, i, failures)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)


def test_eight_threads_share_one_array() -> None:
    shared = fa.asarray(np.arange(2000, dtype="f4"))
    failures: list = []

    def read() -> None:
        try:
            with fa.policy(dispatch="device"):
                for k in range(30):
                    assert np.array_equal(np.asarray(shared + k), np.arange(2000, dtype="f4") + k)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures


SCRIPTS = {
    "two devices": """
import threading, numpy as np, fpgarray as fa, sys
sys.path.insert(0, {tests!r})
from test_resources import hammer
assert len(fa.devices()) == 2
failures = []
threads = [threading.Thread(target=hammer, args=(i % 2, i, failures)) for i in range(8)]
[t.start() for t in threads]; [t.join(60) for t in threads]
assert not failures, failures
a, b = (fa.asarray(np.ones(5000, "f4"), device=i) for i in range(2))
with fa.policy(dispatch="device"), fa.profile() as p:
    c = b + a
    assert c.device is fa.devices()[1] and float(c.sum()) == 10000
assert p.bytes_to_device == 40000, p
with fa.policy(transfer="raise"):
    try: a + b
    except fa.TransferPolicyError as e: assert "emulator:1" in str(e) and "emulator:0" in str(e)
    else: raise AssertionError
""",
    "fork": """
import os, sys, numpy as np, fpgarray as fa
with fa.policy(dispatch="device"):
    x = fa.asarray(np.arange(3000, dtype="f4"))
    both = x + 1; np.asarray(both)
    there = x + 2; fa.synchronize()
    pending = x + 3
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert float(np.asarray(both)[5]) == 6 and float(np.asarray(x)[5]) == 5
            for wanted in (there, pending, x * 2):
                try: np.asarray(wanted)
                except fa.ForkedProcessError as e: assert "fork" in str(e)
                else: raise AssertionError("no error")
            status = 0
        except BaseException as e:
            print(repr(e), file=sys.stderr)
        os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert float(pending[1]) == 4 and float(there[1]) == 3
""",
    "exit with work in flight": """
import numpy as np, fpgarray as fa
with fa.policy(dispatch="device"):
    x = fa.asarray(np.ones(3_000_000, "f4"))
    y = np.exp(np.sin(x) * np.cos(x)) ; from fpgarray import executor; executor.run(x.device)
    z = y + 1
""",
    "garbage": """
import numpy as np, fpgarray as fa
# A storage that forgets a copy gives garbage: device memory is not host memory.
from fpgarray.coherence import Event
with fa.policy(dispatch="device"):
    x = fa.asarray(np.full(1000, 7, "f4"))
    x._storage.require().map.apply(Event.DEVICE_WRITE, 0, 4000)
    x._storage.memory.device_buffer()
    assert not (np.asarray(x + 0) == 7).any()
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_in_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    environment = dict(os.environ, FPGARRAY_EMULATED_DEVICES="2" if name == "two devices" else "1")
    script = SCRIPTS[name].replace("{tests!r}", repr(os.path.dirname(__file__)))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=tmp_path,  # not the source tree, which python -c would import
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
