"""Records operations and runs plans: where the pure column and the device column meet.

Order of one run: the tape's nodes become `Entry` rows, the planner gives steps (plans are cached),
and each step launches or runs in NumPy. A node leaves the tape when its step has been accounted
for, so an interrupted run can be repeated. Runs happen under `Device.lock`; recording takes none.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from fpgarray import costs, events, findings, host_memory
from fpgarray.config import options
from fpgarray.device import Device, engines_of_image
from fpgarray.engine import Program
from fpgarray.errors import (
    CoherenceError,
    DeviceError,
    FallbackError,
    ForkedProcessError,
    KernelError,
)
from fpgarray.flights import (
    Flight,
    Job,
    account,
    hear,
    lose_results,
    retire,
    run_instead,
    run_on_host,
    settle,
    settle_for_launch,
    take_lines,
    warn,
)
from fpgarray.planner import Entry, Plan, Step, plan
from fpgarray.storage import Storage
from fpgarray.tape import Node, Tape
from fpgarray.xclbin import Xclbin


def attach(device: Device) -> None:
    """Give a device its tape."""
    if device.tape is None:
        device.tape = Tape()


# Recording


def record(node: Node) -> None:
    """Append a node to its device's tape; runs the tape at its caps."""
    storage = node.storage
    if storage.small is not None:
        with storage.device.lock:
            storage.require()  # it will be written
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
            if device.scopes:
                _check_scopes(node)
            else:
                tape.limit = options.tape_operations
    if len(tape.nodes) < options.tape_operations:
        if tape.nbytes < options.tape_nbytes:
            return
        # Results that nobody holds any more will take no memory.
        tape.nbytes = _pending_nbytes(tape.nodes[:])
        if tape.nbytes < options.tape_nbytes:
            return
    run(device)
    findings.tell(device.findings)


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
            tape.running = False
            return
        device.check_process()
        nodes = tape.begin()
        complete = False
        try:
            job = _describe(device, nodes)
            tape.done.update([nodes[index] for index in job.plan.dead])
            for step in job.plan.steps:
                _execute(job, step)
            complete = True
        except Exception:
            tape.back()
            raise
        finally:
            tape.end(complete)
            host_memory.trim()


def synchronize(device: Device) -> None:
    """Run the tape and wait for every launch."""
    with device.lock:
        run(device)
        while device.in_flight:
            retire(device)
        hear(device)
        findings.tell(device.findings)


_plans: dict[tuple[Any, ...], Plan] = {}
_PLANS = 512


def _describe(device: Device, nodes: list[Node]) -> Job:
    """Number the storages, collect the scalars, and find or make the plan.

    The key says all that the plan depends on: operations, types, layouts, which sources are the
    same storage, what is alive, and the engines. Equal keys on other memory share a plan.
    """
    numbers: dict[Storage, int] = {}
    known = numbers.get
    scalars: list[Any] = []
    key: list[Any] = [device.engines.uuid]
    for node in nodes:
        key += (node.op, node.compute, node.layout, node.axes, node.params, node.policy.dispatch)
        key.append(node.warned)
        pairs = iter(node.sources)
        for storage in pairs:
            if storage is None:
                scalars.append(next(pairs))
                key.append(None)
            else:
                number = known(storage)
                if number is None:
                    number = numbers[storage] = len(numbers)
                key += (number, next(pairs))
        number = known(node.storage)
        if number is None:
            number = numbers[node.storage] = len(numbers)
        key.append(number)
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
            node.params,
            node.warned,
        )
        for node in nodes
    )


def swap(device: Device, image: Xclbin) -> None:
    """Replace the image on `device` (residency rule 6: a transaction; arrays survive).

    The image's capability table is checked, the tape run, launches awaited and bytes that live
    only on the device brought home before anything is released. A failure up to there changes nothing; if
    loading fails, the image before returns or the device is empty, and no data is lost.
    """
    with device.lock:
        engines_of_image(image)
        synchronize(device)
        memories = [memory for memory in device.memories if memory.buffer is not None]
        for memory in memories:
            memory.check_scopes([(0, memory.nbytes)])
            memory.fetch([(0, memory.nbytes)], "swap")
        for memory in memories:
            device.returned.append(memory.drop_buffer())
            device.memories.discard(memory)
        device.replace_image(image)


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
            run_on_host(job, step, reason, chosen)
    except ForkedProcessError:
        raise
    except DeviceError as error:
        account(job.device, error)
        if reason is None:
            warning = run_instead(job, step, error)
            if warning is not None:
                warn(*warning)
        else:
            lose_results(job, step, error.at(job.nodes[step.entries[0]].location))
    except Warning:
        raise  # a warning that was made an error; the step is done
    except Exception as error:
        # Whatever it is, it belongs to whoever reads the results, not to everybody.
        lose_results(job, step, error)


