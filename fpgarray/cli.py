"""The command `fpgarray`: `demo` and `info`. Owns arguments, exit codes and what `info` prints."""

from __future__ import annotations

import argparse
import platform
import sys
import textwrap
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from fpgarray import demo
from fpgarray.device import builtin_image, devices, engines_of_image
from fpgarray.errors import FPGArrayError
from fpgarray.registry import Engine
from fpgarray.runtime import select
from fpgarray.xclbin import Kernel, Memory, Xclbin, read

PICTURE = Path("fpgarray-hillshade.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `fpgarray` with `arguments` (the process's by default); the exit code.

    0: done; 1: it failed, the reason is on stderr or in the demo's table. Wrong arguments end the
    process with 2, as argparse does.
    """
    chosen = _parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (FPGArrayError, OSError) as error:
        print(f"fpgarray {chosen.command}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fpgarray", description="NumPy on FPGA cards.")
    parser.add_argument("--version", action="version", version=f"fpgarray {_version('fpgarray')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="{demo,info}")

    shading = commands.add_parser(
        "demo",
        help="shade a terrain with NumPy and with fpgarray, compare, and write a picture",
        description="Shades the relief of a terrain with the same NumPy function on NumPy's arrays "
        "and on fpgarray's, prints how the two compare and writes a picture. The exit code is 1 if "
        "a pixel differs or an operation fell back to NumPy. Needs matplotlib: " + demo.INSTALL,
    )
    where = "the PNG to write (default: ./%(default)s)"
    shading.add_argument("-o", "--output", type=Path, default=PICTURE, help=where)
    shading.set_defaults(run=lambda chosen: demo.run(chosen.output))

    telling = commands.add_parser(
        "info",
        help="tell the provider, its devices and what an image can do",
        description="Tells versions, the provider and why it was chosen, its devices, and the "
        "contents of the built-in overlay or of another xclbin. Nothing is loaded or executed.",
    )
    which = "describe this file instead of the overlay"
    telling.add_argument("xclbin", type=Path, nargs="?", help=which)
    telling.set_defaults(run=_print_info)
    return parser


def _print_info(chosen: argparse.Namespace) -> int:
    if chosen.xclbin is not None:
        lines = _image_lines(str(chosen.xclbin), read(chosen.xclbin))
    else:
        lines = (*_system_lines(), *_image_lines(f"{select.overlay_path()}", builtin_image()))
    for line in lines:
        print(_printable(line))
    return 0


def _system_lines() -> Iterator[str]:
    """Versions, the provider and its devices."""
    provider, reason = select.choose()
    yield f"fpgarray    {_version('fpgarray')}"
    yield f"NumPy       {_version('numpy')}"
    yield f"Python      {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield f"provider    {provider.name}: {reason}"
    for each in devices():
        runtime = each.runtime
        image = "empty, loads the overlay when first needed"
        if runtime.image is not None:
            image = f"{runtime.image.platform} {runtime.image.uuid}"
        kind = "emulated, no card" if runtime.capabilities.emulated else "card"
        yield f"device      {each.name} ({kind}): {image}"


def _image_lines(name: str, image: Xclbin) -> Iterator[str]:
    """What is in an xclbin: memories, kernels, streams, engines. ImageError for another ABI."""
    yield f"image       {name}"
    yield f"  platform  {image.platform}, mode {getattr(image.mode, 'name', image.mode)}"
    yield f"  uuid      {image.uuid}"
    for index, memory in enumerate(image.memories):
        yield f"  bank {index}    {_memory(memory)}"
    for kernel in image.kernels:
        yield from _wrapped(f"  kernel    {_kernel(image, kernel)}")
    for joined in image.streams:
        yield f"  stream    {joined.source.instance} to {joined.target.instance}"
    engines = engines_of_image(image).engines
    for engine in engines:
        yield from _engine(engine)
    if not engines:
        yield "  engine    none: NumPy operations cannot run on this image"


def _memory(memory: Memory) -> str:
    kind = getattr(memory.type, "name", memory.type)
    unused = "" if memory.used else ", unused"
    return f"{memory.tag}, {kind}, {_size(memory.size_kb)} at {memory.base_address:#x}{unused}"


def _size(size_kb: int) -> str:
    for unit, factor in (("GiB", 1 << 20), ("MiB", 1 << 10)):
        if size_kb >= factor and size_kb % factor == 0:
            return f"{size_kb // factor} {unit}"
    return f"{size_kb:,} KiB"


def _kernel(image: Xclbin, kernel: Kernel) -> str:
    arguments = ", ".join(f"{each.type} {each.name}" for each in kernel.arguments)
    units = ", ".join(unit.instance for unit in image.compute_units(kernel.name)) or "none"
    return f"{kernel.name}({arguments}); compute units: {units}"


def _engine(engine: Engine) -> Iterator[str]:
    """One engine of the capability table."""
    yield f"  engine    {engine.kernel}: computes {engine.dtype.name}"
    limits = (
        f"tiles of {engine.tile:,} elements in {engine.registers} registers",
        f"{engine.instructions} instructions on {engine.operands} operands of up to "
        f"{engine.dimensions} dimensions",
        f"{engine.ports} ports",
        "subnormals kept" if engine.subnormals else "subnormals flushed to zero",
    )
    lists = (
        ("limits", limits),
        ("in memory", (dtype.name for dtype in engine.memory_types)),
        ("reductions", engine.folds),
        ("operations", engine.operations),
    )
    for title, words in lists:
        yield from _wrapped(f"    {title}: {', '.join(words)}")


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, 100, subsequent_indent=" " * 12)


def _printable(line: str) -> str:
    """An image's texts come from anywhere: nothing in them may steer a terminal."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not installed: running from a checkout)"


if __name__ == "__main__":
    sys.exit(main())
