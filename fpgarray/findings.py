"""What the data of recorded operations showed when they ran, told as NumPy's warnings.

Owns the queue's rows and how a warning finds the recording's line, module and filters. A finding
waits in `Device.findings` until the device is in a state that an exception may leave (a filter can
make any warning one). Knows nodes; knows nothing of launches or memory.
"""

from __future__ import annotations

import sys
import warnings
from collections import deque
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from fpgarray.errstate import CATEGORIES, DIVIDE, INVALID, OVERFLOW, SCALAR, sentence
from fpgarray.ops import Op
from fpgarray.tape import Node, line_of


class Finding(NamedTuple):
    """One warning to be given at a line."""

    code: CodeType
    line: int
    text: str


class Flags:
    """NumPy's floating-point callback: collects the categories that it is called for."""

    def __init__(self) -> None:
        self.found = 0

    def __call__(self, _words: str, flags: int) -> None:
        self.found |= flags

    def take(self) -> int:
        """The categories since the last call."""
        found, self.found = self.found, 0
        return found


def watching(flags: Flags) -> np.errstate:
    """A context in which NumPy reports to `flags`, and otherwise says nothing."""
    return np.errstate(divide="call", over="call", invalid="call", under="ignore", call=flags)


_NAMES = {"fold": "reduce", "copy": "cast"}
_SCANS = {"cumsum": "accumulate", "cumprod": "accumulate"}


def name_of(op: Op, warned: int) -> str:
    """What NumPy's warnings call an operation."""
    if op.ufunc is None or op.kind != "map":
        return _NAMES.get(op.kind) or _SCANS.get(op.name, op.name)
    return f"scalar {op.name}" if warned & SCALAR else op.ufunc.__name__


class Site(NamedTuple):
    """What a warning needs to know of a node, without the memory that the node holds."""

    code: CodeType | None
    lasti: int
    op: Op
    warned: int


def site_of(node: Node) -> Site:
    """The site of a node."""
    return Site(node.code, node.lasti, node.op, node.warned)


def note(queue: deque[Finding], site: Site, found: int) -> None:
    """Queue the warnings that `found` categories are worth to a recording."""
    found &= site.warned
    if not found or site.code is None:
        return
    name = name_of(site.op, site.warned)
    for bit, _, _ in CATEGORIES:
        if found & bit:
            queue.append(Finding(site.code, line_of(site.code, site.lasti), sentence(bit, name)))


_WORDS = 4
LINE_NBYTES = 64
_BITS = (DIVIDE, OVERFLOW, INVALID)


def read_line(line: np.ndarray, number: int) -> int:
    """The categories that a line of findings (kernels/PROGRAM.md) tells of an instruction.

    A negative number is the fold's.
    """
    if number < 0:
        return int(line[3 * _WORDS])
    word, bit = divmod(number, 32)
    return sum(
        category
        for part, category in enumerate(_BITS)
        if int(line[part * _WORDS + word]) >> bit & 1
    )


def tell(queue: deque[Finding]) -> None:
    """Give the queued warnings, each once. If a filter makes one an error, the rest stay queued."""
    while queue:
        finding = queue.popleft()
        filename = finding.code.co_filename
        module, registry = _home(filename)
        warnings.warn_explicit(
            finding.text, RuntimeWarning, filename, finding.line, module, registry
        )


_registries: dict[str, dict[Any, Any]] = {}
"""For code of no module: which warnings were shown."""


def _home(filename: str) -> tuple[str, dict[Any, Any]]:
    """The module of a file, and its memory of which warnings were shown (as `warnings` has it)."""
    for name, module in tuple(sys.modules.items()):
        names = getattr(module, "__dict__", None)
        if names is not None and names.get("__file__") == filename:
            return names.get("__name__", name), names.setdefault("__warningregistry__", {})
    main = sys.modules.get("__main__")
    if main is not None and not hasattr(main, "__file__"):  # a prompt, `-c`, a notebook's cells
        return "__main__", vars(main).setdefault("__warningregistry__", {})
    # Not None: `warnings` would drop the warning without a word.
    return filename.removesuffix(".py"), _registries.setdefault(filename, {})
