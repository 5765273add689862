"""Engine programs: from a block of virtual-register instructions to the bytes an engine reads.

Pure. The layout of a program is kernels/PROGRAM.md, ABI `registry.ABI`. Knows engines (their
capability tables) and layouts; knows nothing of tapes, devices or which storages are alive.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from fpgarray.layout import Layout, broadcast_strides
from fpgarray.registry import Engine

MAGIC = 0x46504131
LINE = WORD = 64
EXTENT_LIMIT = 1 << 32
LOOKED = 1 << 3
"""In the third byte of an instruction's second word."""
SCALARS = {
    np.dtype(name): packing
    for name, packing in {"f4": "<f", "f8": "<d", "i4": "<i", "i8": "<q", "u1": "<B"}.items()
}
"""How an immediate is packed, by the engine's register type."""
MIN_SHARE_TILES = 8
"""Tiles below which a part is not worth a compute unit."""
WITHIN_THRESHOLD = 256
"""Reduced elements from which folding inside tiles beats folding across them."""


@dataclass(frozen=True, slots=True)
class Immediate:
    """A scalar operand: `slot` numbers the recorded scalars of a tape; `literal` is our own."""

    slot: int | None
    literal: int = 0


@dataclass(slots=True)
class Instruction:
    """`operands` are virtual registers or one repeated Immediate; `dst` is a virtual register."""

    operation: str
    dst: int
    operands: tuple[int | Immediate, ...]


