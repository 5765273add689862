"""The offload model: where a step is cheaper. Pure; figures are start values, per kind of device.

Owns what an operation costs in NumPy and in an engine, per element, and what a launch and a copy
cost. NumPy's figures were measured with NumPy 2.4 on one AVX-512 core, operands in cache, results
in memory that is used again; the engines' on the emulated device of that machine, less the launch;
a card's are from vendors' tables. `benchmarks/run.py` shows whether they still hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost on one kind of device (µs, bytes per µs, elements per µs)."""

    launch: float
    copy: float
    copy_bytes: float
    elements: float | None
    """Elements an engine handles per µs and instruction, whatever it is; None: as `ENGINE`."""
    reuse: float
    """How often what is moved to the device is expected to be read there before it is stale: a step
    pays for its share of the copy."""
    host_operation: float
    """What NumPy takes for an operation on next to nothing."""
    small: int
    """Elements up to which NumPy computes at the call: some thirty cheap operations on so many take it
    as long as one launch and its plan, and no fusion gains more than that."""
    share: float
    """Engine work from which a second compute unit pays."""
    gap_nbytes: int
    """Two copies closer than this are cheaper as one."""


EMULATED = Costs(
    launch=28.0,
    copy=4.0,
    copy_bytes=8000.0,
    elements=None,
    reuse=8.0,
    host_operation=1.2,
    small=16_384,
    share=100.0,
    gap_nbytes=1024,
)

CARD = Costs(
    launch=56.0,
    copy=25.0,
    copy_bytes=9000.0,
    elements=4800.0,
    reuse=8.0,
    host_operation=1.2,
    small=32_768,
    share=60.0,
    gap_nbytes=128 << 10,
)

Pair = tuple[float, float]
"""ns per element: of at most four bytes, of eight."""


def _each(names: str, price: Pair) -> dict[str, Pair]:
    return dict.fromkeys(names.split(), price)


HOST: dict[str, Pair] = {
    **_each("divide", (0.10, 0.26)),
    **_each("sqrt reciprocal", (0.25, 0.70)),
    **_each("positive sign logical_not", (0.30, 0.40)),
    **_each("where copysign logical_and logical_or logical_xor", (0.60, 0.60)),
    **_each("degrees radians rad2deg deg2rad heaviside fabs spacing", (1.0, 1.2)),
    **_each("nextafter", (1.5, 6.0)),
    **_each("floor_divide fmod", (13.0, 13.0)),
    **_each("remainder", (5.8, 5.8)),
    **_each("hypot", (2.6, 16.0)),
    **_each("exp exp2", (0.33, 0.50)),
    **_each("log log1p expm1", (0.25, 0.55)),
    **_each("log2 log10 cbrt tanh", (0.17, 0.55)),
    **_each("sin cos", (0.38, 7.4)),
    **_each("tan sinh cosh", (0.24, 0.70)),
    **_each("arcsin arccos arctan arctanh", (0.24, 0.70)),
    **_each("arctan2 arcsinh arccosh power", (0.38, 1.2)),
    **_each("logaddexp logaddexp2", (12.5, 13.0)),
    **_each("sum count", (0.12, 0.17)),
    **_each("min max", (0.03, 0.06)),
    **_each("prod", (0.30, 0.50)),
}
"""Op → NumPy's price, where it is more than the memory it walks."""

HOST_INTEGERS: dict[str, Pair] = {
    **_each("floor_divide remainder fmod", (1.5, 3.0)),
    **_each("power", (3.0, 6.0)),
    **_each("sum prod count", (0.30, 0.30)),
}
"""The same for integers, where it differs."""

_HOST_BY_KIND = {"f": HOST, "i": HOST | HOST_INTEGERS, "u": HOST | HOST_INTEGERS}

