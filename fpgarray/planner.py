"""From recorded operations to launches, each with its reason. Pure: values in, values out.

A tape is described by `Entry` rows that name storages by index and scalars by slot, so equal
programs on other memory have the same plan, and the executor caches it. Three passes:

1. *Liveness*, backwards, per byte range: an operation whose bytes nobody wants is dropped.
2. *Grouping*, forwards: every operation joins the earliest group of its iteration space and engine
   that its hazards allow. Within a group, accesses to the same bytes must have the same layout (the
   engine works tile by tile); anything else must come in a later group.
   Then groups of nothing but copies without a cast, whose shapes need not agree, are gathered into
   as few as hazards allow: the copy kernel does many copies in a launch (`moves`).
3. *Cutting*: a group becomes as few programs as the engine's capability table allows.

A *call* (an operation that a kernel of its own does whole: `calls`) is a group by itself.

No rule here names a chain of operations. Over 600 lines: the passes share groups and their hazards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from fpgarray import ranges
from fpgarray.calls import Call, encode_call, encode_call_parts, misfit_call, work_of
from fpgarray.config import Policy
from fpgarray.costs import Work, engine_price, host_price
from fpgarray.engine import (
    EXTENT_LIMIT,
    WORD,
    Block,
    Immediate,
    Program,
    encode,
    encode_parts,
    misfit,
)
from fpgarray.layout import Layout
from fpgarray.looks import looks_of
from fpgarray.moves import Move, encode_moves, launches, misfit_move
from fpgarray.ops import B1, COPY, EXACT, QUOTIENTS, Op, narrows
from fpgarray.registry import CallKernel, Engine, EngineSet
from fpgarray.tape import Params


class Entry(NamedTuple):
    """One recorded operation. `sources`: (storage index, layout), or (None, scalar slot).

    `warned`: see `tape.Node`.
    """

    op: Op
    compute: np.dtype
    sources: tuple[tuple[int | None, Any], ...]
    storage: int
    layout: Layout
    axes: tuple[int, ...] | None
    dispatch: str
    params: Params | None = None
    warned: int = 0

    @property
    def space(self) -> tuple[int, ...]:
        """The shape it iterates over."""
        return self.layout.shape if self.axes is None else self.sources[0][1].shape


Touched = tuple[tuple[int, tuple[ranges.Range, ...]], ...]
"""(storage index, byte ranges) pairs."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to execute: a launch of `program` on engine `engine`, or, with engine None, NumPy.

    `entries` are tape indices in program order. `loads`, `writes`: (storage, layout) that leave or
    enter memory; what an entry writes and `writes` does not name is a temporary without memory.
    `parts`: the same work as one program per compute unit, where it can be shared out.
    `reads`, `touched`, `words`, `needed`: byte ranges per storage of the loads, of the writes, of
    the port words these lie in (which an engine may rewrite), and of what must be valid before (the
    loads, and the surroundings of what is not wholly overwritten).
    `told`: (instruction, entry) of what a launch may find of floating-point errors (`looks`).
    `work`: what it costs here and there. `reason`: why NumPy (engine None), else why this launch was
    not joined to the one before. `chosen`: a kernel would have taken it.
    """

    entries: tuple[int, ...]
    engine: int | None
    program: Program | None
    parts: tuple[Program, ...]
    loads: tuple[tuple[int, Layout], ...]
    writes: tuple[tuple[int, Layout], ...]
    elements: int
    work: Work
    reason: str
    chosen: bool = False
    told: tuple[tuple[int, int], ...] = ()
    reads: Touched = ()
    touched: Touched = ()
    words: Touched = ()
    needed: Touched = ()

    def __post_init__(self) -> None:
        partial = [(storage, view) for storage, view in self.writes if not view.is_exact]
        object.__setattr__(self, "reads", _by_storage(self.loads))
        object.__setattr__(self, "touched", _by_storage(self.writes))
        object.__setattr__(self, "words", tuple(map(_in_words, self.touched)))
        object.__setattr__(self, "needed", _by_storage([*self.loads, *partial]))


def _in_words(access: tuple[int, tuple[ranges.Range, ...]]) -> Any:
    """The port words that a write may rewrite, as byte ranges."""
    storage, spans = access
    whole = [(start // WORD * WORD, -(-stop // WORD) * WORD) for start, stop in spans]
    return storage, tuple(ranges.union(whole, ()))


def _by_storage(accesses: Iterable[tuple[int, Layout]]) -> Touched:
    """One sorted range list per storage."""
    merged: dict[int, tuple[ranges.Range, ...]] = {}
    for storage, view in accesses:
        if storage in merged:
            merged[storage] = tuple(ranges.union(merged[storage], view.ranges))
        else:
            merged[storage] = view.ranges
    return tuple(merged.items())


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in execution order. `dead`: tape indices of operations nobody wants."""

    entries: tuple[Entry, ...]
    steps: tuple[Step, ...]
    dead: tuple[int, ...]


