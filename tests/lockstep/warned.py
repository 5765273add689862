"""Floating-point errors: the same set of warnings, and the same operations that raise.

Not drawn: sums of NaN and infinities, where the order of addition decides what is told.
"""

from __future__ import annotations

from phrases import fill, subject
from scene import FLOATS, INTEGERS, Scene
from statement import Statement

_FLOAT = (
    "{x} + {y}",
    "{x} - {x}",
    "{x} * {x}",
    "{x} * {s}",
    "{x} / {y}",
    "{y} / {x}",
    "1 / {x}",
    "{x} // {y}",
    "{x} % {y}",
    "np.fmod({x}, {y})",
    "np.sqrt({x})",
    "np.log({x})",
    "np.log1p({x})",
    "np.exp({x})",
    "np.expm1({x} * 9)",
    "np.sinh({x} * 40)",
    "np.arcsin({x})",
    "np.arctanh({x})",
    "np.sin({x})",
    "np.reciprocal({x})",
    "np.square({x} * 1e20)",
    "{x} ** 2",
    "{x} ** -1",
    "{x}.astype('f4')",
    "{x}.astype('f8').astype('f4')",
    "np.where({x} > 0, {x}, 1) / {x}",
    "np.maximum({x}, {y})",
    "np.sqrt({x}, where={m}, out=np.ones_like({x}))",
    "({x} - {x}) / ({x} - {x})",
    "np.rint({x})",
    "{x} > {y}",
)
_WHOLE = (
    "{x} // {y}",
    "{x} % {y}",
    "{x} // 0",
    "{x} % 0",
    "{x} + {y}",
    "{x} * {y}",
    "{x} / {y}",
    "abs({x})",
    "{x} << 3",
    "{x}.astype('f4') / {x}",
)


def _draw(s: Scene) -> tuple[str, str] | None:
    table, kinds = (_FLOAT, FLOATS) if s.rng.random() < 0.75 else (_WHOLE, INTEGERS)
    x = subject(s, kinds, 600)
    if x is None or s.flush:
        return None
    return fill(s, s.rng.choice(table), x), s.fresh()


def told(s: Scene) -> Statement | None:
    """What is warned of. The values of functions are open: only comparisons are bound."""
    drawn = _draw(s)
    if drawn is None:
        return None
    text, name = drawn
    held = s.fresh("c")
    body = f"with watched() as told:\n    {name} = {text}\n    read({name})\n"
    tail = f"{held} = sorted(told); del told, {name}"
    return Statement(body + tail, (held,), (held,), anywhere=True)


def refused(s: Scene) -> Statement | None:
    """Errors that raise at the call, under errstate(all="raise") and its kin."""
    drawn = _draw(s)
    if drawn is None:
        return None
    text, name = drawn
    which = s.rng.choice(["divide", "invalid", "over"])
    return Statement(
        f"with np.errstate({which}='raise'):\n    {name} = {text}\ndel {name}", anywhere=True
    )
