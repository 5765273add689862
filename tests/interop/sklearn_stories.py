"""scikit-learn with `array_api_dispatch=True` on FPGAArrays: what it learns are FPGAArrays too.

Run by `test_sklearn.py`, in a Python of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn import base, config_context
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import fpgarray as fa

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)) @ RNG.normal(size=(4, 4))
LABELS = (X[:, 0] + 0.3 * RNG.normal(size=60) > 0).astype("i8")
TARGETS = X @ np.arange(4.0) + 0.1


@pytest.fixture(autouse=True)
def dispatch() -> Iterator[None]:
    with config_context(array_api_dispatch=True):
        yield


@pytest.mark.parametrize(
    ("estimator", "targets", "method"),
    [
        (StandardScaler(), None, "transform"),
        (MinMaxScaler(), None, "transform"),
        (PCA(2, svd_solver="full"), None, "transform"),
        (Ridge(solver="svd"), TARGETS, "predict"),
        (LinearDiscriminantAnalysis(), LABELS, "predict"),
        (make_pipeline(StandardScaler(), LinearDiscriminantAnalysis()), LABELS, "predict"),
    ],
    ids=lambda each: type(each).__name__ if hasattr(each, "fit") else "",
)
def test_estimators(estimator: Any, targets: Any, method: str) -> None:
    answers = []
    for make in (np.asarray, fa.asarray):
        fitted = base.clone(estimator).fit(make(X), None if targets is None else make(targets))
        answers.append(getattr(fitted, method)(make(X)))
    theirs, ours = answers
    assert type(ours) is fa.FPGAArray
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
    learnt = [
        each
        for name, each in vars(fitted).items()
        if name.endswith("_") and getattr(each, "ndim", 0)
    ]
    assert all(type(each) is fa.FPGAArray for each in learnt)


def test_metrics_and_splits() -> None:
    x, y = fa.asarray(X), fa.asarray(TARGETS)
    assert mean_squared_error(y, y * 1.5) == pytest.approx(float(np.mean((TARGETS / 2) ** 2)))
    distances = euclidean_distances(x, x)
    assert type(distances) is fa.FPGAArray
    np.testing.assert_allclose(distances, euclidean_distances(X, X), atol=1e-6)
    assert {type(each) for each in train_test_split(x, y, random_state=0)} == {fa.FPGAArray}