def plan(entries: tuple[Entry, ...], alive: Sequence[bool], engines: EngineSet) -> Plan:
    """The launches for `entries` in program order; `alive[i]`: arrays of storage i still exist."""
    wanted = _wanted(entries, alive)
    groups = _Grouping(entries, alive, engines)
    for index, needed in enumerate(wanted):
        if needed:
            groups.add(index)
    groups.finish()
    steps = [step for group in groups.groups for step in _cut(group, groups, engines)]
    return Plan(entries, tuple(steps), tuple(i for i, needed in enumerate(wanted) if not needed))


_EVERYTHING = (0, 1 << 62)


def _wanted(entries: Sequence[Entry], alive: Sequence[bool]) -> list[bool]:
    """Which entries write bytes that a live array or a wanted entry reads."""
    live: list[list[ranges.Range]] = [[_EVERYTHING] if each else [] for each in alive]
    wanted = [False] * len(entries)
    for index in range(len(entries) - 1, -1, -1):
        entry = entries[index]
        target = entry.layout
        if not ranges.intersects(live[entry.storage], target.ranges):
            continue
        wanted[index] = True
        if target.is_exact:
            live[entry.storage] = ranges.subtract(live[entry.storage], target.ranges)
        for storage, view in entry.sources:
            if storage is not None:
                live[storage] = ranges.union(live[storage], view.ranges)
    return wanted


@dataclass(slots=True)
class _Access:
    """Last groups that wrote and read one layout of one storage (-1: none), and all that read."""

    write: int = -1
    writer: int = -1
    read: int = -1
    readers: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Group:
    """Entries that may share launches. `held` are the layouts whose registers stand for memory.

    `engines`: those that can run all of them, preferred first; none for NumPy. Operations of bools
    leave the choice open to what joins them.
    `after`: the groups its hazards are with; with its own if `mixed`.
    """

    index: int
    engines: tuple[int, ...]
    space: tuple[int, ...]
    dispatch: str
    reason: str
    entries: list[int] = field(default_factory=list)
    folds: int = 0
    axes: tuple[int, ...] | None = None
    held: set[tuple[int, Layout]] = field(default_factory=set)
    after: set[int] = field(default_factory=set)
    mixed: bool = False

    @property
    def engine(self) -> int | None:
        """The engine that runs it, if nothing narrows the choice further."""
        return self.engines[0] if self.engines else None


