"""Completeness: every ufunc that NumPy lets us override, with every loop, keyword and method.

NumPy is asked at run time which there are, and each ufunc which loops it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from example import Example, check
from numpy.testing import overrides
from ufunc_examples import METHODS, TEXTS, calls, method_calls

UFUNCS = sorted(overrides.get_overridable_numpy_ufuncs(), key=lambda each: each.__name__)

NUMERIC = [each for each in UFUNCS if each.__name__ not in TEXTS]
"""The ufuncs of text have no useful methods: NumPy 2.4 refuses some and crashes on others."""


def test_ufuncs_without_loops_have_operands() -> None:
    assert {each.__name__ for each in UFUNCS if not each.types} <= TEXTS.keys()


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda each: each.__name__)
def test_it_answers_as_numpy_does(ufunc: np.ufunc) -> None:
    _check_all(ufunc.__name__, ufunc, calls(ufunc))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ufunc", NUMERIC, ids=lambda each: each.__name__)
def test_its_methods_answer_as_numpys_do(ufunc: np.ufunc, method: str) -> None:
    name = f"{ufunc.__name__}.{method}"
    _check_all(name, getattr(ufunc, method), method_calls(ufunc, method))


def _check_all(name: str, function: Any, examples: Iterable[Example]) -> None:
    for index, example in enumerate(examples):
        try:
            check(example, function)
        except AssertionError as error:
            what = f"{name}[{index}] ({example.text}): {error}"
            raise AssertionError(what) from error.__cause__
