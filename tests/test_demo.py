"""The demo: its function on both kinds of array, what it prints, its picture, its exit codes."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import fpgarray as fa
from fpgarray import demo
from fpgarray.demo import terrain
from fpgarray.demo.comparison import Comparison, compare, max_ulp
from fpgarray.demo.hillshade import hillshade

RAMP = np.arange(48.0, dtype="f4").reshape(6, 8)


@pytest.fixture(scope="module")
def ground() -> terrain.Terrain:
    return terrain.load()


def crop(ground: terrain.Terrain) -> np.ndarray:
    return np.ascontiguousarray(ground.elevation[100:150, 200:270])


# The function


@pytest.mark.parametrize("altitude", [10.0, 45.0, 90.0])
def test_level_ground_is_as_bright_as_the_sun_is_high(altitude: float) -> None:
    shade = hillshade(np.full((4, 5), 300.0), 30.0, 30.0, altitude=altitude)
    np.testing.assert_allclose(shade, np.full((2, 3), np.sin(np.radians(altitude))))


@pytest.mark.parametrize(
    ("azimuth", "rise"),
    [(90.0, (0, -1)), (270.0, (0, 1)), (0.0, (1, 0)), (180.0, (-1, 0))],
    ids=["east", "west", "north", "south"],
)
def test_a_slope_of_45_degrees_towards_a_sun_of_45_degrees_is_fully_lit(
    azimuth: float, rise: tuple[int, int]
) -> None:
    """It faces the sun where elevation falls towards it; rows run southwards."""
    rows, columns = np.mgrid[:5, :6]
    z = 20.0 * (rise[0] * rows + rise[1] * columns)
    np.testing.assert_allclose(hillshade(z, 20.0, 20.0, azimuth=azimuth), 1.0)
    np.testing.assert_allclose(hillshade(-z, 20.0, 20.0, azimuth=azimuth), 0.0, atol=1e-15)


def test_it_is_plain_numpy() -> None:
    """The file that holds it imports nothing of fpgarray."""
    tree = ast.parse(Path(hillshade.__code__.co_filename).read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    modules = {each.module for each in nodes if isinstance(each, ast.ImportFrom)}
    modules |= {a.name for each in nodes if isinstance(each, ast.Import) for a in each.names}
    assert modules == {"__future__", "math", "typing", "numpy"}


def test_matplotlib_shades_alike(ground: terrain.Terrain) -> None:
    """LightSource uses other differences and stretches the result: alike, not equal."""
    colors = importlib.import_module("matplotlib.colors")
    theirs = colors.LightSource(315, 45).hillshade(ground.elevation, dx=ground.dx, dy=ground.dy)
    ours = hillshade(ground.elevation, ground.dx, ground.dy)
    assert np.corrcoef(ours.ravel(), theirs[1:-1, 1:-1].ravel())[0, 1] > 0.95


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_numpy_and_device_agree_to_the_last_bit(ground: terrain.Terrain, dtype: str) -> None:
    z = crop(ground).astype(dtype)
    with fa.policy(dispatch="device", fallback="raise"), fa.profile() as p:
        result = np.asarray(hillshade(fa.asarray(z), ground.dx, ground.dy))
    expected = hillshade(z, ground.dx, ground.dy)
    assert result.dtype == expected.dtype
    assert result.tobytes() == expected.tobytes()
    assert p.launches == 1
    assert (p.bytes_to_device, p.bytes_from_device) == (z.nbytes, expected.nbytes)


# Comparing


def test_a_comparison_tells_what_moved(ground: terrain.Terrain) -> None:
    z = crop(ground)
    with fa.policy(dispatch="device"):
        found = compare(partial(hillshade, dx=ground.dx, dy=ground.dy), z, repetitions=3)
    assert found.faults == ()
    assert found.differing == 0
    assert len(found.ratios) == 3 and found.ratio > 0
    assert found.needed_to_device == found.cold.bytes_to_device == z.nbytes
    assert found.needed_from_device == found.cold.bytes_from_device
    assert found.warm.bytes_to_device == 0


def test_a_difference_is_a_fault() -> None:
    def cheating(z: object) -> object:
        return z * 2 if isinstance(z, np.ndarray) else z + z + 1

    with fa.policy(dispatch="device"):
        found = compare(cheating, RAMP, repetitions=1)
    assert found.differing == RAMP.size
    assert found.faults == ("48 elements differ from NumPy's",)


def test_a_fallback_is_a_fault() -> None:
    with fa.policy(dispatch="device"):
        found = compare(lambda z: np.cumsum(z * 2, axis=0), RAMP, repetitions=1)
    assert found.faults == ("1 operations fell back to NumPy",)


def test_nothing_launched_is_a_fault() -> None:
    with fa.policy(dispatch="host"):
        found = compare(lambda z: z * 2, RAMP, repetitions=1)
    assert found.faults == ("nothing was launched on the device",)


def comparison_of(expected: np.ndarray, result: np.ndarray) -> Comparison:
    return Comparison(expected, result, "", fa.profile(), fa.profile(), 0, 0, (1.0,))


def test_nan_in_one_place_is_no_difference_and_a_zero_of_another_sign_is() -> None:
    one = np.array([np.nan, 0.0, 1.0], "f4")
    other = np.array([-np.nan, -0.0, 1.0], "f4")
    assert comparison_of(one, other).differing == 1


@pytest.mark.parametrize(
    "other", [RAMP.astype("f8"), RAMP[:, :4], RAMP[:0]], ids=["dtype", "shape", "none"]
)
def test_another_shape_or_dtype_differs_everywhere(other: np.ndarray) -> None:
    found = comparison_of(RAMP, other)
    assert found.differing == RAMP.size
    assert f"the result is {other.dtype} of shape" in demo.agreement(found)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_ulp_counts_representable_numbers(dtype: str) -> None:
    one = np.ones(3, dtype)
    tiny = np.nextafter(np.zeros(1, dtype), 1)
    assert max_ulp(one, one) == 0
    assert max_ulp(one, np.nextafter(np.nextafter(one, 2), 2)) == 2
    assert max_ulp(one, np.nextafter(one, 0)) == 1
    assert max_ulp(tiny, -tiny) == 2
    assert max_ulp(one[:0], one[:0]) == 0


# Terrain and picture


def test_the_terrain_has_cells_of_metres(ground: terrain.Terrain) -> None:
    assert ground.elevation.shape == (344, 403) and ground.elevation.dtype == np.float32
    assert ground.dy == pytest.approx(92.67, abs=0.01)
    assert ground.dx == pytest.approx(ground.dy * np.cos(np.radians(36.73)), rel=1e-3)


def test_the_demo_succeeds_prints_its_table_and_writes_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "relief.png"
    assert demo.run(path, repetitions=2) == 0
    lines = capsys.readouterr().out.splitlines()
    table = {line[2:20].strip(): line[21:] for line in lines[1:]}
    assert table["agreement"] == "all 137,142 pixels identical to NumPy's (0 ULP)"
    assert (table["launches"], table["fallbacks"], table["host chosen"]) == ("1", "0", "0")
    assert table["bytes to device"].startswith("554,528 moved / 554,528 needed = 1.00")
    assert table["bytes from device"] == "548,568 moved / 548,568 needed = 1.00"
    assert table["time"].startswith("NumPy / fpgarray = ")
    assert table["device"] == fa.devices()[0].name
    assert table["picture"] == str(path)
    image = importlib.import_module("PIL.Image").open(path)
    assert image.format == "PNG" and image.width > 1000
    assert len(np.unique(np.asarray(image.convert("L")))) > 100


def test_the_demo_fails_when_results_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(z: object, dx: float, dy: float) -> object:
        return hillshade(z, dx, dy) * (1.0 if isinstance(z, np.ndarray) else 0.5)

    monkeypatch.setattr(demo, "hillshade", wrong)
    assert demo.run(tmp_path / "wrong.png", repetitions=1) == 1
    assert "WRONG" in capsys.readouterr().out


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str, package: str | None = None) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(terrain.importlib, "import_module", absent)
    with pytest.raises(terrain.DemoUnavailableError, match=r"pip install 'fpgarray\[demo\]'"):
        terrain.load()


def test_the_command_starts_without_matplotlib(tmp_path: Path) -> None:
    """`fpgarray info` works where the extra is not installed."""
    code = "import sys, fpgarray.cli; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 0
