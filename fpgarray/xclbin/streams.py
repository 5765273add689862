"""Kernel-to-kernel streams in the tables (design/xrt.md section 5).

A stream is two topology entries of type STREAMING with one tag, and a connection from each end's
argument to its entry. An entry's base field is the instance's base address | the argument's index.
Which end writes is in the XML: the mode of the argument's port.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpgarray.xclbin.enums import MemoryType
from fpgarray.xclbin.records import Connection, Endpoint, Ip, Kernel, Memory, Stream

SOURCE_MODE = "write_only"
TARGET_MODE = "read_only"

Ends = dict[str, list[Endpoint]]
"""Port mode -> ends."""


def find_streams(
    memories: Sequence[Memory],
    connections: Iterable[Connection],
    ips: Sequence[Ip],
    kernels: Iterable[Kernel],
) -> tuple[Stream, ...]:
    """Streams between two compute units, in the order of their first connection.

    A tag without exactly one writing and one reading end (a stream to the host, or to a kernel
    that the XML does not describe) is none of ours and left out.
    """
    modes = _port_modes(kernels)
    by_tag: dict[str, Ends] = {}
    for c in connections:
        if memories[c.memory].type != MemoryType.STREAMING:
            continue
        end = Endpoint(ips[c.ip].kernel, ips[c.ip].instance, c.argument, c.memory)
        mode = modes.get((end.kernel, end.argument), "")
        by_tag.setdefault(memories[c.memory].tag, {}).setdefault(mode, []).append(end)
    pairs = ((tag, _pair(ends)) for tag, ends in by_tag.items())
    return tuple(Stream(tag, *pair) for tag, pair in pairs if pair is not None)


def _pair(ends: Ends) -> tuple[Endpoint, Endpoint] | None:
    if {mode: len(found) for mode, found in ends.items()} != {SOURCE_MODE: 1, TARGET_MODE: 1}:
        return None
    return ends[SOURCE_MODE][0], ends[TARGET_MODE][0]


def _port_modes(kernels: Iterable[Kernel]) -> dict[tuple[str, int | None], str]:
    """(kernel, argument index) -> mode of the port that a stream argument goes through."""
    modes = {}
    for kernel in kernels:
        ports = {port.name: port.mode for port in kernel.ports}
        for argument in kernel.arguments:
            if argument.is_stream:
                modes[kernel.name, argument.id] = ports.get(argument.port, "")
    return modes
