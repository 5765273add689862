"""The builder and the lookups on what it builds, by example. Needs nothing but a folder."""

from __future__ import annotations

import ast
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from uuid import UUID

import pytest

import fpgarray.xclbin
from fpgarray.errors import XclbinError
from fpgarray.xclbin import (
    AddressQualifier,
    Clock,
    ClockType,
    ControlProtocol,
    Endpoint,
    Ip,
    KernelSpec,
    Memory,
    MemoryType,
    Mode,
    Section,
    SectionKind,
    Stream,
    StreamSpec,
    Xclbin,
    build,
    parse,
    pointer,
    read,
    scalar,
    serialize,
    stream,
    write,
)

BANKS = [
    Memory(MemoryType.DDR4, True, 1 << 20, 0, "bank0"),
    Memory(MemoryType.DDR4, True, 1 << 20, 1 << 30, "bank1"),
    Memory(MemoryType.DDR4, True, 1 << 20, 2 << 30, "bank2"),
]


def make(*kernels: KernelSpec, **changes) -> Xclbin:
    return build(**{"platform": "p", "kernels": kernels, "memories": BANKS, **changes})


# -- building ---------------------------------------------------------------------------------


def test_register_offsets_follow_hls():
    image = make(
        KernelSpec(
            "k",
            (
                pointer("p"),
                scalar("c", "char"),
                stream("s", "in"),
                scalar("d", "double"),
                scalar("i"),
                stream("t", "out"),
            ),
        ),
        KernelSpec("l", (stream("o", "out"), stream("i", "in"))),
        streams=[StreamSpec("k_1.t", "l_1.i"), StreamSpec("l_1.o", "k_1.s")],
    )
    kernel = image.kernel("k")
    rows = [(a.name, a.offset, a.size, a.host_size) for a in kernel.arguments]
    assert rows == [
        ("p", 0x10, 8, 8),
        ("c", 0x1C, 4, 1),
        ("s", 0, 0, 0),
        ("d", 0x24, 8, 8),
        ("i", 0x30, 4, 4),
        ("t", 0, 0, 0),
    ]
    assert kernel.argument("s").address_qualifier == AddressQualifier.STREAM
    assert [kernel.argument(i).name for i in range(6)] == list("pcsdit")
    assert kernel.port("S").mode == "read_only"
    assert kernel.port("T").mode == "write_only"
    assert kernel.port("absent") is None


def test_streams_are_pairs_of_ends(full):
    assert full.streams == (
        Stream("stream0", Endpoint("mm2s", "mm2s_1", 1, 2), Endpoint("s2mm", "s2mm_1", 0, 3)),
    )
    for end in (full.streams[0].source, full.streams[0].target):
        memory = full.memories[end.memory]
        unit = next(ip for ip in full.ips if ip.instance == end.instance)
        assert memory.is_stream
        assert memory.nbytes == 0
        assert memory.flow_id == unit.base_address | end.argument
        assert full.banks_of(end.kernel, end.instance, end.argument) == ()


def test_ends_without_a_partner_are_no_streams(full):
    tables = [
        Section(s.kind, s.name, bytes(s.data).replace(b"stream0", b"stream1", 1))
        if s.kind in (SectionKind.MEM_TOPOLOGY, SectionKind.GROUP_TOPOLOGY)
        else s
        for s in full.sections
    ]
    assert parse(serialize(replace(full, sections=tuple(tables)))).streams == ()


def test_banks_of(full):
    assert full.banks_of("vadd", "vadd_1", 0) == (0,)
    assert full.banks_of("vadd", "vadd_2", 0) == (1, 0)
    assert full.banks_of("vadd", None, 0) == (0,)  # what every compute unit reaches
    assert full.banks_of("vadd", None, "b") == (0, 1)
    assert full.banks_of("vadd", None, "n") == ()


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        (lambda x: x.kernel("fir"), "no kernel 'fir'; it has vadd, mm2s, s2mm"),
        (lambda x: x.kernel("vadd").argument("z"), "no argument 'z'; it has 0: a, 1: b, 2: out"),
        (lambda x: x.kernel("vadd").argument(4), "no argument 4"),
        (lambda x: x.banks_of("vadd", "vadd_3", 0), "no compute unit 'vadd:vadd_3'; it has vadd:v"),
        (lambda x: x.banks_of("vadd", None, 9), "no argument 9"),
    ],
)
def test_failed_lookups_say_what_there_is(full, lookup, message):
    with pytest.raises(XclbinError, match=message):
        lookup(full)


