"""exp, log, sin, cos against mpmath over the full range; special values; subnormals."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from kernel_lab import Kernel, same_bits

BOUNDS = {"f4": 2.0, "f8": 2.5}  # units in the last place
NAMES = ("exp", "log", "sin", "cos")
COUNT = 600

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture(params=["f4", "f8"])
def kernel(request, builtin) -> Kernel:
    return builtin.kernel(request.param)


def domain(name: str, dtype: np.dtype) -> np.ndarray:
    """Random values where the function is interesting, and of all magnitudes."""
    rng = np.random.default_rng(11)
    info = np.finfo(dtype)
    top, bottom = np.log(float(info.max)), np.log(float(info.smallest_subnormal))
    unsigned = {4: np.uint32, 8: np.uint64}[dtype.itemsize]
    any_bits = rng.integers(0, np.iinfo(unsigned).max, COUNT, unsigned).view(dtype)
    parts = {
        "exp": [rng.uniform(bottom, top, COUNT), rng.uniform(-1, 1, COUNT),
                rng.uniform(bottom, np.log(float(info.tiny)), COUNT)],
        "log": [rng.uniform(0, 4, COUNT), rng.uniform(0.7, 1.42, COUNT), abs(any_bits),
                info.smallest_subnormal * rng.integers(1, 2**20, COUNT)],
        "sin": [rng.uniform(-10, 10, COUNT), rng.uniform(-1e5, 1e5, COUNT),
                rng.uniform(-2e6, 2e6, COUNT), np.pi * rng.integers(1, 10**6, COUNT),
                np.pi / 2 * 2.0 ** rng.integers(0, 120, COUNT)],
    }
    parts["cos"] = parts["sin"]
    with np.errstate(all="ignore"):
        x = np.concatenate([np.asarray(p, dtype) for p in (*parts[name], any_bits)])
    return x[np.isfinite(x)]


def ulps(name: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """|y - f(x)| in units of the last place of f(x); 0 where f(x) is out of range or undefined."""
    info = np.finfo(x.dtype)
    f = getattr(mp, name)
    errors = np.zeros(x.size)
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        if not np.isfinite(b) or (name == "log" and a <= 0):
            continue
        with mp.workprec(1250 if abs(a) > 1e6 else 160):
            exact = f(mp.mpf(float(a)))
            if abs(exact) > float(info.max) or exact == 0:
                continue
            exponent = max(mp.frexp(exact)[1] - 1 - info.nmant, info.minexp - info.nmant)
            errors[i] = float(abs(mp.mpf(float(b)) - exact) / mp.mpf(2) ** int(exponent))
    return errors


@pytest.mark.parametrize("name", NAMES)
def test_units_in_the_last_place(kernel, name):
    x = domain(name, kernel.dtype)
    y = kernel.apply(name, x)
    errors = ulps(name, x, y)
    worst = errors.argmax()
    assert errors[worst] <= BOUNDS[kernel.dtype.str[1:]], (x[worst], y[worst], errors[worst])


@pytest.mark.parametrize("name", NAMES)
def test_out_of_range_is_infinite_and_undefined_is_nan(kernel, name):
    x = domain(name, kernel.dtype)
    y = kernel.apply(name, x)
    expected = getattr(np, name)(x.astype("f8")).astype(kernel.dtype)
    infinite = np.isinf(expected)
    assert (np.isnan(y) == np.isnan(expected)).all()
    # at the very ends one unit decides, so only clear cases are compared
    clear = np.abs(x - np.log(float(np.finfo(kernel.dtype).max))) > 1e-3
    assert (y[infinite & clear] == expected[infinite & clear]).all()


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("exp", [0, -0.0, np.inf, -np.inf, np.nan, 1e30, -1e30], [1, 1, np.inf, 0, np.nan, np.inf, 0]),
        ("log", [1, 0, -0.0, -1, np.inf, -np.inf, np.nan],
         [0, -np.inf, -np.inf, np.nan, np.inf, np.nan, np.nan]),
        ("sin", [0, -0.0, np.inf, -np.inf, np.nan], [0, -0.0, np.nan, np.nan, np.nan]),
        ("cos", [0, -0.0, np.inf, -np.inf, np.nan], [1, 1, np.nan, np.nan, np.nan]),
    ],
)
@pytest.mark.parametrize("repeat", [1, 50])
def test_special_values(images, name, given, expected, repeat):
    for variant in ("builtin", "plain"):
        for dtype in ("f4", "f8"):
            x = np.array(given * repeat, dtype)
            y = images(variant).kernel(dtype).apply(name, x)
            assert same_bits(y, np.array(expected * repeat, dtype))


def test_tiny_arguments_are_exact(kernel):
    info = np.finfo(kernel.dtype)
    x = np.array([info.smallest_subnormal, info.tiny, info.tiny * 3, info.eps**2], kernel.dtype)
    x = np.concatenate([x, -x])
    assert same_bits(kernel.apply("sin", x), x)
    assert (kernel.apply("cos", x) == 1).all()
    assert (kernel.apply("exp", x) == 1).all()


def test_large_arguments_beside_small_ones(kernel):
    """A tile with one large argument takes another path; the others keep their bits."""
    x = np.linspace(-50, 50, 3000).astype(kernel.dtype)
    for name in ("sin", "cos"):
        y = kernel.apply(name, x)
        mixed = x.copy()
        mixed[::7] = 3e30
        z = kernel.apply(name, mixed)
        keep = mixed == x
        assert same_bits(z[keep], y[keep])
        assert np.allclose(z[::7], getattr(np, name)(float(kernel.dtype.type(3e30))))


def test_in_place_with_large_arguments(kernel):
    from kernel_lab import place

    x = place(np.geomspace(1, 1e30, 2000), kernel.dtype)
    expected = kernel.apply("sin", x.array.copy())
    kernel.program(x.array.shape).load(0, x).do("sin", 0, 0).store(0, x).run()
    assert same_bits(x.array, expected)
