"""Interchange doors and NumPy's protocols: how others reach the values, and how NumPy reaches us.

Each door hands out a read-only snapshot that holds a lease.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import numpy as np

from fpgarray import base, dispatch, host_access
from fpgarray.array.operators import QUICK
from fpgarray.base import ArrayBase


class Doors(ArrayBase):
    """How other libraries reach the values, and how NumPy reaches us."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        plain = self._plain()
        if dtype is not None and np.dtype(dtype) != plain.dtype:
            if copy is False:
                raise ValueError("a cast needs a copy, which copy=False forbids")
            return plain.astype(dtype)
        return plain.copy() if copy else plain

    @property
    def __array_interface__(self) -> dict[str, Any]:
        if self.dtype.hasobject or self.dtype.names:
            # NumPy then asks __array__: an interface makes fields of the padding between fields.
            raise AttributeError(f"arrays of {self.dtype} have no array interface")
        _raise_swallowed(self)
        return host_access.interface(self._storage, self._layout)

    if sys.version_info >= (3, 12):

        def __buffer__(self, flags: int) -> memoryview:
            _swallowed.error = None
            if flags & 1:
                raise BufferError("snapshots are read-only; write inside `with x.host() as h:`")
            if self.dtype.names:
                raise BufferError(f"arrays of {self.dtype} have no buffer: use numpy.asarray")
            try:
                return memoryview(self._plain())
            except BaseException as error:
                _swallowed.error, _swallowed.array = error, id(self)
                raise

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: Any = None,
        dl_device: Any = None,
        copy: bool | None = None,
    ) -> Any:
        if dl_device is not None and tuple(map(int, dl_device)) != _HOST:
            raise BufferError(
                f"DLPack device {tuple(dl_device)}: snapshots are host memory, {_HOST}"
            )
        plain = self._plain()
        if max_version is None or max_version[0] < 1:
            if copy is False:
                raise BufferError("this consumer cannot be told that memory is read-only")
            return plain.copy().__dlpack__(stream=stream)
        if copy:
            plain = plain.copy()
        return plain.__dlpack__(stream=stream, max_version=max_version)

    def __dlpack_device__(self) -> tuple[int, int]:
        return _HOST

    def __array_wrap__(
        self, array: np.ndarray, context: Any = None, return_scalar: bool = False, /
    ) -> Any:
        """What NumPy computed of snapshots of this array, on its device."""
        return base.adopt(array, self._storage.device, return_scalar and not array.ndim)

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not kwargs and type(inputs[0]) is base.result_type and method == "__call__":
            quick = QUICK.get(function)
            if quick is not None:
                return quick(*inputs, depth=2)
        return dispatch.ufunc(function, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return dispatch.function(func, types, args, kwargs, self)


_HOST = (1, 0)
"""DLPack's kDLCPU: what is handed out is a snapshot in host memory."""

_swallowed = threading.local()
"""NumPy asks for a buffer first and drops whatever that raises, Ctrl-C too, before it asks for the
array interface: what the buffer door raised waits here for the interface door."""


def _raise_swallowed(array: Any) -> None:
    error = getattr(_swallowed, "error", None)
    _swallowed.error = None
    if error is not None and _swallowed.array == id(array):
        raise error
