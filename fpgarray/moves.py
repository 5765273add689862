"""Moves: copies without a cast, and the bytes the `copy` kernel reads, several copies to a launch.

Pure. Owns the encoding (kernels/PROGRAM.md, "Copies"): how a pair of views becomes units, axes and
a plane. Knows layouts and the kernel's capability row; knows nothing of devices or of planning.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from math import gcd
from typing import Any, NamedTuple

from fpgarray.engine import LINE, Program
from fpgarray.layout import Layout, broadcast_strides
from fpgarray.registry import CallKernel

MAGIC = 0x46504333
EXTENTS = 8
COPIED, FILLED, CROSSED = 0, 1, 2
"""A segment's kinds; "crossed": the source runs along the other axis of the plane."""
_WIDEST = 8
"""Bytes of the widest unit."""
_VALUES = frozenset("?bBhHiIlLqQfd")
"""dtypes whose recorded values can be packed."""
_PACKED = {"l": "q", "L": "Q"}


class Move(NamedTuple):
    """One copy. `source`: the layout read in storage `storage`, or the slot of a recorded scalar
    (`storage` None)."""

    storage: int | None
    source: Any
    target: int
    layout: Layout


def misfit_move(move: Move, kernel: CallKernel) -> str | None:
    """Why the copy kernel cannot do it, or None."""
    view = move.layout
    if view.dtype.hasobject:
        return "objects live on the host"
    if move.storage is None:
        if not view.is_aligned:
            return "elements are not aligned to their size"
        return None if view.dtype.char in _VALUES else f"no kernel for values of {view.dtype}"
    if move.source.dtype != view.dtype:
        return f"no kernel for copy from {move.source.dtype} to {view.dtype}"
    dimensions = len(_Geometry(move).axes)
    if dimensions > kernel.dimensions:
        return f"{dimensions} dimensions where {kernel.kernel} has {kernel.dimensions}"
    return None


def launches(moves: Sequence[Move], kernel: CallKernel) -> list[tuple[int, int]]:
    """[start, stop) of the moves that fit one launch each, in order."""
    most = kernel.limits.get("segments", 1)
    found: list[tuple[int, int]] = []
    start, ports = 0, set[int]()
    for index, move in enumerate(moves):
        wider = ports | _storages(move)
        if index > start and (len(wider) > kernel.ports or index - start >= most):
            found.append((start, index))
            start, wider = index, _storages(move)
        ports = wider
    found.append((start, len(moves)))
    return found


def _storages(move: Move) -> set[int]:
    return {move.target} if move.storage is None else {move.storage, move.target}


def encode_moves(moves: Sequence[Move]) -> Program:
    """The descriptor of moves that are one launch (see `launches`)."""
    named = [each for move in moves for each in (move.storage, move.target) if each is not None]
    ports = tuple(dict.fromkeys(named))
    port = {storage: index for index, storage in enumerate(ports)}
    data = bytearray(struct.pack("<2I", MAGIC, len(moves)).ljust(LINE, b"\0"))
    patches, formats = [], []
    for move in moves:
        if move.storage is None:
            char = move.layout.dtype.char
            patches.append((len(data) + 32, move.source))
            formats.append("<" + _PACKED.get(char, char))
        data += _segment(move, port)
    return Program(bytes(data), ports, tuple(patches), "<d", tuple(formats))


def _segment(move: Move, port: dict[int, int]) -> bytes:
    """A segment's four lines."""
    shape = _Geometry(move)
    source = 0 if move.storage is None else port[move.storage]
    kind = FILLED if move.storage is None else CROSSED if shape.crossed else COPIED
    head = struct.pack(
        "<4I3qI",
        source,
        port[move.target],
        shape.unit,
        len(shape.axes),
        shape.offsets[0] // shape.unit,
        shape.offsets[1] // shape.unit,
        0,
        kind,
    )
    extents, steps, own = zip(*shape.axes, strict=True)
    lines = [_numbers(extents), *(_numbers(s // shape.unit for s in each) for each in (steps, own))]
    return head.ljust(LINE, b"\0") + b"".join(lines)


def _numbers(numbers: Iterable[int]) -> bytes:
    row = tuple(numbers)
    return struct.pack(f"<{len(row)}q", *row).ljust(LINE, b"\0")


class _Geometry:
    """A move in units: `axes` are (extent, source stride, target stride) in bytes, outermost first,
    at least two of them, the target's fast axis last.

    Axes of one element vanish, neighbours that both sides walk in one stride are joined, and a run
    that is whole on both sides is walked in the widest unit that divides everything.
    """

    def __init__(self, move: Move) -> None:
        target = move.layout
        filled = move.storage is None
        steps = (0,) * target.ndim if filled else broadcast_strides(move.source, target.shape)
        self.offsets = (0 if filled else move.source.offset, target.offset)
        rows = zip(target.shape, steps, target.strides, strict=True)
        axes = [row for row in rows if row[0] != 1]
        self.unit = target.itemsize if filled else _unit(target.itemsize, axes, self.offsets)
        if self.unit != target.itemsize:
            axes.append((target.itemsize // self.unit, self.unit, self.unit))
        self.axes = _joined(sorted(axes, key=lambda row: -abs(row[2])))
        if not filled:
            self._widen()
        self.crossed = not filled and self._cross()
        while len(self.axes) < 2:
            self.axes.insert(0, (1, 0, 0))

    def _widen(self) -> None:
        """Walk the innermost run in wider units, where it is one on both sides."""
        while self.axes and self.axes[-1][1:] == (self.unit, self.unit) and self.unit < _WIDEST:
            *outer, (extent, _, _) = self.axes
            wide = 2 * self.unit
            if extent % 2 or _unit(wide, outer, self.offsets) != wide:
                return
            self.unit = wide
            self.axes[-1] = (extent // 2, wide, wide)
            if extent == 2:
                self.axes.pop()

    def _cross(self) -> bool:
        """Put the source's fast axis next to the last, if it is another one."""
        if len(self.axes) < 2:
            return False
        fast = min(range(len(self.axes)), key=lambda axis: abs(self.axes[axis][1]) or 1 << 62)
        *_, (_, step, _) = self.axes
        if fast == len(self.axes) - 1 or abs(self.axes[fast][1]) >= abs(step):
            return False
        self.axes.insert(len(self.axes) - 1, self.axes.pop(fast))
        return True


def _unit(most: int, axes: Sequence[tuple[int, int, int]], offsets: tuple[int, int]) -> int:
    """The widest unit of at most `most` bytes that divides it, all strides and the offsets."""
    divisor = gcd(_WIDEST, most, *offsets)
    for _, step, own in axes:
        divisor = gcd(divisor, step, own)
    return divisor & -divisor


def _joined(axes: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Axes, outer first; runs that both sides walk in one stride are one."""
    joined: list[tuple[int, int, int]] = []
    for extent, step, own in axes:
        if joined and joined[-1][1:] == (step * extent, own * extent):
            joined[-1] = (joined[-1][0] * extent, step, own)
        else:
            joined.append((extent, step, own))
    return joined
