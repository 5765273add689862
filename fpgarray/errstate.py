"""NumPy's errstate, as recording needs it: which categories warn, and whether NumPy is asked at once.

Pure. `state` is looked up for every recorded operation, so it is one context variable's value and
comparing it with `DEFAULT` is all that happens while nobody has changed it.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

DIVIDE, OVERFLOW, UNDERFLOW, INVALID = 1, 2, 4, 8
"""Categories: the bits NumPy's own handlers are called with."""
CATEGORIES = (
    (DIVIDE, "divide", "divide by zero"),
    (OVERFLOW, "over", "overflow"),
    (UNDERFLOW, "under", "underflow"),
    (INVALID, "invalid", "invalid value"),
)
"""(bit, errstate's keyword, NumPy's words), in the order in which NumPy reports."""
SCALAR = 256
"""Beside the categories that warn: the operation was NumPy's arithmetic of scalars, by its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """`warned`: bits of the categories that warn. `at_once`: why an operation that may meet one is
    computed at the call; empty where it may wait for the run."""

    warned: int
    at_once: str


_state: Callable[[], Any]
swap: Callable[[Any], Any] | None
"""Make a state the present one; `back`, with what it returned, undoes that. None if NumPy's state
cannot be had."""
back: Callable[[Any], None]
try:
    from numpy._core.umath import _extobj_contextvar

    _state = _extobj_contextvar.get
    swap, back = _extobj_contextvar.set, _extobj_contextvar.reset
except ImportError:  # private to NumPy: without it, ask by the public and slower way
    swap = None

    def _state() -> Any:
        return tuple(np.geterr().values())


def reporting_to(call: Callable[[str, int], None]) -> Any:
    """A state in which what the default warns of calls `call(words, flags)`."""
    with np.errstate(divide="call", over="call", invalid="call", under="ignore", call=call):
        return _state()


state = _state
"""What identifies the present errstate; hashable."""


def _describe(modes: dict[str, str]) -> Errors:
    warned, at_once = 0, []
    for bit, keyword, _ in CATEGORIES:
        mode = modes[keyword]
        if mode == "warn" and bit != UNDERFLOW:
            warned |= bit
        elif mode != "ignore":
            at_once.append(f"{keyword}={mode!r}")
    reason = f"computed at the call under errstate({', '.join(at_once)})" if at_once else ""
    return Errors(warned, reason)


_known: dict[Any, Errors] = {}
_LIMIT = 256


def current() -> Errors:
    """The errstate of this moment and thread."""
    key = _state()
    found = _known.get(key)
    if found is None:
        if len(_known) >= _LIMIT:
            _known.clear()
        found = _known[key] = _describe(np.geterr())
    return found


DEFAULT = contextvars.Context().run(_state)
"""`state()` where nobody has changed anything; `WARNED` are the categories that warn there."""
_default = contextvars.Context().run(current)
WARNED = _default.warned


def sentence(bit: int, name: str) -> str:
    """NumPy's text for a category met in an operation."""
    words = next(words for each, _, words in CATEGORIES if each == bit)
    return f"{words} encountered in {name}"
