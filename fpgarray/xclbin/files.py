"""Files <-> images: the only I/O of this package."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from fpgarray.xclbin.image import Xclbin, parse, serialize


def read(path: str | os.PathLike[str]) -> Xclbin:
    """The image in the file at `path`. OSError if unreadable, XclbinError if malformed."""
    return parse(Path(path).read_bytes())


def write(image: Xclbin, path: str | os.PathLike[str]) -> None:
    """Write `image` to `path`, whole or not at all: readers never see half a file. OSError."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        draft.write_bytes(serialize(image))
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
