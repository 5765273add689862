"""A bench for engine kernels: reads an image, encodes programs (PROGRAM.md, written independently of
the package's own encoder), holds arrays in "device memory", runs kernels by ctypes.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

LINE = 16  # 32-bit words
MODES = {"map": 0, "across": 1, "within": 2}
MEMORY_NAMES = {np.dtype("?"): "b1"} | {np.dtype(n): n for n in ("f4", "f8", "i4", "i8", "u1", "u8")}
CLONES = {"": 2, "_v3": 3, "_v4": 4}
CANARY = 0xA5


def sections(data: bytes) -> list[tuple[int, bytes]]:
    """(kind, contents) of every section of an axlf container."""
    (count,) = struct.unpack_from("<I", data, 304 + 144)
    found = []
    for i in range(count):
        kind, _, offset, size = struct.unpack_from("<I16s4xQQ", data, 456 + 40 * i)
        found.append((kind, data[offset : offset + size]))
    return found


class Image:
    """An xclbin's capability table and its kernels as callables."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self.path = path
        self.sections = sections(path.read_bytes())
        tables = [json.loads(d) for _, d in self.sections if d[:13] == b'{"fpgarray": ']
        (self.capability,) = (t["fpgarray"] for t in tables)
        self.engines = {e["dtype"]: e for e in self.capability["engines"]}
        (self.library_bytes,) = (d for kind, d in self.sections if kind == 0)
        library = scratch / f"{path.stem}.so"
        if not library.exists():
            partial = library.with_suffix(f".{os.getpid()}")
            partial.write_bytes(self.library_bytes)
            partial.replace(library)  # other sessions may share the folder
        self.library = ctypes.CDLL(str(library))
        self.level = self.library.fpgarray_cpu_level()

    def clones(self) -> list[str]:
        """Symbol suffixes that exist and that this CPU can run."""
        return [
            s for s, level in CLONES.items()
            if hasattr(self.library, f"engine_f4{s}") and level <= max(self.level, 2)
        ]

    def kernel(self, dtype: str, clone: str | None = None) -> Kernel:
        """The engine for "f4" or "f8"; the best clone by default."""
        engine = self.engines[dtype]
        suffix = self.clones()[-1] if clone is None else clone
        function = getattr(self.library, engine["kernel"] + suffix)
        function.restype = None
        function.argtypes = [ctypes.c_void_p] * (1 + engine["ports"])
        return Kernel(engine, np.dtype(dtype), function, self)


class Memory:
    """A root buffer: 64-byte aligned, a multiple of 64 bytes, between red zones."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = -(-max(nbytes, 1) // 64) * 64
        self._raw = np.full(self.nbytes + 4096 + 128, CANARY, np.uint8)
        start = -self._raw.ctypes.data % 64 + 64
        self.start = start
        self.bytes = self._raw[start : start + self.nbytes]
        self.address = self.bytes.ctypes.data

    def intact(self) -> bool:
        """Whether nothing was written outside."""
        around = (self._raw[: self.start], self._raw[self.start + self.nbytes :])
        return all((part == CANARY).all() for part in around)


@dataclass(eq=False)
class View:
    """A strided view of a root buffer; `array` is it for NumPy."""

    memory: Memory
    array: np.ndarray

    def __getitem__(self, key) -> View:
        key = key if isinstance(key, tuple) else (key,)
        return View(self.memory, self.array[key if Ellipsis in key else (*key, ...)])

    def transpose(self, *axes: int) -> View:
        return View(self.memory, self.array.transpose(*axes))

    def broadcast(self, shape: Sequence[int]) -> View:
        return View(self.memory, np.broadcast_to(self.array, shape))

    @property
    def offset(self) -> int:
        return (self.array.__array_interface__["data"][0] - self.memory.address) // self.array.itemsize

    def strides(self) -> list[int]:
        """In elements, as NumPy has them."""
        return [s // self.array.itemsize for s in self.array.strides]


def place(values, dtype=None, *, skip: int = 0) -> View:
    """Copy of `values` in a root buffer of its own, `skip` elements from its beginning."""
    values = np.asarray(values, dtype)
    memory = Memory((values.size + skip) * values.itemsize)
    memory.bytes[:] = 0x7B
    flat = memory.bytes.view(np.uint8)[skip * values.itemsize :][: values.nbytes].view(values.dtype)
    flat[:] = values.ravel()
    return View(memory, flat.reshape(values.shape))


def empty(shape, dtype, *, skip: int = 0) -> View:
    """Garbage of that shape in a root buffer of its own."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return place(np.full(shape, 77, dtype), skip=skip)


@dataclass(frozen=True)
class Imm:
    """An immediate."""

    value: float


