"""The demo: its functions on both kinds of array, what it prints, its pictures, its exit codes."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import fpgarray as fa
from fpgarray import demo
from fpgarray.demo import extras, jobs, report, samples
from fpgarray.demo.comparison import Comparison, compare, differing, error
from fpgarray.demo.workloads import clusters, heat, options, photograph, waves
from fpgarray.demo.workloads.hillshade import hillshade

RAMP = np.arange(48.0, dtype="f4").reshape(6, 8)
WORKLOADS = Path(photograph.__file__).parent
PLAIN = {"__future__", "collections.abc", "math", "typing", "numpy"}


@pytest.fixture(scope="module")
def ground() -> samples.Terrain:
    return samples.terrain()


@pytest.fixture(params=jobs.JOBS, ids=lambda job: job.name)
def job(request: pytest.FixtureRequest) -> jobs.Job:
    return request.param


def shortened(given: jobs.Input) -> jobs.Input:
    """The same with a few steps only, where it steps through time."""
    workload = given.workload
    times = getattr(workload, "keywords", {}).get("times")
    if times is None:
        return given
    return dataclasses.replace(given, workload=partial(workload, times=range(1, 1 + len(times))))


# The functions


@pytest.mark.parametrize("path", sorted(WORKLOADS.glob("*.py")), ids=lambda path: path.stem)
def test_they_are_plain_numpy(path: Path) -> None:
    """The files that hold them import nothing of fpgarray, nor anything but NumPy."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    modules = {each.module for each in nodes if isinstance(each, ast.ImportFrom)}
    modules |= {a.name for each in nodes if isinstance(each, ast.Import) for a in each.names}
    assert modules <= PLAIN


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


def test_matplotlib_shades_alike(ground: samples.Terrain) -> None:
    """LightSource uses other differences and stretches the result: alike, not equal."""
    colors = importlib.import_module("matplotlib.colors")
    theirs = colors.LightSource(315, 45).hillshade(ground.elevation, dx=ground.dx, dy=ground.dy)
    ours = hillshade(ground.elevation, ground.dx, ground.dy)
    assert np.corrcoef(ours.ravel(), theirs[1:-1, 1:-1].ravel())[0, 1] > 0.95


def test_an_even_photograph_stays_as_it_is_and_has_no_edges() -> None:
    half, sharp, edges = photograph.develop(np.full((20, 24, 3), 77, "u1"), jobs.halve)
    assert half.shape == (10, 12, 3) and sharp.shape == (6, 8, 3) and edges.shape == (8, 10)
    assert (half == 77).all() and (sharp == 77).all()
    assert half.dtype == sharp.dtype == np.uint8 and edges.dtype == np.float32
    assert np.abs(edges).max() < 1e-4


def test_an_edge_is_as_strong_as_brightness_rises() -> None:
    """Per pixel of the half-size picture, whichever way it runs."""
    rows, columns = np.mgrid[:12, :16].astype("u1") * 5
    for slope in (rows, columns):
        *_, edges = photograph.develop(np.repeat(slope[..., None], 3, axis=2), jobs.halve)
        np.testing.assert_allclose(edges, 10, rtol=0.06)  # a half is rounded to even


@pytest.mark.device_work
def test_half_an_image_is_the_same_from_numpy_and_from_the_kernel() -> None:
    image = np.random.default_rng(2).integers(0, 256, (30, 40, 3), dtype="u1")
    with fa.policy(dispatch="device", fallback="raise"):
        ours = np.asarray(jobs.halve(fa.asarray(image), (15, 20)))
    np.testing.assert_array_equal(ours, jobs.halve(image, (15, 20)))


def test_blurring_weighs_neighbours_by_pascals_triangle() -> None:
    image = np.zeros((9, 9))
    image[4, 4] = 256
    row = np.array([1, 4, 6, 4, 1])
    np.testing.assert_array_equal(photograph.blur(image), np.outer(row, row))


