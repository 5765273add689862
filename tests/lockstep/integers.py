"""Statement kinds of integers: made, computed with, mixed with floats and bools, cast, folded.

Each takes the scene and returns a statement, or None when the scene has nothing for it. Everything
here has NumPy's bits.
"""

from __future__ import annotations

import numpy as np
from scene import COMPARISONS, DEVICE, INTEGERS, LOGICAL, Scene, kind_of
from statement import Statement
from texts import scalar_text, shape

ALL = (*DEVICE, *INTEGERS)
ARITHMETIC = ("+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>")
BINARY = (
    *("add", "subtract", "multiply", "floor_divide", "remainder", "fmod", "minimum", "maximum"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"),
)
UNARY = (
    "-{x}",
    "abs({x})",
    "~{x}",
    "+{x}",
    "{x} ** 2",
    "{x} ** 3",
    "np.sign({x})",
    "np.square({x})",
)
NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "31",
    "-1",
    "-3",
    "100",
    "np.int32(5)",
    "np.uint8(9)",
    "True",
    "300",
)


def create(s: Scene) -> Statement:
    """A new array from host data, or filled."""
    name, extents = s.fresh(), shape(s.rng, s.large)
    dtype, seed = s.rng.choice(INTEGERS), s.rng.randrange(1 << 16)
    flavour = s.rng.choice(["plain", "plain", "special"])
    order = ", order='F'" if s.rng.random() < 0.2 else ""
    device = f", device={s.rng.randrange(s.devices)}" if s.devices > 1 else ""
    text = s.rng.choice(
        [
            *[f"array(data({seed}, {extents}, '{dtype}', '{flavour}'{order}){device})"] * 5,
            f"xp.full({extents}, {s.rng.randrange(200)}, '{dtype}')",
            f"xp.ones({extents}, '{dtype}')",
        ]
    )
    return Statement(f"{name} = {text}", (name,), lazy=True)


def _second(s: Scene, x: str) -> tuple[str, bool]:
    """Another operand for x, and whether the two are recorded: integers of one dtype."""
    wanted = s.value(x).shape
    y = s.fit(wanted, (kind_of(s.value(x)),) if s.rng.random() < 0.7 else INTEGERS)
    if y is not None and s.rng.random() < 0.75:
        return y, True
    number = s.rng.choice(NUMBERS)
    return number, number in ("0", "1", "2", "3", "7", "31", "100")


def _records(s: Scene, *texts: str) -> bool:
    return s.devices == 1 and all(
        not isinstance(s.value(text), np.ndarray) or kind_of(s.value(text)) in ALL for text in texts
    )


def unary(s: Scene) -> Statement | None:
    """One operand."""
    x = s.operand(INTEGERS)
    if x is None:
        return None
    name = s.target()
    return Statement(f"{name} = {s.rng.choice(UNARY).format(x=x)}", (name,), lazy=_records(s, x))


def binary(s: Scene) -> Statement | None:
    """Arithmetic, divisions, shifts, bits."""
    x = s.operand(INTEGERS)
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    y, ours = _second(s, x)
    if s.rng.random() < 0.2:
        x, y = y, x
    name = s.target()
    call = f"{x} {s.rng.choice(ARITHMETIC)} {y}"
    if s.rng.random() < 0.4:
        call = f"np.{s.rng.choice(BINARY)}({x}, {y})"
    return Statement(f"{name} = {call}", (name,), lazy=ours and _records(s, x, y))


def mixed(s: Scene) -> Statement | None:
    """Integers with floats, bools or other integers: NumPy's promotion."""
    x = s.operand(INTEGERS)
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    y = s.fit(s.value(x).shape, ALL)
    if y is None:
        return None
    if s.rng.random() < 0.5:
        x, y = y, x
    name, sign = s.target(), s.rng.choice(["+", "-", "*", "/", *COMPARISONS])
    if sign == "-" and all(s.value(each).dtype == bool for each in (x, y)):
        return None
    return Statement(f"{name} = {x} {sign} {y}", (name,))


def compare(s: Scene) -> Statement | None:
    """A bool array."""
    x = s.operand(INTEGERS)
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    y, ours = _second(s, x)
    name = s.target()
    call = f"{x} {s.rng.choice(COMPARISONS)} {y}"
    if s.rng.random() < 0.25:
        call = f"np.{s.rng.choice(LOGICAL)}({x}, {y})"
    return Statement(f"{name} = {call}", (name,), lazy=ours and _records(s, x, y))


