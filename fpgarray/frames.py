"""Where a call came from: the innermost frame that is neither fpgarray's nor NumPy's.

Also calls functions as if the user's line did, so that what they warn of points there. Pure; knows
nothing of arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

_inner_folders = (str(Path(__file__).parent), str(Path(np.__file__).parent))
_LIMIT = 10_000
_inner: dict[CodeType, bool] = {}


def is_inner(code: CodeType) -> bool:
    """Whether code is fpgarray's or NumPy's own."""
    found = _inner.get(code)
    if found is None:
        if len(_inner) > _LIMIT:
            _inner.clear()  # programs that make code at run time
        found = _inner[code] = code.co_filename.startswith(_inner_folders)
    return found


def count_as_inner(package: ModuleSpec | None) -> None:
    """Frames of this package are not the user's either: it calls us on somebody's behalf."""
    global _inner_folders
    if package is not None and package.origin is not None:
        _inner_folders += (str(Path(package.origin).parent),)


def _outer(frame: FrameType | None) -> FrameType | None:
    """`frame`, or the first one around it that is the user's."""
    while frame is not None and is_inner(frame.f_code):
        frame = frame.f_back
    return frame


def caller() -> tuple[CodeType | None, int]:
    """Code and instruction of the innermost frame outside fpgarray and NumPy."""
    frame = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if not is_inner(code):
            return code, frame.f_lasti
        frame = frame.f_back
    return None, 0


def caller_location() -> str | None:
    """file:line of the innermost frame outside fpgarray and NumPy."""
    frame = _outer(sys._getframe(1))
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def depth() -> int:
    """The `stacklevel` that makes a warning from the calling function point at the user's line."""
    frame, level = sys._getframe(1), 1
    while frame is not None and is_inner(frame.f_code):
        frame = frame.f_back
        level += 1
    return level


_CALL = (lambda call, args, kwargs: call(*args, **kwargs)).__code__
_calls: dict[tuple[str, str, int], CodeType] = {}


def at_caller(call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """`call(*args, **kwargs)` as the user's line: for warnings, the filters that choose among them
    by module and line, and the memory of which were shown, it is that line that calls."""
    frame = _outer(sys._getframe(1))
    if frame is None:
        return call(*args, **kwargs)
    code, line = frame.f_code, frame.f_lineno
    key = (code.co_filename, code.co_name, line)
    found = _calls.get(key)
    if found is None:
        if len(_calls) > _LIMIT:
            _calls.clear()
        found = _calls[key] = _CALL.replace(
            co_filename=code.co_filename, co_name=code.co_name, co_firstlineno=line or 1
        )
    return FunctionType(found, frame.f_globals)(call, args, kwargs)
