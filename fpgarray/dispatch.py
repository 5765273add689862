"""The NumPy protocol: from ufuncs and array functions to recorded operations, or to NumPy.

Owns the table `FUNCTIONS` (array functions somebody implements; `functions/*` register into it).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from fpgarray import errstate, executor, host_access, ops, promptly
from fpgarray.base import ArrayBase, Unrecordable, adopt, caller, check_writable, make
from fpgarray.config import current_policy
from fpgarray.device import Device
from fpgarray.engine import scalar_fits
from fpgarray.errors import TransferPolicyError, TransferWarning
from fpgarray.fallback import fallback, obey
from fpgarray.layout import Layout, broadcast_strides, layout, result_layout
from fpgarray.ops import B1, COPY, DEVICE_DTYPES, FLOATS, POWER, U1, WHERE, Op
from fpgarray.planner import refusal
from fpgarray.storage import ReadOnly
from fpgarray.tape import CallNode, Node

FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy array function → our implementation, which may raise `Unrecordable`."""

UFUNCS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {}
"""(ufunc, method) → our implementation where it is no elementwise operation or fold. It gets `out`
as the tuple NumPy makes of it, and may raise `Unrecordable`."""

# Operands


def first_device(operands: Sequence[Any]) -> Device:
    """The device of the first array operand."""
    for each in operands:
        if isinstance(each, ArrayBase):
            return each._storage.device
    raise Unrecordable("none of the operands is an FPGAArray")


def capture(value: Any, device: Device) -> Any:
    """An operand as recording wants it: an array on `device`, or a number.

    ndarrays and sequences are copied now; arrays of other devices are moved, and counted.
    """
    if isinstance(value, ArrayBase):
        return value if value._storage.device is device else _moved(value, device)
    if type(value) in (int, float, bool):
        return value
    if not isinstance(value, (np.generic, np.ndarray, list, tuple)):
        raise Unrecordable(f"an operand of type {type(value).__name__}")
    array = _plain_array(value)
    if array.dtype not in DEVICE_DTYPES:
        raise Unrecordable(f"no kernel for {array.dtype}")
    if array.ndim == 0:
        return array[()]
    device.tape.nbytes += array.nbytes
    return adopt(array, device)


def _plain_array(value: Any) -> np.ndarray:
    """`numpy.asarray`; a subclass that means more than its values is NumPy's to compute with."""
    if isinstance(value, np.ndarray) and type(value) not in _PLAIN_ARRAYS:
        raise Unrecordable(f"an operand is a {type(value).__name__}, more than its values")
    return np.asarray(value)


_PLAIN_ARRAYS = (np.ndarray, np.memmap)
"""Classes of NumPy's arrays that are their values and nothing else (a masked array is not)."""


def _moved(array: ArrayBase, device: Device) -> ArrayBase:
    """A copy of an array on another device, as `policy(transfer=…)` allows."""
    view = array._layout
    text = f"{view.nbytes:,} bytes from {array._storage.device.name} to {device.name}"
    choice = current_policy().transfer
    if choice == "raise":
        raise TransferPolicyError(
            f"an operand would move {text}; move it with fa.asarray(x, device=…), "
            "or allow it with policy(transfer='allow')"
        )
    if choice == "warn":
        warnings.warn(f"moved {text}", TransferWarning, stacklevel=2)
    plain = host_access.snapshot(array._storage, view)
    return make(*host_access.adopt(device, plain, view.fresh), array._fixed)


def _operand_type(operand: Any) -> Any:
    if isinstance(operand, ArrayBase):
        return operand._layout.dtype
    if type(operand) is bool:
        return B1
    return type(operand) if type(operand) in (int, float) else operand.dtype


def _shape_of(operand: Any) -> tuple[int, ...]:
    return operand._layout.shape if isinstance(operand, ArrayBase) else ()


def _scalar(value: Any, dtype: np.dtype) -> Any:
    """A number as an immediate of `dtype`, or Unrecordable when NumPy has more to say about it."""
    if dtype == B1:
        return bool(value)
    try:
        number = float(value) if dtype in FLOATS else int(value)
    except OverflowError:
        raise Unrecordable("a Python integer too large for a float") from None
    if not scalar_fits(number, dtype):
        raise Unrecordable(f"{value!r} overflows {dtype}")
    return number


