"""Which arguments a NumPy function writes into: outputs, and what a mutating function changes.

Pure: knows NumPy's signatures, nothing of our arrays.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib import recfunctions

Place = int | str
"""Where an argument stands in a call: its position or its keyword."""


@dataclass(frozen=True)
class Change:
    """A function changes the argument `name`, at `position`.

    With a `flag` only if that parameter (at `flag_position`) is given and its truth is `when`.
    """

    position: int
    name: str
    flag: str = ""
    flag_position: int = -1
    when: bool = True


_OVERWRITES = "overwrite_input"
_CHANGES: dict[Callable[..., Any], Change] = {
    np.copyto: Change(0, "dst"),
    np.put: Change(0, "a"),
    np.place: Change(0, "arr"),
    np.putmask: Change(0, "a"),
    np.fill_diagonal: Change(0, "a"),
    np.put_along_axis: Change(0, "arr"),
    np.nan_to_num: Change(0, "x", "copy", 1, when=False),
    np.median: Change(0, "a", _OVERWRITES, 3),
    np.nanmedian: Change(0, "a", _OVERWRITES, 3),
    np.percentile: Change(0, "a", _OVERWRITES, 4),
    np.nanpercentile: Change(0, "a", _OVERWRITES, 4),
    np.quantile: Change(0, "a", _OVERWRITES, 4),
    np.nanquantile: Change(0, "a", _OVERWRITES, 4),
    recfunctions.assign_fields_by_name: Change(0, "dst"),
    recfunctions.recursive_fill_fields: Change(1, "output"),
    np.ndarray.byteswap: Change(0, "self", "inplace", 1),
    np.ndarray.fill: Change(0, "self"),
    np.ndarray.partition: Change(0, "self"),
    np.ndarray.put: Change(0, "self"),
    np.ndarray.sort: Change(0, "self"),
    operator.setitem: Change(0, "a"),
}
"""Functions that change an argument which is not called `out`."""

_OUT_POSITIONS = {
    "busday_count": 6, "busday_offset": 6, "choose": 2, "compress": 3, "cumprod": 3, "cumsum": 3,
    "dot": 2, "is_busday": 4, "argmax": 2, "argmin": 2, "all": 2, "any": 2, "clip": 3, "max": 2,
    "mean": 3, "min": 2, "prod": 3, "round": 2, "std": 3, "sum": 3, "take": 3, "trace": 5, "var": 3,
}  # fmt: skip
"""Position of `out` where NumPy (before 2.4) gives no signature to read it from."""


def changes_first(call: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: `call` changes its first argument."""
    _CHANGES[call] = Change(0, "")
    return call


def written(call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> set[Place]:
    """Positions and keywords of the arguments that `call` writes into, if they are arrays."""
    return set(_written(call, args, kwargs))


def _written(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[Place]:
    if "out" in kwargs:
        yield "out"
    elif _out_position(call) < len(args):
        yield _out_position(call)
    change = _CHANGES.get(call)
    if change is not None and (not change.flag or _flag(change, args, kwargs)):
        yield change.name if change.name in kwargs else change.position
    if _is_at(call):
        yield 0


def _flag(change: Change, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the parameter that decides is given and says so."""
    if change.flag in kwargs:
        return bool(kwargs[change.flag]) is change.when
    given = len(args) > change.flag_position
    return given and bool(args[change.flag_position]) is change.when


def _is_at(call: Callable[..., Any]) -> bool:
    """Whether it is `ufunc.at`, which changes its first argument."""
    return isinstance(getattr(call, "__self__", None), np.ufunc) and call.__name__ == "at"


@lru_cache(maxsize=1024)
def _out_position(call: Callable[..., Any]) -> int:
    """Position of the parameter `out`; beyond every call if it has none, or by keyword only."""
    try:
        parameters = inspect.signature(call).parameters
    except (TypeError, ValueError):
        return _OUT_POSITIONS.get(getattr(call, "__name__", ""), 1 << 30)
    for position, (name, parameter) in enumerate(parameters.items()):
        if name == "out" and parameter.kind is not parameter.KEYWORD_ONLY:
            return position
        if parameter.kind is parameter.VAR_POSITIONAL:
            break
    return 1 << 30