def _host_reason(job: Job, step: Step) -> str | None:
    """Why the cost model prefers NumPy for this step, or None."""
    model = job.device.costs
    to_device = from_device = 0
    for storage, ranges in step.reads:
        source = job.storages[storage]
        if source.memory is not None or source.small is not None:
            memory = source.require()
            to_device += memory.stale_on_device(ranges)
            from_device += memory.stale_on_host(ranges)
    count = len(step.entries)
    price = costs.estimate(model, step.work, count, to_device, from_device)
    if not price.host_wins:
        return None
    if costs.estimate(model, step.work, count, 0, from_device).host_wins:
        prices = f"about {price.host:,.0f} µs in NumPy, {price.device:,.0f} µs on the device"
        return f"{step.elements:,} elements: {prices}"
    return f"moving {to_device:,} bytes to the device costs more than computing here"


def _launch(job: Job, step: Step) -> None:
    """Make operands valid on the device, start, and note the flight."""
    device, storages = job.device, job.storages
    if not device.ready:
        device.require_image()
    engine = device.engines.kernel(step.engine)
    label = _label(job, step) if events.subscribers else ""
    shared = step.parts and costs.worth_sharing(device.costs, step.work)
    programs = step.parts if shared else (step.program,)
    reads = [(storages[index], ranges) for index, ranges in step.reads]
    writes = [(storages[index], ranges) for index, ranges in step.touched]
    words = [(storages[index], ranges) for index, ranges in step.words]
    if device.in_flight:
        settle_for_launch(device, engine.kernel, len(programs), reads, words)
    # Whoever is waited for may fail, and recovery moves operands: settle everything, then push.
    lines = take_lines(device, len(programs)) if step.told else []
    for index, ranges in step.needed:
        if device.in_flight and storages[index].require().stale_on_device(ranges):
            settle(device, storages[index], ranges, writes_only=False)
    if device.program_overflow:
        while device.in_flight:
            retire(device)
        device.trim_programs()
    for index, ranges in step.needed:
        storages[index].require().push(ranges, label)
    for storage, ranges in writes:
        memory = storage.require()
        if memory.scopes:
            memory.check_scopes(ranges)
    ports = [storages[index].memory.device_buffer() for index in step.program.ports]
    flight = Flight(job, step, engine.kernel, reads, writes, words)
    try:
        _start(flight, programs, ports, lines, label)
        _note(flight)
    except DeviceError:
        raise
    except BaseException:
        # Ctrl-C: what may have been started must not be started again.
        if flight in device.in_flight:
            job.finish(step)
        elif flight.runs:
            flight.failure = KernelError(f"starting {engine.kernel} was interrupted")
            _note(flight)
        raise
    while len(device.in_flight) > options.launches_in_flight:
        retire(device)


def _note(flight: Flight) -> None:
    """Account for a flight that has been started."""
    for storage, ranges in flight.writes:
        storage.memory.device_written(ranges)
    flight.job.device.in_flight.append(flight)
    flight.job.finish(flight.step)


def _start(
    flight: Flight,
    programs: Sequence[Program],
    ports: list[Any],
    lines: list[int],
    label: str,
) -> None:
    """Start every part, the one this thread is likely to wait for (and run inline) last.

    `lines`: one for every part, or none; a line that is not used is found again by `take_lines`.
    If none could be started, nothing has happened and the error is raised.
    """
    device, scalars = flight.job.device, flight.job.scalars
    engine = device.engines.kernel(flight.step.engine)
    for unit in reversed(range(len(programs))):
        program = programs[unit]
        line = lines.pop() if lines else None
        try:
            data = device.program(program.fill(scalars))
            bound = device.bind(engine, unit, data, ports, line)
            flight.runs.insert(0, bound)
            bound.run.start(label, unit)
            if line is not None:
                flight.lines.append(line)
        except DeviceError as error:
            if line is not None:
                device.lines += [line, *lines]
            flight.runs = (
                flight.runs[1:] if flight.runs and flight.runs[0].unit == unit else flight.runs
            )
            if not flight.runs:
                raise
            flight.failure = error
            return


def _label(job: Job, step: Step) -> str:
    """What events call this launch: file:line, the operations and why it is a launch of its own."""
    names = " ".join(job.entries[index].op.name for index in step.entries[:8])
    more = "" if len(step.entries) <= 8 else f" +{len(step.entries) - 8}"
    return f"{job.nodes[step.entries[0]].location}: {names}{more} ({step.reason})"


def raise_fallback(operation: str, reason: str) -> None:
    """What `policy(fallback="raise")` does."""
    raise FallbackError(
        f"{operation} would run in NumPy: {reason}. Allow it with policy(fallback='allow')"
    )
