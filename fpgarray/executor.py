"""Runs plans: the one file where the pure column and the device column meet.

Order of one run: the tape's nodes become `Entry` rows, the planner (cached) gives steps, and each
step launches or runs in NumPy. A node leaves the tape when its step has started, so an interrupted
run can be repeated.

Flights. A launch that was started and not yet waited for is a `Flight` in `device.in_flight`, in
start order; it holds its storages. Retiring happens in that order. Whoever touches bytes that a
flight reads or writes settles that flight first; launches of one compute unit need no settling
among themselves where the provider runs them in order. Everything here runs under `Device.lock`.
"""

from __future__ import annotations

import itertools
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fpgarray import costs, events
from fpgarray import ranges as ranges_
from fpgarray.coherence import State
from fpgarray.config import options
from fpgarray.device import BoundRun, Device, device
from fpgarray.errors import (
    AllocationError,
    CoherenceError,
    DeviceError,
    DeviceLostError,
    FallbackError,
    FallbackWarning,
    ForkedProcessError,
    FPGArrayError,
    KernelError,
    KernelTimeoutError,
)
from fpgarray.host_memory import Block
from fpgarray.layout import Layout, reserved
from fpgarray.engine import Program
from fpgarray.planner import Entry, Plan, Step, plan
from fpgarray.ranges import Range
from fpgarray.runtime.api import RunState
from fpgarray.storage import Handle, HostScope, Memory, Storage
from fpgarray.tape import Node, Tape

Touched = tuple[Storage, tuple[Range, ...]]


@dataclass(slots=True, eq=False)
class Job:
    """One run's nodes bound to their storages and scalars, and what is to be done."""

    device: Device
    nodes: list[Node]
    storages: list[Storage]
    scalars: list[Any]
    plan: Plan
    done: set[Node] = field(default_factory=set)
    """Nodes that may leave the tape: their step was started, or nobody wants them."""

    def finish(self, step: Step) -> None:
        """The step's effects are accounted for: repeating the run must not repeat it."""
        self.done.update([self.nodes[index] for index in step.entries])

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The planner's rows of the nodes."""
        return self.plan.entries


@dataclass(slots=True, eq=False)
class Flight:
    """A started launch: one run, or one per compute unit that shares it.

    `failure`: why not all of them could be started.
    """

    job: Job
    step: Step
    kernel: str
    reads: list[Touched]
    writes: list[Touched]
    runs: list[BoundRun] = field(default_factory=list)
    failure: DeviceError | None = None

    def touches(self, storage: Storage, ranges: Sequence[Range], writes_only: bool) -> bool:
        """Whether it writes (or reads) one of those bytes."""
        accesses = self.writes if writes_only else [*self.reads, *self.writes]
        return any(s is storage and ranges_.intersects(r, ranges) for s, r in accesses)

    @property
    def location(self) -> str | None:
        """file:line of its first operation."""
        return self.job.nodes[self.step.entries[0]].location


def attach(device: Device) -> None:
    """Give a device its tape."""
    if device.tape is None:
        device.tape = Tape()


# Recording


def record(node: Node) -> None:
    """Append a node to its device's tape; runs the tape at its caps."""
    storage = node.storage
    tape = storage.device.tape
    tape.nodes.append(node)
    storage.written = epoch = tape.epoch
    sources = node.sources
    for position in range(0, len(sources), 2):
        source = sources[position]
        if source is not None:
            source.read = epoch
    tape.nbytes += node.layout.nbytes
    if len(tape.nodes) >= tape.limit or tape.nbytes >= options.tape_nbytes:
        recorded(node)


def recorded(node: Node) -> None:
    """What a recorder does now and then: refuse bytes that are in a host scope, obey the caps."""
    device = node.storage.device
    tape = device.tape
    if tape.limit == 0:
        with device.lock:
            _check_scopes(node)
            if not device.scopes:
                tape.limit = options.tape_operations
    if len(tape.nodes) < options.tape_operations:
        # Results that nobody holds any more will take no memory.
        tape.nbytes = _pending_nbytes(tape.nodes[:])
        if tape.nbytes < options.tape_nbytes:
            return
    run(device)


