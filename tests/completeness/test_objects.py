"""Arrays whose elements hold references: fields, views and writes through them, as NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

RECORDS = np.array([(1, "x", 2.5), (2, None, 3.5)], [("a", "i4"), ("o", "O"), ("f", "f8")])
TEXTS = np.array([["a", "bb"], ["ccc", "d"]], np.dtypes.StringDType())
OBJECTS = np.array([[1, "two"], [None, (4,)]], object)
STORIES: list[tuple[np.ndarray, Callable[[Any], Any]]] = [
    (RECORDS, lambda x: x["o"]),
    (RECORDS, lambda x: x["f"][::-1]),
    (RECORDS, lambda x: x["f"].__setitem__(0, 7)),
    (RECORDS, lambda x: x["o"].__setitem__(slice(None), [3, 4])),
    (RECORDS, lambda x: x[::-1]["o"].__setitem__(0, "last")),
    (RECORDS, lambda x: x.__setitem__("f", [9, 8])),
    (TEXTS, lambda x: x[:, 1]),
    (TEXTS, lambda x: x.__setitem__((slice(None), 1), "q")),
    (TEXTS, lambda x: x.T.__setitem__((0, slice(None)), ["x", "y"])),
    (TEXTS, lambda x: x + x),
    (TEXTS, lambda x: x[::-1, 0].__setitem__(0, "z")),
    (OBJECTS, lambda x: x.T[1]),
    (OBJECTS, lambda x: x.T.__setitem__(0, [5, 6])),
    (OBJECTS, lambda x: x[:, ::-1].__setitem__((0, 0), [1, 2])),
]


@pytest.mark.parametrize("number", range(len(STORIES)))
def test_references_are_where_numpy_has_them(number: int) -> None:
    given, story = STORIES[number]
    theirs, ours = given.copy(), fa.asarray(given)
    expected, found = story(theirs), story(ours)
    if expected is not None:
        assert np.asarray(found).tolist() == expected.tolist()
    assert np.asarray(ours).tolist() == theirs.tolist()
