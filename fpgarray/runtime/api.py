"""The runtime seam: one protocol, the part of pyxrt that all its versions share.

Owns the shape of providers, devices, kernels, buffers and runs, and nothing else. Must not know
arrays, coherence or planning. `fpgarray.testing.provider` is the conformance suite every
implementation passes.

Ownership. A buffer or a run keeps its device open. `free()` and `close()` are idempotent; any other
use afterwards raises. Nothing here is freed by a finalizer: the owner frees.

Threads. Every method may be called from any thread; calls on one device are serialised by the
implementation where its library needs it, `wait` excepted (several threads may wait at once).

Counting. Implementations publish `events.Launch` in `Run.start`, `events.Copy` in
`Buffer.upload` / `Buffer.download`, `events.Load` in `Device.load`, after the call succeeded and
before it returns, and nothing else does. `label` is passed through.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from fpgarray.xclbin import Xclbin

Purpose = Literal["array", "program"]


class RunState(enum.IntEnum):
    """States of a run. Values are XRT's `ert_cmd_state` (core/include/ert.h)."""

    NEW = 1
    QUEUED = 2
    RUNNING = 3
    COMPLETED = 4
    ERROR = 5
    ABORT = 6
    SUBMITTED = 7
    TIMEOUT = 8
    NORESPONSE = 9

    @property
    def finished(self) -> bool:
        """Whether the run will not change its state any more."""
        return self in _FINISHED


_FINISHED = frozenset(
    {RunState.COMPLETED, RunState.ERROR, RunState.ABORT, RunState.TIMEOUT, RunState.NORESPONSE}
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an implementation can do beyond the common part. A caller asks, never guesses."""

    emulated: bool
    """No card behind it: said in every repr."""
    in_order: bool
    """Runs of one compute unit execute in the order they were started."""
    registers: bool
    """`Kernel.read_register` and `write_register` work."""
    abort: bool
    """`Run.abort` stops a run that does not end by itself."""
    max_buffer_nbytes: int
    """Largest single buffer."""


@dataclass(frozen=True, slots=True)
class Bank:
    """One memory of the loaded image. `index` is what `Device.allocate` and `group_id` use."""

    index: int
    name: str
    nbytes: int
    base_address: int
    used: bool


@runtime_checkable
class Buffer(Protocol):
    """Device memory in one bank. `nbytes` as requested; `address` is the device's, page-aligned."""

    nbytes: int
    bank: int
    address: int
    purpose: Purpose

    def upload(self, offset: int, source: memoryview, label: str = "") -> None:
        """Copy `source` (C-contiguous bytes) to device bytes [offset, offset + len).

        Returns when the bytes are there. Raises TransferError out of range (before anything
        moves) or when the copy fails.
        """

    def download(self, offset: int, target: memoryview, label: str = "") -> None:
        """Copy device bytes [offset, offset + len) into `target` (C-contiguous, writable)."""

    def free(self) -> None:
        """Give the memory back. Contents are lost. Runs that use it must have finished."""


@runtime_checkable
class Run(Protocol):
    """One execution of a kernel. May be started again once finished; arguments persist."""

    def set_arg(self, index: int, value: Buffer | int | float) -> None:
        """Set argument `index` of the XML's order: a Buffer for a pointer, a number for a scalar.

        Scalars are encoded by the XML's `type` and `size` or refused by name and type. A buffer of
        a bank the argument does not reach raises ConnectivityError, a freed one or one of another
        device DeviceError; nothing is set then.
        """

    def start(self, label: str = "", part: int = 0) -> None:
        """Start asynchronously. KernelError names any argument that is not set.

        `part` counts the starts of one launch that is split over compute units; passed through.
        """

    def state(self) -> RunState:
        """The state now, without blocking."""

    def wait(self, timeout_ms: int | None = None) -> RunState:
        """Block until finished, return the final state; RunState.TIMEOUT when time ran out first
        (the run goes on). None waits for ever, but Ctrl-C interrupts it. DeviceLostError when the
        device went away. Waiting on a run never started raises KernelError. Safe to call again."""

    def error(self) -> Exception | None:
        """Why a finished run is not COMPLETED (a DeviceError), or None."""

    def abort(self) -> None:
        """Stop the run; its state becomes ABORT. Only where `Capabilities.abort`."""


@runtime_checkable
class Kernel(Protocol):
    """A kernel of the loaded image; `name` as asked for, compute units as the image has them."""

    name: str
    compute_units: Sequence[str]

    def group_id(self, index: int) -> int:
        """Bank index that argument `index` reaches. ConnectivityError when unconnected."""

    def run(self) -> Run:
        """A new run with no argument set."""

    def read_register(self, offset: int) -> int:
        """32-bit register at `offset` bytes (kernels opened for one compute unit only)."""

    def write_register(self, offset: int, value: int) -> None:
        """Write a 32-bit register; writing the control register's start bit starts the unit."""


@runtime_checkable
class Device(Protocol):
    """An opened device. At most one image is loaded."""

    index: int
    name: str
    capabilities: Capabilities

    @property
    def image(self) -> Xclbin | None:
        """The loaded image, or None."""

    @property
    def banks(self) -> Sequence[Bank]:
        """Memories of the loaded image; empty without one."""

    def load(self, image: Xclbin) -> None:
        """Load `image`. All buffers and runs of the image before must be freed or finished; else
        DeviceError and nothing changes. On failure the device is empty and ImageError says why."""

    def unload(self) -> None:
        """Empty the device; same demands as `load`. Idempotent."""

    def kernel(self, name: str) -> Kernel:
        """`"name"` for all its compute units, `"name:{instance}"` for one. ImageError if absent."""

    def allocate(self, nbytes: int, bank: int, purpose: Purpose = "array") -> Buffer:
        """Device memory with undefined contents. AllocationError when the bank has no room."""

    def close(self) -> None:
        """Wait for runs, free everything, unload. Idempotent; other uses then raise DeviceError."""


@runtime_checkable
class Provider(Protocol):
    """A way to devices."""

    name: str

    def device_count(self) -> int:
        """How many devices `open` accepts."""

    def open(self, index: int) -> Device:
        """Open device `index`; IndexError beyond `device_count`, which is checked first."""
