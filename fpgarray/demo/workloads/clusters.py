"""The colours a photograph is made of: k-means over its pixels, in plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np


def palette(pixels: Any, centres: Any, rounds: int = 12) -> tuple[Any, Any]:
    """Centres of clusters after `rounds` of Lloyd's iteration; every pixel in its centre's colour.

    `pixels`: shape (3, n), float64 of whole numbers, so that every sum is exact in any order;
    `centres`: where to begin, shape (3, k). A pixel as near to two centres counts for both; a
    centre without pixels stays. Gives shapes (3, k) and (3, n).

    S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28(2),
    129-137, 1982.
    """
    for _ in range(rounds):
        near = nearest(pixels, centres)
        count = near.sum(axis=1)
        totals = np.empty_like(centres)
        for total, plane in zip(totals, pixels, strict=True):
            total[:] = (near * plane).sum(axis=1)
        centres = np.where(count > 0, totals / np.maximum(count, 1), centres)
    near = nearest(pixels, centres)
    painted = np.empty_like(pixels)
    for target, centre in zip(painted, centres, strict=True):
        target[:] = (near * centre[:, None]).max(axis=0)
    return centres, painted


def nearest(pixels: Any, centres: Any) -> Any:
    """1.0 where a centre is a pixel's nearest, else 0.0; shape (k, n)."""
    distance = sum(
        (plane - centre[:, None]) ** 2 for plane, centre in zip(pixels, centres, strict=True)
    )
    return np.where(distance == distance.min(axis=0), 1.0, 0.0)
