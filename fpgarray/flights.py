"""Launches under way, what a step is in NumPy, and what becomes of a launch that fails.

A launch that was started and not yet waited for is a `Flight` in `device.in_flight`, in start
order; it holds its storages. Retiring happens in that order. Whoever touches bytes that a flight
reads or writes settles that flight first. Everything here runs under `Device.lock`.

A flight's results go through these states; each row is what holds if we are interrupted there:

| state | its bytes | reading them |
|---|---|---|
| flying | valid on the device only | retires it first |
| spoiled | valid nowhere; damage noted | raises the flight's error |
| redone | valid on the host, written whole by NumPy | gives the values |
| lost | as spoiled, for good | raises until they are overwritten |

flying → retired (COMPLETED), or, for every flight that failed or touched what a failed one wrote:
flying → spoiled → redone (its operands are what they were) or lost. All are spoiled before any is
redone, and `in_flight` is emptied in between.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fpgarray import events, findings
from fpgarray import ranges as ranges_
from fpgarray.config import options
from fpgarray.device import BoundRun, Device
from fpgarray.errors import (
    AllocationError,
    DeviceError,
    DeviceLostError,
    FallbackWarning,
    ForkedProcessError,
    FPGArrayError,
    KernelError,
    KernelTimeoutError,
)
from fpgarray.findings import LINE_NBYTES
from fpgarray.host_memory import Block
from fpgarray.layout import Layout
from fpgarray.planner import Entry, Plan, Step
from fpgarray.ranges import Range
from fpgarray.runtime.api import RunState
from fpgarray.storage import Storage
from fpgarray.tape import Node

Touched = tuple[Storage, tuple[Range, ...]]


@dataclass(slots=True, eq=False)
class Job:
    """One run's nodes bound to their storages and scalars, and what is to be done."""

    device: Device
    nodes: list[Node]
    storages: list[Storage]
    scalars: list[Any]
    plan: Plan

    def finish(self, step: Step) -> None:
        """The step's effects are accounted for: repeating the run must not repeat it."""
        self.device.tape.done.update([self.nodes[index] for index in step.entries])

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The planner's rows of the nodes."""
        return self.plan.entries


@dataclass(slots=True, eq=False)
class Flight:
    """A started launch: one run, or one per compute unit that shares it.

    `words`: the port words that `writes` lie in.

    `failure`: why not all of them could be started. `lines`: where watched runs tell what they
    found.
    """

    job: Job
    step: Step
    kernel: str
    reads: list[Touched]
    writes: list[Touched]
    words: list[Touched]
    runs: list[BoundRun] = field(default_factory=list)
    failure: DeviceError | None = None
    lines: list[int] = field(default_factory=list)

    def touches(self, storage: Storage, ranges: Sequence[Range], writes_only: bool) -> bool:
        """Whether it writes (or reads) one of those bytes."""
        accesses = self.writes if writes_only else [*self.reads, *self.writes]
        return any(s is storage and ranges_.intersects(r, ranges) for s, r in accesses)

    def disturbs(self, storage: Storage, ranges: Sequence[Range], writes_only: bool) -> bool:
        """`touches` while it flies: the rest of a port word may be written too, unchanged."""
        accesses = self.words if writes_only else [*self.reads, *self.words]
        return any(s is storage and ranges_.intersects(r, ranges) for s, r in accesses)

    @property
    def location(self) -> str | None:
        """file:line of its first operation."""
        return self.job.nodes[self.step.entries[0]].location


# Waiting


def settle(device: Device, storage: Storage, ranges: Sequence[Range], writes_only: bool) -> None:
    """Retire flights until none touches these bytes (or, `writes_only`, writes them)."""
    while device.in_flight and any(
        flight.disturbs(storage, ranges, writes_only) for flight in device.in_flight
    ):
        retire(device)


