"""How the command's texts are laid out. Knows no subject."""

from __future__ import annotations

import textwrap
from importlib import metadata

WIDTH = 100


def printable(line: str) -> str:
    """`line` with everything escaped that could steer a terminal: texts come from anywhere."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def wrapped(first: str, text: str, indent: int) -> list[str]:
    """`text` after `first`, in lines of at most WIDTH; further lines are indented by `indent`."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{first:<{indent}}",
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
    )


def version(package: str) -> str:
    """The installed version of a distribution, or that there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        if package == "fpgarray":
            return "(not installed: running from a checkout)"
        return "not installed"
