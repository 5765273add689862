"""The words a lockstep program is written in, once for NumPy and once for fpgarray.

A program is Python text. Both sides run the same text; what differs is bound here: `array`,
`snapshot`, `host`, … Everything else in a program is plain `np`.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

import fpgarray as fa


def data(
    seed: int, shape: Any, dtype: str = "f4", flavour: str = "plain", order: str = "C"
) -> np.ndarray:
    """Random values. "special" mixes in zeros of both signs, infinities, NaN and huge values,
    "tiny" subnormal ones."""
    rng = np.random.default_rng(seed)
    if dtype == "?":
        return np.asarray(rng.random(shape) < 0.5, bool, order=order)
    if np.dtype(dtype).kind in "iumM":
        small, large = rng.integers(-12, 130, shape), rng.integers(-(1 << 62), 1 << 62, shape)
        ends = rng.choice([0, 1, 255, -(1 << 31), (1 << 31) - 1, -(1 << 63), (1 << 63) - 1], shape)
        wild = np.where(rng.random(shape) < 0.5, large, ends)
        values = np.where(rng.random(shape) < (0.4 if flavour == "special" else 0.0), wild, small)
        return np.asarray(values.astype(dtype), order=order)
    if np.dtype(dtype).kind == "c":
        parts = [data(seed + i, shape, "f8", flavour) for i in (0, 1)]
        return np.asarray(parts[0] + 1j * parts[1], dtype, order=order)
    coarse = rng.integers(-12, 13, shape) / 4
    values = np.where(rng.random(shape) < 0.4, coarse, rng.standard_normal(shape) * 3)
    extra = {
        "plain": [0.5],
        "special": [0.0, -0.0, np.inf, -np.inf, np.nan, 3e38, -1e-30],
        "tiny": [1e-40, -1e-44, 1e-310, 1e-38],
    }[flavour]
    values = np.where(rng.random(shape) < 0.25, rng.choice(extra, shape), values)
    return np.asarray(values, dtype, order=order)


@contextmanager
def _lend(array: np.ndarray) -> Iterator[np.ndarray]:
    """What `x.host()` means: a copy that is written back, so that late writes reach nothing."""
    if not isinstance(array, np.ndarray):
        raise TypeError("a NumPy scalar has no writable memory")
    lent = np.array(array, order="K")
    yield lent
    array[...] = lent


@contextmanager
def _watched() -> Iterator[set[str]]:
    """The warnings of floating-point errors given inside, as a set that is filled at the end."""
    told: set[str] = set()
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        yield told
    told.update(f"{each.category.__name__}: {each.message}" for each in caught)


def numpy_side() -> dict[str, Any]:
    """The namespace in which a program runs on NumPy alone."""
    return {
        "np": np,
        "copy": copy,
        "pickle": pickle,
        "xp": np,
        "data": data,
        "array": lambda value, device=None: np.array(value),
        "last": None,
        "snapshot": np.array,
        "host": _lend,
        "watched": _watched,
        "dispatch": lambda where: nullcontext(),
        "push": lambda array: None,
        "pull": lambda array: None,
        "synchronize": lambda: None,
        "read": np.array,
    }


def fpgarray_side() -> dict[str, Any]:
    """The namespace in which the same program runs on FPGAArrays."""
    return {
        "np": np,
        "copy": copy,
        "pickle": pickle,
        "xp": fa,
        "data": data,
        "array": lambda value, device=None: fa.asarray(value, device=device),
        "last": len(fa.devices()) - 1,
        "snapshot": np.asarray,
        "host": lambda array: array.host(),
        "watched": _watched,
        "dispatch": lambda where: fa.policy(dispatch=where),
        "push": lambda array: array.sync_to_device(),
        "pull": lambda array: array.sync_from_device(),
        "synchronize": fa.synchronize,
        "read": np.asarray,
    }
