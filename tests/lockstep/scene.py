"""What exists at one point of a program, and random operands, places and views made of it.

Asks the NumPy side of the twin; never changes anything.
"""

from __future__ import annotations

from random import Random

import numpy as np
from texts import scalar_text, view_text
from twin import Twin

DEVICE = ("f4", "f8", "bool")
INTEGERS = ("i4", "i8", "u1")
FLOATS = ("f4", "f8")
HOSTED = ("i2", "u4", "f2", "c8", "c16", "M8[D]", "m8[s]")
"""Some of the dtypes that stay in NumPy."""
ALL = (*DEVICE, *INTEGERS, *HOSTED)
ARITHMETIC = ("+", "-", "*", "/")
NAMES = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
LOGICAL = ("logical_and", "logical_or", "logical_xor")
EXACT = (
    *("floor", "ceil", "trunc", "rint", "sign", "positive", "square", "reciprocal", "fabs"),
    *("degrees", "deg2rad", "isnan", "isinf", "isfinite", "spacing"),
)
"""Functions of one float whose bits NumPy decides."""
EXTREMA = ("minimum", "maximum", "fmin", "fmax")
FUNCTIONS = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
)
PAIRS = ("arctan2", "hypot", "power", "logaddexp", "logaddexp2")
"""Functions of two floats that are not exact."""
DIVISIONS = ("heaviside", "nextafter", "floor_divide", "remainder", "fmod")
"""Functions of two floats whose bits NumPy decides."""


def kind_of(value: object) -> str:
    return "bool" if value.dtype == bool else value.dtype.str[1:]


def defined(target: np.ndarray, value: object) -> bool:
    """Whether NumPy assigns as if there were no overlap.

    It does not when both have one axis, their strides the same sign and different sizes
    (`x[::2] = x[:5]`): PyArray_AssignArray leaves that to an inner loop that only picks a
    direction. We do; `test_overlap.py` holds it.
    """
    if target.ndim != 1 or not isinstance(value, np.ndarray) or value.ndim < 1:
        return True
    own, other = target.strides[0], value.strides[-1]
    return own == other or own * other < 0 or not np.may_share_memory(target, value)


