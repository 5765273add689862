"""Compute units: a FIFO of launches, a register map, and somebody who executes.

Owns the life of a launch from its start to its end. Must not know buffers, the provider protocol
or how an image is loaded.

    state    | event            -> state     | who
    ---------+------------------------------+----------------------------------------------------
    QUEUED   | reaches the head -> RUNNING   | the executor: a waiter or the unit's thread (inline),
             |                               | the worker's supervisor (worker units)
    QUEUED   | abort            -> ABORT     | the aborting thread
    RUNNING  | kernel returns   -> COMPLETED | the executor; ERROR if guard or a fault says so
    RUNNING  | abort            -> ABORT     | inline: once the native call returns, at once if the
             |                               | hang was injected; worker: by killing the process
    RUNNING  | process dies     -> ERROR     | the supervisor
    QUEUED, RUNNING | device lost or closed -> ERROR, ABORT | `abandon`

The head of `queue` stays there while it runs. A finished launch never changes again.

Locks. `lock` guards `closed` and additions to the queue; it is a leaf. `execution` (inline units)
is held by whoever executes, never longer than native calls take: an injected hang does not hold it.
Order: execution -> Memory.lock -> lock -> `_birth`, which guards the making of the thread.

Interrupts. KeyboardInterrupt arrives on the main thread after any call that Python makes, so in
`InlineUnit._execute` nothing is called between the end of a kernel and the end of its launch.

Who executes inline. Handing over to a Python thread costs 50 us, so a waiter executes what it waits
for and all before it. A thread per unit sleeps until it is kicked: by a start if the launch before
was long enough for that to pay, if nobody will wait for it first, or if many are queued; by a waiter
with little time; by whoever asks for the state of a launch or reads the control register. It must
not tick: a thread that wants the interpreter lock while another takes it between short kernels
seldom gets it, and makes each of that one's releases a system call (7 us, measured).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fpgarray.errors import DeviceError, ImageError, KernelError
from fpgarray.runtime.api import RunState
from fpgarray.runtime.emulator.guard import Guard
from fpgarray.runtime.emulator.memory import Memory, garbage
from fpgarray.runtime.emulator.registers import (
    AUTO_RESTART,
    DONE,
    FIRST_ARGUMENT,
    IDLE,
    READY,
    START,
    Operands,
    Signature,
)

MANY = 16
"""So many queued launches: nobody seems to wait for them."""
BLOCK_S = 0.05
"""Waiters look again this often: a release that an interrupt swallowed costs no more."""
CLAIM_S = 1.0
"""A waiter with less time than this does not execute, since native code cannot be timed out."""
SOLO_NS = 1_000_000
SHARED_NS = 200_000
"""After a launch that took longer than this the next one begins at once on the unit's thread
(SHARED: if another unit is busy)."""

QUEUED, RUNNING, COMPLETED = RunState.QUEUED, RunState.RUNNING, RunState.COMPLETED
ERROR, ABORT = RunState.ERROR, RunState.ABORT


class Launch:
    """One start of a kernel on one unit. `arguments` and `registers` do not change any more."""

    __slots__ = (
        "aborting", "arguments", "automatic", "before", "error", "fault", "finished", "gates",
        "operands", "registers", "sent", "state", "unit",
    )  # fmt: skip

    def __init__(
        self, unit: ComputeUnit, registers: bytes, operands: Operands, fault: str | None = None
    ) -> None:
        self.unit = unit
        self.registers = registers
        self.operands = operands
        self.arguments = operands.arguments
        self.fault = fault
        self.state = QUEUED
        self.finished = False
        self.error: DeviceError | None = None
        self.gates: list = []
        self.aborting = False
        self.automatic = False
        self.sent = False
        self.before: list | None = None

    def __str__(self) -> str:
        operands = self.operands
        return self.unit.signature.describe(operands.values, operands.allocations)

    def finish(self, state: RunState, error: DeviceError | None = None) -> None:
        """Enter a final state and let the waiters go."""
        self.error = error
        self.state = state
        self.finished = True
        self.wake()

    def wake(self) -> None:
        """Let those go who wait; harmless to repeat."""
        for gate in tuple(self.gates):
            try:
                gate.release()
            except RuntimeError:
                # open already: the device was lost or closed while native code ran on
                continue

    def block(self, seconds: float | None) -> bool:
        """Wait until finished, at most `seconds`; whether it is. Ctrl-C interrupts."""
        gate = threading.Lock()
        gate.acquire()
        self.gates.append(gate)
        deadline = None if seconds is None else time.monotonic() + seconds
        try:
            while not self.finished:
                rest = BLOCK_S if deadline is None else min(BLOCK_S, deadline - time.monotonic())
                if rest <= 0:
                    break
                gate.acquire(timeout=rest)
        finally:
            self.gates.remove(gate)
        return self.finished


class ComputeUnit:
    """What inline and worker units share: the queue, the register map, and the verdict."""

    def __init__(
        self, name: str, signature: Signature, register_nbytes: int, guard: Guard | None
    ) -> None:
        """`name` is `kernel:instance`."""
        self.name = name
        self.signature = signature
        self.registers = bytearray(max(register_nbytes, signature.nbytes))
        self.guard = guard
        self.lock: Any = threading.Lock()
        self.closed = False
        self.queue: deque[Launch] = deque()
        self.hung: Launch | None = None
        self.done = False
        self._loaded: bytes | None = None

    # -- to be provided ---------------------------------------------------------------------

    def started(self, urgent: bool) -> None:
        """A launch was added. Called with `lock` held. `urgent`: nobody will wait for it first."""
        raise NotImplementedError

    def wait(self, launch: Launch, seconds: float | None) -> None:
        """Return when `launch` has finished or time is out."""
        raise NotImplementedError

    def nudge(self) -> None:
        """Somebody asked how far things are: see that they go on without a waiter."""

    def abort(self, launch: Launch) -> None:
        """Make `launch` finish, as ABORT unless it finishes by itself first."""
        raise NotImplementedError

    # -- launches ---------------------------------------------------------------------------

    def enqueue(
        self,
        launch: Launch,
        accept: Callable[[Launch], None],
        memory: Memory,
        urgent: bool = False,
    ) -> bool:
        """Add `launch` and tell `accept`. False, and nothing done, if memory changed meanwhile.
        ImageError once the unit is closed."""
        with self.lock:
            if self.closed:
                raise ImageError(
                    f"compute unit {self.name} belongs to an image that is not loaded any more; "
                    "open the kernel again"
                )
            if memory.generation != launch.operands.generation:
                return False
            try:
                self.queue.append(launch)
            finally:
                # an interrupt right after the append must not lose the launch
                accept(launch)
            self.started(urgent)
        return True

    @property
    def unfinished(self) -> list[Launch]:
        """Launches that are queued or running, oldest first."""
        return [launch for launch in tuple(self.queue) if not launch.finished]

    def abandon(self, state: RunState, error: Callable[[Launch], DeviceError]) -> None:
        """Finish everything unfinished; native code that runs is left alone."""
        for launch in self.unfinished:
            launch.finish(state, error(launch))

    def close(self, *, wait: bool) -> None:
        """Refuse launches and abandon those there are."""
        with self.lock:
            self.closed = True
        self.abandon(ABORT, lambda launch: DeviceError(f"{launch}: its image was unloaded"))

    # -- registers --------------------------------------------------------------------------

    def control(self) -> int:
        """The control register; reading clears done."""
        self.nudge()
        busy = bool(self.unfinished)
        value = self.registers[0] & AUTO_RESTART | (START if busy else IDLE)
        if self.done:
            value |= DONE | READY
            self.done = False
        return value

    def load_registers(self, launch: Launch) -> None:
        """Write the launch's arguments into the register map."""
        if launch.registers is not self._loaded:
            data = launch.registers
            self.registers[FIRST_ARGUMENT : len(data)] = data[FIRST_ARGUMENT:]
            self._loaded = data

    def forget_loaded(self) -> None:
        """The register map was written past `load_registers`."""
        self._loaded = None

    # -- the end of a launch ----------------------------------------------------------------

    def before(self, launch: Launch) -> None:
        """Remember what a launch that is to fail would change."""
        if launch.fault == "kernel":
            allocations = {id(a): a for a in launch.operands.allocations if a is not None}
            launch.before = [(a, a.view.copy()) for a in allocations.values()]

    def verdict(self, launch: Launch) -> DeviceError | None:
        """What is wrong with a launch whose kernel returned: an injected failure, guard, None."""
        error: DeviceError | None = None
        for allocation, old in launch.before or ():
            spoil = np.frombuffer(garbage(allocation.address, allocation.nbytes), np.uint8)
            changed = np.flatnonzero(old != allocation.view)
            allocation.view[changed] = spoil[changed]
            error = KernelError(f"{launch} failed: injected fault; what it wrote is garbage")
        launch.before = None
        if self.guard is not None:
            error = self.guard.check(f"kernel {launch}") or error
        return error

    def restart(self, launch: Launch) -> None:
        """Start again what was started through a control register that says auto-restart."""
        if launch.automatic and self.registers[0] & AUTO_RESTART and not self.closed:
            again = Launch(self, launch.registers, launch.operands)
            again.automatic = True
            self.queue.append(again)