def _pending_nbytes(nodes: list[Node]) -> int:
    """Bytes that results will take, and that captured operands of nobody else take already."""
    results = sum(node.layout.nbytes for node in nodes if node.storage.alive)
    captured = {
        id(source): source.nbytes
        for node in nodes
        for source in node.sources[::2]
        if source is not None and source.memory is not None and not source.alive
    }
    return results + sum(captured.values())


def _check_scopes(node: Node) -> None:
    """Take back a node that touches bytes of an open host scope, and raise."""
    accesses = [(node.storage, node.layout)]
    accesses += [(node.sources[i], node.sources[i + 1]) for i in range(0, len(node.sources), 2)]
    for storage, view in accesses:
        if storage is not None and storage.memory is not None:
            try:
                storage.memory.check_scopes(view.ranges)
            except CoherenceError:
                node.storage.device.tape.nodes.remove(node)
                raise


def run(device: Device) -> None:
    """Start everything on the tape of `device` (see the module's text). Idempotent."""
    with device.lock:
        tape = device.tape
        if not tape.nodes:
            return
        device.check_process()
        nodes = tape.begin()
        job: Job | None = None
        complete = False
        try:
            job = _describe(device, nodes)
            job.done.update([nodes[index] for index in job.plan.dead])
            for step in job.plan.steps:
                _execute(job, step)
            complete = True
        finally:
            tape.drop(job.done if job is not None else set(), complete)


def synchronize(device: Device) -> None:
    """Run the tape and wait for every launch."""
    with device.lock:
        run(device)
        while device.in_flight:
            _retire(device)


_plans: dict[tuple[Any, ...], Plan] = {}
_PLANS = 512


def _describe(device: Device, nodes: list[Node]) -> Job:
    """Number the storages, collect the scalars, and find or make the plan.

    The key says all that the plan depends on: operations, types, layouts, which sources are the
    same storage, what is alive, and the engines. Equal keys on other memory share a plan.
    """
    numbers: dict[Storage, int] = {}
    number = numbers.setdefault
    scalars: list[Any] = []
    key: list[Any] = [device.engines.uuid]
    add = key.append
    for node in nodes:
        add(node.op)
        add(node.compute)
        add(node.layout)
        add(node.axes)
        add(node.policy.dispatch)
        pairs = iter(node.sources)
        for storage in pairs:
            if storage is None:
                scalars.append(next(pairs))
                add(None)
            else:
                add(number(storage, len(numbers)))
                add(next(pairs))
        add(number(node.storage, len(numbers)))
    key += [storage.handle() is not None for storage in numbers]
    found = _plans.get(tuple(key))
    if found is None:
        if len(_plans) >= _PLANS:
            _plans.clear()
        alive = [bool(flag) for flag in key[-len(numbers) :]]
        found = _plans[tuple(key)] = plan(_entries(nodes, numbers), alive, device.engines)
    return Job(device, nodes, list(numbers), scalars, found)


def _entries(nodes: list[Node], numbers: dict[Storage, int]) -> tuple[Entry, ...]:
    """The planner's rows: storages by number, scalars by slot."""
    slots = itertools.count()
    return tuple(
        Entry(
            node.op,
            node.compute,
            tuple(
                (None, next(slots)) if storage is None else (numbers[storage], what)
                for storage, what in zip(node.sources[::2], node.sources[1::2], strict=True)
            ),
            numbers[node.storage],
            node.layout,
            node.axes,
            node.policy.dispatch,
        )
        for node in nodes
    )


# Steps


def _execute(job: Job, step: Step) -> None:
    """Launch a step, or run it in NumPy with a reason."""
    reason, chosen = step.reason, step.chosen
    if step.engine is not None:
        automatic = job.nodes[step.entries[0]].policy.dispatch == "auto"
        reason, chosen = _host_reason(job, step) if automatic else None, True
    try:
        if reason is None:
            _launch(job, step)
        else:
            _run_on_host(job, step, reason, chosen)
    except ForkedProcessError:
        raise
    except DeviceError as error:
        _account(job.device, error)
        if reason is None:
            warning = _run_instead(job, step, error)
            if warning is not None:
                _warn(*warning)
        else:
            _lose_results(job, step, error.at(job.nodes[step.entries[0]].location))


