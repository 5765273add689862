"""A small independent model of what fpgarray must do: traffic, deadness, bounds on launches.

Written from the contracts, byte by byte, with boolean arrays; it knows nothing of tapes, layouts or
plans. A `View` is a set of bytes of one storage and the order in which it walks them.

Rules it implements, from architecture.md:
* a copy moves only bytes that are stale where they are read; overwritten bytes are not needed;
* fresh memory is valid nowhere and moves nowhere;
* the recording runs when the host reads what a recorded operation writes, or writes what a recorded
  operation reads or writes;
* an operation is dead when nobody wants the bytes it writes: no array of the storage exists, and no
  wanted operation reads them before they are overwritten.

Launches. Operations of one launch share an iteration space, except those that only move elements
(copies without a cast, fills): of these a launch takes any that do not depend on each other. At most
one of them folds, and accesses to the same bytes walk them in the same order; otherwise a launch
boundary lies between the two.
Hence a *lower bound*: the longest chain of such boundaries, and the folds and spaces there are; and
an *upper bound*: what joining each operation only to the launch right before it would take.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Storage:
    """Who holds the valid copy of each byte. `alive`: some array of it exists."""

    nbytes: int
    alive: bool = True
    materialised: bool = False
    host: np.ndarray = field(init=False)
    device: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.host = np.zeros(self.nbytes, bool)
        self.device = np.zeros(self.nbytes, bool)


@dataclass(frozen=True)
class View:
    """`elements`: which element of the storage each element of the view is."""

    storage: Storage
    elements: np.ndarray
    itemsize: int

    @property
    def bytes(self) -> np.ndarray:
        """The bytes it touches, as a mask."""
        mask = np.zeros((self.storage.nbytes // self.itemsize, self.itemsize), bool)
        mask[self.elements.ravel()] = True
        return mask.ravel()

    def walks_like(self, other: View) -> bool:
        """Whether both visit the same elements at the same positions."""
        return (
            self.storage is other.storage
            and self.elements.shape == other.elements.shape
            and bool(np.array_equal(self.elements, other.elements))
        )

    def meets(self, other: View) -> bool:
        """Whether they share a byte."""
        return self.storage is other.storage and bool(np.any(self.bytes & other.bytes))


@dataclass(frozen=True)
class Operation:
    """Reads views, overwrites one. A fold iterates over what it reads; `moves`: elements go as they
    are from one view, or a number goes to all."""

    reads: tuple[View, ...]
    target: View
    folds: bool = False
    moves: bool = False

    @property
    def space(self) -> tuple[int, ...]:
        """What it iterates over."""
        return self.reads[0].elements.shape if self.folds else self.target.elements.shape


@dataclass
class Model:
    """Predicts counters of everything that ran."""

    recorded: list[Operation] = field(default_factory=list)
    bytes_to_device: int = 0
    bytes_from_device: int = 0
    fewest: int = 0
    most: int = 0

    def record(self, operation: Operation) -> None:
        """An operation is asked for."""
        self.recorded.append(operation)

    def host_reads(self, view: View) -> None:
        """The host wants these bytes."""
        if any(each.target.storage is view.storage for each in self.recorded):
            self.run()
        stale = view.bytes & view.storage.device & ~view.storage.host
        self.bytes_from_device += int(np.count_nonzero(stale))
        view.storage.host |= stale
        view.storage.materialised = True

    def host_writes(self, view: View) -> None:
        """The host overwrites these bytes."""
        if self.touched(view.storage):
            self.run()
        view.storage.host |= view.bytes
        view.storage.device &= ~view.bytes
        view.storage.materialised = True

    def touched(self, storage: Storage) -> bool:
        """Whether a recorded operation reads or writes it."""
        return any(
            view.storage is storage for each in self.recorded for view in (*each.reads, each.target)
        )

    def run(self) -> list[Operation]:
        """Everything recorded runs; returns what was wanted of it."""
        wanted = self._wanted()
        self.recorded = []
        for operation in wanted:
            for view in operation.reads:
                stale = view.bytes & view.storage.host & ~view.storage.device
                self.bytes_to_device += int(np.count_nonzero(stale))
                view.storage.device |= stale
            target = operation.target
            target.storage.device |= target.bytes
            target.storage.host &= ~target.bytes
        self.fewest += fewest_launches(wanted)
        self.most += most_launches(wanted)
        self._materialise(wanted)
        return wanted

    def _materialise(self, wanted: list[Operation]) -> None:
        """Storages that get memory for certain: those that live, and inputs from before."""
        for operation in wanted:
            if operation.target.storage.alive:
                operation.target.storage.materialised = True

    def _wanted(self) -> list[Operation]:
        """Backwards: an operation is wanted if a wanted byte is among those it writes."""
        desired: dict[int, np.ndarray] = {}
        wanted = []
        for operation in reversed(self.recorded):
            target = operation.target
            default = np.full(target.storage.nbytes, target.storage.alive)
            need = desired.setdefault(id(target.storage), default)
            if not np.any(need & target.bytes):
                continue
            wanted.append(operation)
            need &= ~target.bytes
            for view in operation.reads:
                default = np.full(view.storage.nbytes, view.storage.alive)
                desired.setdefault(id(view.storage), default)
                desired[id(view.storage)] |= view.bytes
        return wanted[::-1]


def boundary(first: Operation, second: Operation) -> bool:
    """Whether a launch must end between the two."""
    same_space = first.space == second.space
    for view in second.reads:  # read after write
        if first.target.meets(view):
            if not same_space or first.folds or not first.target.walks_like(view):
                return True
    for view in first.reads:  # write after read
        if second.target.meets(view):
            if not same_space or second.folds or not second.target.walks_like(view):
                return True
    if first.target.meets(second.target):  # write after write
        return (
            not same_space
            or first.folds
            or second.folds
            or not first.target.walks_like(second.target)
        )
    return False


def fewest_launches(operations: list[Operation]) -> int:
    """No plan can do with fewer."""
    level: list[int] = []
    for j, second in enumerate(operations):
        least = 0
        for i, first in enumerate(operations[:j]):
            if _ordered(first, second):
                least = max(least, level[i] + boundary(first, second))
        level.append(least)
    chain = max(level, default=-1) + 1
    spaces = {each.space for each in operations if not each.moves}
    needed = sum(
        max(1, sum(each.folds for each in operations if each.space == space)) for space in spaces
    )
    return max(chain, needed, 1 if operations else 0)


def most_launches(operations: list[Operation]) -> int:
    """A planner that looks one launch back does with so many."""
    count = 0
    current: list[Operation] = []
    for operation in operations:
        fits = current and all(
            each.space == operation.space
            and not boundary(each, operation)
            and not (each.folds and operation.folds)
            for each in current
        )
        if fits:
            current.append(operation)
        else:
            current = [operation]
            count += 1
    return count


def _ordered(first: Operation, second: Operation) -> bool:
    """Whether `second` may not run before `first`."""
    return (
        any(first.target.meets(view) for view in second.reads)
        or any(second.target.meets(view) for view in first.reads)
        or first.target.meets(second.target)
    )
