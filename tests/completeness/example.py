"""Example calls: one call with NumPy's arrays and with ours, and what counts as the same answer.

An example is a function of (what is called, `make`): `make` turns an ndarray into the array under
test, so one example runs twice. Knows nothing of which functions there are.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import fpgarray as fa

Make = Callable[[np.ndarray], Any]


@dataclass(frozen=True)
class Host:
    """An ndarray that stays one, beside ours."""

    array: np.ndarray


@dataclass(frozen=True)
class Example:
    """One call. `run(function, make)` makes its arrays by `make` and calls the function.

    `fresh`: values are undefined (as of `empty`): only dtype and shape count. `unseen`: NumPy does
    not ask the elements of a list whether they override this function, so it gives its own arrays.
    """

    run: Callable[[Any, Make], Any]
    text: str = ""
    fresh: bool = False
    unseen: bool = False


def call(*args: Any, **kwargs: Any) -> Example:
    """A call with these arguments; every ndarray in them, nested ones too, is under test."""

    def run(function: Any, make: Make) -> Any:
        return function(*convert(args, make), **convert(kwargs, make))

    parts = [_brief(each) for each in args] + [f"{k}={_brief(v)}" for k, v in kwargs.items()]
    return Example(run, ", ".join(parts))


def fresh(*args: Any, **kwargs: Any) -> Example:
    """A call whose result has undefined values."""
    given = call(*args, **kwargs)
    return Example(given.run, given.text, fresh=True)


def unseen(*args: Any, **kwargs: Any) -> Example:
    """A call that NumPy does not offer to arrays inside a list."""
    given = call(*args, **kwargs)
    return Example(given.run, given.text, unseen=True)


def story(run: Callable[[Any, Make], Any]) -> Example:
    """An example in full: a function of (what is called, make)."""
    return Example(run, "story")


def _brief(value: Any) -> str:
    return repr(value) if isinstance(value, (int, str, float, tuple)) else type(value).__name__


def convert(value: Any, make: Make) -> Any:
    """`value` with `make(copy)` in place of every ndarray, and `make(value)` of every `Host`."""
    if type(value) is np.ndarray:
        return make(value.copy(order="K"))
    if isinstance(value, Host):
        return make(value)
    if type(value) in (list, tuple):
        return type(value)(convert(each, make) for each in value)
    if type(value) is dict:
        return {key: convert(each, make) for key, each in value.items()}
    return value


@dataclass
class Outcome:
    """What one side did: a result or an exception, and the arrays it was given, afterwards."""

    result: Any = None
    error: BaseException | None = None
    given: list[Any] = field(default_factory=list)
    originals: list[np.ndarray] = field(default_factory=list)
    hosts: list[np.ndarray] = field(default_factory=list)


def attempt(example: Example, function: Any, make: Make) -> Outcome:
    """Run one side."""
    outcome = Outcome()

    def remember(array: np.ndarray | Host) -> Any:
        if isinstance(array, Host):
            outcome.hosts.append(array.array.copy(order="K"))
            return outcome.hosts[-1]
        outcome.given.append(make(array))
        outcome.originals.append(np.array(outcome.given[-1]))
        return outcome.given[-1]

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            outcome.result = example.run(function, remember)
        except Exception as error:
            outcome.error = error
    return outcome


def check(example: Example, function: Any, cast: np.dtype | None = None) -> None:
    """Both sides give the same answer and leave their arguments in the same state.

    Wherever our side computes; arrays that are `cast` to another dtype on the device, if it can.
    """
    for dispatch in ("host", "device") if cast is None else ("device",):
        with fa.policy(dispatch=dispatch), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some come when values are read
            theirs = attempt(example, function, lambda a: _cast(a, cast))
            ours = attempt(example, function, lambda a: fa.asarray(_cast(a, cast)))
            _compare(example, theirs, ours, exact=dispatch == "host")


def _cast(array: np.ndarray, dtype: np.dtype | None) -> np.ndarray:
    if dtype is None:
        return array.copy(order="K")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return array.astype(dtype)


def _compare(example: Example, theirs: Outcome, ours: Outcome, exact: bool) -> None:
    if theirs.error is not None or ours.error is not None:
        if type(theirs.error) is not type(ours.error):
            raise AssertionError(f"NumPy: {_told(theirs)}\nours:  {_told(ours)}") from ours.error
        for original, after in zip(ours.originals, ours.given, strict=True):
            same(original, after)  # nothing half changed
        return
    for theirs_after, ours_after in zip(theirs.hosts, ours.hosts, strict=True):
        _same_plain(theirs_after, ours_after, exact, example.fresh)
    if any(theirs.result is each for each in theirs.hosts):
        assert any(ours.result is each for each in ours.hosts)
        return
    if example.unseen or not ours.given:
        assert type(ours.result) is type(theirs.result)
        if isinstance(theirs.result, tuple):
            return
        _same_plain(np.asarray(theirs.result), np.asarray(ours.result), exact, example.fresh)
        return
    same(theirs.result, ours.result, exact, example.fresh)
    _same_memory(theirs, ours)
    if not example.fresh:
        for theirs_after, ours_after in zip(theirs.given, ours.given, strict=True):
            same(theirs_after, ours_after, exact)


def _same_memory(theirs: Outcome, ours: Outcome) -> None:
    """What is a view of an argument is so on both sides, and lies in memory in the same order."""
    pairs = zip(_arrays(theirs.result), _arrays(ours.result), strict=True)
    for result, our_result in pairs:
        if not result.size:
            continue
        assert _order(our_result) == _order(result), (
            f"strides {result.strides} of {result.shape} became {our_result.strides}"
        )
        for given, our_given in zip(theirs.given, ours.given, strict=True):
            shared = np.may_share_memory(result, given)
            assert np.may_share_memory(our_result, our_given) == shared, (
                f"a view became a copy: {shared}" if shared else "a copy became a view"
            )


def _order(array: Any) -> list[int]:
    """The axes, outermost in memory first. (NumPy's may be a part of a larger buffer.)"""
    axes = [axis for axis, extent in enumerate(array.shape) if extent > 1]
    return sorted(axes, key=lambda axis: -abs(array.strides[axis]))


def _arrays(value: Any) -> list[Any]:
    """The arrays in a result."""
    if type(value) in (np.ndarray, fa.FPGAArray):
        return [value] if value.ndim else []
    if isinstance(value, (tuple, list)):
        return [array for each in value for array in _arrays(each)]
    return []


def _told(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{type(outcome.error).__name__}: {outcome.error}"
    return f"{type(outcome.result).__name__} {outcome.result!r}"[:300]


def is_scalar(array: fa.FPGAArray) -> bool:
    """Whether it stands for a NumPy scalar: then it can be hashed."""
    return type(array).__hash__ is not None and array._fixed


def same(theirs: Any, ours: Any, exact: bool = True, fresh: bool = False) -> None:
    """NumPy's answer and ours agree: class, dtype, shape, values, recursively."""
    if type(theirs) is np.ndarray:
        assert type(ours) is fa.FPGAArray, f"an ndarray became {type(ours).__name__} {ours!r}"
        assert not is_scalar(ours), f"an array became a scalar: {ours!r}"
        _same_values(theirs, ours, exact, fresh)
    elif isinstance(theirs, np.character):  # text is NumPy's own on both sides
        assert type(ours) is type(theirs), f"{theirs!r} became {type(ours).__name__} {ours!r}"
        assert ours == theirs
    elif isinstance(theirs, np.generic):
        assert type(ours) is fa.FPGAArray, f"{theirs!r} became {type(ours).__name__} {ours!r}"
        assert is_scalar(ours), f"the scalar {theirs!r} became an array"
        _same_values(np.asarray(theirs), ours, exact, fresh)
    elif isinstance(theirs, np.ndarray):
        assert type(ours) is type(theirs), f"{type(theirs)} became {type(ours)}"
        _same_plain(np.asarray(theirs), np.asarray(ours), exact, fresh)
    elif isinstance(theirs, (tuple, list)):
        assert type(ours) is type(theirs), f"{type(theirs)} became {type(ours)}"
        assert len(ours) == len(theirs)
        for each, other in zip(theirs, ours, strict=True):
            same(each, other, exact, fresh)
    elif isinstance(theirs, dict):
        assert type(ours) is dict
        assert theirs.keys() == ours.keys()
        for key in theirs:
            same(theirs[key], ours[key], exact, fresh)
    elif isinstance(theirs, (np.poly1d, np.broadcast, np.flatiter)):
        assert type(ours) is type(theirs)
    else:
        assert type(ours) is type(theirs), f"{type(theirs)} became {type(ours)}: {ours!r}"
        if exact or not isinstance(theirs, float):
            assert ours == theirs or (ours != ours and theirs != theirs), f"{theirs!r}: {ours!r}"


def _same_values(theirs: np.ndarray, ours: fa.FPGAArray, exact: bool, fresh: bool) -> None:
    assert ours.dtype == theirs.dtype, f"{theirs.dtype} became {ours.dtype}"
    assert ours.shape == theirs.shape, f"{theirs.shape} became {ours.shape}"
    _same_plain(theirs, np.asarray(ours), exact, fresh)


def _same_plain(theirs: np.ndarray, ours: np.ndarray, exact: bool, fresh: bool) -> None:
    if theirs.dtype.kind not in "VO":
        assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    if fresh:
        return
    if exact or theirs.dtype.kind not in "fc":
        equal = _equal(theirs, ours)
    else:
        with np.errstate(all="ignore"):
            finite = np.abs(theirs[np.isfinite(theirs)]).astype("f8")
        limit = np.finfo(theirs.dtype).eps * 8 * max(theirs.size, 1)
        scale = float(finite.max()) if finite.size else 1.0
        with np.errstate(all="ignore"):
            equal = np.allclose(
                theirs, ours, rtol=float(limit), atol=float(limit) * scale, equal_nan=True
            )
    assert equal, f"values differ: {theirs!r} became {ours!r}"


def _equal(theirs: np.ndarray, ours: np.ndarray) -> bool:
    if theirs.dtype.kind in "fcmM":
        return np.array_equal(theirs, ours, equal_nan=True)
    if theirs.dtype.names:
        return theirs.tolist() == ours.tolist() or str(theirs) == str(ours)
    if theirs.dtype.kind == "O":
        return all(
            type(a) is type(b) and (repr(a) == repr(b) or bool(np.all(a == b)))
            for a, b in zip(theirs.ravel().tolist(), ours.ravel().tolist(), strict=True)
        )
    return np.array_equal(theirs, ours)
