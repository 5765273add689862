"""Statement kinds that move elements: fancy keys, joining, rolling, padding, repeating.

Each takes the scene and returns a statement, or None when the scene has nothing for it. Index arrays
are plain or ours (`array(…)`); what is written by a key of indices is written once.
"""

from __future__ import annotations

import numpy as np
from scene import DEVICE, INTEGERS, Scene, kind_of
from statement import Statement
from texts import scalar_text

ANY = (*DEVICE, *INTEGERS)
SMALL = 400
"""Elements above which an array is not multiplied."""


def index_text(s: Scene, extent: int, count: int, distinct: bool) -> str:
    """An index array into `extent` elements, as text."""
    if distinct:
        numbers = s.rng.sample(range(extent), min(count, extent))
        numbers = [n - extent if s.rng.random() < 0.3 else n for n in numbers]
    else:
        numbers = [s.rng.randrange(-extent, extent) for _ in range(count)]
    kind = s.rng.random()
    if kind < 0.4:
        return str(numbers)
    text = f"np.array({numbers}, '{s.rng.choice(['i8', 'i4', 'i2'])}')"
    return text if kind < 0.7 else f"array({text})"


def fancy_key(s: Scene, shape: tuple[int, ...], distinct: bool) -> str:
    """A key with one or two index arrays."""
    axes = s.rng.sample(
        range(len(shape)), 1 if distinct or len(shape) < 2 else s.rng.choice([1, 2])
    )
    count = s.rng.randint(0, 4)
    parts = []
    for axis, extent in enumerate(shape):
        kind = s.rng.random()
        if axis in axes:
            parts.append(index_text(s, extent, count, distinct))
        elif kind < 0.2:
            parts.append(str(s.rng.randrange(extent)))
        else:
            parts.append(s.rng.choice([":", ":", "::-1", "::2", "1:"]))
        if kind > 0.93:
            parts.append("None")
    while parts and parts[-1] == ":":
        parts.pop()
    return ", ".join(parts)


def fancy(s: Scene) -> Statement | None:
    """x[indices], read or written."""
    name = s.pick(ANY)
    array = s.value(name) if name else None
    if array is None or not array.ndim or not array.size:
        return None
    if s.rng.random() < 0.5:
        new = s.fresh()
        return Statement(f"{new} = {name}[{fancy_key(s, array.shape, False)}]", (new,))
    if not array.flags.writeable:
        return None
    key = fancy_key(s, array.shape, True)
    value = scalar_text(s.rng, array.dtype)
    selected = np.asarray(s.value(f"np.empty({array.shape}, '?')[{key}]"))
    if s.rng.random() < 0.5:
        value = s.fit(selected.shape, (kind_of(array),)) or value
    if array.dtype.kind in "iu" and "v" not in value:
        value = str(s.rng.randrange(100))
    return Statement(f"{name}[{key}] = {value}")


def taken(s: Scene) -> Statement | None:
    """np.take in its modes, and along an axis."""
    x = s.operand(ANY)
    array = s.value(x) if x else None
    if array is None or not array.ndim or not array.size:
        return None
    new, axis = s.fresh(), s.rng.randrange(array.ndim)
    if s.rng.random() < 0.3:
        return Statement(
            f"{new} = np.take_along_axis({x}, np.argsort(np.asarray({x}), {axis}, 'stable'), {axis})",
            (new,),
        )
    if s.rng.random() < 0.4:
        numbers = [s.rng.randrange(-50, 50) for _ in range(s.rng.randint(1, 4))]
        mode = s.rng.choice(["wrap", "clip"])
        return Statement(f"{new} = np.take({x}, array({numbers}), {axis}, mode='{mode}')", (new,))
    index = index_text(s, array.shape[axis], 3, False)
    return Statement(f"{new} = np.take({x}, {index}, {axis})", (new,))


def joined(s: Scene) -> Statement | None:
    """concatenate and its kin, of arrays that fit."""
    x = s.operand(ANY)
    array = s.value(x) if x else None
    if array is None or not isinstance(array, np.ndarray) or not array.ndim or array.size > SMALL:
        return None
    y = s.fit(array.shape, ANY)
    if y is None or np.shape(s.value(y)) != array.shape:
        y = x
    if {s.value(x).dtype.kind, s.value(y).dtype.kind} == {"i", "u"}:
        return None
    new, axis = s.fresh(), s.rng.randrange(-array.ndim, array.ndim)
    text = s.rng.choice(
        [
            f"np.concatenate([{x}, {y}], {axis})",
            f"np.concatenate([{x}, {y}, {x}], {axis})",
            f"np.stack([{x}, {y}], {axis})",
            f"np.vstack([{x}, {y}])",
            f"np.hstack([{x}, {y}])",
            f"np.append({x}, {y})",
        ]
    )
    return Statement(f"{new} = {text}", (new,))


def spread(s: Scene) -> Statement | None:
    """roll, pad, repeat, tile, insert, delete."""
    x = s.operand(ANY)
    array = s.value(x) if x else None
    if array is None or not isinstance(array, np.ndarray) or not array.ndim or array.size > SMALL:
        return None
    if not array.size:
        return None
    new, axis, n = s.fresh(), s.rng.randrange(array.ndim), s.rng.randint(0, 3)
    place = s.rng.randrange(array.shape[axis])
    mode = s.rng.choice(["constant", "edge", "reflect", "symmetric", "wrap"])
    text = s.rng.choice(
        [
            f"np.roll({x}, {s.rng.randint(-5, 5)}, {axis})",
            f"np.roll({x}, {n})",
            f"np.pad({x}, {n}, '{mode}')",
            f"np.repeat({x}, {n}, {axis})",
            f"np.tile({x}, {s.rng.choice(['2', '(2, 1)', '(1, 3)'])})",
            f"np.delete({x}, {place}, {axis})",
            f"np.insert({x}, {place}, 1, {axis})",
        ]
    )
    return Statement(f"{new} = {text}", (new,))
