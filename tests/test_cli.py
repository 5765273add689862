"""The command `fpgarray`: arguments, exit codes, what `info` and `xclbin show` tell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fpgarray as fa
from fpgarray import cli, demo, xclbin
from fpgarray.cli import show
from fpgarray.cli.text import printable
from fpgarray.device import builtin_image
from fpgarray.runtime import select


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("demo", "--colour"),
        ("demo", "nothing"),
        ("info", "a"),
        ("xclbin",),
        ("xclbin", "show"),
    ],
)
def test_wrong_arguments_end_with_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: fpgarray" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("demo", "--help")])
def test_help_and_version_end_with_0(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 0
    assert "fpgarray" in capsys.readouterr().out


# demo


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, list[str]]]:
    """What `demo` was asked to do, in place of doing it."""
    calls: list[tuple[Path, list[str]]] = []

    def run(folder: Path, jobs: list[demo.Job]) -> int:
        calls.append((folder, [job.name for job in jobs]))
        return 1

    monkeypatch.setattr(cli.demo, "run", run)
    return calls


def test_demo_does_all_jobs_here_or_those_named_elsewhere(
    asked: list[tuple[Path, list[str]]],
) -> None:
    """And the demo's exit code is the command's."""
    assert cli.main(["demo"]) == 1
    assert cli.main(["demo", "waves", "heat", "-o", "elsewhere"]) == 1
    everything = [job.name for job in demo.JOBS]
    assert asked == [(Path(), everything), (Path("elsewhere"), ["heat", "waves"])]


def test_a_picture_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", "hillshade", "-o", str(tmp_path / "absent")]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("fpgarray demo: ") and "absent" in captured.err


def test_a_reader_who_has_seen_enough_is_no_complaint(tmp_path: Path) -> None:
    """As `fpgarray info | head -1`."""
    command = [sys.executable, "-m", "fpgarray.cli", "info"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, cwd=tmp_path) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


# info


def test_info_tells_versions_provider_devices_and_kernels(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = output_of(capsys, "info")
    provider, reason = select.choose()
    image = builtin_image()
    assert f"numpy             {np.__version__}" in text
    assert f"provider          {provider.name}: {reason}" in text
    assert f"device            {provider.name}:0 (emulated, no card)" in text
    assert str(image.uuid) in text
    for memory in image.memories:
        assert memory.tag in text
    for row in image.capability["engines"]:
        assert f"{row['kernel']} computes {np.dtype(row['dtype']).name}" in text
        assert f"kernel {row['kernel']}" in text and f"ports {row['ports']}" in text
    assert "sqrt" in text


def test_info_loads_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with fa.profile() as p:
        output_of(capsys, "info")
    assert p.events == []


def test_a_provider_that_cannot_be_had_is_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "_chosen", None)
    monkeypatch.setenv("FPGARRAY_RUNTIME", "pyxrt")
    assert cli.main(["info"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("fpgarray info: ") and captured.out == ""
    assert "FPGARRAY_RUNTIME=pyxrt" in captured.err


# xclbin show


def make_image() -> xclbin.Xclbin:
    """Two banks, three kernels (one with two compute units), a stream, a capability table."""
    kernels = [
        xclbin.KernelSpec(
            "vadd",
            (
                xclbin.pointer("a", "const float*"),
                xclbin.pointer("out", "float*", banks=1),
                xclbin.scalar("n", "unsigned int"),
            ),
            instances=2,
        ),
        xclbin.KernelSpec("mm2s", (xclbin.pointer("source"), xclbin.stream("s", "out"))),
        xclbin.KernelSpec("s2mm", (xclbin.stream("s", "in"), xclbin.pointer("target"))),
    ]
    memories = [
        xclbin.Memory(xclbin.MemoryType.DDR4, True, 4 << 20, 0, "bank0"),
        xclbin.Memory(xclbin.MemoryType.HBM, True, 1500, 4 << 30, "HBM[0]"),
        xclbin.Memory(xclbin.MemoryType.DDR4, False, 1 << 20, 8 << 30, "spare"),
    ]
    return xclbin.build(
        platform="xilinx_u250",
        kernels=kernels,
        memories=memories,
        streams=[xclbin.StreamSpec("mm2s_1.s", "s2mm_1.s")],
        connect={"vadd_2.a": (1, 0)},
        bitstream=b"\x7fELF not a real one",
        capability={
            "abi": 1,
            "engines": [],
            "lanes": {"f4": 16},
            "operations": {"add": 7},
            "deep": {"er": [{"x": 1}, [2]]},
        },
    )


@pytest.fixture
def image_file(tmp_path: Path) -> Path:
    path = tmp_path / "some.xclbin"
    xclbin.write(make_image(), path)
    return path


def test_show_tells_everything_an_image_holds(
    image_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = output_of(capsys, "xclbin", "show", str(image_file)).splitlines()
    image = xclbin.read(image_file)
    assert max(map(len, lines)) <= 100
    text = "\n".join(lines)
    for expected in (
        f"image             {image_file}",
        "platform        xilinx_u250, mode SW_EMU",
        f"uuid            {image.uuid}",
        "bank 0          bank0, DDR4, 4 GiB at 0x0",
        "bank 1          HBM[0], HBM, 1,500 KiB at 0x100000000",
        "bank 2          spare, DDR4, 1 GiB at 0x200000000, unused",
        "kernel          vadd(const float* a, float* out, unsigned int n); ap_ctrl_hs",
        "argument 0    const float* a: global, 64 bits at 0x0010, port",
        "argument 2    unsigned int n: scalar, 32 bits at 0x0028",
        "unit          vadd_1 at 0x1800000, control HS",
        "reaches     HBM[0], bank0: a",
        "reaches     HBM[0]: out",
        "argument 1    stream<ap_axiu<32,0,0,0>>& s: stream, port",
        "stream          mm2s_1.s to s2mm_1.s",
        "section         BITSTREAM, 19 bytes",
        "section         USER_METADATA 'fpgarray', ",
        "      lanes: f4 16",
        "      operations: add",
        "engine          none: NumPy operations cannot run on this image",
    ):
        assert re.search(rf"^ *{re.escape(expected)}", text, re.MULTILINE), expected
    for clock in image.clocks:
        assert f"{clock.name}, {clock.type.name}, {clock.frequency_mhz} MHz" in text


def test_show_as_json_is_one_object_with_the_same_facts(
    image_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(output_of(capsys, "xclbin", "show", str(image_file), "--json"))
    image = xclbin.read(image_file)
    vadd, mm2s, _ = found["kernels"]
    assert (found["uuid"], found["platform"]) == (str(image.uuid), image.platform)
    assert [each["name"] for each in vadd["arguments"]] == ["a", "out", "n"]
    assert [each["offset"] for each in vadd["arguments"]] == [0x10, 0x1C, 0x28]
    assert [each["register_nbytes"] for each in vadd["arguments"]] == [8, 8, 4]
    assert [each["name"] for each in vadd["compute_units"]] == ["vadd_1", "vadd_2"]
    assert vadd["compute_units"][1]["banks"] == {"a": [1, 0], "out": [1]}
    assert mm2s["arguments"][1]["kind"] == "STREAM"
    assert found["streams"][0]["source"] == "mm2s_1.s"
    assert [each["nbytes"] for each in found["banks"]] == [4 << 30, 1500 << 10, 1 << 30, 0, 0]
    assert len(found["sections"]) == len(image.sections)
    assert found["capability"] == image.capability


def test_the_built_in_overlay_can_be_shown(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(select.overlay_path())
    assert "NumPy operations run here" in output_of(capsys, "xclbin", "show", path)
    assert json.loads(output_of(capsys, "xclbin", "show", path, "--json"))["capability"]["abi"] == 1


def test_an_engine_of_another_version_is_told_and_not_an_error() -> None:
    image = xclbin.build(platform="p", kernels=[], capability={"abi": 99, "engines": []})
    text = " ".join(" ".join(show.lines("some", image)).split())
    assert "engine unusable: p: its engine speaks program ABI 99" in text


def test_texts_of_a_file_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\x07é") == "a\\x1b[2Jb\\x07é"


@pytest.mark.parametrize("content", [None, b"", b"xclbin2\0 and then nothing"])
def test_a_file_that_is_no_xclbin_is_an_error(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.xclbin"
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["xclbin", "show", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("fpgarray xclbin show: ") and captured.out == ""
