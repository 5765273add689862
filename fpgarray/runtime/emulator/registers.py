"""Arguments and registers: numbers <-> register bytes <-> what a compiled kernel is called with.

Owns the encoding of scalars and the layout of a compute unit's register map, both taken from the
image's XML. Must not know devices, runs or threads.

    0x00 control: bit 0 start, 1 done (cleared by reading), 2 idle, 3 ready, 7 auto-restart
    0x04 global interrupt enable   0x08 interrupt enable   0x0c interrupt status
    0x10 arguments, at the offsets of the XML
"""

from __future__ import annotations

import ctypes
import operator
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fpgarray.errors import ArgumentError, ConnectivityError, ImageError, KernelError
from fpgarray.runtime.emulator.memory import Allocation, Memory
from fpgarray.xclbin import Xclbin

CONTROL = 0x00
FIRST_ARGUMENT = 0x10
START, DONE, IDLE, READY, AUTO_RESTART = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 7
PORT_WORD = 64


@dataclass(frozen=True, slots=True)
class ScalarType:
    """How a C type is packed (`code` of struct) and passed (`ctype`)."""

    code: str
    ctype: type

    @property
    def nbytes(self) -> int:
        """Size of the C type."""
        return struct.calcsize("<" + self.code)

    def encode(self, value: object) -> bytes:
        """`value` as little-endian bytes. TypeError or OverflowError says why it cannot be."""
        if self.code in "fd":
            if not isinstance(value, (float, int, np.floating, np.integer)):
                raise TypeError("it is not a real number")
            return struct.pack("<" + self.code, float(value))
        number = int(value) if isinstance(value, np.bool_) else operator.index(value)
        try:
            return struct.pack("<" + self.code, number if self.code != "?" else _truth(number))
        except struct.error:
            raise OverflowError("it is out of range") from None


def _truth(number: int) -> bool:
    if number not in (0, 1):
        raise OverflowError("it is neither 0 nor 1")
    return bool(number)


_SIGNED = {1: "b", 2: "h", 4: "i", 8: "q"}
_CTYPES = {
    "?": ctypes.c_bool,
    "b": ctypes.c_int8, "h": ctypes.c_int16, "i": ctypes.c_int32, "q": ctypes.c_int64,
    "B": ctypes.c_uint8, "H": ctypes.c_uint16, "I": ctypes.c_uint32, "Q": ctypes.c_uint64,
    "f": ctypes.c_float, "d": ctypes.c_double,
}  # fmt: skip