def where(s: Scene) -> Statement | None:
    """Selection, and bounds."""
    x = s.operand(INTEGERS)
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    y, ours = _second(s, x)
    name, mask = s.target(), s.fit(s.value(x).shape, ("bool",))
    if mask is None or s.rng.random() < 0.3:
        return Statement(
            f"{name} = np.clip({x}, {s.rng.randint(0, 3)}, {s.rng.randint(4, 99)})", (name,)
        )
    lazy = ours and _records(s, x, y, mask) and isinstance(s.value(mask), np.ndarray)
    return Statement(f"{name} = np.where({mask}, {x}, {y})", (name,), lazy=lazy)


def cast(s: Scene) -> Statement | None:
    """From and to every dtype."""
    x = s.operand(ALL)
    if x is None:
        return None
    name, dtype = s.target(), s.rng.choice(ALL)
    return Statement(f"{name} = {x}.astype('{dtype}')", (name,), lazy=_records(s, x))


def in_place(s: Scene) -> Statement | None:
    """x op= y through views, out= and where=."""
    x = s.place(INTEGERS)
    if x is None:
        return None
    y, _ = _second(s, x)
    kind = s.rng.random()
    if kind < 0.5:
        return Statement(
            f"{x} {s.rng.choice(ARITHMETIC)}= {y}" if s.rng.random() < 0.8 else f"{x} += 1"
        )
    mask = s.fit(s.value(x).shape, ("bool",))
    tail = f", where={mask}" if mask and s.rng.random() < 0.4 else ""
    return Statement(f"np.{s.rng.choice(BINARY)}({x}, {y}, out={x}{tail})")


def assign(s: Scene) -> Statement | None:
    """Item assignment with a cast, either way."""
    x = s.place(INTEGERS if s.rng.random() < 0.7 else ALL)
    if x is None:
        return None
    value = s.fit(s.value(x).shape, ALL)
    if value is None or s.rng.random() < 0.25:
        value = s.rng.choice(["3", "0", "7", scalar_text(s.rng, np.dtype(bool))])
    elif np.may_share_memory(s.value(x), s.value(value)):
        return None  # movements.assign has those
    return Statement(f"{x}[...] = {value}")


def fold(s: Scene) -> Statement | None:
    """sum, prod, min, max, any, all, mean, ptp over axes."""
    x = s.operand((*INTEGERS, "bool") if s.rng.random() < 0.85 else ALL)
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    array = s.value(x)
    functions = ["any", "all", "count_nonzero"]
    if array.dtype.kind != "f":
        functions += ["sum", "sum", "prod", "min", "max", "mean", *["ptp"] * (array.dtype != bool)]
    function = s.rng.choice(functions)
    if function == "mean" and np.any(np.abs(array.astype("f8")) > 1e9):
        return None  # a sum of floats that may round: inexact.fold has those
    if array.size == 0 and function in ("min", "max", "ptp", "mean"):
        return None
    axes = [None, None, *range(-array.ndim, array.ndim)]
    axis = s.rng.choice(axes)
    arguments = [] if axis is None else [f"axis={axis}"]
    if s.rng.random() < 0.25:
        arguments.append("keepdims=True")
    if function in ("sum", "prod") and s.rng.random() < 0.3:
        arguments.append(s.rng.choice(["dtype='i4'", "dtype='i8'", "initial=3"]))
    if function in ("sum", "any", "all") and s.rng.random() < 0.2:
        mask = s.fit(array.shape, ("bool",))
        arguments += [f"where={mask}"] if mask else []
    name = s.target()
    return Statement(f"{name} = np.{function}({', '.join([x, *arguments])})", (name,))


def pipeline(s: Scene) -> Statement | None:
    """What images are put through: into floats, computed with, back again."""
    x = s.operand(INTEGERS)
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    name = s.target()
    text = s.rng.choice(
        [
            "({x}.astype('f4') * 0.5 + 10).astype('u1')",
            "(({x} > 3) & ({x} < 90)).astype('u1') * 255",
            "np.where({x} > 9, {x}, 0).astype('f8') / 3",
            "(({x} >> 1) + ({x} & 15)) * 2 - 1",
            "(({x}.astype('f8') - 100.5) // 7).astype('i8') % 5",
        ]
    )
    return Statement(f"{name} = {text.format(x=x)}", (name,), lazy=_records(s, x))
