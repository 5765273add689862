"""Small operations, computed by NumPy at the call: where recording would cost more than computing.

Owns when that is so and what it takes to be right: every operand is on the host with nothing
pending that writes it, the policy is "auto", and the arrays are so small (`costs.small`) that
NumPy's time is its own overhead. Errors and warnings are NumPy's, at the user's line.
"""

from __future__ import annotations

import operator
import sys
import warnings
import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from types import FrameType
from typing import Any

import numpy as np

from fpgarray import base, errstate, events, ops
from fpgarray.base import ArrayBase, adopt
from fpgarray.coherence import State
from fpgarray.config import current_policy
from fpgarray.costs import HOST
from fpgarray.device import Device
from fpgarray.frames import at_caller, caller_location, is_inner
from fpgarray.host_access import nameable
from fpgarray.layout import Layout, contiguous
from fpgarray.ops import Op
from fpgarray.storage import Handle, Storage

_new = object.__new__
_weak = weakref.ref


def result(values: np.ndarray, device: Device, view: Layout) -> Any:
    """An array whose bytes are `values`: ours alone, C-contiguous, of layout `view`."""
    handle = Handle()
    storage = _new(Storage)
    storage.device = device
    storage.nbytes = view.nbytes
    storage.handle = _weak(handle)
    storage.memory = None
    storage.read = storage.written = -1
    storage.small = values
    storage.view = view
    array = _new(base.result_type)
    array._storage = storage
    array._handle = handle
    array._layout = view
    array._fixed = False
    return array


def adopted(values: Any, device: Device) -> Any:
    """What NumPy computed, as ours: a scalar becomes its stand-in."""
    if type(values) is not np.ndarray:
        return adopt(np.asarray(values), device, fixed=True)
    if (
        values.flags.c_contiguous
        and values.base is None
        and 0 < values.size <= device.small
        and nameable(values.dtype)
    ):
        return result(values, device, contiguous(values.shape, values.dtype))
    return adopt(values, device)


def ready(array: ArrayBase) -> Any:
    """The values as an ndarray to be read inside a call, if they are on the host; else None."""
    storage, view = array._storage, array._layout
    small = storage.small
    if small is not None:
        if view is not storage.view:
            if not view.size:
                return None
            small = np.ndarray(view.shape, view.dtype, small, view.offset, view.strides)
    else:
        memory, device = storage.memory, storage.device
        if memory is None or memory.objects is not None or not 0 < view.size <= device.small:
            return None
        if device.tape.pending(storage.written) or memory.damage or memory.scopes:
            return None
        state = memory.map.uniform()
        if state != State.HOST and state != State.BOTH:
            return None
        small = memory.block.view(view)
    return small[()] if array._fixed else small


def number(array: ArrayBase) -> Any:
    """The NumPy scalar in an array without axes, if it is to be looked at now; else None."""
    values = ready(array) if _allowed() else None
    return None if values is None else values[()]


_PLAIN = (bool, int, float, np.ndarray)


def _operands(inputs: Sequence[Any], device: Device, most: int) -> list[Any] | None:
    """All operands as NumPy takes them, if all are ready and what they make is small."""
    values = []
    for each in inputs:
        if isinstance(each, ArrayBase):
            each = ready(each) if each._storage.device is device else None
            if each is None:
                return None
        elif type(each) not in _PLAIN and not isinstance(each, np.generic):
            return None
        values.append(each)
    shapes = {np.shape(each) for each in values} - {()}
    if len(shapes) > 1:
        try:
            shapes = {np.broadcast_shapes(*shapes)}
        except ValueError:
            return None  # NumPy's to report
    return values if all(prod(shape) <= most for shape in shapes) else None


@lru_cache(maxsize=1024)
def _most(op: Op, device: Device) -> int:
    """Elements up to which `op` is computed now: fewer where NumPy alone takes as long as a launch."""
    nanoseconds = max(HOST.get(op.name, (0.0,)))
    dear = device.costs.launch * 1000 / nanoseconds if nanoseconds else device.small
    return min(device.small, int(dear))


def _allowed() -> bool:
    policy = current_policy()
    return policy.dispatch == "auto" and policy.fallback == "allow"


def elementwise(op: Op, inputs: Sequence[Any], device: Device) -> Any:
    """The result of an elementwise operation, or None if it is not to be computed now."""
    if not _allowed():
        return None
    values = _operands(inputs, device, _most(op, device))
    if values is None:
        return None
    call = np.where if op is ops.WHERE else op.ufunc
    if not any(isinstance(each, np.ndarray) for each in values):
        call = _OF_SCALARS.get(op.name, call)
    return _computed(op, call, values, {}, device)