def test_the_normal_distribution_is_right_to_1e_14() -> None:
    x = np.linspace(-40, 40, 4001)
    exact = [0.5 * math.erfc(-each / math.sqrt(2)) for each in x]
    np.testing.assert_allclose(options.normal_cdf(x), exact, rtol=0, atol=1e-14)


def test_option_prices_of_a_textbook() -> None:
    """J. C. Hull, Options, Futures, and Other Derivatives, example 15.6: S 42, K 40, r 10 %,
    sigma 20 %, half a year: call 4.76, put 0.81."""
    days = np.exp(0.2 / math.sqrt(252) * np.array([(-1) ** i / 2 for i in range(22)]))
    window = 21
    found = options.rolling_volatility(days, window)
    close = 42 * days ** (0.2 / found[0]) / days[-1] ** (0.2 / found[0])
    call, put, volatility = options.option_book(
        close, np.array([40.0]), np.array([0.5]), rate=0.1, window=window
    )
    assert volatility[-1] == pytest.approx(0.2)
    assert call[-1, 0, 0] == pytest.approx(4.76, abs=0.005)
    assert put[-1, 0, 0] == pytest.approx(0.81, abs=0.005)


def test_volatility_is_the_standard_deviation_of_the_returns() -> None:
    close = np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 40)))
    returns = np.diff(np.log(close))
    expected = [returns[i : i + 10].std(ddof=1) * math.sqrt(252) for i in range(30)]
    np.testing.assert_allclose(options.rolling_volatility(close, 10), expected, rtol=1e-10)


def test_heat_neither_appears_nor_rises_above_the_hottest_place() -> None:
    plate = np.zeros((20, 30))
    plate[8:12, 10:20] = 100
    early, late = heat.diffuse(plate, (3, 6))
    assert early.sum() == pytest.approx(4000) and late.sum() == pytest.approx(4000)
    assert plate.max() == 100 and plate.sum() == 4000
    assert late.min() >= 0 and late.max() < early.max() <= 100


def test_every_step_of_heat_is_the_five_point_stencil() -> None:
    plate = np.random.default_rng(0).random((6, 7))
    (one,) = heat.diffuse(plate, (1,), rate=0.2)
    expected = plate.copy()
    for i in range(1, 5):
        for j in range(1, 6):
            around = plate[i - 1, j] + plate[i + 1, j] + plate[i, j - 1] + plate[i, j + 1]
            expected[i, j] += 0.2 * (around - 4 * plate[i, j])
    np.testing.assert_allclose(one, expected)


def test_clusters_of_separate_colours_are_these_colours() -> None:
    colours = np.array([[10.0, 200.0, 100.0], [20.0, 30.0, 220.0], [5.0, 150.0, 90.0]])
    pixels = np.repeat(colours, 50, axis=1)
    centres, painted = clusters.palette(pixels, colours + np.array([3.0, -2.0, 1.0]))
    np.testing.assert_array_equal(centres, colours)
    np.testing.assert_array_equal(painted, pixels)


def test_every_pixel_gets_the_centre_nearest_to_it() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (3, 500)).astype("f8")
    centres, painted = clusters.palette(pixels, pixels[:, :5], rounds=4)
    distance = ((pixels[:, None] - centres[:, :, None]) ** 2).sum(axis=0)
    np.testing.assert_array_equal(painted, centres[:, distance.argmin(axis=0)])


def test_a_centre_without_pixels_stays() -> None:
    pixels = np.array([[1.0, 3.0], [1.0, 3.0], [1.0, 3.0]])
    centres, _ = clusters.palette(pixels, np.array([[2.0, 900.0]] * 3))
    np.testing.assert_array_equal(centres, [[2.0, 900.0]] * 3)


def test_still_water_stays_still_and_land_stays_dry() -> None:
    depth = np.full((20, 20), 100.0)
    depth[:, 15:] = 0
    hump = np.zeros((20, 20))
    still = waves.propagate(hump, depth, 100.0, 1.0, (5,))
    assert all((state == 0).all() for state in still)
    hump[10, 8] = 1
    state, highest = waves.propagate(hump, depth, 100.0, 1.0, (40,))
    assert (state[:, 15:] == 0).all() and (highest[:, 15:] == 0).all()
    assert (highest >= state).all() and np.abs(state).max() > 0


