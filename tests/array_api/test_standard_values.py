"""Values, shapes and data types of every function, as array_api_strict answers.

Element-wise functions meet every data type (pair of types) that array_api_strict lets them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from standard import FUNCTIONS, agree, find, strict, xp
from standard_cases import CASES, DTYPES, VALUES

ABOVE_ONE = {"acosh"}
NOT_NEGATIVE = {"bitwise_left_shift", "bitwise_right_shift", "pow"}
UNARY = [
    n for p, n in FUNCTIONS if not p and list(inspect.signature(find(xp, p, n)).parameters) == ["x"]
]
BINARY = [
    n
    for p, n in FUNCTIONS
    if not p
    and list(inspect.signature(find(xp, p, n)).parameters) == ["x1", "x2"]
    and n != "matmul"
]


def sample(namespace: Any, dtype: str, name: str = "") -> Any:
    (values,) = (v for k, v in VALUES.items() if namespace.isdtype(getattr(namespace, dtype), k))
    if name in ABOVE_ONE:
        values = [each + 2 for each in values]
    if name in NOT_NEGATIVE and "complex" not in dtype:
        values = [abs(each) for each in values]
    return namespace.asarray(values, dtype=getattr(namespace, dtype))


def allowed(call: Callable[[Any], Any]) -> Iterator[Any]:
    """What array_api_strict answers, unless it refuses the data types."""
    try:
        with np.errstate(all="ignore"):
            yield call(strict)
    except TypeError:
        return


def test_the_tables_are_complete() -> None:
    """Every function is among those of one array, of two, or those with cases."""
    assert {name for _, name in FUNCTIONS} - {*UNARY, *BINARY} == {
        *CASES,
        "__array_namespace_info__",
    } - {"matrix_transpose"}


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_array(name: str) -> None:
    tried = 0
    for dtype in DTYPES:

        def call(namespace: Any, dtype: str = dtype) -> Any:
            x = sample(namespace, dtype, name)
            return getattr(namespace, name)(x if name != "matrix_transpose" else x[None, :])

        for theirs in allowed(call):
            with np.errstate(all="ignore"):
                agree(call(xp), theirs)
            tried += 1
    assert tried >= 1


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_arrays(name: str) -> None:
    tried = 0
    for first in DTYPES:
        for second in DTYPES:

            def call(namespace: Any, first: str = first, second: str = second) -> Any:
                x1, x2 = sample(namespace, first, name), sample(namespace, second, name)
                with np.errstate(all="ignore"):
                    return getattr(namespace, name)(x1[:, None], x2)

            for theirs in allowed(call):
                agree(call(xp), theirs)
                tried += 1
    assert tried >= 1


@pytest.mark.parametrize("name", BINARY)
def test_a_scalar_takes_the_data_type_of_the_array(name: str) -> None:
    tried = 0
    for dtype in DTYPES:
        for scalar in (True, 2, 0.5, 0.5 + 1j):
            for order in (1, -1):

                def call(
                    namespace: Any, dtype: str = dtype, scalar: Any = scalar, order: int = order
                ) -> Any:
                    operands = (sample(namespace, dtype, name), scalar)[::order]
                    with np.errstate(all="ignore"):
                        return getattr(namespace, name)(*operands)

                for theirs in allowed(call):
                    agree(call(xp), theirs)
                    tried += 1
    assert tried >= 1


@pytest.mark.parametrize("name", sorted(CASES))
def test_functions_with_more_than_arrays(name: str) -> None:
    for case in CASES[name]:
        agree(case(xp), case(strict))
