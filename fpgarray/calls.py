"""Calls: operations that a kernel of their own does whole, and the bytes such a kernel reads.

Pure. Owns the table `CALLS` (what each call kernel is told) and the encoding (kernels/PROGRAM.md,
"Calls"). Knows call kernels (their capability tables) and layouts; knows nothing of devices.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import numpy as np

from fpgarray import gathering
from fpgarray.costs import Work
from fpgarray.engine import LINE, WORD, Program
from fpgarray.layout import Layout, broadcast_strides, layout
from fpgarray.registry import CallKernel
from fpgarray.resampling import METHODS

MAGIC = 0x46504332
NUMBERS = 7
"""Integers in a call's header; their meaning is the kernel's."""
SCALARS = 8
"""Recorded scalars a call can take, eight bytes each."""
EXTENTS = 8
GRAIN = 16
"""Rows that compute units share out together."""


class Call(NamedTuple):
    """One recorded call. `sources`: (storage index, layout), or (None, scalar slot)."""

    opcode: str
    sources: tuple[tuple[int | None, Any], ...]
    storage: int
    layout: Layout
    params: Mapping[str, Any]

    @property
    def views(self) -> tuple[Layout, ...]:
        """Layouts of the operands that lie in memory, then the result's."""
        return (*(view for storage, view in self.sources if storage is not None), self.layout)


@dataclass(frozen=True, slots=True)
class Row:
    """What one call kernel is told.

    `numbers`: the header's integers. `views`: the layouts the kernel is told of, operands then
    result, where they are not the recorded ones. `misfit`: why a kernel cannot take the call
    (beside what holds for all), or None. `work`: its cost, in elements of a cheap operation;
    `host`: NumPy's ns, where they are not that times a ratio. `scalar`: the struct format of recorded scalars, if all have the same. `shared`:
    operand position (the result's is the last) → the axis along which compute units may share the
    call; what is not named every unit gets whole.
    """

    numbers: Callable[[Call], Sequence[int]]
    misfit: Callable[[Call, CallKernel], str | None]
    work: Callable[[Call], float]
    scalar: str | None = "<d"
    views: Callable[[Call], Sequence[Layout]] | None = None
    shared: Callable[[Call], Mapping[int, int]] | None = None
    host: Callable[[Call], float] | None = None


def misfit_call(call: Call, kernel: CallKernel) -> str | None:
    """Why `kernel`, which does this operation, cannot take this call; or None."""
    for view in _told(call):
        if view.dtype not in kernel.memory_types:
            return f"no kernel for {call.opcode} on {view.dtype}"
        if not view.is_aligned:
            return "elements are not aligned to their size"
        if view.ndim > kernel.dimensions:
            return f"{view.ndim} dimensions where {kernel.kernel} has {kernel.dimensions}"
    ports = _ports(call)
    if len(ports) > kernel.ports:
        return f"{len(ports)} ports where {kernel.kernel} has {kernel.ports}"
    return CALLS[call.opcode].misfit(call, kernel)


def _told(call: Call) -> Sequence[Layout]:
    """The layouts the kernel is told of, operands then result."""
    views = CALLS[call.opcode].views
    return call.views if views is None else views(call)


def work_of(call: Call) -> Work:
    """What the call costs on the device and in NumPy."""
    row = CALLS[call.opcode]
    cheap = row.work(call)
    engine = cheap * CHEAP_NS / 1000
    host = row.host(call) / 1000 if row.host else engine * HOST_RATIO
    return Work(host, engine, cheap)


CHEAP_NS = 0.17
"""What a unit of `Row.work` takes an emulated kernel."""
HOST_RATIO = 3.3
"""How much longer NumPy takes than a kernel, where a row does not say it."""


def _ports(call: Call) -> tuple[int, ...]:
    """The distinct storages, operands first, in order of first mention."""
    named = [storage for storage, _ in call.sources if storage is not None]
    return tuple(dict.fromkeys([*named, call.storage]))


def encode_call(call: Call, kernel: CallKernel) -> Program:
    """The descriptor of a call that fits `kernel` (see `misfit_call`)."""
    return _encode(call, kernel, _told(call))


