"""Packs one emulation image: shared library + link configuration + capability table -> xclbin.

Run by CMake. Kernel arguments and their AXI bundles are read from the preprocessed kernel sources,
so they are written once. Needs the standard library and `fpgarray.xclbin` from this source tree,
whose package root (it wants NumPy) is not imported.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]


def _import_xclbin() -> Any:
    """`fpgarray.xclbin` under a bare `fpgarray` that has a path and nothing else."""
    bare = types.ModuleType("fpgarray")
    bare.__path__ = [str(ROOT / "fpgarray")]
    sys.modules["fpgarray"] = bare
    import fpgarray.xclbin as xclbin  # only now can it be found

    return xclbin


xclbin = _import_xclbin()

PLATFORM = "fpgarray_emulated_1"
_GIB = 1 << 30
MEMORIES = (
    xclbin.Memory(xclbin.MemoryType.DDR4, True, 8 * _GIB >> 10, 0x40_0000_0000, "DDR[0]"),
    xclbin.Memory(
        xclbin.MemoryType.DDR4, True, 8 * _GIB >> 10, 0x40_0000_0000 + 8 * _GIB, "DDR[1]"
    ),
    xclbin.Memory(
        xclbin.MemoryType.DRAM, True, 4 << 10, 0x40_0000_0000 + 16 * _GIB, "PLRAM[0]"
    ),
)
CLOCKS = (
    xclbin.Clock(300, xclbin.ClockType.DATA, "DATA_CLK"),
    xclbin.Clock(500, xclbin.ClockType.KERNEL, "KERNEL_CLK"),
)

_PROTOTYPE = re.compile(r'extern\s*"C"(?:\s*__attribute__\(\(.*?\)\))?\s+void\s+(\w+)\s*\(([^)]*)\)')
_BUNDLE = re.compile(r"#\s*pragma\s+HLS\s+interface\s+m_axi\s+port=(\w+)\s+bundle=(\w+)")


def kernel_arguments(source: str) -> tuple[str, tuple[Any, ...]]:
    """Name and arguments of the kernel in a preprocessed source."""
    prototypes = _PROTOTYPE.findall(source)
    if len(prototypes) != 1:
        raise SystemExit(f'pack: found {len(prototypes)} extern "C" kernels in one source, not 1')
    name, declared = prototypes[0]
    bundles = dict(_BUNDLE.findall(source))
    return name, tuple(_argument(text, bundles) for text in declared.split(","))


def _argument(declaration: str, bundles: dict[str, str]) -> Any:
    """`const port_word *p0` or `int n`."""
    match = re.fullmatch(r"\s*(?:const\s+)?([\w ]+?)\s*(\*?)\s*(\w+)\s*", declaration)
    if match is None:
        raise SystemExit(f"pack: cannot read the kernel argument {declaration!r}")
    type_name, star, name = match.groups()
    if not star:
        return xclbin.scalar(name, type_name)
    if name not in bundles:
        raise SystemExit(f"pack: pointer argument {name!r} has no m_axi interface pragma")
    return xclbin.pointer(name, f"{type_name}*", port=f"M_AXI_{bundles[name].upper()}")


class Link(NamedTuple):
    """What a v++ link configuration says."""

    instances: dict[str, tuple[str, ...]]
    banks: dict[str, tuple[int, ...]]


def read_link(text: str) -> Link:
    """`nk=kernel:count:name.name` and `sp=instance.argument:BANK[i:j]` of [connectivity]."""
    instances: dict[str, tuple[str, ...]] = {}
    banks: dict[str, tuple[int, ...]] = {}
    for key, value in _connectivity(text):
        if key == "nk":
            kernel, count, *names = value.split(":")
            units = tuple(names[0].split(".")) if names else ()
            units = units or tuple(f"{kernel}_{i + 1}" for i in range(int(count)))
            if len(units) != int(count):
                raise SystemExit(f"pack: nk={value} counts {count} but names {len(units)}")
            instances[kernel] = units
        elif key == "sp":
            target, _, bank = value.partition(":")
            banks[target] = banks.get(target, ()) + _bank_indices(bank)
        else:
            raise SystemExit(f"pack: the link option {key!r} is not supported")
    return Link(instances, banks)


def _connectivity(text: str) -> Iterator[tuple[str, str]]:
    """key, value pairs of [connectivity]; keys repeat, which configparser does not allow."""
    section = ""
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and section == "connectivity":
            key, equals, value = line.partition("=")
            if not equals:
                raise SystemExit(f"pack: the link line {line!r} is not key=value")
            yield key.strip(), value.strip()


def _bank_indices(text: str) -> tuple[int, ...]:
    """`DDR[0]` or `DDR[0:1]` -> indices into MEMORIES."""
    match = re.fullmatch(r"(\w+)\[(\d+)(?::(\d+))?\]", text)
    tags = [memory.tag for memory in MEMORIES]
    if match is not None:
        kind, first, last = match.groups()
        wanted = [f"{kind}[{i}]" for i in range(int(first), int(last or first) + 1)]
        if all(tag in tags for tag in wanted):
            return tuple(tags.index(tag) for tag in wanted)
    raise SystemExit(f"pack: {text!r} is no bank of {PLATFORM}; it has {', '.join(tags)}")


def pack(library: bytes, link: Link, capability: dict[str, Any], sources: list[str]) -> bytes:
    """The container's bytes."""
    arguments = dict(kernel_arguments(source) for source in sources)
    if set(arguments) != set(link.instances):
        raise SystemExit(
            f"pack: sources hold {sorted(arguments)}, the link file {sorted(link.instances)}"
        )
    kernels = [xclbin.KernelSpec(k, arguments[k], units) for k, units in link.instances.items()]
    image = xclbin.build(
        platform=PLATFORM,
        kernels=kernels,
        memories=MEMORIES,
        clocks=CLOCKS,
        bitstream=library,
        connect=link.banks,
        capability=capability,
    )
    return xclbin.serialize(image)


def main() -> None:
    """Command line: see the calls in kernels/CMakeLists.txt."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("output", "library", "link", "capability"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("sources", type=Path, nargs="+", help="preprocessed kernel sources")
    options = parser.parse_args()
    image = pack(
        options.library.read_bytes(),
        read_link(options.link.read_text(encoding="utf-8")),
        ast.literal_eval(options.capability.read_text(encoding="utf-8").strip()),
        [path.read_text(encoding="utf-8") for path in options.sources],
    )
    partial = options.output.with_suffix(".partial")
    partial.write_bytes(image)
    partial.replace(options.output)


if __name__ == "__main__":
    main()
