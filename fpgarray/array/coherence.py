"""Coherence by hand: writable host scopes and forced copies. Nobody needs it for right answers."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np

from fpgarray import base, host_access
from fpgarray.base import ArrayBase


class Coherence(ArrayBase):
    """`host`, and the forced copies of PYNQ."""

    __slots__ = ()

    def host(self) -> HostAccess:
        """`with x.host() as h:` gives a writable ndarray of the memory itself.

        Inside, device use or snapshots of the same bytes raise CoherenceError; leaving marks
        what the host may have written.
        """
        return HostAccess(self)

    def sync_to_device(self) -> None:
        """Make the device's copy of this view valid now."""
        host_access.move_pinned(self._storage, self._layout, to_device=True)

    def sync_from_device(self) -> None:
        """Make the host's copy of this view valid now."""
        host_access.move_pinned(self._storage, self._layout, to_device=False)

    flush = sync_to_device
    invalidate = sync_from_device


class HostAccess:
    """The scope of `FPGAArray.host`."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self._scope: Any = None

    def __enter__(self) -> np.ndarray:
        base.check_writable(self._array)
        where = base.caller_location() or "?"
        self._scope, h = host_access.open_scope(self._array._storage, self._array._layout, where)
        return h

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        host_access.close_scope(self._array._storage, self._array._layout, self._scope)
