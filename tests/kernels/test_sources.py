"""What kernel sources must not contain, and where memory may be touched. Reads text only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

KERNELS = Path(__file__).resolve().parents[2] / "kernels"
SOURCES = sorted([*KERNELS.glob("include/*.h"), *KERNELS.glob("src/*.cpp")])
MOVERS = {"mover.h", "mover_fast.h", "mover_plain.h", "memory.h"}
# Emulation only: which clone runs, and a second processor for it.
SYNTHESISED = [p for p in SOURCES if p.name not in {"cpu_level.cpp", "lanes.h"}]

FORBIDDEN = {
    "dynamic memory": r"\b(new|delete|malloc|calloc|realloc|free)\b",
    "std containers and functions": r"\bstd::(?!u?int\d+_t|uintptr_t|size_t)",
    "intrinsics": r"immintrin|emmintrin|x86intrin|\b_mm\d*_",
    "exceptions and types at run time": r"\b(throw|try|catch|dynamic_cast|typeid|virtual)\b",
    "foreign headers": r"#include\s*[<\"](ap_|hls_)",
    "library mathematics": r"#include\s*<c?math",
}


def code(path: Path) -> str:
    """The source without comments."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("path", SYNTHESISED, ids=lambda p: p.name)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_forbidden(path, what):
    assert not re.search(FORBIDDEN[what], code(path)), f"{path.name} contains {what}"


@pytest.mark.parametrize("path", SYNTHESISED, ids=lambda p: p.name)
def test_only_the_two_headers_of_integers_are_included(path):
    assert set(re.findall(r"#include\s*<(\w+)>", code(path))) <= {"cstdint", "cstddef"}


@pytest.mark.parametrize("path", SYNTHESISED, ids=lambda p: p.name)
def test_loops_have_bounds(path):
    """Every `for` has a condition that compares; `while` only drains a counter."""
    text = code(path)
    for condition in re.findall(r"\bfor\s*\([^;]*;([^;]*);", text):
        assert re.search(r"[<>]|!=|--", condition), f"{path.name}: for (…;{condition};…)"
    for condition in re.findall(r"\bwhile\s*\(([^\n]*)\)", text):
        assert re.search(r"--|> 0|& 1|< n", condition), f"{path.name}: while ({condition})"


@pytest.mark.parametrize("path", SYNTHESISED, ids=lambda p: p.name)
def test_arrays_have_constant_sizes(path):
    for size in re.findall(r"^\s*(?:static |alignas\(64\) )?(?:T|u?int\d+|float|double|bool|port_word|"
                           r"operand|unsigned)\s+\w+\[([^\]]+)\]", code(path), flags=re.MULTILINE):
        assert re.fullmatch(r"[A-Z0-9_ +*/]+|group<T>::tile|fold_shape<T>::\w+", size), size


@pytest.mark.parametrize("path", SYNTHESISED, ids=lambda p: p.name)
def test_memory_is_touched_by_movers_only(path):
    if path.name in MOVERS:
        return
    text = code(path)
    assert not re.search(r"\bports?\s*\.\s*p\d|reinterpret_cast|\(\s*(?:const\s+)?(?:float|double|T|"
                         r"uint8|M)\s*\*\s*\)", text), f"{path.name} reaches memory"


def test_plain_mover_makes_no_pointer_into_memory():
    text = code(KERNELS / "include" / "mover_plain.h")
    assert not re.search(r"\([\w ]+\*\s*\)|reinterpret_cast|&\s*ports|ports\.\w+\s*\+", text)


@pytest.mark.parametrize("path", sorted(KERNELS.glob("src/engine_*.cpp")), ids=lambda p: p.name)
def test_every_kernel_argument_has_an_interface_pragma(path):
    assert '#include "engine_kernel.h"' in code(path)
    text = code(KERNELS / "include" / "engine_kernel.h")
    signature = text[text.index("extern") : text.index("#pragma HLS")]
    arguments = set(re.findall(r"\*\s*(\w+)", signature))
    assert arguments == {"program", "findings", *(f"p{i}" for i in range(8))}
    assert arguments == set(re.findall(r"interface m_axi port=(\w+) bundle=gmem", text))
    assert "interface s_axilite port=return" in text


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_files_say_what_they_own(path):
    assert path.read_text(encoding="utf-8").startswith("// ")
    assert len(path.read_text(encoding="utf-8").splitlines()) < 400
