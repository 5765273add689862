"""Fills phrases: lines of NumPy with blanks, for whichever array exists.

`{x}` is the phrase's array, drawn first; the other blanks are drawn to suit it (`_BLANKS`). A
phrase need not be valid for every array: what NumPy refuses, both sides must refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from scene import ALL, Scene, kind_of
from texts import key_text, scalar_text

_BLANK = re.compile(r"\{(\w+)\}")


def fill(s: Scene, phrase: str, x: str) -> str:
    """The phrase with every blank filled; the same blank is the same text throughout."""
    drawn = {"x": x}

    def blank(match: re.Match[str]) -> str:
        name = match[1]
        if name not in drawn:
            drawn[name] = _BLANKS[name](s, x)
        return drawn[name]

    return _BLANK.sub(blank, phrase)


def subject(s: Scene, kinds: tuple[str, ...] = ALL, most: int = 5000) -> str | None:
    """An array (or a view of one) to speak of, of no more than `most` elements."""
    x = s.operand(kinds)
    if x is None or not isinstance(s.value(x), np.ndarray) or s.value(x).size > most:
        return None
    return x


def mask_text(s: Scene, x: str) -> str:
    """A bool array of the shape of `x`."""
    array = s.value(x)
    same = [n for n in s.arrays(("bool",)) if s.value(n).shape == array.shape]
    if same and s.rng.random() < 0.5:
        return s.rng.choice(same)
    if array.dtype.kind in "fiuc" and s.rng.random() < 0.6:
        return f"({x} {s.rng.choice(['>', '<', '!='])} {s.rng.choice(['0', '1', '2'])})"
    return f"data({s.rng.randrange(1 << 16)}, {array.shape}, '?')"


def indices_text(
    s: Scene, extent: int, shape: tuple[int, ...] | None = None, strict: bool = False
) -> str:
    """Indices into an axis, negative ones and duplicates among them; rarely (unless `strict`:
    NumPy's put has written some when it finds one) out of bounds."""
    shape = shape or (s.rng.choice([0, 1, 2, 3, 5, 9]),)
    reach = max(extent + (not strict and s.rng.random() < 0.03), 1)
    if extent and s.rng.random() < 0.25:
        names = [n for n in s.arrays(("i4", "i8", "u1")) if s.value(n).size < 50]
        if names:
            return f"({s.rng.choice(names)} % {extent})"
    if len(shape) == 1 and s.rng.random() < 0.5:
        values = [s.rng.randint(-reach if extent else 0, reach - 1) for _ in range(shape[0])]
        return f"{values}" if values else "np.array([], int)"
    dtype = s.rng.choice(["i8", "i8", "i4", "u1", "i2"])
    low = 0 if dtype == "u1" else -reach
    values = np.array(
        [s.rng.randint(low, reach - 1) for _ in range(int(np.prod(shape)))], "i8"
    ).clip(-120, 120)
    made = f"np.array({values.reshape(shape).tolist()}, '{dtype}')"
    if 0 in shape:
        made = f"np.zeros({shape}, '{dtype}')"
    return f"array({made})" if s.rng.random() < 0.5 else made


def _axis(s: Scene, x: str) -> str:
    ndim = s.value(x).ndim
    if not ndim or s.rng.random() < 0.03:
        return s.rng.choice(["0", "-1", "3"])
    return str(s.rng.randrange(-ndim, ndim))


def axes_text(s: Scene, x: str) -> str:
    """What a reduction may be given as axis=."""
    ndim = s.value(x).ndim
    kind = s.rng.random()
    if kind < 0.3 or not ndim:
        return "None"
    if kind < 0.7:
        return str(s.rng.randrange(-ndim, ndim))
    axes = s.rng.sample(range(ndim), s.rng.randint(0, ndim))
    return str(tuple(a - ndim if s.rng.random() < 0.3 else a for a in axes))


def _partner(s: Scene, x: str) -> str:
    """Something that broadcasts with `x`."""
    array = s.value(x)
    text = s.fit(array.shape, (kind_of(array),) if s.rng.random() < 0.5 else ALL)
    return text if text and s.rng.random() < 0.8 else _scalar(s, x)


def _twin(s: Scene, x: str) -> str:
    """An array of the same dtype, of any shape."""
    names = [n for n in s.arrays((kind_of(s.value(x)),)) if s.value(n).size <= 5000]
    return s.rng.choice(names) if names else x


def _same(s: Scene, x: str) -> str:
    """An array of the same shape."""
    names = [n for n in s.arrays(ALL) if s.value(n).shape == s.value(x).shape]
    return s.rng.choice(names) if names else x


def _scalar(s: Scene, x: str) -> str:
    kind = s.value(x).dtype.kind
    if kind in "iu":
        return s.rng.choice(["0", "1", "2", "3", "7", "100"])
    if kind == "c":
        return s.rng.choice(["1j", "2", "(0.5-1j)"])
    if kind == "M":
        return "np.datetime64('2020-02-29')"
    if kind == "m":
        return "np.timedelta64(3, 'D')"
    text = scalar_text(s.rng, s.value(x).dtype)
    return text if kind != "b" or s.rng.random() < 0.5 else "True"


_BLANKS: dict[str, Callable[[Scene, str], str]] = {
    "ax": _axis,
    "axes": axes_text,
    "n": lambda s, x: str(s.rng.randint(-4, 4)),
    "c": lambda s, x: str(s.rng.randint(0, 3)),
    "y": _partner,
    "t": _twin,
    "u": _same,
    "s": _scalar,
    "m": mask_text,
    "m1": lambda s, x: mask_text(s, f"{x}.ravel()" if s.value(x).ndim != 1 else x),
    "i": lambda s, x: indices_text(s, s.value(x).shape[0] if s.value(x).ndim else 1),
    "flat": lambda s, x: indices_text(s, s.value(x).size),
    "inside": lambda s, x: indices_text(s, s.value(x).size, strict=True),
    "k": lambda s, x: key_text(s.rng, s.value(x).shape),
    "keep": lambda s, x: s.rng.choice(["", "", ", keepdims=True"]),
    "d": lambda s, x: s.rng.choice(ALL),
    "mode": lambda s, x: s.rng.choice(["'raise'", "'raise'", "'wrap'", "'clip'"]),
}
"""Blank → what to draw for it, given the phrase's array."""
