"""THE op table: every operation that can be recorded, its NumPy meaning and its engine opcode.

Pure. An operation is recordable when `resolve` finds a loop for its operand types; whether some
kernel takes it is the planner's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from fpgarray import selections
from fpgarray.resampling import resample

F4, F8, B1 = np.dtype("f4"), np.dtype("f8"), np.dtype(bool)
I4, I8, U1, U8 = np.dtype("i4"), np.dtype("i8"), np.dtype("u1"), np.dtype("u8")
FLOATS = (F4, F8)
INTEGERS = (I4, I8, U1)
DEVICE_DTYPES = frozenset({*FLOATS, *INTEGERS, B1})
"""dtypes that recorded operations may read and write. (Folds may also write U8.)"""

EXACT = {
    F4: frozenset({F4, F8}),
    F8: frozenset({F8}),
    I4: frozenset({I4, I8, F8}),
    I8: frozenset({I8}),
    U1: frozenset({U1, I4, I8, F4, F8}),
}
"""dtype → those that hold all of its values."""


@dataclass(frozen=True, eq=False)
class Op:
    """A row. `opcode` is the capability table's name, `bool_opcode` that for bools where it is
    another. `floats`, `integers`, `bools`: the families of types whose loops are covered.

    kind: "map" elementwise, "copy" (with cast), "fold" along axes (`identity`: a fold of nothing),
    "call" whole by a kernel of its own (`calls.CALLS`); the host function of a call takes its
    parameters by name.
    """

    name: str
    kind: str
    opcode: str
    host: Callable[..., Any]
    ufunc: np.ufunc | None = None
    floats: bool = True
    integers: bool = False
    bools: bool = False
    bool_opcode: str = ""
    identity: int | None = None

    def code(self, compute: np.dtype) -> str:
        """The opcode for operands read as `compute`."""
        return self.bool_opcode if self.bool_opcode and compute == B1 else self.opcode

    def covers(self, compute: np.dtype) -> bool:
        """Whether some engine computes it on that type."""
        if compute == B1:
            return self.bools
        return self.floats if compute in FLOATS else self.integers and compute in INTEGERS

    @cached_property
    def gives_bool(self) -> bool:
        """Whether it gives a bool for floats."""
        return self.ufunc is not None and "d" * self.ufunc.nin + "->?" in self.ufunc.types

    @cached_property
    def raises(self) -> bool:
        """Whether numbers can make it meet a floating-point error (for casts: `may_raise`)."""
        return self.kind != "copy" and not self.gives_bool and self.name not in _QUIET

    def __repr__(self) -> str:
        return f"<op {self.name}>"


_QUIET = frozenset(
    {
        "absolute", "bitwise_and", "bitwise_or", "bitwise_xor", "ceil", "copysign", "fabs", "floor",
        "fmax", "fmin", "heaviside", "invert", "isfinite", "isinf", "isnan", "left_shift", "logical_and",
        "logical_not", "logical_or", "logical_xor", "max", "maximum", "min", "minimum", "negative",
        "positive", "right_shift", "rint", "sign", "signbit", "spacing", "trunc",
        "where",
    }
)  # fmt: skip
QUOTIENTS = frozenset({"floor_divide", "remainder", "fmod"})
"""What warns of integers too: of a division by zero, or of the least integer by -1."""
_INTEGER_RAISES = QUOTIENTS | {"divmod", "reciprocal", "power"}


@dataclass(frozen=True, slots=True)
class Loop:
    """Types of one recorded operation: operands are read as `compute`, the result is `result`."""

    compute: np.dtype
    result: np.dtype


def _select(condition: Any, x: Any, y: Any, out: np.ndarray) -> np.ndarray:
    """`numpy.where` with an output."""
    out[...] = np.where(condition, x, y)
    return out


def _assign(source: Any, out: np.ndarray) -> np.ndarray:
    """Copy with NumPy's unsafe cast, as item assignment does."""
    np.copyto(out, source, casting="unsafe")
    return out


def _accumulate(ufunc: np.ufunc) -> Callable[..., Any]:
    """`ufunc.accumulate` with an output, as a call's host function."""

    def host(source: Any, out: np.ndarray, axis: int) -> Any:
        return ufunc.accumulate(source, axis, out.dtype, out)

    return host


def _ufunc_row(ufunc: np.ufunc, families: str = "f", opcode: str = "", for_bools: str = "") -> Op:
    """`families`: "f" floats, "i" integers, "b" bools."""
    floats, integers, bools = ("f" in families, "i" in families, "b" in families)
    name = ufunc.__name__
    code = opcode or name
    return Op(name, "map", code, ufunc, ufunc, floats, integers, bools, for_bools)


def _fold_row(
    name: str, ufunc: np.ufunc, opcode: str = "", identity: int | None = None, for_bools: str = ""
) -> Op:
    host = ufunc.reduce
    return Op(name, "fold", opcode or name, host, ufunc, bool_opcode=for_bools, identity=identity)


