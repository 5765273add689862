"""What the array API standard asks of the array object itself, beside NumPy's methods.

The namespace is a layer above; it enters itself in `base.array_namespaces`.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from fpgarray import base, host_access
from fpgarray.base import ArrayBase


class Standard(ArrayBase):
    """`__array_namespace__` and `to_device`."""

    __slots__ = ()

    def __array_namespace__(self, /, *, api_version: str | None = None) -> ModuleType:
        """`fpgarray.array_api`. ValueError: an edition of the standard that it does not have."""
        editions = base.array_namespaces
        version = max(editions) if api_version is None else api_version
        if version not in editions:
            raise ValueError(
                f"api_version={api_version!r}: fpgarray.array_api has the editions "
                f"{', '.join(sorted(editions))} of the array API standard"
            )
        return editions[version]

    def to_device(self, device: Any, /, *, stream: Any = None) -> Any:
        """A copy on another device (an index, a name, a Device); the array itself if it is there.

        "cpu", NumPy's only device, names no card: the array stays where it is.

        It was asked for, so `policy(transfer=…)` has no say. ValueError: a `stream` is given.
        """
        if stream is not None:
            raise ValueError(
                f"stream={stream!r}: devices have no streams here; program order holds by itself"
            )
        if isinstance(device, str) and device == "cpu":
            return self
        home = host_access.device_of(device)
        if home is self._storage.device:
            return self
        plain = host_access.snapshot(self._storage, self._layout)
        return base.adopt(plain, home, self._fixed)
