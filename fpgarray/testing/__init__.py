"""Conformance suites, test kernels and assertion helpers (the suites need pytest).

`numpy.testing`'s names are here too, so that `np.testing.assert_allclose` of a script that says
`import fpgarray as np` works: NumPy's functions, given snapshots in place of FPGAArrays.
"""

from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from numpy import testing as _theirs

from fpgarray.frames import at_caller
from fpgarray.namespace.wrapping import plain

__all__ = list(_theirs.__all__)


def _given_snapshots(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numpy.testing that compares what FPGAArrays hold."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return at_caller(function, plain(args), plain(kwargs))

    wrapper.__module__ = __name__
    return wrapper


def __getattr__(name: str) -> Any:
    found = getattr(_theirs, name)
    value = _given_snapshots(found) if isinstance(found, FunctionType) else found
    return globals().setdefault(name, value)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_theirs)})
