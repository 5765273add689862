"""SciPy with SCIPY_ARRAY_API=1 on FPGAArrays: the same answers as on ndarrays, as FPGAArrays.

Run by `test_scipy.py`, in a Python of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import (
    cluster,
    differentiate,
    fft,
    integrate,
    interpolate,
    ndimage,
    signal,
    special,
    stats,
)
from scipy.optimize.elementwise import find_root

import fpgarray as fa

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 40, 3))
V = RNG.random(64)

STORIES: dict[str, Callable[..., Any]] = {
    "special.expit": lambda a, b, v: special.expit(a),
    "special.logsumexp": lambda a, b, v: special.logsumexp(a, axis=0),
    "special.gammaln": lambda a, b, v: special.gammaln(v),
    "stats.skew": lambda a, b, v: stats.skew(a, axis=0),
    "stats.zscore": lambda a, b, v: stats.zscore(a, axis=1),
    "stats.ttest_ind": lambda a, b, v: stats.ttest_ind(a, b),
    "stats.pearsonr": lambda a, b, v: stats.pearsonr(a[:, 0], b[:, 0]).statistic,
    "signal.fftconvolve": lambda a, b, v: signal.fftconvolve(v, v[:5]),
    "signal.hilbert": lambda a, b, v: signal.hilbert(v),
    "signal.detrend": lambda a, b, v: signal.detrend(v),
    "cluster.vq.whiten": lambda a, b, v: cluster.vq.whiten(a),
    "cluster.vq.kmeans2": lambda a, b, v: cluster.vq.kmeans2(a, a[:3], iter=3, minit="matrix"),
    "fft.rfft": lambda a, b, v: fft.rfft(v),
    "ndimage.gaussian_filter": lambda a, b, v: ndimage.gaussian_filter(a, 1.0),
    "integrate.cumulative_trapezoid": lambda a, b, v: integrate.cumulative_trapezoid(v),
    "integrate.tanhsinh": lambda a, b, v: integrate.tanhsinh(lambda x: x * x, v, v + 1).integral,
    "differentiate.derivative": lambda a, b, v: differentiate.derivative(lambda x: x**3, v).df,
    "interpolate.Akima": lambda a, b, v: interpolate.Akima1DInterpolator(v.cumsum(), v)(v + 1),
    "optimize.find_root": lambda a, b, v: find_root(lambda x: x * x * x - 0.5, (v - 2, v + 2)).x,
}


def parts(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("name", STORIES)
def test_answers_are_those_on_ndarrays(name: str) -> None:
    story = STORIES[name]
    theirs = parts(story(A, B, V))
    ours = parts(story(*(fa.asarray(each) for each in (A, B, V))))
    assert len(ours) == len(theirs)
    for mine, yours in zip(ours, theirs, strict=True):
        assert type(mine) is fa.FPGAArray
        assert mine.device is fa.devices()[0]
        np.testing.assert_allclose(mine, yours, rtol=1e-6, atol=1e-12)


@pytest.mark.device_work
def test_its_arithmetic_is_recorded() -> None:
    x = fa.asarray(RNG.normal(size=(20_000, 4)).astype("f4"))
    with fa.policy(dispatch="device"), fa.profile() as p:
        scores = np.asarray(stats.zscore(x, axis=0))
    assert p.launches >= 1
    np.testing.assert_allclose(scores, stats.zscore(np.asarray(x), axis=0), rtol=1e-3, atol=1e-5)
