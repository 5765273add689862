"""The conformance suite of the runtime seam: what every provider must do (`fpgarray.runtime.api`).

Subclass `ProviderConformance` in a test module and give it a fixture `provider`; override `image`
where the provider needs another build of the test kernels (same names, arguments and banks), and
`rogue` where kernels may hang, crash and write outside without harm to this process. A part that
needs a capability is skipped, with the reason, where the provider does not announce it.

Longer than 400 lines because it is a list: one test per sentence of the contract.
"""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fpgarray import events
from fpgarray.errors import (
    AllocationError,
    ArgumentError,
    ConnectivityError,
    DeviceError,
    ImageError,
    KernelError,
    TransferError,
)
from fpgarray.runtime.api import Bank, Buffer, Device, Kernel, Provider, Run, RunState
from fpgarray.testing.kernels import provider_image, rogue_image
from fpgarray.xclbin import Xclbin

PAGE = 4096
LONG_MS = 30_000


def upload(buffer: Buffer, values: np.ndarray, label: str = "") -> None:
    """Copy a whole C-contiguous ndarray to the start of `buffer`."""
    buffer.upload(0, memoryview(values), label)


def download(buffer: Buffer, dtype: str, count: int, offset: int = 0) -> np.ndarray:
    """`count` elements from byte `offset` of `buffer`."""
    values = np.empty(count, dtype)
    buffer.download(offset, memoryview(values))
    return values


def run_kernel(device: Device, name: str, *arguments: Buffer | int | float) -> Run:
    """A run of kernel `name` with all its arguments set, not started."""
    run = device.kernel(name).run()
    for index, argument in enumerate(arguments):
        run.set_arg(index, argument)
    return run


def finish(run: Run) -> RunState:
    """Start `run` and wait for it."""
    run.start()
    return run.wait(LONG_MS)


