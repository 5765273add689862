"""The parent's side of a worker process: starting it, feeding it, burying it.

Owns the process, its socket and the life of launches that run in it. Must not know buffers or the
provider protocol. Device memory is behind memfds, so it survives the process.

    state     | event                         -> state
    ----------+---------------------------------------------------------------------------
    ABSENT    | a launch is queued, or `start` -> STARTING  (a supervisor thread begins)
    STARTING  | READY arrives                  -> READY     (heads of all queues are sent)
    STARTING  | FAILED arrives, or it dies     -> ABSENT    (everything queued fails)
    READY     | it dies or is killed           -> STARTING if something is queued, else ABSENT
    any       | `close`                        -> CLOSED

The head of each unit's queue is the one launch that is in the process, so what was running when it
died is known. One lock guards the state and all queues; it is a leaf. Only the supervisor thread
starts processes (PR_SET_PDEATHSIG follows the *thread* that did), receives, and reaps.
"""

from __future__ import annotations

import enum
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

from fpgarray.errors import ImageError, KernelError
from fpgarray.runtime.api import RunState
from fpgarray.runtime.emulator import worker
from fpgarray.runtime.emulator.guard import Guard
from fpgarray.runtime.emulator.memory import Memory
from fpgarray.runtime.emulator.registers import Signature
from fpgarray.runtime.emulator.unit import ComputeUnit, Launch

START_TIMEOUT_S = 60.0


class State(enum.Enum):
    """Of the worker process, as the supervisor knows it."""

    ABSENT = enum.auto()
    STARTING = enum.auto()
    READY = enum.auto()
    CLOSED = enum.auto()


class WorkerUnit(ComputeUnit):
    """Its launches run in the supervisor's process."""

    def __init__(
        self,
        name: str,
        signature: Signature,
        register_nbytes: int,
        guard: Guard | None,
        supervisor: Supervisor,
    ) -> None:
        super().__init__(name, signature, register_nbytes, guard)
        self.supervisor = supervisor
        self.lock = supervisor.lock
        self.number = supervisor.add(self)

    def started(self, urgent: bool) -> None:
        self.supervisor.pump(self)

    def wait(self, launch: Launch, seconds: float | None) -> None:
        with self.lock:
            # an interrupt may have kept `started` from it
            self.supervisor.pump(self)
        launch.block(seconds)

    def abort(self, launch: Launch) -> None:
        self.supervisor.abort(launch)

    def close(self, *, wait: bool) -> None:
        super().close(wait=wait)
        self.supervisor.close(wait=wait)
        self.queue.clear()


