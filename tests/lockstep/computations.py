"""Statement kinds that compute: arrays come to be, and operations, folds and functions of them.

Each takes the scene and returns a statement, or None when the scene has nothing for it.
"""

from __future__ import annotations

import numpy as np
from scene import (
    ARITHMETIC,
    COMPARISONS,
    DEVICE,
    DIVISIONS,
    EXACT,
    EXTREMA,
    FUNCTIONS,
    LOGICAL,
    NAMES,
    PAIRS,
    Scene,
    kind_of,
)
from statement import Inexact, Statement
from texts import scalar_text, shape


def create(s: Scene) -> Statement:
    """A new array from host data, or filled."""
    name, extents = s.fresh(), shape(s.rng, s.large)
    dtype = s.rng.choice(["f4", "f4", "f4", "f8", "f8", "?"])
    device = f", device={s.rng.randrange(s.devices)}" if s.devices > 1 else ""
    kind = s.rng.random()
    if kind < 0.75:
        order = ", order='F'" if s.rng.random() < 0.2 else ""
        flavour = s.rng.choice(s.flavours)
        seed = s.rng.randrange(1 << 16)
        text = f"{name} = array(data({seed}, {extents}, '{dtype}', '{flavour}'{order}){device})"
    elif kind < 0.85:
        text = f"{name} = xp.{s.rng.choice(['zeros', 'ones'])}({extents}, '{dtype}')"
    elif kind < 0.93 or not s.arrays():
        text = f"{name} = xp.full({extents}, {scalar_text(s.rng, np.dtype(dtype))}, '{dtype}')"
    else:
        like = s.rng.choice(["zeros_like", "ones_like"])
        text = f"{name} = np.{like}({s.pick()})"
    return Statement(text, (name,), lazy=True)


def empty(s: Scene) -> Statement:
    """`empty`, filled afterwards, wholly."""
    name, model = s.fresh(), s.pick()
    kind = s.value(model).dtype
    fill = scalar_text(s.rng, kind)
    made = s.rng.choice([f"np.empty_like({model})", f"xp.empty({s.value(model).shape}, '{kind}')"])
    how = s.rng.choice([f"{name}.fill({fill})", f"{name}[...] = {fill}"])
    return Statement(f"{name} = {made}; {how}", (name,), lazy=True)


def unary(s: Scene) -> Statement | None:
    """-x, abs, sqrt, not; operators and ufuncs."""
    x = s.operand()
    if x is None:
        return None
    if s.value(x).dtype == bool:
        call = s.rng.choice([f"~{x}", f"np.logical_not({x})", f"np.invert({x})"])
    else:
        call = s.rng.choice(
            [
                f"-{x}",
                f"abs({x})",
                f"np.sqrt({x})",
                f"np.negative({x})",
                f"np.logical_not({x})",
                f"+{x}",
                f"{x} ** 2",
                f"{x} ** 0.5",
                f"{x} ** -1",
                # The sign of a NaN is open.
                f"np.signbit(np.where(np.isnan({x}), 1.0, {x}))",
                *(f"np.{each}({x})" for each in s.rng.sample(EXACT, 5)),
            ]
        )
    name = s.target()
    return Statement(f"{name} = {call}", (name,), lazy=s.lazily(x))


def binary(s: Scene) -> Statement | None:
    """Arithmetic of two operands."""
    x = s.operand(("f4", "f8") if s.rng.random() < 0.9 else DEVICE)
    if x is None:
        return None
    y, ours = s.other(s.value(x).shape, s.value(x).dtype)
    if s.rng.random() < 0.3:
        x, y = y, x
    sign = s.rng.choice(ARITHMETIC)
    if not isinstance(s.value(x), np.ndarray) and not isinstance(s.value(y), np.ndarray):
        return None
    if "v" not in x + y:
        return None
    call = f"{x} {sign} {y}" if s.rng.random() < 0.8 else f"np.{NAMES[sign]}({x}, {y})"
    if s.rng.random() < 0.25:
        call = f"np.{s.rng.choice(DIVISIONS)}({x}, {y})"
        if s.rng.random() < 0.3:
            call = f"{x} {s.rng.choice(['//', '%'])} {y}"
        if all(getattr(s.value(each), "dtype", None) == bool for each in (x, y)):
            return None  # NumPy has them for float16
    name = s.target()
    return Statement(f"{name} = {call}", (name,), lazy=ours and s.lazily(x, y, floats=True))


