"""The emulated device and its process: Ctrl-C, forks, exits, leaks, speed of a launch."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from fpgarray.errors import DeviceError, ForkedProcessError
from fpgarray.runtime.api import RunState
from fpgarray.runtime.emulator import EmulatorProvider
from fpgarray.testing.kernels import provider_image, rogue_image
from fpgarray.testing.provider import download, finish, run_kernel, upload
from fpgarray.xclbin import write

MODES = ["inline", "worker"]
ROOT = Path(__file__).resolve().parents[2]


def open_device(mode, image=None):
    image = image or provider_image()
    device = EmulatorProvider(1, {image.uuid} if mode == "inline" else frozenset()).open(0)
    device.load(image)
    return device


@pytest.fixture(params=MODES)
def device(request):
    device = open_device(request.param)
    yield device
    device.close()


@pytest.fixture
def overlay(tmp_path):
    path = tmp_path / "kernels.xclbin"
    write(rogue_image(), path)
    return path


def python(code: str, *arguments: object, timeout: float = 30) -> subprocess.CompletedProcess:
    """Run `code` in a fresh interpreter."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def processes_of(session: str) -> list[int]:
    """Processes with `session` in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and session in (entry / "cmdline").read_text():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


class TestInterrupts:
    @pytest.mark.parametrize("timeout_ms", [None, 60_000, 500])
    def test_ctrl_c_interrupts_a_wait_for_what_hangs(self, device, timeout_ms):
        device.faults.inject("hang")
        run = run_kernel(device, "slow", device.allocate(64, 0), 0)
        run.start()
        with pytest.raises(KeyboardInterrupt), interrupt_after(0.1):
            run.wait(timeout_ms)
        assert run.state() == RunState.RUNNING
        run.abort()
        assert run.wait() == RunState.ABORT
        assert finish(run) == RunState.COMPLETED

    def test_ctrl_c_during_native_code_loses_nothing(self, device):
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        run = run_kernel(device, "slow", buffer, 150)
        run.start()
        with pytest.raises(KeyboardInterrupt), interrupt_after(0.05):
            run.wait()
        assert run.wait() == RunState.COMPLETED
        assert finish(run_kernel(device, "slow", buffer, 0)) == RunState.COMPLETED
        assert download(buffer, "i4", 1)[0] == 2

    def test_a_storm_of_interrupts_loses_no_launch(self, device):
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        run = run_kernel(device, "slow", buffer, 0)
        # what was started for sure, and what was interrupted in its start
        certain = uncertain = 0
        deadline = time.monotonic() + 1.5
        with interrupt_storm(0.0007) as storm:
            while time.monotonic() < deadline:
                try:
                    storm.armed = True
                    if run.state() != RunState.NEW:
                        run.wait()
                    uncertain += 1
                    run.start()
                    certain += 1
                    uncertain -= 1
                    storm.armed = False
                except KeyboardInterrupt:
                    continue
        assert run.wait() == RunState.COMPLETED
        assert certain > 100
        assert uncertain > 5
        assert 0 <= download(buffer, "i4", 1)[0] - certain <= uncertain


class interrupt_storm:
    """Ctrl-C for the main thread every `seconds`, if `armed`, which it disarms."""

    def __init__(self, seconds: float) -> None:
        self.armed = False
        self._seconds = seconds

    def __enter__(self) -> interrupt_storm:
        self._previous = signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, self._seconds)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._previous)

    def _ring(self, *_: object) -> None:
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt


class interrupt_after:
    """Ctrl-C for the main thread, `seconds` into the block."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.join()


class TestFork:
    def test_a_child_is_refused_and_the_parent_goes_on(self, device):
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        kernel = device.kernel("slow")
        run = run_kernel(device, "slow", buffer, 0)
        run.start()
        calls = (
            run.wait, run.start, run.state, run.abort, kernel.run, buffer.free, device.unload,
            device.close, lambda: device.image, lambda: device.allocate(64, 0),
            lambda: device.kernel("slow"), lambda: run.set_arg(1, 1),
            lambda: upload(buffer, np.zeros(1, "i4")), lambda: download(buffer, "i4", 1),
        )  # fmt: skip
        child = os.fork()
        if child == 0:
            os._exit(sum(not refused(call) for call in calls))
        assert os.waitpid(child, 0)[1] == 0
        assert run.wait() == RunState.COMPLETED
        assert download(buffer, "i4", 1)[0] == 1

    def test_a_child_that_exits_cleans_nothing_up(self, overlay):
        done = python(
            """
            import os, sys
            from fpgarray.runtime.emulator import EmulatorProvider
            from fpgarray.xclbin import read
            device = EmulatorProvider().open(0)
            device.load(read(sys.argv[1]))
            run = device.kernel("slow").run()
            buffer = device.allocate(64, 0)
            run.set_arg(0, buffer)
            run.set_arg(1, 200)
            run.start()
            child = os.fork()
            if child == 0:
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            print(run.wait().name)
            """,
            overlay,
        )
        assert (done.stdout, done.stderr) == ("COMPLETED\n", "")


def refused(call) -> bool:
    try:
        call()
    except ForkedProcessError:
        return True
    except BaseException:
        return False
    return False


