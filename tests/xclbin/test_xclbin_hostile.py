"""Crafted inputs, one story each: what is refused, and which section and byte the error names.

Needs nothing.
"""

from __future__ import annotations

import json
import re
import struct
import sys
import tracemalloc
from dataclasses import replace

import pytest

from fpgarray.errors import FPGArrayError, XclbinError
from fpgarray.xclbin import Section, SectionKind, Xclbin, parse, serialize

XML = SectionKind.EMBEDDED_METADATA


def container(*sections: tuple[int, str, bytes]) -> bytes:
    return serialize(Xclbin(sections=tuple(Section(*s) for s in sections)))


def refused(data: bytes, match: str, section: str | None = None) -> XclbinError:
    with pytest.raises(XclbinError, match=match) as caught:
        parse(data)
    assert isinstance(caught.value, (FPGArrayError, ValueError))
    if section is not None:
        assert caught.value.section.startswith(section)
    return caught.value


def patched(data: bytes, at: int, code: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(code, changed, at, value)
    return bytes(changed)


def core(inside: str) -> bytes:
    path = "project", "platform", "device", "core"
    opened, closed = ("".join(f"<{t}>" for t in path), "".join(f"</{t}>" for t in path[::-1]))
    return f"{opened}{inside}{closed}".encode()


def kernel(inside: str, name: str = "k") -> str:
    return f'<kernel name="{name}">{inside}</kernel>'


def arg(name: str = "a", id: str = "0", **changes: str) -> str:
    attributes = {
        "name": name,
        "id": id,
        "addressQualifier": "0",
        "size": "0x4",
        "offset": "0x10",
        "hostSize": "0x4",
        **changes,
    }
    return "<arg " + " ".join(f'{k}="{v}"' for k, v in attributes.items()) + "/>"


# -- the container ----------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"x", b"xclbin1\0" + bytes(600), b"\x7fELF" * 200])
def test_not_an_xclbin(data):
    assert refused(data, "not an xclbin", "axlf").offset == 0


def test_a_short_file():
    assert refused(b"xclbin2\0" + bytes(400), "too few", "axlf").offset == 0


def test_length_must_be_the_files_size(full_bytes):
    assert refused(full_bytes + b"\0", f"{len(full_bytes)} bytes, file has").offset == 304
    refused(full_bytes[:-8], "file has")


@pytest.mark.parametrize("count", [10_001, 0x7FFFFFFF, 0xFFFFFFFF])
def test_too_many_sections(full_bytes, count):
    assert refused(patched(full_bytes, 448, "<I", count), "10000 at most").offset == 448


def test_more_section_headers_than_bytes(full_bytes):
    assert refused(patched(full_bytes, 448, "<I", 9_999), "need 400456 bytes").offset == 448


@pytest.mark.parametrize("field", [24, 32])
@pytest.mark.parametrize("value", [1 << 20, (1 << 63) - 1, (1 << 64) - 1])
def test_section_outside_the_file(full_bytes, field, value):
    at = 456 + 40 * 3  # IP_LAYOUT
    error = refused(patched(full_bytes, at + field, "<Q", value), "-byte file", "IP_LAYOUT")
    assert error.offset == at


def test_section_over_the_headers(full_bytes):
    error = refused(patched(full_bytes, 456 + 24, "<Q", 464), "overlaps the headers", "BITSTREAM")
    assert error.offset == 464


def test_overlapping_sections(full_bytes):
    begin = struct.unpack_from("<Q", full_bytes, 456 + 24)[0]
    data = patched(full_bytes, 456 + 40 + 24, "<Q", begin + 8)
    refused(data, "overlaps section BITSTREAM", "MEM_TOPOLOGY")


def test_undecodable_and_unterminated_names(full_bytes):
    error = refused(full_bytes[:460] + b"\xff" + full_bytes[461:], "name of section 0", "axlf")
    assert error.offset == 460
    refused(full_bytes[:460] + b"x" * 16 + full_bytes[476:], "no terminating NUL")
    refused(full_bytes[:352] + b"x" * 64 + full_bytes[416:], "platform")


def test_ten_thousand_sections_are_read():
    data = container(*[(100, "", b"")] * 10_000)
    assert len(parse(data).sections) == 10_000
    with pytest.raises(XclbinError, match="10000 at most"):
        container(*[(100, "", b"")] * 10_001)


def test_signed_containers_are_accepted_and_kept(full, full_bytes):
    signature = b"S" * 99
    signed = patched(full_bytes, 8, "<i", len(signature)) + signature
    image = parse(signed)
    assert image == full
    assert serialize(image) == signed
    assert serialize(replace(image, timestamp=1))[8:12] == b"\xff" * 4  # a change unsigns it
    counted = patched(signed, 304, "<Q", len(signed))
    assert parse(counted) == full
    refused(signed + b"x", "a signature of 99")
    assert refused(patched(full_bytes, 8, "<i", -2), "signature length -2").offset == 8


def test_writable_buffers_cannot_change_an_image(full, full_bytes):
    buffer = bytearray(full_bytes)
    image = parse(buffer)
    buffer[:] = bytes(len(buffer))
    assert image == full
    assert parse(memoryview(full_bytes)) == full
    assert parse(memoryview(full_bytes).cast("d")) == full
    assert parse(memoryview(full_bytes + full_bytes[::-1])[: len(full_bytes)]) == full
    assert parse(full_bytes).bitstream.obj is full_bytes  # not copied


# -- tables -----------------------------------------------------------------------------------

TABLES = [
    (SectionKind.MEM_TOPOLOGY, "<i", 40),
    (SectionKind.GROUP_TOPOLOGY, "<i", 40),
    (SectionKind.CONNECTIVITY, "<i", 12),
    (SectionKind.GROUP_CONNECTIVITY, "<i", 12),
    (SectionKind.IP_LAYOUT, "<i", 80),
    (SectionKind.CLOCK_FREQ_TOPOLOGY, "<h", 136),
]


@pytest.mark.parametrize(("kind", "code", "entry"), TABLES, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("count", [-1, -0x8000, 2, 0x7FFF, 0x7FFFFFFF])
def test_counts_that_lie(kind, code, entry, count):
    count = min(count, 0x7FFF) if code == "<h" else count
    body = struct.pack(code, count).ljust(8, b"\0") + bytes(entry)
    error = refused(container((kind, "", body)), f"count {count} ", kind.name)
    assert error.offset == 496 + 40


@pytest.mark.parametrize(("kind", "code", "entry"), TABLES, ids=lambda v: getattr(v, "name", ""))
def test_empty_tables(kind, code, entry):
    refused(container((kind, "", b"")), "too few for its count", kind.name)
    parse(container((kind, "", struct.pack(code, 0))))


def test_names_in_tables_name_their_entry():
    body = struct.pack("<i4x", 2) + bytes(40) + bytes(24) + b"x" * 16
    error = refused(container((6, "", body)), "entry 1: 16-byte text", "MEM_TOPOLOGY")
    assert error.offset == 536 + 48
    body = struct.pack("<i4x", 1) + bytes(16) + b"\xc3\x28".ljust(64, b"\0")
    refused(container((8, "", body)), "entry 0: 'utf-8' codec", "IP_LAYOUT")


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ((-1, 0, 0), "argument index -1"),
        ((0, 1, 0), "compute unit index 1"),
        ((0, -1, 0), "compute unit index -1"),
        ((0, 0, 1), "memory index 1"),
        ((0, 0, 0x7FFFFFFF), "memory index 2147483647"),
    ],
)
@pytest.mark.parametrize("kind", [SectionKind.CONNECTIVITY, SectionKind.GROUP_CONNECTIVITY])
def test_connectivity_out_of_range(entry, what, kind):
    ips = struct.pack("<i4x", 1) + struct.pack("<IIQ64s", 1, 0, 0, b"k:k_1")
    memories = struct.pack("<i4x", 1) + bytes(40)
    body = struct.pack("<i", 2) + bytes(12) + struct.pack("<iii", *entry)
    data = container((8, "", ips), (6, "", memories), (26, "", memories), (kind, "", body))
    error = refused(data, f"entry 1: {what} is not", kind.name)
    assert data[error.offset : error.offset + 12] == struct.pack("<iii", *entry)


