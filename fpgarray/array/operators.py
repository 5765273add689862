"""Operators, and the short way of recording them.

Knows ops, tapes and layouts; nothing of indexing, and no host memory.
"""

from __future__ import annotations

import operator
import sys
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from fpgarray import base, dispatch, errstate, events, executor, ops, promptly
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.config import DEFAULT_POLICY, current_policy, options
from fpgarray.dispatch import elementwise
from fpgarray.fallback import fallback
from fpgarray.layout import Layout
from fpgarray.ops import B1, FLOATS, INTEGERS, Op
from fpgarray.storage import Handle, Storage
from fpgarray.tape import Node

_new = object.__new__
_weak = weakref.ref
_frame = sys._getframe
_errstate, _DEFAULT = errstate.state, errstate.DEFAULT
_FLOATS, _INTEGERS = frozenset(FLOATS), frozenset(INTEGERS)


def _numbers(op: Op) -> dict[np.dtype, tuple[float, float, type]]:
    """The dtypes whose operands of one layout give that dtype (or bool) by a kernel, and which
    Python numbers, from the least to the most, may be the other operand, as which type."""
    rows: dict[np.dtype, tuple[float, float, type]] = {}
    if op.floats:
        rows.update(dict.fromkeys(FLOATS, (-1e15, 1e15, float)))
    if op.integers and op is not ops.POWER:  # whose exponents must be looked at
        limits = [np.iinfo(dtype) for dtype in INTEGERS]
        rows.update({info.dtype: (int(info.min), int(info.max), int) for info in limits})
    return rows


_policy, _subscribers, _result = current_policy, events.subscribers, promptly.result
_swap, _back, _DEFAULT_POLICY = errstate.swap, errstate.back, DEFAULT_POLICY


def _is_prompt() -> bool:
    """Whether nothing but defaults is in force: small operations take the shortest way."""
    return _policy() is _DEFAULT_POLICY and _errstate() is _DEFAULT and not _subscribers


def _may_be_prompt(array: Any) -> bool:
    """Whether an array that has been on the device may be an operand of NumPy at once."""
    return _policy().dispatch == "auto" and promptly.ready(array) is not None


def _small_operand(other: Any, kind: type, storage: Storage, view: Layout) -> Any:
    """The values of a second operand as small and of the same layout as the first, or a number."""
    if kind is base.result_type:
        if other._layout is view:
            second = other._storage
            if second.small is not None and second.view is view:
                return second.small if second.device is storage.device else None
        return None
    return other if kind is float or kind is int else None


def _promptly(op: Op, watched: Any, device: Any, view: Layout, *values: Any) -> Any:
    """Compute a small operation now; `op` is what warnings name (`promptly.WATCHED`)."""
    if watched is None:
        made = op.ufunc(*values)
    else:
        token = _swap(watched)
        try:
            made = op.ufunc(*values)
        finally:
            _back(token)
    kept = made.dtype is view.dtype
    return _result(made, device, view.fresh if kept else view.fresh_as(made.dtype))


def _record(
    op: Op,
    dtype: np.dtype,
    target: Layout,
    sources: tuple[Any, ...],
    first: Storage,
    second: Storage | None,
    frame: FrameType,
    warned: int,
) -> Any:
    """The short way: make the result, append its node. `first` and `second` are what it reads.

    Objects are filled in here, not by their constructors: three calls fewer are a fifth of the
    time that recording takes (`benchmarks/run.py`).
    """
    policy = current_policy()
    device = first.device
    handle = Handle()
    storage = _new(Storage)
    storage.device = device
    storage.nbytes = nbytes = target.nbytes
    storage.handle = _weak(handle)
    storage.memory = storage.small = None
    storage.read = -1
    array = _new(base.result_type)
    array._storage = storage
    array._handle = handle
    array._layout = target
    array._fixed = False
    node = _new(Node)
    node.op = op
    node.compute = dtype
    node.sources = sources
    node.storage = storage
    node.layout = target
    node.policy = policy
    node.code = frame.f_code
    node.lasti = frame.f_lasti
    node.axes = None
    node.warned = warned
    if policy.fallback != "allow":
        dispatch.check_fallback(node)
    tape = device.tape
    tape.nodes.append(node)
    storage.written = first.read = epoch = tape.epoch
    if second is not None:
        second.read = epoch
    tape.nbytes += nbytes
    if len(tape.nodes) >= tape.limit or tape.nbytes >= options.tape_nbytes:
        executor.recorded(node)
    return array


