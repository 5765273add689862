"""Faults that a test asks the emulated device to have.

Owns what is armed and when it fires. Must not know what a fault does: the calls in `POINTS` ask
`take` and act on the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal["allocation", "transfer", "hang", "kernel", "lost"]

POINTS: Mapping[str, tuple[str, str]] = {
    "allocation": ("Device.allocate", "raises AllocationError"),
    "transfer": ("Buffer.upload and download", "moves `part` of the bytes, raises TransferError"),
    "hang": ("Run.start", "the run does not end until it is aborted"),
    "kernel": ("Run.start", "the run ends as ERROR and what it wrote is garbage"),
    "lost": ("every call on the device", "all calls raise DeviceLostError until close and open"),
}
"""Kind -> the calls that are counted, and what happens in the one that is hit."""


@dataclass(slots=True)
class Fault:
    """`after` calls pass, then `times` calls fail (None: all)."""

    after: int
    times: int | None
    part: float


class Faults:
    """The faults of one device. `armed` is false almost always, and all that a call looks at."""

    def __init__(self) -> None:
        self.armed = False
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}

    def inject(
        self, kind: FaultKind, *, after: int = 0, times: int | None = 1, part: float = 0.0
    ) -> None:
        """Have a fault of `kind` (see POINTS) after `after` more calls, `times` times.

        `part` of a failing transfer is moved. Replaces what was injected of that kind before.
        """
        if kind not in POINTS:
            raise ValueError(f"fault {kind!r}: expected one of {', '.join(get_args(FaultKind))}")
        if after < 0 or not 0 <= part <= 1 or (times is not None and times < 1):
            raise ValueError(f"fault {kind!r}: after={after}, times={times}, part={part}")
        with self._lock:
            self._faults[kind] = Fault(after, times, part)
            self.armed = True

    def clear(self, kind: FaultKind | None = None) -> None:
        """Forget the faults of `kind`, or all."""
        with self._lock:
            for name in list(self._faults) if kind is None else [kind]:
                self._faults.pop(name, None)
            self.armed = bool(self._faults)

    def take(self, kind: FaultKind) -> Fault | None:
        """Count a call; the fault if it is this one's turn."""
        with self._lock:
            fault = self._faults.get(kind)
            if fault is None:
                return None
            if fault.after:
                fault.after -= 1
                return None
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    del self._faults[kind]
                    self.armed = bool(self._faults)
            return fault
