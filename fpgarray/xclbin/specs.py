"""What a builder is told: kernels, their arguments, and streams, in the words of v++.

Checked on construction; a wrong one raises XclbinError (a ValueError) that names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from fpgarray.errors import XclbinError
from fpgarray.xclbin.enums import AddressQualifier, ControlProtocol

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

SCALAR_NBYTES: Mapping[str, int] = {
    "bool": 1, "char": 1, "signed char": 1, "unsigned char": 1,
    "short": 2, "unsigned short": 2,
    "int": 4, "unsigned int": 4, "uint": 4, "float": 4,
    "long": 8, "unsigned long": 8, "long long": 8, "unsigned long long": 8, "double": 8,
    "size_t": 8,
    "int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2,
    "int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8,
}  # fmt: skip
"""C types a scalar argument can have -> bytes."""

POINTER_NBYTES = 8


def demand(condition: bool, message: str) -> None:
    """XclbinError unless `condition`."""
    if not condition:
        raise XclbinError(message, section="specification")


def demand_identifier(name: str, what: str, max_nbytes: int = 62) -> None:
    """XclbinError unless `name` is a C identifier that fits its field."""
    good = isinstance(name, str) and _IDENTIFIER.fullmatch(name) and len(name) <= max_nbytes
    demand(bool(good), f"{what} {name!r} is not a C identifier of at most {max_nbytes} characters")


@dataclass(frozen=True)
class ArgumentSpec:
    """An argument. Make them with `pointer`, `scalar` and `stream`."""

    name: str
    type: str
    address_qualifier: AddressQualifier
    host_size: int
    banks: tuple[int, ...] = ()
    port: str | None = None
    data_width: int = 32
    direction: Literal["in", "out"] | None = None

    def __post_init__(self) -> None:
        demand_identifier(self.name, "argument")
        demand(self.type.isprintable(), f"argument {self.name!r}: type {self.type!r}")
        if self.port is not None:
            demand_identifier(self.port, f"port of argument {self.name!r}:")
        demand(
            self.data_width in {8 << i for i in range(9)},
            f"argument {self.name!r}: port width {self.data_width} is no power of two in 8-2048",
        )

    @property
    def register_nbytes(self) -> int:
        """Bytes of its registers: HLS widens scalars to 32 bits; streams have none."""
        if self.address_qualifier == AddressQualifier.STREAM:
            return 0
        return max(4, self.host_size)


def pointer(
    name: str,
    type: str = "void*",
    *,
    banks: int | Iterable[int] = 0,
    data_width: int = 512,
    port: str | None = None,
) -> ArgumentSpec:
    """A buffer argument. `banks`: indices of memories it reaches; `port`: its AXI bundle (its
    own by default); arguments of one bundle share its width."""
    reached = (banks,) if isinstance(banks, int) else tuple(banks)
    demand(type.endswith("*"), f"argument {name!r}: {type!r} is no pointer type")
    return ArgumentSpec(
        name, type, AddressQualifier.GLOBAL, POINTER_NBYTES, reached, port, data_width
    )


def scalar(name: str, type: str = "int") -> ArgumentSpec:
    """An argument passed by value; `type` is one of SCALAR_NBYTES."""
    demand(type in SCALAR_NBYTES, f"argument {name!r}: {type!r} is no known scalar type")
    return ArgumentSpec(name, type, AddressQualifier.SCALAR, SCALAR_NBYTES[type])


def stream(
    name: str, direction: Literal["in", "out"], type: str | None = None, *, data_width: int = 32
) -> ArgumentSpec:
    """An AXI stream argument; "out" ends are connected to "in" ends by a StreamSpec."""
    demand(direction in ("in", "out"), f"argument {name!r}: direction {direction!r}")
    spelled = type or f"stream<ap_axiu<{data_width},0,0,0>>&"
    return ArgumentSpec(name, spelled, AddressQualifier.STREAM, 0, (), None, data_width, direction)


@dataclass(frozen=True)
class KernelSpec:
    """A kernel and its compute units: their number (`name_1`, `name_2`, ...) or their names.

    `control_range` is the bytes of registers XRT lets a host reach.
    """

    name: str
    arguments: tuple[ArgumentSpec, ...]
    instances: int | tuple[str, ...] = 1
    control: ControlProtocol = ControlProtocol.HS
    control_range: int = 0x10000
    units: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        demand_identifier(self.name, "kernel")
        units = self.instances
        if isinstance(units, int):
            units = tuple(f"{self.name}_{i + 1}" for i in range(units))
        object.__setattr__(self, "arguments", tuple(self.arguments))
        object.__setattr__(self, "units", tuple(units))
        demand(bool(self.units), f"kernel {self.name!r} has no compute unit")
        for unit in self.units:
            # IP_LAYOUT has 63 bytes for `kernel:instance`
            demand_identifier(unit, "compute unit", 62 - len(self.name))
        names = [argument.name for argument in self.arguments]
        demand(len(set(names)) == len(names), f"kernel {self.name!r}: argument names repeat")
        demand(
            0 < self.control_range <= 0x10000 and self.control_range % 4096 == 0,
            f"kernel {self.name!r}: control range {self.control_range:#x}",
        )

    def index(self, argument: str) -> int:
        """Index of the argument of that name. XclbinError if there is none."""
        names = [a.name for a in self.arguments]
        demand(argument in names, f"kernel {self.name!r} has no argument {argument!r}")
        return names.index(argument)


@dataclass(frozen=True)
class StreamSpec:
    """A stream between compute units, as v++'s `stream_connect=unit.argument:unit.argument`."""

    source: str
    target: str

    def __post_init__(self) -> None:
        for end in (self.source, self.target):
            demand(end.count(".") == 1, f"stream end {end!r} is not written instance.argument")
