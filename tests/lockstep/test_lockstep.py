"""Law: a program on FPGAArrays does what it does on ndarrays, statement by statement.

Hypothesis draws seeds; a failing program is shrunk by dropping statements and printed as a script
that runs by itself. FPGARRAY_LOCKSTEP_PROGRAMS: how many programs (400; `python tests/lockstep 5000`
runs as many as one likes). FPGARRAY_LOCKSTEP_RANDOM=1: other programs on every run.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shrink import complaint

PROGRAMS = int(os.environ.get("FPGARRAY_LOCKSTEP_PROGRAMS", "400"))
SHARDS = 8


@pytest.mark.parametrize("shard", range(SHARDS))
def test_programs_run_in_lockstep_with_numpy(shard: int) -> None:
    @settings(
        max_examples=-(-PROGRAMS // SHARDS),
        deadline=None,
        derandomize=not os.environ.get("FPGARRAY_LOCKSTEP_RANDOM"),
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, (1 << 32) - 1))
    def agree(seed: int) -> None:
        found = complaint(seed * SHARDS + shard)
        assert found is None, found

    agree()