ADD = _ufunc_row(np.add, "fib", for_bools="logical_or")
SUBTRACT = _ufunc_row(np.subtract, "fi")
MULTIPLY = _ufunc_row(np.multiply, "fib")
DIVIDE = _ufunc_row(np.divide, "f", "divide")
NEGATIVE = _ufunc_row(np.negative, "fi")
POSITIVE = _ufunc_row(np.positive, "fi")
ABSOLUTE = _ufunc_row(np.absolute, "fib")
SIGN = _ufunc_row(np.sign, "fi")
SQUARE = _ufunc_row(np.square, "fi")
SQRT = _ufunc_row(np.sqrt)
MINIMUM = _ufunc_row(np.minimum, "fib")
MAXIMUM = _ufunc_row(np.maximum, "fib")
LESS = _ufunc_row(np.less, "fib")
LESS_EQUAL = _ufunc_row(np.less_equal, "fib")
GREATER = _ufunc_row(np.greater, "fib")
GREATER_EQUAL = _ufunc_row(np.greater_equal, "fib")
EQUAL = _ufunc_row(np.equal, "fib")
NOT_EQUAL = _ufunc_row(np.not_equal, "fib")
EXP = _ufunc_row(np.exp)
LOG = _ufunc_row(np.log)
FLOOR = _ufunc_row(np.floor)
CEIL = _ufunc_row(np.ceil)
TRUNC = _ufunc_row(np.trunc)
RINT = _ufunc_row(np.rint)
RECIPROCAL = _ufunc_row(np.reciprocal)
FABS = _ufunc_row(np.fabs, opcode="absolute")
DEGREES = _ufunc_row(np.degrees)
RADIANS = _ufunc_row(np.radians)
RAD2DEG = _ufunc_row(np.rad2deg, opcode="degrees")
DEG2RAD = _ufunc_row(np.deg2rad, opcode="radians")
SPACING = _ufunc_row(np.spacing)
ISNAN = _ufunc_row(np.isnan)
ISINF = _ufunc_row(np.isinf)
ISFINITE = _ufunc_row(np.isfinite)
SIGNBIT = _ufunc_row(np.signbit)
COPYSIGN = _ufunc_row(np.copysign)
FMIN = _ufunc_row(np.fmin, "fb", for_bools="minimum")
FMAX = _ufunc_row(np.fmax, "fb", for_bools="maximum")
HEAVISIDE = _ufunc_row(np.heaviside)
NEXTAFTER = _ufunc_row(np.nextafter)
FLOOR_DIVIDE = _ufunc_row(np.floor_divide, "fi")
REMAINDER = _ufunc_row(np.remainder, "fi")
FMOD = _ufunc_row(np.fmod, "fi")
EXP2 = _ufunc_row(np.exp2)
EXPM1 = _ufunc_row(np.expm1)
LOG2 = _ufunc_row(np.log2)
LOG10 = _ufunc_row(np.log10)
LOG1P = _ufunc_row(np.log1p)
CBRT = _ufunc_row(np.cbrt)
HYPOT = _ufunc_row(np.hypot)
POWER = _ufunc_row(np.power, "fi")
LOGADDEXP = _ufunc_row(np.logaddexp)
LOGADDEXP2 = _ufunc_row(np.logaddexp2)
SIN = _ufunc_row(np.sin)
COS = _ufunc_row(np.cos)
TAN = _ufunc_row(np.tan)
ARCSIN = _ufunc_row(np.arcsin)
ARCCOS = _ufunc_row(np.arccos)
ARCTAN = _ufunc_row(np.arctan)
ARCTAN2 = _ufunc_row(np.arctan2)
SINH = _ufunc_row(np.sinh)
COSH = _ufunc_row(np.cosh)
TANH = _ufunc_row(np.tanh)
ARCSINH = _ufunc_row(np.arcsinh)
ARCCOSH = _ufunc_row(np.arccosh)
ARCTANH = _ufunc_row(np.arctanh)
LOGICAL_AND = _ufunc_row(np.logical_and, "fib")
LOGICAL_OR = _ufunc_row(np.logical_or, "fib")
LOGICAL_XOR = _ufunc_row(np.logical_xor, "fib")
LOGICAL_NOT = _ufunc_row(np.logical_not, "fib")
BITWISE_AND = _ufunc_row(np.bitwise_and, "ib", for_bools="logical_and")
BITWISE_OR = _ufunc_row(np.bitwise_or, "ib", for_bools="logical_or")
BITWISE_XOR = _ufunc_row(np.bitwise_xor, "ib", for_bools="logical_xor")
INVERT = _ufunc_row(np.invert, "ib", for_bools="logical_not")
LEFT_SHIFT = _ufunc_row(np.left_shift, "i")
RIGHT_SHIFT = _ufunc_row(np.right_shift, "i")
WHERE = Op("where", "map", "where", _select, integers=True, bools=True)
COPY = Op("copy", "copy", "load", _assign, integers=True, bools=True)
SUM = _fold_row("sum", np.add, identity=0, for_bools="count")
PROD = _fold_row("prod", np.multiply, identity=1, for_bools="min")
MIN = _fold_row("min", np.minimum)
MAX = _fold_row("max", np.maximum)
ANY = _fold_row("any", np.logical_or, "max", identity=0)
ALL = _fold_row("all", np.logical_and, "min", identity=1)
TAKE = Op("take", "call", "take", selections.take)
PUT = Op("put", "call", "put", selections.put)
CUMSUM = Op("cumsum", "call", "cumsum", _accumulate(np.add), np.add)
CUMPROD = Op("cumprod", "call", "cumprod", _accumulate(np.multiply), np.multiply)
ARGMAX = Op("argmax", "call", "argmax", np.argmax)
ARGMIN = Op("argmin", "call", "argmin", np.argmin)
RESIZE = Op("resize", "call", "resize", resample)
MATMUL = Op("matmul", "call", "matmul", np.matmul, np.matmul)

