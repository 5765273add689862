"""fpgarray moves, launches and allocates what the independent model of `model.py` says.

Hypothesis draws straight-line programs over a few small arrays and shrinks them. Copies are not
merged across gaps here (`gap_nbytes` is 0), so bytes are exact; launches lie between the model's
bounds, which coincide for most programs (`test_the_bounds_are_mostly_equal`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from model import Model, Operation, Storage, View

import fpgarray as fa

SHAPES = [(24,), (4, 6), (24,), (6,)]
KEYS: list[Any] = [
    (...,),
    (slice(1, None),),
    (slice(None, -1),),
    (slice(None, None, 2),),
    (slice(None, None, -1),),
    (slice(2, 4),),
    (..., slice(1, None)),
    (..., slice(None, None, -1)),
]
KINDS = [
    "array",
    "add",
    "add",
    "add",
    "scale",
    "update",
    "update",
    "assign",
    "cell",
    "sum",
    "delete",
    "read",
    "write",
]
MOST = 5
"""Arrays alive at once: one launch can then always hold a program."""

instruction = st.tuples(
    st.sampled_from(KINDS),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sampled_from(KEYS),
    st.sampled_from(KEYS),
)
programs = st.lists(instruction, min_size=1, max_size=14)


class Both:
    """Runs instructions on fpgarray and tells the model."""

    def __init__(self) -> None:
        self.model = Model()
        self.arrays: list[tuple[Any, View]] = []
        self.create((24,))

    def create(self, shape: tuple[int, ...]) -> None:
        values = np.arange(np.prod(shape), dtype="f4").reshape(shape)
        view = self._fresh(shape)
        view.storage.host[:] = True
        view.storage.materialised = True
        self.arrays.append((fa.asarray(values), view))

    def _fresh(self, shape: tuple[int, ...]) -> View:
        count = int(np.prod(shape))
        return View(Storage(count * 4), np.arange(count).reshape(shape), 4)

    def _bind(self, array: Any, view: View) -> None:
        self.arrays.append((array, view))
        if len(self.arrays) > MOST:
            self.delete(0)

    def delete(self, index: int) -> None:
        _, view = self.arrays.pop(index)
        view.storage.alive = any(each.storage is view.storage for _, each in self.arrays)

    def step(self, kind: str, i: int, j: int, key: Any, other: Any) -> None:
        """One instruction."""
        array, view = self.arrays[i % len(self.arrays)]
        array2, view2 = self.arrays[j % len(self.arrays)]
        if not view.elements.ndim and kind not in ("read", "delete"):
            return
        x, vx = array[key] if array.ndim else array, _view(view, key)
        y, vy = array2[other] if array2.ndim else array2, _view(view2, other)
        if not vx.elements.size or not vy.elements.size or 1 in vx.elements.shape:
            return
        if vy.elements.shape != vx.elements.shape:
            y, vy = 2.0, None
        getattr(self, f"_{kind}")(x, vx, y, vy, i % len(self.arrays))

    def _array(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        if len(self.arrays) < MOST:
            self.create(SHAPES[index % len(SHAPES)])

    def _add(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        target = self._fresh(vx.elements.shape)
        self.model.record(Operation((vx, vy) if vy else (vx,), target))
        self._bind(x + y, target)

    def _scale(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        """A whole expression: two temporaries die."""
        first, second, target = (self._fresh(vx.elements.shape) for _ in range(3))
        self.model.record(Operation((vx,), first))
        self.model.record(Operation((first,), second))
        self.model.record(Operation((second, vx), target))
        first.storage.alive = second.storage.alive = False
        self._bind(-(x * 2.0) + x, target)

    def _update(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        x *= y
        if vy is not None and vx.meets(vy) and not vx.walks_like(vy):
            aside = self._fresh(vx.elements.shape)
            aside.storage.alive = False
            self.model.record(Operation((vx, vy), aside))
            self.model.record(Operation((aside,), vx, moves=True))
        else:
            self.model.record(Operation((vx, vy) if vy else (vx,), vx))

    def _assign(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        if vx.elements.size == 1:
            return
        x[...] = 1.5
        self.model.record(Operation((), vx, moves=True))

    def _cell(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        """One element: 4 bytes on the host, unless something is recorded on the array."""
        position = (0,) * vx.elements.ndim
        cell = View(vx.storage, vx.elements[(*position, ...)], 4)
        if self.model.touched(vx.storage):
            self.model.record(Operation((), cell, moves=True))
        else:
            self.model.host_writes(cell)
        x[position] = 7.0

    def _sum(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        target = self._fresh(vx.elements.shape[1:])
        self.model.record(Operation((vx,), target, folds=True))
        self._bind(x.sum(axis=0), target)

    def _delete(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        if len(self.arrays) > 1:
            self.delete(index)

    def _read(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        self.model.host_reads(vx)
        np.asarray(x)

    def _write(self, x: Any, vx: View, y: Any, vy: View | None, index: int) -> None:
        self.model.host_writes(vx)
        x[...] = np.ones(vx.elements.shape, "f4")


def _view(view: View, key: Any) -> View:
    if view.elements.ndim == 0:
        return view
    return View(view.storage, view.elements[key], view.itemsize)


def run(program: list[Any]) -> tuple[Model, fa.Profile]:
    """Both predictions and counters, everything run."""
    with fa.policy(dispatch="device"), fa.profile() as p:
        both = Both()
        for each in program:
            both.step(*each)
        del each
        both.model.run()
        fa.synchronize()
    return both.model, p


@pytest.fixture(autouse=True)
def _no_gaps() -> Iterator[None]:
    """Copies are exactly the stale bytes."""
    device = fa.devices()[0]
    costs, device.costs = device.costs, replace(device.costs, gap_nbytes=0)
    yield
    device.costs = costs


common = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(common, max_examples=1500)
@given(programs)
def test_bytes_are_exactly_the_stale_ones(program: list[Any]) -> None:
    model, p = run(program)
    assert (p.bytes_to_device, p.bytes_from_device) == (
        model.bytes_to_device,
        model.bytes_from_device,
    )


@settings(common, max_examples=1500)
@given(programs)
def test_launches_lie_between_the_bounds(program: list[Any]) -> None:
    model, p = run(program)
    assert p.fallbacks == p.host_chosen == 0
    assert model.fewest <= p.launches <= model.most


@settings(common, max_examples=300)
@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "scale"]), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=14,
    )
)
def test_operations_of_one_shape_without_conflicts_are_one_launch(program: list[Any]) -> None:
    model, p = run([(*each, (...,), (...,)) for each in program])
    assert p.launches == model.fewest == model.most == 1


def test_the_bounds_are_mostly_equal() -> None:
    """Where they are, the number of launches is exactly predicted."""
    equal = []

    @settings(common, max_examples=300, phases=[Phase.generate], derandomize=True)
    @given(programs)
    def count(program: list[Any]) -> None:
        model, _ = run(program)
        equal.append(model.fewest == model.most)

    count()
    assert np.mean(equal) > 0.6


@settings(common, max_examples=300)
@given(st.integers(1, 7), st.lists(st.booleans(), min_size=7, max_size=7), st.booleans())
def test_dead_results_get_no_memory(length: int, kept: list[bool], read: bool) -> None:
    """A chain, of which some links are kept: they get memory, others none; ports suffice."""
    with fa.policy(dispatch="device"), fa.profile() as p:
        x = fa.asarray(np.ones(24, "f4"))
        arrays, storages = [], []
        link = x
        for index in range(length):
            link = link + 1.0
            storages.append(link._storage)
            if kept[index]:
                arrays.append(link)
        if not read:
            link = None
        fa.synchronize()
    last = length - 1
    for index, storage in enumerate(storages):
        wanted = kept[index] or (read and index == last)
        assert (storage.memory is not None and storage.memory.buffer is not None) == wanted
    assert p.launches == int(any(kept[:length]) or read)


def test_copies_closer_than_a_gap_become_one() -> None:
    """The merging rule: across bytes valid at the source, up to `gap_nbytes`."""
    device = fa.devices()[0]
    device.costs = replace(device.costs, gap_nbytes=8)
    with fa.policy(dispatch="device"):
        x = fa.asarray(np.arange(64, dtype="f4"))
        x += 1.0
        fa.synchronize()
        with fa.profile() as p:
            np.asarray(x[:12:3])  # 4 elements, 8 bytes between them
            assert p.bytes_from_device == 10 * 4
            np.asarray(x[16::4])  # 12 elements, 12 bytes between them
            assert p.bytes_from_device == 10 * 4 + 12 * 4


def test_a_written_cell_is_all_that_moves() -> None:
    x = fa.asarray(np.ones(1 << 20, "f4"))
    with fa.policy(dispatch="device"):
        float(x.sum())
        with fa.profile() as p:
            x[12345] = 2.0
            assert float(x.sum()) == (1 << 20) + 1
    assert (p.bytes_to_device, p.bytes_from_device, p.launches) == (4, 4, 1)


def test_a_partial_strided_write_needs_the_bytes_between() -> None:
    """A view of more runs than are tracked counts as its bounding range, which must be valid."""
    x = fa.asarray(np.ones(1000, "f4"))
    with fa.policy(dispatch="device"), fa.profile() as p:
        x[::2] = 5.0
        fa.synchronize()
    assert p.bytes_to_device == 999 * 4
    np.testing.assert_array_equal(np.asarray(x), np.tile(np.array([5, 1], "f4"), 500))