ENGINE: dict[str, Pair] = {
    **_each("load set", (0.03, 0.04)),
    **_each("divide sqrt reciprocal", (0.03, 0.10)),
    **_each("nextafter hypot", (0.20, 0.35)),
    **_each("exp exp2", (0.16, 0.70)),
    **_each("log", (0.22, 0.63)),
    **_each("log2 log10 cbrt tanh", (0.45, 1.2)),
    **_each("log1p expm1 sinh cosh", (0.60, 1.0)),
    **_each("sin cos", (0.34, 1.07)),
    **_each("arcsin arccos arctan", (0.30, 1.1)),
    **_each("tan arctan2", (0.55, 1.5)),
    **_each("arcsinh arccosh arctanh", (1.15, 1.6)),
    **_each("logaddexp logaddexp2", (2.2, 3.2)),
    **_each("power", (2.3, 5.7)),
    **_each("floor_divide remainder fmod", (0.9, 1.3)),
}
"""Instruction → an emulated engine's price beside memory (others: `CHEAP`)."""

CHEAP: Pair = (0.02, 0.05)
HOST_BYTE = 0.012
"""ns per byte that NumPy reads or writes."""
ENGINE_BYTE = 0.006
HOST_FAR_NBYTES = 8 << 20
"""Bytes from which a NumPy result is memory fresh from the system."""
HOST_FAR_BYTE = 0.15
"""ns more per byte of such a result: page faults."""
ENGINE_FAR_NBYTES = 32 << 20
"""Bytes of a program's operands from which they do not stay in the caches."""
ENGINE_FAR_BYTE = 0.025


class Work(NamedTuple):
    """What a step costs: `host` and `engine` in µs without launches and copies.

    `instructions`: elements times engine instructions, for devices where all cost the same.
    """

    host: float = 0.0
    engine: float = 0.0
    instructions: float = 0.0

    def __add__(self, other: object) -> Work:
        """The work of both."""
        assert isinstance(other, Work)
        return Work(*(a + b for a, b in zip(self, other, strict=True)))


def host_price(name: str, kind: str, itemsize: int, elements: int, walked: int, made: int) -> float:
    """NumPy's µs for one operation over `elements`.

    kind: the letter of the dtype computed in ("f", "i", …; bools cost what they walk); `walked` bytes of operands and result, of
    which `made` are the result's.
    """
    table = _HOST_BY_KIND.get(kind, {})
    nanoseconds = max(walked * HOST_BYTE, elements * table.get(name, (0.0, 0.0))[itemsize > 4])
    if made > HOST_FAR_NBYTES:
        nanoseconds += made * HOST_FAR_BYTE
    return nanoseconds / 1000


def engine_price(instructions: Iterable[str], itemsize: int, elements: int, walked: int) -> float:
    """An emulated engine's µs for a program; `walked`: bytes of its loads and stores."""
    wide = itemsize > 4
    nanoseconds = elements * sum(ENGINE.get(name, CHEAP)[wide] for name in instructions)
    nanoseconds += walked * ENGINE_BYTE
    if walked > ENGINE_FAR_NBYTES:
        nanoseconds += walked * ENGINE_FAR_BYTE
    return nanoseconds / 1000


class Estimate(NamedTuple):
    """Both prices of one step, in µs."""

    device: float
    host: float

    @property
    def host_wins(self) -> bool:
        """Whether the host is the cheaper place."""
        return self.host < self.device


def estimate(costs: Costs, work: Work, count: int, to_device: int, from_device: int) -> Estimate:
    """Price a step of `count` operations.

    `to_device`: bytes stale on the device that a launch would read; `from_device`: bytes stale on
    the host that NumPy would read.
    """
    device = costs.launch + device_price(costs, work)
    if to_device:
        device += (costs.copy + to_device / costs.copy_bytes) / costs.reuse
    host = count * costs.host_operation + work.host
    if from_device:
        host += costs.copy + from_device / costs.copy_bytes
    return Estimate(device, host)


def device_price(costs: Costs, work: Work) -> float:
    """The step's µs on a device, without launch and copies."""
    return work.engine if costs.elements is None else work.instructions / costs.elements


def worth_sharing(costs: Costs, work: Work) -> bool:
    """Whether a launch is long enough to be split over compute units."""
    return device_price(costs, work) >= costs.share