# Recording


def elementwise(
    op: Op,
    inputs: Sequence[Any],
    out: ArrayBase | None = None,
    where: Any = True,
    casting: str = "same_kind",
) -> ArrayBase:
    """Record one elementwise operation; raises Unrecordable when NumPy must do it."""
    if casting not in _CASTINGS:
        raise Unrecordable("the casting is unknown")
    device = first_device([*inputs, out] if out is not None else inputs)
    if out is None and where is True and casting == "same_kind":
        made = promptly.elementwise(op, inputs, device)
        if made is not None:
            return made
    if out is not None and out._storage.device is not device:
        return to_other_device(elementwise(op, _complete(inputs, where)), out, casting)
    operands = [capture(each, device) for each in inputs]
    mask = None if where is True else _mask(where, device)
    loop = ops.resolve(op, *[_operand_type(each) for each in operands])
    if loop is None:
        types = ", ".join(str(_operand_type(each)) for each in operands)
        raise Unrecordable(f"no kernel for {op.name} on {types}")
    if casting != "same_kind" and not all(
        np.can_cast(each, loop.compute, casting)
        for each in map(_operand_type, operands)
        if isinstance(each, np.dtype)
    ):
        raise Unrecordable(f"operands must not be cast with casting={casting!r}")
    if op is POWER and loop.compute in FLOATS and type(operands[1]) in (int, float):
        simpler = ops.POWERS.get(operands[1])
        if simpler is not None:
            base = operands[0]
            if isinstance(base, ArrayBase) and base._layout.dtype != loop.compute:
                base = copy_of(base, loop.compute)  # an integer's square is another
            elif not isinstance(base, ArrayBase):
                base = loop.compute.type(base)
            return elementwise(simpler, (base,), out, where, casting)
    if loop.compute == B1:
        # Logic on mixed types is logic on bools: a number is true unless it is 0.
        operands = [
            copy_of(each, B1) if isinstance(each, ArrayBase) and each._layout.dtype != B1 else each
            for each in operands
        ]
    if op is POWER and loop.compute.kind == "i":
        _check_exponent(operands[1])
    masks = [] if mask is None else [mask]
    shape = _broadcast([*operands, *masks], out)
    if out is not None:
        check_out(out, loop.result, casting)
    if mask is None:
        return _emit(op, loop.compute, operands, shape, loop.result, out, device)
    if op.raises and errstate.current().warned:
        # Where the mask is false nothing is computed: no error may be met there either.
        safe = _SAFE.get(op.name, 1.0)
        kind = loop.compute
        operands = [
            _emit(WHERE, kind, [mask, each, safe], shape, kind, None, device) for each in operands
        ]
    fresh = _emit(op, loop.compute, operands, shape, loop.result, None, device)
    if out is not None and out._layout.dtype != loop.result:
        fresh = copy_of(fresh, out._layout.dtype)
    old = fresh if out is None else out
    return _emit(WHERE, old._layout.dtype, [mask, fresh, old], shape, loop.result, out, device)


def _check_exponent(exponent: Any) -> None:
    """Powers of integers are recorded where no exponent can be negative: that would be an error."""
    unsigned = _operand_type(exponent) in (B1, U1)
    if not unsigned and (isinstance(exponent, ArrayBase) or exponent < 0):
        raise Unrecordable("exponents that may be negative, which NumPy refuses")


_SAFE = {"arctanh": 0.5}
"""Numbers that an operation may be given without any error, where 1 is none."""
_CASTINGS = frozenset({"no", "equiv", "safe", "same_kind", "unsafe", "same_value"})


def _complete(inputs: Sequence[Any], where: Any) -> Sequence[Any]:
    if where is not True:
        raise Unrecordable("where= with out= on another device")
    return inputs


def to_other_device(result: ArrayBase, out: ArrayBase, casting: str = "same_kind") -> ArrayBase:
    """Write a result into an output that lives on another device."""
    check_out(out, result._layout.dtype, casting)
    _broadcast([result], out)
    assign(out, _moved(result, out._storage.device))
    return out