def test_a_compute_unit_twice():
    row = struct.pack("<IIQ64s", 1, 0, 0, b"k:k_1")
    error = refused(container((8, "", struct.pack("<i4x", 2) + row * 2)), "entry 1", "IP_LAYOUT")
    assert "'k:k_1' is defined twice" in str(error)


# -- XML --------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
BILLION_LAUGHS = f'<!DOCTYPE p [<!ENTITY l0 "lol">{LAUGHS}]><project>&l9;</project>'


@pytest.mark.parametrize(
    "text",
    [
        BILLION_LAUGHS,
        "<!DOCTYPE project><project/>",
        '<!DOCTYPE p SYSTEM "file:///etc/passwd"><p/>',
        '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>',
        '<!DOCTYPE p [<!ENTITY % x SYSTEM "http://localhost/">%x;]><p/>',
        '<?xml version="1.0"?>\n<!DOCTYPE p [<!ATTLIST p name CDATA "d">]><p/>',
    ],
)
def test_document_types_are_refused_where_they_begin(text):
    error = refused(container((XML, "", text.encode())), "document types", "EMBEDDED_METADATA")
    first = text.index("<!DOCTYPE")
    assert 536 + first <= error.offset <= 536 + text.index(">", first)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (b"", "no element found"),
        (b"<project/>", "no element project/platform/device/core"),
        (b"<project>", "no element found"),
        (b"<project></platform>", "mismatched tag"),
        (b"<a>&undefined;</a>", "undefined entity"),
        (b"<project/><project/>", "junk after document element"),
        (b'<a x="1" x="2"/>', "duplicate attribute"),
        (b"<a>\xff</a>", "not well-formed"),
        ("<a/>".encode("utf-16"), "not well-formed"),
        (b'<?xml version="1.0" encoding="utf-16"?><a>\xff\xfe</a>', "not well-formed"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "no element project"),
        (b'<?xml version="1.0" encoding="big5"?><a>\xa4\xa4</a>', "not well-formed"),
    ],
)
def test_text_that_is_no_metadata(text, match):
    refused(container((XML, "", text)), match, "EMBEDDED_METADATA")