def _binary(
    op: Op, function: Callable[..., Any], reflected: bool = False
) -> Callable[[Any, Any], Any]:
    """An operator; `function` is what NumPy computes otherwise.

    Equal layouts on one device, and plain numbers, take the short way.
    """
    compares, raises = op.gives_bool, op.raises
    always = errstate.WARNED if raises else 0
    numbers = _numbers(op)
    compute, watched = op.ufunc, promptly.WATCHED if raises else None

    def method(self: Any, other: Any, depth: int = 1) -> Any:
        view = self._layout
        storage = self._storage
        kind = type(other)
        values = storage.small
        if values is not None and view is storage.view and view.shape:
            # `_promptly`, written out: on ten elements every call is a tenth of the time.
            if kind is float or kind is int:
                operand = other
            elif kind is type(self) and other._layout is view:
                second = other._storage
                operand = second.small
                if operand is not None and (
                    second.view is not view or second.device is not storage.device
                ):
                    operand = None
            else:
                operand = None
            if (
                operand is not None
                and _policy() is _DEFAULT_POLICY
                and _errstate() is _DEFAULT
                and not _subscribers
            ):
                if reflected:
                    values, operand = operand, values
                if watched is None:
                    made = compute(values, operand)
                else:
                    token = _swap(watched)
                    try:
                        made = compute(values, operand)
                    finally:
                        _back(token)
                target = view.fresh
                if made.dtype is not target.dtype:
                    target = view.fresh_as(made.dtype)
                handle = Handle()
                result = _new(Storage)
                result.device = storage.device
                result.nbytes = target.nbytes
                result.handle = _weak(handle)
                result.memory = None
                result.read = result.written = -1
                result.small = made
                result.view = target
                array = _new(type(self))
                array._storage = result
                array._handle = handle
                array._layout = target
                array._fixed = False
                return array
            if _policy().dispatch == "auto":
                return _slow(op, function, self, other, reflected)
        elif view.size <= storage.device.small and _may_be_prompt(self):
            return _slow(op, function, self, other, reflected)
        if kind is base.result_type:
            if other._layout is not view or other._storage.device is not storage.device:
                return _slow(op, function, self, other, reflected)
            if view.dtype not in numbers or not view.shape:
                return _slow(op, function, self, other, reflected)
            source, what = other._storage, view
        elif kind is float or kind is int:
            row = numbers.get(view.dtype)
            if row is None or not row[0] <= other <= row[1] or not view.shape:
                return _slow(op, function, self, other, reflected)
            number = row[2]
            if number is int and kind is float:
                return _slow(op, function, self, other, reflected)
            source, what = None, number(other)
        else:
            return _slow(op, function, self, other, reflected)
        warned = always
        if raises and _errstate() is not _DEFAULT:
            errors = errstate.current()
            if errors.at_once:
                return _slow(op, function, self, other, reflected)
            warned = errors.warned
        return _record(
            op,
            view.dtype,
            view.fresh_bool if compares else view.fresh,
            (source, what, storage, view) if reflected else (storage, view, source, what),
            storage,
            source,
            _frame(depth),
            warned,
        )

    return method


def _slow(op: Op, function: np.ufunc, self: Any, other: Any, reflected: bool) -> Any:
    """Everything but equal layouts: mixed dtypes, broadcasting, scalars, other devices, NumPy."""
    if getattr(type(other), "__array_ufunc__", ()) is None:
        return NotImplemented
    if not _is_operand(other):
        return NotImplemented
    inputs = (other, self) if reflected else (self, other)
    if reflected and isinstance(other, (str, bytes)) and not self._fixed:
        function = op.ufunc  # text has operators of its own, which NumPy does not ask
    try:
        return elementwise(op, inputs)
    except Unrecordable as refused:
        return fallback(op.name, str(refused), function, inputs, {})


def _is_operand(other: Any) -> bool:
    """Whether NumPy would take `other` as an operand rather than defer to it."""
    if isinstance(other, (ArrayBase, np.ndarray, np.generic, int, float, complex, list, tuple)):
        return True
    return not hasattr(type(other), "__array_priority__") or hasattr(other, "__array__")


