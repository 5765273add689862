"""Profiles: what launched, what fell back and why, what moved. Fed by events, nothing else."""

from __future__ import annotations

from collections import Counter
from types import TracebackType

from fpgarray import events
from fpgarray.events import Copy, Event, HostRun, Launch, Load


class Profile:
    """Counts of a `with fpgarray.profile() as p:` block, over all threads and devices.

    `launches`, `loads`; `bytes_to_device`, `bytes_from_device`: array data;
    `program_bytes`: engine programs and other descriptors; `fallbacks`: operations that ran in
    NumPy because no kernel took them; `host_chosen`: those the host was the better place for.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __enter__(self) -> Profile:
        events.subscribers.append(self.events.append)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        events.subscribers.remove(self.events.append)

    @property
    def launches(self) -> int:
        """Kernel launches; one that is split over compute units is one."""
        return sum(isinstance(each, Launch) and not each.part for each in self.events)

    @property
    def loads(self) -> int:
        """xclbin files loaded."""
        return sum(isinstance(each, Load) for each in self.events)

    @property
    def fallbacks(self) -> int:
        """Operations without a kernel."""
        return sum(isinstance(each, HostRun) and not each.chosen for each in self.events)

    @property
    def host_chosen(self) -> int:
        """Operations a kernel would have taken."""
        return sum(isinstance(each, HostRun) and each.chosen for each in self.events)

    @property
    def bytes_to_device(self) -> int:
        """Array bytes copied to devices."""
        return self._bytes("to_device", "array")

    @property
    def bytes_from_device(self) -> int:
        """Array bytes copied from devices."""
        return self._bytes("from_device", "array")

    @property
    def program_bytes(self) -> int:
        """Bytes of programs copied to devices."""
        return self._bytes("to_device", "program")

    def _bytes(self, direction: str, purpose: str) -> int:
        return sum(
            each.nbytes
            for each in self.events
            if isinstance(each, Copy) and each.direction == direction and each.purpose == purpose
        )

    @property
    def reasons(self) -> Counter[str]:
        """Reasons of fallbacks and host choices, with how often each was given."""
        return Counter(each.reason for each in self.events if isinstance(each, HostRun))

    def __str__(self) -> str:
        lines = [
            f"launches           {self.launches}",
            f"fallbacks          {self.fallbacks}",
            f"host chosen        {self.host_chosen}",
            f"bytes to device    {self.bytes_to_device:,}",
            f"bytes from device  {self.bytes_from_device:,}",
            f"program bytes      {self.program_bytes:,}",
            f"loads              {self.loads}",
        ]
        rows = Counter(_row(each) for each in self.events if not isinstance(each, Load))
        lines += [f"{count:>7} × {row}" for row, count in rows.most_common()]
        return "\n".join(lines)


def _row(event: Event) -> str:
    """One line of the table: what, where and why."""
    match event:
        case Launch(_, kernel, label, part):
            return f"launch {kernel}  {label}" + (f" (part {part + 1})" if part else "")
        case Copy(_, direction, nbytes, purpose, label):
            return f"copy {nbytes:,} {purpose} bytes {direction.replace('_', ' ')}  {label}"
        case HostRun(operation, reason, location, chosen):
            kind = "host" if chosen else "fallback"
            return f"{kind} {operation}  {location}: {reason}"
    return str(event)


def profile() -> Profile:
    """A fresh profile, to be entered."""
    return Profile()
