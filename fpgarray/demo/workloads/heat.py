"""Heat spreading in a plate, an explicit five-point stencil in plain NumPy."""

from __future__ import annotations

from typing import Any


def diffuse(plate: Any, times: tuple[int, ...], rate: float = 0.24) -> tuple[Any, ...]:
    """The plate after each of `times` (steps, ascending). Its rim keeps its temperature.

    `plate`: temperatures, shape (rows, columns), float; `rate`: diffusivity x time step / cell
    size squared, stable up to 0.25.
    """
    now, then = plate.copy(), plate.copy()
    states = []
    done = 0
    for time in times:
        for _ in range(time - done):
            inner = now[1:-1, 1:-1]
            around = now[:-2, 1:-1] + now[2:, 1:-1] + now[1:-1, :-2] + now[1:-1, 2:]
            then[1:-1, 1:-1] = inner + rate * (around - 4 * inner)
            now, then = then, now
        done = time
        states.append(now.copy())
    return tuple(states)
