"""One statement of a lockstep program: its text, and what may be checked about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import CodeType


@dataclass(frozen=True)
class Inexact:
    """A result that NumPy's bits do not decide. The texts are evaluated on the NumPy side.

    kind: "function" (exp, log, …), "sum", "extremum" (only the sign of zero is open), or "near":
    `true` is the true result, `scale` what its error is a multiple of, `opens` where anything goes,
    all evaluated before the statement.
    `operands` before the statement, `result` after it, on both sides. `mask`: where=.
    """

    kind: str
    name: str
    operands: tuple[str, ...]
    result: str
    axis: int | tuple[int, ...] | None = None
    mask: str | None = None
    true: str = ""
    scale: str = ""
    opens: str = ""


@dataclass(frozen=True)
class Statement:
    """`names`: bound by it, compared in dtype, shape, strides. `reads`: compared in value.

    `lazy`: by contract it only records, so it may cause no launch and no copy. `anywhere`: which
    parts of it kernels do is for other tests to say.
    """

    text: str
    names: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    lazy: bool = False
    inexact: Inexact | None = None
    anywhere: bool = False

    @cached_property
    def code(self) -> CodeType:
        """Compiled."""
        return compiled(self.text, "exec")


@lru_cache(maxsize=4096)
def compiled(text: str, mode: str) -> CodeType:
    """`text` as code."""
    return compile(text, "<program>", mode)


@dataclass
class Program:
    """Statements and what they run under. `tape_operations`: the tape's cap, None for the usual."""

    dispatch: str
    statements: list[Statement] = field(default_factory=list)
    tape_operations: int | None = None
    flush: bool = False
    """Run for an engine that flushes subnormals: the twin is scrubbed of them."""
    devices: int = 1
    whole: bool = True
    """The image has every operation for f4 and f8."""
