"""`fpgarray info`: versions, the provider and why, devices, the built-in overlay."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from fpgarray.cli.show import lines as image_lines
from fpgarray.cli.text import version
from fpgarray.device import Device, builtin_image, devices
from fpgarray.registry import ABI
from fpgarray.runtime import select

PACKAGES = ("fpgarray", "numpy", "array-api-compat")


def lines() -> Iterator[str]:
    """Everything, in lines. RuntimeSelectionError without a provider, ImageError without overlay.

    Opens the devices; loads and executes nothing.
    """
    provider, reason = select.choose()
    for package in PACKAGES:
        yield f"{package:<17} {version(package)}"
    yield f"{'Python':<17} {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield f"{'program ABI':<17} {ABI}"
    yield f"{'provider':<17} {provider.name}: {reason}"
    for each in devices():
        yield f"{'device':<17} {_device(each)}"
    yield from image_lines(str(select.overlay_path()), builtin_image())


def _device(device: Device) -> str:
    runtime = device.runtime
    kind = "emulated, no card" if runtime.capabilities.emulated else "card"
    image = "empty, loads the built-in overlay when first needed"
    if runtime.image is not None:
        image = f"{runtime.image.platform} {runtime.image.uuid}"
    return f"{device.name} ({kind}): {image}"
