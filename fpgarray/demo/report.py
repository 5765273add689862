"""What the demo prints: progress, the table, what was wrong. Needs rich."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from fpgarray.demo.comparison import Comparison
from fpgarray.demo.extras import load
from fpgarray.demo.jobs import Input, Job
from fpgarray.runtime import select

WIDTH = 150
"""Columns where the output is no terminal."""

COLUMNS = (
    ("job", "left"),
    ("input", "left"),
    ("agreement with NumPy", "left"),
    ("NumPy / fpgarray", "right"),
    ("launches", "right"),
    ("fallbacks", "right"),
    ("host chosen", "right"),
    ("moved / needed", "right"),
)

Row = tuple[Job, Input, Comparison]


class Report:
    """Prints to standard output; a progress bar only on a terminal, lines elsewhere."""

    def __init__(self) -> None:
        console = load("rich.console").Console
        self._console = console(highlight=False)
        if not self._console.is_terminal:
            self._console = console(highlight=False, width=WIDTH)

    @contextmanager
    def progress(self, jobs: Sequence[Job]) -> Iterator[Any]:
        """Gives `step(job)`, to be called when a job begins."""
        if not self._console.is_terminal:
            count = iter(range(1, len(jobs) + 1))
            yield lambda job: self._console.print(f"[{next(count)}/{len(jobs)}] {job.title} …")
            return
        bar = load("rich.progress").Progress(console=self._console, transient=True)
        with bar:
            task = bar.add_task("", total=len(jobs))
            begun: list[Job] = []

            def step(job: Job) -> None:
                bar.update(task, description=job.title, completed=len(begun))
                begun.append(job)

            yield step

    def table(self, rows: Sequence[Row]) -> None:
        """The table of all jobs, and why something ran in NumPy."""
        provider, reason = select.choose()
        device = rows[0][2].device if rows else ""
        table = load("rich.table").Table(title=f"{device}, {provider.name}: {reason}")
        for name, justify in COLUMNS:
            table.add_column(name, justify=justify)
        for row in rows:
            table.add_row(*cells(*row))
        self._console.print(table)
        for line in reasons([found for *_, found in rows]):
            self._console.print(f"  {line}", markup=False)

    def pictures(self, paths: Sequence[Path]) -> None:
        """Where the pictures are."""
        self._console.print(f"Pictures: {', '.join(map(str, paths))}", markup=False)

    def faults(self, rows: Sequence[Row]) -> None:
        """What was wrong, job by job."""
        for job, _, found in rows:
            for fault in found.faults:
                self._console.print(f"WRONG  {job.name}: {fault}", markup=False)


def cells(job: Job, given: Input, found: Comparison) -> tuple[str, ...]:
    """A row of the table, see COLUMNS."""
    low, high = np.percentile(found.ratios, (25, 75))
    return (
        job.title,
        given.text,
        agreement(found),
        f"{found.ratio:.2f} [{low:.2f}, {high:.2f}]",
        f"{found.cold.launches:,}",
        f"{found.cold.fallbacks:,}",
        f"{found.cold.host_chosen:,}",
        f"{found.moved / found.needed:.2f} of {found.needed / 1e6:.1f} MB",
    )


def agreement(found: Comparison) -> str:
    """How the two results compare, in words."""
    for expected, result in zip(found.expected, found.results, strict=True):
        if (expected.shape, expected.dtype) != (result.shape, result.dtype):
            wanted = f"{expected.dtype} {expected.shape}"
            return f"{result.dtype} {result.shape}, not {wanted}"
    if not found.differing:
        return f"{found.size:,} values identical"
    if found.bound == 0:
        return f"{found.differing:,} of {found.size:,} values differ"
    return f"{found.size:,} values within {found.error:.0e} (bound {found.bound:.0e})"


FIRST_NUMBER = re.compile(r"\b\d[\d,]*")


def reasons(comparisons: Sequence[Comparison]) -> list[str]:
    """Why operations ran in NumPy, most frequent first; alike if only a first number differs."""
    total: Counter[str] = Counter()
    for each in comparisons:
        for text, count in each.cold.reasons.items():
            total[FIRST_NUMBER.sub("…", text, count=1)] += count
    return [f"in NumPy, {count} x: {text}" for text, count in total.most_common()]
