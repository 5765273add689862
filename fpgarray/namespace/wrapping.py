"""Wrappers around NumPy's functions: arrays come back as FPGAArrays, whatever went in.

Owns the three kinds of wrapper and `Ufunc`. One rule for all: an operation with an FPGAArray among
its operands takes the way it always takes (the NumPy protocols); without one it is NumPy's, done
at the call where its operands are, and the arrays that come back are put on the device. A *scalar*
that NumPy computes from host values stays the NumPy scalar: it is in no memory of ours, scripts use
it as a Python number (it is one), and to wrap each would cost more than what computes it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import base, dispatch, events, host_access, ops
from fpgarray.array import FPGAArray
from fpgarray.array.operators import QUICK
from fpgarray.base import ArrayBase
from fpgarray.device import Device
from fpgarray.fallback import fallback
from fpgarray.frames import at_caller, caller_location
from fpgarray.functions.creation import foreign, home_of

Function = Callable[..., Any]

# Values on their way


def adopted(value: Any, device: Device | None = None) -> Any:
    """FPGAArrays in place of the ndarrays of a result; other values, subclasses too, unchanged."""
    kind = type(value)
    if kind is np.ndarray:
        home = device or host_access.default_device()
        return _adopted_view(value, home) if 0 in value.strides else base.adopt(value, home)
    if isinstance(value, (list, tuple)):
        parts = [adopted(each, device) for each in value]
        if any(new is not old for new, old in zip(parts, value, strict=True)):
            return kind(*parts) if hasattr(value, "_fields") else kind(parts)
    return value


def _adopted_view(value: np.ndarray, home: Device) -> ArrayBase:
    """What broadcasting repeats is not stored here either; read-only, as all views of that kind."""
    repeats = [
        stride == 0 and extent > 1
        for extent, stride in zip(value.shape, value.strides, strict=True)
    ]
    if not any(repeats):
        return base.adopt(value, home)
    once = value[tuple(slice(1) if each else slice(None) for each in repeats)]
    return np.broadcast_to(base.adopt(once, home), value.shape)  # type: ignore[call-overload]


def plain(value: Any) -> Any:
    """Snapshots (or NumPy scalars) in place of FPGAArrays, inside lists, tuples and dicts too."""
    if isinstance(value, ArrayBase):
        snapshot = host_access.snapshot(value._storage, value._layout)
        return snapshot[()] if value._fixed else snapshot
    if type(value) in (list, tuple):
        return type(value)(plain(each) for each in value)
    if type(value) is dict:
        return {key: plain(each) for key, each in value.items()}
    return value


def mentions(value: Any) -> bool:
    """Whether an FPGAArray is among the arguments."""
    if isinstance(value, ArrayBase):
        return True
    if type(value) in (list, tuple):
        return any(mentions(each) for each in value)
    return type(value) is dict and any(mentions(each) for each in value.values())


def _from_host(name: str, result: Any) -> Any:
    """What NumPy made of host values, adopted, and counted where arrays were made."""
    ours = adopted(result)
    if ours is not result and events.subscribers:
        reason = "no operand is an FPGAArray: computed where the operands are"
        events.publish(events.HostRun(name, reason, caller_location(), True))
    return ours


# The three kinds


def dispatching(function: Function) -> Function:
    """A function that NumPy dispatches to us when it is given an FPGAArray."""
    name = function.__name__
    position = _position_of_out(function)

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = at_caller(function, args, kwargs)
        if isinstance(result, ArrayBase):
            return result
        out = kwargs.get("out", args[position] if position < len(args) else None)
        return result if result is out and out is not None else _from_host(name, result)

    return wrapper


def hosted(function: Function) -> Function:
    """A function that NumPy does not dispatch: it gets snapshots, and its arrays are adopted."""
    name = function.__name__

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if mentions(args) or mentions(kwargs):
            return fallback(name, f"no kernel for {name}", function, args, kwargs)
        return _from_host(name, at_caller(function, args, kwargs))

    return wrapper


def creating(function: Function) -> Function:
    """A function that makes arrays of no others: takes `device=`, and `like=` as NumPy does."""

    def wrapper(*args: Any, device: Any = None, like: Any = None, **kwargs: Any) -> Any:
        if foreign(like):
            return function(*args, like=like, **kwargs)
        if device is None and like is None:
            like = next((each for each in args if isinstance(each, ArrayBase)), None)
        home = home_of(device, like)
        return adopted(at_caller(function, plain(args), plain(kwargs)), home)

    if not _has_parameter(function, "device"):
        wrapper.__signature__ = _with_device(function)  # type: ignore[attr-defined]
    return wrapper


def _parameters(function: Function) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(function).parameters)
    except ValueError:
        return {}  # some of NumPy's C functions have no signature


def _has_parameter(function: Function, name: str) -> bool:
    return name in _parameters(function)


def _position_of_out(function: Function) -> int:
    """Where `out` stands among the positional arguments; past all of them if nowhere."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [key for key, each in _parameters(function).items() if each.kind in kinds]
    return names.index("out") if "out" in names else 1_000


