"""What the emulated device adds to the contract: garbage, guard, injected faults, isolation."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

from fpgarray.errors import (
    AllocationError,
    ConnectivityError,
    DeviceError,
    DeviceLostError,
    GuardError,
    ImageError,
    KernelError,
    TransferError,
)
from fpgarray.runtime.api import RunState
from fpgarray.runtime.emulator import EmulatorProvider
from fpgarray.runtime.emulator import device as emulated
from fpgarray.runtime.emulator.memory import garbage
from fpgarray.testing.kernels import BANKS, provider_image, rogue_image
from fpgarray.testing.provider import download, finish, run_kernel, upload
from fpgarray.xclbin import (
    KernelSpec,
    Memory,
    MemoryType,
    Mode,
    StreamSpec,
    build,
    pointer,
    stream,
)

MODES = ["inline", "worker"]


def open_device(mode: str = "worker", image=None, **options):
    image = image or rogue_image()
    in_process = {image.uuid} if mode == "inline" else frozenset()
    device = EmulatorProvider(1, in_process, **options).open(0)
    device.load(image)
    return device


@pytest.fixture(params=MODES)
def device(request):
    device = open_device(request.param, provider_image())
    yield device
    device.close()


@pytest.fixture
def worker():
    device = open_device("worker")
    yield device
    device.close()


@pytest.fixture(params=MODES)
def guarded(request):
    device = open_device(request.param, guard=True)
    yield device
    device.close()


class TestMemory:
    @pytest.mark.parametrize("nbytes", [1, 4096, 100_000, 3 << 20])
    def test_fresh_and_reused_memory_is_garbage(self, device, nbytes):
        for _ in range(2):
            buffer = device.allocate(nbytes, 0)
            found = download(buffer, "u1", nbytes)
            assert found.tobytes() == garbage(buffer.address, nbytes)
            assert found.all()
            upload(buffer, np.zeros(nbytes, "u1"))
            buffer.free()

    def test_garbage_of_huge_buffers(self):
        image = build(
            platform="huge",
            kernels=[KernelSpec("slow", (pointer("out"),))],
            memories=[Memory(MemoryType.HBM, True, 1 << 36, 1 << 40, "HBM[0]")],
            bitstream=provider_image().bitstream,
        )
        device = open_device("inline", image, max_buffer_nbytes=1 << 40)
        buffer = device.allocate(700 << 20, 0)
        for offset in (0, 300 << 20, 400_000_001, (700 << 20) - 5000):
            expected = garbage(buffer.address + offset, 5000)
            assert download(buffer, "u1", 5000, offset).tobytes() == expected
        buffer.upload(400 << 20, memoryview(b"abc"))
        assert download(buffer, "u1", 4, 400 << 20).tobytes()[:3] == b"abc"
        far = device.allocate(1 << 38, 0)
        assert download(far, "u1", 100, (1 << 38) - 100).all()
        for freed in (buffer, far):
            freed.free()
        device.close()

    def test_exhaustion_says_what_there_is(self, device):
        keep = [device.allocate(256 << 10, 2) for _ in range(4)]
        keep[0].free()
        keep[2].free()
        with pytest.raises(AllocationError) as caught:
            device.allocate(300 << 10, 2)
        for word in ("bank 2", "PLRAM[0]", str(300 << 10), str(512 << 10), str(256 << 10)):
            assert word in str(caught.value)
        assert isinstance(caught.value, MemoryError)

    def test_addresses_are_deterministic(self):
        def addresses():
            device = open_device("inline", provider_image())
            first = [device.allocate(n, 0) for n in (10, 5000, 64)]
            first[1].free()
            found = [b.address for b in (*first, device.allocate(100, 0))]
            device.close()
            return found

        assert addresses() == addresses()
        assert addresses()[3] == addresses()[1] == BANKS[0].base_address + 4096

    def test_overlapping_banks_share_memory(self):
        group = Memory(MemoryType.HBM, True, 1 << 11, 0x1000000, "HBM[0:1]")
        parts = [
            Memory(MemoryType.HBM, True, 1 << 10, 0x1000000 + (i << 20), f"HBM[{i}]")
            for i in range(2)
        ]
        image = build(
            platform="hbm",
            kernels=[KernelSpec("slow", (pointer("out"),))],
            memories=[group, *parts],
            bitstream=provider_image().bitstream,
        )
        device = open_device("inline", image)
        whole = device.allocate(2 << 20, 0)
        for bank in (1, 2):
            with pytest.raises(AllocationError):
                device.allocate(1, bank)
        whole.free()
        assert device.allocate(1, 2).address == 0x1000000 + (1 << 20)
        device.close()

    def test_devices_have_their_own_memory(self):
        provider = EmulatorProvider(2)
        devices = [provider.open(i) for i in range(2)]
        buffers = []
        for device in devices:
            device.load(provider_image())
            buffers.append(device.allocate(64, 0))
        assert buffers[0].address == buffers[1].address
        for number, buffer in enumerate(buffers):
            upload(buffer, np.full(64, number, "u1"))
        assert [download(b, "u1", 1)[0] for b in buffers] == [0, 1]
        for device in devices:
            device.close()


class TestLoad:
    def test_mode(self):
        image = build(platform="x", kernels=[], mode=Mode.FLAT, bitstream=b"")
        with pytest.raises(ImageError, match="SW_EMU"):
            EmulatorProvider().open(0).load(image)

    @pytest.mark.parametrize("mode", MODES)
    def test_missing_symbols_are_named(self, mode):
        image = build(
            platform="x",
            kernels=[KernelSpec("absent", (pointer("a"),))],
            bitstream=provider_image().bitstream,
        )
        with pytest.raises(ImageError, match="absent"):
            open_device(mode, image)

    @pytest.mark.parametrize(
        ("at", "value", "said"),
        [(0, b"abc", "no ELF"), (18, b"\xb7\0", "aarch64"), (16, b"\2\0", "no shared library"),
         (4, b"\1", "64-bit"), (40, b"\xff" * 4, "damaged")],
    )  # fmt: skip
    def test_wrong_code(self, at, value, said):
        code = bytearray(provider_image().bitstream)
        code[at : at + len(value)] = value
        image = build(
            platform="x", kernels=[KernelSpec("slow", (pointer("a"),))], bitstream=bytes(code)
        )
        with pytest.raises(ImageError, match=said) as caught:
            open_device("inline", image)
        assert caught.value.__cause__ is not None

    @pytest.mark.parametrize("mode", MODES)
    def test_code_that_the_linker_refuses(self, mode):
        code = bytearray(provider_image().bitstream)
        # program header offset: the section table still tells the kernels' names
        code[32:40] = (1 << 40).to_bytes(8, "little")
        image = build(
            platform="x", kernels=[KernelSpec("slow", (pointer("a"),))], bitstream=bytes(code)
        )
        with pytest.raises(ImageError):
            open_device(mode, image)

    def test_stream_kernels_load_and_do_not_run(self):
        image = build(
            platform="x",
            kernels=[
                KernelSpec("slow", (pointer("a"), stream("s", "in"))),
                KernelSpec("counter", (pointer("a"), stream("s", "out"))),
            ],
            streams=[StreamSpec("counter_1.s", "slow_1.s")],
            bitstream=provider_image().bitstream,
        )
        device = open_device("inline", image)
        run = run_kernel(device, "slow", device.allocate(64, 0))
        with pytest.raises(KernelError, match="stream"):
            run.start()
        device.close()

    def test_clones(self):
        device = open_device("inline", provider_image(), clone=2)
        device.close()
        with pytest.raises(ImageError, match="level 4"):
            # the test kernels do not tell the CPU's level, so 2 is assumed
            open_device("inline", provider_image(), clone=4)

    def test_provider_options_are_checked(self):
        for options in ({"device_count": 0}, {"clone": 5}):
            with pytest.raises(ValueError, match=str(*options.values())):
                EmulatorProvider(**options)


class TestGuard:
    @pytest.mark.parametrize("offset", [-1, -4096, 100, 127, 4095])
    def test_a_write_outside_is_an_error(self, guarded, offset):
        first, buffer = guarded.allocate(64, 0), guarded.allocate(100, 0)
        run = run_kernel(guarded, "stomp", buffer, offset, 1)
        assert finish(run) == RunState.ERROR
        error = run.error()
        assert isinstance(error, GuardError)
        for word in ("stomp", f"offset {offset} of", f"{buffer.address:#x}"):
            assert word in str(error)
        # said once
        run.set_arg(1, 99)
        assert finish(run) == RunState.COMPLETED
        first.free()
        buffer.free()

    def test_unaligned_pointers_are_refused(self, guarded):
        kernel = guarded.kernel("slow:{slow_1}")
        buffer = guarded.allocate(256, 0)
        kernel.write_register(0x10, (buffer.address + 4) & 0xFFFFFFFF)
        kernel.write_register(0x14, buffer.address >> 32)
        with pytest.raises(KernelError, match="64"):
            kernel.write_register(0, 1)

    def test_without_guard_nobody_notices(self, worker):
        buffer = worker.allocate(100, 0)
        assert finish(run_kernel(worker, "stomp", buffer, 101, 1)) == RunState.COMPLETED


class TestFaults:
    def test_unknown_ones_are_refused(self, device):
        with pytest.raises(ValueError, match="expected one of allocation"):
            device.faults.inject("flood")

    def test_allocation(self, device):
        device.faults.inject("allocation", after=1, times=2)
        device.allocate(64, 0)
        for _ in range(2):
            with pytest.raises(AllocationError, match="injected"):
                device.allocate(64, 0)
        device.allocate(64, 0)

    def test_clear(self, device):
        device.faults.inject("allocation", times=None)
        device.faults.inject("transfer", times=None)
        device.faults.clear("allocation")
        buffer = device.allocate(64, 0)
        with pytest.raises(TransferError):
            upload(buffer, np.zeros(1, "u1"))
        device.faults.clear()
        upload(buffer, np.zeros(1, "u1"))

    @pytest.mark.parametrize(("part", "moved"), [(0.0, 0), (0.5, 32)])
    def test_transfer(self, device, part, moved):
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(64, "u1"))
        device.faults.inject("transfer", part=part)
        with pytest.raises(TransferError, match="injected"):
            upload(buffer, np.ones(64, "u1"))
        assert list(download(buffer, "u1", 64)) == [1] * moved + [0] * (64 - moved)
        device.faults.inject("transfer", part=part)
        target = np.full(64, 9, "u1")
        with pytest.raises(TransferError, match="injected"):
            buffer.download(0, memoryview(target))
        assert (target == 9).sum() == 64 - moved

    def test_kernel(self, device):
        source, target = device.allocate(64, 0), device.allocate(64, 0)
        upload(source, np.arange(16, dtype="i4"))
        upload(target, np.zeros(16, "i4"))
        run = run_kernel(device, "scale_i4", source, target, 2, 12)
        device.faults.inject("kernel")
        assert finish(run) == RunState.ERROR
        assert isinstance(run.error(), KernelError)
        assert "scale_i4" in str(run.error())
        assert np.array_equal(download(source, "i4", 16), np.arange(16))
        spoiled = download(target, "i4", 16)
        assert not np.array_equal(spoiled[1:12], 2 * np.arange(1, 12))
        assert (spoiled[12:] == 0).all()
        assert finish(run) == RunState.COMPLETED
        assert np.array_equal(download(target, "i4", 12), 2 * np.arange(12))

    def test_hang_and_abort(self, device):
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        device.faults.inject("hang")
        hanging, behind = (run_kernel(device, "slow", buffer, 0) for _ in range(2))
        hanging.start()
        behind.start()
        assert hanging.wait(50) == RunState.TIMEOUT
        assert behind.wait(50) == RunState.TIMEOUT
        assert hanging.state() == RunState.RUNNING
        with pytest.raises(DeviceError):
            buffer.free()
        hanging.abort()
        assert hanging.wait() == RunState.ABORT
        assert behind.wait() == RunState.COMPLETED
        assert download(buffer, "i4", 1)[0] == 1

    def test_hang_with_long_and_endless_waits(self, device):
        device.faults.inject("hang")
        run = run_kernel(device, "slow", device.allocate(64, 0), 0)
        run.start()
        states = []
        waiters = [
            threading.Thread(target=lambda t=t: states.append(run.wait(t))) for t in (None, 60_000)
        ]
        for waiter in waiters:
            waiter.start()
        assert run.wait(1100) == RunState.TIMEOUT
        run.abort()
        for waiter in waiters:
            waiter.join(5)
        assert states == [RunState.ABORT] * 2

    def test_close_abandons_what_hangs(self, device):
        device.faults.inject("hang")
        run = run_kernel(device, "slow", device.allocate(64, 0), 0)
        run.start()
        time.sleep(0.01)
        began = time.monotonic()
        device.close()
        assert time.monotonic() - began < 8
        assert run.state() == RunState.ABORT
        assert run.wait() == RunState.ABORT

    def test_lost(self, device):
        buffer = device.allocate(64, 0)
        kernel = device.kernel("slow")
        device.faults.inject("hang")
        run = run_kernel(device, "slow", buffer, 0)
        run.start()
        device.faults.inject("lost", after=1)
        upload(buffer, np.zeros(1, "u1"))
        for _ in range(2):
            for call in (
                lambda: download(buffer, "u1", 1),
                lambda: device.allocate(64, 0),
                lambda: device.image,
                lambda: device.load(provider_image()),
                kernel.run,
                run.wait,
                run.start,
            ):
                with pytest.raises(DeviceLostError):
                    call()
        assert run.state() == RunState.ERROR
        assert isinstance(run.error(), DeviceLostError)
        buffer.free()

    def test_lost_wakes_waiters(self, device):
        device.faults.inject("hang")
        run = run_kernel(device, "slow", device.allocate(64, 0), 0)
        run.start()
        caught = []

        def wait():
            try:
                run.wait()
            except DeviceLostError as error:
                caught.append(error)

        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.02)
        device.faults.inject("lost")
        with pytest.raises(DeviceLostError):
            device.allocate(64, 0)
        waiter.join(5)
        assert len(caught) == 1

    def test_a_lost_device_comes_back_by_close_and_open(self):
        provider = EmulatorProvider()
        device = provider.open(0)
        device.load(provider_image())
        device.faults.inject("lost")
        with pytest.raises(DeviceLostError):
            device.allocate(64, 0)
        assert provider.open(0) is device
        device.close()
        fresh = provider.open(0)
        assert fresh.image is None
        fresh.load(provider_image())
        fresh.close()


class TestRegisters:
    def test_addresses_are_checked(self, device):
        kernel = device.kernel("slow:{slow_1}")
        far = device.allocate(64, 1)
        for address, error in ((0x1234, KernelError), (far.address, ConnectivityError)):
            kernel.write_register(0x10, address & 0xFFFFFFFF)
            kernel.write_register(0x14, address >> 32)
            with pytest.raises(error):
                kernel.write_register(0, 1)

    def test_auto_restart_runs_until_it_is_cleared(self, device):
        kernel = device.kernel("slow:{slow_1}")
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        run = run_kernel(device, "slow:{slow_1}", buffer, 0)
        assert finish(run) == RunState.COMPLETED
        kernel.write_register(0, 0x81)
        assert kernel.read_register(0) & 0x80
        deadline = time.monotonic() + 10
        while download(buffer, "i4", 1)[0] < 4 and time.monotonic() < deadline:
            time.sleep(0.001)
        assert finish(run) == RunState.COMPLETED
        kernel.write_register(0, 0)
        while not kernel.read_register(0) & 4 and time.monotonic() < deadline:
            time.sleep(0.001)
        before = download(buffer, "i4", 1)[0]
        assert before >= 5
        time.sleep(0.02)
        assert download(buffer, "i4", 1)[0] == before


class TestWorkerProcess:
    def test_a_crash_fails_what_runs_and_keeps_what_waits(self, worker):
        buffer = worker.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        beside, behind = (run_kernel(worker, "slow", buffer, ms) for ms in (5000, 0))
        beside.start()
        crash = run_kernel(worker, "crash", buffer, 0)
        later = run_kernel(worker, "crash", buffer, 7)
        behind.start()
        crash.start()
        later.start()
        assert crash.wait() == RunState.ERROR
        assert "SIGSEGV" in str(crash.error())
        assert beside.wait() == RunState.ERROR
        assert isinstance(beside.error(), KernelError)
        assert behind.wait() == RunState.COMPLETED
        assert later.wait() == RunState.COMPLETED

    def test_abort_fails_what_runs_beside(self, worker):
        buffer = worker.allocate(64, 0)
        hang = run_kernel(worker, "hang", buffer)
        beside, behind = (run_kernel(worker, "slow", buffer, ms) for ms in (5000, 0))
        for run in (hang, beside, behind):
            run.start()
        assert hang.wait(50) == RunState.TIMEOUT
        hang.abort()
        assert hang.state() == RunState.ABORT
        assert beside.wait() == RunState.ERROR
        assert "abort" in str(beside.error())
        assert behind.wait() == RunState.COMPLETED

    def test_a_worker_killed_while_idle_is_replaced(self, worker):
        buffer = worker.allocate(64, 0)
        assert finish(run_kernel(worker, "slow", buffer, 0)) == RunState.COMPLETED
        for child in children():
            os.kill(child, signal.SIGKILL)
        time.sleep(0.05)
        assert children() == []
        assert finish(run_kernel(worker, "slow", buffer, 0)) == RunState.COMPLETED

    def test_close_ends_a_hanging_worker(self, worker, monkeypatch):
        monkeypatch.setattr(emulated, "CLOSE_TIMEOUT_S", 0.2)
        hang = run_kernel(worker, "hang", worker.allocate(64, 0))
        hang.start()
        assert hang.wait(20) == RunState.TIMEOUT
        began = time.monotonic()
        worker.close()
        assert time.monotonic() - began < 3
        assert hang.state() == RunState.ABORT
        assert children() == []


def children() -> list[int]:
    """Processes that are ours, zombies included."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == os.getpid():
                found.append(int(name))
    return found
