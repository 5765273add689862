"""A long wave over a sea floor: linear shallow-water equations in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

GRAVITY = 9.81


def propagate(
    surface: Any, depth: Any, cell: float, step: float, times: tuple[int, ...]
) -> tuple[Any, ...]:
    """The water's surface after each of `times` (steps, ascending), and the highest it ever was.

    `surface`: height above rest, shape (rows, columns), metres; `depth`: of the water at rest,
    metres, 0 on land; `cell`, `step`: metres and seconds. Stable while
    step < cell / sqrt(2 g depth). Land reflects; the rim of the map stays as it is.

    The wave equation with the speed of long waves, d2 height / dt2 = div(g depth grad height), by
    central differences in space and time; the faces between cells are as deep as their shallower
    side, so nothing flows onto land. (Without friction and rotation, and for waves much lower than
    the water is deep: H. Lamb, Hydrodynamics, 6th ed., 1932, articles 169 and 189.)
    """
    courant = GRAVITY * (step / cell) ** 2
    across = courant * np.minimum(depth[:, 1:], depth[:, :-1])[1:-1]
    down = courant * np.minimum(depth[1:], depth[:-1])[:, 1:-1]
    west, east, north, south = across[:, :-1], across[:, 1:], down[:-1], down[1:]
    now, before = surface.copy(), surface.copy()
    highest = surface.copy()
    states = []
    done = 0
    for time in times:
        for _ in range(time - done):
            here = now[1:-1, 1:-1]
            pull = east * (now[1:-1, 2:] - here) + west * (now[1:-1, :-2] - here)
            pull += south * (now[2:, 1:-1] - here) + north * (now[:-2, 1:-1] - here)
            after = 2 * here - before[1:-1, 1:-1] + pull
            before[1:-1, 1:-1] = after
            highest[1:-1, 1:-1] = np.maximum(highest[1:-1, 1:-1], after)
            now, before = before, now
        done = time
        states.append(now.copy())
    return (*states, highest)