def test_compute_units(full):
    assert full.kernel("vadd").compute_units == ("vadd_1", "vadd_2")
    units = full.compute_units("vadd")
    assert [(ip.kernel, ip.instance) for ip in units] == [("vadd", "vadd_1"), ("vadd", "vadd_2")]
    image = make(KernelSpec("k", (), ("left", "right"), ControlProtocol.CHAIN))
    assert [(ip.name, ip.control) for ip in image.ips] == [
        ("k:left", ControlProtocol.CHAIN),
        ("k:right", ControlProtocol.CHAIN),
    ]
    assert image.kernel("k").control == "ap_ctrl_chain"


def test_many_compute_units_have_addresses_but_not_all_an_interrupt():
    image = make(KernelSpec("k", (pointer("p"),), 200))
    assert len({ip.base_address for ip in image.ips}) == 200
    assert [ip.interrupt_id for ip in image.ips[:3]] == [0, 1, 2]
    assert [ip.interrupt_enabled for ip in image.ips] == [True] * 128 + [False] * 72


def test_pointers_of_one_bundle_share_a_port():
    kernel = KernelSpec("k", (pointer("a", port="gmem"), pointer("b", port="gmem")))
    ports = [port.name for port in make(kernel).kernels[0].ports]
    assert ports == ["GMEM", "S_AXI_CONTROL"]


def test_ip_properties():
    ip = Ip(1, 1 << 8 | 5 << 1 | 1, 0, "k:cu:odd")
    assert (ip.control, ip.interrupt_id, ip.interrupt_enabled) == (ControlProtocol.CHAIN, 5, True)
    assert (ip.kernel, ip.instance) == ("k", "cu:odd")
    assert Ip(0, 0xFF00, 0, "plain").instance == ""
    assert Ip(0, 0xFF00, 0, "plain").control == 0xFF


K = KernelSpec("k", (pointer("p"), scalar("n")))
SRC = KernelSpec("src", (stream("s", "out"),))
DST = KernelSpec("dst", (stream("s", "in"),))
WIDE = KernelSpec("wide", [scalar(f"n{i}") for i in range(600)], control_range=4096)
TWO_WIDTHS = KernelSpec("k", (pointer("a", port="g"), pointer("b", port="g", data_width=32)))


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: make(K, K), "kernel names repeat"),
        (lambda: make(K, KernelSpec("l", (), ("k_1",))), "compute unit names repeat"),
        (lambda: make(KernelSpec("k", (pointer("p", banks=3),))), "'k_1.p': bank 3 is not one"),
        (lambda: make(KernelSpec("k", (pointer("p", banks=()),))), "'k_1.p' reaches no bank"),
        (lambda: make(K, connect={"k_2.p": 0}), "no compute unit 'k_2'"),
        (lambda: make(K, connect={"k_1.q": 0}), "kernel 'k' has no argument 'q'"),
        (lambda: make(K, connect={"k_1.n": 0}), "no pointers"),
        (lambda: make(K, connect={"k_1.p": 9}), "bank 9"),
        (lambda: make(SRC, DST), "not connected: src_1.s, dst_1.s"),
        (lambda: make(SRC, DST, streams=[StreamSpec("dst_1.s", "src_1.s")]), "'in', here it must"),
        (lambda: make(SRC, DST, streams=[StreamSpec("src_1.s", "dst_1.s")] * 2), "no free stream"),
        (lambda: StreamSpec("src_1", "dst_1.s"), "not written instance.argument"),
        (lambda: make(K, memories=[Memory(3, True, 0, 0, "s")]), "give streams as streams"),
        (lambda: make(K, memories=[Memory(1, True, 0, 0, "t" * 16)]), "does not fit into 15"),
        (lambda: make(K, memories=[Memory(1, True, -1, 0, "t")]), "MEM_TOPOLOGY: cannot"),
        (lambda: make(K, clocks=[Clock(70_000, ClockType.DATA, "c")]), "CLOCK_FREQ_TOPOLOGY: c"),
        (lambda: make(K, platform="p" * 64), "does not fit into 63 bytes"),
        (lambda: make(K, platform="a\nb"), "not printable"),
        (lambda: make(K, capability={"x": float("nan")}), "not plain JSON"),
        (lambda: make(K, capability={"x": object()}), "not plain JSON"),
        (lambda: make(K, capability={"x": 1 << 80}), "integer of 25 characters"),
        (lambda: make(K, timestamp=-1), "header cannot be written"),
        (lambda: make(K, extra_sections=[Section(99, "n" * 16, b"")]), "section kind 99"),
        (lambda: make(K, extra_sections=[Section(-1, "", b"")]), "section kind -1"),
        (lambda: KernelSpec("9", ()), "kernel '9' is not a C identifier"),
        (lambda: KernelSpec("k", (), 0), "no compute unit"),
        (lambda: KernelSpec("k" * 40, (), ("u" * 30,)), "at most 22 characters"),
        (lambda: KernelSpec("k", (scalar("n"), scalar("n"))), "argument names repeat"),
        (lambda: KernelSpec("k", (), control_range=100), "control range"),
        (lambda: make(WIDE), "too many registers"),
        (lambda: scalar("n", "float3"), "no known scalar type"),
        (lambda: pointer("p", "float"), "no pointer type"),
        (lambda: pointer("p", data_width=24), "port width 24"),
        (lambda: pointer("p", port='"'), "port of argument 'p'"),
        (lambda: stream("s", "both"), "direction 'both'"),
        (lambda: make(TWO_WIDTHS), "used in two ways"),
    ],
)  # fmt: skip
def test_wrong_specifications_are_named(attempt, message):
    with pytest.raises(XclbinError, match=message) as caught:
        attempt()
    assert isinstance(caught.value, ValueError)