def settle_for_launch(
    device: Device, kernel: str, parts: int, reads: list[Touched], words: list[Touched]
) -> None:
    """Retire the flights of other compute units that this launch depends on."""
    ordered = device.runtime.capabilities.in_order
    while any(
        not (ordered and flight.kernel == kernel and len(flight.runs) == parts == 1)
        and (
            any(flight.disturbs(storage, ranges, True) for storage, ranges in reads)
            or any(flight.disturbs(storage, ranges, False) for storage, ranges in words)
        )
        for flight in device.in_flight
    ):
        retire(device)


def retire(device: Device) -> None:
    """Wait for the oldest flight; recover if it failed. Ctrl-C leaves everything as it was."""
    flight = device.in_flight[0]
    try:
        error = _outcome(flight)
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(f"while waiting for {flight.kernel}, recorded at {flight.location}")
        raise
    if error is None:
        device.in_flight.popleft()
        release(flight)
        _listen(flight)
    else:
        _recover(device, error)


def release(flight: Flight) -> None:
    for bound in flight.runs:
        flight.job.device.release(bound)


def _listen(flight: Flight) -> None:
    """Remember what a completed flight may have found, for `hear`; not the memory it holds."""
    if flight.lines:
        nodes, told = flight.job.nodes, flight.step.told
        sites = {index: findings.site_of(nodes[index]) for _, index in told}
        flight.job.device.retired.append((flight.lines, (sites, told)))