def _in_place(op: Op) -> Callable[[Any, Any], Any]:
    """`x op= y`: writes through views; a NumPy scalar's stand-in is rebound instead."""

    def method(self: Any, other: Any) -> Any:
        if self._fixed:
            return _slow(op, op.ufunc, self, other, False)
        if self._storage.small is not None and _replace(op, self, other):
            return self
        try:
            return elementwise(op, (self, other), out=self)
        except Unrecordable as refused:
            return fallback(op.name, str(refused), op.ufunc, (self, other), {"out": (self,)})

    return method


def _replace(op: Op, array: Any, other: Any) -> bool:
    """`x op= y` of a small whole array: other bytes in place of its own. False if not possible."""
    storage, view = array._storage, array._layout
    values = storage.small
    if (
        values is None
        or view is not storage.view
        or not view.shape
        or type(array._handle) is not Handle
    ):
        return False
    operand = _small_operand(other, type(other), storage, view)
    if operand is None or storage.device.tape.pending(storage.read) or not _is_prompt():
        return False
    watched = promptly.WATCHED if op.raises else None
    made = _promptly(op, watched, storage.device, view, values, operand)._storage.small
    if made.dtype is not view.dtype:
        return False
    with storage.device.lock:
        if storage.small is not values:
            return False
        storage.small = made
    return True


def _unary(op: Op) -> Callable[[Any], Any]:
    families, raises = frozenset(_numbers(op)), op.raises
    always = errstate.WARNED if raises else 0

    watched = promptly.WATCHED if raises else None

    def method(self: Any, depth: int = 1) -> Any:
        view = self._layout
        values = self._storage.small
        if values is not None and view is self._storage.view and view.shape and _is_prompt():
            return _promptly(op, watched, self._storage.device, view, values)
        prompt = values is not None and _policy().dispatch == "auto"
        if view.dtype in families and view.shape and not prompt:
            target = view.fresh_bool if op.gives_bool else view.fresh
            errors = None
            if raises and _errstate() is not _DEFAULT:
                errors = errstate.current()
            if errors is None or not errors.at_once:
                storage = self._storage
                sources = (storage, view)
                warned = always if errors is None else errors.warned
                frame = _frame(depth)
                return _record(op, view.dtype, target, sources, storage, None, frame, warned)
        try:
            return elementwise(op, (self,))
        except Unrecordable as refused:
            return fallback(op.name, str(refused), op.ufunc, (self,), {})

    return method


_POWERS = {exponent: _unary(op) for exponent, op in ops.POWERS.items()}
_quick_power = _binary(ops.POWER, operator.pow)


def _power(self: Any, exponent: Any, depth: int = 1) -> Any:
    """`numpy.power`, and `x ** y` but for squares of bools."""
    if self.dtype in _FLOATS and type(exponent) in (int, float) and exponent in _POWERS:
        return _POWERS[exponent](self, depth + 1)
    if self.dtype in _INTEGERS and type(exponent) is int and exponent in (1, 2):
        return _POWERS[exponent](self, depth + 1)
    return _quick_power(self, exponent, depth + 1)


def _by_numpy(function: Callable[..., Any], reflected: bool = False) -> Callable[..., Any]:
    """An operator without a short way: by the protocol, or by NumPy."""
    name = getattr(function, "__name__", str(function))

    def method(self: Any, other: Any) -> Any:
        if getattr(type(other), "__array_ufunc__", ()) is None or not _is_operand(other):
            return NotImplemented
        inputs = (other, self) if reflected else (self, other)
        if isinstance(function, np.ufunc):
            return dispatch.ufunc(function, "__call__", inputs, {})
        return fallback(name, f"no kernel for {name}", function, inputs, {})

    return method


def _update(function: np.ufunc, array: Any, other: Any) -> Any:
    """`x op= y` by the protocol."""
    kwargs = {} if array._fixed else {"out": (array,)}
    return dispatch.ufunc(function, "__call__", (array, other), kwargs)