def test_builds_are_reproducible_and_the_uuid_can_be_given():
    assert serialize(make(K)) == serialize(make(K))
    assert make(K).uuid != make(K, bitstream=b"x").uuid
    given = UUID(int=7)
    assert make(K, uuid=given).uuid == given
    assert parse(serialize(make(K))).content_uuid() == make(K).uuid


@pytest.mark.parametrize("mode", [Mode.SW_EMU, Mode.HW_EMU, Mode.FLAT])
def test_modes(mode):
    image = make(K, mode=mode)
    target = {Mode.SW_EMU: b"csim", Mode.HW_EMU: b"hw_em"}.get(mode, b"bitstream")
    assert parse(serialize(image)).mode is mode
    assert b'target="' + target + b'"' in image.metadata_xml


def test_a_vbnv_is_split_for_the_xml():
    image = make(K, platform="xilinx:u250:gen3x16:4.1")
    assert b'vendor="xilinx" boardid="u250" name="gen3x16"' in image.metadata_xml
    assert b'<version major="4" minor="1"/>' in image.metadata_xml


# -- reading ----------------------------------------------------------------------------------


def test_groups_win_and_the_plain_sections_stay(full):
    plain = Section(SectionKind.MEM_TOPOLOGY, "", (1).to_bytes(8, "little") + bytes(40))
    others = [s for s in full.sections if s.kind != SectionKind.MEM_TOPOLOGY]
    links = Section(SectionKind.CONNECTIVITY, "", bytes(4))
    others = [links if s.kind == SectionKind.CONNECTIVITY else s for s in others]
    image = parse(serialize(replace(full, sections=(*others, plain))))
    assert image.memories == image.group_memories == full.memories
    assert [m.tag for m in image.plain_memories] == [""]
    assert image.connections == full.connections
    assert image.plain_connections == ()


def test_without_groups_the_plain_sections_count(full):
    kept = tuple(s for s in full.sections if not str(s.label).startswith("GROUP"))
    image = parse(serialize(replace(full, sections=kept)))
    assert image.group_memories is None
    assert image.memories == full.memories
    assert image.connections == full.connections


def test_plain_connections_point_into_groups_where_only_those_are_grouped(full):
    kept = [s for s in full.sections if s.kind != SectionKind.GROUP_CONNECTIVITY]
    image = parse(serialize(replace(full, sections=tuple(kept))))
    assert image.connections == image.plain_connections == full.connections
    one_memory = Section(SectionKind.GROUP_TOPOLOGY, "", (1).to_bytes(8, "little") + bytes(40))
    kept = [one_memory if s.kind == SectionKind.GROUP_TOPOLOGY else s for s in kept]
    with pytest.raises(XclbinError, match=r"CONNECTIVITY at .* memory index 1 is not one of 1"):
        parse(serialize(replace(full, sections=tuple(kept))))


