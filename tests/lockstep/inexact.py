"""Phrases whose bits NumPy does not decide: means, products, scans, matrix products of floats.

Each row says, beside the phrase, what the true result is and what rounding errors scale with, both
computed on the operands in a wider type (`wide`). Where the result is no float, bits decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from phrases import fill, subject
from scene import FLOATS, INTEGERS, Scene
from statement import Inexact, Statement

SOME = (*FLOATS, *FLOATS, *INTEGERS, "bool")


@dataclass(frozen=True)
class Row:
    """`opens`: where it is true, over- or underflow on the way may give anything."""

    phrase: str
    true: str
    scale: str
    opens: str = ""
    kinds: tuple[str, ...] = SOME


_PRODUCT = (
    "(np.prod(np.maximum(np.abs({w}), 1)TAIL) > 1e37)"
    " | (np.prod(np.minimum(np.abs({w}), 1)TAIL) < 1e-36)"
)
_RUNNING = (
    "(np.cumprod(np.maximum(np.abs({w}), 1), {ax}) > 1e37)"
    " | (np.cumprod(np.minimum(np.abs({w}), 1), {ax}) < 1e-36)"
)


def _fold(phrase: str, name: str, tail: str, kinds: tuple[str, ...] = SOME) -> Row:
    """A sum, product, mean, var or std with these arguments after the operand."""
    true = f"np.{name}({{w}}{tail})"
    mean = f"np.mean(np.abs({{w}}){tail})".replace(", ddof=1", "").replace(", correction=1", "")
    square = mean.replace("np.abs({w})", "{w} * {w}")
    if name == "prod":
        return Row(phrase, true, f"np.abs({true})", _PRODUCT.replace("TAIL", tail), kinds)
    scale = {
        "sum": f"np.sum(np.abs({{w}}){tail})",
        "mean": mean,
        "var": f"{true} + 1e-4 * {square}",
        "std": f"{true} + {mean}",
    }[name]
    return Row(phrase, true, scale, kinds=kinds)


_FOLDS = [
    *[
        _fold(f"np.{name}({{x}}{tail})", name, tail)
        for name in ("sum", "mean", "prod", "var", "std")
        for tail in ("", ", axis={axes}{keep}", ", axis={axes}, where={m}")
    ],
    *[_fold(f"{{x}}.{name}({{ax}})", name, ", {ax}") for name in ("sum", "mean", "var", "prod")],
    *[
        _fold(f"{{x}}.{name}(axis={{axes}}, dtype='f8')", name, ", axis={axes}")
        for name in ("sum", "mean", "prod", "std")
    ],
    _fold("np.var({x}, axis={axes}, ddof=1)", "var", ", axis={axes}, ddof=1"),
    _fold("np.std({x}, axis={ax}, correction=1)", "std", ", axis={ax}, correction=1"),
    _fold("np.sum({x}, axis={axes}, initial=2.5)", "sum", ", axis={axes}, initial=2.5", FLOATS),
    _fold("np.add.reduce({x}, axis={axes}{keep})", "sum", ", axis={axes}{keep}"),
    _fold("np.multiply.reduce({x}, axis={ax})", "prod", ", axis={ax}"),
    Row("np.nansum({x}, axis={ax})", "np.nansum({w}, {ax})", "np.nansum(np.abs({w}), {ax})"),
    Row("np.nanmean({x}, axis={ax})", "np.nanmean({w}, {ax})", "np.nanmean(np.abs({w}), {ax})"),
    Row("np.average({x}, axis={ax})", "np.mean({w}, {ax})", "np.mean(np.abs({w}), {ax})"),
]
_SCANS = [
    Row("np.cumsum({x})", "np.cumsum({w})", "np.cumsum(np.abs({w}))"),
    Row("{x}.cumsum({ax})", "np.cumsum({w}, {ax})", "np.cumsum(np.abs({w}), {ax})"),
    Row("np.cumsum({x}, {ax}, dtype='f8')", "np.cumsum({w}, {ax})", "np.cumsum(np.abs({w}), {ax})"),
    Row("np.add.accumulate({x}, {ax})", "np.cumsum({w}, {ax})", "np.cumsum(np.abs({w}), {ax})"),
    Row(
        "np.cumprod({x}, {ax})", "np.cumprod({w}, {ax})", "np.abs(np.cumprod({w}, {ax}))", _RUNNING
    ),
    Row(
        "np.cumulative_sum({x}.ravel(), include_initial=True)",
        "np.cumulative_sum({w}.ravel(), include_initial=True)",
        "np.cumulative_sum(np.abs({w}.ravel()), include_initial=True)",
    ),
]


def _product(phrase: str, kinds: tuple[str, ...] = SOME) -> Row:
    """A product of matrices: `{x}` and `{t}`, `{x}` and `{x}.T`, …"""
    true = phrase.replace("{x}", "{w}").replace("{t}", "{wt}")
    scale = phrase.replace("{x}", "np.abs({w})").replace("{t}", "np.abs({wt})")
    return Row(phrase, true, scale, kinds=kinds)


_PRODUCTS = [
    _product(phrase)
    for phrase in (
        "{x} @ {x}.T",
        "{x}.T @ {x}",
        "{x} @ {t}",
        "np.matmul({t}, {x})",
        "{x} @ {x}[..., 0]",
        "{x}[0] @ {x}.T",
        "np.dot({x}, {x}.T)",
        "{x}.dot({t})",
        "np.inner({x}, {t})",
        "np.vdot({x}, {x})",
        "np.tensordot({x}, {x}, axis=0)",
        "np.tensordot({x}, {x}.T, 1)",
        "np.einsum('...i,...i->...', {x}, {x})",
        "np.einsum('ij,kj->ik', {x}, {x})",
        "np.einsum('ij,kj', {x}, {t})",
        "np.einsum('i...->...', {x})",
        "np.linalg.vecdot({x}, {x})",
        "np.linalg.multi_dot([{x}, {x}.T, {x}])",
        "np.matvec({x}, {x}[0])",
        "np.convolve({x}, [1, 2, 1])",
        "np.correlate({x}, {x}[:3], 'same')",
        "np.trace({x})",
    )
]
_BITS = (
    "np.linalg.solve({x}[:3, :3] + 9 * np.eye(3, dtype='f4'), {x}[:3, :1])",
    "np.linalg.inv({x}[:3, :3] * 0.125 + np.eye(3, dtype='f8'))",
    "np.linalg.det({x})",
    "np.linalg.qr({x})[1]",
    "np.linalg.svd({x})[1]",
    "np.linalg.eigvalsh({x}[:3, :3])",
    "np.linalg.cholesky({x}[:2, :2])",
    "np.linalg.norm({x}, ord=1, axis={ax}) >= 0",
    "np.linalg.matrix_rank({x})",
    "np.interp({x}, [-1, 0, 1], [3, 4, 6])",
    "np.outer({x}, {x}[:1])",
    "np.kron({x}, [1, 2])",
    "np.cross({x}[..., :3], {x}[..., :3])",
    "np.gradient({x})[0]",
    "np.i0({x})",
    "np.fft.rfft({x})",
    "np.fft.fft2({x})",
    "np.polyval([1, 2, 3], {x})",
    "np.heaviside({x}, 0.5)",
    "np.modf({x})[1]",
    "np.frexp({x})[0]",
    "np.ldexp({x}, 2)",
    "np.spacing({x})",
    "np.nextafter({x}, 1)",
    "np.nanmax({x}, axis={ax}) + 0",
    "np.apply_over_axes(np.max, {x}, {ax}) + 0",
)
"""Floats of which NumPy computes everything, or of which every step has NumPy's bits."""


