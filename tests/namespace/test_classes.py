"""`ndarray`, `ufunc`, `isinstance`, the index builders, and the rule about scalars."""

from __future__ import annotations

import functools
import inspect
import io
from typing import Any

import numpy
import pytest

import fpgarray as np


def test_ndarray_is_what_both_kinds_of_array_are() -> None:
    x = np.asarray([1.0, 2.0])
    assert isinstance(x, np.ndarray)
    assert isinstance(numpy.zeros(2), np.ndarray)
    assert isinstance(np.array(3.0), np.ndarray)
    assert not isinstance(x.sum(), np.ndarray), "what stands for a NumPy scalar is no array"
    assert not isinstance(numpy.float64(1), np.ndarray)
    assert not isinstance([1.0], np.ndarray)
    assert issubclass(np.FPGAArray, np.ndarray)
    assert issubclass(numpy.ndarray, np.ndarray)
    assert not issubclass(list, np.ndarray)
    assert np.isscalar(x.sum())
    assert not np.isscalar(np.array(3.0))


def test_ndarray_constructs_as_numpys() -> None:
    x = np.ndarray(shape=(10,), dtype=int)
    assert type(x) is np.FPGAArray
    assert (x.shape, x.dtype) == ((10,), numpy.dtype(int))
    data = numpy.arange(12, dtype="i4")
    y = np.ndarray((2, 3), "i4", data, offset=4, strides=(12, 4))
    assert y.tolist() == numpy.ndarray((2, 3), "i4", data, 4, (12, 4)).tolist()
    with pytest.raises(TypeError):
        np.ndarray()
    with pytest.raises(ValueError, match="negative"):
        np.ndarray((-1,))


def test_ndarray_is_a_type_for_annotations_methods_and_dispatch() -> None:
    def function(x: np.ndarray[Any, numpy.dtype[numpy.float64]]) -> np.typing.NDArray[np.float64]:
        return x

    assert inspect.signature(function)

    @functools.singledispatch
    def kind(value: Any) -> str:
        return "other"

    @kind.register(np.ndarray)
    def _(value: Any) -> str:
        return "array"

    x = np.arange(3.0)
    assert (kind(x), kind(numpy.zeros(1)), kind(3)) == ("array", "array", "other")
    assert float(np.ndarray.sum(x)) == 3.0
    match x:
        case np.ndarray(shape=(n,)):
            assert n == 3
        case _:
            raise AssertionError("an FPGAArray is an ndarray to a match statement")
    with pytest.raises(TypeError, match="cannot be subclassed"):

        class _Mine(np.ndarray):
            pass


def test_scalars_numpy_computes_from_host_values_stay_numpys() -> None:
    assert type(np.sqrt(2.0)) is numpy.float64
    assert type(np.add(1, 2)) is numpy.int64
    assert type(np.sum([1, 2, 3])) is numpy.int64
    assert type(np.add.reduce([1, 2, 3])) is numpy.int64
    assert type(np.linalg.norm([3.0, 4.0])) is numpy.float64
    assert type(np.sum(np.asarray([1, 2, 3]))) is np.FPGAArray


def test_a_ufunc_has_all_that_numpys_have() -> None:
    assert isinstance(np.add, np.ufunc)
    assert isinstance(numpy.add, np.ufunc)
    assert not isinstance(np.sum, np.ufunc)
    for name in ("nin", "nout", "nargs", "ntypes", "types", "identity", "signature", "__name__"):
        assert getattr(np.add, name) == getattr(numpy.add, name)
    assert {each for each in dir(numpy.add) if not each.startswith("_")} <= set(dir(np.add))
    assert repr(np.add) == "<ufunc 'add'>"
    with pytest.raises(AttributeError):
        _ = np.add.no_such_name
    with pytest.raises(TypeError):
        np.add(1)