class _Grouping:
    """Pass 2. `stored` collects the entries whose results must reach memory."""

    def __init__(self, entries: Sequence[Entry], alive: Sequence[bool], engines: EngineSet) -> None:
        self.entries = entries
        self.alive = alive
        self.engines = engines
        self.groups: list[_Group] = []
        self.stored: set[int] = set()
        self._accesses: list[dict[Layout, _Access]] = [{} for _ in alive]
        self._by_space: dict[tuple, list[_Group]] = {}

    def add(self, index: int) -> None:
        """Place entry `index` (in program order)."""
        entry = self.entries[index]
        earliest, why, hazards = self._earliest(entry)
        candidates, refusal = _engines_for(entry, self.engines)
        joins = candidates and entry.op.kind != "call"
        group = self._join(entry, earliest, candidates) if joins else None
        if group is None:
            group = self._open(entry, candidates, refusal or why)
        else:
            group.engines = tuple(each for each in group.engines if each in candidates)
        group.mixed |= group.index in hazards
        group.after |= hazards - {group.index}
        self._note(index, entry, group)

    def finish(self) -> None:
        """Whatever live storages hold at the end must be stored."""
        for storage, accesses in enumerate(self._accesses):
            if self.alive[storage]:
                self.stored.update(each.writer for each in accesses.values() if each.write >= 0)
        self.groups = _gathered(self.groups, self.entries, self.engines)

    def _earliest(self, entry: Entry) -> tuple[int, str, set[int]]:
        """The first group that RAW, WAR and WAW hazards allow, what stands before it, and all the
        groups there are hazards with."""
        earliest, why = 0, "first of its iteration space"
        hazards: set[int] = set()
        for storage, view in entry.sources:
            if storage is None:
                continue
            for other, access in self._accesses[storage].items():
                if access.write < 0:
                    continue
                same = other == view
                if not (same or view.overlaps(other)):
                    continue
                hazards.add(access.write)
                if access.write + (not same) > earliest:
                    earliest = access.write + (not same)
                    why = "reads what the launch before writes"
        for other, access in self._accesses[entry.storage].items():
            last = max(access.write, access.read)
            if last < 0:
                continue
            same = other == entry.layout and entry.axes is None
            if not (other == entry.layout or entry.layout.overlaps(other)):
                continue
            hazards |= access.readers | ({access.write} - {-1})
            if last + (not same) > earliest:
                earliest = last + (not same)
                why = "overwrites what the launch before uses"
        return earliest, why, hazards

    def _join(self, entry: Entry, earliest: int, candidates: tuple[int, ...]) -> _Group | None:
        """The open group that takes `entry` with the most operands in registers."""
        best, most = None, -1
        for group in self._by_space.get((entry.space, entry.dispatch), ()):
            if group.index < earliest or not any(each in candidates for each in group.engines):
                continue
            if entry.axes is not None and group.folds:
                continue
            held = self._forwards(entry, group)
            if held is not None and held > most:
                best, most = group, held
        return best

    def _forwards(self, entry: Entry, group: _Group) -> int | None:
        """How many operands are in the group's registers; None if one, or what `entry` overwrites,
        is written by the group and is only in its memory."""
        count = 0
        target = self._accesses[entry.storage].get(entry.layout)
        if target is not None and target.write == group.index:
            if (entry.storage, entry.layout) not in group.held:
                return None
        for storage, view in entry.sources:
            if storage is None:
                continue
            if (storage, view) in group.held:
                count += 1
            else:
                access = self._accesses[storage].get(view)
                if access is not None and access.write == group.index:
                    return None
        return count

    def _open(self, entry: Entry, candidates: tuple[int, ...], reason: str) -> _Group:
        # What is held depends on the engine, unless all is bool.
        engines = candidates if entry.compute == B1 else candidates[:1]
        group = _Group(len(self.groups), engines, entry.space, entry.dispatch, reason)
        self.groups.append(group)
        if engines and engines[0] < len(self.engines.engines):
            self._by_space.setdefault((entry.space, entry.dispatch), []).append(group)
        return group

    def _note(self, index: int, entry: Entry, group: _Group) -> None:
        """Record the accesses of `entry`, now that it belongs to `group`."""
        for storage, view in entry.sources:
            if storage is None:
                continue
            self._read(storage, view, group)
        accesses = self._accesses[entry.storage]
        if entry.layout.is_dense:
            for other in [o for o in accesses if o != entry.layout and entry.layout.covers(o)]:
                del accesses[other]
        access = accesses.setdefault(entry.layout, _Access())
        access.write, access.writer = group.index, index
        group.entries.append(index)
        if entry.axes is not None:
            group.folds += 1
            group.axes = entry.axes
        elif self._is_held(entry, group):
            group.held.add((entry.storage, entry.layout))
        else:
            group.held.discard((entry.storage, entry.layout))

    def _is_held(self, entry: Entry, group: _Group) -> bool:
        """Whether the result of `entry` can be taken from a register of its group."""
        if group.engine is None or group.engine >= len(self.engines.engines):
            return False
        return _is_held(entry, self.engines.engines[group.engine])

    def _read(self, storage: int, view: Layout, group: _Group) -> None:
        accesses = self._accesses[storage]
        own = accesses.get(view)
        if own is None or own.write != group.index:
            for other, access in accesses.items():
                if access.write >= 0 and (other == view or view.overlaps(other)):
                    self.stored.add(access.writer)
        if own is None:
            own = accesses[view] = _Access()
        own.read = max(own.read, group.index)
        own.readers.add(group.index)