def _row(s: Scene, rows: list[Row], most: int) -> Statement | None:
    row = s.rng.choice(rows)
    x = subject(s, row.kinds, most)
    if x is None:
        return None
    # One filling for all four texts, so that a blank drawn once is the same in each.
    joint = "\n".join([row.phrase, row.true, row.scale, row.opens])
    joint = joint.replace("{wt}", "wide({t})").replace("{w}", "wide({x})")
    phrase, true, scale, opens = fill(s, joint, x).split("\n")
    name = s.target()
    inexact = Inexact("near", phrase, (x,), name, true=true, scale=scale, opens=opens)
    return Statement(f"{name} = {phrase}", (name,), inexact=inexact, anywhere=True)


def fold(s: Scene) -> Statement | None:
    """sum, mean, prod, var, std with every argument."""
    return _row(s, _FOLDS, 5000)


def scan(s: Scene) -> Statement | None:
    """Running sums and products."""
    return _row(s, _SCANS, 5000)


def product(s: Scene) -> Statement | None:
    """Products of matrices and their kin."""
    return _row(s, _PRODUCTS, 60)


def fold_out(s: Scene) -> Statement | None:
    """A sum or mean into memory there is."""
    out = s.place(FLOATS)
    if out is None:
        return None
    kind = str(s.value(out).dtype.str[1:])
    name = s.rng.choice(["sum", "mean"])
    for x in s.arrays((kind,)):
        array = s.value(x)
        for axis in range(array.ndim):
            shape = array.shape[:axis] + array.shape[axis + 1 :]
            if shape == s.value(out).shape and array.size:
                text = f"np.{name}({x}, axis={axis}, out={out})"
                true = f"np.{name}(wide({x}), axis={axis})"
                scale = f"np.{name}(np.abs(wide({x})), axis={axis})"
                inexact = Inexact("near", text, (x,), out, true=true, scale=scale)
                return Statement(text, inexact=inexact, anywhere=True)
    return None


def algebra(s: Scene) -> Statement | None:
    """What falls back whole, so that NumPy's bits come back."""
    x = subject(s, FLOATS, 300)
    if x is None:
        return None
    name = s.target()
    return Statement(f"{name} = {fill(s, s.rng.choice(_BITS), x)}", (name,), (name,), anywhere=True)
