"""The records a container holds. Values only: no bytes are read or written here.

All are immutable and compare by value. Fields follow XRT's xclbin.h and the attributes of the
embedded XML; numbers without a name in `enums` stay ints.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fpgarray.errors import XclbinError
from fpgarray.xclbin.enums import (
    AddressQualifier,
    ClockType,
    ControlProtocol,
    IpType,
    MemoryType,
    SectionKind,
    label,
    named,
)

NO_ADDRESS = 0xFFFF_FFFF_FFFF_FFFF
"""`Ip.base_address` of a compute unit without registers (free-running)."""

STREAM_TYPES = frozenset({MemoryType.STREAMING, MemoryType.STREAMING_CONNECTION})


@dataclass(frozen=True, slots=True)
class Section:
    """One section as stored: kind, name (at most 15 bytes of UTF-8) and contents.

    `data` is read-only; after `parse` it is a view of the parsed bytes. `offset` is where it
    began in the file that was parsed (for messages; 0 in sections made by hand, not compared).
    """

    kind: SectionKind | int
    name: str
    data: bytes | memoryview = field(repr=False)
    offset: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """The section in words, for messages: its kind, and its name where it has one."""
        return f"{label(self.kind)} {self.name!r}" if self.name else label(self.kind)

    def error(self, message: str, position: int = 0) -> XclbinError:
        """The error for a fault `position` bytes into this section."""
        return XclbinError(message, section=self.label, offset=self.offset + position)

    def __reduce__(self) -> tuple:
        # memoryviews cannot be pickled
        return Section, (self.kind, self.name, bytes(self.data), self.offset)


@dataclass(frozen=True, slots=True)
class Memory:
    """One entry of a topology: a bank, or one end of a stream."""

    type: MemoryType | int
    used: bool
    size_kb: int
    base_address: int
    tag: str

    @property
    def nbytes(self) -> int:
        """Size of a bank in bytes; 0 for the end of a stream."""
        return 0 if self.is_stream else self.size_kb * 1024

    @property
    def is_stream(self) -> bool:
        """Whether this is the end of a stream; buffers cannot live there."""
        return self.type in STREAM_TYPES

    @property
    def flow_id(self) -> int:
        """Of a stream's end: the instance's base address | the argument's index."""
        return self.base_address


@dataclass(frozen=True, slots=True)
class Connection:
    """Argument index of compute unit `ip` (index into `ips`) reaches `memory` (index)."""

    argument: int
    ip: int
    memory: int


@dataclass(frozen=True, slots=True)
class Ip:
    """One entry of IP_LAYOUT; those of type KERNEL are compute units named `kernel:instance`."""

    type: IpType | int
    properties: int
    base_address: int
    name: str

    @property
    def kernel(self) -> str:
        """The kernel's name: what stands before the colon."""
        return self.name.partition(":")[0]

    @property
    def instance(self) -> str:
        """The compute unit's name: what stands after the colon; empty without one."""
        return self.name.partition(":")[2]

    @property
    def control(self) -> ControlProtocol | int:
        """How it is started: bits 8-15 of the properties."""
        return named(ControlProtocol, self.properties >> 8 & 0xFF)

    @property
    def interrupt_enabled(self) -> bool:
        """Bit 0 of the properties."""
        return bool(self.properties & 1)

    @property
    def interrupt_id(self) -> int:
        """Bits 1-7 of the properties."""
        return self.properties >> 1 & 0x7F


@dataclass(frozen=True, slots=True)
class Clock:
    """One entry of CLOCK_FREQ_TOPOLOGY."""

    frequency_mhz: int
    type: ClockType | int
    name: str


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a kernel: `mode` master, slave, read_only or write_only, as the XML says."""

    name: str
    mode: str
    range: int
    data_width: int
    port_type: str
    base: int


@dataclass(frozen=True, slots=True)
class Argument:
    """A kernel argument. `id` is its index, None for hidden ones that a call does not pass.

    `offset` is that of its register, `size` the bytes there; `host_size` the bytes of the host's
    value; `type` its C type as the tool spells it.
    """

    name: str
    address_qualifier: AddressQualifier | int
    id: int | None
    port: str
    size: int
    offset: int
    host_size: int
    host_offset: int
    type: str

    @property
    def is_scalar(self) -> bool:
        """Passed by value in a register."""
        return self.address_qualifier == AddressQualifier.SCALAR

    @property
    def is_pointer(self) -> bool:
        """Passed as a buffer."""
        return self.address_qualifier in (AddressQualifier.GLOBAL, AddressQualifier.CONSTANT)

    @property
    def is_stream(self) -> bool:
        """Wired to another compute unit; the host cannot set it."""
        return self.address_qualifier == AddressQualifier.STREAM


@dataclass(frozen=True, slots=True)
class Instance:
    """A compute unit as the XML has it; `base_address` is None where it has no registers."""

    name: str
    base_address: int | None
    range: int
    port: str


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel of the embedded XML. `arguments[i].id == i`, then those without an id."""

    name: str
    arguments: tuple[Argument, ...]
    ports: tuple[Port, ...]
    instances: tuple[Instance, ...]
    control: str = "ap_ctrl_hs"
    language: str = "c"
    vlnv: str = ""
    type: str = "pl"
    address_range: int = 0x10000

    @property
    def compute_units(self) -> tuple[str, ...]:
        """Names of its instances."""
        return tuple(instance.name for instance in self.instances)

    def port(self, name: str) -> Port | None:
        """The port of that name; None where the XML lists none (streams in older tools)."""
        return next((port for port in self.ports if port.name == name), None)

    def argument(self, key: str | int) -> Argument:
        """The argument of that name or index. XclbinError lists what there is."""
        for argument in self.arguments:
            if key in (argument.name, argument.id):
                return argument
        found = ", ".join(f"{a.id}: {a.name}" for a in self.arguments) or "no arguments"
        raise XclbinError(
            f"kernel {self.name!r} has no argument {key!r}; it has {found}",
            section=SectionKind.EMBEDDED_METADATA.name,
        )


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a stream: an argument of a compute unit; `memory` is its topology entry."""

    kernel: str
    instance: str
    argument: int
    memory: int


@dataclass(frozen=True, slots=True)
class Stream:
    """A kernel-to-kernel stream; both ends carry `tag`. Data flows source to target."""

    tag: str
    source: Endpoint
    target: Endpoint
