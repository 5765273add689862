"""Our stand-ins for classes and objects of NumPy that make arrays otherwise than by being called.

Owns `ndarray`, `ufunc`, `vectorize`, the index builders (`r_`, `mgrid`, …), and the few functions
whose meaning an FPGAArray changes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import GenericAlias
from typing import Any

import numpy as np

from fpgarray import base
from fpgarray.array import FPGAArray
from fpgarray.fallback import fallback
from fpgarray.functions.creation import foreign, home_of
from fpgarray.namespace.wrapping import (
    Accepting,
    Ufunc,
    adopted,
    creating,
    finished,
    mentions,
    plain,
)


class _ArrayType(Accepting):
    """`isinstance` against `ndarray`: FPGAArrays and NumPy's arrays, but no scalars."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if isinstance(instance, FPGAArray):
            return not instance._fixed  # NumPy's scalars are no ndarrays either
        return isinstance(instance, np.ndarray)

    def __getattr__(cls, name: str) -> Any:
        return getattr(FPGAArray, name)


class ndarray(metaclass=_ArrayType):
    """What `numpy.ndarray` is to a script: an array's type for `isinstance`, and a constructor.

    FPGAArrays and NumPy's own arrays are instances, the 0-d FPGAArrays that stand for NumPy scalars
    are not. `ndarray(shape, dtype)` makes an FPGAArray of undefined contents; of `buffer=` it takes
    a copy. `ndarray.sum(x)` and so on are FPGAArray's methods. It cannot be subclassed: an
    FPGAArray's memory is not one block that a subclass could reinterpret.
    """

    _accepted = (FPGAArray, np.ndarray)

    def __new__(
        cls,
        shape: Any,
        dtype: Any = float,
        buffer: Any = None,
        offset: Any = 0,
        strides: Any = None,
        order: str | None = None,
    ) -> Any:
        """An FPGAArray of that geometry."""
        made = np.ndarray(shape, dtype, plain(buffer), offset, strides, order)
        return base.adopt(made, home_of(None))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        raise TypeError(
            f"class {cls.__name__}: fpgarray.ndarray cannot be subclassed; hold an FPGAArray in an "
            "attribute, or derive from numpy.ndarray for an array on the host"
        )

    def __class_getitem__(cls, parameters: Any) -> GenericAlias:
        return GenericAlias(cls, parameters)


class vectorize(np.vectorize):
    """`numpy.vectorize`, giving FPGAArrays: the function is called per element, on the host."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.vectorize.__call__`; also what makes `@vectorize(…)` a decorator."""
        theirs = super().__call__
        if mentions(args) or mentions(kwargs):
            return fallback("vectorize", "no kernel for a Python function", theirs, args, kwargs)
        return adopted(theirs(*args, **kwargs))


class Builder:
    """An object that is indexed to make arrays: `r_`, `c_`, `mgrid`, `ogrid`."""

    def __init__(self, inner: Any, name: str) -> None:
        self._inner, self._name = inner, name
        self.__doc__ = f"`numpy.{name}`, giving FPGAArrays.\n\n{inner.__doc__ or ''}"

    def __getitem__(self, key: Any) -> Any:
        return adopted(self._inner[_plain_key(key)])

    def __len__(self) -> int:
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_inner"), name)

    def __reduce__(self) -> Any:
        return _builder, (self._name,)


def _plain_key(key: Any) -> Any:
    """An index with NumPy's values in place of ours, in the bounds of slices too."""
    if isinstance(key, slice):
        return slice(plain(key.start), plain(key.stop), plain(key.step))
    return tuple(_plain_key(each) for each in key) if type(key) is tuple else plain(key)


def isscalar(element: Any) -> bool:
    """As `numpy.isscalar`: an FPGAArray that stands for a NumPy scalar is one."""
    return element._fixed if isinstance(element, FPGAArray) else np.isscalar(element)


def fromfunction(
    function: Callable[..., Any],
    shape: Any,
    *,
    dtype: Any = float,
    like: Any = None,
    device: Any = None,
    **kwargs: Any,
) -> Any:
    """`function` of the coordinates, which are FPGAArrays: one call, as `numpy.fromfunction`."""
    if foreign(like):
        return np.fromfunction(function, shape, dtype=dtype, like=like, **kwargs)
    return function(*_indices(shape, dtype=dtype, device=home_of(device, like)), **kwargs)


_indices = creating(np.indices)


def frompyfunc(func: Callable[..., Any], /, nin: int, nout: int, **kwargs: Any) -> Any:
    """A ufunc of a Python function, called per element on the host, as `numpy.frompyfunc`."""
    made = np.frompyfunc(func, nin, nout, **kwargs)
    return finished(Ufunc(made), made, "fpgarray", made.__name__, "A Python function as a ufunc.")


_BUILDERS = {
    "c_": Builder(np.c_, "c_"),
    "mgrid": Builder(np.mgrid, "mgrid"),
    "ogrid": Builder(np.ogrid, "ogrid"),
    "r_": Builder(np.r_, "r_"),
}


def _builder(name: str) -> Builder:
    return _BUILDERS[name]


OURS: dict[str, Any] = {
    "fromfunction": fromfunction,
    "frompyfunc": frompyfunc,
    "isscalar": isscalar,
    "ndarray": ndarray,
    "ufunc": Ufunc,
    "vectorize": vectorize,
    **_BUILDERS,
}
"""Name in numpy → ours."""
