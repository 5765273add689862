"""Every public name of NumPy is there, by kind; signatures and pickling are as NumPy's.

NumPy's namespace is enumerated at run time, so that a name of a new NumPy cannot be missed.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import types
from typing import Any

import numpy as np
import pytest

import fpgarray as fa
from fpgarray.namespace import facade, kinds
from fpgarray.namespace.wrapping import Ufunc

SKIPPED = {"core": "deprecated by NumPy: to enumerate it warns", "f2py": "a tool, not a namespace"}
MODULES = ["", *(each for each in kinds.SUBMODULES if each not in SKIPPED)]


def theirs_of(module: str) -> types.ModuleType:
    module = {"emath": "lib.scimath"}.get(module, module)
    return importlib.import_module(f"numpy.{module}" if module else "numpy")


def ours_of(module: str) -> types.ModuleType:
    return importlib.import_module(f"fpgarray.{module}" if module else "fpgarray")


NAMES = [
    (module, name) for module in MODULES for name in sorted(facade.public_names(theirs_of(module)))
]
"""Module and name of everything NumPy publishes."""

dispatching = type(np.sum)


def test_the_enumeration_sees_all_of_numpy() -> None:
    found = {name for module, name in NAMES if not module}
    assert {each for each in np.__all__ if not each.startswith("_")} <= found
    public = {each for each in dir(np) if not each.startswith("_")}
    assert public <= found | set(dir(fa))
    submodules = {each for each in public if isinstance(getattr(np, each), types.ModuleType)}
    assert submodules <= kinds.SUBMODULES.keys() | kinds.OWN_MODULES
    assert len(NAMES) > 1000


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda each: each or "numpy")
def test_a_name_is_wrapped_or_numpys_own_with_a_reason(module: str, name: str) -> None:
    theirs = getattr(theirs_of(module), name)
    ours = getattr(ours_of(module), name)
    assert name in dir(ours_of(module))
    key = theirs_of(module).__name__
    if ours is theirs:
        assert reason_for(key, name, theirs), f"{key}.{name} is NumPy's own: why?"
        return
    if isinstance(theirs, types.ModuleType):
        assert isinstance(ours, types.ModuleType)
        return
    assert name not in kinds.REEXPORTED.get(key, ())
    if isinstance(theirs, np.ufunc):
        assert isinstance(ours, Ufunc)
    elif callable(theirs) and not isinstance(theirs, (type, dispatching)):
        assert is_listed(key, name), f"{key}.{name}: creating, hosted, ours or re-exported?"
    assert ours.__doc__


def reason_for(key: str, name: str, theirs: Any) -> str:
    """Why NumPy's own object is right."""
    if isinstance(theirs, type) and issubclass(theirs, (np.generic, np.dtype, BaseException)):
        return "a dtype or an exception"
    if isinstance(theirs, (bool, int, float, str, type(None), np.generic)):
        return "a constant"
    if key == "numpy.random" and isinstance(theirs, type):
        return "a bit generator"
    if key in kinds.SERIES or key == "numpy.polynomial":
        own = isinstance(theirs, np.ndarray) or name in ("ABCPolyBase",)
        table = kinds.REEXPORTED.get(key, {})
        return "a constant, as the coefficients of a series are" if own else table.get(name, "")
    return kinds.PASSED_THROUGH.get(key, "") or kinds.REEXPORTED.get(key, {}).get(name, "")


def is_listed(key: str, name: str) -> bool:
    return (
        key in kinds.SERIES | kinds.WHOLLY_HOSTED
        or name in facade.ours_of(key)
        or any(name in table.get(key, ()) for table in (kinds.CREATING, kinds.HOSTED))
        or (key == "numpy" and name in fa.functions.creation.__dict__)
    )


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (key, name)
        for table in (kinds.CREATING, kinds.HOSTED, kinds.REEXPORTED)
        for key, names in table.items()
        for name in names
    ],
)
def test_the_tables_name_nothing_that_is_not_there(key: str, name: str) -> None:
    assert hasattr(importlib.import_module(key), name)


def signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (ValueError, TypeError):
        return None


OWN_PARAMETERS = {"resize": {"method"}}
"""What functions of ours take beside NumPy's parameters and `device=`."""

CALLABLES = [
    (module, name)
    for module, name in NAMES
    if callable(getattr(theirs_of(module), name))
    and not inspect.isclass(getattr(theirs_of(module), name))
]


@pytest.mark.parametrize(("module", "name"), CALLABLES, ids=lambda each: each or "numpy")
def test_the_signature_is_numpys(module: str, name: str) -> None:
    theirs = signature(getattr(theirs_of(module), name))
    if theirs is None:
        return
    ours = signature(getattr(ours_of(module), name))
    assert ours is not None
    added = [each for each in ours.parameters if each not in theirs.parameters]
    assert set(added) <= {"device", *OWN_PARAMETERS.get(name, ())}
    assert all(ours.parameters[each].default is not inspect.Parameter.empty for each in added)
    same = [
        each.replace(annotation=each.empty)
        for key, each in ours.parameters.items()
        if key not in added
    ]
    assert same == [each.replace(annotation=each.empty) for each in theirs.parameters.values()]


@pytest.mark.parametrize(
    "function",
    [fa.add, fa.sum, fa.hanning, fa.linalg.norm, fa.random.normal, fa.fft.fft, fa.load, fa.r_],
)
def test_functions_pickle_by_name(function: Any) -> None:
    assert pickle.loads(pickle.dumps(function)) is function


def test_what_numpy_has_expired_says_so_as_numpy_does() -> None:
    with pytest.raises(AttributeError, match="float_"):
        _ = fa.float_
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = fa.no_such_name
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = fa.linalg.no_such_name


def test_a_star_import_gives_numpys_names_and_ours() -> None:
    names: dict[str, Any] = {}
    exec("from fpgarray import *", names)
    assert names["linspace"] is fa.linspace
    assert names["policy"] is fa.policy
    assert names["sum"] is fa.sum
    assert names["linalg"] is fa.linalg


def test_submodules_import_in_every_way() -> None:
    names: dict[str, Any] = {}
    exec(
        "import fpgarray.linalg as la\n"
        "from fpgarray import fft\n"
        "from fpgarray.random import default_rng\n"
        "from fpgarray.polynomial import Polynomial\n"
        "from fpgarray.lib.stride_tricks import sliding_window_view\n"
        "import fpgarray.polynomial.polynomial as P\n",
        names,
    )
    assert names["la"] is fa.linalg
    assert names["fft"] is fa.fft
    assert names["default_rng"] is fa.random.default_rng
    assert names["Polynomial"] is fa.polynomial.Polynomial
    assert names["P"] is fa.polynomial.polynomial
    assert fa.polynomial.polynomial.Polynomial is fa.polynomial.Polynomial