def test_a_wave_travels_as_fast_as_the_water_is_deep() -> None:
    """sqrt(g depth), the speed of long waves: 31.3 m/s in 100 m of water."""
    x = np.arange(400) * 50.0
    depth = np.full((5, 400), 100.0)
    depth[[0, -1]] = 0
    surface = np.tile(np.exp(-(((x - 10_000) / 800) ** 2)), (5, 1))
    step, steps = 0.5, 400
    state, _ = waves.propagate(surface, depth, 50.0, step, (steps,))
    right = x[200 + state[2, 200:].argmax()]
    assert (right - 10_000) / (step * steps) == pytest.approx(math.sqrt(9.81 * 100), rel=0.02)


# The jobs


@pytest.mark.device_work
def test_a_job_gives_numpys_results_by_kernel_and_a_picture(job: jobs.Job, tmp_path: Path) -> None:
    """On its real input, time steps apart."""
    given = shortened(job.load())
    copies = [each.copy() for each in given.operands]
    with fa.policy(dispatch="device"):
        found = compare(given.workload, given.operands, job.bound, seconds=0)
    assert found.faults == ()
    assert found.cold.fallbacks == found.cold.host_chosen == 0
    assert len({id(each) for each in found.results}) == len(found.expected)
    for copy, operand in zip(copies, given.operands, strict=True):
        np.testing.assert_array_equal(copy, operand)
    path = tmp_path / job.picture
    job.draw(given.facts, found.results, "some caption", path)
    image = importlib.import_module("PIL.Image").open(path)
    assert image.format == "PNG" and image.width > 1000
    assert len(np.unique(np.asarray(image.convert("L")))) > 100


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_shading_takes_one_launch_and_no_byte_more_than_needed(
    ground: samples.Terrain, dtype: str
) -> None:
    z = np.ascontiguousarray(ground.elevation[100:150, 200:270]).astype(dtype)
    with fa.policy(dispatch="device", fallback="raise"), fa.profile() as p:
        result = np.asarray(hillshade(fa.asarray(z), ground.dx, ground.dy))
    expected = hillshade(z, ground.dx, ground.dy)
    assert result.dtype == expected.dtype
    assert result.tobytes() == expected.tobytes()
    assert p.launches == 1
    assert (p.bytes_to_device, p.bytes_from_device) == (z.nbytes, expected.nbytes)


@pytest.mark.device_work
def test_a_step_through_time_is_one_launch() -> None:
    plate, depth = np.eye(30, 40, dtype="f4"), np.full((30, 40), 9.0, "f4")
    for workload, operands in (
        (partial(heat.diffuse, times=(5,)), (plate,)),
        (partial(heat.diffuse, times=(9,)), (plate,)),
        (partial(waves.propagate, cell=9.0, step=0.1, times=(5,)), (plate, depth)),
        (partial(waves.propagate, cell=9.0, step=0.1, times=(9,)), (plate, depth)),
    ):
        with fa.policy(dispatch="device"), fa.profile() as p:
            results = [np.asarray(each) for each in workload(*map(fa.asarray, operands))]
        assert p.launches <= workload.keywords["times"][0] + 8
        for result, expected in zip(results, workload(*operands), strict=True):
            assert result.tobytes() == expected.tobytes()


def test_pictures_have_their_own_names() -> None:
    names = [job.picture for job in jobs.JOBS]
    assert len(set(names)) == len(names)
    assert "fpgarray-hillshade.png" in names


# Samples


def test_the_terrain_has_cells_of_metres(ground: samples.Terrain) -> None:
    assert ground.elevation.shape == (344, 403) and ground.elevation.dtype == np.float32
    assert ground.dy == pytest.approx(92.67, abs=0.01)
    assert ground.dx == pytest.approx(ground.dy * np.cos(np.radians(36.73)), rel=1e-3)


