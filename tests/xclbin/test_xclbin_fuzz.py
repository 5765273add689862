"""Thousands of damaged containers: `parse` gives an image or an XclbinError, in bounded memory.

Deterministic (seeded), so a failure repeats. Needs nothing. A mutant that still parses must also
survive the whole interface, since `parse` promises that nothing fails later.
"""

from __future__ import annotations

import random
import struct
import sys
import tracemalloc
from dataclasses import replace

import pytest

from fpgarray.errors import XclbinError
from fpgarray.xclbin import Section, SectionKind, parse, serialize

EDGES = [0, 1, 2, 7, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]
EDGES_64 = [*EDGES, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
HEADER_FIELDS = [(8, "<I"), (296, "<Q"), (304, "<Q"), (328, "<Q"), (332, "<H"), (448, "<I")]


def poke(data: bytearray, at: int, value: int) -> None:
    """A 32-bit write, dropped where earlier damage points it outside."""
    if at + 4 <= len(data):
        struct.pack_into("<I", data, at, value)


def flip(rng: random.Random, data: bytearray) -> bytearray:
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return data


def flip_structure(rng: random.Random, data: bytearray) -> bytearray:
    """Flips where the structure is: fixed part, section headers, tables' counts."""
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(296, 456 + 40 * 10)] ^= 1 << rng.randrange(8)
    return data


def truncate(rng: random.Random, data: bytearray) -> bytearray:
    del data[rng.randrange(len(data)) :]
    if rng.random() < 0.5 and len(data) > 312:  # a consistent length reaches the deeper checks
        struct.pack_into("<Q", data, 304, len(data))
    return data


def extend(rng: random.Random, data: bytearray) -> bytearray:
    data += rng.randbytes(rng.randint(1, 64))
    struct.pack_into("<Q", data, 304, len(data) if rng.random() < 0.5 else rng.choice(EDGES_64))
    return data


def overwrite_header(rng: random.Random, data: bytearray) -> bytearray:
    at, code = rng.choice(HEADER_FIELDS)
    value = rng.choice(EDGES_64) % (1 << 8 * struct.calcsize(code))
    struct.pack_into(code, data, at, value)
    return data


def overwrite_section(rng: random.Random, data: bytearray) -> bytearray:
    """Kind, offset or size of a section becomes an edge value, or that of another section."""
    at = 456 + 40 * rng.randrange(10)
    field, code = rng.choice([(0, "<I"), (24, "<Q"), (32, "<Q")])
    other = struct.unpack_from(code, data, 456 + 40 * rng.randrange(10) + field)[0]
    width = 1 << 8 * struct.calcsize(code)
    value = rng.choice([other, *EDGES_64, len(data), len(data) - 1, len(data) + 1]) % width
    struct.pack_into(code, data, at + field, value)
    return data


