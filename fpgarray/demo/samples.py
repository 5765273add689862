"""Real input that ships inside matplotlib and scikit-image. Nothing is downloaded.

Gives arrays as the workloads want them; DemoUnavailableError where the package is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fpgarray.demo.extras import load

METRES_PER_DEGREE = 111_200
"""Of latitude; and of longitude at the equator."""


@dataclass(frozen=True)
class Terrain:
    """`elevation`: metres, float32, shape (rows, columns), rows from north to south; `dx`, `dy`:
    cell sizes in metres."""

    name: str
    elevation: np.ndarray
    dx: float
    dy: float


def _sample(name: str) -> Any:
    return load("matplotlib.cbook").get_sample_data(name)


def terrain() -> Terrain:
    """The elevation model of matplotlib's example "Topographic hillshading", cells in metres."""
    model = _sample("jacksboro_fault_dem.npz")
    dy = METRES_PER_DEGREE * model["dy"]
    dx = METRES_PER_DEGREE * model["dx"] * np.cos(np.radians(model["ymin"]))
    elevation = np.ascontiguousarray(model["elevation"], dtype=np.float32)
    return Terrain("Jacksboro fault, Tennessee", elevation, float(dx), float(dy))


def sea_floor(refinement: int) -> Terrain:
    """Land and sea floor around Vancouver Island, float32, each cell split into `refinement`².

    Rows from north to south. The model's cells are made finer by bilinear interpolation, since
    waves need several cells per wavelength.
    """
    model = _sample("topobathy.npz")
    coarse = model["topo"][::-1].astype(np.float64)
    latitude, longitude = model["latitude"], model["longitude"]
    dy = METRES_PER_DEGREE * float(latitude[1] - latitude[0]) / refinement
    middle = np.radians(float(latitude.mean()))
    dx = METRES_PER_DEGREE * float(longitude[1] - longitude[0]) * np.cos(middle) / refinement
    elevation = _interpolated(_interpolated(coarse, refinement).T, refinement).T
    fine = np.ascontiguousarray(elevation, dtype=np.float32)
    return Terrain("Vancouver Island and Strait of Juan de Fuca", fine, float(dx), dy)


def _interpolated(values: np.ndarray, factor: int) -> np.ndarray:
    """Linearly between rows: `factor` rows for each row."""
    at = np.linspace(0, len(values) - 1, len(values) * factor)
    below = np.minimum(at.astype(int), len(values) - 2)
    part = (at - below)[:, np.newaxis]
    return values[below] * (1 - part) + values[below + 1] * part


def closing_prices() -> tuple[np.ndarray, np.ndarray]:
    """Dates and daily closing prices in dollars, float64, of Google's stock, 2004 to 2008."""
    prices = _sample("goog.npz")["price_data"]
    return prices["date"], np.ascontiguousarray(prices["close"], dtype=np.float64)


def retina() -> np.ndarray:
    """Photograph of a retina, uint8, shape (1410, 1410, 3)."""
    return load("skimage.data").retina()[:1410, :1410]


def coffee() -> np.ndarray:
    """Photograph of a cup of coffee, uint8, shape (400, 600, 3)."""
    return load("skimage.data").coffee()


def horse() -> np.ndarray:
    """Silhouette of a horse, bool, shape (328, 400), True where the horse is."""
    return ~load("skimage.data").horse()
