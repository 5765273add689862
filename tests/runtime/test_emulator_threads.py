"""Eight threads that do anything at any time: only DeviceErrors, no deadlock, no leftovers."""

from __future__ import annotations

import faulthandler
import random
import threading
import time

import numpy as np
import pytest

from fpgarray.errors import DeviceError
from fpgarray.runtime.emulator import EmulatorProvider
from fpgarray.testing.kernels import provider_image, rogue_image
from fpgarray.testing.provider import download, run_kernel, upload

SECONDS = 1.5


class Chaos:
    """One thread's random calls on devices that others use, too."""

    def __init__(self, provider, images, seed: int) -> None:
        self.provider = provider
        self.images = images
        self.random = random.Random(seed)
        self.buffers: list = []
        self.runs: list = []
        self.calls = 0

    def work(self, deadline: float) -> None:
        choices = [
            (self.load, 1), (self.unload, 1), (self.close, 0.3), (self.allocate, 20),
            (self.free, 15), (self.copy, 20), (self.start, 30), (self.wait, 20), (self.abort, 1),
            (self.inject, 1), (self.registers, 5), (self.look, 10),
        ]  # fmt: skip
        actions, weights = zip(*choices, strict=True)
        while time.monotonic() < deadline:
            (action,) = self.random.choices(actions, weights)
            try:
                action(self.provider.open(self.random.randrange(2)))
            except DeviceError:
                self.buffers = self.buffers[-20:]
            self.calls += 1

    def load(self, device):
        device.load(self.random.choice(self.images))

    def unload(self, device):
        device.unload()

    def close(self, device):
        device.close()

    def allocate(self, device):
        self.buffers.append(device.allocate(self.random.randrange(8192), 0))

    def free(self, device):
        if self.buffers:
            self.buffers.pop(self.random.randrange(len(self.buffers))).free()

    def copy(self, device):
        if self.buffers:
            buffer = self.random.choice(self.buffers)
            upload(buffer, np.zeros(buffer.nbytes, "u1"))
            download(buffer, "u1", buffer.nbytes)

    def start(self, device):
        if self.buffers:
            buffer = self.random.choice(self.buffers)
            name = self.random.choice(["vadd", "slow", "counter", "slow:{slow_1}"])
            arguments = {
                "vadd": (buffer, buffer, buffer, buffer.nbytes // 4),
                "counter": (buffer,),
            }.get(name, (buffer, 1))
            self.runs.append(run_kernel(device, name, *arguments))
            self.runs[-1].start()

    def wait(self, device):
        if self.runs:
            run = self.runs.pop(self.random.randrange(len(self.runs)))
            run.wait(self.random.choice([0, 1, 2000]))

    def abort(self, device):
        if self.runs:
            self.random.choice(self.runs).abort()

    def inject(self, device):
        kind = self.random.choice(["allocation", "transfer", "kernel", "hang", "lost"])
        if kind != "hang":
            device.faults.inject(kind, after=self.random.randrange(20))

    def registers(self, device):
        kernel = device.kernel("counter:{counter_1}")
        kernel.write_register(0x10, self.random.randrange(1 << 32))
        kernel.read_register(0)
        kernel.write_register(0, 1)

    def look(self, device):
        if self.runs:
            run = self.random.choice(self.runs)
            repr((run.state(), run.error(), run, device.image, device.banks))


@pytest.mark.parametrize(("guard", "inline"), [(False, True), (False, False), (True, True)])
def test_eight_threads_do_anything(guard, inline):
    faulthandler.dump_traceback_later(60, exit=True)
    images = [provider_image(), rogue_image()]
    provider = EmulatorProvider(2, {i.uuid for i in images} if inline else (), guard=guard)
    failures = []

    def body(chaos):
        try:
            chaos.work(time.monotonic() + SECONDS)
        except BaseException as error:
            failures.append(error)
            raise

    crowd = [Chaos(provider, images, seed) for seed in range(8)]
    threads = [threading.Thread(target=body, args=(chaos,), daemon=True) for chaos in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert failures == []
    assert min(chaos.calls for chaos in crowd) > 20
    for index in range(2):
        provider.open(index).close()
    faulthandler.cancel_dump_traceback_later()
