"""The demo's pictures: what the workloads made of their input, as PNG. Needs matplotlib.

Each function takes a job's facts and results, a caption and a path; OSError if that cannot be
written. Computes nothing but colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from fpgarray.demo.extras import load

DPI = 120
RELIEF = ("#2f6b52", "#6f9a63", "#b5bd7c", "#e0cf94", "#c79c68", "#a4714f", "#e9e1d8")
"""Valley green over ochre to pale summits."""


def _panels(width: float, height: float, count: int, **options: Any) -> tuple[Any, Any]:
    """A figure of that many inches and its axes side by side."""
    figure = load("matplotlib.figure").Figure((width, height), dpi=DPI, layout="constrained")
    return figure, figure.subplots(1, count, squeeze=False, **options)[0]


def _write(figure: Any, caption: str, path: Path) -> None:
    figure.suptitle(caption, fontsize=11)
    figure.savefig(path, format="png")


def _show(axes: Any, image: np.ndarray, title: str, **options: Any) -> Any:
    """An image with a title and without ticks."""
    axes.set(title=title, xticks=[], yticks=[])
    return axes.imshow(image, interpolation="nearest", **options)


def photograph(
    facts: SimpleNamespace, results: Sequence[np.ndarray], caption: str, path: Path
) -> None:
    """Half size, a part of it before and after sharpening, and the edges."""
    half, sharp, edges = results
    figure, (first, second, third, fourth) = _panels(16, 4.6, 4)
    rows, columns, _ = half.shape
    _show(first, half, f"half the size, {rows} x {columns}")
    part = slice(rows * 3 // 8, rows * 5 // 8), slice(columns * 5 // 8, columns * 7 // 8)
    _show(second, half[2:-2, 2:-2][part], "a part of it …")
    _show(third, sharp[part], "… sharpened")
    _show(fourth, edges, "edges", cmap="magma", vmax=np.percentile(edges, 99.5))
    _write(figure, f"Photograph of a retina: {caption}", path)


def relief(facts: SimpleNamespace, results: Sequence[np.ndarray], caption: str, path: Path) -> None:
    """Elevation in colour beside its shaded relief."""
    ground, (shade,) = facts.ground, results
    inner = ground.elevation[1:-1, 1:-1]
    rows, columns = inner.shape
    extent = (0, columns * ground.dx / 1000, 0, rows * ground.dy / 1000)
    colours = load("matplotlib.colors").LinearSegmentedColormap.from_list("relief", RELIEF)

    figure, (left, right) = _panels(13, 6.4, 2, sharey=True)
    flat = left.imshow(inner, cmap=colours, extent=extent, interpolation="nearest")
    left.set(title="elevation", xlabel="km", ylabel="km")
    drape = colours(flat.norm(inner))[..., :3]
    right.imshow(_lit(drape, shade), extent=extent, interpolation="nearest")
    right.set(title="shaded relief, sun in the north-west", xlabel="km")
    bar = figure.colorbar(flat, ax=(left, right), shrink=0.8, aspect=32, pad=0.015)
    bar.set_label("elevation (m)")
    _write(figure, f"{ground.name}: {caption}", path)


def _lit(colours: np.ndarray, shade: np.ndarray) -> np.ndarray:
    """Colours, shape (rows, columns, 3), under brightness `shade`: level ground keeps its own."""
    level = np.median(shade)
    light = np.where(shade < level, shade / level, 1.0)[..., np.newaxis]
    gloss = np.clip((shade - level) / (1 - level), 0, 1)[..., np.newaxis]
    return np.clip(colours * light**1.5 + 0.55 * gloss * (1 - colours), 0, 1)


def options(
    facts: SimpleNamespace, results: Sequence[np.ndarray], caption: str, path: Path
) -> None:
    """The stock and its volatility; calls and puts over strikes; the book through the years."""
    call, put, volatility = results
    figure, (first, second, third) = _panels(16, 4.8, 3)
    first.plot(facts.dates, facts.close, color="#1f4e79")
    first.set(title="GOOG", ylabel="closing price ($)")
    first.tick_params(axis="x", rotation=30)
    beside = first.twinx()
    beside.fill_between(facts.dates, volatility, color="#c0504d", alpha=0.35, linewidth=0)
    beside.set(ylabel="volatility of 21 days (per year)", ylim=(0, 4 * volatility.mean()))

    colours = load("matplotlib").colormaps["viridis"]
    for index, years in enumerate(facts.years):
        shade = colours(index / len(facts.years))
        second.plot(facts.strikes, call[-1, index], color=shade, label=f"{12 * years:.0f} months")
        second.plot(facts.strikes, put[-1, index], color=shade, linestyle="--")
    second.axvline(facts.close[-1], color="grey", linewidth=0.8)
    second.legend(title="expiry", fontsize=8)
    second.set(title=f"calls and (dashed) puts on {facts.dates[-1]}", xlabel="strike ($)")

    days = np.arange(len(facts.close))
    book = third.pcolormesh(days, facts.strikes, call[:, -1].T, cmap="magma", rasterized=True)
    third.plot(days, facts.close, color="white", linewidth=0.8)
    third.set(title="call of 12 months, every day", xlabel="trading day", ylabel="strike ($)")
    figure.colorbar(book, ax=third).set_label("price ($)")
    _write(figure, f"Options on GOOG (Black-Scholes): {caption}", path)


def heat(facts: SimpleNamespace, results: Sequence[np.ndarray], caption: str, path: Path) -> None:
    """The plate at the beginning and at each of the times."""
    figure, every = _panels(14, 4.6, 1 + len(results))
    for axes, plate, steps in zip(every, (facts.plate, *results), (0, *facts.times), strict=True):
        shown = _show(axes, plate, f"after {steps} steps", cmap="inferno", vmin=0, vmax=100)
    figure.colorbar(shown, ax=list(every), shrink=0.85).set_label("temperature")
    _write(figure, f"Heat spreading from a hot horse: {caption}", path)


def clusters(
    facts: SimpleNamespace, results: Sequence[np.ndarray], caption: str, path: Path
) -> None:
    """The photograph, the same in its few colours, and these."""
    centres, painted = (np.rint(each).astype(np.uint8) for each in results)
    rows, columns, _ = facts.image.shape
    figure, (left, middle, right) = _panels(
        15, 4.9, 3, gridspec_kw={"width_ratios": (columns, columns, columns // 8)}
    )
    _show(left, facts.image, "photograph")
    _show(middle, painted.T.reshape(rows, columns, 3), f"in {centres.shape[1]} colours")
    order = np.argsort(centres.sum(axis=0))
    _show(right, centres.T[order, np.newaxis], "colours", aspect="auto")
    _write(figure, f"Clusters of pixels (k-means): {caption}", path)


def waves(facts: SimpleNamespace, results: Sequence[np.ndarray], caption: str, path: Path) -> None:
    """The water's surface at each of the times, and the highest it ever was."""
    *states, highest = results
    floor = facts.floor
    land = floor.elevation > 0
    rows, columns = floor.elevation.shape
    extent = (0, columns * floor.dx / 1000, 0, rows * floor.dy / 1000)
    source = load("matplotlib.colors").LightSource(315, 45)
    ground = source.hillshade(floor.elevation, vert_exag=8, dx=floor.dx, dy=floor.dy)
    figure, every = _panels(18, 4.6, len(states) + 1)
    titles = [f"after {minutes:.0f} minutes" for minutes in facts.minutes]
    for axes, state, title in zip(every, states, titles, strict=False):
        sea = np.ma.masked_where(land, state)
        shown = _show(axes, sea, title, cmap="RdBu_r", vmin=-0.6, vmax=0.6, extent=extent)
    highest_shown = _show(
        every[-1], np.ma.masked_where(land, highest), "highest", cmap="YlGnBu", vmin=0, vmax=1,
        extent=extent,
    )  # fmt: skip
    for axes in every:
        height = np.ma.masked_where(~land, ground)
        axes.imshow(height, cmap="gray", vmin=-0.4, vmax=1.1, extent=extent)
    figure.colorbar(shown, ax=list(every[:-1]), shrink=0.85).set_label("height (m)")
    figure.colorbar(highest_shown, ax=every[-1], shrink=0.85)
    _write(figure, f"A long wave, {floor.name}: {caption}", path)
