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

from fpgarray import base, dispatch, errstate, executor, ops
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.config import current_policy, options
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
    storage.memory = None
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

    def method(self: Any, other: Any, depth: int = 1) -> Any:
        view = self._layout
        storage = self._storage
        kind = type(other)
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
        try:
            return elementwise(op, (self, other), out=self)
        except Unrecordable as refused:
            return fallback(op.name, str(refused), op.ufunc, (self, other), {"out": (self,)})

    return method


def _unary(op: Op) -> Callable[[Any], Any]:
    families, raises = frozenset(_numbers(op)), op.raises
    always = errstate.WARNED if raises else 0

    def method(self: Any, depth: int = 1) -> Any:
        view = self._layout
        if view.dtype in families and view.shape:
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
        return _update(np.matmul, self, other)


QUICK: dict[np.ufunc, Callable[..., Any]] = {
    function: _unary(op) if function.nin == 1 else _binary(op, function)
    for function, op in ops.MAPS.items()
} | {np.power: _power}
"""ufunc → what its operator does: the short way for ufuncs called with arrays alone."""
