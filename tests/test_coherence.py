"""Laws of the byte-range state machine, in lockstep with one state per byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpgarray.coherence import TRANSITIONS, ByteMap, Event, State
from fpgarray.errors import CoherenceError

SIZE = 24
spans = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(sorted).map(tuple)
steps = st.lists(st.tuples(st.sampled_from(list(Event)), spans), max_size=30)


def states(byte_map: ByteMap) -> list[State]:
    return [state for low, high, state in byte_map.ranges() for _ in range(high - low)]


def play(program: list[tuple[Event, tuple[int, int]]]) -> tuple[ByteMap, list[State]]:
    """Apply what is legal to a map and a plain list; check that illegal events change nothing."""
    byte_map, plain = ByteMap(SIZE), [State.NOWHERE] * SIZE
    for event, (start, stop) in program:
        legal = all(state in TRANSITIONS[event] for state in plain[start:stop])
        if legal:
            byte_map.apply(event, start, stop)
            plain[start:stop] = [TRANSITIONS[event][state] for state in plain[start:stop]]
        elif start < stop:
            with pytest.raises(CoherenceError):
                byte_map.apply(event, start, stop)
        assert states(byte_map) == plain
    return byte_map, plain


@given(steps)
def test_agrees_with_one_state_per_byte(program: list) -> None:
    byte_map, _ = play(program)
    pieces = byte_map.ranges()
    assert all(a[2] != b[2] for a, b in zip(pieces, pieces[1:], strict=False)), "not joined"


@given(
    steps,
    st.lists(spans, max_size=4),
    st.sampled_from([State.HOST, State.DEVICE]),
    st.integers(0, 6),
)
def test_copies_move_what_is_stale_and_harm_nothing(
    program: list, wanted: list, side: State, gap: int
) -> None:
    byte_map, plain = play(program)
    other = State.BOTH ^ side
    copies = byte_map.copies(side, wanted, gap)
    moved = {byte for start, stop in copies for byte in range(start, stop)}
    stale = {b for start, stop in wanted for b in range(start, stop) if plain[b] == other}
    assert stale <= moved
    assert all(plain[byte] & other for byte in moved), "a copy would bring bytes that are not valid"
    if gap == 0:
        assert moved == stale
    assert all(a[1] < b[0] for a, b in zip(copies, copies[1:], strict=False))
    for start, stop in copies:
        byte_map.apply(Event.TO_DEVICE if side == State.DEVICE else Event.FROM_DEVICE, start, stop)
    assert byte_map.holds(side, wanted)


def test_overwriting_needs_no_old_bytes() -> None:
    byte_map = ByteMap(16)
    byte_map.apply(Event.DEVICE_WRITE, 0, 16)
    byte_map.apply(Event.HOST_WRITE, 4, 8)
    assert byte_map.copies(State.DEVICE, [(0, 16)], 0) == [(4, 8)]
    assert byte_map.copies(State.HOST, [(0, 16)], 0) == [(0, 4), (8, 16)]


def test_a_gap_that_is_newer_at_the_destination_is_never_bridged() -> None:
    byte_map = ByteMap(12)
    byte_map.apply(Event.HOST_WRITE, 0, 12)
    byte_map.apply(Event.DEVICE_WRITE, 4, 8)
    assert byte_map.copies(State.DEVICE, [(0, 12)], 1000) == [(0, 4), (8, 12)]


@pytest.mark.parametrize("span", [(-1, 2), (0, 9), (5, 3)])
def test_outside_is_an_error(span: tuple[int, int]) -> None:
    with pytest.raises(CoherenceError, match="outside a storage of 8"):
        ByteMap(8).ranges(*span)
