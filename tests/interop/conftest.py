"""Other libraries on FPGAArrays. Owns how stories run that need a Python of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def fresh_pytest() -> Callable[[str], None]:
    """Run the stories of a file in a new Python: SciPy reads SCIPY_ARRAY_API at its import."""

    def run(name: str) -> None:
        # -P: of the installed package, not of the source tree it may be started in.
        pytest_ = [sys.executable, "-P", "-m", "pytest"]
        command = [*pytest_, "-q", "-p", "no:cacheprovider", str(HERE / name)]
        environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    return run
