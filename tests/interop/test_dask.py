"""dask.array of FPGAArrays: blocks and results are FPGAArrays, as is the meta that tells so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

da = pytest.importorskip("dask.array", reason="pip install fpgarray[test]")

PLAIN = np.random.default_rng(0).random((8, 6))


@pytest.fixture
def d() -> Any:
    return da.from_array(fa.asarray(PLAIN), chunks=(4, 3), asarray=False)


def test_meta_and_blocks_are_ours(d) -> None:
    assert type(d._meta) is fa.FPGAArray
    assert type(d.blocks[1, 0].compute()) is fa.FPGAArray
    assert type(da.from_array(fa.asarray(PLAIN), chunks=4)._meta) is fa.FPGAArray


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
@pytest.mark.parametrize(
    "call",
    [
        lambda d, m: d * 2 + 1,
        lambda d, m: m.sqrt(d).sum(axis=1),
        lambda d, m: d.mean(axis=0),
        lambda d, m: d.std(),
        lambda d, m: d.max(axis=1),
        lambda d, m: d.T @ d,
        lambda d, m: d[1:5, ::2],
        lambda d, m: d[d > 0.5],
        lambda d, m: m.concatenate([d, d], axis=1),
        lambda d, m: m.where(d > 0.5, d, 0),
        lambda d, m: d.cumsum(axis=0),
        lambda d, m: d.argmax(axis=0),
        lambda d, m: m.pad(d, 1),
    ],
)
def test_answers_are_those_of_numpy(d, call: Callable[..., Any], scheduler: str) -> None:
    ours = call(d, da).compute(scheduler=scheduler)
    assert type(ours) is fa.FPGAArray
    np.testing.assert_allclose(ours, call(PLAIN, np))


def test_one_array_has_one_token() -> None:
    tokenize = pytest.importorskip("dask.base").tokenize
    x = fa.asarray(PLAIN)
    assert tokenize(x) == tokenize(x) == tokenize(fa.asarray(PLAIN))
    assert tokenize(x) != tokenize(x + 1)


def test_an_array_weighs_what_its_elements_do() -> None:
    sizeof = pytest.importorskip("dask.sizeof").sizeof
    assert PLAIN.nbytes < sizeof(fa.asarray(PLAIN)) < PLAIN.nbytes + 200


def test_ndarrays_become_ours_block_by_block() -> None:
    d = da.from_array(PLAIN, chunks=4).map_blocks(fa.asarray)
    total = (d * d).sum().compute()
    assert type(total) is fa.FPGAArray
    assert float(total) == pytest.approx((PLAIN**2).sum())
