"""Images that several test files read: one with everything in it, and its bytes."""

from __future__ import annotations

import pytest

from fpgarray.xclbin import (
    KernelSpec,
    Memory,
    MemoryType,
    StreamSpec,
    Xclbin,
    build,
    pointer,
    scalar,
    serialize,
    stream,
)


def make_full() -> Xclbin:
    """Two banks, three kernels (one with two compute units), a stream, a capability table."""
    return build(
        platform="xilinx_u250_gen3x16_xdma_4_1_202210_1",
        kernels=[
            KernelSpec(
                "vadd",
                (
                    pointer("a", "const float*"),
                    pointer("b", "const float*", banks=(0, 1)),
                    pointer("out", "float*", banks=1),
                    scalar("n", "unsigned int"),
                ),
                instances=2,
            ),
            KernelSpec("mm2s", (pointer("source"), stream("s", "out"), scalar("n"))),
            KernelSpec("s2mm", (stream("s", "in"), pointer("target"), scalar("n"))),
        ],
        memories=[
            Memory(MemoryType.DDR4, True, 4 << 20, 0, "bank0"),
            Memory(MemoryType.HBM, True, 256 << 10, 4 << 30, "HBM[0]"),
        ],
        streams=[StreamSpec("mm2s_1.s", "s2mm_1.s")],
        connect={"vadd_2.a": (1, 0)},
        bitstream=b"\x7fELF not a real one",
        capability={"abi": 1, "operations": ["add", "sqrt"], "lanes": {"f4": 16}},
    )


@pytest.fixture(scope="session")
def full() -> Xclbin:
    return make_full()


@pytest.fixture(scope="session")
def full_bytes(full: Xclbin) -> bytes:
    return serialize(full)