def _host_reason(job: Job, step: Step) -> str | None:
    """Why the cost model prefers NumPy for this step, or None."""
    model = job.device.costs
    to_device = from_device = 0
    for storage, view in step.loads:
        memory = job.storages[storage].memory
        if memory is not None:
            to_device += memory.stale_on_device(view.ranges)
            from_device += memory.stale_on_host(view.ranges)
    price = costs.estimate(
        model, step.elements, step.weight, len(step.entries), to_device, from_device
    )
    if not price.host_wins:
        return None
    even = costs.break_even(model)
    if step.elements < even:
        return f"{step.elements:,} elements: below the {even:,} where the device pays"
    return f"moving {to_device:,} bytes to the device costs more than computing here"


def _launch(job: Job, step: Step) -> None:
    """Make operands valid on the device, start, and note the flight."""
    device, storages = job.device, job.storages
    if not device.ready:
        device.require_image()
    engine = device.engines.engines[step.engine]
    label = _label(job, step) if events.subscribers else ""
    shared = step.parts and costs.worth_sharing(device.costs, step.elements, step.weight)
    programs = step.parts if shared else (step.program,)
    reads = [(storages[index], ranges) for index, ranges in step.reads]
    writes = [(storages[index], ranges) for index, ranges in step.touched]
    if device.in_flight:
        _settle_for_launch(device, engine.kernel, len(programs), reads, writes)
    for index, ranges in step.needed:
        storage = storages[index]
        memory = storage.memory or storage.require()
        if device.in_flight and memory.stale_on_device(ranges):
            _settle(device, storage, ranges, writes_only=False)
        memory.push(ranges, label)
    for storage, ranges in writes:
        memory = storage.memory or storage.require()
        if memory.scopes:
            memory.check_scopes(ranges)
    ports = [storages[index].memory.device_buffer() for index in step.program.ports]
    if device.program_overflow:
        while device.in_flight:
            _retire(device)
        device.trim_programs()
    flight = Flight(job, step, engine.kernel, reads, writes)
    try:
        _start(flight, programs, ports, label)
        _note(flight)
    except DeviceError:
        raise
    except BaseException:
        # Ctrl-C: what may have been started must not be started again.
        if flight.runs and flight not in device.in_flight:
            flight.failure = KernelError(f"starting {engine.kernel} was interrupted")
            _note(flight)
        raise
    while len(device.in_flight) > options.launches_in_flight:
        _retire(device)


def _note(flight: Flight) -> None:
    """Account for a flight that has been started."""
    for storage, ranges in flight.writes:
        storage.memory.device_written(ranges)
    flight.job.device.in_flight.append(flight)
    flight.job.finish(flight.step)


def _start(
    flight: Flight, programs: Sequence[Program], ports: list[Any], label: str
) -> None:
    """Start every part, the one this thread is likely to wait for (and run inline) last.

    If none could be started, nothing has happened and the error is raised.
    """
    device, scalars = flight.job.device, flight.job.scalars
    engine = device.engines.engines[flight.step.engine]
    for unit in reversed(range(len(programs))):
        program = programs[unit]
        try:
            bound = device.bind(engine, unit, device.program(program.fill(scalars)), ports)
            flight.runs.insert(0, bound)
            bound.run.start(label, unit)
        except DeviceError as error:
            flight.runs = flight.runs[1:] if flight.runs and flight.runs[0].unit == unit else flight.runs
            if not flight.runs:
                raise
            flight.failure = error
            return


