"""What README.md says is true: its Python blocks run and print what stands below them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpgarray as fa
from fpgarray import ops

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(m[1], m[2], TEXT[: m.start(2)].count("\n")) for m in BLOCK.finditer(TEXT)]
"""Language, contents, and lines of the README before them."""

SNIPPETS = [index for index, (language, _, _) in enumerate(BLOCKS) if language == "python"]


def run(index: int) -> str:
    """What block `index` prints after those before it, in one namespace where `np` is NumPy."""
    names: dict[str, object] = {"__name__": "readme"}
    for each in SNIPPETS[: SNIPPETS.index(index) + 1]:
        _, code, line = BLOCKS[each]
        printed = io.StringIO()
        names["np"] = np
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + code, str(README), "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("index", SNIPPETS, ids=lambda index: f"line{BLOCKS[index][2]}")
def test_a_snippet_prints_what_the_block_below_it_says(index: int) -> None:
    language, expected, _ = BLOCKS[index + 1]
    assert language == "text", "every Python block is followed by what it prints"
    assert run(index) == expected


# The table of what runs by kernel

KINDS = {"floats": "f4 f8", "bool": "?", "integers": "i4 i8 u1", "int32": "i4", "int64": "i8"}
CLAIMED = re.compile(r"^\| by kernel: [^|]*\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
CLAIMS = [
    (name, kind)
    for names, kinds in CLAIMED.findall(TEXT)
    for name in re.findall(r"`(\w+)`", names)
    for kind in kinds.replace(",", " ").split()
]
CALLS: dict[str, Callable[[Any], Any]] = {
    "where": lambda x: np.where(x == x[0, 0], x, x[1]),
    "copy": lambda x: x.copy(),
    "astype": lambda x: x.astype(bool),
    "sum": lambda x: x.sum(axis=0),
    "mean": lambda x: x.mean(),
    "var": lambda x: x.var(axis=1),
    "std": lambda x: x.std(),
    "min": lambda x: x.min(axis=(0, 1)),
    "max": lambda x: x.max(axis=0, keepdims=True),
    "prod": lambda x: x.prod(axis=0),
    "any": lambda x: x.any(axis=0),
    "all": lambda x: x.all(),
    "power": lambda x: np.power(x, 3),
    "ptp": lambda x: np.ptp(x, axis=1),
    "count_nonzero": lambda x: np.count_nonzero(x, axis=0),
    "argmin": lambda x: x.argmin(axis=0),
    "argmax": lambda x: x.argmax(),
    "cumsum": lambda x: np.cumsum(x, axis=1),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "matmul": lambda x: x @ x.T,
    "dot": lambda x: np.dot(x, x.T),
    "inner": lambda x: np.inner(x, x),
    "vdot": lambda x: np.vdot(x, x),
    "tensordot": lambda x: np.tensordot(x, x, axes=([1], [1])),
    "outer": lambda x: np.outer(x, x),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "clip": lambda x: np.clip(x, x[0, 0], x[0, 1]),
    "round": lambda x: np.round(x, 2),
    "concatenate": lambda x: np.concatenate([x, x]),
    "stack": lambda x: np.stack([x, x], axis=1),
    "hstack": lambda x: np.hstack([x, x]),
    "vstack": lambda x: np.vstack([x, x]),
    "append": lambda x: np.append(x, x),
    "roll": lambda x: np.roll(x, 2, axis=1),
    "pad": lambda x: np.pad(x, 1),
    "repeat": lambda x: np.repeat(x, 2, axis=0),
    "tile": lambda x: np.tile(x, (2, 1)),
    "insert": lambda x: np.insert(x, 1, 0, axis=0),
    "delete": lambda x: np.delete(x, 1, axis=0),
    "tril": np.tril,
    "triu": np.triu,
    "diff": np.diff,
    "take": lambda x: np.take(x, np.array([2, 0]), axis=0),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[1], [0]] * 3), axis=1),
    "compress": lambda x: np.compress([True, False, True], x, axis=0),
}


@pytest.mark.parametrize(("name", "kind"), CLAIMS, ids=lambda text: text)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_the_table_says_runs_by_kernel_does(name: str, kind: str) -> None:
    """On arrays that a kernel must read: nothing falls back, and something is launched."""
    call = CALLS.get(name) or partial(of_ufunc, getattr(np, name))
    for dtype in KINDS[kind].split():
        plain = np.arange(1, 49).reshape(6, 8) % 5 == 0 if dtype == "?" else values(dtype)
        with fa.policy(dispatch="device"), fa.profile() as p:
            result = call(fa.asarray(plain))
            for each in result if isinstance(result, tuple) else (result,):
                np.asarray(each)
        assert p.fallbacks == p.host_chosen == 0, (dtype, p.reasons)
        assert p.launches > 0, dtype


def values(dtype: str) -> np.ndarray:
    """In the domain of (nearly) every function, and factors that do not overflow."""
    return (np.arange(48).reshape(6, 8) % 3 + (1 if dtype in "i4 i8 u1" else 0.25)).astype(dtype)


def of_ufunc(ufunc: np.ufunc, x: Any) -> Any:
    return ufunc(*(x, x[::-1])[: ufunc.nin])


def test_the_table_names_every_operation_the_engines_have() -> None:
    named = {name for name, _ in CLAIMS}
    assert named >= {op.ufunc.__name__ for op in ops.MAPS.values()}
    assert named >= {op.name for op in (*ops.FOLDS.values(), *ops.SCANS.values(), ops.MATMUL)}


def test_there_are_two_commands_to_set_up() -> None:
    commands = [code for language, code, _ in BLOCKS if language == "sh"]
    assert [each.count("\n") for each in commands] == [1, 1]
    demo, tests = commands
    assert "'.[demo]'" in demo and demo.rstrip().endswith("fpgarray demo")
    assert "'.[test]'" in tests and tests.rstrip().endswith("pytest")
