"""Test kernels as HLS C++ sources, compiled and packed into images for emulation.

`provider_image()` has kernels that behave, `rogue_image()` also those that hang, crash and stomp.
Needs a C++ compiler (`$CXX`, or g++), found when an image is asked for.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from fpgarray.xclbin import (
    KernelSpec,
    Memory,
    MemoryType,
    Xclbin,
    build,
    pointer,
    scalar,
)

SOURCES = Path(__file__).parent

BANKS = (
    Memory(MemoryType.DDR4, True, 64 << 10, 0x40_0000_0000, "DDR[0]"),
    Memory(MemoryType.DDR4, True, 32 << 10, 0x50_0000_0000, "DDR[1]"),
    Memory(MemoryType.DRAM, True, 1 << 10, 0x60_0000_0000, "PLRAM[0]"),
    Memory(MemoryType.DDR4, False, 32 << 10, 0x70_0000_0000, "DDR[2]"),
)
"""64 MiB, 32 MiB and 1 MiB; the last one is not used."""

_ECHOED = (
    "int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t",
    "float", "double", "bool",
)  # fmt: skip


def _scale(name: str, type: str) -> KernelSpec:
    return KernelSpec(
        name,
        (pointer("x", f"{type}*"), pointer("out", f"{type}*"), scalar("factor", type),
         scalar("n", "uint32_t")),
    )  # fmt: skip


PROVIDER_KERNELS = (
    KernelSpec(
        "vadd",
        (pointer("a", "float*"), pointer("b", "float*"), pointer("out", "float*"), scalar("n")),
        instances=2,
    ),
    _scale("scale_i4", "int"),
    _scale("scale_u4", "unsigned int"),
    _scale("scale_f4", "float"),
    KernelSpec(
        "echo",
        (pointer("out", "uint64_t*"), *(scalar(f"s{i}", t) for i, t in enumerate(_ECHOED))),
    ),
    KernelSpec(
        "move",
        (pointer("source", banks=0), pointer("target", banks=1), scalar("nbytes", "unsigned int")),
    ),
    KernelSpec("slow", (pointer("out", "int*"), scalar("milliseconds"))),
    KernelSpec("counter", (pointer("out", "int*"),), instances=2),
)
ROGUE_KERNELS = (
    KernelSpec("hang", (pointer("out", "int*"),)),
    KernelSpec("crash", (pointer("out", "int*"), scalar("how"))),
    KernelSpec(
        "stomp", (pointer("out", "unsigned char*"), scalar("offset"), scalar("value"))
    ),
)  # fmt: skip


def compile_library(sources: Sequence[Path], *flags: str) -> bytes:
    """A shared library of `sources`. RuntimeError with the compiler's words if it refuses."""
    compiler = os.environ.get("CXX") or "g++"
    with tempfile.TemporaryDirectory(prefix="fpgarray-kernels-") as folder:
        target = Path(folder) / "kernels.so"
        command = [compiler, "-O1", "-shared", "-fPIC", "-Wno-unused-label", *flags]
        command += [*map(str, sources), "-o", str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
        return target.read_bytes()


@cache
def _provider_library() -> bytes:
    names = ("vadd", "scale", "echo", "move", "slow", "counter")
    return compile_library([SOURCES / f"{name}.cpp" for name in names])


@cache
def provider_image() -> Xclbin:
    """Kernels that behave, for any provider; its banks are BANKS."""
    return build(
        platform="fpgarray_test",
        kernels=PROVIDER_KERNELS,
        memories=BANKS,
        bitstream=_provider_library(),
    )


@cache
def rogue_image() -> Xclbin:
    """The same kernels and some that hang, crash and write outside."""
    return build(
        platform="fpgarray_test_rogue",
        kernels=(*PROVIDER_KERNELS, *ROGUE_KERNELS),
        memories=BANKS,
        bitstream=compile_library(sorted(SOURCES.glob("*.cpp"))),
    )