def _label(job: Job, step: Step) -> str:
    """What events call this launch: file:line, the operations and why it is a launch of its own."""
    names = " ".join(job.entries[index].op.name for index in step.entries[:8])
    more = "" if len(step.entries) <= 8 else f" +{len(step.entries) - 8}"
    return f"{job.nodes[step.entries[0]].location}: {names}{more} ({step.reason})"


# In NumPy


def _run_instead(job: Job, step: Step, error: DeviceError) -> tuple[Node, str] | None:
    """A launch failed: run its step in NumPy if policies allow. The warning this is worth."""
    first = job.nodes[step.entries[0]]
    if any(job.nodes[index].policy.fallback == "raise" for index in step.entries):
        _lose_results(job, step, error.at(first.location))
        return None
    reason = f"{type(error).__name__}: {error}"
    try:
        _run_on_host(job, step, reason, chosen=False)
    except DeviceError as second:
        _lose_results(job, step, second.at(first.location))
        return None
    return first, f"{reason}; done in NumPy instead"


def _lose_results(job: Job, step: Step, error: FPGArrayError) -> None:
    """What the step should have written raises `error` when it is read."""
    job.finish(step)
    for storage, view in step.writes:
        job.storages[storage].require().lose(view.ranges, error)


def _warn(node: Node, message: str) -> None:
    """Warn at the recording's file and line."""
    location = node.location
    filename, _, line = (location or "fpgarray:0").rpartition(":")
    text = message if "(recorded at" in message else f"{message} (recorded at {location})"
    warnings.warn_explicit(text, FallbackWarning, filename, int(line))


def _run_on_host(job: Job, step: Step, reason: str, chosen: bool) -> None:
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
    for index in step.entries:
        entry = job.entries[index]
        target, view = (entry.storage, entry.layout), entry.layout
        operands = [_host_operand(job, entry, source, values) for source in entry.sources]
        if view.is_dense and view.nbytes == job.storages[entry.storage].nbytes:
            blocks[target] = Block(view.nbytes)
            values[target] = _compute(entry, operands, blocks[target].view(view))
        else:
            values[target] = _compute(entry, operands, np.empty(view.shape, view.dtype))
    for target in step.writes:
        storage, view = job.storages[target[0]], target[1]
        _settle(job.device, storage, [_hull(view)], writes_only=False)
        memory = storage.require()
        if target in blocks:
            memory.replace(blocks[target])
        else:
            memory.host_target(view)[...] = values[target]
        memory.host_written(view)
    job.finish(step)
    if events.subscribers:
        for index in step.entries:
            name, location = job.entries[index].op.name, job.nodes[index].location
            events.publish(events.HostRun(name, reason, location, chosen))


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
    _settle(job.device, storage, [_hull(what)], writes_only=True)
    return storage.require().host_view(what)


def _hull(view: Layout) -> Range:
    """The bounding range: copies may bridge gaps, so the bytes there must be settled too."""
    return (view.start, view.stop)


def _compute(entry: Entry, operands: list[Any], target: np.ndarray) -> np.ndarray:
    """One operation in NumPy, into `target`. Floating-point flags are the device's: none."""
    with np.errstate(all="ignore"):
        if entry.axes is None:
            return entry.op.host(*operands, out=target, **_casting(entry))
        keepdims = target.ndim == operands[0].ndim
        entry.op.host(operands[0], axis=entry.axes, out=target, keepdims=keepdims)
    return target


def _casting(entry: Entry) -> dict[str, str]:
    return {"casting": "unsafe"} if isinstance(entry.op.host, np.ufunc) else {}


# Flights


def _settle(
    device: Device, storage: Storage, ranges: Sequence[Range], writes_only: bool
) -> None:
    """Retire flights until none touches these bytes (or, `writes_only`, writes them)."""
    while device.in_flight and any(
        flight.touches(storage, ranges, writes_only) for flight in device.in_flight
    ):
        _retire(device)


