"""`Xclbin`: a whole container as a value, and the two functions between it and bytes.

The sections are the truth; everything else (`kernels`, `memories`, `streams`, ...) is a view that
is decoded from them when first asked for and kept. `parse` asks for all of them, so an image that
`parse` returned never fails later. Reading an image never executes anything in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any
from uuid import UUID

from fpgarray.errors import XclbinError
from fpgarray.xclbin.capability import decode_capability, is_capability
from fpgarray.xclbin.container import NIL_UUID, Header, decode_container, encode_container
from fpgarray.xclbin.enums import IpType, SectionKind, label
from fpgarray.xclbin.metadata import parse_kernels
from fpgarray.xclbin.records import (
    Clock,
    Connection,
    Ip,
    Kernel,
    Memory,
    Section,
    Stream,
)
from fpgarray.xclbin.streams import find_streams
from fpgarray.xclbin.tables import CLOCKS, CONNECTIONS, IPS, MEMORIES

COMPUTE_UNIT_TYPES = frozenset({IpType.KERNEL, IpType.PS_KERNEL})


@dataclass(frozen=True, slots=True)
class _Source:
    """The very bytes that were parsed (a signature included) and what they said."""

    data: memoryview
    header: Header
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Xclbin(Header):
    """An image: the header's fields and its sections in file order.

    Immutable; `dataclasses.replace` makes changed copies. Two images are equal when header and
    sections are. Lookups that find nothing raise XclbinError and list what there is; optional
    things that are absent are None or empty.
    """

    sections: tuple[Section, ...] = field(default=(), repr=False)
    _source: _Source | None = field(default=None, repr=False, compare=False, kw_only=True)

    # -- sections ---------------------------------------------------------------------------

    def section(self, kind: int, name: str | None = None) -> Section | None:
        """The first section of `kind` (as XRT takes it), of that name if given; or None."""
        for section in self.sections:
            if section.kind == kind and name in (None, section.name):
                return section
        return None

    def sections_of(self, kind: int) -> tuple[Section, ...]:
        """All sections of `kind`, in file order."""
        return tuple(section for section in self.sections if section.kind == kind)

    @property
    def bitstream(self) -> memoryview:
        """Contents of BITSTREAM without a copy; empty where there is none."""
        section = self.section(SectionKind.BITSTREAM)
        return memoryview(b"" if section is None else section.data)

    @property
    def metadata_xml(self) -> bytes:
        """Contents of EMBEDDED_METADATA; empty where there is none."""
        section = self.section(SectionKind.EMBEDDED_METADATA)
        return b"" if section is None else bytes(section.data)

    # -- tables; the grouped sections win, as in XRT ----------------------------------------

    @property
    def memories(self) -> tuple[Memory, ...]:
        """GROUP_TOPOLOGY if there is one, else MEM_TOPOLOGY. Indices here are bank numbers."""
        return self.plain_memories if self.group_memories is None else self.group_memories

    @property
    def connections(self) -> tuple[Connection, ...]:
        """GROUP_CONNECTIVITY if there is one, else CONNECTIVITY. Points into `memories`."""
        return self.plain_connections if self.group_connections is None else self.group_connections

    @cached_property
    def plain_memories(self) -> tuple[Memory, ...]:
        """MEM_TOPOLOGY."""
        return self._decoded(SectionKind.MEM_TOPOLOGY, MEMORIES.decode) or ()

    @cached_property
    def group_memories(self) -> tuple[Memory, ...] | None:
        """GROUP_TOPOLOGY, None without that section."""
        return self._decoded(SectionKind.GROUP_TOPOLOGY, MEMORIES.decode)

    @cached_property
    def plain_connections(self) -> tuple[Connection, ...]:
        """CONNECTIVITY. Points into `plain_memories`."""
        return self._decoded(SectionKind.CONNECTIVITY, CONNECTIONS.decode) or ()

    @cached_property
    def group_connections(self) -> tuple[Connection, ...] | None:
        """GROUP_CONNECTIVITY, None without that section. Points into `memories`."""
        return self._decoded(SectionKind.GROUP_CONNECTIVITY, CONNECTIONS.decode)

    @cached_property
    def ips(self) -> tuple[Ip, ...]:
        """IP_LAYOUT."""
        return self._decoded(SectionKind.IP_LAYOUT, IPS.decode) or ()

    @cached_property
    def clocks(self) -> tuple[Clock, ...]:
        """CLOCK_FREQ_TOPOLOGY."""
        return self._decoded(SectionKind.CLOCK_FREQ_TOPOLOGY, CLOCKS.decode) or ()

    # -- kernels ----------------------------------------------------------------------------

    @cached_property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernels of the embedded XML; empty without that section."""
        return self._decoded(SectionKind.EMBEDDED_METADATA, parse_kernels) or ()

    def kernel(self, name: str) -> Kernel:
        """The kernel of that name (without instances). XclbinError lists what there is."""
        for kernel in self.kernels:
            if kernel.name == name:
                return kernel
        raise _absent("kernel", name, (k.name for k in self.kernels))

    def compute_units(self, kernel: str) -> tuple[Ip, ...]:
        """Compute units of `kernel` in IP_LAYOUT, in its order."""
        return tuple(ip for ip in self.ips if ip.kernel == kernel and ip.type in COMPUTE_UNIT_TYPES)

    def banks_of(self, kernel: str, instance: str | None, argument: int | str) -> tuple[int, ...]:
        """Indices into `memories` that a pointer argument reaches, in connectivity order.

        For one compute unit, or with instance None those that *every* compute unit of the kernel
        reaches: a buffer there suits them all. Empty for scalars and streams. XclbinError for an
        unknown kernel, instance or argument.
        """
        index = self.kernel(kernel).argument(argument).id
        first, *others = (self._reached.get((u, index), ()) for u in self._units(kernel, instance))
        return tuple(bank for bank in first if all(bank in banks for banks in others))

    def _units(self, kernel: str, instance: str | None) -> list[int]:
        """Indices into `ips`."""
        units = [
            index
            for index, ip in enumerate(self.ips)
            if ip.kernel == kernel
            and ip.type in COMPUTE_UNIT_TYPES
            and instance in (None, ip.instance)
        ]
        if not units:
            wanted = kernel if instance is None else f"{kernel}:{instance}"
            raise _absent("compute unit", wanted, (ip.name for ip in self.ips))
        return units

    @cached_property
    def _reached(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """(ip index, argument index) -> banks, stream ends left out."""
        table: dict[tuple[int, int], dict[int, None]] = {}
        memories = self.memories
        for c in self.connections:
            if not memories[c.memory].is_stream:
                table.setdefault((c.ip, c.argument), {})[c.memory] = None
        return {key: tuple(banks) for key, banks in table.items()}

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """Streams between two compute units, in the order of the connectivity."""
        return find_streams(self.memories, self.connections, self.ips, self.kernels)

    # -- our own metadata -------------------------------------------------------------------

    @cached_property
    def capability(self) -> dict[str, Any] | None:
        """The capability table of an image that has an engine, else None. Shared: do not change."""
        for section in self.sections:
            if is_capability(section):
                return decode_capability(section)
        return None

    # -- machinery --------------------------------------------------------------------------

    def content_uuid(self) -> UUID:
        """A UUID that follows from header and sections alone, the present `uuid` left out."""
        blank = _header(self, uuid=NIL_UUID)
        digest = hashlib.sha256(encode_container(blank, self.sections)).digest()
        return UUID(bytes=digest[:16], version=5)

    def validate(self) -> Xclbin:
        """Decode every view and check what refers to what; return self. XclbinError."""
        self._check_connectivity(SectionKind.CONNECTIVITY, self.plain_connections)
        self._check_connectivity(SectionKind.GROUP_CONNECTIVITY, self.group_connections or ())
        self._check_compute_units()
        for view in ("clocks", "kernels", "streams", "capability", "_reached"):
            getattr(self, view)
        return self

    def _decoded(self, kind: SectionKind, decode: Callable[[Section], Any]) -> Any:
        section = self.section(kind)
        return None if section is None else decode(section)

    def _check_connectivity(self, kind: SectionKind, connections: Iterable[Connection]) -> None:
        section = self.section(kind)
        memory_count = self._memory_count(kind)
        for index, c in enumerate(connections):
            for what, value, count in (
                ("argument", c.argument, 1 << 31),
                ("compute unit", c.ip, len(self.ips)),
                ("memory", c.memory, memory_count),
            ):
                if not 0 <= value < count:
                    raise section.error(
                        f"entry {index}: {what} index {value} is not one of {count}",
                        CONNECTIONS.start + index * CONNECTIONS.entry.size,
                    )

    def _memory_count(self, kind: SectionKind) -> int:
        """How many memories the connections in the section of `kind` can mean.

        Without GROUP_CONNECTIVITY the plain connections point into both topologies.
        """
        counts = []
        if kind == SectionKind.CONNECTIVITY and self.section(SectionKind.MEM_TOPOLOGY):
            counts.append(len(self.plain_memories))
        if not counts or self.group_connections is None:
            counts.append(len(self.memories))
        return min(counts)

    def _check_compute_units(self) -> None:
        seen: set[str] = set()
        for index, ip in enumerate(self.ips):
            if ip.type not in COMPUTE_UNIT_TYPES:
                continue
            if ip.name in seen:
                raise self.section(SectionKind.IP_LAYOUT).error(
                    f"entry {index}: compute unit {ip.name!r} is defined twice",
                    IPS.start + index * IPS.entry.size,
                )
            seen.add(ip.name)

    def __reduce__(self) -> tuple:
        # a pickle holds bytes only
        return parse, (serialize(self),)


def parse(data: bytes | bytearray | memoryview) -> Xclbin:
    """The image in `data`, all of it checked.

    Whatever the bytes are, the outcome is an Xclbin or an XclbinError that names section and
    byte; work and memory are bounded by the input's size. `bytes` are kept, not copied; writable
    buffers are copied, so that an image cannot change.
    """
    view = memoryview(data)
    if not (view.readonly and view.c_contiguous and view.ndim == 1 and view.format == "B"):
        view = memoryview(bytes(view))
    header, sections = decode_container(view)
    source = _Source(view, header, sections)
    return Xclbin(**_fields(header), sections=sections, _source=source).validate()


def serialize(image: Xclbin) -> bytes:
    """The container of `image`.

    For an image that `parse` returned these are the very bytes that were parsed, a signature
    included. Any other (built, or changed by `replace`) is laid out anew, and unsigned.
    """
    source = image._source
    header = _header(image)
    # `replace` carries the source along, so it must still say what the image says
    if source and source.sections is image.sections and source.header == header:
        return bytes(source.data)
    return encode_container(header, image.sections)


def _fields(header: Header) -> dict[str, Any]:
    return {f.name: getattr(header, f.name) for f in fields(Header)}


def _header(image: Xclbin, **changes: Any) -> Header:
    return Header(**{**_fields(image), **changes})


def _absent(what: str, name: str, found: Iterable[str]) -> XclbinError:
    listed = ", ".join(found) or "none"
    section = label(SectionKind.EMBEDDED_METADATA if what == "kernel" else SectionKind.IP_LAYOUT)
    return XclbinError(f"the image has no {what} {name!r}; it has {listed}", section=section)