def _gathered(groups: list[_Group], entries: Sequence[Entry], engines: EngineSet) -> list[_Group]:
    """The groups, those of copies alone joined to the first such group after all their hazards.

    What is joined is the copy kernel's. A group that finds no other stays with its engine, next to
    whose launches it needs no wait.
    """
    if engines.mover is None:
        return groups
    places: list[int] = []
    """Where each group has gone."""
    kept: list[_Group] = []
    open_: list[int] = []
    for group in groups:
        place = len(kept)
        if _is_moves(group, entries, engines):
            first = max((places[each] for each in group.after), default=-1) + 1
            fits = (i for i in open_ if i >= first and kept[i].dispatch == group.dispatch)
            place = next(fits, place)
            if place == len(kept):
                open_.append(place)
        places.append(place)
        if place == len(kept):
            kept.append(group)
        else:
            kept[place].engines = (engines.mover,)
            kept[place].entries += group.entries
    return kept


def _is_moves(group: _Group, entries: Sequence[Entry], engines: EngineSet) -> bool:
    """Whether the copy kernel can do the whole group in any order."""
    if group.engine is None or group.mixed:
        return False
    rows = [entries[index] for index in group.entries]
    return all(row.op is COPY and _mover_refusal(row, engines) is None for row in rows)


def _mover_refusal(entry: Entry, engines: EngineSet) -> str | None:
    """Why the image's copy kernel cannot do this copy, or None."""
    if engines.mover is None:
        return f"no kernel for copy on {entry.layout.dtype}"
    return misfit_move(_move_of(entry), engines.kernel(engines.mover))


def _move_of(entry: Entry) -> Move:
    ((storage, source),) = entry.sources
    return Move(storage, source, entry.storage, entry.layout)


def _is_held(entry: Entry, engine: Engine) -> bool:
    """Whether the register holds exactly what a load of the stored result would give."""
    stored = entry.layout.dtype
    return stored == B1 or stored in EXACT[engine.dtype]


def _engines_for(entry: Entry, engines: EngineSet) -> tuple[tuple[int, ...], str]:
    """Engines that can run `entry` alone, preferred first, or why none can."""
    if entry.dispatch == "host":
        return (), 'policy(dispatch="host")'
    if entry.op.kind == "call":
        return _call_kernels_for(entry, engines)
    if not entry.layout.is_injective:
        return (), "elements of the result share memory"
    found, reason = _elementwise_for(entry, engines)
    if not found and entry.op is COPY and _mover_refusal(entry, engines) is None:
        assert engines.mover is not None
        return (engines.mover,), ""
    return found, reason


def _elementwise_for(entry: Entry, engines: EngineSet) -> tuple[tuple[int, ...], str]:
    """The elementwise engines that can run `entry` alone, preferred first, or why none can."""
    views = [view for storage, view in entry.sources if storage is not None] + [entry.layout]
    if not engines.engines:
        return (), f"{engines.name} has no engine; build it with one, or use another device"
    if not all(view.is_aligned for view in views):
        return (), "elements are not aligned to their size"
    found, reasons = [], []
    for index, engine in enumerate(engines.engines):
        reason = _refusal(entry, engine, views)
        if reason:
            reasons.append(reason)
        else:
            found.append(index)
    if entry.op is COPY and entry.layout.dtype != B1:
        found.sort(key=lambda index: engines.engines[index].dtype != entry.layout.dtype)
    else:  # of bools, the engine with the smallest registers has most in a tile
        found.sort(key=lambda index: engines.engines[index].dtype.itemsize)
    return tuple(found), "" if found else f"{'; '.join(dict.fromkeys(reasons))} in {engines.name}"


