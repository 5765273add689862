"""Half the size, blurred, sharpened, and its edges: a photograph in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
"""Weights of the blur along one axis: row 4 of Pascal's triangle, close to a Gaussian."""

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue in brightness (ITU-R BT.709)."""


def develop(
    image: Any, resize: Callable[[Any, tuple[int, int]], Any], amount: float = 1.5
) -> tuple[Any, Any, Any]:
    """`image` at half its size, sharpened, and the strength of its edges.

    `image`: uint8, shape (rows, columns, 3); `resize(image, (rows, columns))`: an image in another
    size. The first result has half the rows and columns, the second 4 of them less, both uint8; the
    third, float32, 2 less and no colours. `amount`: of the unsharp mask, how often the detail is
    added once more.
    """
    rows, columns, _ = image.shape
    half = resize(image, (rows // 2, columns // 2))
    light = half.astype(np.float32)
    middle = light[2:-2, 2:-2]
    sharp = np.clip(middle + amount * (middle - blur(light)), 0, 255)
    return half, np.rint(sharp).astype(np.uint8), edges(light)


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