@dataclass
class Program:
    """Words under construction. Shapes are (kept, reduced); operands have kept + reduced dimensions."""

    kernel: Kernel
    kept: tuple[int, ...]
    reduced: tuple[int, ...] = ()
    mode: str = "map"
    operands: list[tuple[View, list[int], bool]] = field(default_factory=list)
    code: list[tuple] = field(default_factory=list)
    fold: tuple[str, int, int] | None = None
    roots: list[Memory] = field(default_factory=list)

    def _operand(self, view: View, strides: list[int], store: bool) -> int:
        if view.memory not in self.roots:
            self.roots.append(view.memory)
        self.operands.append((view, strides, store))
        return len(self.operands) - 1

    def load(self, register: int, view: View) -> Program:
        shape = self.kept + self.reduced
        k = self._operand(view, view.broadcast(shape).strides(), False)
        self.code.append(("load", register, 0, 0, 0, k))
        return self

    def store(self, register: int, view: View) -> Program:
        assert view.array.shape == self.kept + self.reduced
        k = self._operand(view, view.strides(), True)
        self.code.append(("store", 0, register, 0, 0, k))
        return self

    def do(self, name: str, to: int, *sources: int | Imm) -> Program:
        self.code.append((name, to, *sources, *([0] * (3 - len(sources))), 0))
        return self

    def folded(self, name: str, register: int, view: View) -> Program:
        assert view.array.shape == self.kept
        strides = view.strides() + [0] * len(self.reduced)
        self.fold = (name, register, self._operand(view, strides, True))
        return self

    def _kind(self, strides: list[int]) -> int:
        shape = self.kept + self.reduced
        first = len(self.kept) if self.mode == "within" else 0
        last = len(self.kept) if self.mode == "across" else len(shape)
        part, dims = strides[first:last], shape[first:last]
        if all(s == 0 for s in part):
            return 2 if part else 0
        run = 1
        for stride, extent in zip(part[::-1], dims[::-1], strict=True):
            if extent != 1 and stride != run:
                return 1
            run *= extent
        return 0

    def words(self) -> np.ndarray:
        engine = self.kernel.engine
        lines: list[list[int]] = []
        fold = self.fold or ("", 0, 0)
        kept, reduced = int(np.prod(self.kept, dtype=int)), int(np.prod(self.reduced, dtype=int))
        header = [0x46504131, MODES[self.mode], len(self.kept), len(self.reduced)]
        header += [len(self.operands), len(self.code), kept & 0xFFFFFFFF, kept >> 32]
        header += [reduced & 0xFFFFFFFF, reduced >> 32]
        header += [engine["folds"].get(fold[0], 0), fold[1], fold[2]]
        lines += [header, [*self.kept, *self.reduced]]
        stored = {id(view.memory) for view, _, store in self.operands if store}
        for view, strides, _ in self.operands:
            type_code = engine["memory_types"][MEMORY_NAMES[view.array.dtype]]
            offset = view.offset
            lines.append([self.roots.index(view.memory), type_code, offset & 0xFFFFFFFF,
                          offset >> 32, self._kind(strides), int(id(view.memory) in stored)])
            lines.append([half & 0xFFFFFFFF for s in strides for half in (s, s >> 32)])
        packed = [word for step in self.code for word in self._instruction(*step)]
        lines += [packed[i : i + LINE] for i in range(0, len(packed), LINE)]
        table = np.zeros((len(lines), LINE), np.uint32)
        for row, line in zip(table, lines, strict=True):
            row[: len(line)] = line
        assert table.nbytes <= engine["program_nbytes"]
        return table

    def _instruction(self, name: str, to: int, a, b, c, operand: int) -> list[int]:
        flags, bits, registers = 0, 0, []
        for place_, source in enumerate((a, b, c)):
            if isinstance(source, Imm):
                flags |= 1 << place_
                unsigned = np.dtype(f"u{self.kernel.dtype.itemsize}")
                bits = int(np.asarray(source.value, self.kernel.dtype).view(unsigned))
            registers.append(0 if isinstance(source, Imm) else source)
        if name == "set":
            flags = 0
        opcode = self.kernel.engine["operations"][name]
        first = opcode | to << 8 | registers[0] << 16 | registers[1] << 24
        return [first, registers[2] | operand << 8 | flags << 16, bits & 0xFFFFFFFF, bits >> 32]

    def run(self) -> None:
        """Run once; memory outside the root buffers must stay as it was."""
        self.prepared()()
        assert all(root.intact() for root in self.roots), "the kernel wrote outside a buffer"

    def prepared(self):
        """A callable that runs the program (for timing)."""
        words = self.words()
        memory = Memory(words.nbytes)
        memory.bytes[: words.nbytes] = words.reshape(-1).view(np.uint8)
        ports = self.kernel.engine["ports"]
        assert len(self.roots) <= ports
        addresses = [r.address for r in self.roots]
        addresses += [memory.address] * (ports - len(addresses))
        arguments = [ctypes.c_void_p(a) for a in (memory.address, *addresses)]
        function = self.kernel.function

        def call() -> None:
            function(*arguments)

        call.keep = (memory, self.roots)
        return call


@dataclass
class Kernel:
    """One engine of an image: its table, register type and entry point."""

    engine: dict
    dtype: np.dtype
    function: object
    image: Image

    def program(self, kept, reduced=(), mode: str = "map") -> Program:
        return Program(self, tuple(kept), tuple(reduced), mode)

    def apply(self, name: str, *operands, out=None, skip: int = 0):
        """One operation over whole arrays (or `Imm`s): the result as NumPy array."""
        views = [o if isinstance(o, (View, Imm)) else place(o, self.dtype, skip=skip) for o in operands]
        shape = np.broadcast_shapes(*(v.array.shape for v in views if isinstance(v, View)))
        result = empty(shape, out or self.dtype, skip=skip)
        program = self.program(shape)
        sources = []
        for register, view in enumerate(views):
            if isinstance(view, View):
                program.load(register, view)
                sources.append(register)
            else:
                sources.append(view)
        last = self.engine["registers"] - 1
        program.do(name, last, *sources).store(last, result).run()
        return result.array.copy()


def same_bits(x: np.ndarray, y: np.ndarray) -> bool:
    """Equal shape, dtype and bits; any NaN equals any NaN."""
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    if x.dtype.kind != "f":
        return bool((x == y).all())
    unsigned = {4: np.uint32, 8: np.uint64}[x.itemsize]
    bits = np.ascontiguousarray(x).view(unsigned) == np.ascontiguousarray(y).view(unsigned)
    return bool((bits | (np.isnan(x) & np.isnan(y))).all())
