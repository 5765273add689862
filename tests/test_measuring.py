"""The measuring of accuracy: what counts as an error, that errors are found, and the command."""

from __future__ import annotations

import sys
from math import inf, nan

import mpmath as mp
import numpy as np
import pytest

import fpgarray as fa
from fpgarray import cli
from fpgarray.testing import accuracy, true_values

F4, F8 = np.dtype("f4"), np.dtype("f8")


@pytest.mark.parametrize(
    ("true", "result", "dtype", "units"),
    [
        (1.0, 1.0, F8, 0.0),
        (1.0, 1.0 + 2.0**-52, F8, 1.0),
        (2.0 - 2.0**-52, 2.0, F8, 1.0),
        (1.0, 1.0 + 2.0**-23, F4, 1.0),
        (5e-324, 0.0, F8, 1.0),
        (nan, nan, F8, 0.0),
        (nan, 1.0, F8, inf),
        (1.0, nan, F8, inf),
        (inf, inf, F8, 0.0),
        (-inf, inf, F8, inf),
        (mp.mpf("1e400"), inf, F8, 0.0),
        (mp.mpf("1e400"), 1e300, F8, inf),
        (1e300, inf, F8, inf),
        (float(np.finfo("f4").max), inf, F4, 0.0),
    ],
)
def test_distance(true, result: float, dtype: np.dtype, units: float) -> None:
    assert accuracy.distance(mp.mpf(true), result, dtype) == units


def test_units_are_those_of_the_terms_where_they_cancel() -> None:
    true = mp.mpf(2) ** -30
    assert accuracy.distance(true, 2.0**-30 + 2.0**-52, F8, scale=1.0) == 1.0
    assert accuracy.distance(true, 2.0**-30 + 2.0**-52, F8) == 2.0**30


def test_a_flushed_subnormal_is_no_error_where_the_device_flushes() -> None:
    assert accuracy.distance(mp.mpf(1e-310), 0.0, F8, subnormals=False) == 0
    assert accuracy.distance(mp.mpf(1e-310), 0.0, F8) > 1000


@pytest.mark.parametrize("name", accuracy.DOMAINS)
def test_samples_cover_the_range(name: str) -> None:
    for dtype in (F4, F8):
        operands = accuracy.samples(name, dtype, 600)
        assert len(operands) == getattr(np, name).nin
        sizes = np.abs(operands[0].astype(float))
        info = np.finfo(dtype)
        assert sizes.min() < info.tiny
        assert sizes.max() > np.sqrt(float(info.max))
        assert len(operands[0]) > 400


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_inaccurate_function_is_found() -> None:
    row = accuracy.measure(lambda x: np.exp(x) * (1 + 1e-6), "exp", F8, 300)
    assert not row.good
    assert row.worst > 1e6
    assert "BEYOND THE BOUND" in accuracy.line(row)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_wrong_special_value_is_found() -> None:
    row = accuracy.measure(lambda x: np.cbrt(x) + 0.0, "cbrt", F8, 300)  # -0 becomes 0
    assert row.special == ("cbrt(-0) is 0, not -0",)
    assert not row.good
    assert "WRONG" in accuracy.line(row)


@pytest.mark.device_work
def test_the_command_prints_a_row_for_each_dtype(capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["accuracy", "tanh", "power", "--count", "200"]) == 0
    lines = capsys.readouterr().out.splitlines()
    engines = fa.devices()[0].engines.engines
    dtypes = [each.dtype.name for each in engines if "tanh" in each.operations]
    assert [line.split()[:2] for line in lines[1:]] == [
        [name, dtype] for name in ("tanh", "power") for dtype in dtypes
    ]
    assert all(line.endswith("ok") for line in lines[1:])


def test_the_command_fails_beyond_a_bound(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "BOUNDS", {4: 0.1, 8: 0.1})
    assert cli.main(["accuracy", "exp", "--count", "200"]) == 1
    assert "BEYOND THE BOUND" in capsys.readouterr().out


def test_without_mpmath_the_extra_is_named(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)
    assert cli.main(["accuracy", "exp"]) == 1
    assert true_values.INSTALL in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["tanj"], ["--count", "0"], ["--count", "x"]])
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["accuracy", *arguments])
    assert ended.value.code == 2
