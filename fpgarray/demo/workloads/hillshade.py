"""Shaded relief in plain NumPy. Knows nothing of fpgarray or of pictures."""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any

import numpy as np


def hillshade(z: Any, dx: float, dy: float, azimuth: float = 315.0, altitude: float = 45.0) -> Any:
    """Brightness, 0 (dark) to 1, of terrain under a distant sun: shape (rows - 2, columns - 2).

    `z`: elevations, shape (rows, columns), float, rows from north to south and columns from west
    to east; `dx`, `dy`: cell sizes east-west and north-south in the unit of `z`; `azimuth`: of the
    sun, degrees clockwise from north; `altitude`: degrees above the horizon. The result has the
    dtype of `z`; the outermost cells have no eight neighbours and are left out.

    Slopes p (eastward) and q (northward) are the weighted differences over the eight neighbours of
    B. K. P. Horn, "Hill shading and the reflectance map", Proc. IEEE 69(1), 14-47, 1981,
    doi:10.1109/PROC.1981.11918; brightness is the Lambertian reflectance map of the same paper, the
    cosine between sun and surface normal (-p, -q, 1).
    """
    nw, n, ne = z[:-2, :-2], z[:-2, 1:-1], z[:-2, 2:]
    w, e = z[1:-1, :-2], z[1:-1, 2:]
    sw, s, se = z[2:, :-2], z[2:, 1:-1], z[2:, 2:]

    p = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * dx)
    q = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / (8 * dy)

    sun_east = sin(radians(azimuth)) * cos(radians(altitude))
    sun_north = cos(radians(azimuth)) * cos(radians(altitude))
    sun_up = sin(radians(altitude))
    return np.maximum((sun_up - sun_east * p - sun_north * q) / np.sqrt(1 + p * p + q * q), 0)