# C spelling -> struct code
SCALARS = {
    "bool": "?",
    "char": "b", "signed char": "b", "unsigned char": "B", "uchar": "B",
    "short": "h", "unsigned short": "H", "ushort": "H", "short int": "h",
    "int": "i", "unsigned int": "I", "unsigned": "I", "uint": "I", "signed int": "i",
    "long": "q", "unsigned long": "Q", "ulong": "Q", "long int": "q",
    "long long": "q", "unsigned long long": "Q", "long unsigned int": "Q",
    "size_t": "Q", "ptrdiff_t": "q",
    "int8_t": "b", "int16_t": "h", "int32_t": "i", "int64_t": "q",
    "uint8_t": "B", "uint16_t": "H", "uint32_t": "I", "uint64_t": "Q",
    "float": "f", "double": "d",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a kernel. `banks`: what every compute unit asked for reaches."""

    index: int
    name: str
    type: str
    kind: str
    """"pointer", "scalar", "stream" or "other"."""
    offset: int
    nbytes: int
    banks: tuple[int, ...]
    scalar: ScalarType | None

    def __str__(self) -> str:
        return f"{self.index} ({self.type} {self.name})"

    def encode(self, value: object) -> bytes:
        """A number as the bytes of this scalar's registers. ArgumentError if it has no such."""
        if self.kind != "scalar":
            raise ArgumentError(f"argument {self} is a {self.kind}, not a number: got {value!r}")
        if self.scalar is None:
            raise ArgumentError(
                f"argument {self} of {self.nbytes} bytes: values of this type cannot be encoded"
            )
        try:
            data = self.scalar.encode(value)
        except (TypeError, OverflowError) as fault:
            raise ArgumentError(
                f"argument {self} cannot hold {value!r} of type {type(value).__name__}: {fault}"
            ) from None
        return data.ljust(self.nbytes, b"\0")


@dataclass(frozen=True, slots=True, eq=False)
class Operands:
    """Register contents made ready for a call; stale once `generation` is not the memory's."""

    generation: int
    values: tuple[int | float, ...]
    """Scalars as numbers, pointers as device addresses."""
    allocations: tuple[Allocation | None, ...]
    """What the pointers lie in; None for scalars."""
    arguments: tuple
    """The same for ctypes, in this process."""


class Signature:
    """The arguments of a kernel as seen by one or all of its compute units."""

    def __init__(self, image: Xclbin, kernel: str, instance: str | None) -> None:
        """`instance` None: for all of them. ImageError for registers that overlap."""
        self.kernel = kernel
        arguments = [a for a in image.kernel(kernel).arguments if a.id is not None]
        self.parameters = tuple(
            _parameter(a, image.banks_of(kernel, instance, a.id)) for a in arguments
        )
        self.scalars = tuple(p for p in self.parameters if p.kind == "scalar")
        self.streams = tuple(p for p in self.parameters if p.kind not in ("pointer", "scalar"))
        # the registers in the order of their offsets, and where each index is among them
        ordered = sorted((p for p in self.parameters if p.nbytes), key=lambda p: p.offset)
        self._unpack, self.nbytes = _layout(kernel, ordered)
        # generation of the memory, and what was looked up since: address -> (pointer, allocation)
        self._known: tuple[int, list[dict]] = (-1, [])
        self._order = [ordered.index(p) for p in self.parameters if p.nbytes]
        self._in_order = self._order == sorted(self._order)

    def read(self, registers: bytes | bytearray) -> tuple[int | float, ...]:
        """The values that `registers` hold, by argument index."""
        found = self._unpack.unpack_from(registers)
        return found if self._in_order else tuple(found[position] for position in self._order)

    def decode(self, registers: bytes | bytearray, memory: Memory, alignment: int = 1) -> Operands:
        """Look every address up. KernelError for one that lies in no live buffer that its
        argument reaches, ConnectivityError for a bank it does not reach."""
        if self.streams:
            raise KernelError(
                f"kernel {self.kernel}: argument {self.streams[0]} is a stream; this version of "
                "the emulator does not run stream-connected kernels"
            )
        values = self.read(registers)
        # read before anything is looked up: whoever launches compares it again, under a lock
        generation = memory.generation
        if generation != self._known[0]:
            self._known = generation, [{} for _ in self.parameters]
        arguments, allocations = [], []
        for parameter, known, value in zip(self.parameters, self._known[1], values, strict=True):
            if parameter.kind != "pointer":
                arguments.append(_passed(parameter, value))
                allocations.append(None)
                continue
            hit = known.get(value)
            if hit is None:
                found = self._locate(parameter, value, memory, alignment)
                pointer = ctypes.c_void_p(found.pointer + value - found.address)
                hit = known[value] = pointer, found
            arguments.append(hit[0])
            allocations.append(hit[1])
        return Operands(generation, values, tuple(allocations), tuple(arguments))

    def describe(self, values: Sequence[int | float], allocations: Sequence) -> str:
        """The call in words, for messages."""
        pairs = zip(self.parameters, values, allocations, strict=True)
        said = (f"{p.name}={v if a is None else f'{v:#x} [{a}]'}" for p, v, a in pairs)
        return f"{self.kernel}({', '.join(said)})"

    def _locate(
        self, parameter: Parameter, address: int, memory: Memory, alignment: int
    ) -> Allocation:
        with memory.lock:
            found = memory.find(address)
        if found is None:
            raise KernelError(
                f"kernel {self.kernel}: argument {parameter} holds address {address:#x}, which is "
                "in no live buffer"
            )
        if found.bank not in parameter.banks:
            raise ConnectivityError(
                f"kernel {self.kernel}: argument {parameter} holds {address:#x} in bank "
                f"{found.bank}, but reaches {reached(parameter)}"
            )
        if address % alignment:
            raise KernelError(
                f"kernel {self.kernel}: argument {parameter} holds {address:#x}, which is no "
                f"multiple of {alignment} bytes (guard mode allows only whole port words)"
            )
        return found


def reached(parameter: Parameter) -> str:
    """The banks of an argument in words."""
    if not parameter.banks:
        return "no bank"
    return "bank " + ", ".join(map(str, parameter.banks))


def _parameter(argument, banks: tuple[int, ...]) -> Parameter:
    kind = (
        "pointer" if argument.is_pointer
        else "scalar" if argument.is_scalar
        else "stream" if argument.is_stream
        else "other"
    )  # fmt: skip
    scalar = _scalar_type(argument.type, argument.host_size or argument.size)
    return Parameter(
        index=argument.id,
        name=argument.name,
        type=argument.type,
        kind=kind,
        offset=argument.offset,
        nbytes=argument.size if kind in ("pointer", "scalar") else 0,
        banks=banks,
        scalar=scalar if kind == "scalar" else None,
    )


def _scalar_type(spelled: str, nbytes: int) -> ScalarType | None:
    """The type called `spelled`. Its size is the XML's, where an integer type varies by ABI."""
    words = [w for w in spelled.split() if w not in ("const", "volatile")]
    code = SCALARS.get(" ".join(words))
    if code is None:
        return None
    if code not in "fd?" and struct.calcsize("<" + code) != nbytes and nbytes in _SIGNED:
        code = _SIGNED[nbytes] if code.islower() else _SIGNED[nbytes].upper()
    scalar = ScalarType(code, _CTYPES[code])
    return scalar if scalar.nbytes <= nbytes else None


def _layout(kernel: str, ordered: Sequence[Parameter]) -> tuple[struct.Struct, int]:
    """Format of a whole register map and its size in bytes."""
    codes = ["<"]
    position = 0
    for parameter in ordered:
        gap = parameter.offset - position
        if gap < 0 or parameter.offset < FIRST_ARGUMENT:
            raise ImageError(
                f"kernel {kernel}: registers of argument {parameter} at {parameter.offset:#x} "
                "overlap others"
            )
        code = _register_code(kernel, parameter)
        codes.append(f"{gap}x{code}")
        position = parameter.offset + struct.calcsize("<" + code)
    end = max([FIRST_ARGUMENT] + [p.offset + p.nbytes for p in ordered])
    codes.append(f"{end - position}x")
    return struct.Struct("".join(codes)), -(-end // 4) * 4


def _register_code(kernel: str, parameter: Parameter) -> str:
    if parameter.kind == "pointer":
        if parameter.nbytes != 8:
            raise ImageError(
                f"kernel {kernel}: argument {parameter} has an address of "
                f"{parameter.nbytes} bytes; 64-bit addresses are supported"
            )
        return "Q"
    if parameter.scalar is None or parameter.scalar.nbytes > parameter.nbytes:
        return f"{parameter.nbytes}s"
    return parameter.scalar.code


def _passed(parameter: Parameter, value: int | float | bytes):
    if parameter.scalar is None:
        raise ArgumentError(f"argument {parameter}: values of this type cannot be passed")
    return parameter.scalar.ctype(value)
