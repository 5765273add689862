"""`fpgarray.random`: NumPy's bits for the same seed, in FPGAArrays."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import fpgarray as fa

METHODS: dict[str, tuple[Any, ...]] = {
    "beta": (1.0, 2.0),
    "binomial": (10, 0.3),
    "chisquare": (2.0,),
    "choice": (7,),
    "dirichlet": ([1.0, 2.0, 3.0],),
    "exponential": (2.0,),
    "f": (1.0, 2.0),
    "gamma": (2.0,),
    "geometric": (0.3,),
    "gumbel": (),
    "hypergeometric": (5, 6, 7),
    "laplace": (),
    "logistic": (),
    "lognormal": (),
    "logseries": (0.4,),
    "multinomial": (5, [0.2, 0.8]),
    "multivariate_normal": ([0.0, 1.0], [[1.0, 0.0], [0.0, 2.0]]),
    "negative_binomial": (3, 0.4),
    "noncentral_chisquare": (2.0, 1.0),
    "noncentral_f": (3.0, 4.0, 1.0),
    "normal": (1.0, 2.0),
    "pareto": (3.0,),
    "poisson": (4.0,),
    "power": (2.0,),
    "rayleigh": (),
    "standard_cauchy": (),
    "standard_exponential": (),
    "standard_gamma": (2.0,),
    "standard_normal": (),
    "standard_t": (3.0,),
    "triangular": (0.0, 1.0, 3.0),
    "uniform": (-1.0, 1.0),
    "vonmises": (0.0, 1.0),
    "wald": (1.0, 2.0),
    "weibull": (2.0,),
    "zipf": (2.0,),
}
"""Distributions that generators and the legacy functions share, with arguments before size=."""

NEW = {"integers": (10,), "random": (), "multivariate_hypergeometric": ([4, 5, 6], 3)}
OLD = {"randint": (10,), "random_sample": (), "random": (), "ranf": (), "sample": ()}


def same(ours: Any, theirs: Any) -> None:
    """Bit for bit; arrays ours, Python numbers NumPy's."""
    if isinstance(theirs, numpy.ndarray):
        assert type(ours) is fa.FPGAArray
        assert ours.dtype == theirs.dtype
        numpy.testing.assert_array_equal(numpy.asarray(ours), theirs)
    else:
        assert type(ours) is type(theirs)
        assert ours == theirs


def test_every_method_is_in_the_table() -> None:
    special = {"shuffle", "permutation", "permuted", "bytes", "spawn", "bit_generator"}
    methods = {each for each in dir(numpy.random.Generator) if not each.startswith("_")}
    assert methods == METHODS.keys() | NEW.keys() | special


@pytest.mark.parametrize(("name", "args"), [*METHODS.items(), *NEW.items()])
def test_a_generator_draws_numpys_bits(name: str, args: tuple[Any, ...]) -> None:
    ours, theirs = fa.random.default_rng(5), numpy.random.default_rng(5)
    for size in ((3, 2), 4, None):
        same(getattr(ours, name)(*args, size=size), getattr(theirs, name)(*args, size=size))


@pytest.mark.parametrize(("name", "args"), [*METHODS.items(), *OLD.items()])
def test_the_legacy_functions_draw_numpys_bits(name: str, args: tuple[Any, ...]) -> None:
    for size in ((3, 2), None):
        fa.random.seed(9)
        ours = getattr(fa.random, name)(*args, size=size)
        numpy.random.seed(9)
        same(ours, getattr(numpy.random, name)(*args, size=size))
        if name not in ("ranf", "sample"):
            state = numpy.random.RandomState(9)
            same(
                getattr(fa.random.RandomState(9), name)(*args, size=size),
                getattr(state, name)(*args, size=size),
            )


def test_rand_and_randn_take_extents() -> None:
    for name in ("rand", "randn"):
        fa.random.seed(1)
        ours = getattr(fa.random, name)(2, 3)
        numpy.random.seed(1)
        same(ours, getattr(numpy.random, name)(2, 3))


ORDERS: list[Callable[[Any, Any, Any], Any]] = [
    lambda np, rng, x: rng.permutation(x),
    lambda np, rng, x: rng.permutation(7),
    lambda np, rng, x: rng.choice(x, 2, replace=False),
    lambda np, rng, x: rng.normal(x, 0.1),
    lambda np, rng, x: rng.integers(0, 100, size=(x.max() + 1).astype(int)),
    lambda np, rng, x: (rng.shuffle(x), x)[1],
    lambda np, rng, x: (rng.shuffle(x=x), x)[1],
    lambda np, rng, x: (rng.shuffle(x.reshape(2, 3).T), x)[1],
    lambda np, rng, x: (rng.shuffle(x.reshape(2, 3), axis=1), x)[1],
]
MODERN: list[Callable[[Any, Any, Any], Any]] = [
    lambda np, rng, x: rng.permuted(x.reshape(2, 3), axis=1),
    lambda np, rng, x: rng.permuted(x, out=x),
    lambda np, rng, x: rng.random(out=x),
    lambda np, rng, x: rng.standard_normal(out=x[:6]),
]


@pytest.mark.parametrize("case", [*ORDERS, *MODERN], ids=range(len(ORDERS) + len(MODERN)))
def test_arrays_go_in_and_are_permuted_in_place(case: Callable[[Any, Any, Any], Any]) -> None:
    ours = case(fa, fa.random.default_rng(3), fa.arange(6.0))
    same(ours, case(numpy, numpy.random.default_rng(3), numpy.arange(6.0)))


def test_the_legacy_shuffle_works_in_place_too() -> None:
    ours, theirs, items = fa.arange(6.0), numpy.arange(6.0), [1, 2, 3]
    fa.random.seed(2)
    fa.random.shuffle(ours)
    fa.random.shuffle(items)
    numpy.random.seed(2)
    numpy.random.shuffle(theirs)
    same(ours, theirs)
    assert sorted(items) == [1, 2, 3]


def test_out_gives_back_what_was_given() -> None:
    rng, x, plain = fa.random.default_rng(0), fa.zeros(3), numpy.zeros(3)
    assert rng.random(out=x) is x
    assert rng.random(out=plain) is plain
    assert float(x.sum()) > 0


def test_generators_are_numpys_and_share_state() -> None:
    theirs = numpy.random.default_rng(4)
    ours = fa.random.default_rng(theirs)
    assert isinstance(ours, numpy.random.Generator)
    assert fa.random.default_rng(ours) is ours
    first = ours.random()
    again = numpy.random.default_rng(4)
    assert (first, theirs.random()) == (again.random(), again.random())
    children = fa.random.default_rng(4).spawn(2)
    assert all(type(each) is fa.random.Generator for each in children)
    assert type(fa.random.Generator(fa.random.PCG64(4)).random(2)) is fa.FPGAArray


@pytest.mark.parametrize("make", [fa.random.default_rng, fa.random.RandomState])
def test_generators_pickle_and_copy_with_their_state(make: Any) -> None:
    rng = make(8)
    rng.normal(size=3)
    copies = [pickle.loads(pickle.dumps(rng)), copy.deepcopy(rng)]
    expected = rng.normal(size=4).tolist()
    for each in copies:
        assert type(each) is type(rng)
        assert each.normal(size=4).tolist() == expected


def test_the_state_is_numpys() -> None:
    fa.random.seed(6)
    state = fa.random.get_state()
    first = fa.random.rand(3).tolist()
    fa.random.set_state(state)
    assert fa.random.rand(3).tolist() == first
    assert fa.random.bytes(4) != fa.random.bytes(4)