POWERS: dict[float, Op] = {2: SQUARE, 1: POSITIVE, 0.5: SQRT, -1: RECIPROCAL}
"""What NumPy computes instead of a float's power, by the exponent, if that is one number."""

MAPS: dict[np.ufunc, Op] = {
    row.ufunc: row
    for row in tuple(globals().values())  # the rows above, by their names
    if isinstance(row, Op) and row.kind == "map" and row.ufunc is not None
}
"""ufunc → its elementwise row."""

FOLDS: dict[np.ufunc, Op] = {
    row.ufunc: row for row in (SUM, PROD, MIN, MAX, ANY, ALL) if row.ufunc is not None
}
"""ufunc → the row of its `reduce`."""

SCANS: dict[np.ufunc, Op] = {row.ufunc: row for row in (CUMSUM, CUMPROD) if row.ufunc is not None}
"""ufunc → the row of its `accumulate`."""


def may_raise(op: Op, compute: np.dtype, sources: tuple[Any, ...], target: np.dtype) -> bool:
    """Whether data can make this operation meet a floating-point error, its casts included.

    `sources` as nodes have them: flat pairs of storage and layout, or of None and a number.
    """
    if op.kind == "copy":
        return sources[0] is not None and narrows(sources[1].dtype, target)
    if op.raises and (compute.kind in "fc" or op.name in _INTEGER_RAISES):
        return True
    return not op.gives_bool and narrows(compute, target)


def narrows(source: np.dtype, target: np.dtype) -> bool:
    """Whether a number of `source` may have no counterpart in `target` that NumPy is silent of."""
    if source.kind not in "fc" or target.kind == "b":
        return False
    return target.kind in "iu" or target.itemsize < source.itemsize


Operand = np.dtype | type
"""A dtype, or `int`/`float` for a Python scalar (weak, NEP 50)."""


@lru_cache(maxsize=4096)
def resolve(op: Op, *operands: Operand) -> Loop | None:
    """NumPy's types for `op` on these operands, or None when no engine type can hold them.

    Raises nothing: operand types NumPy refuses give None too, and the fallback then raises
    NumPy's own error.
    """
    if any(not _holdable(each) for each in operands):
        return None
    if op is WHERE:
        dtype = _promote(operands[1:])
        return Loop(dtype, dtype) if dtype in DEVICE_DTYPES else None
    assert op.ufunc is not None
    try:
        *inputs, result = op.ufunc.resolve_dtypes((*operands, *[None] * op.ufunc.nout))
    except (TypeError, ValueError):
        return None
    compute = inputs[0]
    if compute == B1 and any(isinstance(each, np.dtype) and each != B1 for each in operands):
        # NumPy may cast to bool first; the engines ask "not zero" of the numbers themselves.
        inputs = [compute := _promote(operands)]
    if result not in DEVICE_DTYPES or any(each != compute for each in inputs):
        return None
    return Loop(compute, result) if op.covers(compute) else None


@lru_cache(maxsize=1024)
def resolve_fold(op: Op, operand: np.dtype, wanted: np.dtype | None = None) -> Loop | None:
    """NumPy's types for the fold `op` of `operand`, with `dtype=wanted`; None if no engine can.

    Sums and products of integers and bools are exact in 64 bits whatever the registers hold, so
    they are computed as the operand's type and cut to the result's.
    """
    if operand not in DEVICE_DTYPES:
        return None
    if op in (ANY, ALL):
        return Loop(B1, B1) if operand == B1 and (wanted is None or wanted == B1) else None
    if op in (MIN, MAX):  # not `wanted in (None, operand)`: float64 == None, says NumPy
        return Loop(operand, operand) if wanted is None or wanted == operand else None
    result = wanted or _total(operand)
    if result in FLOATS:
        return Loop(result, result)
    if result == B1 or (result == U8 and operand != U1) or result not in (*INTEGERS, U8):
        return None
    return Loop(result if operand in FLOATS else operand, result)


def _total(operand: np.dtype) -> np.dtype:
    """What sums and products of `operand` are in NumPy."""
    if operand in FLOATS:
        return operand
    return U8 if operand == U1 else I8


def _holdable(operand: Operand) -> bool:
    return operand in DEVICE_DTYPES or operand is int or operand is float


def _promote(operands: tuple[Operand, ...]) -> np.dtype:
    """`numpy.result_type` with weak Python scalars."""
    return np.result_type(*(each if isinstance(each, np.dtype) else each(0) for each in operands))
