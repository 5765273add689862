"""The binary tables: topology, connectivity, IP layout, clocks. Section bytes <-> records.

Owns their layouts (design/xrt.md section 4). A count is checked against the section's size before
anything is read, so the work is bounded by the bytes that are there.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fpgarray.errors import XclbinError
from fpgarray.xclbin.enums import ClockType, IpType, MemoryType, label, named
from fpgarray.xclbin.records import Clock, Connection, Ip, Memory, Section

MAX_ENTRIES = 100_000
"""More than any device has; bounds the memory that the records of a crafted file can take."""


def decode_text(field: bytes) -> str:
    """The NUL-terminated UTF-8 text in a fixed field. ValueError without NUL or undecodable."""
    text, nul, _ = field.partition(b"\0")
    if not nul:
        raise ValueError(f"{len(field)}-byte text has no terminating NUL")
    return text.decode("utf-8")


def encode_text(text: str, width: int) -> bytes:
    """`text` for a fixed field of `width` bytes. ValueError where it does not fit with its NUL."""
    data = text.encode("utf-8")
    if len(data) >= width or b"\0" in data:
        raise ValueError(f"{text!r} does not fit into {width - 1} bytes without NUL")
    return data


@dataclass(frozen=True)
class Table:
    """A counted array: where count and entries lie, and how an entry maps to a record."""

    count: struct.Struct
    start: int
    entry: struct.Struct
    from_fields: Callable[..., Any]
    to_fields: Callable[[Any], tuple]

    def decode(self, section: Section) -> tuple:
        """The records in `section`. XclbinError names section and byte."""
        count = self._count(section)
        end = self.start + count * self.entry.size
        records = []
        for position in range(self.start, end, self.entry.size):
            try:
                fields = self.entry.unpack_from(section.data, position)
                records.append(self.from_fields(*fields))
            except ValueError as fault:  # UnicodeDecodeError is one
                index = len(records)
                raise section.error(f"entry {index}: {fault}", position) from None
        return tuple(records)

    def encode(self, records: Sequence[Any], kind: int) -> bytes:
        """Contents of a section of `kind` for `records`. XclbinError where a value does not fit."""
        try:
            head = self.count.pack(len(records)).ljust(self.start, b"\0")
            return head + b"".join(self.entry.pack(*self.to_fields(r)) for r in records)
        except (struct.error, ValueError) as fault:
            raise XclbinError(f"cannot be written: {fault}", section=label(kind)) from None

    def _count(self, section: Section) -> int:
        size = len(section.data)
        if size < self.count.size:
            raise section.error(f"{size} bytes are too few for its count")
        (count,) = self.count.unpack_from(section.data)
        if not 0 <= count <= MAX_ENTRIES:
            raise section.error(f"count {count} is not in 0 to {MAX_ENTRIES}")
        if count and self.start + count * self.entry.size > size:
            raise section.error(f"count {count} exceeds what its {size} bytes can hold")
        return count


# struct mem_data { u8 type, used; u8 padding[6]; u64 size_kb, base; u8 tag[16]; }, array at 8
MEMORIES = Table(
    struct.Struct("<i"),
    8,
    struct.Struct("<BB6xQQ16s"),
    lambda type_, used, size_kb, base, tag: Memory(
        named(MemoryType, type_), bool(used), size_kb, base, decode_text(tag)
    ),
    lambda m: (m.type, bool(m.used), m.size_kb, m.base_address, encode_text(m.tag, 16)),
)

# struct connection { i32 argument, ip, memory; }, array at 4
CONNECTIONS = Table(
    struct.Struct("<i"),
    4,
    struct.Struct("<iii"),
    Connection,
    lambda c: (c.argument, c.ip, c.memory),
)

# struct ip_data { u32 type, properties; u64 base; u8 name[64]; }, array at 8
IPS = Table(
    struct.Struct("<i"),
    8,
    struct.Struct("<IIQ64s"),
    lambda type_, properties, base, name: Ip(
        named(IpType, type_), properties, base, decode_text(name)
    ),
    lambda ip: (ip.type, ip.properties, ip.base_address, encode_text(ip.name, 64)),
)

# struct clock_freq { u16 mhz; u8 type; u8 unused[5]; char name[128]; }, array at 2
CLOCKS = Table(
    struct.Struct("<h"),
    2,
    struct.Struct("<HB5x128s"),
    lambda mhz, type_, name: Clock(mhz, named(ClockType, type_), decode_text(name)),
    lambda clock: (clock.frequency_mhz, clock.type, encode_text(clock.name, 128)),
)
