"""Reading files: `load`, and the archive it gives for .npz. (NumPy writes, by its protocol.)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import numpy as np

from fpgarray.functions.creation import home_of
from fpgarray.namespace.wrapping import adopted


class Archive(Mapping[str, Any]):
    """The arrays of an .npz file, read when asked for: NumPy's `NpzFile` with FPGAArrays."""

    def __init__(self, inner: Any, device: Any = None) -> None:
        self._inner, self._device = inner, device

    def __getitem__(self, key: str) -> Any:
        return adopted(self._inner[key], home_of(self._device))

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)

    def __contains__(self, key: object) -> bool:
        return key in self._inner

    def __enter__(self) -> Archive:
        self._inner.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inner.__exit__(kind, error, trace)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(object.__getattribute__(self, "_inner"), name)

    def __repr__(self) -> str:
        return repr(self._inner).replace("NpzFile", "Archive", 1)


def load(
    file: Any,
    mmap_mode: str | None = None,
    allow_pickle: bool = False,
    fix_imports: bool = True,
    encoding: str = "ASCII",
    *,
    max_header_size: int = 10_000,
    device: Any = None,
) -> Any:
    """As `numpy.load`: an FPGAArray from .npy, an `Archive` from .npz, any object from a pickle.

    With `mmap_mode` it is NumPy's memmap, whose bytes stay in the file until they are used; its
    changes reach the file, and `asarray` puts it (or a slice of it) on a device.
    """
    found = np.load(
        file, mmap_mode, allow_pickle, fix_imports, encoding, max_header_size=max_header_size
    )
    if isinstance(found, np.lib.npyio.NpzFile):
        return Archive(found, device)
    return adopted(found, home_of(device))


OURS: dict[str, Any] = {"load": load}
"""Name in numpy → ours."""
