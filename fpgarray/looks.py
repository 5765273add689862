"""Where a program must be looked at, so that no floating-point error its data meet goes unseen.

Pure. An error leaves an infinity or a NaN. Most operations hand that on (`HANDED_ON`), so it is
enough to look where a value is stored, or read only by operations that may swallow it (comparisons,
selection, 1/x, exp …). What is seen there makes the engine go through the tile again, exactly.
Divisions of integers leave nothing: each is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from fpgarray.engine import Block, Immediate
from fpgarray.layout import Layout
from fpgarray.ops import narrows
from fpgarray.registry import Engine

FOLD = -1
"""The fold, where instructions are numbered."""

_FIRST, _BOTH = (0,), (0, 1)
HANDED_ON: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("add", "subtract", "multiply", "hypot"), _BOTH),
    **dict.fromkeys(
        (
            "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctanh", "cbrt", "ceil",
            "copysign", "cos", "cosh", "degrees", "divide", "floor", "floor_divide", "fmod", "log",
            "log10", "log1p", "log2", "negative", "positive", "radians", "remainder", "rint",
            "sin", "sinh", "spacing", "sqrt", "square", "tan", "trunc",
        ),
        _FIRST,
    ),
}  # fmt: skip
"""Operation → the operands whose being infinite or NaN always makes the result so."""


@dataclass(frozen=True, slots=True)
class Looks:
    """`marked`: numbers of the instructions to look at. `told`: (number, position of the entry) of
    everything that may be told of; FOLD is the fold's number."""

    marked: frozenset[int]
    told: tuple[tuple[int, int], ...]

    @property
    def fold(self) -> bool:
        """Whether the fold may be told of."""
        return any(number == FOLD for number, _ in self.told)


NOTHING = Looks(frozenset(), ())


def looks_of(block: Block, engine: Engine) -> Looks:
    """Where to look in a block's program, if the engine can tell and anything may happen."""
    if not engine.findings or not (block.raising or block.casts or block.fold_raises is not None):
        return NOTHING
    marked, told = _computed(block, HANDED_ON if engine.dtype.kind == "f" else {})
    for position, register, storage, view in block.casts:
        for number, dtype, to in _conversions(block, engine, register, storage, view):
            if narrows(dtype, to):
                marked.add(number)
                told.append((number, position))
    if block.fold_raises is not None:
        told.append((FOLD, block.fold_raises))
    return Looks(frozenset(marked), tuple(told))


def _computed(
    block: Block, handed_on: Mapping[str, tuple[int, ...]]
) -> tuple[set[int], list[tuple[int, int]]]:
    """The instructions that hold what may come of an error and would lose it; all that may raise.

    Every number comes with the position of its entry.
    """
    numbers: dict[int, int] = {}
    told = []
    for number, instruction in enumerate(block.order):
        carries = instruction.dst in block.raising
        if carries:
            told.append((number, block.raising[instruction.dst]))
        handed = handed_on.get(instruction.operation, ())
        for position, operand in enumerate(instruction.operands):
            if position in handed and not isinstance(operand, Immediate) and operand in numbers:
                carries = True
        if carries:
            numbers[instruction.dst] = number
    kept = {
        operand
        for instruction in block.order
        for position, operand in enumerate(instruction.operands)
        if position in handed_on.get(instruction.operation, ())
        and not isinstance(operand, Immediate)
    }
    return {number for register, number in numbers.items() if register not in kept}, told


def _conversions(
    block: Block, engine: Engine, register: int, storage: int, view: Layout
) -> Iterator[tuple[int, np.dtype, np.dtype]]:
    """(number, from, to) of the load and the store in which a cast may happen."""
    if register in block.memory:
        number = next(k for k, each in enumerate(block.order) if each.dst == register)
        yield number, block.memory[register][1].dtype, engine.dtype
    for k, (_, where, stored) in enumerate(block.stores):
        if where == storage and stored == view:
            yield len(block.order) + k, engine.dtype, view.dtype
