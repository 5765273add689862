"""The layering of ARCHITECTURE.md, held by reading the imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "fpgarray"

RANKS = {
    "errors": 0,
    "config": 0,
    "events": 0,
    "ranges": 0,
    "resampling": 0,
    "errstate": 0,
    "frames": 0,
    "coherence": 1,
    "written": 1,
    "layout": 1,
    "selections": 0,
    "ops": 1,
    "xclbin": 1,
    "tape": 2,
    "registry": 2,
    "costs": 2,
    "engine": 3,
    "findings": 3,
    "gathering": 3,
    "calls": 4,
    "moves": 4,
    "looks": 4,
    "planner": 5,
    "runtime.api": 2,
    "runtime.emulator": 3,
    "runtime.select": 4,
    "host_memory": 3,
    "device": 5,
    "storage": 6,
    "flights": 7,
    "executor": 8,
    "host_access": 9,
    "base": 10,
    "fallback": 11,
    "printing": 11,
    "promptly": 11,
    "dispatch": 12,
    "folds": 13,
    "array": 14,
    "functions": 15,
    "array_api": 16,
    "namespace": 16,
    "profiling": 16,
    "testing": 17,
    "demo": 18,
    "cli": 19,
    "__init__": 20,
}
PURE = {
    *("coherence", "layout", "ops", "tape", "planner", "engine", "calls", "moves", "looks"),
    *("findings", "gathering", "selections"),
}
DEVICE = {"runtime.api", "runtime.emulator", "runtime.select", "host_memory", "device", "storage"}
SHARED_BY_BOTH = {"registry", "costs", "layout", "coherence", "xclbin", "ranges"}
"""Values the device column may use: they are rank 1 or 2 and pure."""

FILES = sorted(PACKAGE.rglob("*.py"))


def unit_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] == "runtime":
        return ".".join(parts[:2])
    return parts[0]


def imported(path: Path) -> set[str]:
    """Units of fpgarray that a file imports, at any place in it."""
    units = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [module]
            if module in ("fpgarray", "fpgarray.runtime"):
                names = [f"{module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "fpgarray":
                assert len(parts) > 1, f"{path} imports the package root"
                units.add(".".join(parts[1:3]) if parts[1] == "runtime" else parts[1])
    return units


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    unit = unit_of(path)
    if unit in ("__init__", "runtime.__init__"):
        return
    for other in imported(path) - {unit, "__init__"}:
        assert RANKS[other] < RANKS[unit], f"{unit} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_columns_meet_in_the_executor(path: Path) -> None:
    unit = unit_of(path)
    others = imported(path) - {unit}
    if unit in PURE:
        assert not others & DEVICE
    if unit in DEVICE:
        assert not others & (PURE - SHARED_BY_BOTH)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_import_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom):
                    assert not (inner.module or "").startswith("fpgarray"), f"{path}:{inner.lineno}"
                if isinstance(inner, ast.Import):
                    names = [alias.name for alias in inner.names]
                    assert not any(n.startswith("fpgarray") for n in names), (
                        f"{path}:{inner.lineno}"
                    )


def test_every_file_has_a_rank() -> None:
    units = {unit_of(path) for path in FILES} - {"runtime.__init__"}
    assert units <= RANKS.keys()