def test_deep_nesting():
    refused(container((XML, "", b"<a>" * 100_000)), "nested deeper than 64", "EMBEDDED_METADATA")


def test_nul_padding_behind_the_text_is_allowed():
    assert parse(container((XML, "", core(kernel("")) + bytes(5)))).kernel("k").arguments == ()


@pytest.mark.parametrize(
    "number",
    ["-1", "+1", "1.5", "1e3", " 1", "0x", "0b1", "010", "1_0", "x", "\u0661",
     "0x1ffffffffffffffff", "18446744073709551616", "9" * 5000],
)  # fmt: skip
def test_numbers_are_strict(number):
    data = container((XML, "", core(kernel(arg(size=number)))))
    error = refused(data, "attribute 'size'", "EMBEDDED_METADATA")
    assert data[error.offset : error.offset + 4] == b"<arg"


def test_numbers_as_tools_write_them():
    text = core(kernel(arg(size="8", offset="0x010", hostSize="", addressQualifier="0X1")))
    argument = parse(container((XML, "", text))).kernel("k").argument("a")
    assert (argument.size, argument.offset, argument.host_size) == (8, 16, 0)
    assert argument.is_pointer


@pytest.mark.parametrize(
    ("inside", "match"),
    [
        (kernel("") + kernel(""), "kernel 'k' is defined twice"),
        ("<kernel/>", "attribute 'name' is missing"),
        (kernel("<arg/>"), "attribute 'name' is missing"),
        (kernel(arg("a") + arg("b")), "argument id 0 is used twice"),
        (kernel(arg("a") + arg("b", "2")), "argument id 2 follows 0"),
        (kernel(arg("a", "1")), "argument id 1 follows -1"),
        (kernel(arg("a") + arg("a", "1")), "argument of kernel 'k' 'a' is defined twice"),
        (kernel('<port name="p"/><port name="p"/>'), "port of kernel 'k' 'p' is defined twice"),
        (kernel('<instance name="i"/><instance name="i"/>'), "instance of kernel 'k' 'i'"),
        (kernel('<instance name="i"><addrRemap/></instance>'), "'base' is missing"),
        (kernel(arg(offset="0xfffd")), "registers of argument 'a' end at 0x10001"),
        (kernel('<port name="s" mode="slave" range="0x10"/>' + arg()), "beyond its range 0x10"),
    ],
)
def test_kernels_that_contradict_themselves(inside, match):
    refused(container((XML, "", core(inside))), re.escape(match), "EMBEDDED_METADATA")


def test_only_the_first_core_and_only_kernels_in_it_count():
    path = "project", "platform", "device"
    opened, closed = ("".join(f"<{t}>" for t in path), "".join(f"</{t}>" for t in path[::-1]))
    hidden = "<arg/>" + kernel("", "outside")
    inner = "<module>" + kernel(arg(), "inner") + "</module>"
    nested = f"<core>{kernel(inner)}</core>"
    text = f"{opened}{hidden}{nested}<core>{kernel('', 'second')}</core>{closed}"
    image = parse(container((XML, "", text.encode())))
    assert [(k.name, k.arguments) for k in image.kernels] == [("k", ())]


def test_hidden_arguments_come_last():
    inside = kernel(arg("printf", "") + arg("b", "1") + arg("a", "0"))
    arguments = parse(container((XML, "", core(inside)))).kernel("k").arguments
    assert [(a.name, a.id) for a in arguments] == [("a", 0), ("b", 1), ("printf", None)]


# -- the capability table ---------------------------------------------------------------------


