"""Values, shapes and data types of every function, as array_api_strict answers.

Element-wise functions meet every data type (pair of types) that array_api_strict lets them.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from standard import FUNCTIONS, agree, find, strict, xp
from standard_cases import CASES, DTYPES, VALUES

import fpgarray as fa


@pytest.fixture(autouse=True, params=["auto", "device"])
def dispatch(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small arrays are computed by NumPy, unless a kernel is asked for."""
    with fa.policy(dispatch=request.param):
        yield


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


OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "bitwise_and": operator.and_,
    "bitwise_left_shift": operator.lshift,
    "bitwise_or": operator.or_,
    "bitwise_right_shift": operator.rshift,
    "bitwise_xor": operator.xor,
    "divide": operator.truediv,
    "equal": operator.eq,
    "floor_divide": operator.floordiv,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "less": operator.lt,
    "less_equal": operator.le,
    "multiply": operator.mul,
    "not_equal": operator.ne,
    "pow": operator.pow,
    "remainder": operator.mod,
    "subtract": operator.sub,
}
IN_PLACE: dict[str, Callable[..., Any]] = {
    "add": operator.iadd,
    "bitwise_and": operator.iand,
    "bitwise_left_shift": operator.ilshift,
    "bitwise_or": operator.ior,
    "bitwise_right_shift": operator.irshift,
    "bitwise_xor": operator.ixor,
    "divide": operator.itruediv,
    "floor_divide": operator.ifloordiv,
    "multiply": operator.imul,
    "pow": operator.ipow,
    "remainder": operator.imod,
    "subtract": operator.isub,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name: str) -> None:
    """Two arrays, an array and a scalar, a scalar and an array, for all data types."""
    tried = 0
    for dtype in DTYPES:
        for other in (*DTYPES, True, 2, 0.5, 0.5 + 1j):
            for order in (1, -1):

                def call(
                    namespace: Any, dtype: str = dtype, other: Any = other, order: int = order
                ) -> Any:
                    x = sample(namespace, dtype, name)
                    y = sample(namespace, other, name) if isinstance(other, str) else other
                    with np.errstate(all="ignore"):
                        return OPERATORS[name](*(x, y)[::order])

                for theirs in allowed(call):
                    agree(call(xp), theirs)
                    tried += 1
    assert tried >= 2


@pytest.mark.parametrize("name", IN_PLACE)
def test_operators_in_place(name: str) -> None:
    tried = 0
    for dtype in DTYPES:
        for other in (*DTYPES, True, 2, 0.5, 0.5 + 1j):

            def call(namespace: Any, dtype: str = dtype, other: Any = other) -> Any:
                x = y = sample(namespace, dtype, name)
                z = sample(namespace, other, name) if isinstance(other, str) else other
                with np.errstate(all="ignore"):
                    x = IN_PLACE[name](x, z)
                return x, y

            for theirs in allowed(call):
                ours = call(xp)
                assert ours[0] is ours[1]
                agree(ours, theirs)
                tried += 1
    assert tried >= 2


@pytest.mark.parametrize("function", [operator.neg, operator.pos, operator.abs, operator.invert])
def test_operators_of_one_array(function: Callable[..., Any]) -> None:
    tried = 0
    for dtype in DTYPES:
        for theirs in allowed(lambda n, d=dtype: function(sample(n, d))):
            agree(function(sample(xp, dtype)), theirs)
            tried += 1
    assert tried >= 2


@pytest.mark.parametrize("name", sorted(CASES))
def test_functions_with_more_than_arrays(name: str) -> None:
    for case in CASES[name]:
        agree(case(xp), case(strict))
