"""Completeness: every method and attribute of ndarray, and of NumPy's scalars, on ours.

`dir(numpy.ndarray)` is asked at run time; a member without example calls or a reason fails.
"""
# ruff: noqa: E501  (tables)

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import members
import numpy as np
import pytest
from example import Example, check, same, story
from test_every_function import DTYPES

import fpgarray as fa

MEMBERS = sorted(set(dir(np.ndarray)) - set(dir(object)) | {"__repr__", "__str__", "__hash__"})
COMPARED = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__format__", "__sizeof__"}
COMPARED |= {"__reduce__", "__reduce_ex__", "__setstate__"}
"""Members that `object` has too and ndarray redefines."""


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda array, other: function(other, array)


_NAMES = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "and", "or", "xor", "lshift",
    "rshift", "matmul",
)  # fmt: skip
_FUNCTIONS = {
    "divmod": divmod,
    "pow": pow,
    **{name: getattr(operator, f"__{name}__") for name in _NAMES if name not in ("divmod", "pow")},
}
OPERATORS: dict[str, Callable[..., Any]] = {
    **{f"__{name}__": function for name, function in _FUNCTIONS.items()},
    **{f"__r{name}__": _reflected(function) for name, function in _FUNCTIONS.items()},
    **{f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{f"__i{n}__": getattr(operator, f"__i{n}__") for n in _NAMES if n != "divmod"},
}
"""Special methods that are asked by their operator, which knows what NotImplemented means."""


def member(name: str) -> Callable[..., Any]:
    """What an example calls: the member of its first argument, called if it is a method."""

    def use(array: Any, *args: Any, **kwargs: Any) -> Any:
        by_operator = OPERATORS.get(name)
        if by_operator is not None:
            return by_operator(array, *args, **kwargs)
        found = getattr(array, name)
        return found(*args, **kwargs) if callable(found) else found

    return use


@pytest.mark.parametrize("name", sorted({*MEMBERS, *COMPARED}))
def test_it_answers_as_numpy_does(name: str) -> None:
    if name in members.NOT_OFFERED:
        array = fa.asarray([1.0])
        assert not hasattr(array, name), f"{name} is offered: {members.NOT_OFFERED[name]}"
        return
    examples = members.EXAMPLES.get(name, [])
    assert len(examples) >= 2, f"no example calls for ndarray.{name}"
    for index, example in enumerate(examples):
        try:
            check(example, member(name))
        except AssertionError as error:
            what = f"{name}[{index}] ({example.text}): {error}"
            raise AssertionError(what) from error.__cause__


_PADDING = "long doubles have padding bytes, and are their own Python scalars"
_RECORD = "a record is NumPy's one scalar that can be written; ours are immutable"
_VIEWLESS = "objects and fields have no interface of this kind: NumPy takes their values otherwise"
EXCEPT = {
    **dict.fromkeys(
        [(name, "g") for name in (
            "argpartition", "byteswap", "dtype", "item", "tobytes", "tolist", "view")],
        _PADDING,
    ),
    **dict.fromkeys([(name, "V") for name in ("__hash__", "__setitem__", "flags")], _RECORD),
    **dict.fromkeys([("__array_interface__", char) for char in "OV"], _VIEWLESS),
    **dict.fromkeys([(name, "O") for name in ("data", "tobytes")], "the addresses of objects"),
    **dict.fromkeys([("all", "O"), ("any", "O")], "NumPy 2.4 crashes: see test_every_function"),
}  # fmt: skip
"""Members that are not called with a dtype, and why."""
OF_NO_DTYPE = {"__sizeof__", "__dlpack__", "__reduce__", "__reduce_ex__", "__setstate__"}


@pytest.mark.parametrize("name", sorted({*MEMBERS, *COMPARED} - OF_NO_DTYPE))
def test_it_answers_as_numpy_does_for_every_dtype(name: str) -> None:
    for dtype in DTYPES:
        if (name, dtype.char) in EXCEPT:
            continue
        for index, example in enumerate(members.EXAMPLES.get(name, [])):
            try:
                check(example, member(name), dtype)
            except AssertionError as error:
                what = f"{name}[{index}] ({example.text}) of {dtype}: {error}"
                raise AssertionError(what) from error.__cause__


def test_ctypes_says_what_to_use() -> None:
    with pytest.raises(AttributeError, match=r"numpy.asarray\(x\).ctypes"):
        _ = fa.asarray([1.0]).ctypes


ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    "astype": [("f8",), ("no",)], "choose": [([1, 2],)], "clip": [(0, 1)], "compress": [([1],)],
    "fill": [(1,)], "getfield": [("u1",)], "put": [(0, 1)], "repeat": [(2,)], "reshape": [(1,), (2,)],
    "resize": [(3,)], "setfield": [(1, "u1")], "swapaxes": [(0, 0)], "take": [(0,)], "view": [(), ("u1",)],
    "to_device": [("cpu",)], "__format__": [("",)], "__eq__": [(1,)], "__ne__": [(1,)], "__lt__": [(1,)],
    "__le__": [(1,)], "__gt__": [(1,)], "__ge__": [(1,)], "__pow__": [(2,)], "__getitem__": [((),), (0,)],
    "__setitem__": [((), 1)], "__delitem__": [(0,)], "setflags": [()], "searchsorted": [(1,)],
    **{f"__{side}{name}__": [(2,), (2.5,)] for side in ("", "r") for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "and", "or", "xor", "lshift", "rshift")},
}  # fmt: skip
"""What the methods of NumPy's scalars are called with, where not with nothing."""

