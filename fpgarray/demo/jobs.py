"""The table of the demo's jobs: a workload, its real input, how exact it must be, its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.demo import pictures, samples
from fpgarray.demo.comparison import Workload
from fpgarray.demo.workloads.clusters import palette
from fpgarray.demo.workloads.heat import diffuse
from fpgarray.demo.workloads.hillshade import hillshade
from fpgarray.demo.workloads.options import option_book
from fpgarray.demo.workloads.photograph import develop
from fpgarray.demo.workloads.waves import propagate
from fpgarray.functions.images import resize

ROUNDING = 1e-12
"""Of the largest value: what exp and log, each within 2.5 ULP, may make of a price."""


@dataclass(frozen=True)
class Input:
    """A job's real input. `text`: what it is, for the table; `facts`: what the picture needs."""

    text: str
    workload: Workload
    operands: Sequence[np.ndarray]
    facts: SimpleNamespace = field(default_factory=SimpleNamespace)


@dataclass(frozen=True)
class Job:
    """A row. `bound`: see `comparison.Comparison`; `draw(facts, results, caption, path)` writes the
    picture."""

    name: str
    title: str
    load: Callable[[], Input]
    bound: float
    draw: Callable[[Any, Sequence[np.ndarray], str, Path], None]

    @property
    def picture(self) -> str:
        """The name of its picture."""
        return f"fpgarray-{self.name}.png"


def _shading() -> Input:
    ground = samples.terrain()
    rows, columns = ground.elevation.shape
    return Input(
        f"{rows} x {columns} elevations, {ground.name}",
        lambda z: (hillshade(z, dx=ground.dx, dy=ground.dy),),
        (ground.elevation,),
        SimpleNamespace(ground=ground),
    )


def _developing() -> Input:
    image = np.ascontiguousarray(samples.retina())
    rows, columns, _ = image.shape
    return Input(
        f"photograph of a retina, {rows} x {columns}", partial(develop, resize=halve), (image,)
    )


def halve(image: Any, shape: tuple[int, int]) -> Any:
    """An image of uint8 at half its size, each pixel the mean of four: what fpgarray has a function
    and a kernel for, and NumPy has not."""
    if isinstance(image, FPGAArray):
        return resize(image, shape, method="area")
    wide = image.astype(np.float32)
    total = wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]
    return np.rint(total / 4).astype(np.uint8)


def _pricing() -> Input:
    dates, close = samples.closing_prices()
    strikes = np.linspace(100, 800, 71)
    years = np.array([1, 2, 3, 6, 9, 12]) / 12
    count = (len(close) - 21) * len(years) * len(strikes)
    return Input(
        f"{len(close):,} daily prices of GOOG, 2 x {count:,} options",
        option_book,
        (close, strikes, years),
        SimpleNamespace(dates=dates[21:], close=close[21:], strikes=strikes, years=years),
    )


HEAT_TIMES = (240, 1200)
HEAT_CELLS = 2
"""Cells of the plate per pixel of the silhouette, each way."""


def _diffusing() -> Input:
    silhouette = np.kron(samples.horse(), np.ones((HEAT_CELLS, HEAT_CELLS), bool))
    plate = np.where(silhouette, np.float32(100), np.float32(0))
    rows, columns = plate.shape
    return Input(
        f"silhouette of a horse, {rows} x {columns}, {HEAT_TIMES[-1]:,} steps",
        partial(diffuse, times=HEAT_TIMES),
        (plate,),
        SimpleNamespace(plate=plate, times=HEAT_TIMES),
    )


CLUSTERS = 8


def _clustering() -> Input:
    image = samples.coffee()
    pixels = np.moveaxis(image, 2, 0).reshape(3, -1).astype(np.float64)
    brightness = np.argsort(pixels.sum(axis=0), kind="stable")
    middles = (2 * np.arange(CLUSTERS) + 1) * pixels.shape[1] // (2 * CLUSTERS)
    rows, columns, _ = image.shape
    return Input(
        f"photograph of coffee, {rows} x {columns}, {CLUSTERS} clusters",
        palette,
        (pixels, pixels[:, brightness[middles]]),
        SimpleNamespace(image=image),
    )


WAVE_TIMES = (400, 800, 1400)
WAVE_STEP = 2.0
"""Seconds."""
WAVE_REFINEMENT = 6


def _simulating() -> Input:
    floor = samples.sea_floor(WAVE_REFINEMENT)
    depth = np.maximum(-floor.elevation, 0)
    rows, columns = depth.shape
    south, east = np.mgrid[:rows, :columns] * (floor.dy / 1000)
    hump = 2 * np.exp(-((south - 185) ** 2 + (east - 45) ** 2) / (2 * 8.0**2))
    surface = np.where(depth > 0, hump, 0).astype(np.float32)
    return Input(
        f"sea floor off Vancouver Island, {rows} x {columns}, {WAVE_TIMES[-1]:,} steps",
        partial(propagate, cell=floor.dy, step=WAVE_STEP, times=WAVE_TIMES),
        (surface, depth),
        SimpleNamespace(floor=floor, minutes=[each * WAVE_STEP / 60 for each in WAVE_TIMES]),
    )


JOBS = (
    Job("photograph", "halve, sharpen, find edges", _developing, 0.0, pictures.photograph),
    Job("hillshade", "shade a relief", _shading, 0.0, pictures.relief),
    Job("options", "price options", _pricing, ROUNDING, pictures.options),
    Job("heat", "spread heat", _diffusing, 0.0, pictures.heat),
    Job("clusters", "cluster pixels", _clustering, 0.0, pictures.clusters),
    Job("waves", "simulate a wave", _simulating, 0.0, pictures.waves),
)
