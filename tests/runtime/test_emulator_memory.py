"""The allocator and the encoding of scalars, as laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpgarray.errors import AllocationError
from fpgarray.runtime.emulator.memory import PAGE, Holes, Memory, Window, garbage
from fpgarray.runtime.emulator.registers import SCALARS, _scalar_type

BANK = Window(0, "DDR[0]", 1 << 30, 64 * PAGE, True)


@given(st.lists(st.one_of(st.integers(0, 9 * PAGE), st.integers(-9, -1)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_allocations_are_disjoint_and_come_back(steps):
    memory = Memory([BANK], shared=False)
    live = []
    for step in steps:
        if step < 0:
            if live:
                memory.release(live.pop(step % len(live)))
            continue
        try:
            live.append(memory.allocate(step, 0))
        except AllocationError:
            used = sum(a.end - a.start for a in live)
            assert used + max(step, 1) > BANK.nbytes // 2 or len(live) > 3
    spans = sorted((a.start, a.end) for a in live)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert all(BANK.base <= a.address and a.end <= BANK.end for a in live)
    assert all(a.address % PAGE == 0 and a.address + a.nbytes <= a.end for a in live)
    assert all(memory.find(a.address + max(a.nbytes - 1, 0)) is a for a in live)
    for allocation in live:
        memory.release(allocation)
        memory.release(allocation)
    assert memory.allocate(BANK.nbytes, 0).address == BANK.base


@given(st.integers(0, 1 << 40), st.integers(0, 5000))
def test_garbage_follows_from_the_address(address, nbytes):
    found = garbage(address, nbytes)
    assert len(found) == nbytes
    assert 0 not in found
    assert garbage(address + nbytes // 2, nbytes - nbytes // 2) == found[nbytes // 2 :]


def test_holes_merge_on_both_sides():
    holes = Holes(0, 4 * PAGE)
    a, b, c = (holes.take(PAGE, 0, 4 * PAGE) for _ in range(3))
    holes.put(a, a + PAGE)
    holes.put(c, c + PAGE)
    assert holes.sizes(0, 4 * PAGE) == [PAGE, 2 * PAGE]
    holes.put(b, b + PAGE)
    assert holes.sizes(0, 4 * PAGE) == [4 * PAGE]


@pytest.mark.parametrize("name", sorted(SCALARS))
def test_scalars_round_trip(name):
    scalar = _scalar_type(name, 8)
    dtype = np.dtype("<" + scalar.code.replace("?", "b").replace("q", "i8").replace("Q", "u8"))
    for value in (0, 1):
        data = scalar.encode(value)
        assert len(data) == scalar.nbytes
        assert np.frombuffer(data, dtype)[0] == value


def test_the_xml_decides_the_size_of_an_integer():
    assert _scalar_type("long", 4).nbytes == 4
    assert _scalar_type("const unsigned int", 4).code == "I"
    assert _scalar_type("ap_uint<24>", 4) is None
    assert _scalar_type("double", 4) is None
