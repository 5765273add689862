"""The capability table: JSON under the key "fpgarray" in the USER_METADATA section "fpgarray".

Reads hostile text: size, nesting and numbers are bounded before or while Python's reader runs.
What the table means is not known here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from fpgarray.errors import XclbinError
from fpgarray.xclbin.enums import SectionKind
from fpgarray.xclbin.records import Section

NAME = "fpgarray"
MAX_NBYTES = 256 << 10
MAX_DEPTH = 32
MAX_DIGITS = 20
MAX_FLOAT_CHARACTERS = 64

_BRACKET_OR_STRING = re.compile(rb'[\[{\]}]|"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


def is_capability(section: Section) -> bool:
    """Whether `section` is where the table lives."""
    return section.kind == SectionKind.USER_METADATA and section.name == NAME


def decode_capability(section: Section) -> dict[str, Any]:
    """The table in `section`. XclbinError unless it is well-formed, bounded JSON holding one."""
    if len(section.data) > MAX_NBYTES:
        raise section.error(f"{len(section.data)} bytes of JSON exceed the limit of {MAX_NBYTES}")
    try:
        document = _load(bytes(section.data))
    except RecursionError:
        raise section.error("JSON is nested too deeply") from None
    except ValueError as fault:  # UnicodeDecodeError and JSONDecodeError are some
        raise section.error(f"not acceptable JSON: {fault}") from None
    table = document.get(NAME) if isinstance(document, dict) else None
    if not isinstance(table, dict):
        raise section.error(f'JSON holds no object under the key "{NAME}"')
    return table


def encode_capability(table: Mapping[str, Any]) -> Section:
    """The section for `table`, one text per value (keys sorted). XclbinError if not plain JSON."""
    try:
        text = json.dumps({NAME: dict(table)}, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as fault:
        raise XclbinError(
            f"the capability table is not plain JSON: {fault}",
            section=SectionKind.USER_METADATA.name,
        ) from None
    section = Section(SectionKind.USER_METADATA, NAME, text.encode("utf-8"))
    decode_capability(section)  # the limits of reading hold for writing
    return section


def _load(data: bytes) -> Any:
    _demand_shallow(data)
    document = json.loads(
        data.decode("utf-8"),
        parse_int=_integer,
        parse_float=_float,
        parse_constant=_refuse_constant,
        object_pairs_hook=_unique_keys,
    )
    # an escaped lone surrogate is no text: let it fail here, not where it is printed
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    return document


def _demand_shallow(data: bytes) -> None:
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(data):
        token = match.group()
        depth += (token in (b"[", b"{")) - (token in (b"]", b"}"))
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH}")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"integer of {len(text)} characters")
    return int(text)


def _float(text: str) -> float:
    value = float(text) if len(text) <= MAX_FLOAT_CHARACTERS else math.inf
    if not math.isfinite(value):
        raise ValueError(f"number {text[:MAX_FLOAT_CHARACTERS]} is out of range")
    return value


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("an object has the same key twice")
    return table
