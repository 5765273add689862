"""Kernel specs: what the engines of an image can do, read from its capability table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fpgarray.errors import ImageError

ABI = 1
"""The version of kernels/PROGRAM.md this package encodes."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One elementwise engine kernel; the fields are the capability table's."""

    kernel: str
    units: int
    """Compute units the image has of it."""
    dtype: np.dtype
    registers: int
    tile: int
    ports: int
    operands: int
    instructions: int
    dimensions: int
    program_nbytes: int
    subnormals: bool
    memory_types: Mapping[np.dtype, int] = field(hash=False)
    folds: Mapping[str, int] = field(hash=False)
    operations: Mapping[str, int] = field(hash=False)
    findings: int = 0
    """Lines of findings it can choose among; 0 if it tells nothing."""


@dataclass(frozen=True, slots=True)
class CallKernel:
    """A kernel that does one whole operation per launch; the fields are the capability table's."""

    kernel: str
    units: int
    """Compute units the image has of it."""
    does: str
    """The operation: the `opcode` of a row of the op table."""
    ports: int
    dimensions: int
    limits: Mapping[str, int] = field(hash=False)
    """What else the kernel says of itself; its encoder in `calls` knows the names."""
    memory_types: Mapping[np.dtype, int] = field(hash=False)


@dataclass(frozen=True, slots=True)
class EngineSet:
    """The engines and call kernels of one image.

    `name` is how reasons call the image; `uuid` identifies it.
    """

    name: str
    uuid: str
    engines: tuple[Engine, ...]
    calls: tuple[CallKernel, ...] = ()

    def __hash__(self) -> int:
        return hash(self.uuid)

    @property
    def mover(self) -> int | None:
        """The index (see `kernel`) of the kernel that copies between views, if there is one."""
        found = (i for i, call in enumerate(self.calls) if call.does == "copy")
        return next((len(self.engines) + i for i in found), None)

    def kernel(self, index: int) -> Engine | CallKernel:
        """What steps call kernel `index`: the engines come first, then the call kernels."""
        count = len(self.engines)
        return self.engines[index] if index < count else self.calls[index - count]


_MEMORY_DTYPES = {
    name: np.dtype(name) for name in ("f4", "f8", "b1", "i4", "i8", "u1", "u2", "u4", "u8")
}


def engines_of(
    name: str, uuid: str, capability: Mapping[str, Any] | None, units: Mapping[str, int]
) -> EngineSet:
    """The engines that a capability table announces; none without a table.

    `units`: how many compute units the image has of each kernel.

    Raises ImageError for a table of another ABI or with a field missing or of the wrong type.
    """
    if capability is None:
        return EngineSet(name, uuid, ())
    if capability.get("abi") != ABI:
        raise ImageError(
            f"{name}: its engine speaks program ABI {capability.get('abi')!r}, not {ABI}; "
            "rebuild the image or use another fpgarray"
        )
    try:
        engines = tuple(_engine(row, units) for row in capability["engines"])
        calls = tuple(_call_kernel(row, units) for row in capability.get("calls", ()))
        return EngineSet(name, uuid, engines, calls)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ImageError(f"{name}: capability table: {error!r}") from error


def _engine(row: Mapping[str, Any], units: Mapping[str, int]) -> Engine:
    numbers = ("registers", "tile", "ports", "operands", "instructions", "dimensions")
    return Engine(
        kernel=str(row["kernel"]),
        units=units[row["kernel"]],
        dtype=np.dtype(row["dtype"]),
        **{name: int(row[name]) for name in numbers},
        program_nbytes=int(row["program_nbytes"]),
        subnormals=bool(row["subnormals"]),
        memory_types=_memory_types(row),
        folds={name: int(code) for name, code in row["folds"].items()},
        operations={name: int(code) for name, code in row["operations"].items()},
        findings=int(row.get("findings", 0)),
    )


def _call_kernel(row: Mapping[str, Any], units: Mapping[str, int]) -> CallKernel:
    return CallKernel(
        kernel=str(row["kernel"]),
        units=units[row["kernel"]],
        does=str(row["does"]),
        ports=int(row["ports"]),
        dimensions=int(row["dimensions"]),
        limits={name: int(limit) for name, limit in row.get("limits", {}).items()},
        memory_types=_memory_types(row),
    )


def _memory_types(row: Mapping[str, Any]) -> dict[np.dtype, int]:
    """dtype → its code; dtypes this version does not know are left out."""
    return {
        _MEMORY_DTYPES[name]: int(code)
        for name, code in row["memory_types"].items()
        if name in _MEMORY_DTYPES
    }
