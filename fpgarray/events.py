"""Records of what happened (loads, launches, copies, fallbacks) and who listens.

Providers publish launches, copies and loads from inside their own calls; nothing else counts
them. Publishing with no subscriber costs one truth test, so callers guard with `if subscribers`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of a kernel on device `device`; `label` is what the launcher called it.

    `part`: 0, or which further part of a launch split over compute units this start is.
    """

    device: int
    kernel: str
    label: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class Copy:
    """`nbytes` moved between host and device. `purpose`: "array" data or a "program"."""

    device: int
    direction: Literal["to_device", "from_device"]
    nbytes: int
    purpose: Literal["array", "program"]
    label: str


@dataclass(frozen=True, slots=True)
class Load:
    """An xclbin was loaded onto `device`."""

    device: int
    uuid: str
    seconds: float


@dataclass(frozen=True, slots=True)
class HostRun:
    """An operation ran in NumPy. `chosen`: a kernel would have taken it, the host was cheaper."""

    operation: str
    reason: str
    location: str | None
    chosen: bool


Event = Launch | Copy | Load | HostRun

subscribers: list[Callable[[Event], None]] = []
"""Called in order, on the thread where the event happens. Must not raise or touch a device."""


def publish(event: Event) -> None:
    """Give `event` to every subscriber."""
    for subscriber in tuple(subscribers):
        subscriber(event)
