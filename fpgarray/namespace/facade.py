"""From a name to what stands for it: looks it up in NumPy, wraps it by its kind, keeps it.

Owns `Namespace`, the module class of fpgarray.linalg and its sisters, and their import.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np

from fpgarray.namespace import classes, files, kinds
from fpgarray.namespace.wrapping import (
    Ufunc,
    creating,
    dispatching,
    finished,
    hosted,
    place_of,
)

_Dispatching = type(np.sum)
"""The class of functions that NumPy dispatches by `__array_function__`."""

OURS: dict[str, Mapping[str, Any]] = {
    "numpy": {**classes.OURS, **files.OURS},
    "numpy.lib.npyio": {"NpzFile": files.Archive},
}
"""NumPy's module → names for which we have an object of our own."""

WHEN_USED: dict[str, str] = {
    "numpy.random": "fpgarray.namespace.randomness",
    "numpy.polynomial": "fpgarray.namespace.series",
    **dict.fromkeys(kinds.SERIES, "fpgarray.namespace.series"),
}
"""The same, in modules of ours that import a module NumPy itself imports only when it is used."""


def ours_of(key: str) -> Mapping[str, Any]:
    """Our objects for NumPy's module `key`."""
    if key in WHEN_USED:
        return importlib.import_module(WHEN_USED[key]).OURS
    return OURS.get(key, {})


def public_names(module: ModuleType) -> set[str]:
    """What NumPy publishes in a module."""
    listed = getattr(module, "__all__", None)
    names = set(dir(module) if listed is None else listed)
    return {each for each in names if not each.startswith("_")}


def resolve(inner: ModuleType, name: str, home: str) -> Any:
    """What `name` of NumPy's module `inner` is in our module `home`. AttributeError as NumPy's."""
    key = inner.__name__
    ours = ours_of(key)
    if name in ours:
        return ours[name]
    found = getattr(inner, name)
    if key in kinds.PASSED_THROUGH or name in kinds.REEXPORTED.get(key, ()):
        return found
    return wrapped(found, key, name, home)


def wrapped(found: Any, key: str, name: str, home: str) -> Any:
    """An object of NumPy's by its kind; types, constants and modules as they are.

    NumPy's aliases (`absolute`, `abs`) get one wrapper, so that they stay the same object.
    """
    if isinstance(found, (type, ModuleType)) or not callable(found):
        return found
    made = _made.get(found)
    return _made.setdefault(found, _wrap(found, key, name, home)) if made is None else made


_made: dict[Any, Any] = {}
"""NumPy's function → our wrapper."""


def _wrap(found: Any, key: str, name: str, home: str) -> Any:
    proper = getattr(found, "__name__", name)
    name = proper if getattr(sys.modules[key], proper, None) is found else name
    if isinstance(found, np.ufunc):
        return finished(Ufunc(found), found, home, name, _line(found, key, name))
    if name in kinds.CREATING.get(key, ()):
        line = f"`{key}.{name}`, giving an FPGAArray, on `device` (default: the first)."
        return finished(creating(found), found, home, name, line)
    if isinstance(found, _Dispatching):
        return finished(dispatching(found), found, home, name, _line(found, key, name))
    line = f"`{key}.{name}`, giving FPGAArrays: computed by NumPy."
    return finished(hosted(found), found, home, name, line)


def _line(found: Any, key: str, name: str) -> str:
    return f"`{key}.{name}`, giving FPGAArrays: {place_of(found)}."


class Namespace(ModuleType):
    """A module of fpgarray that stands for one of NumPy's, which it imports when first asked."""

    def __init__(self, name: str, inner: str, doc: str) -> None:
        super().__init__(name, f"{doc}: as `{inner}`, giving FPGAArrays.")
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__path__: list[str] = []
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        inner = importlib.import_module(self._inner)
        if name == "__all__":
            return sorted(public_names(inner))
        below = sys.modules.get(f"{self.__name__}.{name}")
        value = below if below is not None else resolve(inner, name, self.__name__)
        return self.__dict__.setdefault(name, value)  # one, whichever thread was first

    def __dir__(self) -> list[str]:
        inner = importlib.import_module(self._inner)
        return sorted(public_names(inner) | {"__all__", "__doc__", "__name__"})


def install(package: str) -> None:
    """Make `import PACKAGE.linalg` and its sisters work. Imports none of NumPy's."""
    for each, doc in kinds.SUBMODULES.items():
        name = f"{package}.{each}"
        inner = f"numpy.{'lib.scimath' if each == 'emath' else each}"
        sys.modules[name] = Namespace(name, inner, doc)


def attribute(package: str, name: str) -> Any:
    """A name of NumPy's in the package itself."""
    if name in kinds.OWN_MODULES:
        return importlib.import_module(f"{package}.{name}")
    below = sys.modules.get(f"{package}.{name}")
    if isinstance(below, Namespace):
        return below
    if name.startswith("_"):
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return resolve(np, name, package)


def beside(own: Iterable[str]) -> list[str]:
    """NumPy's public names that are not ours."""
    return sorted(public_names(np) - set(own))
