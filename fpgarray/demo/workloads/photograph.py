"""Half the size, blurred, sharpened, and its edges: a photograph in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
"""Weights of the blur along one axis: row 4 of Pascal's triangle, close to a Gaussian."""

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue in brightness (ITU-R BT.709)."""


def develop(image: Any, amount: float = 1.5) -> tuple[Any, Any, Any]:
    """`image` at half its size, sharpened, and the strength of its edges.

    `image`: shape (rows, columns, 3), float, 0 to 1, rows and columns even. The first result has
    half the rows and columns, the second 4 of them less, the third 2 less and no colours.
    `amount`: of the unsharp mask, how often the detail is added once more.
    """
    half = (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4
    middle = half[2:-2, 2:-2]
    sharp = np.minimum(np.maximum(middle + amount * (middle - blur(half)), 0), 1)
    return half, sharp, edges(half)


def blur(image: Any) -> Any:
    """Weighted means of 5 x 5 neighbours, first down the columns, then along the rows."""
    rows, columns = image.shape[0] - 4, image.shape[1] - 4
    down = sum(weight * image[i : i + rows] for i, weight in enumerate(BINOMIAL))
    return sum(weight * down[:, i : i + columns] for i, weight in enumerate(BINOMIAL))


def edges(image: Any) -> Any:
    """Length of the gradient of brightness by Sobel's operator, per pixel that has 8 neighbours."""
    red, green, blue = LUMINANCE
    y = red * image[..., 0] + green * image[..., 1] + blue * image[..., 2]
    down = y[2:] - y[:-2]
    along = y[:, 2:] - y[:, :-2]
    gy = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 8
    gx = (along[:-2] + 2 * along[1:-1] + along[2:]) / 8
    return np.sqrt(gx * gx + gy * gy)
