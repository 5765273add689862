"""The same law on other images, other CPU clones, under guard, on two devices.

An image and a CPU clone are chosen once per process, so each row is a pytest of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

FILES = (HERE / "test_lockstep.py", HERE / "test_found.py")

ROWS = {
    "small": ("small", 300, {}),
    "plain": ("plain", 300, {}),
    "clone2": ("builtin", 100, {"FPGARRAY_CLONE": "2"}),
    "clone3": ("builtin", 100, {"FPGARRAY_CLONE": "3"}),
    "clone4": ("builtin", 100, {"FPGARRAY_CLONE": "4"}),
    "guard": ("builtin", 40, {"FPGARRAY_GUARD": "1"}),
    "two devices": ("builtin", 100, {"FPGARRAY_EMULATED_DEVICES": "2"}),
}
"""name → overlay, programs, environment."""


def _cpu_level() -> int:
    """The x86-64 level of this CPU, 2 if unknown."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return 2
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags:
        return 4
    return 3 if {"avx2", "bmi2", "fma"} <= flags else 2


@pytest.mark.parametrize("row", ROWS)
def test_programs_run_in_lockstep_on(row: str, overlays) -> None:
    variant, programs, environment = ROWS[row]
    level = int(environment.get("FPGARRAY_CLONE", "2"))
    if level > _cpu_level():
        pytest.skip(f"this CPU has no x86-64-v{level}")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *FILES],
        env={
            **os.environ,
            **environment,
            "FPGARRAY_OVERLAY": str(overlays[variant]),
            "FPGARRAY_LOCKSTEP_PROGRAMS": str(programs),
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