class Supervisor:
    """One worker process at a time, for all compute units of an image."""

    def __init__(self, code: bytes, memory: Memory, clone: int | None) -> None:
        self.lock = threading.RLock()
        self.state = State.ABSENT
        self._units: list[WorkerUnit] = []
        self._memory = memory
        self._regions = {id(region): i for i, region in enumerate(memory.regions)}
        self._clone = clone
        self._process: subprocess.Popen | None = None
        self._door: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._settled = threading.Event()
        self._fault = ""
        self._sent: dict[int, Launch] = {}
        self._count = 0
        self._code_fd = os.memfd_create("fpgarray-image", os.MFD_CLOEXEC)
        with open(self._code_fd, "wb", closefd=False) as file:
            file.write(code)

    def add(self, unit: WorkerUnit) -> int:
        """Take care of `unit`; its number. Before `start`."""
        self._units.append(unit)
        return len(self._units) - 1

    def start(self) -> None:
        """Start the process and wait until it has loaded the code. ImageError says why not."""
        with self.lock:
            self._revive()
        if not self._settled.wait(START_TIMEOUT_S):
            raise ImageError(f"the worker process did not answer within {START_TIMEOUT_S:.0f} s")
        if self._fault:
            raise ImageError(f"the worker process could not load the code: {self._fault}")

    def pump(self, unit: WorkerUnit) -> None:
        """Send the head of the unit's queue if it was not. Called with `lock` held."""
        while unit.queue and unit.queue[0].finished:
            del unit.queue[0]
        if not unit.queue or unit.queue[0].sent or unit.hung is not None:
            return
        if self.state is State.ABSENT:
            self._revive()
        elif self.state is State.READY:
            self._send(unit, unit.queue[0])

    def abort(self, launch: Launch) -> None:
        """ABORT for `launch`; if it is in the process, that is killed."""
        with self.lock:
            if launch.finished:
                return
            launch.aborting = True
            if not launch.sent:
                launch.unit.hung = None if launch.unit.hung is launch else launch.unit.hung
                launch.finish(RunState.ABORT, KernelError(f"{launch} was aborted"))
                self.pump(launch.unit)
                return
            self._kill()
        launch.block(None)

    def close(self, *, wait: bool) -> None:
        """Kill the process; idempotent. `wait`: until it is reaped and its thread has ended."""
        with self.lock:
            if self.state is State.CLOSED:
                return
            self.state = State.CLOSED
            self._kill()
            thread = self._thread
            os.close(self._code_fd)
        if wait and thread is not None and thread is not threading.current_thread():
            thread.join(5.0)

    # -- under the lock ---------------------------------------------------------------------

    def _revive(self) -> None:
        self.state = State.STARTING
        self._settled.clear()
        self._fault = ""
        self._thread = threading.Thread(
            target=self._supervise, name="fpgarray worker supervisor", daemon=True
        )
        self._thread.start()

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def _send(self, unit: WorkerUnit, launch: Launch) -> None:
        unit.load_registers(launch)
        if launch.fault == "hang":
            unit.hung = launch
            launch.state = RunState.RUNNING
            return
        unit.before(launch)
        number = self._count = self._count + 1
        packet = self._packet(number, unit, launch)
        # an interrupt comes before this line, then `wait` pumps again, or after it has been sent
        self._sent[number] = launch
        launch.sent = True
        launch.state = RunState.RUNNING
        try:
            self._door.send(packet)
        except OSError:
            # it has just died: the supervisor starts another one, which gets this launch
            launch.sent = False
            launch.state = RunState.QUEUED
            del self._sent[number]

    def _packet(self, number: int, unit: WorkerUnit, launch: Launch) -> bytes:
        operands = launch.operands
        parts = [worker.START.pack(number, unit.number, len(operands.values))]
        triples = zip(unit.signature.parameters, operands.values, operands.allocations, strict=True)
        for parameter, value, allocation in triples:
            if allocation is not None:
                region = allocation.region
                offset = struct.pack("<Q", value - region.base)
                parts.append(worker.ARGUMENT.pack(b"P", self._regions[id(region)], offset))
            else:
                scalar = parameter.scalar
                parts.append(worker.ARGUMENT.pack(scalar.code.encode(), 0, scalar.encode(value)))
        return b"".join(parts)

    # -- the supervisor thread --------------------------------------------------------------

    def _supervise(self) -> None:
        while self._run_process():
            pass

    def _run_process(self) -> bool:
        """One process from start to end; whether another one is wanted."""
        fault = self._spawn()
        if not fault:
            fault = self._serve()
            code = self._process.wait()
            self._door.close()
            fault = fault or f"its process {_ending(code)}"
        with self.lock:
            self._bury(fault)
            again = self.state is State.READY and any(u.unfinished for u in self._units)
            if self.state is not State.CLOSED:
                self.state = State.STARTING if again else State.ABSENT
            if not again:
                self._settled.set()
            return again

    def _spawn(self) -> str:
        """Start a process; what went wrong, or nothing."""
        with self.lock:
            if self.state is State.CLOSED:
                return "the device was closed"
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            regions = [region.fd for region in self._memory.regions]
            setup = {
                "parent": os.getpid(),
                "door": theirs.fileno(),
                "bitstream": self._code_fd,
                "regions": regions,
                "units": [unit.signature.kernel for unit in self._units],
                "clone": self._clone,
            }
            # -S, -P: nothing but the standard library, found quickly and not next to the script
            command = [sys.executable, "-S", "-s", "-P", worker.__file__, json.dumps(setup)]
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno(), self._code_fd, *regions],
                    # a session of its own: Ctrl-C is for the parent
                    start_new_session=True,
                )
            except OSError as fault:
                ours.close()
                return f"{Path(sys.executable).name} cannot be started: {fault}"
            finally:
                theirs.close()
            self._door = ours
            return ""

    def _serve(self) -> str:
        """Receive until the process is gone; why it could not begin, or nothing."""
        while packet := self._receive():
            kind = packet[:1]
            if kind == worker.READY:
                self._ready()
            elif kind == worker.DONE:
                self._done(worker.FINISHED.unpack(packet)[1])
            else:
                return packet[1:].decode()
        return ""

    def _receive(self) -> bytes:
        try:
            return self._door.recv(worker.MAX_PACKET)
        except ConnectionError:
            return b""

    def _ready(self) -> None:
        with self.lock:
            if self.state is State.STARTING:
                self.state = State.READY
                for unit in self._units:
                    self.pump(unit)
            self._settled.set()

    def _done(self, number: int) -> None:
        launch = self._sent[number]
        unit = launch.unit
        # not under the lock: it takes Memory.lock; the launch stays at the head meanwhile
        error = unit.verdict(launch)
        with self.lock:
            del self._sent[number]
            unit.done = True
            if launch.aborting and not launch.finished:
                launch.finish(RunState.ABORT, KernelError(f"{launch} was aborted"))
            elif not launch.finished:
                launch.finish(RunState.COMPLETED if error is None else RunState.ERROR, error)
            unit.restart(launch)
            self.pump(unit)

    def _bury(self, fault: str) -> None:
        """Finish what was in the dead process; everything, if it never got ready."""
        aborted = [launch for launch in self._sent.values() if launch.aborting]
        if aborted:
            fault = f"its process was killed to abort {aborted[0]}"
        for launch in self._sent.values():
            launch.unit.done = True
            if launch.aborting:
                launch.finish(RunState.ABORT, KernelError(f"{launch} was aborted"))
            elif not launch.finished:
                launch.finish(RunState.ERROR, KernelError(f"{launch} failed: {fault}"))
        self._sent.clear()
        if self.state is State.STARTING:
            self._fault = fault
            for unit in self._units:
                unit.abandon(RunState.ERROR, lambda ln: KernelError(f"{ln} not run: {fault}"))
        for unit in self._units:
            while unit.queue and unit.queue[0].finished:
                del unit.queue[0]


def _ending(code: int) -> str:
    if code >= 0:
        return f"exited with status {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
