"""Which image a device holds, by explicit request."""

from __future__ import annotations

from os import PathLike
from typing import Any

from fpgarray import executor, host_access
from fpgarray.errors import ImageError
from fpgarray.xclbin import read


def load_image(path: str | PathLike[str], device: Any = None) -> None:
    """Load the xclbin file `path` onto a device (an index, a device, or None for the first).

    Evicts whatever is loaded, the built-in overlay too; arrays keep their values. NumPy operations
    then use the engines that this image contains, else run in NumPy with the reason; the built-in
    overlay does not come back by itself. Loading an emulation image runs its native code, in a
    process of its own. Raises FileNotFoundError, XclbinError for a malformed file, ImageError for
    one that does not fit; nothing is lost then.
    """
    home = host_access.device_of(device)
    image = read(path)
    if not image.kernels:
        raise ImageError(f"{path}: the image has no kernels to load")
    executor.swap(home, image)