_OF_SCALARS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
}
"""Arithmetic of NumPy's scalars, whose warnings name it "scalar add" and so on."""


def fold(op: Op, array: ArrayBase, axis: Any, keepdims: bool) -> Any:
    """The result of a reduction, or None if it is not to be computed now."""
    if not _allowed():
        return None
    values = ready(array)
    if values is None:
        return None
    kwargs = {"axis": axis, "keepdims": keepdims}
    return _computed(op, op.ufunc.reduce, [values], kwargs, array._storage.device)


def composed(function: Callable[..., Any], array: ArrayBase, kwargs: dict[str, Any]) -> Any:
    """The result of an array function that has kernels, or None if it is not to be computed now."""
    if not _allowed():
        return None
    values = ready(array)
    if values is None:
        return None
    made = at_caller(function, (values,), kwargs)
    if events.subscribers:
        reason = f"{values.size:,} elements: cheaper to compute at the call than to record"
        events.publish(events.HostRun(function.__name__, reason, caller_location(), True))
    return adopted(made, array._storage.device)


def copy(array: ArrayBase, dtype: np.dtype, target: Layout, fixed: bool) -> Any:
    """A copy cast to `dtype`, or None if it is not to be made now."""
    if not _allowed() or not target.is_contiguous:
        return None
    values = ready(array)
    if values is None:
        return None
    device, made = array._storage.device, np.empty(target.shape, dtype)
    at_caller(np.copyto, (made, values), {"casting": "unsafe"})
    _publish(ops.COPY, [values], target.size)
    return adopt(made, device, fixed=True) if fixed else adopted(made, device)


def overwritten(out: ArrayBase, value: Any) -> bool:
    """Whether `out[...] = value` was done now: `out` is all of a small storage, the value ready."""
    storage, view = out._storage, out._layout
    device = storage.device
    if not 0 < view.size <= device.small or storage.memory is not None or not view.shape:
        return False
    whole = view.is_contiguous and view.nbytes == storage.nbytes and nameable(view.dtype)
    if not whole or not _allowed() or device.tape.pending(max(storage.read, storage.written)):
        return False
    if isinstance(value, ArrayBase):
        value = ready(value) if value._storage.device is device else None
    if value is None or np.ndim(value) > view.ndim:
        return False
    made = np.empty(view.shape, view.dtype)
    at_caller(np.copyto, (made, value), {"casting": "unsafe"})
    with device.lock:
        storage.small, storage.view = made, view
    _publish(ops.COPY, [value], view.size)
    return True


def _computed(
    op: Op, call: Callable[..., Any], values: list[Any], kwargs: dict[str, Any], device: Device
) -> Any:
    made = at_caller(call, values, kwargs)
    _publish(op, values, max(np.size(each) for each in (*values, made)))
    return adopted(made, device)


def _resolve(op: Op) -> Callable[..., Any]:
    return ops.resolve_fold if op.kind == "fold" else ops.resolve


def _publish(op: Op, values: list[Any], elements: int) -> None:
    """Say that it ran in NumPy: by choice if a kernel may take it, else for want of one."""
    if not events.subscribers:
        return
    types = [
        type(each) if type(each) in (int, float) else np.asarray(each).dtype for each in values
    ]
    if op.kind == "copy" or _resolve(op)(op, *types) is not None:
        chosen = True
        reason = f"{elements:,} elements: cheaper to compute at the call than to record"
    else:
        chosen, reason = False, f"no kernel for {op.name} on {', '.join(map(str, types))}"
    events.publish(events.HostRun(op.name, reason, caller_location(), chosen))


# Warnings of the short way of operators


def _tell(words: str, _flags: int) -> None:
    """NumPy met an error while an operator computed: warn at the line that used the operator."""
    frame: FrameType | None = sys._getframe(1)
    assert frame is not None
    op = frame.f_locals["op"]
    while frame is not None and is_inner(frame.f_code):
        frame = frame.f_back
    text = f"{words} encountered in {op.ufunc.__name__}"
    if frame is None:
        warnings.warn_explicit(text, RuntimeWarning, "fpgarray", 0)
        return
    space = frame.f_globals
    warnings.warn_explicit(
        text,
        RuntimeWarning,
        frame.f_code.co_filename,
        frame.f_lineno or 0,
        space.get("__name__"),
        space.setdefault("__warningregistry__", {}),
    )


WATCHED = errstate.reporting_to(_tell)
"""An errstate for `errstate.swap`, in which what NumPy's default warns of is told by `_tell`."""
