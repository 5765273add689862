"""Which storages have nodes on the tape, whatever becomes of runs: never a false no."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fpgarray.tape import Tape

events = st.lists(
    st.sampled_from(["record", "begin", "finish one", "complete", "fail", "interrupt"])
)


class FakeNode:
    """A node is compared by identity only."""


@settings(max_examples=1000)
@example(["record", "begin", "interrupt", "begin", "fail"])
@given(events)
def test_a_recorded_node_is_pending_until_it_is_done(program: list[str]) -> None:
    tape = Tape()
    marks: dict[FakeNode, int] = {}
    taken: list[FakeNode] | None = None
    for event in program:
        if event == "record":
            node = FakeNode()
            tape.nodes.append(node)
            marks[node] = tape.epoch
        elif event == "begin" and taken is None:
            taken = tape.begin()
        elif event == "finish one" and taken:
            tape.done.update([taken.pop(0)])
        elif event == "complete" and taken is not None:
            tape.done.update(taken)
            tape.end(complete=True)
            taken = None
        elif event == "fail" and taken is not None:
            tape.back()
            tape.end(complete=False)
            taken = None
        elif event == "interrupt" and taken is not None:
            tape.end(complete=False)
            taken = None
        if taken is None:  # between runs: whoever holds the device's lock may ask
            assert all(tape.pending(marks[node]) for node in tape.nodes if node not in tape.done)
            assert set(tape.nodes) <= set(marks)
