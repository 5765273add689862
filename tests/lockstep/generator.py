"""Random programs, one statement at a time, aware of what exists on the NumPy side.

Lengths (see `length`): 35 % of the programs have 1–15 statements, 40 % 16–60, 20 % 61–120, 5 % up
to 200. Sizes: mostly below 30 elements; one program in five has arrays of 2,000–5,000 elements,
which take several tiles of an engine and more byte runs than a layout tracks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import computations
import everything
import inexact
import integers
import movements
import rearrangements
import warned
from scene import Scene
from statement import Program, Statement
from twin import Twin, environment

import fpgarray as fa

MOST = 10
"""Variables alive at once."""


def length(rng: Random) -> int:
    """How many statements a program has."""
    kind = rng.random()
    if kind < 0.35:
        return rng.randint(1, 15)
    if kind < 0.75:
        return rng.randint(16, 60)
    return rng.randint(61, 120) if kind < 0.95 else rng.randint(121, 200)


def settings(rng: Random) -> Program:
    """What a program runs under: mostly dispatch="device", on what the image can do."""
    where = rng.choices(["device", "auto", "host"], [80, 14, 6])[0]
    cap = rng.choice([3, 17]) if rng.random() < 0.1 else None
    engines = fa.devices()[0].engines.engines
    flush = not all(engine.subnormals for engine in engines)
    whole = {engine.dtype.str[1:] for engine in engines} == {"f4", "f8", "i4", "i8", "u1"}
    return Program(where, [], cap, flush, len(fa.devices()), whole)


def run_program(seed: int) -> Program:
    """Generate and run one program; the AssertionError of a failure carries it as `program`."""
    rng = Random(seed)
    program = settings(rng)
    twin = Twin(program)
    scene = Scene(rng, twin)
    mixes = rng.random() < 0.3
    try:
        with environment(twin):
            for _ in range(length(rng)):
                statement = following(scene)
                if mixes:
                    statement = elsewhere(rng, statement)
                program.statements.append(statement)
                twin.run(statement)
            twin.finish()
    except AssertionError as mismatch:
        mismatch.program = program
        raise
    return program


def following(scene: Scene) -> Statement:
    """A statement that makes sense now."""
    if len(scene.arrays()) < 2:
        return computations.create(scene)
    if len(scene.twin.variables()) > MOST:
        return movements.delete(scene)
    while True:
        statement = scene.rng.choices(_KINDS, _WEIGHTS)[0](scene)
        if statement is not None:
            return statement


def elsewhere(rng: Random, statement: Statement) -> Statement:
    """Sometimes the same under another dispatch policy than the program's."""
    if rng.random() > 0.12 or "\n" in statement.text:
        return statement
    where = rng.choice(["host", "auto", "device"])
    return replace(statement, text=f"with dispatch('{where}'): {statement.text}")


_TABLE: dict[Callable[[Scene], Statement | None], int] = {
    computations.create: 7,
    computations.empty: 2,
    computations.unary: 7,
    computations.binary: 16,
    computations.compare: 5,
    computations.logical: 3,
    computations.extremum: 3,
    computations.where: 4,
    computations.astype: 4,
    computations.compound: 7,
    movements.view: 8,
    movements.in_place: 13,
    computations.ufunc_out: 6,
    computations.plain_out: 1,
    movements.assign: 7,
    movements.element: 3,
    movements.scalar_use: 3,
    movements.read: 6,
    movements.snapshot: 4,
    movements.scope: 3,
    computations.fold: 6,
    computations.function: 6,
    computations.bounded: 2,
    movements.plain: 2,
    movements.delete: 7,
    movements.copy: 3,
    movements.copyto: 2,
    movements.masked: 2,
    rearrangements.fancy: 4,
    rearrangements.taken: 2,
    rearrangements.joined: 3,
    rearrangements.spread: 3,
    movements.by_hand: 2,
    movements.sharing: 1,
    movements.rows: 1,
    movements.duplicate: 2,
    integers.create: 4,
    integers.unary: 2,
    integers.binary: 6,
    integers.mixed: 3,
    integers.compare: 2,
    integers.where: 2,
    integers.cast: 4,
    integers.in_place: 3,
    integers.assign: 3,
    integers.fold: 4,
    integers.pipeline: 3,
    computations.method: 1,
    computations.mistake: 3,
    everything.create: 6,
    everything.rearrange: 4,
    everything.fold: 4,
    everything.search: 3,
    everything.look: 3,
    everything.calculate: 6,
    everything.cast: 3,
    everything.pick: 6,
    everything.put: 6,
    everything.update: 5,
    everything.hold: 4,
    inexact.fold: 4,
    inexact.fold_out: 1,
    inexact.scan: 2,
    inexact.product: 3,
    inexact.algebra: 2,
    warned.told: 4,
    warned.refused: 1,
}
"""Statement kinds and how often they are drawn."""

_KINDS, _WEIGHTS = list(_TABLE), list(_TABLE.values())