@dataclass(slots=True)
class Block:
    """One program before allocation, in SSA form: register v is written by one load or instruction.

    `memory[v]` says that register v is loaded from (storage index, layout). `order` lists
    instructions and loads as they execute. `stores` and `fold` name the registers that leave.

    What may meet floating-point errors, by the position of the entry: `raising` registers, `casts`
    (position, register, storage index, layout) of what is stored with a cast, and the fold.
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...] = ()
    registers: int = 0
    order: list[Instruction] = field(default_factory=list)
    memory: dict[int, tuple[int, Layout]] = field(default_factory=dict)
    stores: list[tuple[int, int, Layout]] = field(default_factory=list)
    fold: tuple[str, int, int, Layout] | None = None
    raising: dict[int, int] = field(default_factory=dict)
    casts: list[tuple[int, int, int, Layout]] = field(default_factory=list)
    fold_raises: int | None = None

    def load(self, storage: int, view: Layout) -> int:
        """Append a load; the new register."""
        register = self._new()
        self.memory[register] = (storage, view)
        self.order.append(Instruction("load", register, ()))
        return register

    def append(self, operation: str, operands: tuple[int | Immediate, ...]) -> int:
        """Append an instruction; the new register."""
        register = self._new()
        self.order.append(Instruction(operation, register, operands))
        return register

    def _new(self) -> int:
        self.registers += 1
        return self.registers - 1

    @property
    def storages(self) -> tuple[int, ...]:
        """The distinct storages it touches, in order of first mention."""
        touched = [storage for storage, _ in self.memory.values()]
        touched += [storage for _, storage, _ in self.stores]
        if self.fold:
            touched.append(self.fold[2])
        return tuple(dict.fromkeys(touched))


@dataclass(frozen=True, slots=True)
class Program:
    """An encoded block. `ports[i]` is the storage index bound to port i; `patches` say at which
    byte the recorded scalar of which slot goes, packed as `scalar` (a struct format) or, where
    patches differ, as the one of `formats` that is theirs."""

    data: bytes
    ports: tuple[int, ...]
    patches: tuple[tuple[int, int], ...]
    scalar: str
    formats: tuple[str, ...] = ()

    def fill(self, scalars: list[int | float]) -> bytes:
        """The bytes with the recorded scalars in place."""
        if not self.patches:
            return self.data
        image = bytearray(self.data)
        formats = self.formats or (self.scalar,) * len(self.patches)
        for (offset, slot), form in zip(self.patches, formats, strict=True):
            struct.pack_into(form, image, offset, scalars[slot])
        return bytes(image)


def misfit(block: Block, engine: Engine) -> str | None:
    """Why `block` does not fit `engine`, or None."""
    operands = len(block.memory) + len(block.stores) + (block.fold is not None)
    needs = {
        "ports": len(block.storages),
        "operands": operands,
        "instructions": len(block.order) + len(block.stores),
    }
    for name, count in needs.items():
        if count > getattr(engine, name):
            return f"{count} {name} where {engine.kernel} has {getattr(engine, name)}"
    registers = max(_assign(block)[1], 1)
    if registers > engine.registers:
        return f"{registers} registers where {engine.kernel} has {engine.registers}"
    dimensions = len(_Space(block, engine).extents)
    if dimensions > engine.dimensions:
        return f"{dimensions} dimensions where {engine.kernel} has {engine.dimensions}"
    return None


NOWHERE: frozenset[int] = frozenset()


def encode(
    block: Block, engine: Engine, marked: frozenset[int] = NOWHERE, watch: int = 0
) -> Program:
    """The program of a block that fits `engine` (see `misfit`).

    `marked`: instructions to look at. `watch`: bit 0 tell what is found, bit 1 of the fold too.
    """
    return _encode(block, engine, _Space(block, engine), marked, watch)


def encode_parts(
    block: Block, engine: Engine, marked: frozenset[int] = NOWHERE, watch: int = 0
) -> tuple[Program, ...]:
    """The same as one program per compute unit, each for its share of the outermost kept axis.

    Empty where there is one unit or too little to share.
    """
    whole = _Space(block, engine)
    shares = whole.shares(block, engine.units, engine.tile)
    programs = []
    for start, stop in shares:
        part = _Space(block, engine)
        part.restrict(start, stop)
        programs.append(_encode(block, engine, part, marked, watch))
    return tuple(programs)


def _encode(
    block: Block, engine: Engine, space: _Space, marked: frozenset[int], watch: int
) -> Program:
    physical, _ = _assign(block)
    ports = {storage: port for port, storage in enumerate(block.storages)}
    written = {storage for _, storage, _ in block.stores}
    if block.fold:
        written.add(block.fold[2])
    loads = {register: index for index, register in enumerate(block.memory)}
    first_store = len(loads)
    table = [(storage, view) for storage, view in block.memory.values()]
    table += [(storage, view) for _, storage, view in block.stores]
    folded = (0, 0, 0)
    if block.fold:
        name, register, storage, view = block.fold
        folded = (engine.folds[name], physical[register], len(table))
    code = bytearray()
    patches: list[tuple[int, int]] = []
    scalar = SCALARS[engine.dtype]
    for number, instruction in enumerate(block.order):
        code += _instruction(instruction, engine, physical, loads, patches, len(code), scalar)
        if number in marked:
            code[-10] |= LOOKED
    for index, (register, _, _) in enumerate(block.stores):
        word = engine.operations["store"] | physical[register] << 16
        code += struct.pack("<4I", word, (first_store + index) << 8, 0, 0)
        if len(block.order) + index in marked:
            code[-10] |= LOOKED
    count = len(block.order) + len(block.stores)
    operands = b"".join(
        space.operand(ports[storage], view, engine.memory_types[view.dtype], storage in written)
        for storage, view in table
    )
    if block.fold:
        _, _, storage, view = block.fold
        operands += space.folded(ports[storage], view, engine.memory_types[view.dtype])
    head = space.header(len(table) + (block.fold is not None), count, folded, watch) + operands
    code += bytes(-len(code) % LINE)
    return Program(
        head + bytes(code),
        block.storages,
        tuple((len(head) + offset, slot) for offset, slot in patches),
        scalar,
    )


def _instruction(
    instruction: Instruction,
    engine: Engine,
    physical: dict[int, int],
    loads: dict[int, int],
    patches: list[tuple[int, int]],
    at: int,
    scalar: str,
) -> bytes:
    """Encode one; remember in `patches` where a recorded scalar belongs."""
    registers, flags, immediate = [0, 0, 0], 0, None
    for position, operand in enumerate(instruction.operands):
        if isinstance(operand, Immediate):
            flags |= 1 << 16 + position
            immediate = operand
        else:
            registers[position] = physical[operand]
    a, b, c = registers
    if instruction.operation == "set":
        flags = 0
    opcode = engine.operations[instruction.operation]
    first = opcode | physical[instruction.dst] << 8 | a << 16 | b << 24
    second = c | loads.get(instruction.dst, 0) << 8 | flags
    tail = bytes(8)
    if immediate is not None and immediate.slot is not None:
        patches.append((at + 8, immediate.slot))
    elif immediate is not None:
        tail = struct.pack(scalar, immediate.literal).ljust(8, b"\0")
    return struct.pack("<2I", first, second) + tail


def _assign(block: Block) -> tuple[dict[int, int], int]:
    """Linear-scan allocation: virtual → physical registers, and how many it took."""
    end = len(block.order)
    last: dict[int, int] = {}
    for index, instruction in enumerate(block.order):
        for operand in instruction.operands:
            if not isinstance(operand, Immediate):
                last[operand] = index
    for register, _, _ in block.stores:
        last[register] = end
    if block.fold:
        last[block.fold[1]] = end
    physical: dict[int, int] = {}
    free: list[int] = []
    used = 0
    for index, instruction in enumerate(block.order):
        for operand in set(instruction.operands):
            if not isinstance(operand, Immediate) and last[operand] == index:
                free.append(physical[operand])
        if free:
            physical[instruction.dst] = free.pop()
        else:
            physical[instruction.dst] = used
            used += 1
        if instruction.dst not in last:
            free.append(physical[instruction.dst])
    return physical, used


class _Space:
    """The iteration space as the engine walks it: kept axes, then reduced ones, coalesced.

    Axes of one element vanish, axes are ordered as memory lies, neighbours that every operand
    walks in one stride are joined.
    """

    def __init__(self, block: Block, engine: Engine) -> None:
        views = [view for _, view in block.memory.values()] + [view for *_, view in block.stores]
        self._strides = {view: broadcast_strides(view, block.shape) for view in views}
        reduced = [axis for axis in block.axes if block.shape[axis] != 1]
        kept = [a for a in range(len(block.shape)) if a not in block.axes and block.shape[a] != 1]
        self._fold_strides: tuple[int, ...] | None = None
        if block.fold:
            self._spread_fold(block)
        guides = [view for *_, view in block.stores] + [view for _, view in block.memory.values()]
        self._guides = [self._strides[view] for view in guides]
        if self._fold_strides is not None:
            self._guides.insert(0, self._fold_strides)
        self._shape = block.shape
        self._kept = self._join(sorted(kept, key=self._order))
        self._reduced = self._join(sorted(reduced, key=self._order))
        self.extents = [extent for extent, _ in (*self._kept, *self._reduced)]
        self.kept_count = _product(extent for extent, _ in self._kept)
        self.reduced_count = _product(extent for extent, _ in self._reduced)
        self.mode = self._mode(block)
        self._skip = 0
        """Indices of the outermost kept axis that belong to other parts before this one."""

    def shares(self, block: Block, units: int, tile: int) -> list[tuple[int, int]]:
        """[start, stop) of the outermost kept axis for each unit; empty if it cannot be shared.

        No port word may belong to two parts: an engine may rewrite the whole of a word it stores
        into (PROGRAM.md), and what another part has put there meanwhile would be lost.
        """
        if units < 2 or not self._kept:
            return []
        extent = self._kept[0][0]
        tiled = len(self._kept) == 1 and self.mode != 2
        grain, least = (tile, MIN_SHARE_TILES) if tiled else (WORD, 1)
        step = -(-extent // (units * grain)) * grain
        if extent < least * units * grain:
            return []
        shares = [(start, min(start + step, extent)) for start in range(0, extent, step)]
        written = [(view, self._strides[view]) for *_, view in block.stores]
        if block.fold and self._fold_strides is not None:
            written.append((block.fold[3], self._fold_strides))
        apart = all(self._words_apart(view, strides, shares) for view, strides in written)
        return shares if apart else []

    def _words_apart(
        self, view: Layout, strides: tuple[int, ...], shares: list[tuple[int, int]]
    ) -> bool:
        """Whether the parts of a written view lie in different port words."""
        (_, axis), *inner = self._kept
        low = view.offset + sum(min(strides[a] * (n - 1), 0) for n, a in inner)
        high = view.offset + sum(max(strides[a] * (n - 1), 0) for n, a in inner) + view.itemsize
        spans = []
        for start, stop in shares:
            ends = (strides[axis] * start, strides[axis] * (stop - 1))
            spans.append(((low + min(ends)) // WORD, (high + max(ends) - 1) // WORD))
        spans.sort()
        return all(a[1] < b[0] for a, b in zip(spans, spans[1:], strict=False))

    def restrict(self, start: int, stop: int) -> None:
        """Walk only this share of the outermost kept axis."""
        self._skip = start
        self._kept[0] = (stop - start, self._kept[0][1])
        self.extents = [extent for extent, _ in (*self._kept, *self._reduced)]
        self.kept_count = _product(extent for extent, _ in self._kept)

    def _offset(self, view: Layout, strides: tuple[int, ...]) -> int:
        """Where the walk begins, in elements of the view's dtype."""
        skipped = self._skip * strides[self._kept[0][1]] if self._skip else 0
        return (view.offset + skipped) // view.itemsize

    def _spread_fold(self, block: Block) -> None:
        """Strides of the folded result over the whole shape: 0 along reduced axes."""
        assert block.fold is not None
        view = block.fold[3]
        own = iter(view.strides)
        keepdims = view.ndim == len(block.shape)
        spread = []
        for axis in range(len(block.shape)):
            gone = axis in block.axes
            stride = 0 if gone and not keepdims else next(own)
            spread.append(0 if gone else stride)
        self._fold_strides = tuple(spread)

    def _order(self, axis: int) -> tuple[int, ...]:
        """Outer axes first: by the strides of what is stored, then of what is loaded."""
        return tuple(-abs(strides[axis]) for strides in self._guides)

    def _join(self, axes: list[int]) -> list[tuple[int, int]]:
        """(extent, innermost axis) of runs of axes that all operands walk in one stride."""
        joined: list[tuple[int, int]] = []
        for axis in axes:
            extent = self._shape[axis]
            if (
                joined
                and joined[-1][0] * extent < EXTENT_LIMIT
                and all(
                    strides[joined[-1][1]] == strides[axis] * extent for strides in self._guides
                )
            ):
                joined[-1] = (joined[-1][0] * extent, axis)
            else:
                joined.append((extent, axis))
        return joined

    def _mode(self, block: Block) -> int:
        if not block.fold:
            return 0
        kept, reduced = self.kept_count, self.reduced_count
        if reduced < WITHIN_THRESHOLD:
            return 1 if kept >= reduced else 2
        if kept < WITHIN_THRESHOLD:
            return 2
        inner = [
            (abs(strides[self._reduced[-1][1]]), abs(strides[self._kept[-1][1]]))
            for strides in self._guides[1:]
        ]
        return 2 if sum(r < k for r, k in inner) >= sum(r > k for r, k in inner) else 1

    def header(
        self, operands: int, instructions: int, fold: tuple[int, int, int], watch: int
    ) -> bytes:
        """The first two lines."""
        first = struct.pack(
            "<6I2Q3I3I",
            MAGIC,
            self.mode,
            len(self._kept),
            len(self._reduced),
            operands,
            instructions,
            self.kept_count,
            self.reduced_count,
            *fold,
            watch,
            0,
            0,
        )
        return first + struct.pack(f"<{len(self.extents)}I", *self.extents).ljust(LINE, b"\0")

    def operand(self, port: int, view: Layout, code: int, written: bool) -> bytes:
        """One operand's two lines."""
        strides = self._strides[view]
        axes = [axis for _, axis in (*self._kept, *self._reduced)]
        steps = [strides[axis] // view.itemsize for axis in axes]
        tile = self._reduced if self.mode == 2 else self._kept
        inner = [strides[axis] // view.itemsize for _, axis in tile]
        kind = _kind(inner, [extent for extent, _ in tile])
        return _operand(port, code, self._offset(view, strides), kind, written, steps)

    def folded(self, port: int, view: Layout, code: int) -> bytes:
        """The operand that takes the folded result."""
        assert self._fold_strides is not None
        steps = [self._fold_strides[axis] // view.itemsize for _, axis in self._kept]
        kind = _kind(steps, [extent for extent, _ in self._kept])
        offset = self._offset(view, self._fold_strides)
        return _operand(port, code, offset, kind, True, steps)


def _operand(
    port: int, code: int, offset: int, kind: int, written: bool, steps: list[int]
) -> bytes:
    head = struct.pack("<2IQ2I", port, code, offset, kind, int(written)).ljust(LINE, b"\0")
    return head + struct.pack(f"<{len(steps)}q", *steps).ljust(LINE, b"\0")


def _kind(steps: list[int], extents: list[int]) -> int:
    """0 contiguous, 1 strided, 2 constant over the tile's dimensions."""
    if steps and not any(steps):
        return 2
    step = 1
    for stride, extent in zip(reversed(steps), reversed(extents), strict=True):
        if stride != step:
            return 1
        step *= extent
    return 0


def _product(extents: Iterable[int]) -> int:
    result = 1
    for extent in extents:
        result *= extent
    return result


def scalar_fits(value: int | float, dtype: np.dtype) -> bool:
    """Whether a Python number becomes a `dtype` immediate without overflow."""
    try:
        struct.pack(SCALARS[dtype], value)
    except (OverflowError, struct.error):
        return False
    return True
