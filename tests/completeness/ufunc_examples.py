"""Example calls of ufuncs, made from what each says of itself: its operands, loops and methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from arrays import A, B, D, I, J, M, P, T, V, Z
from example import Example, Host, call

_TEXT = np.array(["pear", "Apple ", "a\tb", "10"], np.dtypes.StringDType())
SAMPLES: dict[str, np.ndarray] = {
    **{char: np.array([1, 2, 0, 3]).astype(char) for char in "?bBhHiIlLqQ"},
    **{char: np.array([0.25, -1.5, 2.0, 0.0, np.nan, -np.inf]).astype(char) for char in "efdg"},
    **{char: np.array([0.5 + 1j, -2.0, 0, 3j]).astype(char) for char in "FDG"},
    "m": np.array([1, -2, 0, 3], "m8[s]"),
    "M": np.array([1, -2, 0, "NaT"], "M8[s]"),
    "O": np.array([1, 2.5, -3, True], object),
}
"""Typical operands by type character."""

SIDES = {"l": np.array([1, 0, 2, 3]), "i": np.array([1, 0, 2, 3], "i4")}
"""Second operands for what wants small counts beside a float (ldexp)."""

_ENDS = (0, np.iinfo(np.int64).max)
TEXTS: dict[str, list[tuple[Any, ...]]] = {
    "_center": [(_TEXT, 8, "*")],
    "_expandtabs": [(_TEXT, 4)],
    "_expandtabs_length": [(T, 4), (_TEXT, 4)],
    "_ljust": [(_TEXT, 8, "*")],
    "_lstrip_chars": [(T, "p"), (_TEXT, "p")],
    "_lstrip_whitespace": [(T,), (_TEXT,)],
    "_partition": [(_TEXT, "p")],
    "_partition_index": [(T, "p", I)],
    "_replace": [(_TEXT, "p", "qq", 1)],
    "_rjust": [(_TEXT, 8, "*")],
    "_rpartition": [(_TEXT, "p")],
    "_rpartition_index": [(T, "p", I)],
    "_rstrip_chars": [(T, "r"), (_TEXT, "r")],
    "_rstrip_whitespace": [(T,), (_TEXT,)],
    "_slice": [(T, 0, 2, 1), (_TEXT, 0, 2, 1)],
    "_strip_chars": [(T, "p"), (_TEXT, "0")],
    "_strip_whitespace": [(T,), (_TEXT,)],
    "_zfill": [(_TEXT, 8)],
    **{
        name: [(T, "p", *_ENDS), (_TEXT, "p", *_ENDS), (T, T, 1, I)]
        for name in ("count", "endswith", "find", "index", "rfind", "rindex", "startswith")
    },
    **{
        name: [(T,), (_TEXT,), (T.astype("S"),)]
        for name in (
            "isalnum", "isalpha", "isdecimal", "isdigit", "islower", "isnumeric", "isspace",
            "istitle", "isupper", "str_len",
        )
    },
}  # fmt: skip
"""Operands of the ufuncs of text, which list no loops."""

U1 = np.array([1, 200, 255], "u1")
PAIRS: list[tuple[Any, Any]] = [
    (A, Z.T[:1]), (J, V[:3]), (P, P), (A, V), (V, 2), (2.5, V), (J, 2), (U1, 300), (M, 1),
    (Host(V), V), (V, [1, 2, 3, 4, 5]), (V, None), (T, T), (V, T), (D, D), (V, object()),
]  # fmt: skip
"""Operands of mixed types, shapes and kinds."""

KEYWORDS: list[dict[str, Any]] = [
    {"dtype": "f4"}, {"dtype": "no"}, {"casting": "no"}, {"casting": "what"}, {"order": "F"},
    {"subok": False}, {"nothing": 1}, {"axis": 0},
]  # fmt: skip
"""What may and may not be asked beside operands and outputs."""

METHODS = ("reduce", "accumulate", "reduceat", "outer", "at")


def calls(ufunc: np.ufunc) -> Iterator[Example]:
    """Example calls of the ufunc itself."""
    if ufunc.signature is not None:
        yield from _core_calls(ufunc)
        return
    if ufunc.__name__ in TEXTS and ufunc.__name__.startswith("_"):
        # Parts of numpy.strings: given anything else than it gives them, some crash.
        for operands in _operands(ufunc):
            yield call(*operands)
            yield call(*operands, nothing=1)
        return
    for operands in _operands(ufunc):
        yield call(*operands)
        if operands[0].dtype.char in "dV?lU":
            yield from _keywords(ufunc, operands)
    for left, right in PAIRS:
        yield call(*(left, right, V, V)[: ufunc.nin])
    yield call(*[V] * (ufunc.nin + ufunc.nout + 1))


def _operands(ufunc: np.ufunc) -> Iterator[tuple[Any, ...]]:
    """One tuple of operands for every loop."""
    yield from TEXTS.get(ufunc.__name__, ())
    for kinds in sorted({loop.split("->")[0] for loop in ufunc.types}):
        given = [SAMPLES[kind] for kind in kinds]
        if len(set(kinds)) > 1:
            given = [each[:4] for each in given]
            if kinds[-1] in SIDES and kinds[0] in "efdg":
                given[-1] = SIDES[kinds[-1]]
        yield tuple(given)


def _keywords(ufunc: np.ufunc, operands: tuple[Any, ...]) -> Iterator[Example]:
    size = np.size(operands[0])
    mask = np.arange(size) % 2 == 0
    for dtype in ("f8", "f4", "i8", "?", "O", "U9"):
        outs = tuple(np.zeros(size, dtype) for _ in range(ufunc.nout))
        yield call(*operands, out=outs if ufunc.nout > 1 else outs[0])
        yield call(*operands, out=outs, where=mask)
        yield call(*operands, *outs)
    yield call(*operands, out=(np.zeros(size + 1),) * ufunc.nout)
    yield call(*operands, out=(np.zeros((2, size)),) * ufunc.nout)
    if ufunc.nout == 1:
        yield call(*operands, out=Host(np.zeros(size)))
    yield call(*operands, out=3)
    loop = "d" * ufunc.nin + "->" + "d" * ufunc.nout
    for keywords in (*KEYWORDS, {"signature": loop}):
        yield call(*operands, **keywords)


def _core_calls(ufunc: np.ufunc) -> Iterator[Example]:
    """Examples of the generalised ones: matmul, vecdot, matvec, vecmat."""
    square = np.arange(9.0).reshape(3, 3) - 4
    vector = np.array([1.0, -2.0, 0.5])
    shapes = {
        "matmul": (square, square.T), "vecdot": (square, vector), "matvec": (square, vector),
        "vecmat": (vector, square),
    }  # fmt: skip
    left, right = shapes[ufunc.__name__]
    for char in "?bBhHiIlLefdgFDGO":
        yield call(left.astype(char), right.astype(char))
    yield call(left.astype("i4"), right)
    yield call(np.stack([left, left]), right)
    yield call(left, Host(right))
    yield call(left, right[:2])
    yield call(left, 2)
    yield call(left, right, out=np.zeros((3, 3)))
    yield call(left, right, out=np.zeros(3))
    yield call(left, right, out=np.zeros(2))
    yield call(left, right, dtype="f4", casting="unsafe")
    yield call(left, right, dtype="f4")
    yield call(left, right, axis=0)
    yield call(left, right, where=True)
    yield call(T, T)


def method_calls(ufunc: np.ufunc, method: str) -> Iterator[Example]:
    """Example calls of one method; where NumPy refuses it, so do we."""
    yield from {
        "reduce": _reductions,
        "accumulate": _accumulations,
        "reduceat": _reductions_at,
        "outer": _outer,
        "at": _at,
    }[method](ufunc)


def _reductions(ufunc: np.ufunc) -> Iterator[Example]:
    for array in (A, V, J, B, Z, P, A[:0], D, np.array([1, 2, 3], object), np.array([1j, 2])):
        yield call(array)
    yield call(A, 1)
    yield call(A, axis=None, keepdims=True)
    yield call(A, (0, 1))
    yield call(A, 5)
    yield call(A, 0, None, np.zeros(4))
    yield call(A, out=np.zeros(3))
    yield call(A, out=(np.zeros(4, "f4"),))
    yield call(J, dtype="f8")
    yield call(B, initial=1)
    yield call(A, initial=2.0, where=B, axis=1)
    yield call(A, 0, where=B)
    yield call(J, 1, out=Host(np.zeros(2)))


def _accumulations(ufunc: np.ufunc) -> Iterator[Example]:
    for array in (A, V, J, B, Z, P, A[:0], np.array([1, 2, 3], object)):
        yield call(array)
    yield call(A, 1)
    yield call(A, axis=3)
    yield call(A, 0, None, np.zeros((3, 4)))
    yield call(A, out=np.zeros(3))
    yield call(J, dtype="f4")


def _reductions_at(ufunc: np.ufunc) -> Iterator[Example]:
    yield call(V, [0, 2, 1])
    yield call(A, np.array([0, 2]), 1)
    yield call(J, np.array([0, 1, 0]), axis=1, dtype="f8")
    yield call(V, [0, 9])
    yield call(V, [0, 2], out=np.zeros(2, "f4"))
    yield call(B, [0, 1])
    yield call(V, V)


def _outer(ufunc: np.ufunc) -> Iterator[Example]:
    yield call(V, V[:2])
    yield call(A, J)
    yield call(M, M)
    yield call(V, 2)
    yield call(V, V, out=np.zeros((5, 5)))
    yield call(V, V, out=np.zeros((2, 5)))
    yield call(V, Host(I))
    yield call(I, I, I)


def _at(ufunc: np.ufunc) -> Iterator[Example]:
    for operand in ((), (V,), (2,)):
        yield call(V, I, *operand)
        yield call(J, (0, [0, 0, 1]), *operand)
    yield call(A, [0, 0, 1], 2.0)
    yield call(M, [0, 1, 0], True)
    yield call(V, [9], 1)
    yield call(V, slice(0, 2), V[:2])
    yield call(V, I, A)
    yield call(J, [0], 2.5)
    yield call(Host(V), I, V)
