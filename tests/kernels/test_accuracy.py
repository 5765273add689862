"""Elementary functions of the engines against mpmath, over the full range; special values."""

from __future__ import annotations

import numpy as np
import pytest
from kernel_lab import Kernel, place, same_bits

from fpgarray.testing import accuracy

COUNT = 700
NAMES = tuple(accuracy.DOMAINS)

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture(params=["f4", "f8"])
def kernel(request, builtin) -> Kernel:
    return builtin.kernel(request.param)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("variant", ["builtin", "plain"])
def test_bounds_and_special_values_hold(images, variant, dtype, name):
    kernel = images(variant).kernel(dtype)

    def apply(*operands: np.ndarray) -> np.ndarray:
        return kernel.apply(name, *operands)

    keeps = kernel.engine["subnormals"]
    row = accuracy.measure(apply, name, kernel.dtype, COUNT if keeps else COUNT // 4, keeps)
    assert row.good, accuracy.line(row)


def test_every_function_that_is_not_exact_is_measured(builtin):
    from test_operations import BINARY, MATHS, PAIRS, UNARY

    assert set(NAMES) == {*MATHS, *PAIRS}
    for engine in builtin.engines.values():
        if engine["dtype"] in ("f4", "f8"):
            exact = {"load", "store", "set", "where", "logical_not", *UNARY, *BINARY}
            assert set(NAMES) == set(engine["operations"]) - exact


def test_special_values_in_long_tiles(kernel):
    """Beside the same values many times over, in vector code and in what is left of it."""
    for name in NAMES:
        *operands, expected = (
            np.array(column * 40, kernel.dtype)
            for column in zip(*accuracy.SPECIAL[name], strict=True)
        )
        assert same_bits(kernel.apply(name, *operands), expected), name


def test_tiny_arguments_are_exact(kernel):
    info = np.finfo(kernel.dtype)
    x = np.array([info.smallest_subnormal, info.tiny, info.tiny * 3, info.eps**2], kernel.dtype)
    x = np.concatenate([x, -x])
    for name in "sin tan arcsin arctan sinh tanh arcsinh arctanh expm1 log1p".split():
        assert same_bits(kernel.apply(name, x), x), name
    for name in "cos cosh exp exp2".split():
        assert (kernel.apply(name, x) == 1).all(), name


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_large_arguments_beside_small_ones(kernel, name):
    """A tile with one large argument takes another path; the others keep their bits."""
    x = np.linspace(-50, 50, 3000).astype(kernel.dtype)
    y = kernel.apply(name, x)
    mixed = x.copy()
    mixed[::7] = 3e30
    z = kernel.apply(name, mixed)
    keep = mixed == x
    assert same_bits(z[keep], y[keep])
    assert np.allclose(z[::7], getattr(np, name)(float(kernel.dtype.type(3e30))))


def test_in_place_with_large_arguments(kernel):
    x = place(np.geomspace(1, 1e30, 2000), kernel.dtype)
    expected = kernel.apply("sin", x.array.copy())
    kernel.program(x.array.shape).load(0, x).do("sin", 0, 0).store(0, x).run()
    assert same_bits(x.array, expected)


def test_powers_of_exact_results_are_exact(kernel):
    """Where the true value is a number of the dtype, nothing else may come."""
    base, exponent = np.meshgrid(np.arange(-5.0, 6), np.arange(0.0, 9))
    x, y = base.ravel().astype(kernel.dtype), exponent.ravel().astype(kernel.dtype)
    expected = np.array([float(int(a) ** int(b)) for a, b in zip(x, y, strict=True)], kernel.dtype)
    assert same_bits(kernel.apply("power", x, y), expected)
