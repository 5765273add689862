"""`fpgarray demo`: one NumPy function on NumPy's arrays and on ours, side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from fpgarray.demo import terrain
from fpgarray.demo.comparison import Comparison, compare, max_ulp
from fpgarray.demo.hillshade import hillshade
from fpgarray.demo.terrain import INSTALL
from fpgarray.runtime import select

__all__ = ["INSTALL", "REPETITIONS", "agreement", "report", "run"]

REPETITIONS = 31


def run(output: Path, repetitions: int = REPETITIONS) -> int:
    """Shade the terrain both ways, print what happened, write the picture; the exit code.

    1 if a pixel differs, an operation fell back to NumPy or nothing was launched. Raises
    DemoUnavailableError without matplotlib and OSError when `output` cannot be written.
    """
    ground = terrain.load()
    shade = partial(hillshade, dx=ground.dx, dy=ground.dy)
    found = compare(shade, ground.elevation, repetitions)
    print(report(ground, found))
    caption = f"launches on {found.device}: {found.cold.launches}; {agreement(found)}"
    terrain.draw(ground, found.result, caption, output)
    print(f"  picture            {output}")
    for fault in found.faults:
        print(f"  WRONG              {fault}")
    return 1 if found.faults else 0


def report(ground: terrain.Terrain, found: Comparison) -> str:
    """The table that the demo prints."""
    rows, columns = ground.elevation.shape
    provider, reason = select.choose()
    cold, warm = found.cold, found.warm
    low, high = np.percentile(found.ratios, (25, 75))
    facts = (
        ("device", found.device),
        ("provider", f"{provider.name}: {reason}"),
        ("agreement", agreement(found)),
        ("launches", f"{cold.launches}"),
        ("fallbacks", f"{cold.fallbacks}"),
        ("host chosen", f"{cold.host_chosen}"),
        ("bytes to device", _moved(cold.bytes_to_device, found.needed_to_device)
         + f"; again, now resident: {warm.bytes_to_device:,}"),
        ("bytes from device", _moved(cold.bytes_from_device, found.needed_from_device)),
        ("time", f"NumPy / fpgarray = {found.ratio:.1f} (median of {len(found.ratios)} interleaved "
         f"pairs, quartiles {low:.1f} and {high:.1f}; warm, result read back)"),
    )  # fmt: skip
    kind = ground.elevation.dtype.name
    title = f"shaded relief of {rows} x {columns} elevations ({ground.name}), {kind}"
    reasons = (f"  {count:>5} x {text}" for text, count in cold.reasons.items())
    return "\n".join((title, *(f"  {name:<18} {text}" for name, text in facts), *reasons))


def agreement(found: Comparison) -> str:
    """How the two results compare, in words."""
    if not found.differing:
        return f"all {found.expected.size:,} pixels identical to NumPy's (0 ULP)"
    counts = f"{found.differing:,} of {found.expected.size:,} pixels differ"
    if (found.expected.shape, found.expected.dtype) != (found.result.shape, found.result.dtype):
        return f"{counts}: the result is {found.result.dtype} of shape {found.result.shape}"
    return f"{counts}, by up to {max_ulp(found.expected, found.result)} ULP"


def _moved(moved: int, needed: int) -> str:
    return f"{moved:,} moved / {needed:,} needed = {moved / needed:.2f}"
