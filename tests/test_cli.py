"""The command `fpgarray`: arguments, exit codes, what `info` tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fpgarray import cli, xclbin
from fpgarray.device import builtin_image
from fpgarray.runtime import select


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("fly",), ("demo", "--colour"), ("info", "a", "b")])
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


def test_the_picture_goes_into_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: list[Path] = []
    monkeypatch.setattr(cli.demo, "run", lambda output: asked.append(output) or 0)
    assert cli.main(["demo"]) == 0
    assert cli.main(["demo", "--output", "other.png"]) == 0
    assert asked == [Path("fpgarray-hillshade.png"), Path("other.png")]


def test_the_demos_exit_code_is_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.demo, "run", lambda output: 1)
    assert cli.main(["demo"]) == 1


def test_a_picture_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["demo", "-o", str(tmp_path / "absent" / "picture.png")]) == 1
    assert "picture.png" in capsys.readouterr().err


# info


def test_info_tells_versions_provider_devices_and_kernels(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = output_of(capsys, "info")
    provider, reason = select.choose()
    image = builtin_image()
    assert f"NumPy       {np.__version__}" in text
    assert f"provider    {provider.name}: {reason}" in text
    assert f"device      {provider.name}:0 (emulated, no card)" in text
    assert str(image.uuid) in text
    for memory in image.memories:
        assert memory.tag in text
    for row in image.capability["engines"]:
        assert f"engine    {row['kernel']}: computes" in text
    assert "sqrt" in text and "8 ports" in text


def test_info_of_a_file_without_engine_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kernel = xclbin.KernelSpec("vadd", (xclbin.pointer("a"), xclbin.scalar("n")), instances=2)
    path = tmp_path / "vadd.xclbin"
    xclbin.write(xclbin.build(platform="some_card", kernels=[kernel]), path)
    text = output_of(capsys, "info", str(path))
    assert "vadd(void* a, int n); compute units: vadd_1, vadd_2" in text
    assert "NumPy operations cannot run on this image" in text
    assert "provider" not in text


def test_texts_of_a_file_cannot_steer_the_terminal() -> None:
    assert cli._printable("a\x1b[2Jb\x07é") == "a\\x1b[2Jb\\x07é"


@pytest.mark.parametrize("content", [None, b"", b"xclbin2\0 and then nothing"])
def test_a_file_that_is_no_xclbin_is_an_error(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.xclbin"
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["info", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("fpgarray info: ") and captured.out == ""


def test_a_provider_that_cannot_be_had_is_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "_chosen", None)
    monkeypatch.setenv("FPGARRAY_RUNTIME", "pyxrt")
    assert cli.main(["info"]) == 1
    assert "FPGARRAY_RUNTIME=pyxrt" in capsys.readouterr().err
