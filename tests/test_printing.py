"""Arrays as text: NumPy's, character for character, with the device named; what that moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import fpgarray as fa

DEVICE = fa.devices()[0].name
NAMED = f", device={DEVICE!r}"


def without_device(text: str) -> str:
    """Ours without the device, blanks made one: the device may stand on a line of its own."""
    text = " ".join(text.split())
    assert text.endswith(NAMED + ")"), text
    return text.removesuffix(NAMED + ")") + ")"


DTYPES = st.sampled_from(
    ["f4", "f8", "i4", "i8", "u1", "?", "c16", "f2", "<U3", "M8[D]", "i2,f4"]
).map(np.dtype)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9)
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES))


@given(
    ARRAYS,
    st.integers(0, 60),
    st.integers(0, 4),
    st.integers(1, 8),
    st.integers(20, 90),
    st.booleans(),
)
def test_text_is_numpys(
    a: np.ndarray, threshold: int, edgeitems: int, precision: int, width: int, turned: bool
) -> None:
    x = fa.asarray(a)
    if turned:
        a, x = a.T[..., ::-1] if a.ndim else a, x.T[..., ::-1] if a.ndim else x
    with np.printoptions(
        threshold=threshold, edgeitems=edgeitems, precision=precision, linewidth=width
    ):
        assert str(x) == str(a)
        assert without_device(repr(x)) == " ".join(repr(a).split())
        assert np.array2string(x, separator="; ") == np.array2string(a, separator="; ")
        assert np.array_str(x) == np.array_str(a)


@pytest.mark.parametrize("legacy", ["1.13", "1.21", "1.25", "2.1", False])
@pytest.mark.parametrize("value", [np.arange(3.0), np.arange(2000), np.float32(1.5), np.array(2)])
def test_legacy_modes_are_numpys(legacy: str | bool, value: np.ndarray) -> None:
    x = fa.asarray(value)
    with np.printoptions(legacy=legacy):
        assert str(x) == str(np.asarray(value))
        assert without_device(repr(x)) == " ".join(repr(np.asarray(value)).split())


def test_the_device_stands_where_numpy_names_the_dtype() -> None:
    assert repr(fa.asarray([1.0, 2.0])) == f"array([1., 2.], device={DEVICE!r})"
    assert repr(fa.zeros(2, "f4")) == f"array([0., 0.], dtype=float32, device={DEVICE!r})"
    assert repr(fa.zeros((0, 2))) == f"array([], shape=(0, 2), dtype=float64, device={DEVICE!r})"
    wide = repr(fa.zeros(12))
    assert wide.splitlines()[-1] == f"      device={DEVICE!r})"
    assert max(map(len, wide.splitlines())) <= 75


def test_what_stands_for_a_scalar_prints_as_one() -> None:
    x = fa.asarray([1.5, 2.5])
    assert repr(x[0]) == f"np.float64(1.5, device={DEVICE!r})"
    assert repr(x.sum() > 3) == f"np.bool(True, device={DEVICE!r})"
    assert str(x.sum()) == "4.0"
    assert f"{x[1]:.3f} {x.sum():>6}" == "2.500    4.0"
    assert repr(fa.array(1.5)) == f"array(1.5, device={DEVICE!r})"
    assert f"{fa.array(1.5):.2f}" == "1.50"
    with pytest.raises(TypeError, match="unsupported format string"):
        format(x, ".2f")


def test_options_and_overrides_are_honoured() -> None:
    x = fa.asarray([1.23456789, 1e-9])
    with np.printoptions(precision=2, suppress=True):
        assert str(x) == "[1.23 0.  ]"
    with np.printoptions(formatter={"float": "<{}>".format}):
        assert str(x) == "[<1.23456789> <1e-09>]"
    with np.printoptions(override_repr=lambda a: f"{type(a).__name__} of {a.size}"):
        assert repr(x) == "FPGAArray of 2"


@pytest.mark.device_work
def test_a_large_array_moves_its_edges_only() -> None:
    a = np.arange(1_000_000.0).reshape(1000, 1000)
    with fa.policy(dispatch="device"):
        x = fa.asarray(a) + 1
        fa.synchronize()
        with fa.profile() as p:
            text = str(x)
    assert text == str(a + 1)
    corners = 4 * 3 * 3 * 8
    assert p.bytes_from_device < 20 * corners


def test_a_large_array_of_any_order_prints_from_its_edges() -> None:
    a = np.arange(60_000).reshape(30, 40, 50)
    for view in (a, a.T, a[::-1, ::2, 5:], a[:, 1], np.asfortranarray(a)):
        assert str(fa.asarray(view)) == str(view)
        assert without_device(repr(fa.asarray(view))) == " ".join(repr(view).split())
