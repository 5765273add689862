"""Running in NumPy what no kernel takes: snapshots in, our arrays out, with a reason.

Outputs, and what a mutating function writes, are computed aside and written afterwards, so a call
that raises changes nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import events, executor, host_access
from fpgarray.base import ArrayBase, adopt
from fpgarray.config import Policy, current_policy
from fpgarray.device import Device
from fpgarray.errors import FallbackWarning
from fpgarray.frames import at_caller, caller_location, depth

_MUTATES: dict[Callable[..., Any], tuple[int, str]] = {
    np.copyto: (0, "dst"),
    np.put: (0, "a"),
    np.place: (0, "arr"),
    np.putmask: (0, "a"),
    np.fill_diagonal: (0, "a"),
    np.put_along_axis: (0, "arr"),
}
"""Array functions that write into an argument: its position and name."""


def obey(policy: Policy, name: str, reason: str) -> None:
    if policy.fallback == "raise":
        executor.raise_fallback(name, reason)
    warnings.warn(f"{name} ran in NumPy: {reason}", FallbackWarning, stacklevel=depth())


def fallback(
    name: str,
    reason: str,
    call: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    home: Device | None = None,
) -> Any:
    """Run `call` in NumPy on snapshots; ndarray and scalar results come back as our arrays.

    They live where the first array among the arguments does; on `home` if there is none.

    Outputs (out=, or what a mutating function writes) are computed aside and then written, so a
    call that raises changes nothing.
    """
    policy = current_policy()
    if policy.fallback != "allow":
        obey(policy, name, reason)
    conversion = _Conversion(home)
    outputs = kwargs.get("out")
    new_args = [conversion.inputs(each) for each in args]
    new_kwargs = {k: conversion.inputs(v) for k, v in kwargs.items() if k != "out"}
    if outputs is not None:
        new_kwargs["out"] = conversion.outputs(outputs)
    position, parameter = _MUTATES.get(call, (len(args), ""))
    if position < len(args):
        new_args[position] = conversion.outputs(args[position])
    elif parameter in kwargs:
        new_kwargs[parameter] = conversion.outputs(kwargs[parameter])
    result = at_caller(call, new_args, new_kwargs)
    if events.subscribers:
        events.publish(events.HostRun(name, reason, caller_location(), False))
    conversion.write_back()
    return conversion.results(result)


class _Conversion:
    """Arguments on their way to NumPy and results on their way back, for one fallback."""

    def __init__(self, home: Device | None) -> None:
        self.device: Device | None = None
        self._home = home
        self._written: dict[int, tuple[ArrayBase, np.ndarray]] = {}
        self._theirs: list[Any] = []

    def inputs(self, value: Any) -> Any:
        """Snapshots in place of arrays, inside lists, tuples and dicts too."""
        if isinstance(value, ArrayBase):
            self.device = self.device or value._storage.device
            plain = host_access.snapshot(value._storage, value._layout)
            return plain[()] if value._fixed else plain
        if type(value) in (list, tuple):
            return type(value)(self.inputs(each) for each in value)
        if type(value) is dict:
            return {key: self.inputs(each) for key, each in value.items()}
        return value

    def outputs(self, value: Any) -> Any:
        """Writable copies in place of arrays."""
        if type(value) is tuple:
            return tuple(self.outputs(each) for each in value)
        if not isinstance(value, ArrayBase):
            self._theirs.append(value)
            return value
        if value._fixed:
            raise TypeError("the output stands for a NumPy scalar, which cannot be written")
        self.device = self.device or value._storage.device
        aside = np.copy(host_access.snapshot(value._storage, value._layout), order="K")
        self._written[id(aside)] = (value, aside)
        return aside

    def write_back(self) -> None:
        """Write what was computed aside into the outputs."""
        for array, aside in self._written.values():
            host_access.host_write(array._storage, array._layout, aside)

    def results(self, value: Any) -> Any:
        """Our arrays in place of ndarrays and NumPy scalars."""
        if id(value) in self._written and value is self._written[id(value)][1]:
            return self._written[id(value)][0]
        if any(value is each for each in self._theirs):
            return value
        if type(value) is np.ndarray:
            return adopt(value, self._where())
        if isinstance(value, np.generic):
            return adopt(np.asarray(value), self._where(), fixed=True)
        if type(value) in (list, tuple):
            return type(value)(self.results(each) for each in value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*(self.results(each) for each in value))
        return value

    def _where(self) -> Device:
        found = self.device or self._home
        assert found is not None
        return found
