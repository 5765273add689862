"""Running in NumPy what no kernel takes: snapshots in, our arrays out, with a reason.

Outputs, and what a mutating function writes, are computed aside and written afterwards, so a call
that raises changes nothing. Where NumPy gives a view of an argument, so do we.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray import events, executor, host_access
from fpgarray.base import ArrayBase, adopt, adopt_scalar, check_writable, make, read_only
from fpgarray.config import Policy, current_policy
from fpgarray.device import Device
from fpgarray.errors import FallbackWarning
from fpgarray.frames import at_caller, caller_location, depth
from fpgarray.layout import layout
from fpgarray.written import written


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
    places = written(call, args, kwargs)
    new_args = [conversion.argument(each, i in places) for i, each in enumerate(args)]
    new_kwargs = {k: conversion.argument(each, k in places) for k, each in kwargs.items()}
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
        self._lent: list[tuple[ArrayBase, np.ndarray]] = []
        self._written: dict[int, tuple[ArrayBase, np.ndarray]] = {}
        self._theirs: list[Any] = []

    def argument(self, value: Any, is_written: bool) -> Any:
        """An argument as NumPy gets it."""
        return self.outputs(value) if is_written else self.inputs(value)

    def inputs(self, value: Any) -> Any:
        """Snapshots in place of arrays, inside lists, tuples and dicts too."""
        if isinstance(value, ArrayBase):
            self.device = self.device or value._storage.device
            plain = host_access.snapshot(value._storage, value._layout)
            if value._fixed:
                return plain[()]
            self._lent.append((value, plain))
            return plain
        if type(value) in (list, tuple):
            return type(value)(self.inputs(each) for each in value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*(self.inputs(each) for each in value))
        if type(value) is dict:
            return {key: self.inputs(each) for key, each in value.items()}
        return value

    def outputs(self, value: Any) -> Any:
        """Writable copies in place of arrays; one for all mentions of the same array."""
        if type(value) is tuple:
            return tuple(self.outputs(each) for each in value)
        if not isinstance(value, ArrayBase):
            self._theirs.append(value)
            return value
        for array, aside in self._written.values():
            if array is value:
                return aside
        check_writable(value)
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
        if type(value) is np.ndarray:
            return self._array(value)
        if isinstance(value, np.generic):
            return adopt_scalar(value, self._where())
        if type(value) in (list, tuple):
            return type(value)(self.results(each) for each in value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*(self.results(each) for each in value))
        if type(value) is dict:
            return {key: self.results(each) for key, each in value.items()}
        return value

    def _array(self, value: np.ndarray) -> Any:
        """Ours for an ndarray that NumPy gave: the array it stands for, a view of it, or new."""
        if id(value) in self._written and value is self._written[id(value)][1]:
            return self._written[id(value)][0]
        if any(value is each for each in self._theirs):
            return value
        for array, plain in self._lent:
            if value is plain:
                return array
            if value.base is not None and value.size and _same_geometry(array, plain):
                found = _view(array, plain, value)
                if found is not None:
                    return found
        return adopt(value, self._where())

    def _where(self) -> Device:
        found = self.device or self._home
        assert found is not None
        return found


def _same_geometry(array: ArrayBase, plain: np.ndarray) -> bool:
    """Whether a snapshot lies as its array does. That of objects is a copy, in C or F order."""
    return plain.base is not None or plain.strides == array._layout.strides


def _view(array: ArrayBase, plain: np.ndarray, value: np.ndarray) -> ArrayBase | None:
    """The view of `array` that `value` is of its snapshot `plain`, if it is one.

    Read-only where elements share memory, as NumPy's views by broadcasting are.
    """
    if not np.may_share_memory(value, plain):
        return None
    offset = array._layout.offset + value.ctypes.data - plain.ctypes.data
    view = layout(offset, value.shape, value.strides, value.dtype)
    handle = array._handle if view.is_injective else read_only(array._handle)
    return make(array._storage, handle, view)
