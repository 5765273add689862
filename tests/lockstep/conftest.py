"""The overlay under test: FPGARRAY_OVERLAY, else the packaged one, else the built one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import fpgarray


@pytest.fixture(scope="session", autouse=True)
def overlay(request: pytest.FixtureRequest) -> None:
    """Set before the first launch, which is when it is read."""
    packaged = Path(fpgarray.__file__).parent / "overlays" / "builtin.xclbin"
    if not os.environ.get("FPGARRAY_OVERLAY") and not packaged.exists():
        os.environ["FPGARRAY_OVERLAY"] = str(request.getfixturevalue("overlays")["builtin"])