def hear(device: Device) -> None:
    """Fetch, in one copy, what the launches retired since the last time found."""
    retired, device.retired = device.retired, []
    if not retired:
        return
    used = [line for lines, _ in retired for line in lines]
    start, size = min(used) * LINE_NBYTES, LINE_NBYTES
    told = bytearray((max(used) + 1) * size - start)
    try:
        device.findings_buffer().download(start, memoryview(told), "findings")
    except DeviceError as error:
        account(device, error)  # lost with the device: nothing can be told
        return
    device.lines += used
    if not any(told):
        return
    for lines, (nodes, pairs) in retired:
        whole = np.zeros(size // 4, np.uint32)
        for line in lines:
            whole |= np.frombuffer(told, np.uint32, size // 4, line * size - start)
        for number, index in pairs:
            findings.note(device.findings, nodes[index], findings.read_line(whole, number))


def take_lines(device: Device, count: int) -> list[int]:
    """Lines for that many watched runs; hears, then waits, if too few are free."""
    device.findings_buffer()
    while len(device.lines) < count:
        if device.retired:
            hear(device)
        elif device.in_flight:
            retire(device)
        else:  # nobody uses any: interrupts have lost them
            device.free_lines()
    return [device.lines.pop() for _ in range(count)]


def _outcome(flight: Flight) -> DeviceError | None:
    """Wait for all runs of a flight: None, or why one is not COMPLETED."""
    errors = [_outcome_of(flight, bound) for bound in flight.runs]
    return next((error for error in [flight.failure, *errors] if error is not None), None)


def _outcome_of(flight: Flight, bound: BoundRun) -> DeviceError | None:
    kernel, run_ = flight.kernel, bound.run
    try:
        state = run_.wait(options.launch_timeout_ms)
        if state == RunState.COMPLETED:
            return None
        if state == RunState.TIMEOUT:
            if flight.job.device.runtime.capabilities.abort:
                run_.abort()
            return KernelTimeoutError(
                f"{kernel} did not end within {options.launch_timeout_ms} ms; it was aborted"
            )
        error = run_.error()
        if isinstance(error, DeviceError):
            return error
        return KernelError(f"{kernel} ended in state {RunState(state).name}: {error}")
    except ForkedProcessError:
        raise
    except DeviceError as error:
        return error


# Failing


def _recover(device: Device, error: DeviceError) -> None:
    """The oldest flight failed, or the device is gone: redo in NumPy what can be redone.

    A flight is tainted if it failed, or touches what a tainted one wrote. First the results of all
    tainted flights count as lost; then, in order, each is redone if every byte it read is still
    what it was (not written by itself or any later flight, and not lost). So an interrupt in the
    middle leaves errors, never wrong values.
    """
    flights = list(device.in_flight)
    lost = isinstance(error, DeviceLostError)
    errors: list[DeviceError | None] = [error] * len(flights)
    if lost:
        device.lose(error)
    else:
        errors[1:] = [_outcome(flight) for flight in flights[1:]]
    tainted = _tainted(flights, errors)
    causes = {}
    for position, flight in tainted:
        causes[position] = _copy_of(errors[position] or error, flight.location)
        if not lost:
            _spoil(flight, causes[position])
    device.in_flight.clear()
    redone = {position for position, _ in tainted}
    for position, (flight, each) in enumerate(zip(flights, errors, strict=True)):
        if each is None:
            release(flight)
        if position not in redone:
            _listen(flight)
        elif not lost:
            device.lines += flight.lines
    warnings_, left = [], deque(tainted)
    try:
        while left:
            position, flight = left[0]
            if _intact(flight, flights[position:]):
                warnings_.append(_redo(flight, causes[position]))
            else:
                # Said again: redoing one before it may have put right bytes that both wrote.
                lose_results(flight.job, flight.step, causes[position])
            left.popleft()
    except BaseException:
        # Likewise: what is not dealt with must not show what an earlier one wrote.
        for position, flight in left:
            lose_results(flight.job, flight.step, causes[position])
        raise
    for each in filter(None, warnings_):
        warn(*each)


def _copy_of(error: DeviceError, location: str | None) -> DeviceError:
    """The error as one flight's own, with its location."""
    copy = type(error)(*error.args)
    copy.__cause__ = error
    return copy.at(error.location or location)


def _spoil(flight: Flight, error: DeviceError) -> None:
    """What a tainted flight wrote is lost until it is redone. What lies between the elements of a
    strided result is good, and brought home."""
    for index, view in flight.step.writes:
        memory = flight.job.storages[index].require()
        if not view.is_exact:
            try:
                memory.fetch(view.ranges)
            except DeviceError:
                memory.lose(view.ranges, error)
        memory.damaged(view, error)


def _redo(flight: Flight, error: DeviceError) -> tuple[Node, str] | None:
    """Run a tainted flight's step in NumPy; the warning this is worth."""
    try:
        for storage, _ in flight.writes:
            storage.require().amend(error)
        return run_instead(flight.job, flight.step, error)
    except BaseException:
        lose_results(flight.job, flight.step, error)  # interrupted: not put right after all
        raise


def account(device: Device, error: DeviceError) -> None:
    """If the device has just been lost, settle what that costs."""
    if isinstance(error, DeviceLostError) and not error.settled:
        _recover(device, error)


def _tainted(flights: list[Flight], errors: list[DeviceError | None]) -> list[tuple[int, Flight]]:
    found: list[tuple[int, Flight]] = []
    spoiled: list[Touched] = []
    for position, flight in enumerate(flights):
        if errors[position] is not None or any(
            flight.touches(storage, ranges, False) for storage, ranges in spoiled
        ):
            found.append((position, flight))
            spoiled += flight.writes
    return found


def _intact(flight: Flight, later: list[Flight]) -> bool:
    """Whether the bytes a flight read are still there (`later` begins with itself)."""
    for storage, ranges in flight.reads:
        if any(each.touches(storage, ranges, True) for each in later):
            return False
        try:
            storage.require().check(ranges)
        except FPGArrayError:
            return False
    return True


# In NumPy


def run_instead(job: Job, step: Step, error: DeviceError) -> tuple[Node, str] | None:
    """A launch failed: run its step in NumPy if policies allow. The warning this is worth."""
    first = job.nodes[step.entries[0]]
    if any(job.nodes[index].policy.fallback == "raise" for index in step.entries):
        lose_results(job, step, error.at(first.location))
        return None
    reason = f"{type(error).__name__}: {error}"
    try:
        run_on_host(job, step, reason, chosen=False)
    except DeviceError as second:
        lose_results(job, step, second.at(first.location))
        return None
    return first, f"{reason}; done in NumPy instead"


def lose_results(job: Job, step: Step, error: Exception) -> None:
    """What the step should have written raises `error` when it is read.

    Older flights over the same bytes come first: redone later, they would put right what is marked.
    """
    for storage, view in step.writes:
        settle(job.device, job.storages[storage], [hull(view)], writes_only=False)
    job.finish(step)
    for storage, view in step.writes:
        job.storages[storage].require().damaged(view, error)


def warn(node: Node, message: str) -> None:
    """Warn at the recording's file and line."""
    location = node.location
    filename, _, line = (location or "fpgarray:0").rpartition(":")
    text = message if "(recorded at" in message else f"{message} (recorded at {location})"
    warnings.warn_explicit(text, FallbackWarning, filename, int(line))


def run_on_host(job: Job, step: Step, reason: str, chosen: bool) -> None:
    """Run a step in NumPy. Raises DeviceError if an operand is lost or there is no memory."""
    try:
        _interpret(job, step, reason, chosen)
    except AllocationError:
        raise
    except MemoryError as error:
        raise AllocationError(f"no host memory to do it in NumPy: {error}") from error


def _interpret(job: Job, step: Step, reason: str, chosen: bool) -> None:
    """Compute every entry aside, then write what must reach memory: all of it or nothing."""
    values: dict[tuple[int, Layout], np.ndarray] = {}
    blocks: dict[tuple[int, Layout], Block] = {}
    found: list[tuple[findings.Site, int]] = []
    flags = findings.Flags()
    with findings.watching(flags):
        for index in step.entries:
            entry = job.entries[index]
            target, view = (entry.storage, entry.layout), entry.layout
            operands = [_host_operand(job, entry, source, values) for source in entry.sources]
            flags.take()
            if view.is_dense and view.nbytes == job.storages[entry.storage].nbytes:
                blocks[target] = Block(view.nbytes)
                values[target] = _compute(entry, operands, blocks[target].view(view))
            else:
                values[target] = _compute(entry, operands, np.empty(view.shape, view.dtype))
            if flags.found:
                found.append((findings.site_of(job.nodes[index]), flags.take()))
    for index, view in step.writes:
        settle(job.device, job.storages[index], [hull(view)], writes_only=False)
    try:
        _commit(job, step, values, blocks)
    except KeyboardInterrupt:
        _commit(job, step, values, blocks)  # half written is neither before nor after: write all
        raise
    for site, categories in found:
        findings.note(job.device.findings, site, categories)
    if events.subscribers:
        for index in step.entries:
            name, location = job.entries[index].op.name, job.nodes[index].location
            events.publish(events.HostRun(name, reason, location, chosen))


def _commit(job: Job, step: Step, values: dict[Any, np.ndarray], blocks: dict[Any, Block]) -> None:
    """Write what `_interpret` computed. Doing it twice is doing it once."""
    for target in step.writes:
        memory, view = job.storages[target[0]].require(), target[1]
        if target in blocks:
            memory.replace(blocks[target])
        else:
            memory.host_target(view)[...] = values[target]
        memory.host_written(view)
    job.finish(step)


def _host_operand(
    job: Job, entry: Entry, source: tuple[int | None, Any], values: dict[Any, np.ndarray]
) -> Any:
    index, what = source
    if index is None:
        return entry.compute.type(job.scalars[what])
    held = values.get(source)
    if held is not None:
        return held
    storage = job.storages[index]
    settle(job.device, storage, [hull(what)], writes_only=True)
    return storage.require().host_view(what)


def hull(view: Layout) -> Range:
    """The bounding range: copies may bridge gaps, so the bytes there must be settled too."""
    return (view.start, view.stop)


def _compute(entry: Entry, operands: list[Any], target: np.ndarray) -> np.ndarray:
    """One operation in NumPy, into `target`."""
    if entry.params is not None:
        entry.op.host(*operands, out=target, **dict(entry.params))
        return target
    if entry.axes is None:
        return entry.op.host(*operands, out=target, **_casting(entry))
    keepdims, kind = target.ndim == operands[0].ndim, target.dtype
    entry.op.host(operands[0], axis=entry.axes, dtype=kind, out=target, keepdims=keepdims)
    return target


def _casting(entry: Entry) -> dict[str, str]:
    return {"casting": "unsafe"} if isinstance(entry.op.host, np.ufunc) else {}
