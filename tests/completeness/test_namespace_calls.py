"""The example calls again, through fpgarray's own names: with FPGAArrays, and with NumPy's arrays.

Given NumPy's arrays alone, arrays come back as FPGAArrays, scalars as NumPy's, and an output that
was given comes back itself.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from example import Outcome, attempt, same
from test_every_function import EXAMPLES

import fpgarray as fa


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_our_name_answers_as_numpys(name: str) -> None:
    try:
        theirs_function = operator.attrgetter(name)(np)
    except AttributeError:
        pytest.skip("not in this NumPy")
    function = operator.attrgetter(name)(fa)
    assert function is not theirs_function
    for index, example in enumerate(EXAMPLES[name]):
        what = f"{name}[{index}] ({example.text})"
        theirs = attempt(example, theirs_function, _copy)
        with fa.policy(dispatch="host"):
            ours = attempt(example, function, fa.asarray)
        compare(f"{what}, ours given", theirs, ours, example.fresh, not example.unseen)
        theirs = attempt(example, theirs_function, _copy)
        ours = attempt(example, function, _copy)
        compare(f"{what}, NumPy's given", theirs, ours, example.fresh, False)


def _copy(array: np.ndarray) -> np.ndarray:
    return array.copy(order="K")


def compare(what: str, theirs: Outcome, ours: Outcome, fresh: bool, scalars: bool) -> None:
    """The same exception, or the same answer; `scalars`: those of arrays are ours."""
    assert type(ours.error) is type(theirs.error), f"{what}: {theirs.error!r} became {ours.error!r}"
    if theirs.error is not None:
        return
    try:
        alike(theirs.result, ours.result, ours.given, fresh, scalars)
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from error


def alike(theirs: Any, ours: Any, given: list[Any], fresh: bool, scalars: bool) -> None:
    if isinstance(theirs, np.generic) and not scalars:
        assert type(ours) is type(theirs), f"{theirs!r} became {type(ours).__name__} {ours!r}"
        assert fresh or np.array_equal(ours, theirs, equal_nan=theirs.dtype.kind in "fcmM")
    elif type(theirs) is np.ndarray and type(ours) is np.ndarray:
        assert any(ours is each for each in given), "an ndarray came back that nobody gave"
        same(theirs, fa.asarray(ours), True, fresh)
    elif isinstance(theirs, (tuple, list)):
        assert type(ours) is type(theirs)
        for one, other in zip(theirs, ours, strict=True):
            alike(one, other, given, fresh, scalars)
    else:
        same(theirs, ours, True, fresh)
