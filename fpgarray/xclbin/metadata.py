"""EMBEDDED_METADATA: the tool's XML -> kernel records. Reads hostile bytes with bounded work.

The XML is streamed through expat: no tree is built, nothing is fetched, and a document type (the
only way to entities) is refused where it begins. Of `project/platform/device/core/kernel` the
elements in `_ELEMENTS` are read and everything else is skipped. As in XRT, the first core counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers import expat

from fpgarray.errors import XclbinError
from fpgarray.xclbin.enums import AddressQualifier, named
from fpgarray.xclbin.records import Argument, Instance, Kernel, Port, Section

MAX_NBYTES = 16 << 20
MAX_DEPTH = 64
MAX_ELEMENTS = 1_000_000
DEFAULT_ADDRESS_RANGE = 0x10000  # XRT's, for kernels without a slave port

_CORE = ("project", "platform", "device", "core")
# at most 20 digits, since int() of longer text costs more than linear time
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,19}", re.ASCII)

Attributes = dict[str, str]


def parse_kernels(section: Section) -> tuple[Kernel, ...]:
    """The kernels of the section's XML, in its order. XclbinError names the byte."""
    if len(section.data) > MAX_NBYTES:
        raise section.error(f"{len(section.data)} bytes of XML exceed the limit of {MAX_NBYTES}")
    return _Reader(section).run()


def parse_number(text: str) -> int:
    """An unsigned 64-bit number, decimal or 0x hexadecimal. ValueError otherwise."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is neither decimal nor 0x hexadecimal of 64 bits")
    value = int(text, 16 if text[1:2] in ("x", "X") else 10)
    if value >> 64:
        raise ValueError(f"{text} exceeds 64 bits")
    return value


def _required(attributes: Attributes, name: str) -> str:
    try:
        return attributes[name]
    except KeyError:
        raise ValueError(f"attribute {name!r} is missing") from None


def _number(attributes: Attributes, name: str, default: int | None = None) -> int:
    """A number; XRT reads an empty attribute as absent. Without default it must be there."""
    text = attributes.get(name, "") if default is not None else _required(attributes, name)
    try:
        return parse_number(text) if text else default or 0
    except ValueError as fault:
        raise ValueError(f"attribute {name!r}: {fault}") from None


class _Draft:
    """A kernel whose element is still open."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.name = _required(attributes, "name")
        self.arguments: list[Argument] = []
        self.ports: list[Port] = []
        self.instances: list[Instance] = []

    def add_port(self, attributes: Attributes) -> None:
        self.ports.append(
            Port(
                name=_required(attributes, "name"),
                mode=attributes.get("mode", ""),
                range=_number(attributes, "range", 0),
                data_width=_number(attributes, "dataWidth", 0),
                port_type=attributes.get("portType", ""),
                base=_number(attributes, "base", 0),
            )
        )

    def add_argument(self, attributes: Attributes) -> None:
        self.arguments.append(
            Argument(
                name=_required(attributes, "name"),
                address_qualifier=named(AddressQualifier, _number(attributes, "addressQualifier")),
                id=_number(attributes, "id") if _required(attributes, "id") else None,
                port=attributes.get("port", ""),
                size=_number(attributes, "size"),
                offset=_number(attributes, "offset"),
                host_size=_number(attributes, "hostSize"),
                host_offset=_number(attributes, "hostOffset", 0),
                type=attributes.get("type", ""),
            )
        )

    def add_instance(self, attributes: Attributes) -> None:
        self.instances.append(Instance(_required(attributes, "name"), None, 0, ""))

    def add_address(self, attributes: Attributes) -> None:
        """`addrRemap` of the instance that is open; the first one counts."""
        instance = self.instances[-1]
        if instance.base_address is None:
            self.instances[-1] = Instance(
                name=instance.name,
                base_address=_number(attributes, "base"),
                range=_number(attributes, "range", 0),
                port=attributes.get("port", ""),
            )

    def finish(self) -> Kernel:
        """The kernel, its invariants checked. ValueError says which one does not hold."""
        for what, names in (
            ("port", [port.name for port in self.ports]),
            ("argument", [argument.name for argument in self.arguments]),
            ("instance", [instance.name for instance in self.instances]),
        ):
            _demand_unique(f"{what} of kernel {self.name!r}", names)
        kernel = Kernel(
            name=self.name,
            arguments=self._ordered(),
            ports=tuple(self.ports),
            instances=tuple(self.instances),
            control=self.attributes.get("hwControlProtocol", "ap_ctrl_hs"),
            language=self.attributes.get("language", ""),
            vlnv=self.attributes.get("vlnv", ""),
            type=self.attributes.get("type", "pl"),
            address_range=self._address_range(),
        )
        _demand_registers_in_range(kernel)
        return kernel

    def _ordered(self) -> tuple[Argument, ...]:
        """By id, those without one last. XRT demands ids 0..n-1; we demand each once."""
        listed = sorted((a for a in self.arguments if a.id is not None), key=lambda a: a.id)
        for index, argument in enumerate(listed):
            if argument.id != index:
                fault = "is used twice" if argument.id < index else f"follows {index - 1}"
                raise ValueError(f"kernel {self.name!r}: argument id {argument.id} {fault}")
        return (*listed, *(a for a in self.arguments if a.id is None))

    def _address_range(self) -> int:
        slaves = (port.range for port in self.ports if port.mode == "slave")
        return next(slaves, DEFAULT_ADDRESS_RANGE)