def capability(text: bytes | str) -> bytes:
    data = text if isinstance(text, bytes) else text.encode()
    return container((SectionKind.USER_METADATA, "fpgarray", data))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "not acceptable JSON"),
        ("{", "not acceptable JSON"),
        ("[]", "no object under the key"),
        ("{}", "no object under the key"),
        ('{"fpgarray": 3}', "no object under the key"),
        ('{"fpgarray": {"x": NaN}}', "NaN is not JSON"),
        ('{"fpgarray": {"x": -Infinity}}', "-Infinity is not JSON"),
        ('{"fpgarray": {"x": 1e999}}', "out of range"),
        ('{"fpgarray": {"x": ' + "9" * 5000 + "}}", "integer of 5000 characters"),
        ('{"fpgarray": {"x": 0.' + "9" * 5000 + "}}", "out of range"),
        ('{"fpgarray": {"x": 1, "x": 2}}', "same key twice"),
        ('{"fpgarray": {}, "fpgarray": {}}', "same key twice"),
        ('{"fpgarray": {"x": ' + "[" * 40 + "]" * 40 + "}}", "nested deeper than 32"),
        ("[" * 200_000, "nested deeper than 32"),
        ('{"a":' * 50_000, "nested deeper than 32"),
        ('{"fpgarray": {"x": "\\ud800"}}', "surrogates not allowed"),
        (b'{"fpgarray": {"x": "\xff"}}', "utf-8"),
        (b'\xef\xbb\xbf{"fpgarray": {}}', "BOM"),
        (b" " * ((256 << 10) + 1), "exceed the limit"),
    ],
)
def test_json_that_is_refused(text, match):
    assert refused(capability(text), match, "USER_METADATA 'fpgarray'").offset == 536


def test_brackets_in_strings_do_not_nest():
    table = {"x": "[" * 100, "y": '\\"' + "{" * 100}
    assert parse(capability(json.dumps({"fpgarray": table}))).capability == table


def test_user_metadata_of_others_is_left_alone():
    image = parse(container((SectionKind.USER_METADATA, "theirs", b"not JSON")))
    assert image.capability is None


# -- work and memory --------------------------------------------------------------------------


def rows(kind: int, body: bytes, count: int, start: int = 8) -> bytes:
    code = "<h" if kind == SectionKind.CLOCK_FREQ_TOPOLOGY else "<i"
    return struct.pack(code, count).ljust(start, b"\0") + body * count


ONE_KERNEL = "".join(arg(f"a{i}", str(i)) for i in range(3_000))
MANY = "".join(kernel("", f"k{i}") for i in range(3_000))
HEAVY = {
    "sections": lambda: container(*[(100, "", b"")] * 10_000),
    "memories": lambda: container((6, "", rows(6, bytes(40), 20_000))),
    "connections": lambda: container(
        (8, "", rows(8, struct.pack("<IIQ64s", 1, 0, 0, b"k:u"), 1)),
        (6, "", rows(6, bytes(40), 1)),
        (7, "", rows(7, bytes(12), 50_000, 4)),
    ),
    "clocks": lambda: container((11, "", rows(11, bytes(136), 0x7FFF, 2))),
    "arguments": lambda: container((XML, "", core(kernel(ONE_KERNEL)))),
    "kernels": lambda: container((XML, "", core(MANY))),
    "elements": lambda: container((XML, "", core("<a/>" * 100_000))),
    "one attribute": lambda: container((XML, "", core(kernel("", "k" * 3_000_000)))),
    "attributes": lambda: container(
        (XML, "", core("<a " + " ".join(f'x{i}=""' for i in range(100_000)) + "/>"))
    ),
    "comment": lambda: container((XML, "", b"<!--" + b"x" * 3_000_000)),
    "laughs": lambda: container((XML, "", BILLION_LAUGHS.encode())),
    "json lists": lambda: capability('{"fpgarray": {"x": [' + "[]," * 80_000 + "0]}}"),
    "json open string": lambda: capability('{"fpgarray": "' + "\\\\" * 130_000),
    "json backslashes": lambda: capability('"\\' * 130_000),
}


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_inputs_take_memory_and_calls_in_proportion(name):
    data = HEAVY[name]()
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    tracemalloc.start()
    sys.setprofile(count)
    try:
        parse(data)
    except XclbinError:
        pass
    finally:
        sys.setprofile(None)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # JSON strings of escapes are the worst case: one Python string per escape
    assert peak < 70 * len(data) + (1 << 20)
    assert calls < 4 * len(data) + 10_000


def test_limits_on_size():
    refused(container((XML, "", b" " * ((16 << 20) + 1))), "exceed the limit")
    data = container((7, "", rows(7, b"", 100_001)))
    refused(data, "count 100001 is not in 0 to 100000", "CONNECTIVITY")
