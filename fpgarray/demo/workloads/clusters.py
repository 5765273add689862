"""The colours a photograph is made of: k-means over its pixels, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np


def palette(pixels: Any, centres: Any, rounds: int = 12) -> tuple[Any, Any]:
    """Centres of clusters after `rounds` of Lloyd's iteration; every pixel in its centre's colour.

    `pixels`: shape (3, n), float64 of whole numbers, so that every sum is exact in any order;
    `centres`: where to begin, shape (3, k). A centre without pixels stays. Gives shapes (3, k) and
    (3, n).

    S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28(2),
    129-137, 1982.
    """
    numbers = np.arange(centres.shape[1])[:, None]
    for _ in range(rounds):
        member = nearest(pixels, centres) == numbers
        count = member.sum(axis=1)
        totals = np.stack([(member * plane).sum(axis=1) for plane in pixels])
        centres = np.where(count > 0, totals / np.maximum(count, 1), centres)
    return centres, centres[:, nearest(pixels, centres)]


def nearest(pixels: Any, centres: Any) -> Any:
    """The number of each pixel's nearest centre (the first of several), shape (n,)."""
    distance = sum(
        (plane - centre[:, None]) ** 2 for plane, centre in zip(pixels, centres, strict=True)
    )
    return distance.argmin(axis=0)
