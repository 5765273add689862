"""Waiting for devices by hand. Nobody needs it for correctness; benchmarks do."""

from __future__ import annotations

from typing import Any

from fpgarray import executor, host_access
from fpgarray.device import devices


def synchronize(device: Any = None) -> None:
    """Run what is recorded and wait until it has finished, on `device` or on all."""
    chosen = devices() if device is None else [device]
    for each in chosen:
        executor.synchronize(host_access.device_of(each))