NOT_OF_SCALARS = {
    "__array_interface__", "__array_struct__", "__array_wrap__", "__array__", "__array_priority__",
    "__new__", "__init__", "__class_getitem__", "__reduce__", "__setstate__", "__buffer__", "dump",
    "dumps", "data", "flags", "flat", "base", "device", "tofile", "newbyteorder", "ctypes",
    "__getformat__", "__getnewargs__", "__iter__",
}  # fmt: skip
"""Members whose answer is no value: arrays have examples for them."""

RECORD_IS_A_VIEW = {
    "__setitem__", "byteswap", "fill", "put", "ravel", "reshape", "resize", "setfield",
}  # fmt: skip
"""A record is NumPy's one scalar that can be written; every scalar of ours is an immutable copy."""

OBJECTS = set(dir(object)) - {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__str__"}


@pytest.mark.parametrize("kind", members.SCALARS)
def test_a_scalar_has_what_numpys_scalar_has(kind: str) -> None:
    element = members.SCALARS[kind]
    names = [
        name
        for name in dir(type(element[0]))
        if name not in OBJECTS and name not in NOT_OF_SCALARS and not name.startswith("__array_")
    ]
    if kind == "V":
        names = [name for name in names if name not in RECORD_IS_A_VIEW]
    for name in names:
        for args in ARGUMENTS.get(name, [()]):
            example = _of_scalar(element, args)
            try:
                check(example, member(name))
            except AssertionError as error:
                what = f"{kind} scalar: {name}{args}: {error}"
                raise AssertionError(what) from error.__cause__


def _of_scalar(element: np.ndarray, args: tuple[Any, ...]) -> Example:
    return story(lambda use, make: use(make(element)[0], *args))


class TestWhatNumPyDoesNotOfferUs:
    """Classes of NumPy that take arrays by their values: they see a snapshot."""

    def test_nditer_walks_a_read_only_snapshot(self) -> None:
        array = fa.asarray([[1.0, 2.0], [3.0, 4.0]])
        assert [float(each) for each in np.nditer(array)] == [1, 2, 3, 4]
        with pytest.raises(ValueError, match="read-only"):
            np.nditer(array, op_flags=[["readwrite"]])

    def test_ndindex_and_broadcast_know_shapes(self) -> None:
        array = fa.asarray([[1.0, 2.0], [3.0, 4.0]])
        assert list(np.ndindex(array.shape)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert np.broadcast(array, fa.asarray([1, 2])).shape == (2, 2)

    def test_vectorize_gives_numpy_arrays_and_frompyfunc_ours(self) -> None:
        array = fa.asarray([1.0, 2.0])
        assert type(np.vectorize(lambda x: x + 1)(array)) is np.ndarray
        same(np.array([2.0, 3.0], object), np.frompyfunc(lambda x: x + 1, 1, 1)(array))