def overwrite_table(rng: random.Random, data: bytearray) -> bytearray:
    """A count or an entry's word in a table becomes an edge value."""
    header = rng.choice([456 + 40 * i for i in range(10)])
    kind, begin, size = struct.unpack_from("<I20xQQ", data, header)
    if kind in (6, 7, 8, 11, 26, 27):
        at = begin + rng.choice([0, 0, 4 * rng.randrange(max(1, min(size, 1000) // 4))])
        poke(data, at, rng.choice(EDGES))
    return data


def shuffle_sections(rng: random.Random, data: bytearray) -> bytearray:
    """Section headers change places, some are repeated; data stay."""
    rows = [bytes(data[456 + 40 * i : 496 + 40 * i]) for i in range(10)]
    chosen = [rng.choice(rows) for _ in rows] if rng.random() < 0.5 else rng.sample(rows, 10)
    data[456:856] = b"".join(chosen)
    return data


def retype_sections(rng: random.Random, data: bytearray) -> bytearray:
    """Tables go missing or become each other, and lose entries."""
    for i in range(10):
        if rng.random() < 0.3:
            at = 456 + 40 * i
            struct.pack_into("<I", data, at, rng.choice([6, 7, 8, 11, 26, 27, 99]))
        if rng.random() < 0.3:
            begin = struct.unpack_from("<Q", data, 456 + 40 * i + 24)[0]
            poke(data, begin, rng.randrange(6))
    return data


def several(rng: random.Random, data: bytearray) -> bytearray:
    for _ in range(rng.randint(2, 4)):
        data = rng.choice([retype_sections, overwrite_section, overwrite_table])(rng, data)
    return data


MUTATIONS = [
    flip,
    flip_structure,
    truncate,
    extend,
    overwrite_header,
    overwrite_section,
    overwrite_table,
    shuffle_sections,
    retype_sections,
    several,
]


def survey(image) -> None:
    """Everything a caller may ask of an image that parsed."""
    assert len(image.bitstream) >= 0
    assert repr(image)
    assert image.capability is None or isinstance(image.capability, dict)
    for kernel in image.kernels:
        for argument in kernel.arguments:
            if image.compute_units(kernel.name):
                image.banks_of(kernel.name, None, argument.name)
    for stream in image.streams:
        assert image.memories[stream.source.memory].tag == stream.tag
    for connection in image.connections:
        assert image.memories[connection.memory] is not None
        assert image.ips[connection.ip] is not None


def check_place(error: XclbinError, data: bytes) -> None:
    assert error.section
    assert error.offset is None or 0 <= error.offset <= max(len(data), 456)


def outcome(data: bytes) -> bool:
    """Whether it parsed; any exception but XclbinError escapes and fails the test."""
    try:
        image = parse(data)
    except XclbinError as error:
        check_place(error, data)
        return False
    survey(image)
    assert serialize(image) == data
    return True


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__)
def test_damaged_containers(full_bytes, mutation):
    rng = random.Random(mutation.__name__)
    accepted = sum(outcome(bytes(mutation(rng, bytearray(full_bytes)))) for _ in range(2000))
    assert accepted < 2000


def test_every_truncation(full_bytes):
    for length in range(len(full_bytes)):
        with pytest.raises(XclbinError):
            parse(full_bytes[:length])


def with_section(image, kind: int, contents: bytes) -> bytes:
    changed = [Section(s.kind, s.name, contents) if s.kind == kind else s for s in image.sections]
    return serialize(replace(image, sections=tuple(changed)))


TOKENS = [
    b"<", b">", b"/>", b'"', b"&", b"&amp;", b"&x;", b"&#0;", b"&#xD800;", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"<!DOCTYPE a>", b"<?x?>", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"-1",
    b"0x", b"010", b"99999999999999999999", b"0x10000000000000000", b"1e3", b"0x1_0", b"\xd9\xa1",
    b"<kernel>", b"</kernel>", b"</core>", b'<arg name="a"/>', b'<core name="2">', b' id="0"',
    b' name="vadd"', b'encoding="utf-16"', b'<instance name="x"><addrRemap/></instance>',
]  # fmt: skip


def mutate_text(rng: random.Random, text: bytes) -> bytes:
    for _ in range(rng.randint(1, 3)):
        begin = rng.randrange(len(text) + 1)
        end = begin + rng.choice([0, 0, 1, 1, 5, 40])
        piece = rng.choice([*TOKENS, text[begin:end] * 2, rng.randbytes(2)])
        text = text[:begin] + piece + text[end:]
    return text


def damaged_number(rng: random.Random, text: bytes) -> bytes:
    """The value of one attribute becomes something else: well-formed, but wrong."""
    quotes = [i for i, byte in enumerate(text) if byte == 0x22]
    begin = rng.randrange(len(quotes) // 2) * 2
    value = rng.choice(
        [b"", b"-1", b"0x", b"7", b"0xffffffffffffffff", b"vadd", b"4", b" 1", b"a" * 99]
    )
    return text[: quotes[begin] + 1] + value + text[quotes[begin + 1] :]


@pytest.mark.parametrize("mutation", [mutate_text, damaged_number], ids=lambda m: m.__name__)
def test_damaged_metadata(full, mutation):
    rng = random.Random(mutation.__name__)
    xml = full.metadata_xml
    for _ in range(2000):
        outcome(with_section(full, SectionKind.EMBEDDED_METADATA, mutation(rng, xml)))


JSON_TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"\\",
    b'"\\ud800"', b"\xff", b"null", b'"fpgarray":{}', b'"abi":1,', b"[" * 100, b"\0",
]  # fmt: skip


def test_damaged_capability(full):
    rng = random.Random("capability")
    text = bytes(full.section(SectionKind.USER_METADATA).data)
    for _ in range(2000):
        begin = rng.randrange(len(text) + 1)
        end = begin + rng.choice([0, 1, 3])
        mutant = text[:begin] + rng.choice(JSON_TOKENS) + text[end:]
        outcome(with_section(full, SectionKind.USER_METADATA, mutant))


def test_memory_stays_in_proportion_under_damage(full_bytes):
    rng = random.Random("memory")
    mutants = [bytes(m(rng, bytearray(full_bytes))) for m in MUTATIONS for _ in range(20)]
    outcome(mutants[0])
    tracemalloc.start()
    try:
        for mutant in mutants:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            outcome(mutant)
            peak = tracemalloc.get_traced_memory()[1] - before
            assert peak < 40 * len(full_bytes) + (1 << 17)
    finally:
        tracemalloc.stop()


def calls_of(data: bytes) -> int:
    """Python and C calls that parsing makes: work, measured without a clock."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        outcome(data)
    finally:
        sys.setprofile(None)
    return calls


def test_work_stays_in_proportion_under_damage(full_bytes):
    rng = random.Random("work")
    for mutation in MUTATIONS:
        for _ in range(10):
            mutant = bytes(mutation(rng, bytearray(full_bytes)))
            assert calls_of(mutant) < 4 * len(full_bytes)
