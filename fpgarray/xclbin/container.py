"""The axlf container: bytes <-> header and sections. Does not look into sections.

Layout: design/xrt.md section 4 (struct axlf of XRT's xclbin.h), little-endian:

    0    magic "xclbin2\\0" · i32 signature length · 28 x 0xFF · 256-byte key block · u64 unique id
    304  header, 152 bytes        456  n section headers of 40 bytes        then data, 8-aligned
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from fpgarray.errors import XclbinError
from fpgarray.xclbin.enums import Mode, SectionKind, named
from fpgarray.xclbin.records import Section
from fpgarray.xclbin.tables import decode_text, encode_text

MAGIC = b"xclbin2\0"
MAX_SECTIONS = 10_000
ALIGNMENT = 8
UNSIGNED = -1
NIL_UUID = UUID(int=0)

PREFIX = struct.Struct("<8si28s256sQ")
HEADER = struct.Struct("<QQQHBBHH16s64s16s16sI4x")
SECTION_HEADER = struct.Struct("<I16s4xQQ")
SECTIONS_AT = PREFIX.size + HEADER.size
# sizeof(struct axlf) includes one section header; XRT demands room for n more
MIN_NBYTES = SECTIONS_AT + SECTION_HEADER.size


@dataclass(frozen=True, slots=True)
class Header:
    """What the fixed part says, lengths and counts apart. `version` is (major, minor, patch)."""

    uuid: UUID = NIL_UUID
    platform: str = ""
    mode: Mode | int = Mode.FLAT
    version: tuple[int, int, int] = (2, 0, 0)
    timestamp: int = 0
    feature_rom_timestamp: int = 0
    interface_uuid: UUID = NIL_UUID
    debug_name: str = ""
    unique_id: int = 0
    action_mask: int = 0


def decode_container(data: memoryview) -> tuple[Header, tuple[Section, ...]]:
    """Header and sections of a container; section data are views of `data` (read-only bytes)."""
    if len(data) < len(MAGIC) or bytes(data[: len(MAGIC)]) != MAGIC:
        raise XclbinError(f"not an xclbin: magic is {bytes(data[:8])!r}", offset=0)
    if len(data) < MIN_NBYTES:
        raise XclbinError(f"{len(data)} bytes are too few for an xclbin ({MIN_NBYTES})", offset=0)
    _, signature_nbytes, _, _, unique_id = PREFIX.unpack_from(data)
    length, *fields, count = HEADER.unpack_from(data, PREFIX.size)
    _demand_length(len(data), length, signature_nbytes)
    _demand_count(length, count)
    header = _decode_header(unique_id, fields)
    sections = tuple(_decode_section(data[:length], index) for index in range(count))
    _demand_disjoint(sections)
    return header, sections


def encode_container(header: Header, sections: Sequence[Section]) -> bytes:
    """The container, unsigned, sections laid out in order. XclbinError if a field is too big."""
    if len(sections) > MAX_SECTIONS:
        raise XclbinError(f"{len(sections)} sections; XRT takes {MAX_SECTIONS} at most")
    position = MIN_NBYTES + len(sections) * SECTION_HEADER.size
    offsets = []
    for section in sections:
        offsets.append(position)
        position = _aligned(position + len(section.data))
    parts = [_encode_fixed(header, position, len(sections))]
    parts += [_encode_section_header(s, at) for s, at in zip(sections, offsets, strict=True)]
    parts.append(bytes(SECTION_HEADER.size))  # the one header more that XRT demands room for
    for section in sections:
        parts += [section.data, bytes(_aligned(len(section.data)) - len(section.data))]
    return b"".join(parts)


def _aligned(position: int) -> int:
    return -(-position // ALIGNMENT) * ALIGNMENT


def _demand_length(found: int, length: int, signature_nbytes: int) -> None:
    """The length field is the file's size; a signature may be appended beyond it.

    xclbinutil appends signatures after `length` bytes; they are for XRT and the card to check and
    are not looked at here.
    """
    if signature_nbytes < UNSIGNED:
        raise XclbinError(f"signature length {signature_nbytes}", offset=8)
    if length == found or (signature_nbytes > 0 and length + signature_nbytes == found):
        return
    signed = f" and a signature of {signature_nbytes}" if signature_nbytes > 0 else ""
    raise XclbinError(f"header says {length} bytes{signed}, file has {found}", offset=PREFIX.size)


def _demand_count(length: int, count: int) -> None:
    at = SECTIONS_AT - 8
    if count > MAX_SECTIONS:
        raise XclbinError(f"{count} sections; XRT takes {MAX_SECTIONS} at most", offset=at)
    needed = MIN_NBYTES + count * SECTION_HEADER.size
    if length < needed:
        raise XclbinError(f"{count} sections need {needed} bytes, there are {length}", offset=at)


def _text_at(field: bytes, what: str, offset: int) -> str:
    try:
        return decode_text(field)
    except ValueError as fault:
        raise XclbinError(f"{what}: {fault}", offset=offset) from None


def _decode_header(unique_id: int, fields: Sequence) -> Header:
    timestamp, rom, patch, major, minor, mode, mask, interface, vbnv, uuid, debug = fields
    return Header(
        uuid=UUID(bytes=uuid),
        platform=_text_at(vbnv, "platform", PREFIX.size + 48),
        mode=named(Mode, mode),
        version=(major, minor, patch),
        timestamp=timestamp,
        feature_rom_timestamp=rom,
        interface_uuid=UUID(bytes=interface),
        debug_name=_text_at(debug, "debug name", PREFIX.size + 128),
        unique_id=unique_id,
        action_mask=mask,
    )


def _decode_section(data: memoryview, index: int) -> Section:
    at = SECTIONS_AT + index * SECTION_HEADER.size
    kind, name, offset, nbytes = SECTION_HEADER.unpack_from(data, at)
    text = _text_at(name, f"name of section {index}", at + 4)
    section = Section(named(SectionKind, kind), text, b"", at)
    if offset + nbytes > len(data):
        raise section.error(
            f"section {index} is bytes {offset} to {offset + nbytes} of a {len(data)}-byte file"
        )
    return Section(section.kind, text, data[offset : offset + nbytes], offset)


def _demand_disjoint(sections: Sequence[Section]) -> None:
    """Real tools never overlap sections; a crafted file could multiply its cost with them."""
    headers_end = SECTIONS_AT + len(sections) * SECTION_HEADER.size
    filled = sorted((s for s in sections if len(s.data)), key=lambda s: s.offset)
    if filled and filled[0].offset < headers_end:
        raise filled[0].error(f"overlaps the headers, which end at byte {headers_end}")
    for first, second in pairwise(filled):
        if first.offset + len(first.data) > second.offset:
            raise second.error(f"overlaps section {first.label}, which begins at {first.offset}")


def _encode_fixed(header: Header, length: int, count: int) -> bytes:
    major, minor, patch = header.version
    try:
        prefix = PREFIX.pack(MAGIC, UNSIGNED, b"\xff" * 28, b"", header.unique_id)
        return prefix + HEADER.pack(
            length,
            header.timestamp,
            header.feature_rom_timestamp,
            patch,
            major,
            minor,
            header.mode,
            header.action_mask,
            header.interface_uuid.bytes,
            encode_text(header.platform, 64),
            header.uuid.bytes,
            encode_text(header.debug_name, 16),
            count,
        )
    except (struct.error, ValueError) as fault:
        raise XclbinError(f"header cannot be written: {fault}") from None


def _encode_section_header(section: Section, offset: int) -> bytes:
    try:
        name = encode_text(section.name, 16)
        return SECTION_HEADER.pack(section.kind, name, offset, len(section.data))
    except (struct.error, ValueError) as fault:
        raise section.error(f"section header cannot be written: {fault}") from None
