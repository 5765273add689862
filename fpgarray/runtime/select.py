"""Which provider, and why. The only file of this package that reads the environment.

FPGARRAY_RUNTIME            auto (default) or a provider's name
FPGARRAY_OVERLAY            another built-in overlay than the packaged one
FPGARRAY_EMULATED_DEVICES   how many emulated devices (default 1)
FPGARRAY_GUARD              1: guard mode of the emulated devices
FPGARRAY_CLONE              2, 3 or 4: force an x86-64 level of the built-in kernels
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from fpgarray.errors import FPGArrayError, RuntimeSelectionError
from fpgarray.runtime.api import Provider
from fpgarray.runtime.emulator import EmulatorProvider
from fpgarray.xclbin import Xclbin, read

_log = logging.getLogger("fpgarray")

PACKAGED_OVERLAY = Path(__file__).resolve().parent.parent / "overlays" / "builtin.xclbin"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A provider that can be asked for. `make` raises RuntimeSelectionError if it cannot be."""

    name: str
    make: Callable[[Mapping[str, str]], Provider]
    automatic: bool
    """Whether "auto" tries it, in the table's order."""
    reason: str
    """Why "auto" took it."""


def overlay_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the built-in overlay is; the file may be absent."""
    return Path(environment.get("FPGARRAY_OVERLAY") or PACKAGED_OVERLAY)


class BuiltIn:
    """Whether an image is the built-in overlay, which is trusted to run in this process.

    Reads the overlay at the first question. The UUID of an absent or unreadable one is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._uuid: UUID | None = None

    def __call__(self, image: Xclbin) -> bool:
        if self._uuid is None:
            self._uuid = self._read()
        return image.uuid == self._uuid

    def _read(self) -> UUID | None:
        try:
            return read(self._path).uuid
        except (OSError, FPGArrayError) as fault:
            _log.info("no built-in overlay at %s: %s", self._path, fault)
            return None


def _emulator(environment: Mapping[str, str]) -> Provider:
    try:
        return EmulatorProvider(
            _number(environment, "FPGARRAY_EMULATED_DEVICES", 1),
            BuiltIn(overlay_path(environment)),
            guard=environment.get("FPGARRAY_GUARD", "0") not in ("", "0"),
            clone=_number(environment, "FPGARRAY_CLONE", None),
        )
    except ValueError as fault:
        raise RuntimeSelectionError(f"the emulator cannot be set up: {fault}") from fault


def _number(environment: Mapping[str, str], name: str, default: int | None) -> int | None:
    text = environment.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name}={text!r} is no number") from None


def _absent(name: str) -> Callable[[Mapping[str, str]], Provider]:
    def make(environment: Mapping[str, str]) -> Provider:
        raise RuntimeSelectionError(
            f"this version of fpgarray has no {name} provider yet; it has only the emulator"
        )

    return make


CANDIDATES = (
    Candidate("pyxrt", _absent("pyxrt"), False, ""),
    Candidate("libxrt", _absent("libxrt"), False, ""),
    Candidate("emulator", _emulator, True, "this version has no provider for XRT devices"),
)

_lock = threading.Lock()
_chosen: tuple[Provider, str] | None = None


def choose() -> tuple[Provider, str]:
    """The provider of this process, and why it is that one. Chosen once; the environment counts
    as it is then. RuntimeSelectionError with every cause if there is none."""
    global _chosen
    with _lock:
        if _chosen is None:
            _chosen = choose_from(os.environ)
            _log.info("fpgarray runs on the %s: %s", _chosen[0].name, _chosen[1])
        return _chosen


def choose_from(environment: Mapping[str, str]) -> tuple[Provider, str]:
    """The same for a given environment, neither cached nor logged."""
    wanted = environment.get("FPGARRAY_RUNTIME") or "auto"
    if wanted == "auto":
        return _automatic(environment)
    for candidate in CANDIDATES:
        if candidate.name == wanted:
            reason = f"FPGARRAY_RUNTIME={wanted}"
            try:
                return candidate.make(environment), reason
            except RuntimeSelectionError as fault:
                raise RuntimeSelectionError(f"{reason}: {fault}") from fault
    names = ", ".join(("auto", *(c.name for c in CANDIDATES)))
    raise RuntimeSelectionError(f"FPGARRAY_RUNTIME={wanted!r}: expected one of {names}")


def _automatic(environment: Mapping[str, str]) -> tuple[Provider, str]:
    faults = []
    for candidate in CANDIDATES:
        if candidate.automatic:
            try:
                return candidate.make(environment), candidate.reason
            except RuntimeSelectionError as fault:
                faults.append(f"{candidate.name}: {fault}")
    raise RuntimeSelectionError("no provider can be used: " + "; ".join(faults))
