"""`fpgarray demo`: NumPy functions on NumPy's arrays and on ours, side by side, on real input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fpgarray.demo.comparison import compare
from fpgarray.demo.extras import INSTALL, DemoUnavailableError
from fpgarray.demo.jobs import JOBS, Job
from fpgarray.demo.report import Report, agreement

__all__ = ["INSTALL", "JOBS", "SECONDS", "DemoUnavailableError", "run"]

SECONDS = 1.5
"""Spent on timing each job, about."""


def run(folder: Path, jobs: Sequence[Job] = JOBS, seconds: float = SECONDS) -> int:
    """Do each job both ways, print how they compare, write the pictures; the exit code.

    1 if results differ by more than the job's bound, an operation fell back to NumPy or nothing was
    launched. Raises DemoUnavailableError without the extra's packages and OSError when a picture
    cannot be written.
    """
    report = Report()
    rows, pictures = [], []
    with report.progress(jobs) as step:
        for job in jobs:
            step(job)
            given = job.load()
            found = compare(given.workload, given.operands, job.bound, seconds)
            rows.append((job, given, found))
            pictures.append(folder / job.picture)
            caption = f"{found.cold.launches:,} launches on {found.device}; {agreement(found)}"
            job.draw(given.facts, found.results, caption, pictures[-1])
    report.table(rows)
    report.pictures(pictures)
    report.faults(rows)
    return 1 if any(found.faults for *_, found in rows) else 0