def _call_kernels_for(entry: Entry, engines: EngineSet) -> tuple[tuple[int, ...], str]:
    """The call kernels that can run `entry`, by their index in `EngineSet.kernel`, or why none."""
    if not entry.layout.is_injective:
        return (), "elements of the result share memory"
    found, reasons = [], []
    for index, kernel in enumerate(engines.calls):
        if kernel.does != entry.op.opcode:
            continue
        reason = misfit_call(_call_of(entry), kernel)
        if reason:
            reasons.append(reason)
        else:
            found.append(len(engines.engines) + index)
    if found:
        return tuple(found), ""
    reasons = reasons or [f"no kernel for {entry.op.name}"]
    return (), f"{'; '.join(dict.fromkeys(reasons))} in {engines.name}"


def _call_of(entry: Entry) -> Call:
    params = dict(entry.params or ())
    return Call(entry.op.opcode, entry.sources, entry.storage, entry.layout, params)


def _refusal(entry: Entry, engine: Engine, views: Sequence[Layout]) -> str | None:
    """Why `engine` cannot run `entry` alone, or None."""
    if entry.op is COPY:
        # From a bool, every engine: it has 0 and 1. Else one whose loads or stores cast as asked.
        fits = views[0].dtype == B1 or engine.dtype in {view.dtype for view in views}
    else:
        fits = entry.compute in (B1, engine.dtype)
    if not fits:
        return f"no kernel for {entry.op.name} on {entry.compute}"
    table = engine.folds if entry.op.kind == "fold" else engine.operations
    if entry.op.code(entry.compute) not in table:
        return f"no kernel for {entry.op.name} on {entry.compute}"
    missing = [str(view.dtype) for view in views if view.dtype not in engine.memory_types]
    if missing:
        return f"{engine.kernel} does not read or write {missing[0]}"
    if any(extent >= EXTENT_LIMIT for extent in entry.space):
        return "an axis of 2**32 or more elements"
    return misfit(_emit([entry], {0}), engine)


def _emit(entries: Sequence[Entry], keep: set[int]) -> Block:
    """SSA code for consecutive entries; `keep` are the positions whose results are stored."""
    axes = next((entry.axes for entry in entries if entry.axes is not None), ())
    block = Block(entries[0].space, axes or ())
    values: dict[tuple[int, Layout], int] = {}
    stores: dict[tuple[int, Layout], int] = {}
    for position, entry in enumerate(entries):
        operands = [_operand(block, values, source) for source in entry.sources]
        if entry.axes is not None:
            register = _as_register(block, operands[0])
            code = entry.op.code(entry.compute)
            block.fold = (code, register, entry.storage, entry.layout)
            if _watched(entry):
                block.fold_raises = position
            continue
        computed = _compute(block, entry, operands)
        register = _stored_form(block, entry, computed)
        if entry.warned and narrows(_computed_as(entry), entry.layout.dtype):
            block.casts.append((position, register, entry.storage, entry.layout))
        if _watched(entry):
            block.raising[computed] = position
        values[entry.storage, entry.layout] = register
        if position in keep:
            stores[entry.storage, entry.layout] = register
        else:
            stores.pop((entry.storage, entry.layout), None)
    block.stores = [(register, storage, view) for (storage, view), register in stores.items()]
    return block


def _watched(entry: Entry) -> bool:
    """Whether computing it may be told of."""
    if not entry.warned or not entry.op.raises:
        return False
    return entry.compute.kind == "f" or entry.op.name in QUOTIENTS


def _computed_as(entry: Entry) -> np.dtype:
    """The dtype of what an elementwise entry stores, before the cast to its layout."""
    if entry.op is COPY:
        return entry.sources[0][1].dtype if entry.sources[0][0] is not None else B1
    return B1 if entry.op.gives_bool else entry.compute


def _operand(
    block: Block, values: dict[tuple[int, Layout], int], source: tuple[int | None, Any]
) -> int | Immediate:
    storage, what = source
    if storage is None:
        return Immediate(what)
    register = values.get((storage, what))
    if register is None:
        register = values[storage, what] = block.load(storage, what)
    return register


