"""The bitstream of an emulation image: an ELF shared library, read without running it.

Owns what must be known before `dlopen`: is it for this machine, which functions has it. Also
makes copies separable: data of C++ inline functions and templates carries the binding GNU_UNIQUE,
which the dynamic linker shares process-wide (and never unloads); compute units must not share it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

IDENT = struct.Struct("<4sBB10xHH")
# Elf64_Ehdr from byte 40: u64 shoff; u32 flags; u16 ehsize, phentsize, phnum, shentsize, shnum
SECTIONS = struct.Struct("<Q10xHH")
# Elf64_Shdr: u32 name, type; u64 flags, addr, offset, size; u32 link, info; u64 align, entsize
SECTION = struct.Struct("<IIQQQQIIQQ")
# Elf64_Sym: u32 name; u8 info, other; u16 shndx; u64 value, size
SYMBOL = struct.Struct("<IBBHQQ")

CLASS_64, LITTLE_ENDIAN = 2, 1
SHARED_OBJECT = 3
DYNAMIC_SYMBOLS = 11
GNU_UNIQUE, GLOBAL = 10, 1
MACHINES = {3: "i386", 40: "arm", 62: "x86-64", 183: "aarch64", 243: "riscv"}


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library: its bytes, made separable, and the names it defines."""

    data: bytes
    functions: frozenset[str]


def read_library(data: bytes | memoryview) -> Library:
    """Check `data`. ValueError says why it is no shared library for this machine."""
    copy = bytearray(data)
    _demand_header(copy)
    try:
        functions = frozenset(_make_separable(copy))
    except (struct.error, UnicodeDecodeError, IndexError) as fault:
        raise ValueError(f"its ELF symbol table is damaged: {fault}") from None
    return Library(bytes(copy), functions)


def _demand_header(data: bytearray) -> None:
    if len(data) < 64 or data[:4] != b"\x7fELF":
        raise ValueError(f"it is no ELF file ({len(data)} bytes, beginning {bytes(data[:4])!r})")
    _, width, order, kind, machine = IDENT.unpack_from(data)
    if (width, order) != (CLASS_64, LITTLE_ENDIAN):
        raise ValueError("it is not a 64-bit little-endian ELF file")
    if kind != SHARED_OBJECT:
        raise ValueError(f"it is no shared library (ELF type {kind})")
    if machine != _this_machine():
        raise ValueError(
            f"it is compiled for {MACHINES.get(machine, machine)}, this machine is "
            f"{MACHINES.get(_this_machine(), _this_machine())}"
        )


@cache
def _this_machine() -> int:
    with Path("/proc/self/exe").open("rb") as file:
        return IDENT.unpack(file.read(IDENT.size))[-1]


def _make_separable(data: bytearray) -> list[str]:
    """Names of defined symbols; turns unique ones into plain ones in `data`."""
    at, entry, count = SECTIONS.unpack_from(data, 40)
    headers = [SECTION.unpack_from(data, at + i * entry) for i in range(count)]
    names = []
    for header in headers:
        if header[1] != DYNAMIC_SYMBOLS:
            continue
        start, nbytes, link = header[4], header[5], header[6]
        texts_at = headers[link][4]
        for position in range(start, start + nbytes, SYMBOL.size):
            name, info, other, section, value, size = SYMBOL.unpack_from(data, position)
            if info >> 4 == GNU_UNIQUE:
                info = GLOBAL << 4 | info & 0xF
                SYMBOL.pack_into(data, position, name, info, other, section, value, size)
            if section:
                first = texts_at + name
                names.append(data[first : data.index(b"\0", first)].decode())
    return names