def compare(s: Scene) -> Statement | None:
    """A bool array."""
    x = s.operand()
    if x is None:
        return None
    y, ours = s.other(s.value(x).shape, s.value(x).dtype)
    name = s.target()
    text = f"{name} = {x} {s.rng.choice(COMPARISONS)} {y}"
    return Statement(text, (name,), lazy=ours and s.lazily(x, y))


def logical(s: Scene) -> Statement | None:
    """Operations of bools."""
    x = s.operand(("bool",))
    if x is None:
        return None
    y, ours = s.other(s.value(x).shape, np.dtype(bool))
    if not isinstance(s.value(y), bool) and kind_of(np.asarray(s.value(y))) != "bool":
        return None
    name = s.target()
    call = f"{x} {s.rng.choice('&|^')} {y}"
    if s.rng.random() < 0.4:
        call = f"np.{s.rng.choice(LOGICAL)}({x}, {y})"
    return Statement(f"{name} = {call}", (name,), lazy=ours and s.lazily(x, y))


def extremum(s: Scene) -> Statement | None:
    """minimum, maximum, and those that pass by NaN."""
    x = s.operand()
    if x is None:
        return None
    y, ours = s.other(s.value(x).shape, s.value(x).dtype)
    name = s.target()
    function = s.rng.choice(EXTREMA)
    inexact = Inexact("extremum", function, (x, y), name)
    lazy = ours and s.lazily(x, y)
    return Statement(f"{name} = np.{function}({x}, {y})", (name,), lazy=lazy, inexact=inexact)


def where(s: Scene) -> Statement | None:
    """Selection."""
    mask = s.operand(("bool",))
    if mask is None or not isinstance(s.value(mask), np.ndarray):
        return None
    extents = s.value(mask).shape
    x = s.fit(extents, ("f4", "f8")) or "1.5"
    y, ours = s.other(extents, np.dtype("f4"))
    if s.rng.random() < 0.5:
        x, y = y, x
    name = s.target()
    lazy = ours and s.lazily(mask, x, y) and not isinstance(s.value(x), int)
    return Statement(f"{name} = np.where({mask}, {x}, {y})", (name,), lazy=lazy and "v" in x + y)


def astype(s: Scene) -> Statement | None:
    """A cast."""
    x = s.operand()
    if x is None:
        return None
    dtype = s.rng.choice(["f4", "f8", "bool", "f4", "f8", "i4"])
    copy = ", copy=False" if s.rng.random() < 0.2 else ""
    name = s.target()
    lazy = dtype != "i4" and s.lazily(x)
    with np.errstate(all="ignore"):
        wild = not np.all(np.abs(np.asarray(s.value(x), "f8")) < 1e9)
    if dtype == "i4" and wild:
        return None  # what an out-of-range float becomes is the CPU's choice
    return Statement(f"{name} = {x}.astype('{dtype}'{copy})", (name,), lazy=lazy)


def compound(s: Scene) -> Statement | None:
    """A deep expression: its temporaries die on the tape."""
    if s.flush:
        return None
    x = s.operand(("f4", "f8"))
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    extents = s.value(x).shape
    text, leaves = x, [x]
    for _ in range(s.rng.randint(2, 6)):
        leaf, _ = s.other(extents, np.dtype("f4"))
        leaves.append(leaf)
        form = s.rng.choice(
            [
                "({t} + {l})",
                "({t} - {l})",
                "({t} * {l})",
                "({l} - {t})",
                "({t} / {l})",
                "np.sqrt({t})",
                "-({t})",
                "abs({t})",
                "({t} * {t})",
                "np.where({t} > {l}, {t}, {x})",
            ]
        )
        text = form.format(t=text, l=leaf, x=x)
        if len(text) > 400:
            break
    name = s.target()
    return Statement(f"{name} = {text}", (name,), lazy=s.lazily(*leaves, floats=True))