@pytest.mark.parametrize("convert", [list, numpy.asarray, np.asarray])
def test_the_six_methods_of_a_ufunc_give_ours(convert: Any) -> None:
    given = convert([1.0, 2.0, 4.0])
    plain = numpy.asarray([1.0, 2.0, 4.0])
    results = {
        "call": (np.multiply(given, 2), plain * 2),
        "accumulate": (np.add.accumulate(given), numpy.add.accumulate(plain)),
        "reduceat": (np.add.reduceat(given, [0, 2]), numpy.add.reduceat(plain, [0, 2])),
        "outer": (np.subtract.outer(given, [1, 2]), numpy.subtract.outer(plain, [1, 2])),
        "divmod": (np.divmod(given, 3)[0], numpy.divmod(plain, 3)[0]),
    }
    for name, (ours, theirs) in results.items():
        assert type(ours) is np.FPGAArray, name
        assert ours.tolist() == theirs.tolist(), name
    assert float(np.add.reduce(given)) == 7.0


def test_at_writes_in_place_into_both_kinds() -> None:
    ours, theirs = np.asarray([1.0, 2.0, 3.0]), numpy.asarray([1.0, 2.0, 3.0])
    np.add.at(ours, [0, 0, 2], 10)
    np.add.at(theirs, [0, 0, 2], 10)
    assert ours.tolist() == theirs.tolist() == [21.0, 2.0, 13.0]


def test_an_output_given_is_what_comes_back() -> None:
    theirs, ours = numpy.zeros(2), np.zeros(2)
    assert np.add([1.0, 2.0], 1, out=theirs) is theirs
    assert np.add([1.0, 2.0], 1, theirs) is theirs
    assert np.add([1.0, 2.0], 1, out=ours) is ours
    assert np.sum([[1.0, 2.0]], axis=0, out=theirs) is theirs
    assert np.sum([[1.0, 2.0]], 0, None, theirs) is theirs
    assert (theirs.tolist(), ours.tolist()) == ([1.0, 2.0], [2.0, 3.0])


def test_what_is_not_ours_stays_what_it_is() -> None:
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    assert type(np.sqrt(masked)) is numpy.ma.MaskedArray
    assert type(np.asanyarray(masked)) is numpy.ma.MaskedArray
    assert np.shape([[1, 2]]) == (1, 2)
    assert np.result_type("f4", "i8") == numpy.float64
    assert np.broadcast_shapes((2, 1), (3,)) == (2, 3)


def test_what_is_masked_stays_masked() -> None:
    x = np.asarray([1.0, 2.0, 3.0])
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    for made in (x + masked, masked + x, np.add(x, masked), np.hypot(masked, x)):
        assert type(made) is numpy.ma.MaskedArray
        assert made.mask.tolist() == [False, True, False]
    assert type(np.concatenate([x, masked])) is numpy.ma.MaskedArray  # as NumPy's does
    x += np.asarray(masked)
    assert x.tolist() == [2.0, 4.0, 6.0]


def test_aliases_are_one_object() -> None:
    assert np.abs is np.absolute
    assert np.bitwise_not is np.invert
    assert np.bitwise_not.__name__ == "invert"
    assert np.concat is np.concatenate
    for name in numpy.__all__:
        twin = getattr(getattr(numpy, name), "__name__", None)
        if twin and getattr(numpy, twin, None) is getattr(numpy, name):
            assert getattr(np, twin) is getattr(np, name), name


def test_the_builders_give_ours() -> None:
    x = np.arange(3)
    for ours, theirs in [
        (np.r_[0, x, 5:7], numpy.r_[0, numpy.arange(3), 5:7]),
        (np.c_[x, x], numpy.c_[numpy.arange(3), numpy.arange(3)]),
        (np.mgrid[0:2, 0:3], numpy.mgrid[0:2, 0:3]),
        (np.mgrid[0 : x[2] : 5j], numpy.mgrid[0:2:5j]),
        (np.ogrid[0:2, 0:3][1], numpy.ogrid[0:2, 0:3][1]),
        (np.ix_([0, 1], [2])[0], numpy.ix_([0, 1], [2])[0]),
        (np.fromfunction(lambda i, j: i + j, (2, 2)), numpy.ones((2, 2)) * [[0, 1], [1, 2]]),
    ]:
        assert type(ours) is np.FPGAArray
        numpy.testing.assert_array_equal(numpy.asarray(ours), theirs)
    assert np.s_[1:2, ...] == (slice(1, 2), Ellipsis)


