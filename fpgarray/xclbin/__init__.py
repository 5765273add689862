"""xclbin containers as values: bytes <-> records, and a builder for emulation images.

`parse` and `serialize` are pure, `read` and `write` do the same for files, `build` makes an image
from specifications. Reading never executes anything. Must not know NumPy, devices or providers.
"""

from __future__ import annotations

from fpgarray.xclbin.builder import DEFAULT_CLOCKS, DEFAULT_MEMORIES, build
from fpgarray.xclbin.container import Header
from fpgarray.xclbin.enums import (
    AddressQualifier,
    ClockType,
    ControlProtocol,
    IpType,
    MemoryType,
    Mode,
    SectionKind,
)
from fpgarray.xclbin.files import read, write
from fpgarray.xclbin.image import Xclbin, parse, serialize
from fpgarray.xclbin.records import (
    NO_ADDRESS,
    Argument,
    Clock,
    Connection,
    Endpoint,
    Instance,
    Ip,
    Kernel,
    Memory,
    Port,
    Section,
    Stream,
)
from fpgarray.xclbin.specs import ArgumentSpec, KernelSpec, StreamSpec, pointer, scalar, stream

__all__ = [
    "DEFAULT_CLOCKS",
    "DEFAULT_MEMORIES",
    "NO_ADDRESS",
    "AddressQualifier",
    "Argument",
    "ArgumentSpec",
    "Clock",
    "ClockType",
    "Connection",
    "ControlProtocol",
    "Endpoint",
    "Header",
    "Instance",
    "Ip",
    "IpType",
    "Kernel",
    "KernelSpec",
    "Memory",
    "MemoryType",
    "Mode",
    "Port",
    "Section",
    "SectionKind",
    "Stream",
    "StreamSpec",
    "Xclbin",
    "build",
    "parse",
    "pointer",
    "read",
    "scalar",
    "serialize",
    "stream",
    "write",
]
