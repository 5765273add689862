"""Kernel records -> the XML of EMBEDDED_METADATA, as v++ spells it.

`metadata.parse_kernels` reads it back to equal records. Elements and attributes follow files that
v++ wrote; attributes XRT never reads hold v++'s neutral values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from fpgarray.xclbin.enums import Mode
from fpgarray.xclbin.records import Argument, Clock, Instance, Kernel, Port

_TARGETS: Mapping[int, str] = {Mode.SW_EMU: "csim", Mode.HW_EMU: "hw_em"}
_XYZ_ONE = {"x": 1, "y": 1, "z": 1}


@dataclass(frozen=True)
class Platform:
    """The VBNV `vendor:board:name:version` in its parts; a name alone is the board's name."""

    vendor: str
    board: str
    name: str
    version: str

    @classmethod
    def of(cls, vbnv: str) -> Platform:
        """Split at colons; a VBNV that is written with underscores stays whole as the name."""
        parts = vbnv.split(":")
        return cls(*parts) if len(parts) == 4 else cls("", "", vbnv, "0.0")


def write_kernels(
    kernels: Sequence[Kernel],
    *,
    project: str,
    platform: str,
    mode: int = Mode.SW_EMU,
    clocks: Iterable[Clock] = (),
) -> bytes:
    """The XML text of a project with these kernels, UTF-8."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += _project(kernels, project, Platform.of(platform), mode, clocks)
    return "\n".join([*lines, ""]).encode("utf-8")


def _open(tag: str, attributes: Mapping[str, object]) -> str:
    return "<" + " ".join([tag, *(f"{k}={quoteattr(str(v))}" for k, v in attributes.items())])


def _leaf(tag: str, **attributes: object) -> str:
    return _open(tag, attributes) + "/>"


def _node(tag: str, attributes: Mapping[str, object], children: Iterable[str]) -> Iterator[str]:
    yield _open(tag, attributes) + ">"
    yield from ("  " + child for child in children)
    yield f"</{tag}>"


def _project(
    kernels: Sequence[Kernel], project: str, platform: Platform, mode: int, clocks: Iterable[Clock]
) -> Iterator[str]:
    core = {
        "name": "OCL_REGION_0",
        "target": _TARGETS.get(mode, "bitstream"),
        "type": "clc_region",
        "clockFreq": "0MHz",
        "numComputeUnits": sum(len(kernel.instances) for kernel in kernels),
    }
    device = {"name": "fpga0", "fpgaDevice": "", "addrWidth": 0}
    inner = _node("device", device, _node("core", core, _core(kernels, clocks)))
    outer = {
        "vendor": platform.vendor,
        "boardid": platform.board,
        "name": platform.name,
        "featureRomTime": 0,
    }
    major, _, minor = platform.version.partition(".")
    version = _leaf("version", major=major, minor=minor or 0)
    return _node("project", {"name": project}, _node("platform", outer, [version, *inner]))


def _core(kernels: Iterable[Kernel], clocks: Iterable[Clock]) -> Iterator[str]:
    ports = (
        _leaf("clock", port=clock.name, frequency=f"{clock.frequency_mhz}MHz") for clock in clocks
    )
    yield from _node("kernelClocks", {}, ports)
    for kernel in kernels:
        yield from _kernel(kernel)


def _kernel(kernel: Kernel) -> Iterator[str]:
    attributes = {
        "name": kernel.name,
        "language": kernel.language,
        "vlnv": kernel.vlnv,
        "preferredWorkGroupSizeMultiple": 0,
        "workGroupSize": 1,
        "interrupt": "true",
        "hwControlProtocol": kernel.control,
        "type": kernel.type,
    }
    children = [
        *map(_port, kernel.ports),
        *map(_argument, kernel.arguments),
        _leaf("compileWorkGroupSize", **_XYZ_ONE),
        _leaf("maxWorkGroupSize", **_XYZ_ONE),
    ]
    for instance in kernel.instances:
        children += _instance(instance)
    return _node("kernel", attributes, children)


def _port(port: Port) -> str:
    if port.port_type == "stream":
        return _leaf(
            "port", name=port.name, mode=port.mode, dataWidth=port.data_width, portType="stream"
        )
    return _leaf(
        "port",
        name=port.name,
        mode=port.mode,
        range=f"{port.range:#x}",
        dataWidth=port.data_width,
        portType=port.port_type,
        base=f"{port.base:#x}",
    )


def _argument(argument: Argument) -> str:
    return _leaf(
        "arg",
        name=argument.name,
        addressQualifier=int(argument.address_qualifier),
        id="" if argument.id is None else argument.id,
        port=argument.port,
        size=f"{argument.size:#x}",
        offset=f"{argument.offset:#x}",
        hostOffset=f"{argument.host_offset:#x}",
        hostSize=f"{argument.host_size:#x}",
        type=argument.type,
    )


def _instance(instance: Instance) -> Iterator[str]:
    remap = []
    if instance.base_address is not None:
        remap = [
            _leaf(
                "addrRemap",
                base=f"{instance.base_address:#x}",
                range=f"{instance.range:#x}",
                port=instance.port,
            )
        ]
    return _node("instance", {"name": instance.name}, remap)
