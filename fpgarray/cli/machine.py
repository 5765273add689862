"""What a machine has of XRT: files, modules, cards, nodes, rights. Judges nothing.

All is read below `root`, so that another machine's tree can be examined as well as this one's.
"""

from __future__ import annotations

import getpass
import grp
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

USUAL_XRT = "/opt/xilinx/xrt"
XILINX = "0x10ee"
"""PCI vendor of Xilinx, AMD's since 2022."""

LIBRARY_FOLDERS = ("/usr/lib64", "/usr/lib", "/usr/local/lib")
PYTHON_FOLDERS = ("/usr/lib/python3/dist-packages",)
PROBE_SECONDS = 60

_BUILT_FOR = re.compile(r"\.cpython-(\d)(\d+)")


@dataclass(frozen=True, slots=True)
class Card:
    """A PCI function: address, device id and the driver bound to it ("" if none)."""

    address: str
    device: str
    driver: str


@dataclass(frozen=True, slots=True)
class Node:
    """A render node: `driver` behind it ("" if unknown), its `group`, whether we may `open` it."""

    path: str
    driver: str
    group: str
    open: bool


@dataclass(frozen=True)
class Machine:
    """This machine, or the one whose files lie below `root`. Reads at each question."""

    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    system: str = platform.system()
    architecture: str = platform.machine()
    release: str = platform.release()
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}"
    usual_xrt: str = USUAL_XRT

    def path(self, absolute: str) -> Path:
        """Where the file of that name on the machine is here."""
        return self.root / absolute.lstrip("/")

    def _names(self, paths: Iterable[Path]) -> list[str]:
        """What the machine calls these files."""
        return [f"/{each.relative_to(self.root)}" for each in paths]

    def trees(self) -> list[str]:
        """Folders in which XRT may be: XILINX_XRT's first."""
        given = self.environment.get("XILINX_XRT")
        return [*([given] if given else []), self.usual_xrt]

    def xrt_version(self, tree: str) -> str:
        """As `version.json` of the tree says; "" where it says nothing."""
        try:
            found = json.loads(self.path(f"{tree}/version.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        return str(found.get("BUILD_VERSION", "")) if isinstance(found, dict) else ""

    def coreutil(self) -> list[str]:
        """Files libxrt_coreutil.so*, in the order in which a loader would take them."""
        given = self.environment.get("LD_LIBRARY_PATH", "").split(":")
        system = [f"/usr/lib/{self.architecture}-linux-gnu", *LIBRARY_FOLDERS]
        folders = [*(f"{tree}/lib" for tree in self.trees()), *filter(None, given), *system]
        found = (self.path(each).glob("libxrt_coreutil.so*") for each in dict.fromkeys(folders))
        return [name for each in found for name in self._names(sorted(each))]

    def load(self, library: str) -> str | None:
        """Why a process of its own cannot load a library; None if it can."""
        return self._probe("import ctypes, sys; ctypes.CDLL(sys.argv[1])", self.path(library))

    def import_fault(self, module: str) -> str | None:
        """Why a process of its own cannot import a Python module; None if it can."""
        return self._probe("import importlib, sys; importlib.import_module(sys.argv[1])", module)

    def _probe(self, code: str, argument: object) -> str | None:
        """What Python last said about `code`, None if it ran. Another process: it may crash."""
        command = [sys.executable, "-c", code, str(argument)]
        try:
            done = subprocess.run(
                command,
                env=dict(self.environment),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PROBE_SECONDS,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return f"it did not answer within {PROBE_SECONDS} s"
        except OSError as error:
            return f"{command[0]} cannot be started: {error}"
        if done.returncode == 0:
            return None
        said = done.stderr.strip().splitlines()
        return said[-1] if done.returncode > 0 and said else f"the process ended {done.returncode}"

    def pyxrt_modules(self) -> dict[str, str | None]:
        """Files pyxrt*.so → the Python they were built for, None where the name does not tell."""
        folders = [f"{tree}/python" for tree in self.trees()]
        folders += self.environment.get("PYTHONPATH", "").split(":")
        found: dict[str, str | None] = {}
        for folder in dict.fromkeys(filter(None, (*folders, *PYTHON_FOLDERS))):
            for name in self._names(sorted(self.path(folder).glob("pyxrt*.so"))):
                built = _BUILT_FOR.search(name)
                found[name] = f"{built[1]}.{built[2]}" if built else None
        return found

    def modules(self, names: Iterable[str]) -> dict[str, str]:
        """Which of these kernel modules are loaded → their versions ("" where unsaid)."""
        folders = {name: self.path(f"/sys/module/{name}") for name in names}
        return {name: _word(at / "version") for name, at in folders.items() if at.is_dir()}

    def built(self, module: str) -> bool:
        """Whether the running kernel has this module's file."""
        folder = self.path(f"/lib/modules/{self.release}")
        return any(folder.rglob(f"{module}.ko*"))

    def cards(self) -> list[Card]:
        """Functions of Xilinx on the PCI bus."""
        folders = sorted(self.path("/sys/bus/pci/devices").glob("*"))
        return [
            Card(each.name, _word(each / "device"), _link(each / "driver"))
            for each in folders
            if _word(each / "vendor") == XILINX
        ]

    def nodes(self) -> list[Node]:
        """Render nodes."""
        return list(self._nodes())

    def _nodes(self) -> Iterator[Node]:
        for each in sorted(self.path("/dev/dri").glob("renderD*")):
            driver = _link(self.path(f"/sys/class/drm/{each.name}/device/driver"))
            may = os.access(each, os.R_OK | os.W_OK, effective_ids=True)
            yield Node(f"/dev/dri/{each.name}", driver, _group(each), may)

    @property
    def user(self) -> str:
        """Who asks."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a user id without a name, as in containers
            return str(os.getuid())

    @property
    def groups(self) -> list[str]:
        """Names of the groups this process has."""
        return [_group_name(number) for number in os.getgroups()]


def _word(path: Path) -> str:
    """A file of one word, as below /sys; "" where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    """The last part of what a link points to; "" without a link."""
    return os.readlink(path).rpartition("/")[2] if path.is_symlink() else ""


def _group(path: Path) -> str:
    return _group_name(path.stat().st_gid)


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
