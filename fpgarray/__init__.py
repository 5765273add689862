"""fpgarray: NumPy on FPGA cards.

`fpgarray.asarray` in place of `numpy.array` puts an array under fpgarray's care: its operations
are recorded, fused into few kernel launches, and run on the card (or, without one, on the embedded
emulated device) when a value is needed.
"""

from fpgarray import array_api, functions
from fpgarray.array import FPGAArray
from fpgarray.config import Policy, options, policy
from fpgarray.device import Device, devices
from fpgarray.errors import (
    AllocationError,
    CoherenceError,
    ConnectivityError,
    DeviceBusyError,
    DeviceError,
    DeviceLostError,
    FallbackError,
    FallbackWarning,
    ForkedProcessError,
    FPGArrayError,
    GuardError,
    ImageError,
    KernelError,
    KernelTimeoutError,
    RuntimeSelectionError,
    TransferError,
    TransferPolicyError,
    TransferWarning,
    XclbinError,
)
from fpgarray.functions.creation import (
    arange,
    array,
    asarray,
    empty,
    empty_like,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from fpgarray.functions.residency import load_image
from fpgarray.functions.synchronization import synchronize
from fpgarray.profiling import Profile, profile

__version__ = "0.1.0"

__all__ = [
    "AllocationError",
    "CoherenceError",
    "ConnectivityError",
    "Device",
    "DeviceBusyError",
    "DeviceError",
    "DeviceLostError",
    "FPGAArray",
    "FPGArrayError",
    "FallbackError",
    "FallbackWarning",
    "ForkedProcessError",
    "GuardError",
    "ImageError",
    "KernelError",
    "KernelTimeoutError",
    "Policy",
    "Profile",
    "RuntimeSelectionError",
    "TransferError",
    "TransferPolicyError",
    "TransferWarning",
    "XclbinError",
    "arange",
    "array",
    "array_api",
    "asarray",
    "devices",
    "empty",
    "empty_like",
    "full",
    "full_like",
    "functions",
    "linspace",
    "load_image",
    "ones",
    "ones_like",
    "options",
    "policy",
    "profile",
    "synchronize",
    "zeros",
    "zeros_like",
]