def ufunc_out(s: Scene) -> Statement | None:
    """A ufunc with out= and perhaps where=."""
    out = s.place(("f4", "f8"))
    if out is None:
        return None
    view = s.value(out)
    x = s.fit(view.shape, ("f4", "f8")) if s.rng.random() < 0.8 else out
    if x is None:
        return None
    if s.rng.random() < 0.3:
        # NumPy 2.4.6: negative of f4 with a stride of 4 elements into a strided out= is wrong.
        negative = ["negative"] if view.flags.c_contiguous else []
        exact = s.rng.choice(["floor", "rint", "square", "sign"])
        call, operands = s.rng.choice(["sqrt", "absolute", exact, *negative]), [x]
    else:
        y, _ = s.other(view.shape, view.dtype)
        call, operands = s.rng.choice([*NAMES.values(), "minimum"]), [x, y]
    mask = s.fit(view.shape, ("bool",)) if s.rng.random() < 0.35 else None
    inner = ", ".join([*operands, f"out={out}", *([f"where={mask}"] if mask else [])])
    lazy = s.lazily(out, *operands) and all(isinstance(s.value(o), np.ndarray) for o in operands)
    inexact = None
    if call == "minimum":
        inexact = Inexact("extremum", call, (*operands, out), out)
    if s.rng.random() < 0.3 and inexact is None:
        name = s.fresh()
        return Statement(f"{name} = np.{call}({inner})", (name,), lazy=lazy)
    return Statement(f"np.{call}({inner})", (), lazy=lazy, inexact=inexact)


def plain_out(s: Scene) -> Statement | None:
    """A ufunc whose out= is an ndarray: it runs at the call."""
    names = [n for n in s.twin.numpy if n[0] == "n" and n[1:].isdigit()]
    if not names:
        return None
    out = s.rng.choice(names)
    x = s.fit(s.value(out).shape, ("f4", "f8"))
    if x is None:
        return None
    y = scalar_text(s.rng, np.dtype("f4"))
    return Statement(f"np.{s.rng.choice(['add', 'multiply'])}({x}, {y}, out={out})", reads=())


def fold(s: Scene) -> Statement | None:
    """sum, min, max over axes."""
    x = s.operand(("f4", "f8") if s.rng.random() < 0.92 else ("bool",))
    if x is None or not isinstance(s.value(x), np.ndarray):
        return None
    array = s.value(x)
    axes: list[object] = [None, None, *range(-array.ndim, array.ndim)]
    if array.ndim > 1:
        axes += [tuple(s.rng.sample(range(array.ndim), 2)), ()]
    axis, keep = s.rng.choice(axes), s.rng.random() < 0.25
    function = s.rng.choice(["sum", "sum", "min", "max"])
    arguments = ([] if axis is None else [f"axis={axis}"]) + (["keepdims=True"] if keep else [])
    if function != "sum" and array.size == 0:
        return None
    name = s.target()
    call = f"{x}.{function}({', '.join(arguments)})"
    if s.rng.random() < 0.3:
        call = f"np.{function}({', '.join([x, *arguments])})"
    kind = "sum" if function == "sum" else "extremum"
    out = s.place((kind_of(array),)) if s.rng.random() < 0.15 else None
    if out is not None and array.dtype != bool:
        wanted = np.sum(array, axis=axis, keepdims=keep).shape
        if s.value(out).shape == wanted:
            call = f"np.{function}({', '.join([x, *arguments, f'out={out}'])})"
            lazy = bool(array.size) and s.lazily(x, out)
            return Statement(call, lazy=lazy, inexact=Inexact(kind, function, (x,), out, axis))
    lazy = bool(array.size) and array.dtype != bool and s.lazily(x)
    inexact = Inexact(kind, function, (x,), name, axis)
    return Statement(f"{name} = {call}", (name,), lazy=lazy, inexact=inexact)