class ProviderConformance:
    """The contract as tests. Needs a fixture `provider`."""

    # -- fixtures ---------------------------------------------------------------------------

    @pytest.fixture
    def image(self) -> Xclbin:
        """The test kernels, built for the provider."""
        return provider_image()

    @pytest.fixture
    def other_image(self) -> Xclbin:
        """Another image with the same kernels."""
        return rogue_image()

    @pytest.fixture
    def rogue(self) -> Xclbin:
        """An image with kernels that do not behave."""
        pytest.skip("kernels that hang or crash would take this process with them")

    @pytest.fixture
    def empty(self, provider: Provider) -> Iterator[Device]:
        """An open device without an image."""
        device = provider.open(0)
        yield device
        device.close()

    @pytest.fixture
    def device(self, empty: Device, image: Xclbin) -> Device:
        """An open device with `image` loaded."""
        empty.load(image)
        return empty

    @pytest.fixture
    def recorded(self) -> Iterator[list]:
        """Events published during the test."""
        found: list = []
        events.subscribers.append(found.append)
        yield found
        events.subscribers.remove(found.append)

    # -- provider ---------------------------------------------------------------------------

    def test_implements_the_protocols(self, provider: Provider, device: Device) -> None:
        kernel = device.kernel("vadd")
        buffer = device.allocate(64, 0)
        for value, protocol in (
            (provider, Provider),
            (device, Device),
            (kernel, Kernel),
            (kernel.run(), Run),
            (buffer, Buffer),
        ):
            assert isinstance(value, protocol)

    def test_opens_the_devices_it_counts_and_no_other(self, provider: Provider) -> None:
        count = provider.device_count()
        assert count >= 1
        for index in (-1, count, count + 7):
            with pytest.raises(IndexError):
                provider.open(index)
        for index in range(count):
            device = provider.open(index)
            assert device.index == index
            assert device.name
            device.close()

    def test_repr_says_emulated(self, device: Device) -> None:
        assert ("emulated" in repr(device)) == device.capabilities.emulated

    # -- device: load, unload, close --------------------------------------------------------

    def test_starts_empty(self, empty: Device) -> None:
        assert empty.image is None
        assert tuple(empty.banks) == ()
        with pytest.raises(DeviceError):
            empty.kernel("vadd")
        with pytest.raises(DeviceError):
            empty.allocate(64, 0)
        empty.unload()

    def test_load_shows_image_and_banks(self, device: Device, image: Xclbin) -> None:
        assert device.image == image
        assert [(b.index, b.name, b.nbytes, b.base_address, b.used) for b in device.banks] == [
            (i, m.tag, m.nbytes, m.base_address, m.used) for i, m in enumerate(image.memories)
        ]
        assert all(isinstance(bank, Bank) for bank in device.banks)

    def test_load_and_unload_again(
        self, device: Device, image: Xclbin, other_image: Xclbin
    ) -> None:
        device.load(image)
        device.load(other_image)
        assert device.image == other_image
        device.unload()
        device.unload()
        assert device.image is None
        assert tuple(device.banks) == ()

    def test_load_refuses_with_live_buffers(self, device: Device, other_image: Xclbin) -> None:
        before = device.image
        buffer = device.allocate(256, 0)
        upload(buffer, np.arange(64, dtype="f4"))
        for change in (lambda: device.load(other_image), device.unload):
            with pytest.raises(DeviceError):
                change()
        assert device.image == before
        assert np.array_equal(download(buffer, "f4", 64), np.arange(64, dtype="f4"))
        assert finish(run_kernel(device, "vadd", buffer, buffer, buffer, 64)) == 4
        buffer.free()
        device.load(other_image)

    def test_load_refuses_with_unfinished_runs(self, device: Device, other_image: Xclbin) -> None:
        run = run_kernel(device, "slow", device.allocate(64, 0), 200)
        run.start()
        with pytest.raises(DeviceError):
            device.load(other_image)
        assert run.wait(LONG_MS) == RunState.COMPLETED

    def test_failed_load_leaves_the_device_empty(self, device: Device, image: Xclbin) -> None:
        broken = _without_bitstream(image)
        with pytest.raises(ImageError):
            device.load(broken)
        assert device.image is None
        device.load(image)
        assert device.image == image

    def test_handles_of_an_old_image_are_dead(self, device: Device, image: Xclbin) -> None:
        kernel = device.kernel("vadd")
        buffer = device.allocate(256, 0)
        run = run_kernel(device, "vadd", buffer, buffer, buffer, 64)
        buffer.free()
        device.load(image)
        with pytest.raises(DeviceError):
            run.start()
        with pytest.raises(DeviceError):
            upload(buffer, np.zeros(1, "f4"))
        for use in (kernel.run, lambda: kernel.group_id(0)):
            with pytest.raises(DeviceError):
                use()

    def test_close_is_idempotent_and_final(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        kernel = device.kernel("vadd")
        run = run_kernel(device, "vadd", buffer, buffer, buffer, 16)
        device.close()
        device.close()
        for use in (
            lambda: device.image,
            lambda: device.banks,
            lambda: device.kernel("vadd"),
            lambda: device.allocate(64, 0),
            device.unload,
            lambda: upload(buffer, np.zeros(1, "f4")),
            lambda: download(buffer, "f4", 1),
            kernel.run,
            lambda: kernel.group_id(0),
            run.start,
            lambda: run.set_arg(3, 1),
        ):
            with pytest.raises(DeviceError):
                use()
        buffer.free()

    def test_close_waits_for_runs(self, device: Device) -> None:
        run = run_kernel(device, "slow", device.allocate(64, 0), 100)
        run.start()
        device.close()
        assert run.state() == RunState.COMPLETED

    def test_reopen_after_close(self, provider: Provider, image: Xclbin) -> None:
        for _ in range(3):
            device = provider.open(0)
            assert device.image is None
            device.load(image)
            device.allocate(64, 0)
            device.close()

    # -- buffers ----------------------------------------------------------------------------

    @pytest.mark.parametrize("nbytes", [1, 63, 64, 100, 4096, 4097, 1 << 20])
    def test_allocate(self, device: Device, nbytes: int) -> None:
        buffer = device.allocate(nbytes, 1, "program")
        bank = device.banks[1]
        assert (buffer.nbytes, buffer.bank, buffer.purpose) == (nbytes, 1, "program")
        assert buffer.address % PAGE == 0
        assert bank.base_address <= buffer.address
        assert buffer.address + nbytes <= bank.base_address + bank.nbytes
        buffer.free()

    def test_zero_byte_buffers(self, device: Device) -> None:
        first, second = device.allocate(0, 0), device.allocate(0, 0)
        assert first.nbytes == 0
        assert first.address != second.address
        first.upload(0, memoryview(b""))
        first.download(0, memoryview(bytearray()))
        first.free()

    def test_buffers_do_not_overlap(self, device: Device) -> None:
        buffers = [device.allocate(n, 0) for n in (1, 4096, 5000, 64, 1 << 16)]
        for number, buffer in enumerate(buffers):
            upload(buffer, np.full(buffer.nbytes, number, "u1"))
        for number, buffer in enumerate(buffers):
            assert (download(buffer, "u1", buffer.nbytes) == number).all()

    def test_bank_exhaustion(self, device: Device) -> None:
        bank = device.banks[2]
        buffers = []
        with pytest.raises(AllocationError, match=bank.name.replace("[", r"\[")):
            for _ in range(1000):
                buffers.append(device.allocate(bank.nbytes // 4, 2))
        assert len(buffers) >= 3
        for buffer in buffers:
            buffer.free()
        device.allocate(bank.nbytes // 2, 2).free()

    def test_allocate_refuses_what_cannot_be(self, device: Device) -> None:
        limit = device.capabilities.max_buffer_nbytes
        for nbytes, bank in ((64, -1), (64, len(device.banks)), (64, 3), (limit + 1, 0), (-1, 0)):
            with pytest.raises(AllocationError):
                device.allocate(nbytes, bank)

    def test_upload_and_download_parts(self, device: Device) -> None:
        buffer = device.allocate(100, 0)
        upload(buffer, np.zeros(100, "u1"))
        buffer.upload(40, memoryview(b"abcdef"))
        assert download(buffer, "u1", 100).tobytes() == bytes(40) + b"abcdef" + bytes(54)
        assert download(buffer, "u1", 4, 42).tobytes() == b"cdef"

    def test_bounds_are_checked_before_anything_moves(self, device: Device) -> None:
        buffer = device.allocate(100, 0)
        upload(buffer, np.full(100, 7, "u1"))
        target = np.full(101, 9, "u1")
        for offset, nbytes in ((-1, 1), (0, 101), (100, 1), (99, 2), (1 << 40, 1)):
            with pytest.raises(TransferError):
                buffer.upload(offset, memoryview(bytes(nbytes)))
            with pytest.raises(TransferError):
                buffer.download(offset, memoryview(target)[:nbytes])
        assert (download(buffer, "u1", 100) == 7).all()
        assert (target == 9).all()

    def test_host_memory_must_fit(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        with pytest.raises((TransferError, TypeError, ValueError)):
            buffer.upload(0, memoryview(bytes(64))[::2])
        with pytest.raises((TransferError, TypeError, ValueError)):
            buffer.download(0, memoryview(bytes(64)))

    def test_typed_host_memory(self, device: Device) -> None:
        buffer = device.allocate(1 << 20, 0)
        for dtype in ("f8", "c16", "?", "i2"):
            values = np.ones((4, 8), dtype)
            upload(buffer, values)
            found = np.empty((4, 8), dtype)
            buffer.download(0, memoryview(found))
            assert np.array_equal(found, values)

    def test_large_copies(self, device: Device) -> None:
        buffer = device.allocate(24 << 20, 0)
        values = np.random.default_rng(1).integers(0, 256, 24 << 20, dtype=np.uint8)
        upload(buffer, values)
        assert np.array_equal(download(buffer, "u1", len(values)), values)

    def test_free_is_idempotent_and_final(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        buffer.free()
        buffer.free()
        run = device.kernel("vadd").run()
        for use in (
            lambda: upload(buffer, np.zeros(1, "u1")),
            lambda: download(buffer, "u1", 1),
            lambda: run.set_arg(0, buffer),
        ):
            with pytest.raises(DeviceError):
                use()

    def test_finalizers_free_nothing(self, device: Device, image: Xclbin) -> None:
        device.allocate(64, 0)
        gc.collect()
        with pytest.raises(DeviceError):
            device.load(image)

    def test_a_buffer_keeps_its_device_open(self, provider: Provider, image: Xclbin) -> None:
        device = provider.open(0)
        device.load(image)
        buffer = device.allocate(64, 0)
        del device
        gc.collect()
        upload(buffer, np.arange(16, dtype="f4"))
        assert download(buffer, "f4", 16)[15] == 15
        provider.open(0).close()

    # -- kernels ----------------------------------------------------------------------------

    def test_kernel_names(self, device: Device) -> None:
        kernel = device.kernel("vadd")
        assert kernel.name == "vadd"
        assert len(kernel.compute_units) == 2
        for unit in kernel.compute_units:
            instance = unit.partition(":")[2] or unit
            assert len(device.kernel(f"vadd:{{{instance}}}").compute_units) == 1
        for absent in ("nothing", "vadd:{nothing}", ""):
            with pytest.raises(ImageError):
                device.kernel(absent)

    def test_group_ids(self, device: Device) -> None:
        kernel = device.kernel("move")
        assert [kernel.group_id(0), kernel.group_id(1)] == [0, 1]
        for unconnected in (2, 3, -1):
            with pytest.raises(ConnectivityError):
                kernel.group_id(unconnected)

    # -- arguments --------------------------------------------------------------------------

    def test_a_wrong_bank_is_refused(self, device: Device) -> None:
        near, far = device.allocate(64, 0), device.allocate(64, 1)
        run = run_kernel(device, "move", near, far, 64)
        for index, buffer in ((0, far), (1, near)):
            with pytest.raises(ConnectivityError):
                run.set_arg(index, buffer)
        upload(near, np.arange(64, dtype="u1"))
        assert finish(run) == RunState.COMPLETED
        assert np.array_equal(download(far, "u1", 64), np.arange(64))

    def test_buffers_of_another_device_are_refused(
        self, provider: Provider, device: Device, image: Xclbin
    ) -> None:
        if provider.device_count() < 2:
            pytest.skip("the provider has one device")
        other = provider.open(1)
        other.load(image)
        try:
            with pytest.raises(DeviceError):
                device.kernel("vadd").run().set_arg(0, other.allocate(64, 0))
        finally:
            other.close()

    @pytest.mark.parametrize(
        ("index", "value"),
        [
            (0, 4096), (0, None), (0, "a"), (0, b"abc"), (0, np.zeros(4)),
            (3, 1.5), (3, 2.0), (3, math.nan), (3, 1 << 31), (3, -(1 << 31) - 1), (3, "3"),
            (3, None), (3, 1j), (3, np.float32(1)), (4, 1), (-1, 1),
        ],
    )  # fmt: skip
    def test_values_that_an_argument_cannot_hold(
        self, device: Device, index: int, value: object
    ) -> None:
        with pytest.raises(ArgumentError):
            device.kernel("vadd").run().set_arg(index, value)

    def test_a_refusal_names_argument_and_type(self, device: Device) -> None:
        with pytest.raises(ArgumentError, match=r"factor.*300000000000"):
            device.kernel("scale_u4").run().set_arg(2, 300000000000)

    def test_buffers_are_no_scalars(self, device: Device) -> None:
        with pytest.raises(ArgumentError):
            device.kernel("vadd").run().set_arg(3, device.allocate(64, 0))

    def test_a_refused_argument_sets_nothing(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        upload(buffer, np.ones(16, "f4"))
        run = run_kernel(device, "vadd", buffer, buffer, buffer, 16)
        for index, value in ((3, 1.5), (2, device.allocate(64, 1))):
            with pytest.raises(DeviceError):
                run.set_arg(index, value)
        assert finish(run) == RunState.COMPLETED
        assert (download(buffer, "f4", 16) == 2).all()

    @pytest.mark.parametrize(
        ("kernel", "dtype", "factor"),
        [("scale_i4", "i4", -3), ("scale_u4", "u4", 0x80000001), ("scale_f4", "f4", 2.5)],
    )
    def test_scalars_reach_the_kernel(
        self, device: Device, kernel: str, dtype: str, factor: float
    ) -> None:
        values = np.arange(1, 17).astype(dtype)
        source, target = device.allocate(64, 0), device.allocate(64, 0)
        upload(source, values)
        assert finish(run_kernel(device, kernel, source, target, factor, 16)) == 4
        expected = values * np.array(factor).astype(dtype)
        assert np.array_equal(download(target, dtype, 16), expected)

    @pytest.mark.parametrize("extreme", [0, 1])
    def test_every_scalar_type_reaches_the_kernel(self, device: Device, extreme: int) -> None:
        integers = [np.iinfo(c) for c in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")]
        sent = [int(i.min if extreme else i.max) for i in integers]
        sent += [float(np.float32(0.1)), -math.inf if extreme else 0.1, bool(extreme)]
        out = device.allocate(11 * 8, 0)
        assert finish(run_kernel(device, "echo", out, *sent)) == RunState.COMPLETED
        dtypes = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "?")
        found = [download(out, code, 1, 8 * i)[0] for i, code in enumerate(dtypes)]
        assert found == sent

    def test_nan_and_numpy_scalars(self, device: Device) -> None:
        out = device.allocate(11 * 8, 0)
        numbers = [np.int8(-1), np.uint8(1), 2, np.uint16(3), np.int64(4), 5, 6, 7]
        sent = [*numbers, np.float32(math.nan), np.float64(8), np.True_]
        assert finish(run_kernel(device, "echo", out, *sent)) == RunState.COMPLETED
        assert np.isnan(download(out, "f4", 1, 64)[0])
        assert download(out, "i4", 1, 32)[0] == 4

    # -- runs -------------------------------------------------------------------------------

    def test_vadd(self, device: Device) -> None:
        a, b, out = (device.allocate(4 * 1000, 0) for _ in range(3))
        x = np.arange(1000, dtype="f4")
        upload(a, x)
        upload(b, 2 * x)
        run = run_kernel(device, "vadd", a, b, out, 1000)
        assert run.state() == RunState.NEW
        run.start()
        assert run.wait() == RunState.COMPLETED
        assert run.wait(0) == RunState.COMPLETED
        assert run.state() == RunState.COMPLETED
        assert run.error() is None
        assert np.array_equal(download(out, "f4", 1000), 3 * x)

    def test_a_missing_sync_is_a_wrong_answer(self, device: Device) -> None:
        buffer = device.allocate(256, 0)
        host = np.ones(64, "f4")
        upload(buffer, host)
        assert finish(run_kernel(device, "vadd", buffer, buffer, buffer, 64)) == 4
        assert (host == 1).all()
        host[:] = 5
        assert (download(buffer, "f4", 64) == 2).all()

    def test_arguments_persist(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        upload(buffer, np.ones(16, "f4"))
        run = run_kernel(device, "vadd", buffer, buffer, buffer, 16)
        for _ in range(3):
            assert finish(run) == RunState.COMPLETED
        assert (download(buffer, "f4", 16) == 8).all()
        run.set_arg(3, 8)
        assert finish(run) == RunState.COMPLETED
        assert list(download(buffer, "f4", 16)) == [16] * 8 + [8] * 8

    def test_unset_arguments_are_named(self, device: Device) -> None:
        run = run_kernel(device, "vadd", device.allocate(64, 0))
        with pytest.raises(KernelError, match=r"b\b.*out\b.*n\b"):
            run.start()
        assert run.state() == RunState.NEW

    def test_waiting_for_a_run_never_started(self, device: Device) -> None:
        with pytest.raises(KernelError):
            device.kernel("vadd").run().wait()
        with pytest.raises(KernelError):
            device.kernel("vadd").run().wait(1)

    def test_a_running_run_cannot_start(self, device: Device) -> None:
        run = run_kernel(device, "slow", device.allocate(64, 0), 100)
        run.start()
        with pytest.raises(KernelError):
            run.start()
        assert run.wait(LONG_MS) == RunState.COMPLETED

    def test_start_does_not_wait_and_wait_times_out(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        run = run_kernel(device, "slow", buffer, 300)
        began = time.monotonic()
        run.start()
        assert run.wait(0) == RunState.TIMEOUT
        assert run.wait(20) == RunState.TIMEOUT
        assert not run.state().finished
        assert run.error() is None
        assert time.monotonic() - began < 0.25
        assert run.wait(LONG_MS) == RunState.COMPLETED
        assert time.monotonic() - began >= 0.3
        assert download(buffer, "i4", 1)[0] == 1

    def test_runs_go_on_when_nobody_waits(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        run = run_kernel(device, "slow", buffer, 1)
        run.start()
        _until(lambda: run.state() == RunState.COMPLETED)
        assert download(buffer, "i4", 1)[0] == 1

    def test_one_unit_runs_in_order(self, device: Device) -> None:
        if not device.capabilities.in_order:
            pytest.skip("the provider does not run one unit in order")
        buffer = device.allocate(64, 0)
        upload(buffer, np.ones(16, "f4"))
        factors = [2.0, 3.0, 5.0, 7.0, 0.5]
        runs = [run_kernel(device, "scale_f4", buffer, buffer, f, 16) for f in factors]
        for run in runs:
            run.start()
        assert runs[-1].wait(LONG_MS) == RunState.COMPLETED
        assert all(run.state() == RunState.COMPLETED for run in runs)
        assert (download(buffer, "f4", 16) == 105).all()

    def test_a_buffer_in_use_is_not_freed(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        run = run_kernel(device, "slow", buffer, 100)
        run.start()
        with pytest.raises(DeviceError):
            buffer.free()
        assert run.wait(LONG_MS) == RunState.COMPLETED
        buffer.free()
        with pytest.raises(DeviceError):
            run.start()

    def test_several_threads_wait_for_one_run(self, device: Device) -> None:
        run = run_kernel(device, "slow", device.allocate(64, 0), 100)
        run.start()
        with ThreadPoolExecutor(6) as pool:
            waits = [pool.submit(run.wait, t) for t in (None, None, LONG_MS, LONG_MS, 900, 5)]
            states = [wait.result() for wait in waits]
        assert states == [RunState.COMPLETED] * 5 + [RunState.TIMEOUT]

    def test_compute_units_have_their_own_state(self, device: Device) -> None:
        buffer = device.allocate(64, 0)
        units = device.kernel("counter").compute_units
        for unit in units:
            for expected in (1, 2, 3):
                assert finish(_set(device.kernel(unit).run(), buffer)) == RunState.COMPLETED
                assert list(download(buffer, "i4", 2)) == [expected, expected], unit

    def test_load_resets_the_state_of_compute_units(self, device: Device, image: Xclbin) -> None:
        for _ in range(2):
            buffer = device.allocate(64, 0)
            unit = device.kernel("counter").compute_units[0]
            assert finish(_set(device.kernel(unit).run(), buffer)) == RunState.COMPLETED
            assert list(download(buffer, "i4", 2)) == [1, 1]
            buffer.free()
            device.load(image)

    # -- abort and misbehaviour -------------------------------------------------------------

    def test_abort_a_queued_run(self, device: Device) -> None:
        self._need_abort(device)
        buffer = device.allocate(64, 0)
        upload(buffer, np.zeros(1, "i4"))
        first, second, third = (run_kernel(device, "slow", buffer, 100) for _ in range(3))
        for run in (first, second, third):
            run.start()
        second.abort()
        assert second.wait(LONG_MS) == RunState.ABORT
        assert isinstance(second.error(), KernelError)
        assert third.wait(LONG_MS) == RunState.COMPLETED
        assert first.wait(LONG_MS) == RunState.COMPLETED
        assert download(buffer, "i4", 1)[0] == 2

    def test_abort_of_a_finished_run_changes_nothing(self, device: Device) -> None:
        self._need_abort(device)
        run = run_kernel(device, "slow", device.allocate(64, 0), 0)
        assert finish(run) == RunState.COMPLETED
        run.abort()
        assert run.state() == RunState.COMPLETED

    def test_hang_and_abort(self, empty: Device, rogue: Xclbin) -> None:
        self._need_abort(empty)
        empty.load(rogue)
        buffer = empty.allocate(64, 0)
        upload(buffer, np.zeros(16, "i4"))
        hanging = run_kernel(empty, "hang", buffer)
        hanging.start()
        assert hanging.wait(100) == RunState.TIMEOUT
        hanging.abort()
        assert hanging.wait() == RunState.ABORT
        assert isinstance(hanging.error(), KernelError)
        # what was written and what is loaded survive
        assert download(buffer, "i4", 1)[0] == 1
        assert finish(run_kernel(empty, "slow", buffer, 0)) == RunState.COMPLETED

    @pytest.mark.parametrize(("how", "said"), [(0, "SIGSEGV"), (1, "SIGABRT"), (2, "status 3")])
    def test_a_crash_is_an_error(self, empty: Device, rogue: Xclbin, how: int, said: str) -> None:
        empty.load(rogue)
        buffer = empty.allocate(64, 0)
        upload(buffer, np.full(16, 9, "i4"))
        crashing = run_kernel(empty, "crash", buffer, how)
        assert finish(crashing) == RunState.ERROR
        error = crashing.error()
        assert isinstance(error, KernelError)
        for word in ("crash", f"how={how}", said):
            assert word in str(error)
        assert list(download(buffer, "i4", 3)) == [1, 9, 9]
        assert finish(run_kernel(empty, "slow", buffer, 0)) == RunState.COMPLETED
        assert list(download(buffer, "i4", 3)) == [2, 9, 9]

    # -- registers --------------------------------------------------------------------------

    def test_registers_start_a_kernel(self, device: Device) -> None:
        kernel = self._register_kernel(device, "scale_i4")
        source, target = device.allocate(64, 0), device.allocate(64, 0)
        upload(source, np.arange(16, dtype="i4"))
        layout = {a.name: a.offset for a in device.image.kernel("scale_i4").arguments}
        for name, buffer in (("x", source), ("out", target)):
            kernel.write_register(layout[name], buffer.address & 0xFFFFFFFF)
            kernel.write_register(layout[name] + 4, buffer.address >> 32)
        kernel.write_register(layout["factor"], 0xFFFFFFFF)
        kernel.write_register(layout["n"], 16)
        assert kernel.read_register(layout["n"]) == 16
        assert kernel.read_register(0) & 4
        kernel.write_register(0, 1)
        _until(lambda: kernel.read_register(0) & 2)
        assert kernel.read_register(0) & 6 == 4
        assert np.array_equal(download(target, "i4", 16), -np.arange(16))

    def test_registers_hold_what_a_run_set(self, device: Device) -> None:
        kernel = self._register_kernel(device, "slow")
        buffer = device.allocate(64, 0)
        run = _set(kernel.run(), buffer, 7)
        assert finish(run) == RunState.COMPLETED
        out, milliseconds = device.image.kernel("slow").arguments
        assert kernel.read_register(milliseconds.offset) == 7
        low, high = (kernel.read_register(out.offset + i) for i in (0, 4))
        assert high << 32 | low == buffer.address

    def test_registers_refuse(self, device: Device) -> None:
        kernel = self._register_kernel(device, "slow")
        for offset in (-4, 2, 1 << 20):
            with pytest.raises(DeviceError):
                kernel.read_register(offset)
            with pytest.raises(DeviceError):
                kernel.write_register(offset, 0)
        for value in (-1, 1 << 32):
            with pytest.raises(DeviceError):
                kernel.write_register(0x10, value)
        with pytest.raises(DeviceError):
            device.kernel("vadd").read_register(0)

    # -- counting ---------------------------------------------------------------------------

    def test_events(self, empty: Device, image: Xclbin, recorded: list) -> None:
        empty.load(image)
        array, program = empty.allocate(64, 0), empty.allocate(64, 0, "program")
        upload(array, np.ones(16, "f4"), "x")
        program.upload(8, memoryview(bytes(5)), "p")
        run = run_kernel(empty, "vadd", array, array, array, 16)
        run.start("sum")
        run.wait(LONG_MS)
        download(array, "f4", 2)
        load, *rest = recorded
        assert (load.device, load.uuid) == (0, str(image.uuid))
        assert load.seconds > 0
        assert rest == [
            events.Copy(0, "to_device", 64, "array", "x"),
            events.Copy(0, "to_device", 5, "program", "p"),
            events.Launch(0, "vadd", "sum"),
            events.Copy(0, "from_device", 8, "array", ""),
        ]

    def test_failed_calls_publish_nothing(self, device: Device, recorded: list) -> None:
        buffer = device.allocate(64, 0)
        run = device.kernel("vadd").run()
        broken = _without_bitstream(device.image)
        for attempt in (
            lambda: buffer.upload(60, memoryview(bytes(8))),
            lambda: buffer.download(60, memoryview(bytearray(8))),
            run.start,
            lambda: device.load(broken),
        ):
            with pytest.raises(DeviceError):
                attempt()
        assert recorded == []

    # -- threads ----------------------------------------------------------------------------

    def test_eight_threads(self, provider: Provider, image: Xclbin) -> None:
        devices = [provider.open(i) for i in range(min(2, provider.device_count()))]
        for device in devices:
            device.load(image)
        barrier = threading.Barrier(8)

        def work(number: int) -> None:
            device = devices[number % len(devices)]
            barrier.wait()
            rng = np.random.default_rng(number)
            for _ in range(30):
                x = rng.integers(0, 1 << 20, 256).astype("f4")
                a, out = device.allocate(1024, 0), device.allocate(1024, 0)
                upload(a, x)
                assert finish(run_kernel(device, "vadd", a, a, out, 256)) == 4
                assert np.array_equal(download(out, "f4", 256), 2 * x)
                a.free()
                out.free()

        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(work, i) for i in range(8)]:
                done.result()
        for device in devices:
            device.unload()
            device.close()

    # -- helpers ----------------------------------------------------------------------------

    def _need_abort(self, device: Device) -> None:
        if not device.capabilities.abort:
            pytest.skip("the provider cannot abort runs")

    def _register_kernel(self, device: Device, name: str) -> Kernel:
        if not device.capabilities.registers:
            pytest.skip("the provider has no register access")
        return device.kernel(f"{name}:{{{name}_1}}")


def _set(run: Run, *arguments: Buffer | int | float) -> Run:
    for index, argument in enumerate(arguments):
        run.set_arg(index, argument)
    return run


def _until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.001)


def _without_bitstream(image: Xclbin) -> Xclbin:
    """`image` with a BITSTREAM that nothing can load."""
    sections = tuple(
        type(s)(s.kind, s.name, b"not a bitstream") if s.kind == 0 else s for s in image.sections
    )
    return type(image)(uuid=image.uuid, platform=image.platform, mode=image.mode, sections=sections)
