"""Byte-range coherence: who holds the valid copy of every byte of a storage.

Pure values: no memory, no device. A `ByteMap` covers [0, nbytes) with disjoint ranges, each in one
state; `TRANSITIONS` is the whole state machine. An illegal event raises and changes nothing.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from fpgarray.errors import CoherenceError
from fpgarray.ranges import Range


class State(enum.IntEnum):
    """Where a byte is valid. NOWHERE: fresh `empty` memory, never written."""

    NOWHERE = 0
    HOST = 1
    DEVICE = 2
    BOTH = 3


class Event(enum.Enum):
    """What can happen to a range of bytes."""

    HOST_WRITE = enum.auto()
    """The host overwrote it whole."""
    DEVICE_WRITE = enum.auto()
    """A kernel overwrote it whole."""
    TO_DEVICE = enum.auto()
    """It was copied from host to device."""
    FROM_DEVICE = enum.auto()
    """It was copied from device to host."""
    DROP_DEVICE = enum.auto()
    """The device copy went away; nothing may live only there."""
    DROP_HOST = enum.auto()
    """The host copy went away; nothing may live only there."""
    LOSE_DEVICE = enum.auto()
    """The device copy is lost, whatever lived there."""
    FORGET = enum.auto()
    """No copy is valid any more."""


_N, _H, _D, _B = State.NOWHERE, State.HOST, State.DEVICE, State.BOTH

TRANSITIONS: dict[Event, dict[State, State]] = {
    Event.HOST_WRITE: {_N: _H, _H: _H, _D: _H, _B: _H},
    Event.DEVICE_WRITE: {_N: _D, _H: _D, _D: _D, _B: _D},
    Event.TO_DEVICE: {_H: _B, _B: _B},
    Event.FROM_DEVICE: {_D: _B, _B: _B},
    Event.DROP_DEVICE: {_N: _N, _H: _H, _B: _H},
    Event.DROP_HOST: {_N: _N, _D: _D, _B: _D},
    Event.LOSE_DEVICE: {_N: _N, _H: _H, _D: _N, _B: _H},
    Event.FORGET: {_N: _N, _H: _N, _D: _N, _B: _N},
}


class ByteMap:
    """The state of each byte of one storage.

    Invariant: `starts[0] == 0`, starts strictly increase, neighbouring states differ, and range i
    is [starts[i], starts[i + 1]) with nbytes after the last. Both lists are replaced together, by
    one store, and never changed: an interrupt finds the map as it was or as it will be.
    """

    __slots__ = ("_lists", "nbytes")

    def __init__(self, nbytes: int, state: State = State.NOWHERE) -> None:
        self.nbytes = nbytes
        self._lists: tuple[list[int], list[State]] = ([0], [state])

    def ranges(self, start: int = 0, stop: int | None = None) -> list[tuple[int, int, State]]:
        """The (start, stop, state) pieces that make up [start, stop), in order."""
        stop = self.nbytes if stop is None else stop
        self._check(start, stop)
        if start == stop:
            return []
        starts, states = self._lists
        pieces = []
        index = bisect_right(starts, start) - 1
        while index < len(starts) and starts[index] < stop:
            upper = starts[index + 1] if index + 1 < len(starts) else self.nbytes
            pieces.append((max(start, starts[index]), min(stop, upper), states[index]))
            index += 1
        return pieces

    def uniform(self) -> State | None:
        """The one state of all bytes, or None."""
        states = self._lists[1]
        return states[0] if len(states) == 1 else None

    def apply(self, event: Event, start: int, stop: int) -> None:
        """Move [start, stop) along `TRANSITIONS`; an illegal event changes nothing."""
        states = self._lists[1]
        if len(states) == 1 and start == 0 and stop == self.nbytes:
            self._lists = ([0], [_next(event, states[0], start, stop)])
            return
        pieces = [
            (low, _next(event, state, low, high)) for low, high, state in self.ranges(start, stop)
        ]
        if pieces:
            self._replace(start, stop, pieces)

    def stale(self, side: State, ranges: Iterable[Range]) -> list[Range]:
        """Parts of `ranges` that are valid on the other side only."""
        other = State.BOTH ^ side
        states = self._lists[1]
        if len(states) == 1:
            return [r for r in ranges if r[0] < r[1]] if states[0] == other else []
        return [
            (low, high)
            for start, stop in ranges
            for low, high, state in self.ranges(start, stop)
            if state == other
        ]

    def copies(self, side: State, ranges: Iterable[Range], gap_nbytes: int) -> list[Range]:
        """The copies that make `ranges` valid on `side`, in order and disjoint.

        Exactly the stale bytes, except that neighbours at most `gap_nbytes` apart become one copy
        when every byte between them is valid at the source (so nothing newer is overwritten).
        """
        stale = sorted(self.stale(side, ranges))
        if len(stale) < 2:
            return stale
        source = State.BOTH ^ side
        merged = [stale[0]]
        for start, stop in stale[1:]:
            low, high = merged[-1]
            if start <= high:
                merged[-1] = (low, max(high, stop))
            elif start - high <= gap_nbytes and self._all(source, high, start):
                merged[-1] = (low, stop)
            else:
                merged.append((start, stop))
        return merged

    def holds(self, side: State, ranges: Iterable[Range]) -> bool:
        """Whether every byte of `ranges` is valid on `side` (fresh bytes count as valid)."""
        return not self.stale(side, ranges)

    def _all(self, side: State, start: int, stop: int) -> bool:
        return all(state & side for _, _, state in self.ranges(start, stop))

    def _check(self, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= self.nbytes:
            raise CoherenceError(f"bytes [{start}, {stop}) are outside a storage of {self.nbytes}")

    def _replace(self, start: int, stop: int, pieces: Sequence[tuple[int, State]]) -> None:
        """Put `pieces` in place of [start, stop), joining equal neighbours around the cut."""
        starts, states = self._lists
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, stop - 1) - 1
        upper = starts[last + 1] if last + 1 < len(starts) else self.nbytes
        window = list(pieces)
        if first > 0 and starts[first] == start:
            first -= 1
        if starts[first] < start:
            window.insert(0, (starts[first], states[first]))
        if stop < upper:
            window.append((stop, states[last]))
        elif last + 1 < len(starts):
            last += 1
            window.append((starts[last], states[last]))
        joined: list[tuple[int, State]] = []
        for low, state in window:
            if not joined or joined[-1][1] != state:
                joined.append((low, state))
        self._lists = (
            [*starts[:first], *[low for low, _ in joined], *starts[last + 1 :]],
            [*states[:first], *[state for _, state in joined], *states[last + 1 :]],
        )


def _next(event: Event, state: State, start: int, stop: int) -> State:
    try:
        return TRANSITIONS[event][state]
    except KeyError:
        raise CoherenceError(
            f"{event.name} on bytes [{start}, {stop}) in state {State(state).name}"
        ) from None
