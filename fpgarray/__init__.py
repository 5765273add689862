"""fpgarray: NumPy on FPGA cards.

`fpgarray.asarray` in place of `numpy.array` puts an array under fpgarray's care: its operations
are recorded, fused into few kernel launches, and run on the card (or, without one, on the embedded
emulated device) when a value is needed. Or `import fpgarray as np`: beside our own names, all of
NumPy's are here (`namespace`), and what they make are FPGAArrays.
"""

from typing import Any as _Any

import numpy as _numpy

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
    asanyarray,
    asarray,
    ascontiguousarray,
    asfortranarray,
    copy,
    empty,
    empty_like,
    from_dlpack,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from fpgarray.functions.images import resize
from fpgarray.functions.residency import load_image
from fpgarray.functions.synchronization import synchronize
from fpgarray.namespace import facade
from fpgarray.profiling import Profile, profile

__version__ = "0.1.0"

__array_api_version__ = array_api.__array_api_version__
__array_namespace_info__ = array_api.__array_namespace_info__

errstate = _numpy.errstate  # in place of our module of that name, which nobody needs here

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
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "copy",
    "devices",
    "empty",
    "empty_like",
    "from_dlpack",
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
    "resize",
    "synchronize",
    "zeros",
    "zeros_like",
]
__all__ += facade.beside(__all__)

facade.install(__name__)


def __getattr__(name: str) -> _Any:
    """A name of NumPy's, wrapped when it is first used."""
    # One object per name, whichever thread was first.
    return globals().setdefault(name, facade.attribute(__name__, name))


def __dir__() -> list[str]:
    return sorted({*__all__, *globals()})
