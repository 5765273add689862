"""Specifications -> an image: every section XRT needs, derived from one description.

Emulation images come from here: their BITSTREAM is a shared library. Builds are reproducible: equal
input gives equal bytes, the UUID included. Needs no tool and touches no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fpgarray.xclbin.capability import encode_capability
from fpgarray.xclbin.container import NIL_UUID
from fpgarray.xclbin.enums import (
    AddressQualifier,
    ClockType,
    ControlProtocol,
    IpType,
    MemoryType,
    Mode,
    SectionKind,
)
from fpgarray.xclbin.image import Xclbin, parse, serialize
from fpgarray.xclbin.metadata_writer import write_kernels
from fpgarray.xclbin.records import (
    Argument,
    Clock,
    Connection,
    Instance,
    Ip,
    Kernel,
    Memory,
    Port,
    Section,
)
from fpgarray.xclbin.specs import ArgumentSpec, KernelSpec, StreamSpec, demand
from fpgarray.xclbin.streams import SOURCE_MODE, TARGET_MODE
from fpgarray.xclbin.tables import CLOCKS, CONNECTIONS, IPS, MEMORIES

FIRST_ARGUMENT = 0x10  # after control, global and IP interrupt registers (HLS s_axilite)
UNIT_RANGE = 0x10000
FIRST_UNIT = 0x1800000
CONTROL_PORT = "S_AXI_CONTROL"

DEFAULT_MEMORIES = (Memory(MemoryType.DDR4, True, 4 << 20, 0, "bank0"),)
DEFAULT_CLOCKS = (
    Clock(300, ClockType.DATA, "DATA_CLK"),
    Clock(500, ClockType.KERNEL, "KERNEL_CLK"),
)

_CONTROL_NAMES: Mapping[int, str] = {
    ControlProtocol.HS: "ap_ctrl_hs",
    ControlProtocol.CHAIN: "ap_ctrl_chain",
    ControlProtocol.NONE: "ap_ctrl_none",
}
_STREAM_MODES = {"out": SOURCE_MODE, "in": TARGET_MODE}


def build(
    *,
    platform: str,
    kernels: Sequence[KernelSpec],
    memories: Sequence[Memory] = DEFAULT_MEMORIES,
    clocks: Sequence[Clock] = DEFAULT_CLOCKS,
    bitstream: bytes | memoryview = b"",
    streams: Sequence[StreamSpec] = (),
    connect: Mapping[str, int | Iterable[int]] | None = None,
    capability: Mapping[str, Any] | None = None,
    mode: Mode = Mode.SW_EMU,
    uuid: UUID | None = None,
    timestamp: int = 0,
    version: tuple[int, int, int] = (2, 0, 0),
    interface_uuid: UUID = NIL_UUID,
    project: str = "fpgarray",
    extra_sections: Iterable[Section] = (),
) -> Xclbin:
    """An image with these kernels, as `parse` would return it.

    `memories` are banks (their indices are what `ArgumentSpec.banks` means); the ends of `streams`
    are appended behind them. `connect` overrides the banks of one compute unit's argument, as
    v++'s `sp=`: {"vadd_1.a": 1}. `capability` becomes the capability table, `uuid` follows
    from the contents unless given, `extra_sections` are appended as they are. XclbinError (a
    ValueError) names whatever does not fit together.
    """
    for what, text in (("platform", platform), ("project", project)):
        demand(text.isprintable(), f"{what} {text!r} is not printable")
    units = _units(kernels)
    demand(all(not m.is_stream for m in memories), "memories are banks; give streams as streams")
    links = _Links(units, len(memories))
    links.add_banks(connect or {})
    links.add_streams(streams)
    topology = [*memories, *links.ends]
    records = [_kernel(spec, [u for u in units if u.spec is spec]) for spec in kernels]
    xml = write_kernels(records, project=project, platform=platform, mode=mode, clocks=clocks)
    tables = _tables(topology, links.connections, [u.ip(i) for i, u in enumerate(units)], clocks)
    metadata = [
        Section(SectionKind.EMBEDDED_METADATA, "", xml),
        Section(SectionKind.BUILD_METADATA, "", _build_metadata(records, platform, mode)),
    ]
    if capability is not None:
        metadata.append(encode_capability(capability))
    image = Xclbin(
        uuid=uuid or NIL_UUID,
        platform=platform,
        mode=mode,
        version=version,
        timestamp=timestamp,
        interface_uuid=interface_uuid,
        sections=(
            Section(SectionKind.BITSTREAM, "", bitstream),
            *tables,
            *metadata,
            *extra_sections,
        ),
    )
    return parse(serialize(image if uuid else replace(image, uuid=image.content_uuid())))


@dataclass(frozen=True)
class _Unit:
    """A compute unit with its place in the address map."""

    spec: KernelSpec
    name: str
    base_address: int

    def ip(self, index: int) -> Ip:
        # interrupt ids have seven bits; XRT polls those that have none
        interrupt = index << 1 | 1 if index < 128 else 0
        properties = self.spec.control << 8 | interrupt
        return Ip(IpType.KERNEL, properties, self.base_address, f"{self.spec.name}:{self.name}")

    @property
    def instance(self) -> Instance:
        return Instance(self.name, self.base_address, UNIT_RANGE, CONTROL_PORT)


def _units(kernels: Sequence[KernelSpec]) -> list[_Unit]:
    """All compute units, addresses ascending as IP_LAYOUT demands."""
    names = [kernel.name for kernel in kernels]
    demand(len(set(names)) == len(names), f"kernel names repeat: {', '.join(names)}")
    pairs = [(kernel, unit) for kernel in kernels for unit in kernel.units]
    units = [_Unit(k, unit, FIRST_UNIT + i * UNIT_RANGE) for i, (k, unit) in enumerate(pairs)]
    demand(len({u.name for u in units}) == len(units), "compute unit names repeat")
    # stream ends keep the unit's base in 32 bits (design/xrt.md section 5)
    demand(not units or units[-1].base_address < 1 << 32, f"{len(units)} compute units")
    return units


class _Links:
    """Connections under construction: arguments to banks and to stream ends."""

    def __init__(self, units: Sequence[_Unit], bank_count: int) -> None:
        self._units = {unit.name: (index, unit) for index, unit in enumerate(units)}
        self._bank_count = bank_count
        self.connections: list[Connection] = []
        self.ends: list[Memory] = []

    def add_banks(self, connect: Mapping[str, int | Iterable[int]]) -> None:
        """Every pointer to its banks; `connect` ("instance.argument" -> banks) goes before."""
        wanted = {self._find(key): banks for key, banks in connect.items()}
        for ip, unit in self._units.values():
            for index, argument in enumerate(unit.spec.arguments):
                if argument.address_qualifier == AddressQualifier.GLOBAL:
                    banks = wanted.pop((ip, index), argument.banks)
                    self._connect(ip, index, banks, f"{unit.name}.{argument.name}")
        demand(not wanted, "connect names arguments that are no pointers")

    def add_streams(self, streams: Iterable[StreamSpec]) -> None:
        """Two ends per stream; every stream argument is an end of exactly one."""
        free = {
            (ip, index): f"{unit.name}.{argument.name}"
            for ip, unit in self._units.values()
            for index, argument in enumerate(unit.spec.arguments)
            if argument.direction
        }
        for number, stream in enumerate(streams):
            for name, direction in ((stream.source, "out"), (stream.target, "in")):
                key = self._find(name)
                demand(key in free, f"stream end {name!r} is no free stream argument")
                del free[key]
                self._add_end(name, key, direction, f"stream{number}")
        demand(not free, f"stream arguments are not connected: {', '.join(free.values())}")

    def _add_end(self, name: str, key: tuple[int, int], direction: str, tag: str) -> None:
        ip, index = key
        unit = self._units[name.partition(".")[0]][1]
        found = unit.spec.arguments[index].direction
        demand(
            found == direction, f"stream end {name!r} is {found!r}, here it must be {direction!r}"
        )
        self.connections.append(Connection(index, ip, self._bank_count + len(self.ends)))
        self.ends.append(Memory(MemoryType.STREAMING, True, 0, unit.base_address | index, tag))

    def _find(self, name: str) -> tuple[int, int]:
        """(ip index, argument index) of "instance.argument"."""
        unit_name, _, argument = name.partition(".")
        demand(unit_name in self._units, f"{name!r}: there is no compute unit {unit_name!r}")
        ip, unit = self._units[unit_name]
        return ip, unit.spec.index(argument)

    def _connect(self, ip: int, argument: int, banks: int | Iterable[int], name: str) -> None:
        listed = (banks,) if isinstance(banks, int) else tuple(banks)
        demand(bool(listed), f"pointer {name!r} reaches no bank")
        for bank in listed:
            demand(
                0 <= bank < self._bank_count,
                f"pointer {name!r}: bank {bank} is not one of {self._bank_count}",
            )
            self.connections.append(Connection(argument, ip, bank))


def _kernel(spec: KernelSpec, units: Sequence[_Unit]) -> Kernel:
    ports: dict[str, Port] = {}
    arguments = []
    offset = FIRST_ARGUMENT
    for index, argument in enumerate(spec.arguments):
        port = _port(spec, index)
        known = ports.setdefault(port.name, port)
        shared = known == port and (known is port or port.port_type != "stream")
        demand(shared, f"kernel {spec.name!r}: port {port.name} is used in two ways")
        has_registers = argument.register_nbytes > 0
        arguments.append(_argument(argument, index, port, offset if has_registers else 0))
        # HLS leaves a gap of 4 bytes behind every register pair or register
        offset += argument.register_nbytes + 4 if has_registers else 0
    demand(offset <= spec.control_range, f"kernel {spec.name!r}: too many registers")
    ports.setdefault(CONTROL_PORT, _control_port(spec))
    return Kernel(
        name=spec.name,
        arguments=tuple(arguments),
        ports=tuple(ports.values()),
        instances=tuple(unit.instance for unit in units),
        control=_CONTROL_NAMES[spec.control],
        vlnv=f"fpgarray:hls:{spec.name}:1.0",
        address_range=spec.control_range,
    )


def _argument(spec: ArgumentSpec, index: int, port: Port, offset: int) -> Argument:
    return Argument(
        name=spec.name,
        address_qualifier=spec.address_qualifier,
        id=index,
        port=port.name,
        size=spec.register_nbytes,
        offset=offset,
        host_size=spec.host_size,
        host_offset=0,
        type=spec.type,
    )


def _control_port(spec: KernelSpec) -> Port:
    return Port(CONTROL_PORT, "slave", spec.control_range, 32, "addressable", 0)


def _port(spec: KernelSpec, index: int) -> Port:
    argument = spec.arguments[index]
    if argument.direction:
        mode = _STREAM_MODES[argument.direction]
        return Port(argument.name.upper(), mode, 0, argument.data_width, "stream", 0)
    if argument.address_qualifier == AddressQualifier.SCALAR:
        return _control_port(spec)
    name = (argument.port or f"M_AXI_GMEM{index}").upper()
    return Port(name, "master", (1 << 64) - 1, argument.data_width, "addressable", 0)


def _tables(
    topology: Sequence[Memory],
    connections: Sequence[Connection],
    ips: Sequence[Ip],
    clocks: Sequence[Clock],
) -> list[Section]:
    """Groups repeat the plain sections: banks that belong together are not merged here."""
    rows = (
        (SectionKind.MEM_TOPOLOGY, MEMORIES, topology),
        (SectionKind.CONNECTIVITY, CONNECTIONS, connections),
        (SectionKind.IP_LAYOUT, IPS, ips),
        (SectionKind.CLOCK_FREQ_TOPOLOGY, CLOCKS, clocks),
        (SectionKind.GROUP_TOPOLOGY, MEMORIES, topology),
        (SectionKind.GROUP_CONNECTIVITY, CONNECTIONS, connections),
    )
    return [Section(kind, "", table.encode(records, kind)) for kind, table, records in rows]


def _build_metadata(kernels: Iterable[Kernel], platform: str, mode: int) -> bytes:
    regions = [
        {
            "name": kernel.name,
            "arguments": [{"id": a.id, "name": a.name, "type": a.type} for a in kernel.arguments],
            "instances": [{"name": unit} for unit in kernel.compute_units],
        }
        for kernel in kernels
    ]
    document = {
        "build_metadata": {
            "schema_version": {"major": "1", "minor": "0", "patch": "0"},
            "platform": platform,
            "mode": Mode(mode).name,
            "xclbin": {
                "generated_by": {"name": "fpgarray"},
                "user_regions": [{"name": "OCL_REGION_0", "kernels": regions}],
            },
        }
    }
    return json.dumps(document, sort_keys=True).encode("utf-8")
