"""Exception and warning types. Knows nothing of arrays, devices or files.

Every error subclasses `FPGArrayError` and, where one fits, the builtin a caller would already
catch. Messages say what was attempted, what was found and what to do.
"""

from __future__ import annotations


class FPGArrayError(Exception):
    """Base of every error that fpgarray raises by itself (NumPy's own errors stay NumPy's)."""


class XclbinError(FPGArrayError, ValueError):
    """A container is malformed. `section` names the part, `offset` the byte (None: whole file)."""

    def __init__(self, message: str, *, section: str = "axlf", offset: int | None = None) -> None:
        self.section = section
        self.offset = offset
        where = section if offset is None else f"{section} at byte {offset}"
        super().__init__(f"{where}: {message}")


class RuntimeSelectionError(FPGArrayError, RuntimeError):
    """No provider could be chosen, or the forced one failed; every cause is in the message."""


class DeviceError(FPGArrayError, RuntimeError):
    """Something went wrong on a device. `location` is the recording's file:line, once known."""

    location: str | None = None
    settled: bool = False
    """What it cost has been accounted for: it is raised again only because lost bytes are read."""

    def at(self, location: str | None) -> DeviceError:
        """Attach the file:line where the failing operation was recorded; return self."""
        if location is not None and self.location is None:
            self.location = location
            self.args = (f"{self.args[0] if self.args else ''} (recorded at {location})",)
        return self


class AllocationError(DeviceError, MemoryError):
    """A bank has no room, or the device refused a buffer."""


class TransferError(DeviceError):
    """A copy between host and device failed or was out of range."""


class ConnectivityError(DeviceError, ValueError):
    """A buffer was given to an argument that its bank does not reach."""


class ArgumentError(DeviceError, TypeError, ValueError):
    """A kernel argument, register or size that the hardware cannot take; nothing was set."""


class KernelError(DeviceError):
    """A run ended in a state other than COMPLETED. Names kernel, arguments and state."""


class KernelTimeoutError(KernelError, TimeoutError):
    """A run did not end within the time allowed."""


class GuardError(KernelError):
    """Guard mode found that a kernel wrote outside its buffers."""


class DeviceLostError(DeviceError, ConnectionError):
    """The device (or its process) is gone; its memory is lost."""


class DeviceBusyError(DeviceError):
    """Another process holds the device."""


class ForkedProcessError(DeviceError):
    """A forked child touched a device its parent opened."""


class ImageError(DeviceError):
    """An image cannot be loaded here, or a handle belongs to an image that is gone."""


class CoherenceError(FPGArrayError, RuntimeError):
    """A coherence rule would be broken (illegal transition, overlapping host scopes)."""


class FallbackError(FPGArrayError, RuntimeError):
    """`policy(fallback="raise")`: an operation would have run in NumPy; the reason is given."""


class TransferPolicyError(FPGArrayError, RuntimeError):
    """`policy(transfer="raise")`: an operation would have moved bytes between memories."""


class FallbackWarning(UserWarning):
    """An operation ran in NumPy (`policy(fallback="warn")`, or after a device fault)."""


class TransferWarning(UserWarning):
    """Bytes were moved (`policy(transfer="warn")`)."""
