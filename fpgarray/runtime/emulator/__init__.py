"""The embedded emulated device: everything a card does, without one (architecture.md)."""

from fpgarray.runtime.emulator.device import EmulatedDevice
from fpgarray.runtime.emulator.faults import Faults
from fpgarray.runtime.emulator.provider import EmulatorProvider

__all__ = ["EmulatedDevice", "EmulatorProvider", "Faults"]
