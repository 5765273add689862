"""Laws over built images, by Hypothesis. Needs nothing."""

from __future__ import annotations

import pickle
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from fpgarray.xclbin import (
    AddressQualifier,
    ControlProtocol,
    KernelSpec,
    Memory,
    MemoryType,
    Mode,
    Section,
    StreamSpec,
    build,
    parse,
    pointer,
    scalar,
    serialize,
    stream,
)
from fpgarray.xclbin.specs import SCALAR_NBYTES

BANK_TYPES = [MemoryType.DDR3, MemoryType.DDR4, MemoryType.HBM, MemoryType.BRAM, MemoryType.HOST]
names = st.text("abcXYZ_", min_size=1, max_size=6)
short_text = st.text("aZ0 _[]:\n\x7fé中🎈", max_size=3)
platforms = st.text("aZ0 _:.<&'\"é", max_size=20)

section = st.builds(
    Section,
    st.integers(36, 2**32 - 1) | st.sampled_from([0, 4, 15, 16, 23, 32]),
    short_text,
    st.binary(max_size=40),
)
memory = st.builds(
    Memory,
    st.sampled_from(BANK_TYPES),
    st.booleans(),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    short_text,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)  # fmt: skip


@st.composite
def kernel_specs(draw, bank_count):
    """Kernels without streams, names made unique by a number."""
    kernels = []
    for number in range(draw(st.integers(0, 3))):
        argument_names = draw(st.lists(names, unique_by=str.upper, max_size=5))
        arguments = []
        for name in argument_names:
            if draw(st.booleans()):
                banks = draw(st.lists(st.integers(0, bank_count - 1), min_size=1, unique=True))
                arguments.append(
                    pointer(name, banks=banks, data_width=draw(st.sampled_from([32, 512])))
                )
            else:
                arguments.append(scalar(name, draw(st.sampled_from(sorted(SCALAR_NBYTES)))))
        kernels.append(
            KernelSpec(
                f"k{number}_{draw(names)}",
                tuple(arguments),
                draw(st.integers(1, 3)),
                draw(st.sampled_from([ControlProtocol.HS, ControlProtocol.CHAIN])),
            )
        )
    return kernels


@st.composite
def images(draw):
    memories = draw(st.lists(memory, min_size=1, max_size=4))
    kernels = draw(kernel_specs(len(memories)))
    streams = []
    for i in range(draw(st.integers(0, 2))):
        kernels.append(KernelSpec(f"src{i}", (stream("s", "out"), scalar("n"))))
        kernels.append(KernelSpec(f"dst{i}", (scalar("n"), stream("s", "in"))))
        streams.append(StreamSpec(f"src{i}_1.s", f"dst{i}_1.s"))
    return build(
        platform=draw(platforms),
        kernels=kernels,
        memories=memories,
        streams=streams,
        bitstream=draw(st.binary(max_size=50)),
        capability=draw(st.none() | st.dictionaries(st.text(max_size=4), json_values, max_size=3)),
        mode=draw(st.sampled_from(list(Mode))),
        uuid=draw(st.none() | st.uuids()),
        timestamp=draw(st.integers(0, 2**64 - 1)),
        version=draw(st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 65535))),
        interface_uuid=draw(st.uuids()),
        extra_sections=draw(st.lists(section, max_size=3)),
    )


@settings(max_examples=100, deadline=None)
@given(images())
def test_bytes_and_images_round_trip(image):
    data = serialize(image)
    again = parse(data)
    assert again == image
    assert serialize(again) == data
    assert serialize(replace(again, sections=again.sections[:1] + again.sections[1:])) == data
    assert pickle.loads(pickle.dumps(again)) == again
    for view in ("kernels", "memories", "connections", "ips", "clocks", "streams", "capability"):
        assert getattr(again, view) == getattr(image, view)
    assert len(data) % 8 == 0


@settings(max_examples=60, deadline=None)
@given(images())
def test_hls_offsets(image):
    for kernel in image.kernels:
        expected = 0x10
        for argument in kernel.arguments:
            if argument.is_stream:
                continue
            assert argument.offset == expected
            expected += 0xC if argument.size == 8 else 8


@settings(max_examples=60, deadline=None)
@given(images())
def test_tables_agree_with_the_xml(image):
    placed = {(k.name, i.name): i.base_address for k in image.kernels for i in k.instances}
    assert placed == {(ip.kernel, ip.instance): ip.base_address for ip in image.ips}
    assert len(set(placed.values())) == len(placed)
    assert [ip.base_address for ip in image.ips] == sorted(ip.base_address for ip in image.ips)
    for kernel in image.kernels:
        for argument in kernel.arguments:
            banks = image.banks_of(kernel.name, None, argument.id)
            assert bool(banks) == (argument.address_qualifier == AddressQualifier.GLOBAL)


@settings(max_examples=40, deadline=None)
@given(st.lists(section, max_size=8))
def test_any_sections_keep_order_names_and_contents(sections):
    image = build(platform="p", kernels=[], extra_sections=sections)
    tail = parse(serialize(image)).sections[-len(sections) :] if sections else ()
    assert [(s.kind, s.name, bytes(s.data)) for s in tail] == [
        (s.kind, s.name, bytes(s.data)) for s in sections
    ]


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=30), st.binary(max_size=30))
def test_the_uuid_follows_from_the_contents(first, second):
    kernels = [KernelSpec("k", (pointer("p"),))]
    a, b, c = (build(platform="p", kernels=kernels, bitstream=d) for d in (first, second, first))
    assert serialize(a) == serialize(c)
    assert (a.uuid == b.uuid) == (first == second)
    assert a.uuid.version == 5
