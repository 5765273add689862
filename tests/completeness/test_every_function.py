"""Completeness: every array function that NumPy lets us override answers as NumPy does.

NumPy is asked at run time which there are; one without example calls fails.
"""

from __future__ import annotations

import importlib
import operator
from collections.abc import Callable
from typing import Any

import functions_making
import functions_numbers
import numpy as np
import pytest
from example import check
from numpy.testing import overrides

# Functions count from the import of their module on.
for _module in ("fft", "linalg", "polynomial", "lib.recfunctions", "lib.scimath"):
    importlib.import_module(f"numpy.{_module}")

EXAMPLES = {**functions_making.EXAMPLES, **functions_numbers.EXAMPLES}
DTYPES = [
    np.dtype(each)
    for each in (
        "f2", "f4", "f8", "g", "i2", "i4", "i8", "u1", "u8", "?", "c8", "c16", "M8[D]", "m8[s]",
        "U4", "S3", "O", "V4", ">f4", [("a", "f4"), ("b", "i2")],
    )
]  # fmt: skip
EXCEPT = {
    **dict.fromkeys(
        [("all", "O"), ("any", "O")],
        "logical_and.reduce(…, out=array of objects) corrupts NumPy's own memory (2.4)",
    ),
    **dict.fromkeys(
        [
            ("poly", "O"),
            ("roots", "O"),
            ("lib.recfunctions.merge_arrays", "O"),
            ("lib.recfunctions.stack_arrays", "O"),
        ],
        "NumPy asks the elements of the array whether they override it, and these are not ours",
    ),
    **dict.fromkeys(
        [
            (name, kind)
            for name in ("poly", "roots", "lib.recfunctions.merge_arrays")
            for kind in "US"
        ],
        "the same: elements of text are NumPy's own",
    ),
}
"""Functions that are not called with a dtype, and why."""


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}".removeprefix("numpy.")


NAMES = sorted({name_of(each) for each in overrides.get_overridable_numpy_array_functions()})


def test_the_table_names_only_what_numpy_has() -> None:
    assert EXAMPLES.keys() <= set(NAMES) | LATER


LATER = {"cumulative_prod", "cumulative_sum", "unstack"}
"""Not in every NumPy 2."""


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_numpy_does(name: str) -> None:
    assert len(EXAMPLES.get(name, ())) >= 2, f"no example calls for numpy.{name}"
    function = operator.attrgetter(name)(np)
    for index, example in enumerate(EXAMPLES[name]):
        _check(f"{name}[{index}] ({example.text})", example, function, None)


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_as_numpy_does_for_every_dtype(name: str) -> None:
    function = operator.attrgetter(name)(np)
    for dtype in DTYPES:
        if (name, dtype.char) in EXCEPT:
            continue
        for index, example in enumerate(EXAMPLES[name]):
            _check(f"{name}[{index}] ({example.text}) of {dtype}", example, function, dtype)


def _check(what: str, example: Any, function: Any, dtype: np.dtype | None) -> None:
    try:
        check(example, function, dtype)
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from error.__cause__
