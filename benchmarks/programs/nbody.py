"""Bodies that attract each other, all pairs."""

from __future__ import annotations

from typing import Any

import numpy as np


def nbody(place: Any, velocity: Any, mass: Any, steps: int, step: float) -> tuple[Any, Any]:
    """Places and velocities, shape (3, bodies), after `steps` of leapfrog; `mass`: (bodies,).

    Forces are softened at small distances, so a body needs no exception for itself.
    """
    place, velocity = place.copy(), velocity.copy()
    for _ in range(steps):
        velocity += step / 2 * acceleration(place, mass)
        place += step * velocity
        velocity += step / 2 * acceleration(place, mass)
    return place, velocity


def acceleration(place: Any, mass: Any, softening: float = 0.05) -> Any:
    """Of each body by all others."""
    apart = place[:, None, :] - place[:, :, None]
    square = (apart * apart).sum(axis=0) + softening * softening
    pull = mass / (square * np.sqrt(square))
    return (apart * pull).sum(axis=2)