def test_refining_the_sea_floor_keeps_its_corners_and_bounds() -> None:
    coarse, fine = samples.sea_floor(1), samples.sea_floor(3)
    assert fine.elevation.shape == tuple(3 * n for n in coarse.elevation.shape)
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        assert fine.elevation[corner] == coarse.elevation[corner]
    assert fine.elevation.max() <= coarse.elevation.max()
    assert fine.elevation.min() >= coarse.elevation.min()
    assert fine.dx == pytest.approx(coarse.dx / 3) and fine.dy == pytest.approx(coarse.dy / 3)


# Comparing


def test_a_comparison_tells_what_moved(ground: samples.Terrain) -> None:
    z = np.ascontiguousarray(ground.elevation[:50, :70])
    with fa.policy(dispatch="device"):
        found = compare(lambda z: (hillshade(z, 1.0, 1.0),), [z], 0.0, seconds=0.01)
    assert found.faults == ()
    assert found.differing == 0 and found.error == 0
    assert len(found.ratios) >= 1 and found.ratio > 0
    assert found.needed == found.moved == z.nbytes + found.expected[0].nbytes
    assert found.warm.bytes_to_device == 0


def test_a_difference_is_a_fault() -> None:
    def cheating(z: object) -> object:
        return (z * 2,) if isinstance(z, np.ndarray) else (z + z + 1,)

    with fa.policy(dispatch="device"):
        found = compare(cheating, [RAMP], 0.0, seconds=0)
        near = compare(cheating, [RAMP], 0.5, seconds=0)
        far = compare(cheating, [RAMP], 1e-3, seconds=0)
    assert found.differing == RAMP.size
    assert found.faults == ("48 elements differ from NumPy's",)
    assert near.faults == () and near.error == pytest.approx(1 / 94)
    assert far.faults == ("48 elements differ from NumPy's, by 1.1e-02; 1e-03 is allowed",)


def test_a_fallback_is_a_fault() -> None:
    with fa.policy(dispatch="device"):
        found = compare(lambda z: (np.sort(z * 2, axis=0),), [RAMP], 0.0, seconds=0)
    assert found.faults == ("1 operations fell back to NumPy",)


def test_nothing_launched_is_a_fault() -> None:
    with fa.policy(dispatch="host"):
        found = compare(lambda z: (z * 2,), [RAMP], 0.0, seconds=0)
    assert found.faults == ("nothing was launched on the device",)


def test_nan_in_one_place_is_no_difference_and_a_zero_of_another_sign_is() -> None:
    one = np.array([np.nan, 0.0, 1.0], "f4")
    assert differing(one, np.array([-np.nan, -0.0, 1.0], "f4")) == 1


@pytest.mark.parametrize(
    "other", [RAMP.astype("f8"), RAMP[:, :4], RAMP[:0]], ids=["dtype", "shape", "none"]
)
def test_another_shape_or_dtype_differs_everywhere(other: np.ndarray) -> None:
    assert differing(RAMP, other) == RAMP.size
    assert error(RAMP, other) == math.inf
    found = comparison_of((RAMP,), (other,))
    assert report.agreement(found) == f"{other.dtype} {other.shape}, not float32 (6, 8)"


def test_an_error_is_measured_against_the_largest_value() -> None:
    a = np.array([0.0, 1.0, -4.0])
    assert error(a, a) == 0
    assert error(a, np.array([0.0, 1.5, -4.0])) == 0.125
    assert error(np.array([np.nan, np.inf, 2.0]), np.array([np.nan, np.inf, 1.0])) == 0.5
    for wrong in (np.nan, np.inf, -np.inf):
        assert error(a, np.array([wrong, 1.0, -4.0])) == math.inf
    assert error(np.array([np.inf, 1.0]), np.array([1.0, 1.0])) == math.inf
    assert error(np.zeros(2), np.array([0.0, 1e-300])) == math.inf


