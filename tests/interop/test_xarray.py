"""xarray over FPGAArrays: `.data` stays one through arithmetic, selection and statistics."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

xr = pytest.importorskip("xarray", reason="pip install fpgarray[test]")

PLAIN = np.random.default_rng(0).random((8, 6))
PLAIN[2, 3] = np.nan


def labelled(data: Any) -> Any:
    coordinates = {"time": np.arange(8), "place": list("abcdef")}
    return xr.DataArray(data, dims=("time", "place"), coords=coordinates, name="rain")


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x * 2 + 1,
        lambda x: x - x.isel(place=0),
        lambda x: np.sin(x),
        lambda x: x.mean("time"),
        lambda x: x.std("time"),
        lambda x: x.std("time", skipna=False),
        lambda x: x.sum(),
        lambda x: x.max("place", skipna=False),
        lambda x: x.median("time"),
        lambda x: x.isel(time=slice(1, 5), place=[0, 2]),
        lambda x: x.sel(place="b"),
        lambda x: x.where(x > 0.5, 0.0),
        lambda x: x.fillna(0.0).cumsum("time"),
        lambda x: x.transpose("place", "time"),
        lambda x: x.groupby(x.time % 2).mean(),
        lambda x: x.coarsen(time=2).mean(),
        lambda x: x.rolling(time=3).mean(),
        lambda x: x.shift(time=1),
        lambda x: x.quantile(0.5, "time"),
        lambda x: x.differentiate("time"),
        lambda x: x.fillna(0.0).dot(x.fillna(0.0), dim="time"),
        lambda x: xr.concat([x, x], "time"),
        lambda x: x.to_dataset().mean()["rain"],
    ],
)
def test_data_stays_ours(call: Callable[[Any], Any]) -> None:
    ours, theirs = call(labelled(fa.asarray(PLAIN))), call(labelled(PLAIN))
    assert type(ours.data) is fa.FPGAArray
    assert (ours.dims, ours.dtype) == (theirs.dims, theirs.dtype)
    np.testing.assert_allclose(ours.data, theirs.data, equal_nan=True)


def test_items_can_be_assigned() -> None:
    x = labelled(fa.asarray(PLAIN))
    x[0, 0] = 9
    x.loc[{"place": "b"}] = 5
    assert type(x.data) is fa.FPGAArray
    assert x.data[:2, :2].tolist() == [[9, 5], [PLAIN[1, 0], 5]]


def test_it_prints_compares_and_pickles() -> None:
    x = labelled(fa.asarray(PLAIN))
    assert fa.devices()[0].name in repr(x)
    assert x.identical(labelled(fa.asarray(PLAIN)))
    assert x.identical(pickle.loads(pickle.dumps(x)))
    assert type(x.values) is np.ndarray