def _demand_unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} is defined twice")
        seen.add(name)


def _demand_registers_in_range(kernel: Kernel) -> None:
    for argument in kernel.arguments:
        if argument.offset + argument.size > kernel.address_range:
            raise ValueError(
                f"kernel {kernel.name!r}: registers of argument {argument.name!r} end at "
                f"{argument.offset + argument.size:#x}, beyond its range {kernel.address_range:#x}"
            )


# path below `kernel` -> what its attributes do to the draft
_ELEMENTS: dict[tuple[str, ...], Callable[[_Draft, Attributes], None]] = {
    ("port",): _Draft.add_port,
    ("arg",): _Draft.add_argument,
    ("instance",): _Draft.add_instance,
    ("instance", "addrRemap"): _Draft.add_address,
}


class _Reader:
    """One pass over one document."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._parser: expat.XMLParserType = self._make_parser()
        self._position = 0
        self._path: list[str] = []
        self._elements = 0
        self._cores = 0
        self._draft: _Draft | None = None
        self._kernels: dict[str, Kernel] = {}

    def run(self) -> tuple[Kernel, ...]:
        # tools may pad the text with NULs up to the next alignment
        text = bytes(self._section.data).rstrip(b"\0")
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as fault:
            raise self._error(f"not well-formed: {fault}", self._parser.ErrorByteIndex) from None
        except ValueError as fault:  # ours: handlers raise through the parser
            raise self._error(str(fault), self._position) from None
        finally:
            del self._parser  # it holds our handlers: the two would wait for the collector
        if not self._cores:
            raise self._section.error(f"the XML has no element {'/'.join(_CORE)}")
        return tuple(self._kernels.values())

    def _error(self, message: str, position: int) -> XclbinError:
        return self._section.error(f"XML: {message}", max(position, 0))

    def _make_parser(self) -> expat.XMLParserType:
        # forcing the encoding keeps Python's codecs out of reach of the document
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        return parser

    def _start(self, name: str, attributes: Attributes) -> None:
        self._position = self._parser.CurrentByteIndex
        self._path.append(name)
        self._elements += 1
        if len(self._path) > MAX_DEPTH:
            raise ValueError(f"XML elements are nested deeper than {MAX_DEPTH}")
        if self._elements > MAX_ELEMENTS:
            raise ValueError(f"more than {MAX_ELEMENTS} XML elements")
        path = tuple(self._path)
        if path == _CORE:
            self._cores += 1
        elif self._cores == 1 and path[: len(_CORE)] == _CORE:
            self._inside_core(path[len(_CORE) :], attributes)

    def _inside_core(self, path: tuple[str, ...], attributes: Attributes) -> None:
        if path == ("kernel",):
            self._draft = _Draft(attributes)
        elif self._draft is not None and path[0] == "kernel":
            read: Any = _ELEMENTS.get(path[1:])
            if read is not None:
                read(self._draft, attributes)

    def _end(self, name: str) -> None:
        self._position = self._parser.CurrentByteIndex
        self._path.pop()
        if self._draft is not None and tuple(self._path) == _CORE:
            kernel = self._draft.finish()
            self._draft = None
            if kernel.name in self._kernels:
                raise ValueError(f"kernel {kernel.name!r} is defined twice")
            self._kernels[kernel.name] = kernel

    def _refuse_doctype(self, *_: object) -> None:
        self._position = self._parser.CurrentByteIndex
        raise ValueError("document types and entities are not accepted in metadata")
