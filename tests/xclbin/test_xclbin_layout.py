"""What the writer lays out, read back with nothing but struct and the numbers of xrt.md section 4.

Needs nothing. Shares no code with the package on purpose.
"""

from __future__ import annotations

import json
import struct
import xml.etree.ElementTree as ET
from uuid import UUID

import pytest

KINDS = {
    "BITSTREAM": 0,
    "METADATA": 2,
    "MEM": 6,
    "CONNECTIVITY": 7,
    "IP": 8,
    "CLOCK": 11,
    "BUILD": 14,
    "USER": 16,
    "GROUP_MEM": 26,
    "GROUP_CONNECTIVITY": 27,
}


def u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def text(data: bytes, at: int, width: int) -> str:
    return data[at : at + width].split(b"\0", 1)[0].decode()


def sections(data: bytes) -> dict[int, tuple[str, bytes]]:
    found = {}
    for i in range(u32(data, 304 + 144)):
        at = 456 + 40 * i
        begin, size = u64(data, at + 24), u64(data, at + 32)
        found[u32(data, at)] = (text(data, at + 4, 16), data[begin : begin + size])
    return found


@pytest.fixture(scope="module")
def raw(full_bytes):
    return {name: sections(full_bytes)[kind] for name, kind in KINDS.items()}


def test_fixed_part(full, full_bytes):
    assert full_bytes[:8] == b"xclbin2\0"
    assert struct.unpack_from("<i", full_bytes, 8) == (-1,)
    assert full_bytes[12:40] == b"\xff" * 28
    assert full_bytes[40:296] == bytes(256)
    assert u64(full_bytes, 296) == full.unique_id == 0


def test_header(full, full_bytes):
    assert u64(full_bytes, 304) == len(full_bytes)
    assert u64(full_bytes, 304 + 8) == u64(full_bytes, 304 + 16) == 0
    assert struct.unpack_from("<HBBHH", full_bytes, 304 + 24) == (0, 2, 0, 5, 0)
    assert full_bytes[304 + 32 : 304 + 48] == bytes(16)
    assert text(full_bytes, 304 + 48, 64) == "xilinx_u250_gen3x16_xdma_4_1_202210_1"
    assert UUID(bytes=full_bytes[304 + 112 : 304 + 128]) == full.uuid
    assert u32(full_bytes, 304 + 144) == len(full.sections) == len(KINDS)


def test_sections_are_aligned_inside_and_apart(full_bytes):
    count = u32(full_bytes, 448)
    assert len(full_bytes) >= 496 + 40 * count
    end = 456 + 40 * count
    for i in range(count):
        begin, size = u64(full_bytes, 456 + 40 * i + 24), u64(full_bytes, 456 + 40 * i + 32)
        assert begin % 8 == 0
        assert begin >= end
        end = begin + size
    assert end <= len(full_bytes)


def test_bitstream_and_names(raw):
    assert raw["BITSTREAM"] == ("", b"\x7fELF not a real one")
    assert raw["USER"][0] == "fpgarray"
    assert json.loads(raw["USER"][1])["fpgarray"]["abi"] == 1
    assert json.loads(raw["BUILD"][1])["build_metadata"]["mode"] == "SW_EMU"


@pytest.mark.parametrize("section", ["MEM", "GROUP_MEM"])
def test_topology(raw, section):
    data = raw[section][1]
    assert u32(data, 0) == 4
    assert len(data) == 8 + 4 * 40
    rows = [
        (data[at], data[at + 1], u64(data, at + 8), u64(data, at + 16), text(data, at + 24, 16))
        for at in range(8, len(data), 40)
    ]
    assert rows == [
        (1, 1, 4 << 20, 0, "bank0"),
        (6, 1, 256 << 10, 4 << 30, "HBM[0]"),
        (3, 1, 0, 0x1820000 | 1, "stream0"),
        (3, 1, 0, 0x1830000 | 0, "stream0"),
    ]