class Scene:
    """Draws statements. Asks the twin what exists; never runs anything that changes it."""

    def __init__(self, rng: Random, twin: Twin) -> None:
        self.rng = rng
        self.twin = twin
        self.flush = twin.program.flush
        self.devices = twin.program.devices
        self.large = rng.random() < 0.2
        self.flavours = rng.choices(
            [["plain"], ["plain", "special"], ["plain", "tiny"]], [70, 20, 0 if self.flush else 10]
        )[0]
        self.count = 0

    # What exists

    def arrays(self, dtypes: tuple[str, ...] = DEVICE) -> list[str]:
        """Arrays of these dtypes."""
        return [n for n in self.twin.arrays() if kind_of(self.twin.numpy[n]) in dtypes]

    def value(self, text: str) -> np.ndarray:
        """What a text is on the NumPy side."""
        with np.errstate(all="ignore"):
            return eval(text, self.twin.numpy)

    def fresh(self, prefix: str = "v") -> str:
        """A new name."""
        self.count += 1
        return f"{prefix}{self.count}"

    def target(self) -> str:
        """A name for a result: mostly new, sometimes one that exists and loses its value."""
        names = self.twin.variables()
        return self.rng.choice(names) if names and self.rng.random() < 0.12 else self.fresh()

    # Pieces

    def pick(self, dtypes: tuple[str, ...] = DEVICE) -> str | None:
        """An array, by name."""
        names = self.arrays(dtypes)
        return self.rng.choice(names) if names else None

    def operand(self, dtypes: tuple[str, ...] = DEVICE) -> str | None:
        """An array or a view of one, as text."""
        name = self.pick(dtypes)
        if name is None:
            return None
        return name if self.rng.random() < 0.65 else view_text(self.rng, name, self.value(name))

    def place(self, dtypes: tuple[str, ...] = DEVICE) -> str | None:
        """Writable memory, as text."""
        name = self.pick(dtypes)
        if name is None or not self.value(name).flags.writeable:
            return None
        if self.rng.random() < 0.55:
            return name
        text = view_text(self.rng, name, self.value(name), writable=True)
        view = self.value(text)
        if not isinstance(view, np.ndarray) or not view.flags.writeable:
            return None
        return text if not view.size or np.shares_memory(view, self.value(name)) else None

    def fit(self, wanted: tuple[int, ...], dtypes: tuple[str, ...] = DEVICE) -> str | None:
        """An array text that broadcasts to `wanted`."""
        names = self.arrays(dtypes)
        self.rng.shuffle(names)
        same = [n for n in names if self.value(n).shape == wanted]
        if same and self.rng.random() < 0.6:
            name = same[0]
            if wanted and self.rng.random() < 0.2:
                return f"{name}[::-1]"
            return f"{name}.T" if wanted == wanted[::-1] and self.rng.random() < 0.2 else name
        for name in names:
            text = self.cut(name, self.value(name).shape, wanted)
            if text is not None:
                return text
        return None

    def cut(self, name: str, have: tuple[int, ...], wanted: tuple[int, ...]) -> str | None:
        """`name` indexed so that it broadcasts to `wanted`."""
        if len(have) < len(wanted) and self.rng.random() < 0.8:
            tail = wanted[len(wanted) - len(have) :]
            return name if all(h in (1, w) for h, w in zip(have, tail, strict=True)) else None
        parts = []
        extra = len(have) - len(wanted)
        if extra < 0 or any(n == 0 for n in have[:extra]):
            return None
        parts += [str(self.rng.randrange(n)) for n in have[:extra]]
        for h, w in zip(have[extra:], wanted, strict=True):
            if h < w:
                if h != 1:
                    return None
                parts.append(":")
                continue
            start = self.rng.randint(0, h - w)
            parts.append(f"{start}:{start + w}")
        if all(part.isdigit() for part in parts):
            parts.append("...")
        return f"{name}[{', '.join(parts)}]"

    def other(self, wanted: tuple[int, ...], dtype: np.dtype) -> tuple[str, bool]:
        """The second operand of an operation with an array, and whether a kernel can take it."""
        kind = self.rng.random()
        usual = ("bool",) if dtype == bool else ("f4", "f8")
        if kind < 0.6:
            text = self.fit(wanted, usual if kind < 0.5 else DEVICE)
            if text is not None:
                return text, True
        if kind < 0.9 or len(wanted) != 1 or wanted[0] > 20:
            return scalar_text(self.rng, dtype), True
        if kind < 0.95 and (known := self._plain(wanted)):
            return known, kind_of(self.value(known)) in DEVICE
        values = [self.rng.choice([0.5, -2.0, 3.25, 1.0]) for _ in range(wanted[0])]
        return (
            f"np.array({values}, '{self.rng.choice(['f4', 'f8'])}')" if kind < 0.98 else f"{values}"
        ), True

    def _plain(self, wanted: tuple[int, ...]) -> str | None:
        names = [
            n
            for n, v in self.twin.numpy.items()
            if n[0] == "n" and n[1:].isdigit() and v.shape == wanted
        ]
        return self.rng.choice(names) if names else None

    def lazily(self, *texts: str, floats: bool = False) -> bool:
        """Whether an operation on these is recorded, not run: device dtypes, on one device."""
        if self.devices > 1:
            return False
        kinds = []
        for text in texts:
            value = self.value(text)
            if isinstance(value, (np.ndarray, np.generic)):
                kinds.append(kind_of(value))
            elif isinstance(value, list):
                kinds.append("f8")
            elif isinstance(value, float) and abs(value) < 1e30:
                kinds.append("f8")
        if any(kind not in DEVICE for kind in kinds):
            return False
        return not floats or any(kind != "bool" for kind in kinds)

    def tame(self, value: object, kind: str) -> bool:
        """Whether NumPy, not the CPU, says what each number becomes as a `kind`."""
        array, wanted = np.asarray(value), np.dtype(kind)
        if array.dtype.kind not in "fc" or wanted.kind not in "iumM":
            return True
        if wanted.kind in "mM":
            return False
        bounds = np.iinfo(wanted)
        with np.errstate(all="ignore"):
            real = array.real.astype("f8")
            return bool(
                np.all(
                    (real > bounds.min * 0.99) & (real < bounds.max * 0.99) & (real > -1)
                    if wanted.kind == "u"
                    else np.abs(real) < bounds.max * 0.99
                )
            )

    def overlapping(self, name: str, array: np.ndarray, view: np.ndarray) -> str | None:
        """Another view of the same memory that has the shape of `view`."""
        for _ in range(4):
            text = self.cut(name, array.shape, view.shape)
            if text is None or self.value(text).shape != view.shape:
                continue
            return f"{text}[::-1]" if self.rng.random() < 0.4 and view.ndim else text
        return None