class TestExit:
    CODE = """
        import os, signal, sys, time
        from fpgarray.runtime.emulator import EmulatorProvider
        from fpgarray.xclbin import read
        image = read(sys.argv[1])
        provider = EmulatorProvider(2, lambda image: False)
        for index in range(2):
            device = provider.open(index)
            device.load(image)
            run = device.kernel("hang").run()
            run.set_arg(0, device.allocate(64, 0))
            run.start()
            assert run.wait(10) == 8
        print("ready", flush=True)
        exec(sys.argv[2])
        """

    @pytest.mark.parametrize(
        ("how", "status"),
        [("pass", 0), ("sys.exit(3)", 3), ("os._exit(4)", 4),
         ("os.kill(os.getpid(), signal.SIGKILL)", -9), ("os.kill(os.getpid(), 11)", -11)],
    )  # fmt: skip
    def test_workers_do_not_outlive_the_parent(self, overlay, how, status):
        began = time.monotonic()
        done = python(self.CODE, overlay, how)
        assert (done.returncode, done.stdout) == (status, "ready\n")
        assert time.monotonic() - began < 10
        parent = '"parent": '
        deadline = time.monotonic() + 3
        while leftover := [p for p in processes_of(parent) if orphan(p)]:
            assert time.monotonic() < deadline, leftover
            time.sleep(0.01)

    def test_exit_with_a_hanging_inline_run(self, overlay):
        done = python(
            """
            import sys
            from fpgarray.runtime.emulator import EmulatorProvider
            from fpgarray.xclbin import read
            device = EmulatorProvider(1, lambda image: True).open(0)
            device.load(read(sys.argv[1]))
            buffer = device.allocate(64, 0)
            for name in ("hang", "vadd"):
                run = device.kernel(name).run()
                for index in range(1 if name == "hang" else 3):
                    run.set_arg(index, buffer)
                if name == "vadd":
                    run.set_arg(3, 1)
                run.start()
                run.wait(30)
            """,
            overlay,
        )
        assert (done.returncode, done.stderr) == (0, "")

    def test_a_worker_started_by_a_thread_that_ends_lives_on(self):
        found = []

        def use():
            found.append(open_device("worker"))

        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
        time.sleep(0.05)
        (device,) = found
        crash_free = finish(run_kernel(device, "slow", device.allocate(64, 0), 0))
        assert crash_free == RunState.COMPLETED
        device.close()


def orphan(process: int) -> bool:
    """Whether a worker's parent is not this test process."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return stat[0] != "Z" and int(stat[1]) == 1


class TestLeaks:
    def test_launches_and_buffers(self, device):
        kernel = device.kernel("vadd")

        def cycle():
            buffer = device.allocate(4096, 0)
            run = kernel.run()
            for index in range(3):
                run.set_arg(index, buffer)
            run.set_arg(3, 16)
            assert finish(run) == RunState.COMPLETED
            buffer.free()

        repeat(cycle, 200)
        before = usage()
        repeat(cycle, 2000)
        assert_no_growth(before, 4 << 20)

    @pytest.mark.parametrize("mode", MODES)
    def test_open_load_close(self, mode):
        provider = EmulatorProvider(1, {provider_image().uuid} if mode == "inline" else ())

        def cycle():
            device = provider.open(0)
            device.load(provider_image())
            buffer = device.allocate(1 << 20, 0)
            upload(buffer, np.zeros(1, "i4"))
            assert finish(run_kernel(device, "slow", buffer, 0)) == RunState.COMPLETED
            buffer.free()
            device.unload()
            device.close()

        repeat(cycle, 5)
        before = usage()
        repeat(cycle, 200 if mode == "inline" else 25)
        assert_no_growth(before, 8 << 20)

    def test_failed_loads(self):
        device = EmulatorProvider().open(0)
        image = rogue_image()
        broken = type(image)(uuid=image.uuid, mode=image.mode, sections=image.sections[1:])

        def cycle():
            with pytest.raises(DeviceError):
                device.load(broken)

        repeat(cycle, 5)
        before = usage()
        repeat(cycle, 100)
        assert_no_growth(before, 4 << 20)
        device.close()

    def test_crashes(self):
        device = open_device("worker", rogue_image())
        buffer = device.allocate(64, 0)

        def cycle():
            assert finish(run_kernel(device, "crash", buffer, 0)) == RunState.ERROR
            assert finish(run_kernel(device, "slow", buffer, 0)) == RunState.COMPLETED

        repeat(cycle, 3)
        before = usage()
        repeat(cycle, 15)
        assert_no_growth(before, 4 << 20)
        device.close()


def repeat(cycle, times: int) -> None:
    for _ in range(times):
        cycle()


def usage() -> tuple[int, int, int, int]:
    """Descriptors, threads, mappings and resident bytes of this process."""
    gc.collect()
    descriptors = len(os.listdir("/proc/self/fd"))
    mappings = len(Path("/proc/self/maps").read_text().splitlines())
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    return descriptors, threading.active_count(), mappings, resident


def assert_no_growth(before: tuple[int, ...], slack_nbytes: int) -> None:
    after = usage()
    assert after[0] <= before[0], "descriptors"
    assert after[1] <= before[1], "threads"
    assert after[2] <= before[2] + 8, "mappings"
    assert after[3] <= before[3] + slack_nbytes, "memory"


class TestSpeed:
    def test_a_launch_costs_microseconds(self):
        device = open_device("inline")
        buffer = device.allocate(64, 0)
        run = run_kernel(device, "vadd", buffer, buffer, buffer, 1)
        best = min(timed(lambda: (run.start(), run.wait(60_000)), 2000) for _ in range(5))
        device.close()
        # the goal is 10; this machine may be busy
        assert best < 20e-6

    def test_units_run_side_by_side(self, device):
        buffers = [device.allocate(64, 0) for _ in range(2)]
        runs = [
            run_kernel(device, name, *args)
            for name, args in (
                ("slow", (buffers[0], 100)),
                ("counter", (buffers[1],)),
            )
        ]
        for run in runs:
            run.start()
        assert runs[1].wait() == RunState.COMPLETED
        assert runs[0].state() != RunState.COMPLETED
        assert runs[0].wait() == RunState.COMPLETED


def timed(call, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times
