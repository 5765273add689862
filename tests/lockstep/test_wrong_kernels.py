"""The guard against disguise: with kernels that answer wrongly, claims of device work fail."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_claim_of_device_work_fails_with_wrong_kernels(overlays, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-m", "device_work", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--tb=line", f"--junitxml={report}", TESTS],
        env={
            **os.environ,
            "FPGARRAY_OVERLAY": str(overlays["wrong"]),
            "FPGARRAY_EXPECT_FAILURES": "1",
        },
        capture_output=True,
        text=True,
        timeout=600,
        cwd=TESTS.parent,
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    found = ElementTree.parse(report).iter("testcase")
    cases = [each for each in found if each.find("skipped") is None]  # a library is missing
    assert len(cases) >= 60
    passed = [f"{c.get('classname')}.{c.get('name')}" for c in cases if c.find("failure") is None]
    assert not passed, f"these pass although no kernel answers rightly: {passed}"
