"""Law: assignment between overlapping views acts as if the value had been copied first.

NumPy promises it too, and breaks it for one-dimensional operands whose strides have the same sign
and different sizes (`x[::2] = x[:5]`), so the lockstep machine cannot compare with NumPy there.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import fpgarray as fa

LENGTH = 40
STEPS = st.sampled_from([-3, -2, -1, 1, 2, 3])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[slice, slice]:
    """Two slices of as many elements each."""
    count = draw(st.integers(1, 12))
    return draw(_slices(count)), draw(_slices(count))


@st.composite
def _slices(draw: st.DrawFn, count: int) -> slice:
    step = draw(STEPS)
    reach = (count - 1) * abs(step)
    first = draw(st.integers(0, LENGTH - 1 - reach))
    start = first if step > 0 else first + reach
    stop = start + count * step
    return slice(start, None if stop < 0 else stop, step)


@settings(max_examples=200, deadline=None)
@given(pairs(), st.sampled_from(["device", "auto", "host"]))
def test_assignment_acts_as_if_the_value_were_copied(pair: tuple[slice, slice], where: str) -> None:
    target, source = pair
    plain = np.arange(LENGTH, dtype="f4")
    with fa.policy(dispatch=where):
        x = fa.asarray(plain)
        x += 0  # something pending
        x[target] = x[source]
        plain[target] = plain[source].copy()
        np.testing.assert_array_equal(np.asarray(x), plain)