def _mask(where: Any, device: Device) -> ArrayBase | bool:
    if isinstance(where, (bool, np.bool_)):
        return bool(where)
    mask = capture(where, device)
    if _operand_type(mask) != B1:
        raise Unrecordable("where= is not bool")
    return mask


def _broadcast(operands: Sequence[Any], out: ArrayBase | None) -> tuple[int, ...]:
    """The shape of the operation. Mismatches are NumPy's to report."""
    shapes = [_shape_of(each) for each in operands]
    shape = shapes[0] if all(each == shapes[0] for each in shapes) else _common(shapes)
    if out is None or out._layout.shape == shape:
        return shape
    if _common([shape, out._layout.shape]) != out._layout.shape:
        raise Unrecordable("operands do not broadcast to out")
    return out._layout.shape


def _common(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise Unrecordable("operands do not broadcast together") from None


def check_out(out: ArrayBase, result: np.dtype, casting: str) -> None:
    check_writable(out)
    dtype = out._layout.dtype
    if dtype not in DEVICE_DTYPES or not np.can_cast(result, dtype, casting):
        raise Unrecordable(f"out= is {dtype}")


def _emit(
    op: Op,
    compute: np.dtype,
    operands: Sequence[Any],
    shape: tuple[int, ...],
    result: np.dtype,
    out: ArrayBase | None,
    device: Device,
) -> ArrayBase:
    """Append the node (two when the result overlaps an operand otherwise than elementwise)."""
    sources: list[Any] = []
    views: list[Layout] = []
    for each in operands:
        if isinstance(each, ArrayBase):
            sources += (each._storage, each._layout)
            views.append(each._layout)
        else:
            sources += (None, _scalar(each, compute))
    policy = current_policy()
    code, lasti = caller()
    if out is None:
        target = result_layout(tuple(views), shape, result) if views else layout_of(shape, result)
        storage, handle = host_access.new_storage(device, target.nbytes)
        # A scalar is what NumPy gives when no operand has axes.
        array = make(storage, handle, target, fixed=shape == ())
        warned = errstate.SCALAR if op.name in _SCALAR_MATH and _are_scalars(operands) else 0
        append(
            Node(op, compute, tuple(sources), storage, target, policy, code, lasti, warned=warned)
        )
        return array
    if overlaps(sources, out):
        fresh = _emit(op, compute, operands, shape, result, None, device)
        assign(out, fresh)
        return out
    append(Node(op, compute, tuple(sources), out._storage, out._layout, policy, code, lasti))
    return out


_SCALAR_MATH = frozenset(
    {"add", "subtract", "multiply", "divide", "floor_divide", "remainder", "power"}
)
"""Operations that NumPy's scalars have of their own, with a name of their own in warnings."""


def _are_scalars(operands: Sequence[Any]) -> bool:
    return all(not isinstance(each, ArrayBase) or each._fixed for each in operands)


def layout_of(shape: tuple[int, ...], dtype: np.dtype) -> Layout:
    """A fresh C-ordered layout."""
    return result_layout((), shape, dtype)


def append(node: Node) -> None:
    """Record a node, unless its data may need NumPy's attention at once."""
    if ops.may_raise(node.op, node.compute, node.sources, node.layout.dtype):
        errors = errstate.current()
        if errors.at_once:
            raise Unrecordable(errors.at_once)
        node.warned |= errors.warned
    if node.policy.fallback != "allow":
        check_fallback(node)
    executor.record(node)


def check_fallback(node: Node) -> None:
    """Under fallback="raise" or "warn", say at the call what the planner would find."""
    reason = refusal(
        node.op,
        node.compute,
        node.sources,
        node.storage,
        node.layout,
        node.axes,
        node.params,
        node.policy,
        node.storage.device.engines,
    )
    if reason:
        obey(node.policy, node.op.name, reason)


def overlaps(sources: Sequence[Any], out: ArrayBase) -> bool:
    """Whether writing `out` element by element would disturb elements still to be read."""
    target = out._layout
    return any(
        sources[i] is out._storage and sources[i + 1] != target and sources[i + 1].overlaps(target)
        for i in range(0, len(sources), 2)
    )


def assign(out: ArrayBase, value: ArrayBase | Any) -> None:
    """Record `out[...] = value` (broadcast, unsafe cast); dtypes must be the device's."""
    target = out._layout
    if type(out._handle) is ReadOnly:
        check_writable(out)
    if promptly.overwritten(out, value):
        return
    if not isinstance(value, ArrayBase):
        code, lasti = caller()
        sources: tuple[Any, ...] = (None, value)
        append(
            Node(COPY, target.dtype, sources, out._storage, target, current_policy(), code, lasti)
        )
        return
    view = value._layout
    if view.shape != target.shape:
        view = _broadcast_view(view, target.shape)
    sources = (value._storage, view)
    if overlaps(sources, out):
        value = copy_of(value)
        view = value._layout
        if view.shape != target.shape:
            view = _broadcast_view(view, target.shape)
        sources = (value._storage, view)
    code, lasti = caller()
    append(Node(COPY, target.dtype, sources, out._storage, target, current_policy(), code, lasti))


def broadcast_to(array: ArrayBase, shape: tuple[int, ...]) -> ArrayBase:
    """The array repeated to `shape` without a copy, for reading."""
    view = _broadcast_view(array._layout, shape)
    return make(array._storage, array._handle, view)


def movable(source: np.dtype, target: np.dtype) -> bool:
    """Whether `assign` may copy from one dtype to the other: as raw bytes, or by an engine."""
    if source == target:
        return not source.hasobject
    return source in DEVICE_DTYPES and target in DEVICE_DTYPES


def held(value: Any, device: Device) -> ArrayBase:
    """`value` as an array on `device`, of any dtype: ours is moved there if need be, anything else
    copied now, as `numpy.asarray` reads it."""
    if isinstance(value, ArrayBase):
        return value if value._storage.device is device else _moved(value, device)
    array = _plain_array(value)
    if array.dtype.hasobject:
        raise Unrecordable("objects live on the host")
    device.tape.nbytes += array.nbytes
    return adopt(array, device)


def _broadcast_view(view: Layout, shape: tuple[int, ...]) -> Layout:
    """`view` broadcast to `shape`, dropping leading axes of one as assignment does."""
    extra = view.ndim - len(shape)
    if extra > 0 and all(extent == 1 for extent in view.shape[:extra]):
        view = layout(view.offset, view.shape[extra:], view.strides[extra:], view.dtype)
    if _common([view.shape, shape]) != shape:
        raise Unrecordable("the value does not broadcast to the target")
    return layout(view.offset, shape, broadcast_strides(view, shape), view.dtype)


def copy_of(
    array: ArrayBase,
    dtype: np.dtype | None = None,
    target: Layout | None = None,
    fixed: bool = False,
) -> ArrayBase:
    """Record a copy of `array`, cast to `dtype`, in "K" order or the order of `target`.

    Raises Unrecordable where no engine casts so.
    """
    view = array._layout
    kind = dtype or view.dtype
    if kind != view.dtype and not movable(view.dtype, kind):
        raise Unrecordable(f"no kernel for copy from {view.dtype} to {kind}")
    if target is None:
        target = view.like(kind)
    made = promptly.copy(array, kind, target, fixed)
    if made is not None:
        return made
    storage, handle = host_access.new_storage(array._storage.device, target.nbytes)
    copy = make(storage, handle, target, fixed)
    code, lasti = caller()
    sources = (array._storage, view)
    append(Node(COPY, kind, sources, storage, target, current_policy(), code, lasti))
    return copy


def call(
    op: Op,
    operands: Sequence[Any],
    shape: tuple[int, ...],
    dtype: np.dtype,
    params: dict[str, Any],
    out: ArrayBase | None = None,
    target: Layout | None = None,
) -> ArrayBase:
    """Record an operation that a kernel of its own does whole; the result has a fresh C layout, or
    the layout `target`.

    `operands`: what `capture` gives, arrays of one device or numbers. `params`: hashable, what the
    op's host function takes beside operands and `out`. An `out` of another dtype than `dtype`, or
    that shares memory with an operand, gets the result by a copy. Raises Unrecordable when NumPy
    must do it.
    """
    device = first_device(operands)
    if not prod(shape):
        raise Unrecordable("a result of no elements")
    if out is not None:
        check_out(out, dtype, "same_kind")
        if out._layout.shape != shape:
            raise Unrecordable("out= has another shape")
    sources = _pairs(operands)
    direct = out is not None and out._layout.dtype == dtype and out._storage.device is device
    if direct and not any(source is out._storage for source in sources):
        result = out
    else:
        result = fresh(target or layout_of(shape, dtype), device)
    code, lasti = caller()
    policy, row = current_policy(), tuple(params.items())
    view, storage = result._layout, result._storage
    append(CallNode(op, dtype, tuple(sources), storage, view, policy, code, lasti, params=row))
    if out is None or result is out:
        return result
    if out._storage.device is not device:
        return to_other_device(result, out)
    assign(out, result)
    return out


def update(op: Op, array: ArrayBase, operands: Sequence[Any], params: dict[str, Any]) -> None:
    """Record a call that rewrites parts of `array`, which is its first operand and its result.

    `operands`: the others, arrays of the same device or numbers of the array's dtype; those that
    share memory with `array` are copied first.
    """
    storage, view = array._storage, array._layout
    apart = [
        copy_of(each) if isinstance(each, ArrayBase) and each._storage is storage else each
        for each in operands
    ]
    code, lasti = caller()
    sources, policy = (storage, view, *_pairs(apart)), current_policy()
    row = tuple(params.items())
    append(CallNode(op, view.dtype, sources, storage, view, policy, code, lasti, params=row))


def _pairs(operands: Sequence[Any]) -> list[Any]:
    """Operands as a node has them: flat pairs."""
    pairs: list[Any] = []
    for each in operands:
        pairs += (each._storage, each._layout) if isinstance(each, ArrayBase) else (None, each)
    return pairs


def fresh(target: Layout, device: Device) -> ArrayBase:
    """An array of new memory; one without axes stands for a NumPy scalar."""
    storage, handle = host_access.new_storage(device, target.nbytes)
    return make(storage, handle, target, fixed=target.shape == ())


# Protocols


def ufunc(function: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`__array_ufunc__`: all six methods."""
    try:
        return _recorded_ufunc(function, method, inputs, kwargs)
    except Unrecordable as refused:
        call = getattr(function, method)
        name = function.__name__ if method == "__call__" else f"{function.__name__}.{method}"
        return fallback(name, str(refused), call, inputs, kwargs)


def _recorded_ufunc(
    function: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    special = UFUNCS.get((function, method))
    if special is not None:
        return special(*inputs, **kwargs)
    if method == "__call__":
        op = ops.MAPS.get(function)
        if op is None:
            raise Unrecordable(f"no kernel for {function.__name__}")
        unknown = kwargs.keys() - {"out", "where", "casting"}
        if unknown:
            raise Unrecordable(f"no kernel for {function.__name__} with {sorted(unknown)[0]}=")
        out = single_out(kwargs.get("out"))
        where, casting = kwargs.get("where", True), kwargs.get("casting", "same_kind")
        return elementwise(op, inputs, out, where, casting)
    raise Unrecordable(f"no kernel for {function.__name__}.{method}")


def single_out(out: Any) -> ArrayBase | None:
    """The one output, if it is ours; an ndarray output runs at the call."""
    if isinstance(out, tuple):
        out = out[0] if len(out) == 1 else Unrecordable
    if out is None or isinstance(out, ArrayBase):
        return out
    raise Unrecordable("out= is an ndarray")


def function(
    func: Callable[..., Any],
    types: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    asked: ArrayBase,
) -> Any:
    """`__array_function__`. `asked`: an array among the arguments, or the one `like=` names."""
    home = asked._storage.device
    implementation = FUNCTIONS.get(func)
    name = getattr(func, "__name__", str(func))
    if implementation is None:
        return fallback(name, f"no kernel for {name}", func, args, kwargs, home)
    try:
        return implementation(*args, **kwargs)
    except Unrecordable as refused:
        return fallback(name, str(refused), func, args, kwargs, home)


def implements(func: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: this is how `func` works on our arrays."""

    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS[func] = implementation
        return implementation

    return register


def implements_ufunc(
    ufunc: np.ufunc, method: str = "__call__"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: this is how a ufunc's method works on our arrays."""

    def register(implementation: Callable[..., Any]) -> Callable[..., Any]:
        UFUNCS[ufunc, method] = implementation
        return implementation

    return register