def test_python_functions_become_ufuncs_and_vectorised_ones() -> None:
    oct_ = np.frompyfunc(oct, 1, 1)
    assert oct_([8, 9]).tolist() == ["0o10", "0o11"]

    @np.vectorize(otypes=[float])
    def larger(a: float, b: float) -> float:
        return max(a, b)

    made = larger(np.asarray([1.0, 5.0]), [3.0, 3.0])
    assert type(made) is np.FPGAArray
    assert made.tolist() == [3.0, 5.0]


def test_testing_is_ours_and_numpys() -> None:
    x = np.asarray([1.0, 2.0])
    np.testing.assert_allclose(x, [1.0, 2.0])
    with pytest.raises(AssertionError, match="Mismatched elements: 1 / 2"):
        np.testing.assert_array_equal(x, [1.0, 3.0])
    np.testing.assert_equal(x, x)
    np.testing.assert_equal({"x": [x]}, {"x": [numpy.asarray([1.0, 2.0])]})
    with pytest.raises(AssertionError):
        np.testing.assert_equal(x, x + 1)
    public = {each for each in dir(numpy.testing) if not each.startswith("_")}
    assert public <= set(dir(np.testing))
    assert np.testing.__name__ == "fpgarray.testing"


def test_polynomials_give_ours() -> None:
    x = np.linspace(-1, 1, 5)
    plain = numpy.linspace(-1, 1, 5)
    for ours, theirs in [
        (np.polynomial.Polynomial([1, 2, 3])(x), numpy.polynomial.Polynomial([1, 2, 3])(plain)),
        (np.polynomial.Polynomial([1, 2, 3]).deriv()(x), 2 + 6 * plain),
        (np.poly1d([1, 2])(x), plain + 2),
        (np.polynomial.chebyshev.chebval(x, [1, 2]), 1 + 2 * plain),
        (np.polynomial.Polynomial([-1, 0, 1]).roots(), numpy.asarray([-1.0, 1.0])),
        (np.polynomial.polynomial.polyfromroots([1, 2]), numpy.asarray([2.0, -3.0, 1.0])),
    ]:
        assert type(ours) is np.FPGAArray
        numpy.testing.assert_allclose(numpy.asarray(ours), theirs, rtol=1e-12, atol=1e-15)


def test_what_numpy_computes_for_host_operands_is_counted_as_the_hosts_choice() -> None:
    with np.profile() as p:
        np.sort([3, 1, 2])
        np.arange(5)
        np.sin(1.0)
    assert (p.fallbacks, p.host_chosen) == (0, 1)
    assert any("no operand is an FPGAArray" in reason for reason in p.reasons)


@pytest.mark.parametrize(
    "call",
    [
        lambda: np.log([0.0, 1.0]),
        lambda: np.sqrt(-1.0),
        lambda: np.divide.outer([1.0], [0.0]),
        lambda: np.polyfit([1.0, 1.0, 1.0], [1.0, 1.0, 2.0], 1),
        lambda: np.loadtxt(io.StringIO("")),
        lambda: np.random.random_integers(3),
        lambda: np.linalg.norm(np.zeros(2)) / np.zeros(2),
    ],
    ids=range(7),
)
def test_a_warning_points_at_the_users_line(call: Any) -> None:
    with pytest.warns(Warning) as caught:  # noqa: PT030 which one is NumPy's to say
        str(call())
    line = call.__code__.co_firstlineno
    assert {(each.filename, each.lineno) for each in caught} == {(__file__, line)}


def test_a_location_is_the_scripts_not_the_wrappers() -> None:
    x = np.arange(4.0)
    with np.policy(dispatch="device"), np.profile() as p:
        float(np.sqrt(x).sum())
        np.sort(x)
    rows = str(p)
    assert "wrapping.py" not in rows
    assert __file__.rsplit("/", 1)[-1] in rows