@pytest.mark.parametrize("section", ["CONNECTIVITY", "GROUP_CONNECTIVITY"])
def test_connectivity(raw, section):
    data = raw[section][1]
    rows = [struct.unpack_from("<iii", data, at) for at in range(4, len(data), 12)]
    assert u32(data, 0) == len(rows)
    assert rows == [
        *[(0, 0, 0), (1, 0, 0), (1, 0, 1), (2, 0, 1)],
        *[(0, 1, 1), (0, 1, 0), (1, 1, 0), (1, 1, 1), (2, 1, 1)],
        *[(0, 2, 0), (1, 3, 0)],
        *[(1, 2, 2), (0, 3, 3)],
    ]


def test_ip_layout(raw):
    data = raw["IP"][1]
    assert u32(data, 0) == 4
    rows = [
        (u32(data, at), u32(data, at + 4), u64(data, at + 8), text(data, at + 16, 64))
        for at in range(8, len(data), 80)
    ]
    assert rows == [
        (1, 0 << 8 | 0 << 1 | 1, 0x1800000, "vadd:vadd_1"),
        (1, 0 << 8 | 1 << 1 | 1, 0x1810000, "vadd:vadd_2"),
        (1, 0 << 8 | 2 << 1 | 1, 0x1820000, "mm2s:mm2s_1"),
        (1, 0 << 8 | 3 << 1 | 1, 0x1830000, "s2mm:s2mm_1"),
    ]


def test_clocks(raw):
    data = raw["CLOCK"][1]
    assert struct.unpack_from("<h", data) == (2,)
    assert len(data) == 2 + 2 * 136
    rows = [(*struct.unpack_from("<HB", data, at), text(data, at + 8, 128)) for at in (2, 2 + 136)]
    assert rows == [(300, 1, "DATA_CLK"), (500, 2, "KERNEL_CLK")]


def test_xml_read_by_an_independent_parser(raw):
    root = ET.fromstring(raw["METADATA"][1])
    assert root.tag == "project"
    core = root.find("platform/device/core")
    assert [k.get("name") for k in core.findall("kernel")] == ["vadd", "mm2s", "s2mm"]
    assert [c.get("frequency") for c in core.findall("kernelClocks/clock")] == ["300MHz", "500MHz"]
    vadd = core.find("kernel")
    assert [(a.get("name"), a.get("offset"), a.get("size")) for a in vadd.findall("arg")] == [
        ("a", "0x10", "0x8"),
        ("b", "0x1c", "0x8"),
        ("out", "0x28", "0x8"),
        ("n", "0x34", "0x4"),
    ]
    remaps = [i.find("addrRemap").get("base") for i in vadd.findall("instance")]
    assert remaps == ["0x1800000", "0x1810000"]


def test_a_container_written_by_hand_is_read():
    """The smallest container XRT takes, and one section, offsets from the specification."""
    from fpgarray.xclbin import parse

    data = bytearray(544)
    data[0:8] = b"xclbin2\0"
    struct.pack_into("<i", data, 8, -1)
    struct.pack_into("<Q", data, 296, 77)
    struct.pack_into("<QQQHBBHH", data, 304, len(data), 11, 12, 3, 2, 9, 1, 3)
    data[304 + 48 : 304 + 52] = b"plat"
    data[304 + 112 : 304 + 128] = bytes(range(16))
    data[304 + 128 : 304 + 131] = b"dbg"
    struct.pack_into("<I", data, 304 + 144, 1)
    struct.pack_into("<I16s4xQQ", data, 456, 4242, b"odd", 537, 7)  # unaligned on purpose
    data[537:544] = b"payload"
    image = parse(bytes(data))
    assert (image.unique_id, image.timestamp, image.feature_rom_timestamp) == (77, 11, 12)
    assert (image.version, image.mode, image.action_mask) == ((2, 9, 3), 1, 3)
    assert (image.platform, image.debug_name) == ("plat", "dbg")
    assert image.uuid == UUID(bytes=bytes(range(16)))
    (section,) = image.sections
    assert (section.kind, section.name, bytes(section.data)) == (4242, "odd", b"payload")
    assert image.kernels == image.memories == image.streams == ()
    assert image.capability is None
