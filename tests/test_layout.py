"""Layouts against NumPy: which bytes a view touches, and what NumPy would allocate."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fpgarray import ranges
from fpgarray.layout import Layout, contiguous, of_view, result_layout, stand_in

F4 = np.dtype("f4")


@st.composite
def views(draw: st.DrawFn, shape: tuple[int, ...] | None = None) -> tuple[Layout, np.ndarray]:
    """A layout made by random basic indexing, and the ndarray made the same way."""
    shape = shape or tuple(draw(st.lists(st.integers(0, 5), min_size=1, max_size=3)))
    base = contiguous(shape, F4, draw(st.sampled_from("CF")))
    array = np.ndarray(shape, F4, np.zeros(max(base.nbytes, 1), np.uint8), 0, base.strides)
    key = tuple(
        draw(
            st.builds(
                slice, *[st.none() | st.integers(-6, 6)] * 2, st.sampled_from([None, 1, 2, -1, -2])
            )
        )
        for _ in shape
    )
    axes = draw(st.permutations(range(len(shape))))
    view = of_view(base, stand_in(base)[key].transpose(axes))
    return view, array[key].transpose(axes)


def touched(array: np.ndarray) -> set[int]:
    """Byte offsets of an ndarray's elements within its base."""
    base = array
    while isinstance(base.base, np.ndarray):
        base = base.base
    origin = base.ctypes.data
    first = array.ctypes.data - origin
    offsets = {first} if array.size else set()
    for extent, stride in zip(array.shape, array.strides, strict=True):
        offsets = {o + i * stride for o in offsets for i in range(extent)}
    return {o + b for o in offsets for b in range(array.itemsize)}


@given(views())
def test_ranges_hold_every_element_and_exact_ones_nothing_else(pair: tuple) -> None:
    view, array = pair
    bytes_ = touched(array)
    held = {b for start, stop in view.ranges for b in range(start, stop)}
    assert bytes_ <= held
    if view.is_exact:
        assert held == bytes_
    assert view.is_contiguous == array.flags.c_contiguous
    assert view.is_fortran == array.flags.f_contiguous
    if view.is_dense and view.size:
        assert held == set(range(view.start, view.stop)) == bytes_


@given(st.data(), st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_views_that_share_a_byte_overlap(data: st.DataObject, shape: list) -> None:
    (left, a), (right, b) = data.draw(views(tuple(shape))), data.draw(views(tuple(shape)))
    if touched(a) & touched(b):
        assert left.overlaps(right)


@given(views())
def test_fresh_results_are_laid_out_as_numpy_does(pair: tuple) -> None:
    view, array = pair
    if not array.size:
        return  # strides of arrays without elements mean nothing
    assert _steps(view.fresh.strides, array.shape) == _steps(
        np.negative(array).strides, array.shape
    )
    assert view.fresh.shape == array.shape
    row = contiguous(array.shape[-1:], F4)
    plain = np.zeros(array.shape[-1:], F4)
    ours = result_layout((view, row), array.shape, F4).strides
    assert _steps(ours, array.shape) == _steps(np.add(array, plain).strides, array.shape)


def _steps(strides: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    """Strides of axes that have more than one element; the others mean nothing."""
    return [stride for stride, extent in zip(strides, shape, strict=True) if extent > 1]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple), max_size=6),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple), max_size=6),
)
def test_range_algebra_is_set_algebra(first: list, second: list) -> None:
    def bytes_of(spans: list) -> set[int]:
        return {b for start, stop in spans for b in range(start, stop)}

    left, right = ranges.union(first, []), ranges.union(second, [])
    assert bytes_of(ranges.union(left, right)) == bytes_of(first) | bytes_of(second)
    assert bytes_of(ranges.subtract(left, right)) == bytes_of(first) - bytes_of(second)
    assert ranges.intersects(left, right) == bool(bytes_of(first) & bytes_of(second))
    assert ranges.nbytes(left) == len(bytes_of(first))
