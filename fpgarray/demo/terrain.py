"""Elevations to shade and the picture of the result: the one file that uses matplotlib."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from fpgarray.errors import FPGArrayError

METRES_PER_DEGREE = 111_200
"""Of latitude; and of longitude at the equator."""

INSTALL = "pip install 'fpgarray[demo]'"


class DemoUnavailableError(FPGArrayError, ImportError):
    """The demo needs a package that is not installed; the message names the extra."""


@dataclass(frozen=True)
class Terrain:
    """`elevation`: metres, float32, shape (rows, columns), rows from north to south; `dx`, `dy`:
    cell sizes in metres."""

    name: str
    elevation: np.ndarray
    dx: float
    dy: float


def load() -> Terrain:
    """The elevation model that ships inside matplotlib. DemoUnavailableError without matplotlib.

    Cell sizes come in degrees; metres as in matplotlib's example "Topographic hillshading".
    """
    model = _matplotlib("matplotlib.cbook").get_sample_data("jacksboro_fault_dem.npz")
    dy = METRES_PER_DEGREE * model["dy"]
    dx = METRES_PER_DEGREE * model["dx"] * np.cos(np.radians(model["ymin"]))
    elevation = np.ascontiguousarray(model["elevation"], dtype=np.float32)
    return Terrain("Jacksboro fault, Tennessee", elevation, float(dx), float(dy))


def draw(terrain: Terrain, shade: np.ndarray, caption: str, path: Path) -> None:
    """Write a PNG: elevation in colour beside its shaded relief. OSError if it cannot be written.

    `shade`: brightness 0 to 1 of the terrain without its outermost cells.
    """
    _matplotlib("matplotlib").use("Agg")
    plt = _matplotlib("matplotlib.pyplot")
    inner = terrain.elevation[1:-1, 1:-1]
    rows, columns = inner.shape
    extent = (0, columns * terrain.dx / 1000, 0, rows * terrain.dy / 1000)
    colours = _relief_colours(_matplotlib("matplotlib.colors"))

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(13, 6.4), dpi=120, sharey=True, layout="constrained"
    )
    flat = left.imshow(inner, cmap=colours, extent=extent, interpolation="nearest")
    left.set(title="elevation", xlabel="km", ylabel="km")
    drape = colours(flat.norm(inner))[..., :3]
    right.imshow(_lit(drape, shade), extent=extent, interpolation="nearest")
    right.set(title="shaded relief, sun in the north-west", xlabel="km")
    bar = figure.colorbar(flat, ax=(left, right), shrink=0.8, aspect=32, pad=0.015)
    bar.set_label("elevation (m)")
    figure.suptitle(f"{terrain.name}: {caption}", fontsize=11)
    try:
        figure.savefig(path)
    finally:
        plt.close(figure)


def _lit(colours: np.ndarray, shade: np.ndarray) -> np.ndarray:
    """Colours, shape (rows, columns, 3), under brightness `shade`: level ground keeps its own."""
    level = np.median(shade)
    light = np.where(shade < level, shade / level, 1.0)[..., np.newaxis]
    gloss = np.clip((shade - level) / (1 - level), 0, 1)[..., np.newaxis]
    return np.clip(colours * light**1.5 + 0.55 * gloss * (1 - colours), 0, 1)


def _relief_colours(colors: ModuleType) -> Any:
    """A colour map from valley green over ochre to pale summits."""
    stops = ("#2f6b52", "#6f9a63", "#b5bd7c", "#e0cf94", "#c79c68", "#a4714f", "#e9e1d8")
    return colors.LinearSegmentedColormap.from_list("relief", stops)


def _matplotlib(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DemoUnavailableError(
            f"the demo takes its elevations from matplotlib, which cannot be imported ({error}); "
            f"install it with: {INSTALL}"
        ) from error
