"""What all tests share: the images built from the kernels' sources, and the markers.

Owns nothing about fpgarray's own layers; `FPGARRAY_TEST_OVERLAYS` names a directory of ready images
(`builtin.xclbin`, `plain.xclbin`, …), else they are built once per state of the sources.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[1]
VARIANTS = ("builtin", "plain", "small", "wrong")


# Timings decide nothing here; and a run that gates a landing must not depend on luck: elsewhere
# Hypothesis goes on looking for new examples.
settings.register_profile("default", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
# Where every test must fail, nobody reads the smallest example.
settings.register_profile("failing", deadline=None, derandomize=True, phases=[Phase.generate])
_PROFILE = "failing" if os.environ.get("FPGARRAY_EXPECT_FAILURES") else "default"
settings.load_profile("gate" if os.environ.get("CI") and _PROFILE == "default" else _PROFILE)


def pytest_configure(config: pytest.Config) -> None:
    """Markers."""
    config.addinivalue_line(
        "markers",
        "device_work: claims that a kernel computed the answer; must fail with wrong kernels",
    )


class Overlays(Mapping[str, Path]):
    """Variant name → its xclbin, built on demand."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, variant: str) -> Path:
        image = self._folder / f"{variant}.xclbin"
        if variant not in VARIANTS:
            raise KeyError(variant)
        if not image.exists():
            _build(variant, image)
        return image

    def __iter__(self) -> Iterator[str]:
        return iter(VARIANTS)

    def __len__(self) -> int:
        return len(VARIANTS)


@pytest.fixture(scope="session")
def overlays() -> Overlays:
    """variant → Path of its image."""
    given = os.environ.get("FPGARRAY_TEST_OVERLAYS")
    return Overlays(Path(given) if given else _cache())


def _cache() -> Path:
    """A directory that is the same as long as the sources are (tests/kernels uses it too)."""
    digest = hashlib.sha256(sys.version.encode())
    folders = (ROOT / "kernels", ROOT / "fpgarray" / "xclbin")
    found = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    sources = [p for p in found if "__pycache__" not in p.parts]
    for path in sorted([*sources, ROOT / "CMakeLists.txt", ROOT / "fpgarray" / "errors.py"]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"fpgarray-test-images-{user}" / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _build(variant: str, image: Path) -> None:
    """Configure and build in a directory of its own; the image appears whole or not at all."""
    work = Path(tempfile.mkdtemp(prefix=f"{variant}-", dir=image.parent))
    configure = [_tool("cmake"), "-S", str(ROOT), "-B", str(work), "-G", "Ninja"]
    configure += [f"-DFPGARRAY_VARIANT={variant}", "-DCMAKE_BUILD_TYPE=Release"]
    configure += [f"-DCMAKE_MAKE_PROGRAM={_tool('ninja')}", f"-DPython_EXECUTABLE={sys.executable}"]
    for command in (configure, [_tool("cmake"), "--build", str(work)]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    os.replace(work / image.name, image)
    shutil.rmtree(work)


def _tool(name: str) -> str:
    """cmake or ninja: from this environment (the `test` extra) or the system."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: pip install fpgarray[test]")
    return found