def _with_device(function: Function) -> inspect.Signature:
    """NumPy's signature and `device=None`."""
    device = inspect.Parameter("device", inspect.Parameter.KEYWORD_ONLY, default=None)
    try:
        signature = inspect.signature(function)
    except ValueError:
        several = inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)
        more = inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)
        return inspect.Signature([several, device, more])
    found = list(signature.parameters.values())
    at = len(found) - (bool(found) and found[-1].kind is inspect.Parameter.VAR_KEYWORD)
    return signature.replace(parameters=[*found[:at], device, *found[at:]])


def finished(wrapper: Any, function: Any, module: str, name: str, first_line: str) -> Any:
    """Give a wrapper its name, NumPy's signature, and its docstring: a line of ours, NumPy's."""
    wrapper.__name__, wrapper.__qualname__, wrapper.__module__ = name, name, module
    wrapper.__wrapped__ = function
    wrapper.__doc__ = f"{first_line}\n\n{function.__doc__ or ''}"
    return wrapper


def place_of(function: Function) -> str:
    """The half sentence a docstring says about where a function runs."""
    if function in ops.MAPS or function in dispatch.FUNCTIONS:
        return "by kernel (or as a view) where that is possible, else by NumPy with a reason"
    return "computed by NumPy"


# Ufuncs


class Accepting(type):
    """The type of our stand-ins for NumPy classes: instances of both sides are instances."""

    _accepted: tuple[type, ...] = ()

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls._accepted) or type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls._accepted) or type.__subclasscheck__(cls, subclass)


class Ufunc(metaclass=Accepting):
    """A universal function: `numpy.ufunc`'s attributes and methods, giving FPGAArrays."""

    _accepted = (np.ufunc,)
    __wrapped__: np.ufunc

    def __init__(self, function: np.ufunc) -> None:
        self.__wrapped__ = function
        self.nin, self.nout = function.nin, function.nout
        self._quick = QUICK.get(function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        quick = self._quick
        if quick is not None and not kwargs and len(args) == self.nin:
            result = quick(*args, depth=2) if type(args[0]) is FPGAArray else NotImplemented
            if result is not NotImplemented:
                return result
        return self._run(self.__wrapped__, self.__name__, self.nin, args, kwargs)

    def reduce(self, array: Any, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.reduce`."""
        return self._run(self.__wrapped__.reduce, "reduce", 3, (array, *args), kwargs)

    def accumulate(self, array: Any, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.accumulate`."""
        return self._run(self.__wrapped__.accumulate, "accumulate", 3, (array, *args), kwargs)

    def reduceat(self, array: Any, indices: Any, *args: Any, **kwargs: Any) -> Any:
        """As `numpy.ufunc.reduceat`."""
        return self._run(self.__wrapped__.reduceat, "reduceat", 4, (array, indices, *args), kwargs)

    def outer(self, A: Any, B: Any, /, **kwargs: Any) -> Any:
        """As `numpy.ufunc.outer`."""
        return self._run(self.__wrapped__.outer, "outer", 2, (A, B), kwargs)

    def at(self, a: Any, indices: Any, /, *b: Any) -> None:
        """As `numpy.ufunc.at`: unbuffered operation in place, on an FPGAArray or an ndarray."""
        self.__wrapped__.at(a, indices, *b)

    def _run(
        self, call: Function, name: str, out_at: int, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """`call` by NumPy's protocol. With an output given, what comes back is that output."""
        result = at_caller(call, args, kwargs)
        given = len(args) > out_at or kwargs.get("out") is not None
        return result if given or isinstance(result, ArrayBase) else _from_host(name, result)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "__wrapped__"), name)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *dir(self.__wrapped__)})

    def __repr__(self) -> str:
        return f"<ufunc {self.__name__!r}>"

    def __reduce__(self) -> str:
        return self.__name__  # its name in the module it says it is of


Ufunc.__name__ = Ufunc.__qualname__ = "ufunc"
