"""Builds the images under test (once per state of the sources) and loads their kernels by ctypes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from kernel_lab import Image

ROOT = Path(__file__).resolve().parents[2]
VARIANTS = ("builtin", "plain", "small", "wrong")


def _sources() -> list[Path]:
    folders = (ROOT / "kernels", ROOT / "fpgarray" / "xclbin")
    found = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    kept = [p for p in found if "__pycache__" not in p.parts]
    return sorted([*kept, ROOT / "CMakeLists.txt", ROOT / "fpgarray" / "errors.py"])


def _tool(name: str) -> str:
    """cmake or ninja: from this environment (the `test` extra) or the system."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: pip install fpgarray[test]")
    return found


def _build(variant: str, folder: Path) -> Path:
    """<folder>/<variant>.xclbin, built unless it is there."""
    image = folder / f"{variant}.xclbin"
    if not image.exists():
        work = Path(tempfile.mkdtemp(prefix=f"{variant}-", dir=folder))
        configure = [_tool("cmake"), "-S", ROOT, "-B", work, "-G", "Ninja"]
        configure += [f"-DFPGARRAY_VARIANT={variant}", "-DCMAKE_BUILD_TYPE=Release"]
        configure += [f"-DCMAKE_MAKE_PROGRAM={_tool('ninja')}", f"-DPython_EXECUTABLE={sys.executable}"]
        for command in (configure, [_tool("cmake"), "--build", work]):
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
        os.replace(work / image.name, image)
        shutil.rmtree(work)
    return image


@pytest.fixture(scope="session")
def image_folder() -> Path:
    """Where built images are kept between runs, keyed by the sources' contents."""
    digest = hashlib.sha256(sys.version.encode())
    for path in _sources():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"fpgarray-test-images-{user}" / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def images(image_folder: Path):
    """variant -> Image, built on demand."""
    loaded: dict[str, Image] = {}

    def get(variant: str) -> Image:
        if variant not in loaded:
            loaded[variant] = Image(_build(variant, image_folder), image_folder)
        return loaded[variant]

    return get


@pytest.fixture(scope="session")
def builtin(images) -> Image:
    return images("builtin")
