"""Options and policies: what the user decides about dispatch, fallback and transfers.

Policies live in a context variable, so they are safe across threads and tasks. A recorded
operation keeps the policy that was in force at its recording. Knows nothing of arrays or devices.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace

_CHOICES = {
    "dispatch": ("auto", "device", "host"),
    "fallback": ("allow", "warn", "raise"),
    "transfer": ("allow", "warn", "raise"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What may happen to an operation.

    dispatch: "auto" lets the cost model choose, "device" launches whatever a kernel covers,
    "host" runs everything in NumPy. fallback: what to do when no kernel covers an operation.
    transfer: what to do when an operand lives on another device.
    """

    dispatch: str = "auto"
    fallback: str = "allow"
    transfer: str = "allow"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value not in _CHOICES[field.name]:
                allowed = ", ".join(map(repr, _CHOICES[field.name]))
                raise ValueError(f"policy {field.name}={value!r}: expected one of {allowed}")


DEFAULT_POLICY = Policy()
_policy: ContextVar[Policy] = ContextVar("fpgarray_policy", default=DEFAULT_POLICY)
current_policy = _policy.get


@contextmanager
def policy(**changes: str) -> Iterator[Policy]:
    """Change the policy inside a `with` block: dispatch=, fallback=, transfer= (see `Policy`).

    Raises TypeError for an unknown name and ValueError for an unknown value.
    """
    unknown = changes.keys() - _CHOICES.keys()
    if unknown:
        raise TypeError(f"policy() has no {sorted(unknown)}; it has {sorted(_CHOICES)}")
    token = _policy.set(replace(_policy.get(), **changes))
    try:
        yield _policy.get()
    finally:
        _policy.reset(token)


def _nbytes(name: str, default: int) -> int:
    """Read a size in bytes from the environment."""
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f"{name}={text!r}: expected a number of bytes") from None


@dataclass(slots=True)
class Options:
    """Process-wide limits; `fa.options` is the one instance. Changes apply from the next run."""

    tape_operations: int = 512
    """The tape runs when it holds this many operations …"""
    tape_nbytes: int = 1 << 30
    """… or when their results would take this many bytes."""
    launches_in_flight: int = 8
    """Started and not yet waited for, per device."""
    launch_timeout_ms: int = 60_000
    """A launch that takes longer is aborted and reported."""
    device_pool_nbytes: int = _nbytes("FPGARRAY_DEVICE_POOL", 1 << 30)
    """Freed device buffers kept for reuse, per device."""
    host_pool_nbytes: int = _nbytes("FPGARRAY_HOST_POOL", 1 << 29)
    """Freed host memory kept for reuse, per process."""
    programs: int = 256
    """Engine programs kept on a device."""


options = Options()
