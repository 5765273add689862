"""What the images say of themselves, and that each variant is what it is for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from kernel_lab import Imm, empty, place, same_bits

FULL = {"registers": 16, "ports": 8, "operands": 24, "instructions": 128}
TILES = {"f4": 1024, "f8": 512, "i4": 1024, "i8": 512, "u1": 4096}
SMALL = {"registers": 5, "ports": 4, "operands": 8, "instructions": 16}


@pytest.mark.parametrize(
    ("variant", "sizes", "tiles"),
    [
        ("builtin", FULL, TILES),
        ("plain", FULL, TILES),
        ("wrong", FULL, TILES),
        ("small", SMALL, {"f4": 256}),
    ],
)
def test_capability_table(images, variant, sizes, tiles):
    image = images(variant)
    assert image.capability["abi"] == 1
    assert {d: e["tile"] for d, e in image.engines.items()} == tiles
    for dtype, engine in image.engines.items():
        assert engine["kernel"] == f"engine_{dtype}"
        assert {key: engine[key] for key in sizes} == sizes
        assert engine["dimensions"] == 8 and engine["word_nbytes"] == 64
        lines = 2 + 2 * engine["operands"] + engine["instructions"] // 4
        assert engine["program_nbytes"] == 64 * lines
        assert engine["subnormals"] is (variant != "plain")
        types = {"f4": 0, "f8": 1, "b1": 2, "i4": 3, "i8": 4, "u1": 5, "u8": 6}
        assert engine["memory_types"] == types
        assert engine["folds"] == {"sum": 1, "min": 2, "max": 3, "prod": 4, "count": 5}
        if dtype[0] != "f":
            continue
        for family in ("sin tan arctan2", "sinh arctanh", "power cbrt", "fmod floor_divide"):
            for name in family.split():
                assert (name in engine["operations"]) is (variant != "small"), name
        assert {"floor", "isnan", "expm1", "log2"} <= set(engine["operations"])


@pytest.mark.parametrize("variant", ["builtin", "plain", "small", "wrong"])
def test_container(images, variant):
    """The package's reader accepts the image; the arguments are the prototype's."""
    from fpgarray.xclbin import parse

    image = parse(images(variant).path.read_bytes())
    table = images(variant).capability
    rows = {row["kernel"]: row for row in (*table["engines"], *table["calls"])}
    assert {k.name for k in image.kernels} == set(rows)
    for kernel in image.kernels:
        ports = [f"p{i}" for i in range(rows[kernel.name]["ports"])]
        told = ["findings", "slot"] if "findings" in rows[kernel.name] else []
        assert [a.name for a in kernel.arguments] == ["program", *ports, *told]
        for argument in kernel.arguments[: 1 + len(ports)]:
            assert [image.memories[i].tag for i in image.banks_of(kernel.name, None, argument.name)] == [
                "DDR[0]"
            ]
    banks = {m.tag: (m.base_address, m.nbytes) for m in image.memories}
    gib = 1 << 30
    assert banks["DDR[0]"] == (0x4000000000, 8 * gib)
    assert banks["DDR[1]"] == (0x4000000000 + 8 * gib, 8 * gib)
    assert banks["PLRAM[0]"][1] == 4 << 20
    assert image.platform == "fpgarray_emulated_1"


def test_the_small_image_has_no_trigonometry_in_it(images):
    two_over_pi = np.array([0xA2F9836E, 0x4E441529], np.uint32).tobytes()
    assert two_over_pi in images("builtin").library_bytes
    assert two_over_pi not in images("small").library_bytes


def test_the_small_engine_computes(images):
    kernel = images("small").kernel("f4")
    for n in (1, 255, 256, 257, 2000):
        x = np.linspace(0.1, 9, n).astype("f4")
        out, total = empty(n, "f4"), empty((), "f4")
        program = kernel.program((n,)).load(0, place(x)).do("log", 4, 0).do("multiply", 4, 4, Imm(2))
        program.store(4, out).run()
        assert np.allclose(out.array, 2 * np.log(x), rtol=1e-5, atol=1e-6)
        kernel.program((), (n,), "within").load(0, place(x)).folded("sum", 0, total).run()
        assert np.isclose(total.array, x.sum(dtype="f8"), rtol=1e-6)


@pytest.mark.parametrize("dtype", TILES)
def test_every_store_of_the_wrong_image_is_wrong(images, dtype):
    kernel = images("wrong").kernel(dtype)
    wrong = {"f4": np.float32(-12345.678), "f8": -12345.678, "?": 0xAD}
    wrong |= {"i4": -12345678, "i8": -12345678, "u1": 0xAD}
    x = place(np.arange(300), dtype)
    for target, value in wrong.items():
        for mode in ("map", "across", "within"):
            out = empty(300 if mode == "map" else (), target)
            if mode == "map":
                program = kernel.program((300,)).load(0, x).do("add", 0, 0, Imm(1)).store(0, out)
            else:
                name = "sum" if target in ("i4", "i8", "u1") or dtype[0] == "f" else "max"
                program = kernel.program((), (300,), mode).load(0, x).folded(name, 0, out)
            program.run()
            stored = out.array.view(np.uint8) if target == "?" else out.array
            assert (stored == value).all()


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_plain_image_flushes_subnormals(images, dtype):
    kernel = images("plain").kernel(dtype)
    info = np.finfo(dtype)
    tiny, small = info.tiny, info.tiny / 4
    x = np.array([small, -small, tiny, 1], dtype)
    assert same_bits(kernel.apply("add", x, np.zeros(4, dtype)), np.array([0, 0, tiny, 1], dtype))
    half = kernel.apply("multiply", np.array([tiny, -tiny, 1], dtype), Imm(0.5))
    assert same_bits(half, np.array([0, -0.0, 0.5], dtype))
    assert (kernel.apply("equal", x, np.zeros(4, dtype)) == [1, 1, 0, 0]).all()
    assert kernel.apply("log", np.array([small], dtype)) == -np.inf
    # moving data changes no bits
    out = empty(4, dtype)
    kernel.program((4,)).load(0, place(x)).store(0, out).run()
    assert same_bits(out.array, x)


def test_only_kernels_are_exported(builtin, image_folder):
    listed = subprocess.run(["nm", "-D", "--defined-only", image_folder / "builtin.so"],
                            capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in listed.splitlines()}
    rows = (*builtin.capability["engines"], *builtin.capability["calls"])
    expected = {f"{row['kernel']}{s}" for row in rows for s in ("", *builtin.clones())}
    assert expected | {"fpgarray_cpu_level"} <= names
    kernels = tuple({row["kernel"] for row in rows})
    assert all(n.startswith((*kernels, "fpgarray_cpu_level")) for n in names)


def test_no_build_path_is_in_the_image(builtin):
    root = Path(__file__).resolve().parents[2]
    assert str(root).encode() not in builtin.path.read_bytes()