class InlineUnit(ComputeUnit):
    """Executes in this process. The code is trusted: it returns, and writes where it may."""

    def __init__(
        self,
        name: str,
        signature: Signature,
        register_nbytes: int,
        guard: Guard | None,
        function: Callable[..., None],
        close_code: Callable[[], None],
    ) -> None:
        super().__init__(name, signature, register_nbytes, guard)
        self.function = function
        self.execution = threading.Lock()
        self.siblings: Sequence[InlineUnit] = ()
        self.last_ns = 0
        self._close_code: Callable[[], None] | None = close_code
        self._birth = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Lock()
        self._wake.acquire()

    def started(self, urgent: bool) -> None:
        shared = any(u.queue for u in self.siblings if u is not self)
        if (
            urgent
            or len(self.queue) >= MANY
            or (self.last_ns > SHARED_NS and (self.last_ns > SOLO_NS or shared))
        ):
            self._kick()

    def nudge(self) -> None:
        if self.queue:
            self._kick()

    def wait(self, launch: Launch, seconds: float | None) -> None:
        if seconds is None:
            self._drain(launch)
        elif seconds >= CLAIM_S and not self.execution.locked():
            began = time.monotonic()
            self._drain(launch)
            seconds -= time.monotonic() - began
        if not launch.finished:
            self._kick()
            launch.block(seconds)

    def abort(self, launch: Launch) -> None:
        launch.aborting = True
        with self.execution:
            if launch.finished:
                return
            if self.hung is launch:
                self.hung = None
            self.queue.remove(launch)
            launch.finish(ABORT, KernelError(f"{launch} was aborted"))
        self._kick()

    def close(self, *, wait: bool) -> None:
        super().close(wait=wait)
        self._rouse()
        with self._birth:
            thread = self._thread
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(1.0)
        if self.execution.acquire(blocking=False):
            # nobody is in the code, and nobody will be; a second `close` finds nothing to unload
            self.queue.clear()
            close_code, self._close_code = self._close_code, None
            self.execution.release()
            if close_code is not None:
                close_code()

    # -- executing --------------------------------------------------------------------------

    def _drain(self, until: Launch | None = None) -> None:
        """Execute from the head until `until` has finished (None: what is the last one now)."""
        queue = self.queue
        with self.execution:
            if until is None and queue:
                until = queue[-1]
            while queue and self.hung is None and not until.finished:
                self._execute(queue[0])

    def _execute(self, launch: Launch) -> None:
        if launch.finished:
            del self.queue[0]
            return
        if launch.fault or launch.automatic or self.guard is not None:
            self._execute_watched(launch)
            return
        if launch.registers is not self._loaded:
            self.load_registers(launch)
        launch.state = RUNNING
        began = time.perf_counter_ns()
        try:
            self.function(*launch.arguments)
        finally:
            # no calls here: see Interrupts above
            del self.queue[0]
            self.done = True
            if not launch.finished:
                launch.state = ABORT if launch.aborting else COMPLETED
                launch.finished = True
        self.last_ns = time.perf_counter_ns() - began
        if launch.gates:
            launch.wake()

    def _execute_watched(self, launch: Launch) -> None:
        """The same with faults, guard and auto-restart; an interrupt here fails the launch."""
        self.load_registers(launch)
        launch.state = RUNNING
        if launch.fault == "hang":
            self.hung = launch
            return
        error: DeviceError | None = KernelError(f"{launch} was interrupted while it was checked")
        try:
            self.before(launch)
            self.function(*launch.arguments)
            error = self.verdict(launch)
        finally:
            del self.queue[0]
            self.done = True
            state = ABORT if launch.aborting else COMPLETED if error is None else ERROR
            if not launch.finished:
                launch.finish(state, error)
            self.restart(launch)

    # -- the thread -------------------------------------------------------------------------

    def _kick(self) -> None:
        """Have the thread execute what is queued."""
        if self._thread is None:
            with self._birth:
                if self._thread is None and not self.closed:
                    name = f"fpgarray {self.name}"
                    thread = threading.Thread(target=self._loop, name=name, daemon=True)
                    thread.start()
                    self._thread = thread
        self._rouse()

    def _rouse(self) -> None:
        try:
            self._wake.release()
        except RuntimeError:
            # it was not waiting, and will look before it does
            return

    def _loop(self) -> None:
        while not self.closed:
            self._wake.acquire()
            while not self.closed and self._head() is not None:
                self._drain()

    def _head(self) -> Launch | None:
        try:
            return self.queue[0] if self.hung is None else None
        except IndexError:
            return None
