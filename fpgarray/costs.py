"""The offload model: where a step is cheaper. Pure; figures are start values, per kind of device.

Times are microseconds. The host's figures are NumPy's per operation and element on one core; the
device's are the emulated device's measured by `benchmarks/`, or a card's from vendors' tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost on one kind of device (µs, bytes per µs, elements per µs)."""

    launch: float
    copy: float
    copy_bytes: float
    elements: float
    """Elements one cheap engine operation handles per µs."""
    host_operation: float
    host_elements: float
    """Elements one cheap NumPy operation handles per µs, allocation included."""
    share: float
    """Engine work from which a second compute unit pays."""
    gap_nbytes: int
    """Two copies closer than this are cheaper as one."""


EMULATED = Costs(
    launch=25.0,
    copy=4.0,
    copy_bytes=8000.0,
    elements=6000.0,
    host_operation=1.2,
    host_elements=1800.0,
    share=100.0,
    gap_nbytes=1024,
)

CARD = Costs(
    launch=56.0,
    copy=25.0,
    copy_bytes=9000.0,
    elements=4800.0,
    host_operation=1.2,
    host_elements=1800.0,
    share=60.0,
    gap_nbytes=128 << 10,
)

WEIGHTS = {
    "load": 0.0,
    "set": 0.0,
    "exp": 4.0,
    "log": 4.0,
    "sin": 8.0,
    "cos": 8.0,
    "divide": 1.5,
    "sqrt": 1.5,
    **dict.fromkeys(("exp2", "expm1", "log2", "log10", "log1p", "cbrt", "hypot"), 6.0),
    **dict.fromkeys(("tan", "arcsin", "arccos", "arctan", "arctan2"), 8.0),
    **dict.fromkeys(("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"), 8.0),
    **dict.fromkeys(("logaddexp", "logaddexp2", "power"), 16.0),
    **dict.fromkeys(("floor_divide", "remainder", "fmod"), 8.0),
}
"""How much dearer than an addition an instruction is (others: 1)."""


def weight(operations: Iterable[str]) -> float:
    """The summed weights of instructions; never below one, since memory is walked anyway."""
    return max(sum(WEIGHTS.get(name, 1.0) for name in operations), 1.0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Both prices of one step, in µs."""

    device: float
    host: float

    @property
    def host_wins(self) -> bool:
        """Whether the host is the cheaper place."""
        return self.host < self.device


def estimate(
    costs: Costs, elements: int, weights: float, count: int, to_device: int, from_device: int
) -> Estimate:
    """Price a step of `count` operations over `elements`.

    `to_device`: bytes stale on the device that a launch would read; `from_device`: bytes stale on
    the host that NumPy would read.
    """
    device = costs.launch + elements * weights / costs.elements
    if to_device:
        device += costs.copy + to_device / costs.copy_bytes
    host = count * costs.host_operation + elements * weights / costs.host_elements
    if from_device:
        host += costs.copy + from_device / costs.copy_bytes
    return Estimate(device, host)


def worth_sharing(costs: Costs, elements: int, weights: float) -> bool:
    """Whether a launch is long enough to be split over compute units."""
    return elements * weights / costs.elements >= costs.share


def small(costs: Costs) -> int:
    """Elements up to which a cheap operation in NumPy is half overhead or more.

    To record it would cost about as much, and no chain of such operations is long enough for what
    the device gains on each to pay for one launch and its plan.
    """
    return round(costs.host_operation * costs.host_elements / 2)


def break_even(costs: Costs) -> int:
    """Elements from which one resident cheap operation pays on the device."""
    gain = 1 / costs.host_elements - 1 / costs.elements
    return round(max(costs.launch - costs.host_operation, 0.0) / gain)
