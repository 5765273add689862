"""Guard mode: red zones around every buffer, and what is found in them.

Owns the zones' contents. Must not know kernels: the caller says in words who may have written.
A zone is a page before a buffer and all the rest of its block behind it. A kernel may rewrite
unchanged what lies behind the end of a buffer in its last port word; changing it is an error.
"""

from __future__ import annotations

from fpgarray.errors import GuardError
from fpgarray.runtime.emulator.memory import PAGE, Allocation, Memory

MARGIN = PAGE
_RED = 0xA5


class Guard:
    """Paints and checks the red zones of one memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        memory.dress = self.paint

    def paint(self, allocation: Allocation) -> None:
        """Make both zones of a fresh buffer red."""
        for start, end in _zones(allocation):
            base = allocation.region.base
            allocation.region.bytes[start - base : end - base] = _RED

    def check(self, culprit: str, only: Allocation | None = None) -> GuardError | None:
        """An error naming `culprit`, the buffer and the offset of the first byte written outside
        of any buffer (or of `only`), or None. What was found is painted over."""
        with self._memory.lock:
            # zones are red only as long as their buffer lives
            allocations = self._memory.allocations.values() if only is None else [only]
            faults = [said for a in allocations if a.live for said in self._found(a)]
        if not faults:
            return None
        return GuardError(f"{culprit} wrote outside its buffers: {'; '.join(faults)}")

    def _found(self, allocation: Allocation) -> list[str]:
        faults = []
        for start, end in _zones(allocation):
            base = allocation.region.base
            zone = bytes(allocation.region.bytes[start - base : end - base])
            unharmed = len(zone) - len(zone.lstrip(bytes([_RED])))
            if unharmed < len(zone):
                count = len(zone) - zone.count(_RED)
                offset = start + unharmed - allocation.address
                faults.append(f"{count} bytes, the first at offset {offset} of {allocation}")
        if faults:
            self.paint(allocation)
        return faults


def _zones(allocation: Allocation) -> tuple[tuple[int, int], tuple[int, int]]:
    behind = allocation.address + allocation.nbytes
    return (allocation.start, allocation.address), (behind, allocation.end)