def test_of_repeated_sections_the_first_counts(full):
    more = Section(SectionKind.BITSTREAM, "second", b"other")
    image = parse(serialize(replace(full, sections=(*full.sections, more))))
    assert bytes(image.bitstream) == bytes(full.bitstream)
    assert [s.name for s in image.sections_of(SectionKind.BITSTREAM)] == ["", "second"]
    assert image.section(SectionKind.BITSTREAM, "second").data == b"other"
    assert image.section(SectionKind.PDI) is None


def test_images_are_values(full):
    with pytest.raises(FrozenInstanceError):
        full.platform = "other"
    assert hash(full) == hash(parse(serialize(full)))
    assert replace(full, platform="other") != full
    changed = parse(serialize(replace(full, platform="other")))
    assert changed.platform == "other"
    assert changed.kernels == full.kernels


def test_xml_with_all_that_tools_add_is_read():
    text = b"""<?xml version="1.0" encoding="utf-8"?>
    <!-- by hand, after the shape of v++'s -->
    <project name="p.link"><platform vendor="v" boardid="b" name="n" featureRomTime="0">
      <version major="0" minor="1"/><description/><board name=""><interfaces/></board>
      <device name="fpga0" fpgaDevice="virtexuplus:xcu250:figd2104:-2L" addrWidth="0">
        <core name="OCL_REGION_0" target="bitstream" type="clc_region" numComputeUnits="60">
          <kernelClocks><clock port="DATA_CLK" frequency="300.000000MHz"/></kernelClocks>
          <kernel name="fir" language="c" vlnv="v:hls:fir:1.0" hwControlProtocol="ap_ctrl_chain">
            <module name="fir"><rtlPort name="m_axi_gmem_AWVALID" object="gmem"/></module>
            <port name="M_AXI_GMEM" mode="master" range="0xFFFFFFFFFFFFFFFF" dataWidth="512"
                  portType="addressable" base="0x0"/>
            <port name="S_AXI_CONTROL" mode="slave" range="0x1000" dataWidth="32"
                  portType="addressable" base="0x0"/>
            <arg name="x" addressQualifier="1" id="0" port="M_AXI_GMEM" size="0x8" offset="0x10"
                 hostOffset="0x0" hostSize="0x8" type="float*"/>
            <arg name="n" addressQualifier="0" id="1" port="S_AXI_CONTROL" size="0x4"
                 offset="0x1C" hostOffset="0x0" hostSize="0x4" type="unsigned int"/>
            <string_table/>
            <instance name="fir_1"><addrRemap base="0x01810000" range="0x10000"
                 port="S_AXI_CONTROL"/></instance>
          </kernel>
          <connection srcType="core" srcInst="OCL_REGION_0" dstType="kernel" dstInst="fir_1"/>
        </core></device></platform></project>
    """.lstrip()
    section = Section(SectionKind.EMBEDDED_METADATA, "", text)
    (kernel,) = parse(serialize(Xclbin(sections=(section,)))).kernels
    assert (kernel.name, kernel.control, kernel.address_range) == ("fir", "ap_ctrl_chain", 0x1000)
    assert [(a.name, a.offset, a.type) for a in kernel.arguments] == [
        ("x", 0x10, "float*"),
        ("n", 0x1C, "unsigned int"),
    ]
    assert kernel.instances[0].base_address == 0x1810000
    assert kernel.port("M_AXI_GMEM").data_width == 512


# -- files ------------------------------------------------------------------------------------


def test_files(full, tmp_path):
    path = tmp_path / "full.xclbin"
    write(full, path)
    assert read(path) == full
    assert path.read_bytes() == serialize(full)
    write(make(K), str(path))
    assert read(str(path)) == make(K)
    assert [p.name for p in tmp_path.iterdir()] == ["full.xclbin"]
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "absent.xclbin")


def test_the_package_imports_only_the_standard_library_and_errors():
    folder = Path(fpgarray.xclbin.__file__).parent
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text())
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        inner = [n for f in functions for n in ast.walk(f)]
        assert not [n for n in inner if isinstance(n, (ast.Import, ast.ImportFrom))], path
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            for name in names:
                ours = name == "fpgarray.errors" or name.startswith("fpgarray.xclbin")
                assert ours or name.partition(".")[0] in sys.stdlib_module_names, (path, name)
