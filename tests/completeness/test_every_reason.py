"""Whatever NumPy computes has a reason, and `policy(fallback=…)` decides whether it may."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import members
import numpy as np
import pytest
from example import Example, attempt
from test_every_function import EXAMPLES, NAMES
from test_every_member import MEMBERS, member
from test_every_ufunc import UFUNCS
from ufunc_examples import calls

import fpgarray as fa
from fpgarray.errors import FallbackWarning
from fpgarray.events import HostRun

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

Case = tuple[str, Callable[..., Any], list[Example]]


def _cases() -> Iterator[Case]:
    for name in NAMES:
        yield name, operator.attrgetter(name)(np), EXAMPLES[name]
    for name in MEMBERS:
        yield f"ndarray.{name}", member(name), members.EXAMPLES.get(name, [])
    for ufunc in UFUNCS:
        yield ufunc.__name__, ufunc, list(calls(ufunc))[:20]


CASES = list(_cases())


def _host_runs(profile: fa.Profile) -> list[HostRun]:
    return [each for each in profile.events if isinstance(each, HostRun) and not each.chosen]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_what_numpy_computes_has_a_reason(case: Case) -> None:
    _, function, examples = case
    for example in examples:
        with fa.policy(dispatch="device"), fa.profile() as profile:
            _finish(attempt(example, function, fa.asarray).result)
        assert all(len(each.reason) > 8 and each.operation for each in _host_runs(profile))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_nothing_falls_back_where_the_policy_forbids_it(case: Case) -> None:
    name, function, examples = case
    for example in examples:
        with fa.policy(dispatch="device", fallback="raise"), fa.profile() as profile:
            _finish(attempt(example, function, fa.asarray).result)
        assert not _host_runs(profile), f"{name}({example.text}) ran in NumPy"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_every_fallback_warns_where_the_policy_says_so(case: Case) -> None:
    name, function, examples = case
    for example in examples:
        with (
            fa.policy(dispatch="device", fallback="warn"),
            fa.profile() as profile,
            warnings.catch_warnings(record=True) as caught,
        ):
            _finish(_quietly(example, function))
        found = [each for each in caught if issubclass(each.category, FallbackWarning)]
        assert not _host_runs(profile) or found, f"{name}({example.text}) did not warn"


def _quietly(example: Example, function: Callable[..., Any]) -> Any:
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", FallbackWarning)
    try:
        return example.run(function, lambda given: fa.asarray(getattr(given, "array", given)))
    except Exception:
        return None  # what NumPy refuses is another test's business


def _finish(result: Any) -> None:
    """Run what the call recorded."""
    if isinstance(result, fa.FPGAArray):
        np.asarray(result)