def _as_register(block: Block, operand: int | Immediate) -> int:
    return block.append("set", (operand,)) if isinstance(operand, Immediate) else operand


def _compute(block: Block, entry: Entry, operands: list[int | Immediate]) -> int:
    """Append the instruction of one elementwise entry; the register of what it computes."""
    if entry.op is COPY:
        return _as_register(block, operands[0])
    immediates = [operand for operand in operands if isinstance(operand, Immediate)]
    for extra in immediates[1:]:
        operands[operands.index(extra)] = block.append("set", (extra,))
    return block.append(entry.op.code(entry.compute), tuple(operands))


def _stored_form(block: Block, entry: Entry, register: int) -> int:
    """The register of what an entry stores: of a number that becomes a bool, whether it is not 0."""
    if entry.op is COPY:
        is_bool = _is_bool(entry.sources[0])
    else:
        is_bool = entry.compute == B1 or entry.op.gives_bool
    if entry.layout.dtype != B1 or is_bool:
        return register
    return block.append("not_equal", (register, Immediate(None)))


def _is_bool(source: tuple[int | None, Any]) -> bool:
    return source[0] is not None and source[1].dtype == B1


def _cut(group: _Group, groups: _Grouping, engines: EngineSet) -> list[Step]:
    """Pass 3: the programs of one group, as long as the engine takes each."""
    rows = [groups.entries[index] for index in group.entries]
    if group.engine is None:
        return [_host_step(group, rows)]
    if rows[0].op.kind == "call":
        return [_call_step(group, rows[0], engines.kernel(group.engine))]
    if group.engine == engines.mover:
        return _move_steps(group, rows, engines.kernel(group.engine))
    engine = engines.engines[group.engine]
    last_use = _last_uses(rows)
    steps: list[Step] = []
    first = 0
    while first < len(rows):
        count = min(len(rows) - first, engine.instructions)
        reason = group.reason
        while True:
            stop = first + count
            keep = {
                position - first
                for position in range(first, stop)
                if group.entries[position] in groups.stored or last_use[position] >= stop
            }
            block = _emit(rows[first:stop], keep)
            trouble = misfit(block, engine)
            if trouble is None or count == 1:
                break
            count = count // 2 if count > 8 else count - 1
        if steps:
            reason = "the launch before is full"
        entries = tuple(group.entries[first:stop])
        steps.append(_launch(group, rows[first:stop], block, engine, entries, reason))
        first = stop
    return steps


def _last_uses(rows: Sequence[Entry]) -> list[int]:
    """For each position the last one that takes its result from a register; -1 if none."""
    last = [-1] * len(rows)
    producer: dict[tuple[int, Layout], int] = {}
    for position, entry in enumerate(rows):
        for storage, view in entry.sources:
            if storage is not None and (storage, view) in producer:
                last[producer[storage, view]] = position
        producer[entry.storage, entry.layout] = position
    return last


def _launch(
    group: _Group,
    rows: Sequence[Entry],
    block: Block,
    engine: Engine,
    entries: tuple[int, ...],
    reason: str,
) -> Step:
    writes = [(storage, view) for _, storage, view in block.stores]
    if block.fold:
        writes.append(block.fold[2:])
    elements = 1
    for extent in group.space:
        elements *= extent
    looks = looks_of(block, engine)
    watch = (1 if looks.told else 0) | (2 if looks.fold else 0)
    return Step(
        entries,
        group.engine,
        encode(block, engine, looks.marked, watch),
        encode_parts(block, engine, looks.marked, watch),
        tuple(dict.fromkeys(block.memory.values())),
        tuple(writes),
        elements,
        _work(rows, block, engine, elements),
        reason,
        told=tuple((number, entries[position]) for number, position in looks.told),
    )


