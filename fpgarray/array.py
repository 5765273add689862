"""FPGAArray: the object users hold. Protocol methods only; everything else is a layer below.

Over 400 lines because it is one class with NumPy's operators and methods, most of them one line.
"""

from __future__ import annotations

import operator
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, NoReturn

import numpy as np

from fpgarray import base, dispatch, errstate, executor, host_access, ops
from fpgarray.base import ArrayBase, Unrecordable
from fpgarray.config import current_policy, options
from fpgarray.device import Device
from fpgarray.dispatch import assign, copy_of, elementwise, fold
from fpgarray.fallback import fallback
from fpgarray.layout import Layout, layout, of_view, stand_in
from fpgarray.ops import DEVICE_DTYPES, FLOATS, Op
from fpgarray.standard import StandardMixin
from fpgarray.storage import Handle, Storage
from fpgarray.tape import Node

_new = object.__new__
_weak = weakref.ref
_frame = sys._getframe
_errstate, _DEFAULT = errstate.state, errstate.DEFAULT
_FLOATS = frozenset(FLOATS)


def _record(
    op: Op,
    dtype: np.dtype,
    target: Layout,
    sources: tuple[Any, ...],
    first: Storage,
    second: Storage | None,
    frame: FrameType,
    warned: int,
) -> FPGAArray:
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
    array = _new(FPGAArray)
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
    floats = _FLOATS if op.floats else frozenset()

    def method(self: FPGAArray, other: Any, depth: int = 1) -> Any:
        view = self._layout
        storage = self._storage
        kind = type(other)
        if kind is FPGAArray:
            if other._layout is not view or other._storage.device is not storage.device:
                return _slow(op, function, self, other, reflected)
            source, what = other._storage, view
        elif (kind is float or kind is int) and -1e15 < other < 1e15:
            source, what = None, float(other)
        else:
            return _slow(op, function, self, other, reflected)
        if view.dtype not in floats or not view.shape:
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


def _slow(op: Op, function: np.ufunc, self: FPGAArray, other: Any, reflected: bool) -> Any:
    """Everything but equal layouts: mixed dtypes, broadcasting, scalars, other devices, NumPy."""
    if getattr(type(other), "__array_ufunc__", ()) is None:
        return NotImplemented
    if not _is_operand(other):
        return NotImplemented
    inputs = (other, self) if reflected else (self, other)
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

    def method(self: FPGAArray, other: Any) -> Any:
        if self._fixed:
            return _slow(op, op.ufunc, self, other, False)
        try:
            return elementwise(op, (self, other), out=self)
        except Unrecordable as refused:
            return fallback(op.name, str(refused), op.ufunc, (self, other), {"out": (self,)})

    return method


def _unary(op: Op) -> Callable[[Any], Any]:
    floats, raises = _FLOATS if op.floats else frozenset(), op.raises
    always = errstate.WARNED if raises else 0

    def method(self: FPGAArray, depth: int = 1) -> Any:
        view = self._layout
        if view.dtype in floats and view.shape:
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


_POWERS: dict[float, Callable[[Any, int], Any]] = {
    2: _unary(ops.SQUARE),
    1: _unary(ops.POSITIVE),
    0.5: _unary(ops.SQRT),
    -1: _unary(ops.RECIPROCAL),
}
"""Exponents that NumPy computes otherwise than as powers."""


def _by_numpy(function: Callable[..., Any], reflected: bool = False) -> Callable[..., Any]:
    """An operator without a short way: by the protocol, or by NumPy."""
    name = getattr(function, "__name__", str(function))

    def method(self: FPGAArray, other: Any) -> Any:
        if getattr(type(other), "__array_ufunc__", ()) is None or not _is_operand(other):
            return NotImplemented
        inputs = (other, self) if reflected else (self, other)
        if isinstance(function, np.ufunc):
            return dispatch.ufunc(function, "__call__", inputs, {})
        return fallback(name, f"no kernel for {name}", function, inputs, {})

    return method


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """An ndarray method that NumPy computes."""
    name = function.__name__

    def method(self: FPGAArray, *args: Any, **kwargs: Any) -> Any:
        return fallback(name, f"no kernel for {name}", function, (self, *args), kwargs)

    method.__name__ = name
    method.__doc__ = f"As `numpy.ndarray.{name}`; computed by NumPy."
    return method


