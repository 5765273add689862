"""The numbers that containers use and their names (XRT's xclbin.h). Knows no bytes.

Every number that is not listed here is kept as a plain int: newer tools add kinds and types, and
a container must survive us unchanged.
"""

from __future__ import annotations

import enum
from typing import TypeVar


class SectionKind(enum.IntEnum):
    """`enum axlf_section_kind`."""

    BITSTREAM = 0
    CLEARING_BITSTREAM = 1
    EMBEDDED_METADATA = 2
    FIRMWARE = 3
    DEBUG_DATA = 4
    SCHED_FIRMWARE = 5
    MEM_TOPOLOGY = 6
    CONNECTIVITY = 7
    IP_LAYOUT = 8
    DEBUG_IP_LAYOUT = 9
    DESIGN_CHECK_POINT = 10
    CLOCK_FREQ_TOPOLOGY = 11
    MCS = 12
    BMC = 13
    BUILD_METADATA = 14
    KEYVALUE_METADATA = 15
    USER_METADATA = 16
    DNA_CERTIFICATE = 17
    PDI = 18
    BITSTREAM_PARTIAL_PDI = 19
    PARTITION_METADATA = 20
    EMULATION_DATA = 21
    SYSTEM_METADATA = 22
    SOFT_KERNEL = 23
    ASK_FLASH = 24
    AIE_METADATA = 25
    GROUP_TOPOLOGY = 26
    GROUP_CONNECTIVITY = 27
    SMARTNIC = 28
    AIE_RESOURCES = 29
    OVERLAY = 30
    VENDER_METADATA = 31
    AIE_PARTITION = 32
    IP_METADATA = 33
    AIE_RESOURCES_BIN = 34
    AIE_TRACE_METADATA = 35


class Mode(enum.IntEnum):
    """`enum XCLBIN_MODE`: what the image runs on."""

    FLAT = 0
    PR = 1
    TANDEM_STAGE2 = 2
    TANDEM_STAGE2_WITH_PR = 3
    HW_EMU = 4
    SW_EMU = 5
    HW_EMU_PR = 6


class MemoryType(enum.IntEnum):
    """`enum MEM_TYPE`. STREAMING entries are ends of streams, not banks."""

    DDR3 = 0
    DDR4 = 1
    DRAM = 2
    STREAMING = 3
    PREALLOCATED_GLOB = 4
    ARE = 5
    HBM = 6
    BRAM = 7
    URAM = 8
    STREAMING_CONNECTION = 9
    HOST = 10
    PS_KERNEL = 11


class IpType(enum.IntEnum):
    """`enum IP_TYPE`; KERNEL entries are compute units."""

    MB = 0
    KERNEL = 1
    DNASC = 2
    DDR4_CONTROLLER = 3
    MEM_DDR4 = 4
    MEM_HBM = 5
    MEM_HBM_ECC = 6
    PS_KERNEL = 7


class ControlProtocol(enum.IntEnum):
    """`enum IP_CONTROL`: how a compute unit is started."""

    HS = 0
    CHAIN = 1
    NONE = 2
    ME = 3
    ACCEL_ADAPTER = 4
    FAST_ADAPTER = 5


class ClockType(enum.IntEnum):
    """`enum CLOCK_TYPE`."""

    UNUSED = 0
    DATA = 1
    KERNEL = 2
    SYSTEM = 3


class AddressQualifier(enum.IntEnum):
    """`arg@addressQualifier` of the embedded metadata: what an argument is."""

    SCALAR = 0
    GLOBAL = 1
    CONSTANT = 2
    LOCAL = 3
    STREAM = 4


_E = TypeVar("_E", bound=enum.IntEnum)


def named(kind: type[_E], value: int) -> _E | int:
    """`value` as a member of `kind`, or the plain int where the enum has no name for it."""
    try:
        return kind(value)
    except ValueError:
        return value


def label(kind: int) -> str:
    """A section kind in words, for messages: `MEM_TOPOLOGY`, or `section kind 77`."""
    known = named(SectionKind, kind)
    return known.name if isinstance(known, SectionKind) else f"section kind {kind}"