class Operators(ArrayBase):
    """NumPy's operators: recorded where a row of the op table fits, else computed by NumPy."""

    __slots__ = ()

    __add__, __radd__ = _binary(ops.ADD, operator.add), _binary(ops.ADD, operator.add, True)
    __sub__ = _binary(ops.SUBTRACT, operator.sub)
    __rsub__ = _binary(ops.SUBTRACT, operator.sub, True)
    __mul__ = _binary(ops.MULTIPLY, operator.mul)
    __rmul__ = _binary(ops.MULTIPLY, operator.mul, True)
    __truediv__ = _binary(ops.DIVIDE, operator.truediv)
    __rtruediv__ = _binary(ops.DIVIDE, operator.truediv, True)
    __iadd__, __isub__ = _in_place(ops.ADD), _in_place(ops.SUBTRACT)
    __imul__, __itruediv__ = _in_place(ops.MULTIPLY), _in_place(ops.DIVIDE)
    __lt__, __le__ = _binary(ops.LESS, operator.lt), _binary(ops.LESS_EQUAL, operator.le)
    __gt__, __ge__ = _binary(ops.GREATER, operator.gt), _binary(ops.GREATER_EQUAL, operator.ge)
    __eq__, __ne__ = _binary(ops.EQUAL, operator.eq), _binary(ops.NOT_EQUAL, operator.ne)

    def __hash__(self) -> int:
        if not self._fixed:
            raise TypeError("unhashable type: 'FPGAArray'")
        return hash(self._scalar())

    __and__ = _binary(ops.BITWISE_AND, operator.and_)
    __rand__ = _binary(ops.BITWISE_AND, operator.and_, True)
    __or__ = _binary(ops.BITWISE_OR, operator.or_)
    __ror__ = _binary(ops.BITWISE_OR, operator.or_, True)
    __xor__ = _binary(ops.BITWISE_XOR, operator.xor)
    __rxor__ = _binary(ops.BITWISE_XOR, operator.xor, True)
    __iand__, __ior__ = _in_place(ops.BITWISE_AND), _in_place(ops.BITWISE_OR)
    __ixor__ = _in_place(ops.BITWISE_XOR)
    __pos__ = _unary(ops.POSITIVE)
    __neg__, __abs__, __invert__ = _unary(ops.NEGATIVE), _unary(ops.ABSOLUTE), _unary(ops.INVERT)
    __floordiv__ = _binary(ops.FLOOR_DIVIDE, operator.floordiv)
    __rfloordiv__ = _binary(ops.FLOOR_DIVIDE, operator.floordiv, True)
    __mod__ = _binary(ops.REMAINDER, operator.mod)
    __rmod__ = _binary(ops.REMAINDER, operator.mod, True)
    __divmod__, __rdivmod__ = _by_numpy(np.divmod), _by_numpy(np.divmod, True)
    __lshift__ = _binary(ops.LEFT_SHIFT, operator.lshift)
    __rlshift__ = _binary(ops.LEFT_SHIFT, operator.lshift, True)
    __rshift__ = _binary(ops.RIGHT_SHIFT, operator.rshift)
    __rrshift__ = _binary(ops.RIGHT_SHIFT, operator.rshift, True)
    __matmul__, __rmatmul__ = _by_numpy(np.matmul), _by_numpy(np.matmul, True)
    __rpow__ = _binary(ops.POWER, operator.pow, True)

    def __pow__(self, exponent: Any, modulo: None = None) -> Any:
        if modulo is not None:
            return NotImplemented
        if self.dtype == B1 and type(exponent) is int and exponent == 2 and not self._fixed:
            return dispatch.ufunc(np.square, "__call__", (self,), {})  # as NumPy's operator does
        return _power(self, exponent, 2)

    def __ifloordiv__(self, other: Any) -> Any:
        return _update(np.floor_divide, self, other)

    def __imod__(self, other: Any) -> Any:
        return _update(np.remainder, self, other)

    def __ipow__(self, other: Any) -> Any:
        return _update(np.power, self, other)

    def __ilshift__(self, other: Any) -> Any:
        return _update(np.left_shift, self, other)

    def __irshift__(self, other: Any) -> Any:
        return _update(np.right_shift, self, other)

    def __imatmul__(self, other: Any) -> Any:
        numeric = self._layout.dtype.kind in "biufcO" and not self._fixed
        if numeric and (not self._layout.ndim or np.ndim(other) < 2):
            raise ValueError(
                "inplace matrix multiplication requires the first operand to have at least one and "
                "the second at least two dimensions."
            )
        return _update(np.matmul, self, other)


QUICK: dict[np.ufunc, Callable[..., Any]] = {
    function: _unary(op) if function.nin == 1 else _binary(op, function)
    for function, op in ops.MAPS.items()
} | {np.power: _power}
"""ufunc → what its operator does: the short way for ufuncs called with arrays alone."""