def _settle_for_launch(
    device: Device, kernel: str, parts: int, reads: list[Touched], writes: list[Touched]
) -> None:
    """Retire the flights of other compute units that this launch depends on."""
    ordered = device.runtime.capabilities.in_order
    while any(
        not (ordered and flight.kernel == kernel and len(flight.runs) == parts == 1)
        and (
            any(flight.touches(storage, ranges, True) for storage, ranges in reads)
            or any(flight.touches(storage, ranges, False) for storage, ranges in writes)
        )
        for flight in device.in_flight
    ):
        _retire(device)


def _retire(device: Device) -> None:
    """Wait for the oldest flight; recover if it failed. Ctrl-C leaves everything as it was."""
    flight = device.in_flight[0]
    try:
        error = _outcome(flight)
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(
            f"while waiting for {flight.kernel}, recorded at {flight.location}"
        )
        raise
    if error is None:
        device.in_flight.popleft()
        _release(flight)
    else:
        _recover(device, error)


def _release(flight: Flight) -> None:
    for bound in flight.runs:
        flight.job.device.release(bound)


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
    except DeviceError as error:
        return error


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
    for flight, each in zip(flights, errors, strict=True):
        if each is None:
            _release(flight)
    warnings_ = []
    for position, flight in tainted:
        if _intact(flight, flights[position:]):
            warnings_.append(_redo(flight, causes[position]))
        elif lost:
            _lose_results(flight.job, flight.step, causes[position])
    for each in filter(None, warnings_):
        _warn(*each)


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
        if view.is_exact:
            memory.lose(view.ranges, error)
        else:
            memory.keep_on_host(view.ranges, error)


def _redo(flight: Flight, error: DeviceError) -> tuple[Node, str] | None:
    """Run a tainted flight's step in NumPy; the warning this is worth."""
    for storage, _ in flight.writes:
        storage.require().amend(error)
    return _run_instead(flight.job, flight.step, error)


def _account(device: Device, error: DeviceError) -> None:
    """If the device has just been lost, settle what that costs."""
    if isinstance(error, DeviceLostError) and not error.settled:
        _recover(device, error)


def _pull(memory: Memory, ranges: Sequence[Range]) -> None:
    """Make bytes valid on the host for an array's reader."""
    try:
        memory.pull(ranges)
    except DeviceLostError as error:
        _account(memory.device, error)
        raise


def _tainted(
    flights: list[Flight], errors: list[DeviceError | None]
) -> list[tuple[int, Flight]]:
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


# Host access, for arrays


def new_storage(device: Device, nbytes: int) -> tuple[Storage, Handle]:
    """A storage valid nowhere, and the handle that keeps it alive."""
    handle = Handle()
    return Storage(device, nbytes, handle), handle


def adopt(
    device: Device, array: np.ndarray, view: Layout | None = None
) -> tuple[Storage, Handle, Layout]:
    """A storage with a private copy of `array`, valid on the host, laid out as `view`.

    By default in `array`'s own order of axes.
    """
    if view is None:
        view = Layout(0, array.shape, array.strides, array.dtype).like(array.dtype)
    storage, handle = new_storage(device, view.nbytes)
    objects = view.dtype if view.dtype.hasobject else None
    memory = storage.memory = Memory(device, view.nbytes, objects)
    memory.host_block().view(view)[...] = array
    memory.host_written(view)
    return storage, handle, view


def settle_for_host(storage: Storage, view: Layout, write: bool) -> Memory:
    """Run and wait until the host may read (or write) these bytes. Under the device's lock."""
    device = storage.device
    pending = max(storage.written, storage.read) if write else storage.written
    if pending >= device.tape.epoch:
        run(device)
    if device.in_flight:
        _settle(device, storage, [_hull(view)], writes_only=not write)
    return storage.require()


