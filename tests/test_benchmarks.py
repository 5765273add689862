"""The benchmarks: their functions give NumPy's results, their commands run and can fail.

Their timing is not looked at.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import fpgarray as fa

FOLDER = Path(__file__).parent.parent / "benchmarks"
MODULES = ("timing", "workloads", "rival", "run", "small", "scripts", "programs")


@pytest.fixture(scope="module")
def load() -> Iterator[dict[str, ModuleType]]:
    """The modules of the folder, which is no package, by their names."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: __import__(name) for name in MODULES}
    finally:
        sys.path.remove(str(FOLDER))
        for name in [each for each in sys.modules if each.partition(".")[0] in MODULES]:
            del sys.modules[name]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=300
    )


def test_programs_are_plain_numpy() -> None:
    for path in FOLDER.glob("programs/*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        modules = {each.module for each in nodes if isinstance(each, ast.ImportFrom)}
        modules |= {a.name for each in nodes if isinstance(each, ast.Import) for a in each.names}
        assert modules <= {"__future__", "typing", "numpy"}


# run.py


@pytest.mark.device_work
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_every_workload_gives_numpys_result_on_the_device(
    load: dict[str, ModuleType], dtype: str
) -> None:
    workloads = load["workloads"]
    for each in workloads.WORKLOADS:
        operands = workloads.make_operands(each, dtype, 4000)
        with fa.policy(dispatch="device"), fa.profile() as p:
            result = np.asarray(each.function(*map(fa.asarray, operands)))
        assert p.launches > 0 and p.fallbacks == 0, (each.name, p.reasons)
        expected = np.asarray(each.function(*operands))
        assert result.dtype == expected.dtype, each.name
        assert workloads.error(expected, result) <= workloads.TOLERANCE[dtype], each.name
        if each.exact:
            assert result.tobytes() == expected.tobytes(), each.name


def test_every_workload_is_the_same_in_numexpr(load: dict[str, ModuleType]) -> None:
    pytest.importorskip("numexpr", reason="in the extra `benchmarks`")
    rival, workloads = load["rival"].Numexpr(), load["workloads"]
    for each in workloads.WORKLOADS:
        for dtype in ("f4", "f8"):
            operands = workloads.make_operands(each, dtype, 4000)
            prepared = rival.prepare(each, operands)
            if prepared is not None:
                expected = each.function(*operands)
                assert workloads.error(expected, prepared[0]) <= workloads.TOLERANCE[dtype]
                if each.name != "sum":  # it accumulates float32 in float64
                    assert np.asarray(prepared[0]).dtype == expected.dtype, each.name


def test_every_workload_is_the_same_in_numba(load: dict[str, ModuleType]) -> None:
    pytest.importorskip("numba", reason="in the extra `benchmarks`")
    rival, workloads = load["rival"].Numba(), load["workloads"]
    for each in workloads.WORKLOADS:
        if each.name in ("a+b", "Black-Scholes"):
            operands = workloads.make_operands(each, "f8", 3000)
            result, _ = rival.prepare(each, operands)
            assert workloads.error(each.function(*operands), result) <= workloads.TOLERANCE["f8"]


def test_black_scholes_of_the_benchmark_is_a_price(load: dict[str, ModuleType]) -> None:
    """As the demo's, which has another distribution function."""
    price = load["workloads"].black_scholes(np.array([1.0]), np.array([1.0]))
    assert price[0] == pytest.approx(0.1137, abs=2e-3)


def test_the_table_shows_every_rival_that_is_there(load: dict[str, ModuleType]) -> None:
    done = command(
        "run.py", "--sizes", "1e4", "--dtypes", "f4", "--seconds", "0.01", "--rivals", "numexpr",
        "--workloads", "a+b", "softmax over rows",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "fpgarray " in done.stdout and "numexpr" in done.stdout
    rows = [each.split() for each in done.stdout.splitlines() if " 10,000 " in each]
    assert [row[0] for row in rows] == ["a+b", "softmax"]
    assert "WRONG" not in done.stdout


def test_a_wrong_result_of_ours_or_of_a_rival_is_a_fault(load: dict[str, ModuleType]) -> None:
    run, workloads = load["run"], load["workloads"]
    exact, rounded = workloads.WORKLOADS[0], workloads.WORKLOADS[3]
    assert exact.exact and not rounded.exact
    slightly = {"error": 1e-7, "identical": False}
    far = {"error": 1e-3, "identical": False}
    assert run.faults("fpgarray", exact, "f4", slightly)
    assert not run.faults("numexpr", exact, "f4", slightly)
    assert not run.faults("fpgarray", rounded, "f4", slightly)
    for name in ("fpgarray", "numba"):
        assert run.faults(name, rounded, "f4", far)
    assert workloads.error(np.ones(2), np.ones(3)) == np.inf
    assert workloads.error(np.ones(2), np.array([1, np.nan])) == np.inf
    assert workloads.error(np.array([1.0, 4.0]), np.array([1.0, 3.0])) == 0.25


def test_a_rival_that_is_absent_is_skipped_with_the_reason(tmp_path: Path) -> None:
    """As on a machine without it: its import fails."""
    code = "import sys; sys.modules['numba'] = None; import rival; sys.exit(rival.main(['numba']))"
    done = command("-c", f"import sys; sys.path.insert(0, '.'); {code}")
    assert done.returncode == 0, done.stderr
    assert '"absent"' in done.stdout and "fpgarray[benchmarks]" in done.stdout


# small.py


def test_small_arrays_are_told_by_operation(load: dict[str, ModuleType]) -> None:
    done = command("small.py", "--sizes", "10", "--seconds", "0.001")
    assert done.returncode == 0, done.stderr
    for each in load["small"].OPERATIONS:
        assert f"\n  {each.name} " in done.stdout
    assert "WRONG" not in done.stdout and "Recording" in done.stdout


def test_a_wrong_small_result_would_be_seen(load: dict[str, ModuleType]) -> None:
    small = load["small"]
    plain = small.operands(10)
    assert all(small._same(each.function, plain) for each in small.OPERATIONS)
    cheat = lambda a, b: a + (b if isinstance(a, np.ndarray) else a)  # noqa: E731
    assert not small._same(cheat, plain)


# scripts.py


@pytest.mark.parametrize("policy", [pytest.param("device", marks=pytest.mark.device_work), "auto"])
def test_every_script_gives_numpys_results(load: dict[str, ModuleType], policy: str) -> None:
    scripts = load["scripts"]
    for each in scripts.SCRIPTS:
        workload, operands = each.make(True)
        copies = [operand.copy() for operand in operands]
        with fa.policy(dispatch=policy):
            found = scripts.compare(workload, operands, each.bound, 0)
        assert scripts.differences(found) == [], each.name
        assert found.cold.fallbacks == 0, (each.name, found.cold.reasons)
        for operand, copy in zip(operands, copies, strict=True):
            np.testing.assert_array_equal(operand, copy)


def test_scripts_do_what_they_say(load: dict[str, ModuleType]) -> None:
    """Each against something it does not use."""
    scripts = load["scripts"]
    case = {each.name: each.make(True) for each in scripts.SCRIPTS}

    solve, (matrix, right) = case["Jacobi"]
    np.testing.assert_allclose(solve(matrix, right)[0], np.linalg.solve(matrix, right), rtol=1e-9)

    learn, (samples, labels) = case["logistic regression"]
    _, losses = learn(samples, labels)
    assert losses[0] == pytest.approx(np.log(2)) and (np.diff(losses) < 0).all()

    move, (place, velocity, mass) = case["n-body"]
    _, after = move(place, velocity, mass)
    np.testing.assert_allclose((mass * after).sum(axis=1), (mass * velocity).sum(axis=1))

    escape, (x, y) = case["Mandelbrot"]
    steps = escape(x, y)[0]
    for row, column in ((0, 0), (15, 15), (20, 25), (7, 3)):
        z = c = complex(x[column], y[row, 0])
        count = 0
        while abs(z) <= 2 and count < 10:
            z, count = z * z + c, count + 1
        assert steps[row, column] == count


def test_the_command_fails_on_a_wrong_result(load: dict[str, ModuleType]) -> None:
    scripts = load["scripts"]
    cheat = lambda z: (z * (1.0 if isinstance(z, np.ndarray) else 2.0),)  # noqa: E731
    for bound in (0.0, 1e-3):
        found = scripts.compare(cheat, (np.ones(3),), bound, 0)
        assert len(scripts.differences(found)) == 1
    assert scripts.differences(scripts.compare(cheat, (np.ones(3),), 1.0, 0)) == []


def test_all_scripts_run_by_one_command(load: dict[str, ModuleType]) -> None:
    done = command("scripts.py", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    names = [each.name for each in load["scripts"].SCRIPTS]
    assert all(f"\n{name} " in done.stdout for name in names)