def _work(rows: Sequence[Entry], block: Block, engine: Engine, elements: int) -> Work:
    """What a program costs, and what its operations cost in NumPy one by one."""
    accesses = [*block.memory.values(), *((storage, view) for _, storage, view in block.stores)]
    accesses += [block.fold[2:]] if block.fold else []
    walked = sum(ranges.nbytes(spans) for _, spans in _by_storage(accesses))
    names = [instruction.operation for instruction in block.order]
    computed = sum(name not in ("load", "set") for name in names) + (block.fold is not None)
    return Work(
        sum(map(_host_price, rows)),
        engine_price(names, engine.dtype.itemsize, elements, walked),
        float(elements * max(computed, 1)),
    )


def _host_price(entry: Entry) -> float:
    """NumPy's µs for one recorded operation."""
    views = [view for storage, view in entry.sources if storage is not None]
    walked = sum(view.nbytes for view in views) + entry.layout.nbytes
    elements = max([entry.layout.size, *(view.size for view in views)])
    kind, itemsize = entry.compute.kind, entry.compute.itemsize
    return host_price(entry.op.name, kind, itemsize, elements, walked, entry.layout.nbytes)


def _moving(rows: Sequence[Entry]) -> Work:
    """What copies cost: bytes in and out on both sides."""
    elements = sum(row.layout.size for row in rows)
    walked = 2 * sum(row.layout.nbytes for row in rows)
    host = sum(map(_host_price, rows))
    return Work(host, engine_price((), 8, elements, walked), float(elements))


def _call_step(group: _Group, entry: Entry, kernel: CallKernel) -> Step:
    """The launch of one call."""
    call = _call_of(entry)
    loads = [(storage, view) for storage, view in entry.sources if storage is not None]
    return Step(
        tuple(group.entries),
        group.engine,
        encode_call(call, kernel),
        encode_call_parts(call, kernel),
        tuple(dict.fromkeys(loads)),
        ((entry.storage, entry.layout),),
        entry.layout.size,
        work_of(call),
        group.reason,
    )


def _move_steps(group: _Group, rows: Sequence[Entry], kernel: CallKernel) -> list[Step]:
    """The launches of a group of copies, as many in each as the kernel takes."""
    moves = [_move_of(row) for row in rows]
    steps: list[Step] = []
    for start, stop in launches(moves, kernel):
        some = moves[start:stop]
        loads = [(move.storage, move.source) for move in some if move.storage is not None]
        steps.append(
            Step(
                tuple(group.entries[start:stop]),
                group.engine,
                encode_moves(some),
                (),
                tuple(dict.fromkeys(loads)),
                tuple((move.target, move.layout) for move in some),
                sum(move.layout.size for move in some),
                _moving([rows[index] for index in range(start, stop)]),
                "the launch before is full" if steps else group.reason,
            )
        )
    return steps


def _host_step(group: _Group, rows: Sequence[Entry]) -> Step:
    loads = [(s, view) for entry in rows for s, view in entry.sources if s is not None]
    writes = [(entry.storage, entry.layout) for entry in rows]
    elements = max(entry.layout.size for entry in rows)
    chosen = group.dispatch == "host"
    return Step(
        tuple(group.entries),
        None,
        None,
        (),
        tuple(loads),
        tuple(writes),
        elements,
        Work(),
        group.reason,
        chosen,
    )


def refusal(
    op: Op,
    compute: np.dtype,
    sources: Sequence[Any],
    storage: Any,
    target: Layout,
    axes: tuple[int, ...] | None,
    params: Params | None,
    policy: Policy,
    engines: EngineSet,
) -> str | None:
    """Why one operation, by itself, would run in NumPy for want of a kernel; or None.

    `sources` as a node has them: flat pairs of storages (whatever objects) and layouts, or of None
    and scalars; `storage`, `target`: what it writes. The host by policy is no want of a kernel.
    """
    if policy.dispatch == "host" or not target.size:
        return None
    numbers: dict[int, int] = {}
    number = [numbers.setdefault(id(each), len(numbers)) for each in (*sources[::2], storage)]
    rows = tuple(
        (None, slot) if each is None else (number[slot], what)
        for slot, (each, what) in enumerate(zip(sources[::2], sources[1::2], strict=True))
    )
    entry = Entry(op, compute, rows, number[-1], target, axes, policy.dispatch, params)
    found, reason = _engines_for(entry, engines)
    return None if found else reason