def function(s: Scene) -> Statement | None:
    """Functions that keep a bound of ULPs."""
    x = s.operand(("f4", "f8"))
    if x is None:
        return None
    if s.rng.random() < 0.2:
        return _pair(s, x)
    call = s.rng.choice(FUNCTIONS)
    out = s.place(("f4", "f8")) if s.rng.random() < 0.25 else None
    if out is not None:
        x = s.fit(s.value(out).shape, (kind_of(s.value(out)),)) or out
        mask = s.fit(s.value(out).shape, ("bool",)) if s.rng.random() < 0.3 else None
        where = f", where={mask}" if mask else ""
        inexact = Inexact("function", call, (x,), out, mask=mask)
        lazy = s.lazily(x, out)
        return Statement(f"np.{call}({x}, out={out}{where})", lazy=lazy, inexact=inexact)
    name = s.target()
    inexact = Inexact("function", call, (x,), name)
    return Statement(f"{name} = np.{call}({x})", (name,), lazy=s.lazily(x), inexact=inexact)


def _pair(s: Scene, x: str) -> Statement | None:
    """A function of two arrays of one dtype and shape."""
    y = s.fit(s.value(x).shape, (kind_of(s.value(x)),))
    if y is None or not isinstance(s.value(x), np.ndarray):
        return None
    if not isinstance(s.value(y), np.ndarray) or s.value(y).shape != s.value(x).shape:
        return None
    call, name = s.rng.choice(PAIRS), s.target()
    text = f"{x} ** {y}" if call == "power" and s.rng.random() < 0.5 else f"np.{call}({x}, {y})"
    inexact = Inexact("function", call, (x, y), name)
    return Statement(f"{name} = {text}", (name,), lazy=s.lazily(x, y), inexact=inexact)


def bounded(s: Scene) -> Statement | None:
    """clip, round, nan_to_num."""
    x = s.operand(("f4", "f8"))
    if x is None:
        return None
    name = s.target()
    low, high = sorted((s.rng.choice([-1.5, 0.25, 2]), s.rng.choice([-0.75, 0.5, 3])))
    text = s.rng.choice(
        [
            f"np.clip({x}, {low}, {high})",
            f"{x}.clip({low})",
            f"{x}.clip(max={high})",
            f"np.round({x}, {s.rng.randint(-2, 3)})",
            f"{x}.round()",
            f"np.nan_to_num({x})",
            f"np.nan_to_num({x}, nan=1.5, posinf=7, neginf=-2.0)",
        ]
    )
    return Statement(f"{name} = {text}", (name,), lazy=s.lazily(x))


def method(s: Scene) -> Statement | None:
    """Other methods of ufuncs; what no kernel takes falls back."""
    x = s.operand(("f4", "f8"))
    if x is None or not isinstance(s.value(x), np.ndarray) or not s.value(x).ndim:
        return None
    name = s.target()
    text = s.rng.choice(
        [
            "np.add.accumulate({x})",
            "np.multiply.outer({x}, [1.0, 2.0])",
        ]
    )
    if s.value(x).size > 500:
        return None
    return Statement(f"{name} = {text.format(x=x)}", (name,))


def mistake(s: Scene) -> Statement | None:
    """Something both sides must refuse in the same way (or accept, if by chance it is none)."""
    x, y = s.pick(), s.operand()
    rows = [
        f"v0 = {x} + np.ones((3, 5, 7), 'f4')",
        f"{x}.sum(axis={s.rng.choice([4, -5, '(0, 0)', '(1, 7)'])})",
        f"{x}[{', '.join(['99'] * 5)}]",
        f"{x}[99]",
        f"{x}.reshape(7, 5, 3)",
        f"{x}[...] = [1.0] * 13",
        f"{x}.swapaxes(0, 5)",
        f"{x}.transpose(0, 0)",
        f"{x}.squeeze(0)",
        f"{x}[{x}.ndim * (None,) + (..., ...)]",
        f"np.add({x}, {y}, out=xp.zeros((3, 5, 7), 'f4'))",
        f"np.add({x}, 1.5, out=xp.zeros((2,), bool))",
        f"np.sqrt({x}, {y}, {y}, {y})",
        f"np.add({x}, 1, casting='no')",
        f"{x} + object",
        f"{x}['a']",
        f"{x}[1.5]",
        f"{x}.astype('no such dtype')",
        f"np.broadcast_to({x}, (5, 7, 3))",
        f"float({x})",
        f"bool({x})",
        f"-({y} > 0)",
        f"({y} > 0) - ({y} > 0)",
        f"hash({x})",
        f"{x}.min(axis=3)",
        f"{x}.copy(order='Q')",
    ]
    return Statement(s.rng.choice(rows))
