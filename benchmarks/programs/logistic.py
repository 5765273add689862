"""Logistic regression by gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np


def logistic(samples: Any, labels: Any, steps: int, rate: float = 0.5) -> tuple[Any, Any]:
    """Weights, shape (features,), and the loss after each step.

    `samples`: shape (n, features); `labels`: 0.0 or 1.0, shape (n,).
    """
    weights = np.zeros_like(samples[0])
    losses = np.zeros_like(labels[:steps])
    for step in range(steps):
        score = samples @ weights
        likely = 1 / (1 + np.exp(-score))
        losses[step] = (np.log(1 + np.exp(-np.abs(score))) + np.maximum(score, 0)
                        - labels * score).mean()  # fmt: skip
        weights = weights - rate / len(labels) * (samples.T @ (likely - labels))
    return weights, losses