def comparison_of(
    expected: Sequence[np.ndarray], results: Sequence[np.ndarray], bound: float = 0.0
) -> Comparison:
    profile = fa.profile()
    return Comparison(tuple(expected), tuple(results), bound, "", profile, profile, 1, (1.0,))


def test_agreement_is_told_in_words() -> None:
    other = RAMP + np.float32(0.47)
    assert report.agreement(comparison_of([RAMP], [RAMP])) == "48 values identical"
    assert report.agreement(comparison_of([RAMP], [other])) == "48 of 48 values differ"
    bounded = comparison_of([RAMP], [other], 0.1)
    assert report.agreement(bounded) == "48 values within 1e-02 (bound 1e-01)"


# The whole


def shading(**changes: object) -> jobs.Job:
    (found,) = (each for each in jobs.JOBS if each.name == "hillshade")
    return dataclasses.replace(found, **changes)


def test_the_demo_succeeds_prints_its_table_and_writes_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.run(tmp_path, [shading()], seconds=0.01) == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "[1/1] shade a relief" in text
    assert f"{fa.devices()[0].name}, emulator: " in text
    assert "344 x 403 elevations" in text and "137,142 values" in text
    assert "1 0 0 1.00 of 1.1 MB" in text
    assert (tmp_path / "fpgarray-hillshade.png").stat().st_size > 100_000


def test_on_a_terminal_a_bar_shows_progress(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # what rich takes for a terminal
    monkeypatch.setenv("COLUMNS", "150")
    assert demo.run(tmp_path, [shading(), shading()], seconds=0) == 0
    text = capsys.readouterr().out
    assert "shade a relief" in text and "50%" in text and "[1/2]" not in text


def test_the_demo_fails_when_results_differ_and_still_shows_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong() -> jobs.Input:
        given = shading().load()
        return dataclasses.replace(
            given,
            workload=lambda z: (
                given.workload(z)[0] * (1.0 if isinstance(z, np.ndarray) else 0.5),
            ),
        )

    both = [shading(load=wrong, name="wrong"), shading()]
    assert demo.run(tmp_path, both, seconds=0) == 1
    text = capsys.readouterr().out
    assert "WRONG  wrong: " in text and "WRONG  hillshade" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fpgarray-hillshade.png",
        "fpgarray-wrong.png",
    ]


def test_why_something_ran_in_numpy_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def sorting() -> jobs.Input:
        workload = lambda z: (np.sort(z, axis=0)[1:-1, 1:-1] * 1.0,)  # noqa: E731
        given = shading().load()
        return jobs.Input("rows", workload, given.operands, given.facts)

    assert demo.run(tmp_path, [shading(load=sorting)], seconds=0) == 1
    text = capsys.readouterr().out
    assert "in NumPy, 1 x: no kernel for sort" in text
    assert "WRONG  hillshade: 1 operations fell back to NumPy" in text


def test_reasons_that_differ_in_their_sizes_are_told_once() -> None:
    with fa.policy(dispatch="auto"):
        small = compare(lambda z: (z[0] * 2, z[:2] * 3, np.sort(z)), [RAMP], 0.0, seconds=0)
    first, second = report.reasons([small])
    assert re.fullmatch(r"in NumPy, 2 x: … elements: .*", first)
    assert second == "in NumPy, 1 x: no kernel for sort"


@pytest.mark.parametrize("module", ["matplotlib.cbook", "skimage.data", "rich.console"])
def test_without_a_package_the_error_names_the_extra(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(demo.DemoUnavailableError, match=r"pip install 'fpgarray\[demo\]'"):
        extras.load(module)


def test_the_command_starts_without_the_extra(tmp_path: Path) -> None:
    """`fpgarray info` works where it is not installed."""
    code = (
        "import sys, fpgarray.cli;"
        "sys.exit(bool({'matplotlib', 'skimage', 'rich', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 0


def test_a_report_of_nothing_is_empty() -> None:
    assert report.reasons([]) == []
    assert jobs.Input("x", lambda: (), ()).facts == SimpleNamespace()
