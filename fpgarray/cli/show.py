"""`fpgarray xclbin show`: an image in words, and as a JSON object. Reading executes nothing.

Knows the container's records, not what the numbers in a capability table mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from fpgarray.cli.text import wrapped
from fpgarray.device import engines_of_image
from fpgarray.errors import ImageError
from fpgarray.xclbin import NO_ADDRESS, Argument, Ip, Kernel, Memory, Xclbin

CODES = frozenset({"operations", "folds", "memory_types"})
"""Tables of the capability table that give every name an opcode; `lines` leaves the opcodes out."""

SIZES = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))


def describe(image: Xclbin) -> dict[str, Any]:
    """All of an image but the sections' contents, as plain JSON values.

    Numbers that have a name in XRT's headers are given by it; unnamed ones stay numbers.
    """
    return {
        "platform": image.platform,
        "mode": _name(image.mode),
        "uuid": str(image.uuid),
        "interface_uuid": str(image.interface_uuid),
        "version": list(image.version),
        "timestamp": image.timestamp,
        "clocks": [
            {"name": each.name, "type": _name(each.type), "frequency_mhz": each.frequency_mhz}
            for each in image.clocks
        ],
        "banks": [{"index": i, **_bank(each)} for i, each in enumerate(image.memories)],
        "kernels": [_kernel(image, each) for each in image.kernels],
        "streams": [
            {
                "tag": each.tag,
                "source": _end(image, each.source),
                "target": _end(image, each.target),
            }
            for each in image.streams
        ],
        "sections": [
            {"kind": _name(each.kind), "name": each.name, "nbytes": len(each.data)}
            for each in image.sections
        ],
        "capability": image.capability,
    }


def _name(value: int) -> str | int:
    return value.name if isinstance(value, IntEnum) else value


def _bank(memory: Memory) -> dict[str, Any]:
    return {
        "tag": memory.tag,
        "type": _name(memory.type),
        "nbytes": memory.nbytes,
        "base_address": memory.base_address,
        "used": memory.used,
    }


def _kernel(image: Xclbin, kernel: Kernel) -> dict[str, Any]:
    return {
        "name": kernel.name,
        "control": kernel.control,
        "language": kernel.language,
        "arguments": [_argument(each) for each in kernel.arguments],
        "compute_units": [_unit(image, kernel, each) for each in image.compute_units(kernel.name)],
    }


def _argument(argument: Argument) -> dict[str, Any]:
    return {
        "index": argument.id,
        "name": argument.name,
        "type": argument.type,
        "kind": _name(argument.address_qualifier),
        "offset": argument.offset,
        "register_nbytes": argument.size,
        "port": argument.port,
    }


def _unit(image: Xclbin, kernel: Kernel, unit: Ip) -> dict[str, Any]:
    pointers = [each for each in kernel.arguments if each.is_pointer and each.id is not None]
    return {
        "name": unit.instance,
        "control": _name(unit.control),
        "base_address": None if unit.base_address == NO_ADDRESS else unit.base_address,
        "banks": {
            each.name: list(image.banks_of(kernel.name, unit.instance, each.name))
            for each in pointers
        },
    }


def _end(image: Xclbin, end: Any) -> str:
    return f"{end.instance}.{image.kernel(end.kernel).argument(end.argument).name}"


def lines(name: str, image: Xclbin) -> Iterator[str]:
    """The same in lines for people. `name`: what the image is called, usually its file."""
    facts = describe(image)
    yield f"image             {name}"
    yield f"  platform        {facts['platform']}, mode {facts['mode']}"
    yield f"  uuid            {facts['uuid']}"
    major, minor, patch = facts["version"]
    yield f"  made by         version {major}.{minor}.{patch} of the tool{_made(image.timestamp)}"
    for each in facts["clocks"]:
        yield f"  clock           {each['name']}, {each['type']}, {each['frequency_mhz']} MHz"
    for each in facts["banks"]:
        yield f"  bank {each['index']:<11}{_bank_text(each)}"
    for each in facts["kernels"]:
        yield from _kernel_lines(each, facts["banks"])
    for each in facts["streams"]:
        yield f"  stream          {each['source']} to {each['target']}"
    for each in facts["sections"]:
        named = f" {each['name']!r}" if each["name"] else ""
        yield f"  section         {each['kind']}{named}, {each['nbytes']:,} bytes"
    if image.capability is not None:
        yield "  capability table"
        yield from _table_lines(image.capability, 4)
    yield from wrapped("  engine", _engines(image), 18)


def _made(timestamp: int) -> str:
    """When, if the header says so believably (years 1970 to 9999)."""
    if not 0 < timestamp < 253_402_300_800:
        return ""
    return f", {datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M} UTC"


def _bank_text(bank: Mapping[str, Any]) -> str:
    unused = "" if bank["used"] else ", unused"
    at = f"{_size(bank['nbytes'])} at {bank['base_address']:#x}"
    return f"{bank['tag']}, {bank['type']}, {at}{unused}"


def _size(nbytes: int) -> str:
    for unit, factor in SIZES:
        if nbytes >= factor and nbytes % factor == 0:
            return f"{nbytes // factor:,} {unit}"
    return f"{nbytes:,} bytes"


def _kernel_lines(kernel: Mapping[str, Any], banks: list[dict[str, Any]]) -> Iterator[str]:
    signature = ", ".join(f"{each['type']} {each['name']}" for each in kernel["arguments"])
    yield from wrapped("  kernel", f"{kernel['name']}({signature}); {kernel['control']}", 18)
    for each in kernel["arguments"]:
        width = f"{each['register_nbytes'] * 8} bits"
        index = "-" if each["index"] is None else each["index"]
        port = f", port {each['port']}" if each["port"] else ""
        what = f"{each['type']} {each['name']}: {str(each['kind']).lower()}"
        if each["kind"] == "STREAM":
            yield f"    argument {index:<5}{what}{port}"
        else:
            yield f"    argument {index:<5}{what}, {width} at {each['offset']:#06x}{port}"
    for each in kernel["compute_units"]:
        yield from _unit_lines(each, banks)
    if not kernel["compute_units"]:
        yield "    unit          none: the kernel cannot be started"


def _unit_lines(unit: Mapping[str, Any], banks: list[dict[str, Any]]) -> Iterator[str]:
    at = "without registers"
    if unit["base_address"] is not None:
        at = f"at {unit['base_address']:#x}"
    yield f"    unit          {unit['name']} {at}, control {unit['control']}"
    arguments_of: dict[str, list[str]] = {}
    for argument, indices in unit["banks"].items():
        reached = ", ".join(banks[index]["tag"] for index in indices) or "no bank"
        arguments_of.setdefault(reached, []).append(argument)
    for reached, arguments in arguments_of.items():
        yield from wrapped("      reaches", f"{reached}: {', '.join(arguments)}", 18)


def _table_lines(table: Mapping[str, Any], indent: int) -> Iterator[str]:
    """A JSON object as an outline; scalars first, each on few lines."""
    scalars = {key: value for key, value in table.items() if not isinstance(value, (dict, list))}
    if scalars:
        yield from _outline(", ".join(f"{key} {value}" for key, value in scalars.items()), indent)
    for key, value in table.items():
        if isinstance(value, dict) and not _flat(value.values()):
            yield f"{'':<{indent}}{key}"
            yield from _table_lines(value, indent + 2)
        elif isinstance(value, dict) and value:
            yield from _outline(f"{key}: {_pairs(value, key in CODES)}", indent)
        elif isinstance(value, list) and not _flat(value):
            for index, entry in enumerate(value):
                row = entry if isinstance(entry, dict) else {"": entry}
                yield f"{'':<{indent}}{key}: {row.get('kernel', index)}"
                yield from _table_lines(row, indent + 2)
        elif isinstance(value, list):
            yield from _outline(f"{key}: {', '.join(map(str, value))}", indent)


def _flat(values: Any) -> bool:
    return not any(isinstance(each, (dict, list)) for each in values)


def _pairs(table: Mapping[str, Any], names_only: bool) -> str:
    return ", ".join(key if names_only else f"{key} {value}" for key, value in table.items())


def _outline(text: str, indent: int) -> list[str]:
    return wrapped(" " * indent, text, indent + 2)


def _engines(image: Xclbin) -> str:
    """Whether NumPy's operations can run on the image."""
    try:
        engines = engines_of_image(image).engines
    except ImageError as error:
        return f"unusable: {error}"
    if not engines:
        return "none: NumPy operations cannot run on this image"
    each = ", ".join(f"{engine.kernel} computes {engine.dtype.name}" for engine in engines)
    return f"NumPy operations run here: {each}"
