"""Packages only the demo needs: the one place that imports them, with an error naming the extra."""

from __future__ import annotations

import importlib
from types import ModuleType

from fpgarray.errors import FPGArrayError

INSTALL = "pip install 'fpgarray[demo]'"


class DemoUnavailableError(FPGArrayError, ImportError):
    """The demo needs a package that is not installed; the message names the extra."""


def load(module: str) -> ModuleType:
    """The module of matplotlib, scikit-image or rich, imported now. DemoUnavailableError."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DemoUnavailableError(
            f"the demo needs {module}, which cannot be imported ({error}); "
            f"install it with: {INSTALL}"
        ) from error