def encode_call_parts(call: Call, kernel: CallKernel) -> tuple[Program, ...]:
    """The same as one descriptor per compute unit, each for its share of the rows.

    Empty where there is one unit, the call cannot be shared, or shares would write into the same
    port word (PROGRAM.md: a unit may rewrite the rest of a word).
    """
    shared = CALLS[call.opcode].shared
    if kernel.units < 2 or shared is None:
        return ()
    told, axes = _told(call), shared(call)
    last = len(told) - 1
    if last not in axes:
        return ()
    extent = told[last].shape[axes[last]]
    step = -(-extent // kernel.units)
    if extent < kernel.units * GRAIN:
        return ()
    step = -(-step // GRAIN) * GRAIN
    parts = []
    for start in range(0, extent, step):
        views = list(told)
        for position, axis in axes.items():
            views[position] = _share(told[position], axis, start, min(start + step, extent))
        parts.append(views)
    words = sorted((views[last].start // WORD, (views[last].stop - 1) // WORD) for views in parts)
    if any(a[1] >= b[0] for a, b in pairwise(words)):
        return ()
    return tuple(_encode(call, kernel, views) for views in parts)


def _share(view: Layout, axis: int, start: int, stop: int) -> Layout:
    """Indices [start, stop) of one axis."""
    axis %= view.ndim
    shape = (*view.shape[:axis], stop - start, *view.shape[axis + 1 :])
    return layout(view.offset + start * view.strides[axis], shape, view.strides, view.dtype)


def _encode(call: Call, kernel: CallKernel, told: Sequence[Layout]) -> Program:
    row = CALLS[call.opcode]
    ports = _ports(call)
    port = {storage: index for index, storage in enumerate(ports)}
    numbers = [*row.numbers(call)]
    slots = [slot for storage, slot in call.sources if storage is None]
    named = [storage for storage, _ in call.sources if storage is not None]
    memory = list(zip([*named, call.storage], told, strict=True))
    header = struct.pack(f"<2I{NUMBERS}q", MAGIC, len(memory), *_padded(numbers, NUMBERS))
    operands = [
        _operand(port[storage], view, kernel.memory_types[view.dtype], storage == call.storage)
        for storage, view in memory
    ]
    data = header.ljust(LINE, b"\0") + bytes(LINE) + b"".join(operands)
    patches = tuple((LINE + 8 * index, slot) for index, slot in enumerate(slots))
    form = row.scalar or scalar_format(call.layout.dtype)
    return Program(data, ports, patches, form)


def _operand(port: int, view: Layout, code: int, written: bool) -> bytes:
    """An operand's three lines."""
    head = struct.pack("<2Iq2I", port, code, view.offset // view.itemsize, view.ndim, int(written))
    steps = [stride // view.itemsize for stride in view.strides]
    extents = struct.pack(f"<{EXTENTS}q", *_padded(view.shape, EXTENTS))
    strides = struct.pack(f"<{EXTENTS}q", *_padded(steps, EXTENTS))
    return head.ljust(LINE, b"\0") + extents + strides


def _padded(numbers: Sequence[int], count: int) -> list[int]:
    return [*numbers, *[0] * (count - len(numbers))]


def scalar_format(dtype: np.dtype) -> str:
    """The struct format of a recorded scalar as the bytes of `dtype`."""
    return "<" + {"l": "q", "L": "Q"}.get(dtype.char, dtype.char)


# The kernels


def _scan_work(call: Call) -> float:
    return 2.0 * call.layout.size


def _scan_misfit(call: Call, kernel: CallKernel) -> str | None:
    source, result = (view.dtype for view in call.views)
    if result.kind == "b" or (source.kind == "f" and result.kind != "f"):
        return f"no kernel for {call.opcode} of {source} in {result}"
    return None


def _takes_all(call: Call, kernel: CallKernel) -> str | None:
    return None


def _no_numbers(call: Call) -> Sequence[int]:
    return ()


def _same_types(call: Call, kernel: CallKernel) -> str | None:
    types = sorted({str(view.dtype) for view in call.views})
    return f"no kernel for {call.opcode} on {' and '.join(types)}" if len(types) > 1 else None


def _matrices(call: Call) -> Sequence[Layout]:
    """Operands and result of a matrix product with equal leading extents, as its kernel wants."""
    a, b, c = call.views
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return [_leading(a, lead), _leading(b, lead), c]


def _rows(call: Call) -> Mapping[int, int]:
    """Rows of the product are rows of the first matrix."""
    return {0: -2, 2: -2}


def _leading(view: Layout, lead: tuple[int, ...]) -> Layout:
    shape = (*lead, *view.shape[-2:])
    return layout(view.offset, shape, broadcast_strides(view, shape), view.dtype)


_MULTIPLY_ADDS = 20.0
"""Multiply-adds of a matrix product in the time of one cheap elementwise operation."""
_TILE = (12, 32)
"""Rows and columns that the matrix product handles together (kernels/src/matmul.cpp)."""


def _matmul_work(call: Call) -> float:
    a, b, c = call.views
    m, n = (-(-extent // tile) * tile for extent, tile in zip(c.shape[-2:], _TILE, strict=True))
    batches = c.size / max(c.shape[-1] * c.shape[-2], 1)
    return batches * m * n * a.shape[-1] / _MULTIPLY_ADDS + a.size + b.size + c.size


def _arg_views(call: Call) -> Sequence[Layout]:
    """The result is told with the source's shape, in one place along the axis."""
    source, result = call.views
    axis = call.params["axis"]
    strides = (*result.strides[:axis], 0, *result.strides[axis:])
    return [source, layout(result.offset, source.shape, strides, result.dtype)]


def _matmul_host(call: Call) -> float:
    """BLAS on two threads for floats, plain loops for integers."""
    a, _, c = call.views
    price = {"f4": 0.012, "f8": 0.02}.get(c.dtype.str[1:], 1.0)
    return price * c.size * a.shape[-1]


def _arg_host(call: Call) -> float:
    """NumPy has vector code for long lines that lie together; short ones cost a call each."""
    source = call.views[0]
    axis = call.params["axis"]
    if source.strides[axis] != source.itemsize:
        return 0.5 * source.size
    return 0.011 * source.nbytes + 20.0 * source.size / source.shape[axis]


def _scan_host(call: Call) -> float:
    return 2.9 * call.layout.size


def _arg_work(call: Call) -> float:
    return 1.5 * call.views[0].size


def _resize_numbers(call: Call) -> Sequence[int]:
    return (METHODS.index(call.params["method"]),)


def _images(call: Call) -> Sequence[Layout]:
    """Both images with a channel axis."""
    return [_with_channels(view) for view in call.views]


def _with_channels(view: Layout) -> Layout:
    if view.ndim == 3:
        return view
    shape, strides = (*view.shape, 1), (*view.strides, view.itemsize)
    return layout(view.offset, shape, strides, view.dtype)


def _row_too_long(call: Call, kernel: CallKernel) -> str | None:
    longest = max(view.shape[1] * view.shape[2] for view in _images(call))
    if longest > kernel.limits["row"]:
        return f"a row of {longest} elements where {kernel.kernel} has {kernel.limits['row']}"
    return None


def _resize_work(call: Call) -> float:
    image, result = call.views
    return 2.0 * image.size + 6.0 * result.size


def _selection_views(call: Call) -> Sequence[Layout]:
    return gathering.told(call.views, call.opcode == "put", call.params)


def _selection_numbers(call: Call) -> Sequence[int]:
    flags = gathering.MODES[call.params["mode"]]
    if call.opcode == "put":
        flags |= gathering.SCATTERS
        flags |= gathering.SCALAR if call.sources[-1][0] is None else 0
    return (flags, *gathering.steps(call.views, _selection_views(call), call.params))


def _selection_work(call: Call) -> float:
    """Elements moved, random access priced as three in order; what is not indexed costs nothing."""
    views = call.views
    count = len(call.params["axes"])
    shape = gathering.selected_shape(views[0], views[1 : 1 + count], call.params)
    return 3.0 * prod(shape)


CALLS: dict[str, Row] = {
    "cumsum": Row(lambda call: (call.params["axis"], 0), _scan_misfit, _scan_work, host=_scan_host),
    "cumprod": Row(
        lambda call: (call.params["axis"], 1), _scan_misfit, _scan_work, host=_scan_host
    ),
    "argmax": Row(
        lambda call: (call.params["axis"], 0),
        _takes_all,
        _arg_work,
        views=_arg_views,
        host=_arg_host,
    ),
    "argmin": Row(
        lambda call: (call.params["axis"], 1),
        _takes_all,
        _arg_work,
        views=_arg_views,
        host=_arg_host,
    ),
    "resize": Row(_resize_numbers, _row_too_long, _resize_work, views=_images),
    "matmul": Row(
        _no_numbers, _same_types, _matmul_work, views=_matrices, shared=_rows, host=_matmul_host
    ),
    "take": Row(_selection_numbers, _takes_all, _selection_work, None, _selection_views),
    "put": Row(_selection_numbers, _takes_all, _selection_work, None, _selection_views),
}
"""opcode → what its kernel is told."""
