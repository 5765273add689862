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


@dataclass(frozen=True, slots=True)
class EngineSet:
    """The engines of one image. `name` is how reasons call the image; `uuid` identifies it."""

    name: str
    uuid: str
    engines: tuple[Engine, ...]

    def __hash__(self) -> int:
        return hash(self.uuid)


_MEMORY_DTYPES = {"f4": np.dtype("f4"), "f8": np.dtype("f8"), "b1": np.dtype(bool)}


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
        return EngineSet(name, uuid, tuple(_engine(row, units) for row in capability["engines"]))
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
        memory_types={
            _MEMORY_DTYPES[name]: int(code)
            for name, code in row["memory_types"].items()
            if name in _MEMORY_DTYPES
        },
        folds={name: int(code) for name, code in row["folds"].items()},
        operations={name: int(code) for name, code in row["operations"].items()},
    )