class FPGAArray(StandardMixin):
    """An n-dimensional array whose memory lives on host and device, coherent by itself.

    Make one with `fpgarray.asarray`, `zeros`, …; it behaves as `numpy.ndarray` does: same dtypes,
    shapes, views and errors. Operations are recorded and run when a value is needed. It is no
    ndarray subclass, so C code sees its values only through the interchange doors, which give
    read-only snapshots.
    """

    __slots__ = ()
    __array_priority__ = 100.0

    def __new__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        """Not called by users."""
        raise TypeError("make arrays with fpgarray.asarray, array, zeros, ones, empty or full")

    # Attributes

    shape = property(lambda self: self._layout.shape, doc="Extents of the axes.")
    strides = property(lambda self: self._layout.strides, doc="Bytes to step along each axis.")
    dtype = property(lambda self: self._layout.dtype, doc="Element type.")
    ndim = property(lambda self: self._layout.ndim, doc="Number of axes.")
    size = property(lambda self: self._layout.size, doc="Number of elements.")
    itemsize = property(lambda self: self._layout.itemsize, doc="Bytes of an element.")
    nbytes = property(lambda self: self._layout.nbytes, doc="Bytes of all elements.")

    @property
    def device(self) -> Device:
        """The device its memory belongs to."""
        return self._storage.device

    @property
    def T(self) -> FPGAArray:
        """The transpose, a view."""
        return self.transpose()

    @property
    def mT(self) -> FPGAArray:
        """The last two axes swapped, a view. ValueError below two axes, as in NumPy."""
        return self._view_of(stand_in(self._layout).mT)

    @property
    def real(self) -> Any:
        """The real part: the array itself, unless complex."""
        return (
            self
            if self.dtype.kind != "c"
            else fallback("real", "no kernel for real", np.real, (self,), {})
        )

    @property
    def flat(self) -> Iterator[Any]:
        """The elements in C order."""
        return iter(self.ravel())

    # Views

    def _view_of(self, derived: np.ndarray) -> FPGAArray:
        """The array of a view that NumPy made of this layout's stand-in."""
        owner = copy_of(self) if self._fixed else self  # a NumPy scalar has no views
        return base.make(owner._storage, owner._handle, of_view(self._layout, derived))

    def __getitem__(self, key: Any) -> Any:
        if _is_advanced(key):
            reason = "no kernel for fancy indexing"
            return fallback("getitem", reason, operator.getitem, (self, key), {})
        derived = stand_in(self._layout)[key]
        if isinstance(derived, np.ndarray):
            return self._view_of(derived)
        return self._element(key)

    def _element(self, key: Any) -> Any:
        """A copy of one element, which stands for a NumPy scalar."""
        whole = key if isinstance(key, tuple) else (key,)
        view = of_view(self._layout, stand_in(self._layout)[(*whole, ...)])
        storage = self._storage
        if view.dtype not in DEVICE_DTYPES or not storage.device.tape.pending(storage.written):
            memory = storage.memory
            if memory is None or memory.map.holds(host_access.HOST, view.ranges):
                value = host_access.snapshot(storage, view)
                return base.adopt(value, storage.device, fixed=True)
        whole_array = base.make(storage, self._handle, view)
        if view.dtype not in DEVICE_DTYPES:
            return base.adopt(host_access.snapshot(storage, view), storage.device, fixed=True)
        return copy_of(whole_array, fixed=True)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self._fixed:
            raise TypeError(
                "'FPGAArray' stands for a NumPy scalar; it does not support item assignment"
            )
        if _is_advanced(key):
            self._set_by_numpy(key, value)
            return
        derived = stand_in(self._layout)[key]
        if not isinstance(derived, np.ndarray):
            whole = key if isinstance(key, tuple) else (key,)
            derived = stand_in(self._layout)[(*whole, ...)]
        self._view_of(derived)._fill(value)

    def _fill(self, value: Any) -> None:
        """Overwrite the whole view with `value`."""
        view, storage = self._layout, self._storage
        if isinstance(value, ArrayBase):
            if value._layout.dtype in DEVICE_DTYPES and view.dtype in DEVICE_DTYPES:
                try:
                    assign(self, dispatch.capture(value, storage.device))
                    return
                except Unrecordable:
                    pass  # shapes do not broadcast: NumPy says so below
            value = host_access.snapshot(value._storage, value._layout)
        if view.dtype not in DEVICE_DTYPES or np.ndim(value) or isinstance(value, str):
            host_access.host_write(storage, view, value)
            return
        number = _as_dtype(value, view.dtype)
        pending = storage.device.tape.pending(max(storage.written, storage.read))
        if view.size == 1 and not pending:
            host_access.host_write(storage, view, number)
        else:
            assign(self, number.item())

    def _set_by_numpy(self, key: Any, value: Any) -> None:
        """Fancy and boolean assignment, on a copy aside that is then written back."""
        aside = np.copy(host_access.snapshot(self._storage, self._layout), order="K")
        args = (aside, key, value)
        fallback("setitem", "no kernel for fancy indexing", operator.setitem, args, {})
        host_access.host_write(self._storage, self._layout, aside)

    def __iter__(self) -> Iterator[Any]:
        if self._layout.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(self._layout.shape[0]))

    def __len__(self) -> int:
        if self._layout.ndim == 0:
            raise TypeError("len() of unsized object")
        return self._layout.shape[0]

    def __contains__(self, item: Any) -> bool:
        return bool((self == item).any())

    def transpose(self, *axes: Any) -> FPGAArray:
        """A view with axes permuted (reversed by default)."""
        return self._view_of(stand_in(self._layout).transpose(*axes))

    def swapaxes(self, axis1: int, axis2: int) -> FPGAArray:
        """A view with two axes exchanged."""
        return self._view_of(stand_in(self._layout).swapaxes(axis1, axis2))

    def squeeze(self, axis: Any = None) -> FPGAArray:
        """A view without axes of one element."""
        return self._view_of(stand_in(self._layout).squeeze(axis))

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> FPGAArray:
        """A view of a diagonal. (NumPy's is read-only; ours may be written.)"""
        return self._view_of(stand_in(self._layout).diagonal(offset, axis1, axis2))

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> FPGAArray:
        """The elements in another shape: a view where memory allows, else a copy.

        copy=True always copies; copy=False raises ValueError where a copy would be needed.
        """
        wanted = shape[0] if len(shape) == 1 else shape
        source = self.copy(order="K") if copy else self
        stand = stand_in(source._layout)
        try:
            return source._view_of(np.reshape(stand, wanted, order=order, copy=False))
        except ValueError:
            if copy is False or stand.size != _reshaped_size(stand.shape, wanted):
                np.reshape(np.empty(stand.shape, np.bool_), wanted, order=order)
                raise
        packed = source.copy(order="F" if order == "F" else "C")
        return packed._view_of(
            np.reshape(stand_in(packed._layout), wanted, order=order, copy=False)
        )

    def ravel(self, order: str = "C") -> FPGAArray:
        """One axis: a view where the elements lie in that order without gaps, else a copy."""
        view = self._layout
        if order == "A":
            order = "F" if view.is_fortran and not view.is_contiguous else "C"
        if order == "K":
            ordered = self._in_memory_order()
            return ordered.reshape(-1) if ordered._layout.is_contiguous else ordered.flatten()
        packed = view.is_fortran if order == "F" else view.is_contiguous
        return self.reshape(-1, order=order) if packed else self.flatten(order)

    def flatten(self, order: str = "C") -> FPGAArray:
        """One axis, always a copy."""
        view = self._layout
        if order == "A":
            order = "F" if view.is_fortran and not view.is_contiguous else "C"
        if order == "K":
            return self._in_memory_order().flatten()
        return self.copy(order=order).reshape(-1, order=order)

    def _in_memory_order(self) -> FPGAArray:
        """A view with the axes as NumPy's iterator walks them (axes of stride 0 stay in place)."""
        steps = self._layout.fresh.strides
        return self.transpose(sorted(range(self._layout.ndim), key=lambda axis: -steps[axis]))

    def view(self, dtype: Any = None) -> FPGAArray:
        """The same memory, seen as `dtype`."""
        stand = stand_in(self._layout)
        return self._view_of(stand.view() if dtype is None else stand.view(dtype))

    # Copies and casts

    def copy(self, order: str = "C") -> FPGAArray:
        """A copy of the present values in memory order C, F, A or K (recorded, not run)."""
        view = self._layout
        if view.dtype not in DEVICE_DTYPES:
            return fallback(
                "copy", f"no kernel for {view.dtype}", np.copy, (self,), {"order": order}
            )
        target = None
        if order == "F" or (order == "A" and view.is_fortran and not view.is_contiguous):
            target = layout(0, view.shape, _strides(view.shape, view.itemsize, "F"), view.dtype)
        elif order in ("C", "A"):
            target = layout(0, view.shape, _strides(view.shape, view.itemsize, "C"), view.dtype)
        elif order != "K":
            np.empty(0).copy(order=order)  # raises as NumPy does
        return copy_of(self, target=target, fixed=self._fixed)

    def __copy__(self) -> FPGAArray:
        return self.copy(order="K")

    def __deepcopy__(self, memo: dict[int, Any]) -> FPGAArray:
        return self.copy(order="K")

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: str = "unsafe",
        subok: bool = True,
        copy: bool = True,
    ) -> FPGAArray:
        """A copy cast to `dtype`. TypeError when `casting` forbids it."""
        wanted = np.dtype(dtype)
        view = self._layout
        if not copy and wanted == view.dtype:
            return self
        if wanted in DEVICE_DTYPES and view.dtype in DEVICE_DTYPES and order == "K":
            at_once = ops.narrows(view.dtype, wanted) and errstate.current().at_once
            if np.can_cast(view.dtype, wanted, casting) and not at_once:
                return copy_of(self, wanted, fixed=self._fixed)
        reason = f"no kernel for astype from {view.dtype} to {wanted}"
        if ops.narrows(view.dtype, wanted):
            reason = errstate.current().at_once or reason
        kwargs = {"order": order, "casting": casting, "copy": copy}
        return fallback("astype", reason, np.ndarray.astype, (self[...], wanted), kwargs)

    # Reductions

    def sum(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Sum over `axis`, within the error bound of pairwise summation."""
        return _reduce(ops.SUM, np.add, self, axis, dtype, out, keepdims, more)

    def min(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Minimum over `axis`; NaN if any is NaN."""
        return _reduce(ops.MIN, np.minimum, self, axis, None, out, keepdims, more)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False, **more: Any) -> Any:
        """Maximum over `axis`; NaN if any is NaN."""
        return _reduce(ops.MAX, np.maximum, self, axis, None, out, keepdims, more)

    def mean(
        self,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: bool = False,
        **more: Any,
    ) -> Any:
        """Arithmetic mean over `axis`: the sum, divided."""
        try:
            if more or dtype is not None or out is not None or not self._layout.size:
                raise Unrecordable("no kernel for mean with these arguments")
            total = fold(ops.SUM, self, axis, None, None, keepdims)
            return elementwise(ops.DIVIDE, (total, self._layout.size // max(total._layout.size, 1)))
        except Unrecordable as refused:
            kwargs = {"axis": axis, "dtype": dtype, "out": out, "keepdims": keepdims, **more}
            return fallback("mean", str(refused), np.mean, (self,), kwargs)

    all = _method(np.ndarray.all)
    any = _method(np.ndarray.any)
    argmax = _method(np.ndarray.argmax)
    argmin = _method(np.ndarray.argmin)
    argpartition = _method(np.ndarray.argpartition)
    argsort = _method(np.ndarray.argsort)
    choose = _method(np.ndarray.choose)
    clip = _method(np.ndarray.clip)
    compress = _method(np.ndarray.compress)
    conj = _method(np.ndarray.conj)
    conjugate = _method(np.ndarray.conjugate)

    def cumprod(self, axis: Any = None, dtype: Any = None, out: Any = None) -> FPGAArray:
        """As `ndarray.cumprod`."""
        return np.cumprod(self, axis, dtype, out)

    def cumsum(self, axis: Any = None, dtype: Any = None, out: Any = None) -> FPGAArray:
        """As `ndarray.cumsum`."""
        return np.cumsum(self, axis, dtype, out)

    dot = _method(np.ndarray.dot)
    nonzero = _method(np.ndarray.nonzero)
    prod = _method(np.ndarray.prod)
    repeat = _method(np.ndarray.repeat)
    round = _method(np.ndarray.round)
    searchsorted = _method(np.ndarray.searchsorted)
    std = _method(np.ndarray.std)
    take = _method(np.ndarray.take)
    trace = _method(np.ndarray.trace)
    var = _method(np.ndarray.var)

    def fill(self, value: Any) -> None:
        """Set every element to the scalar `value`."""
        self[...] = value

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None) -> None:
        """Sort in place along `axis`, in NumPy."""
        self[...] = fallback(
            "sort",
            "no kernel for sort",
            np.sort,
            (self,),
            {"axis": axis, "kind": kind, "order": order},
        )

    # Operators

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
    __floordiv__, __rfloordiv__ = _by_numpy(np.floor_divide), _by_numpy(np.floor_divide, True)
    __mod__, __rmod__ = _by_numpy(np.remainder), _by_numpy(np.remainder, True)
    __divmod__, __rdivmod__ = _by_numpy(np.divmod), _by_numpy(np.divmod, True)
    __lshift__, __rlshift__ = _by_numpy(np.left_shift), _by_numpy(np.left_shift, True)
    __rshift__, __rrshift__ = _by_numpy(np.right_shift), _by_numpy(np.right_shift, True)
    __matmul__, __rmatmul__ = _by_numpy(np.matmul), _by_numpy(np.matmul, True)
    __rpow__ = _by_numpy(np.power, True)

    def __pow__(self, exponent: Any, modulo: None = None) -> Any:
        if modulo is not None:
            return NotImplemented
        if self.dtype in _FLOATS and type(exponent) in (int, float) and exponent in _POWERS:
            return _POWERS[exponent](self, 2)
        return _by_numpy(operator.pow)(self, exponent)

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

    # Values

    def _plain(self) -> np.ndarray:
        """A read-only snapshot."""
        return host_access.snapshot(self._storage, self._layout)

    def _scalar(self) -> Any:
        plain = self._plain()
        return plain[()] if self._fixed else plain

    def __bool__(self) -> bool:
        return bool(self._plain())

    def __int__(self) -> int:
        return int(self._scalar())

    def __float__(self) -> float:
        return float(self._scalar())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __index__(self) -> int:
        return operator.index(self._scalar())

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self._scalar(), ndigits)

    def __hash__(self) -> int:
        if not self._fixed:
            raise TypeError("unhashable type: 'FPGAArray'")
        return hash(self._scalar())

    def __format__(self, spec: str) -> str:
        if self._fixed or not self._layout.ndim:
            return format(self._plain()[()], spec)
        return format(str(self), spec)

    def item(self, *args: Any) -> Any:
        """An element as a Python scalar."""
        return self._plain().item(*args)

    def tolist(self) -> Any:
        """The elements as nested lists of Python scalars."""
        return self._plain().tolist()

    def tobytes(self, order: str = "C") -> bytes:
        """The elements' bytes."""
        return self._plain().tobytes(order)

    def __repr__(self) -> str:
        plain = self._plain()
        text = np.array2string(plain, separator=", ", prefix="FPGAArray(")
        return f"FPGAArray({text}, dtype={self.dtype}, device={self.device.name!r})"

    def __str__(self) -> str:
        return str(self._scalar())

    def __reduce__(self) -> Any:
        return _unpickle, (np.array(self._plain()), self._fixed)

    # Interchange doors: each hands out a read-only snapshot that holds a lease

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        plain = self._plain()
        if dtype is not None and np.dtype(dtype) != plain.dtype:
            if copy is False:
                raise ValueError("a cast needs a copy, which copy=False forbids")
            return plain.astype(dtype)
        return plain.copy() if copy else plain

    @property
    def __array_interface__(self) -> dict[str, Any]:
        if self.dtype.hasobject:
            raise AttributeError("arrays of objects have no array interface")
        _raise_swallowed(self)
        return host_access.interface(self._storage, self._layout)

    if sys.version_info >= (3, 12):

        def __buffer__(self, flags: int) -> memoryview:
            _swallowed.error = None
            if flags & 1:
                raise BufferError("snapshots are read-only; write inside `with x.host() as h:`")
            try:
                return memoryview(self._plain())
            except BaseException as error:
                _swallowed.error, _swallowed.array = error, id(self)
                raise

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: Any = None,
        dl_device: Any = None,
        copy: bool | None = None,
    ) -> Any:
        plain = self._plain()
        if max_version is None or max_version[0] < 1:
            if copy is False:
                raise BufferError("this consumer cannot be told that memory is read-only")
            return plain.copy().__dlpack__(stream=stream, dl_device=dl_device)
        if copy:
            plain = plain.copy()
        return plain.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # kDLCPU: the snapshot is host memory

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not kwargs and type(inputs[0]) is FPGAArray and method == "__call__":
            quick = _QUICK.get(function)
            if quick is not None:
                return quick(*inputs, depth=2)
        return dispatch.ufunc(function, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch.function(func, types, args, kwargs)

    # Coherence by hand

    def host(self) -> HostAccess:
        """`with x.host() as h:` gives a writable ndarray of the memory itself.

        Inside, device use or snapshots of the same bytes raise CoherenceError; leaving marks
        what the host may have written.
        """
        return HostAccess(self)

    def sync_to_device(self) -> None:
        """Make the device's copy of this view valid now."""
        host_access.move_pinned(self._storage, self._layout, to_device=True)

    def sync_from_device(self) -> None:
        """Make the host's copy of this view valid now."""
        host_access.move_pinned(self._storage, self._layout, to_device=False)

    flush = sync_to_device
    invalidate = sync_from_device


class HostAccess:
    """The scope of `FPGAArray.host`."""

    def __init__(self, array: FPGAArray) -> None:
        self._array = array
        self._scope: Any = None

    def __enter__(self) -> np.ndarray:
        if self._array._fixed:
            raise TypeError("the array stands for a NumPy scalar, which cannot be written")
        where = base.caller_location() or "?"
        self._scope, h = host_access.open_scope(self._array._storage, self._array._layout, where)
        return h

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        host_access.close_scope(self._array._storage, self._array._layout, self._scope)


_swallowed = threading.local()
"""NumPy asks for a buffer first and drops whatever that raises, Ctrl-C too, before it asks for the
array interface: what the buffer door raised waits here for the interface door."""


def _raise_swallowed(array: FPGAArray) -> None:
    error = getattr(_swallowed, "error", None)
    _swallowed.error = None
    if error is not None and _swallowed.array == id(array):
        raise error


def _is_advanced(key: Any) -> bool:
    """Whether indexing by `key` copies (arrays, lists, booleans) rather than views."""
    return not all(
        part is None
        or part is Ellipsis
        or isinstance(part, slice)
        or (isinstance(part, (int, np.integer)) and not isinstance(part, bool))
        or (type(part).__module__ != "numpy" and _is_index(part))
        for part in (key if isinstance(key, tuple) else (key,))
    )


def _is_index(part: Any) -> bool:
    """Whether `part` is a foreign integer: it has __index__ and is no array or boolean."""
    kind = type(part)
    arrays = ("__array__", "__array_interface__", "__len__")
    return (
        hasattr(kind, "__index__")
        and kind is not bool
        and not any(hasattr(kind, name) for name in arrays)
    )


def _as_dtype(value: Any, dtype: np.dtype) -> np.ndarray:
    """A 0-d ndarray of `dtype`, cast as item assignment casts (raises NumPy's errors)."""
    cell = np.empty((), dtype)
    cell[()] = value
    return cell


def _reduce(
    op: Op,
    function: np.ufunc,
    array: FPGAArray,
    axis: Any,
    dtype: Any,
    out: Any,
    keepdims: bool,
    more: dict[str, Any],
) -> Any:
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    try:
        if more or not (out is None or isinstance(out, ArrayBase)):
            raise Unrecordable(f"no kernel for {op.name} with these arguments")
        return fold(op, array, axis, dtype, out, bool(keepdims))
    except Unrecordable as refused:
        kwargs = {"axis": axis, "out": out, "keepdims": keepdims, **more}
        if dtype is not None:
            kwargs["dtype"] = dtype
        return fallback(op.name, str(refused), function.reduce, (array,), kwargs)


def _update(function: np.ufunc, array: FPGAArray, other: Any) -> Any:
    """`x op= y` by the protocol."""
    kwargs = {} if array._fixed else {"out": (array,)}
    return dispatch.ufunc(function, "__call__", (array, other), kwargs)


def _reshaped_size(old: tuple[int, ...], new: Any) -> int:
    """Elements of `new`, whose -1 takes what is left; -1 when it cannot."""
    extents = tuple(new) if isinstance(new, (tuple, list)) else (new,)
    try:
        np.empty(old, np.bool_).reshape(extents)
    except (ValueError, TypeError):
        return -1
    return int(np.prod(old, dtype=np.int64))


def _strides(shape: tuple[int, ...], itemsize: int, order: str) -> tuple[int, ...]:
    strides, step = [], itemsize
    for extent in shape[::-1] if order == "C" else shape:
        strides.append(step)
        step *= max(extent, 1)
    return tuple(strides[::-1] if order == "C" else strides)


def _unpickle(plain: np.ndarray, fixed: bool) -> FPGAArray:
    """Rebuild a pickled array on the first device of this process."""
    device = host_access.default_device()
    return base.adopt(plain, device, fixed)


_QUICK: dict[np.ufunc, Callable[..., Any]] = {
    function: _unary(op) if function.nin == 1 else _binary(op, function)
    for function, op in ops.MAPS.items()
}
"""ufunc → what its operator does: the short way for ufuncs called with arrays alone."""

base.result_type = FPGAArray
