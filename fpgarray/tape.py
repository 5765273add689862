"""Recorded operations that have not been launched, in program order. Pure.

A storage is an opaque object here: nodes name it, the planner compares it by identity.
Recording appends without a lock (list.append is atomic); `Tape.take` and `Tape.drop` are called
under the device's lock and cut the same list in place, so an append from another thread is never
lost. Nodes hold storages, never arrays, so a temporary whose arrays are gone is seen to be dead.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

import numpy as np

from fpgarray.config import Policy
from fpgarray.layout import Layout
from fpgarray.ops import Op

Params = tuple[tuple[str, Any], ...]
"""Names and hashable values: the keyword arguments of an op's `host` function."""

Source = Any
"""Sources are a flat tuple of pairs: (storage, layout) for memory, (None, number) for a scalar."""


class Node:
    """One recorded operation. `axes`: the folded axes of a fold, else None.

    `warned`: the `errstate` categories that its data, when it runs, are to be warned of.
    """

    params: Params | None = None
    """What a call needs beside its operands; see `CallNode`."""

    __slots__ = (
        "axes",
        "code",
        "compute",
        "lasti",
        "layout",
        "op",
        "policy",
        "sources",
        "storage",
        "warned",
    )

    def __init__(
        self,
        op: Op,
        compute: np.dtype,
        sources: tuple[Source, ...],
        storage: Any,
        layout: Layout,
        policy: Policy,
        code: CodeType | None,
        lasti: int,
        axes: tuple[int, ...] | None = None,
        warned: int = 0,
    ) -> None:
        self.op = op
        self.compute = compute
        self.sources = sources
        self.storage = storage
        self.layout = layout
        self.policy = policy
        self.code = code
        self.lasti = lasti
        self.axes = axes
        self.warned = warned

    @property
    def location(self) -> str | None:
        """file:line of the recording."""
        if self.code is None:
            return None
        return f"{self.code.co_filename}:{self.line}"

    @property
    def line(self) -> int:
        """The line of the recording; 0 if nobody's."""
        return 0 if self.code is None else line_of(self.code, self.lasti)


class CallNode(Node):
    """A node whose operation takes parameters. `params` is empty where it takes none now."""

    __slots__ = ("params",)

    def __init__(self, *args: Any, params: Params = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = params


def line_of(code: CodeType, lasti: int) -> int:
    """The source line of the instruction at byte `lasti`."""
    found = code.co_firstlineno
    for start, stop, line in code.co_lines():
        if start <= lasti < stop:
            return line if line is not None else found
        if line is not None:
            found = line
    return found


class Tape:
    """The nodes of one device, and the epoch that tells which storages they touch.

    A recorder appends its node and then writes `epoch` into the marks of the storages it touches.
    `begin` moves the epoch on before it takes the nodes, so under the device's lock a storage has
    nodes on the tape only if its mark is >= `epoch` or a run was left unfinished (`running`); the
    reverse may fail: that costs a look. `done` are nodes whose effects are accounted for: they are
    added by one call, so an interrupt anywhere leaves each step done or not done.
    """

    __slots__ = ("done", "epoch", "limit", "nbytes", "nodes", "running", "settled")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.done: set[Node] = set()
        self.nbytes = 0
        self.epoch = 0
        self.settled = 0
        """The epoch after the last complete run: every node on the tape has a mark >= it."""
        self.running = False
        self.limit = 0
        """Nodes from which a recorder calls `executor.recorded`: the cap, or 0 for always."""

    def pending(self, mark: int) -> bool:
        """Whether nodes that touch a storage of this mark may be on the tape."""
        return mark >= self.epoch or self.running

    def begin(self) -> list[Node]:
        """The nodes to be run; they stay on the tape until `end`."""
        self.running = True
        self.epoch += 1
        self.nbytes = 0
        self.limit = 0  # options may have changed
        return [node for node in self.nodes[:] if node not in self.done]

    def back(self) -> None:
        """The run failed as a whole: what is still on the tape is as if it had never begun."""
        self.epoch = self.settled
        self.running = False

    def end(self, complete: bool) -> None:
        """Remove the nodes that are done. `complete`: that was all `begin` gave."""
        count = len(self.nodes)
        self.nodes[:count] = [node for node in self.nodes[:count] if node not in self.done]
        self.done.clear()
        if complete:
            self.settled = self.epoch
            self.running = False