def snapshot(storage: Storage, view: Layout) -> np.ndarray:
    """A read-only ndarray of the present values that never changes (a copy for objects)."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=False)
        _pull(memory, view.ranges)
        block = memory.host_block()
        if memory.objects is not None or memory.scopes:
            # A block that is lent for writing must not be leased, or it would have to move.
            copy = block.view(view).copy(order="K")
            copy.flags.writeable = memory.objects is not None
            return copy
        return block.snapshot(view)


def host_write(storage: Storage, view: Layout, value: Any) -> None:
    """Overwrite `view` on the host with `value` (broadcast, cast as item assignment does)."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=True)
        if not view.is_exact:
            _pull(memory, view.ranges)
        if not (type(value) is np.ndarray and value.dtype == view.dtype and value.shape == view.shape):
            # Casts and broadcasts may raise in the middle: nothing is written before they are done.
            aside = np.empty(view.shape, view.dtype)
            aside[...] = value
            value = aside
        target = memory.host_target(view)
        target[...] = value
        memory.host_written(view)


def move_pinned(storage: Storage, view: Layout, to_device: bool) -> None:
    """Force `view` valid on one side (`sync_to_device` and its sisters)."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=to_device)
        if to_device:
            storage.device.require_image()
            try:
                memory.push(view.ranges)
            except DeviceLostError as error:
                _account(memory.device, error)
                raise
        else:
            _pull(memory, view.ranges)


def raise_fallback(operation: str, reason: str) -> None:
    """What `policy(fallback="raise")` does."""
    raise FallbackError(
        f"{operation} would run in NumPy: {reason}. Allow it with policy(fallback='allow')"
    )


def interface(storage: Storage, view: Layout) -> dict[str, Any]:
    """An array interface whose `data` exports the block's bytes and holds the lease."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=False)
        _pull(memory, view.ranges)
        if memory.scopes:
            copy = memory.host_block().view(view).copy(order="C")
            return {**copy.__array_interface__, "data": memoryview(copy.reshape(-1).view(np.uint8))}
        block = memory.host_block()
        whole = Layout(0, (memory.nbytes,), (1,), np.dtype(np.uint8))
        return {
            "version": 3,
            "shape": view.shape,
            "strides": view.strides,
            "typestr": view.dtype.str,
            "descr": view.dtype.descr,
            "data": memoryview(block.snapshot(whole)),
            "offset": view.offset,
        }


def open_scope(storage: Storage, view: Layout, location: str) -> tuple[OpenScope, np.ndarray]:
    """Enter a writable host scope: run, wait, make the bytes valid, and lend them."""
    with storage.device.lock:
        memory = settle_for_host(storage, view, write=True)
        if memory.objects is not None:
            raise TypeError("arrays of objects have no host() scope; assign items instead")
        _pull(memory, view.ranges)
        array = memory.unleased().writable(view)
        scope = HostScope(view.ranges, location)
        memory.check_scopes(view.ranges)
        memory.scopes.append(scope)
        # From here on the host may write: the device's copy is no source for these bytes.
        memory.host_written(view)
        storage.device.scopes += 1
        storage.device.tape.limit = 0
        return OpenScope(scope, array), array


def close_scope(storage: Storage, view: Layout, opened: OpenScope) -> None:
    """Leave it: the bytes are the host's, and the lent array becomes read-only.

    If anybody still holds it, or a view or buffer of it, that memory is theirs from now on: the
    storage moves to other memory, so that late writes reach nothing.
    """
    with storage.device.lock:
        memory = storage.require()
        memory.scopes.remove(opened.scope)
        storage.device.scopes -= 1
        memory.host_written(view)
        opened.array.flags.writeable = False
        if sys.getrefcount(opened.array) > _OUR_REFERENCES:
            memory.move()


@dataclass(slots=True)
class OpenScope:
    """An open writable scope: its ranges and the lent ndarray, which its views hold as base."""

    scope: HostScope
    array: np.ndarray


_OUR_REFERENCES = 2
"""`OpenScope.array` and getrefcount's own argument."""
HOST = State.HOST


def default_device() -> Device:
    """The first device."""
    return device_of(None)


def device_of(which: Any) -> Device:
    """A device by index, itself or None for the first, with its tape attached."""
    found = device(which)
    attach(found)
    return found


def common_base(nbytes: int) -> Any:
    """Untouched memory that two layouts of one storage can be laid over, to ask NumPy about them."""
    return np.broadcast_to(np.uint8(0), 0) if nbytes == 0 else reserved(nbytes)
