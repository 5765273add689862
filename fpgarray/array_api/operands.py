"""What every function of the namespace does with its arguments and its result.

The work itself is NumPy's: called with our arrays it arrives at the NumPy protocols, which record
it or run it in NumPy with a reason. Nothing here computes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np

from fpgarray import base, frames
from fpgarray.array import FPGAArray
from fpgarray.device import Device
from fpgarray.fallback import fallback


def own(name: str, *arguments: Any) -> FPGAArray:
    """The first FPGAArray among `arguments` (sequences are looked into). TypeError: none is."""
    for each in arguments:
        if type(each) is FPGAArray:
            return each
        if type(each) in (tuple, list):
            for inner in each:
                if type(inner) is FPGAArray:
                    return inner
    kinds = ", ".join(type(each).__name__ for each in arguments) or "nothing"
    raise TypeError(
        f"fpgarray.array_api.{name} takes FPGAArrays, got {kinds}; "
        "make one with fpgarray.array_api.asarray"
    )


def arrays(result: Any, device: Device) -> Any:
    """`result` with an array wherever NumPy gives a scalar: the standard knows no scalars.

    The arrays must be fresh. Tuples stay named if they are; lists become tuples.
    """
    if type(result) is FPGAArray:
        if not result._fixed:
            return result
        return base.make(result._storage, result._handle, result._layout)
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*(arrays(each, device) for each in result))
    if isinstance(result, (tuple, list)):
        return tuple(arrays(each, device) for each in result)
    return base.adopt(np.asarray(result), device)


def named(function: Callable[..., Any], name: str, text: str) -> Callable[..., Any]:
    """`function`, with the name and the docstring of its row in a table of functions."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = text
    return function


@cache
def compat() -> ModuleType:
    """`array_api_compat.numpy`, imported at first use: it makes a copy of all of NumPy's names."""
    from array_api_compat import numpy

    return numpy


def beyond(module: ModuleType) -> Callable[[str], Any]:
    """A `__getattr__` for names that the standard lacks and NumPy's `module` has.

    Only functions that arrive at the NumPy protocols: given FPGAArrays they give FPGAArrays back.
    """

    def find(name: str) -> Any:
        found = getattr(module, name, None) if not name.startswith("_") else None
        if isinstance(found, (np.ufunc, _Dispatching)):
            return found
        raise AttributeError(
            f"fpgarray.array_api has no {name!r}: it is not in the array API standard, nor is it a "
            f"function of {module.__name__} that would take FPGAArrays"
        )

    return find


_Dispatching: type = type(np.sum)
"""The class of NumPy's functions that `__array_function__` is asked about."""

frames.count_as_inner(find_spec("array_api_compat"))


def taken_over(function: Callable[..., Any], *operands: Any) -> Any:
    """The answer of an `array_api_compat.numpy` function that goes below NumPy's protocols."""
    name = function.__name__
    device = own(name, *operands).device
    return arrays(fallback(name, f"no kernel for {name}", function, operands, {}), device)
