"""`fpgarray doctor`: what stops XRT, and so cards, from being used, each with its cure.

Owns the table of checks. Reads this machine through a `Machine`, changes nothing, and loads foreign
code only in a process of its own. What a provider needs is the provider's to say; this file knows
XRT's files, drivers and rights.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fpgarray.cli.machine import Card, Machine
from fpgarray.cli.text import wrapped
from fpgarray.errors import RuntimeSelectionError
from fpgarray.runtime import select

__all__ = ["CHECKS", "Finding", "Machine", "State", "examine", "lines", "usable"]

CARD_DRIVERS = ("xocl", "zocl")
"""Drivers through which XRT reaches an FPGA: PCIe cards; boards with the FPGA beside the CPU."""

OTHER_DRIVERS = ("xclmgmt", "amdxdna")
"""Loaded beside them: the card's management function; Ryzen AI, which is no FPGA."""

XRT_PROVIDERS = ("libxrt", "pyxrt")

REBUILD = (
    "rebuild XRT's pyxrt for this Python, or run a Python of that version; "
    "the libxrt provider needs no pyxrt"
)


class State(enum.Enum):
    """What a finding means for XRT."""

    FINE = "ok"
    NOTE = "note"
    """Not as it could be, but XRT can do without."""
    STOPS = "STOPS"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row: what was looked at, what was found, and what to do about it ("" if fine)."""

    name: str
    state: State
    found: str
    cure: str = ""


def examine(machine: Machine) -> list[Finding]:
    """All findings on `machine`, in the order in which to cure them."""
    return [check(machine) for check in CHECKS]


def usable(findings: Sequence[Finding]) -> bool:
    """Whether nothing stops XRT."""
    return all(each.state is not State.STOPS for each in findings)


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The table, and the verdict below it."""
    for each in findings:
        yield from wrapped(f"{each.state.value:<6} {each.name}", each.found, 26)
        if each.cure:
            yield from wrapped(f"{'':<18}cure:", each.cure, 26)
    yield ""
    stopping = [each.name for each in findings if each.state is State.STOPS]
    if stopping:
        yield from wrapped("XRT cannot be used:", ", ".join(stopping), 20)
    else:
        yield "Nothing stops XRT from being used."
    yield from wrapped("Operations run on:", _running(), 20)


def _running() -> str:
    try:
        provider, reason = select.choose()
    except RuntimeSelectionError as error:
        return f"nothing: {error}"
    return f"the {provider.name} ({reason})"


def _fine(name: str, found: str) -> Finding:
    return Finding(name, State.FINE, found)


def _stops(name: str, found: str, cure: str) -> Finding:
    return Finding(name, State.STOPS, found, cure)


def _note(name: str, found: str, cure: str = "") -> Finding:
    return Finding(name, State.NOTE, found, cure)


def _providers(machine: Machine) -> Finding:
    """Whether this version has any way to XRT: the candidates themselves answer."""
    name, faults, made = "provider for XRT", [], []
    for candidate in select.CANDIDATES:
        if candidate.name in XRT_PROVIDERS:
            try:
                candidate.make(machine.environment)
                made.append(candidate.name)
            except RuntimeSelectionError as fault:
                faults.append(f"{candidate.name}: {fault}")
    if made:
        return _fine(name, "; ".join((*made, *faults)))
    cure = (
        "if the checks below name a fault, cure it; if this version lacks the provider, use one "
        "that has it. Until then everything runs on the emulated device"
    )
    return _stops(name, "; ".join(faults), cure)


def _wanted(machine: Machine) -> Finding:
    name, value = "FPGARRAY_RUNTIME", machine.environment.get("FPGARRAY_RUNTIME") or "auto"
    names = ("auto", *(each.name for each in select.CANDIDATES))
    if value in ("auto", *XRT_PROVIDERS):
        return _fine(name, value)
    if value in names:
        return _stops(name, f"{value} is forced", "unset FPGARRAY_RUNTIME")
    return _stops(name, f"{value!r} names no provider", f"set it to one of {', '.join(names)}")


def _system(machine: Machine) -> Finding:
    found = f"{machine.system} {machine.architecture}"
    if machine.system == "Linux":
        return _fine("system", found)
    return _stops("system", found, "XRT's card drivers are for Linux: use a Linux machine")


def _xrt(machine: Machine) -> Finding:
    """The tree in which XRT is installed, XILINX_XRT's or the usual one."""
    name, given = "XILINX_XRT", machine.environment.get("XILINX_XRT")
    usual = machine.usual_xrt
    if given and not machine.path(given).is_dir():
        cure = (
            f"unset it, or: source {usual}/setup.sh" if machine.path(usual).is_dir() else "unset it"
        )
        return _stops(name, f"{given}, which is no folder", cure)
    if given:
        return _fine(name, f"{given}{_release(machine, given)}")
    if machine.path(usual).is_dir():
        found = f"not set, but XRT is in {usual}{_release(machine, usual)}"
        return _note(name, found, f"source {usual}/setup.sh")
    if machine.coreutil():
        return _fine(name, "not set; XRT's libraries are the system's")
    return _stops(name, f"not set, and there is no {usual}", INSTALL)


INSTALL = (
    "install XRT: the package on the card's page at amd.com (xrt_*.deb, xrt_*.rpm), or the "
    "distribution's libxrt2 and python3-xrt"
)


def _release(machine: Machine, tree: str) -> str:
    text = machine.xrt_version(tree)
    return f", version {text}" if text else ""


def _library(machine: Machine) -> Finding:
    name, found = "libxrt_coreutil", machine.coreutil()
    if not found:
        return _stops(name, "not found in XRT's tree or the system's library folders", INSTALL)
    fault = machine.load(found[0])
    if fault is None:
        return _fine(name, f"{found[0]} loads")
    cure = "install what it lacks (ldd tells); source XRT's setup.sh; or reinstall XRT"
    return _stops(name, f"{found[0]} does not load: {fault}", cure)


def _pyxrt(machine: Machine) -> Finding:
    """Importable? Else: is there one for another Python? Never stops: libxrt needs none."""
    name, fault = "pyxrt", machine.import_fault("pyxrt")
    running = machine.python
    if fault is None:
        return _fine(name, f"imports in Python {running}")
    modules = machine.pyxrt_modules()
    if not modules:
        return _note(name, f"{fault}; no pyxrt*.so in XRT's tree", "none needed for libxrt")
    others = {path: built for path, built in modules.items() if built not in (None, running)}
    if len(others) == len(modules):
        each = ", ".join(f"{path} is for Python {built}" for path, built in others.items())
        return _note(name, f"{each}; this is Python {running}", REBUILD)
    path = next(path for path in modules if path not in others)
    folder = path.rpartition("/")[0]
    cure = f"export PYTHONPATH={folder} (XRT's setup.sh does), and see libxrt_coreutil above"
    return _note(name, f"{path} does not import: {fault}", cure)


def _drivers(machine: Machine) -> Finding:
    name, loaded = "drivers", machine.modules((*CARD_DRIVERS, *OTHER_DRIVERS))
    told = ", ".join(f"{each} {version}".strip() for each, version in loaded.items())
    if any(each in loaded for each in CARD_DRIVERS):
        return _fine(name, f"{told} loaded")
    found = f"neither {' nor '.join(CARD_DRIVERS)} is loaded" + (f" ({told} is)" if told else "")
    if machine.built("xocl"):
        return _stops(name, f"{found}; xocl is built for this kernel", "sudo modprobe xocl")
    cure = (
        "install XRT with the headers of the running kernel (its driver is built on installing); "
        "in a container or virtual machine: on the host, and pass the card through"
    )
    return _stops(name, found, cure)


def _bus(machine: Machine) -> Finding:
    """Functions of Xilinx (AMD) on the PCI bus."""
    name, cards = "cards", machine.cards()
    if not cards:
        cure = (
            "check seat, power and `lspci -d 10ee:`; a card without its shell does not show either"
        )
        return _stops(name, "none on the PCI bus (vendor 10ee, Xilinx)", cure)
    return _fine(name, ", ".join(_card(each) for each in cards))


def _card(card: Card) -> str:
    return f"{card.address} device {card.device} ({card.driver or 'no driver'})"


def _nodes(machine: Machine) -> Finding:
    """Device nodes, and whether this user may open them."""
    name, nodes = "device nodes", machine.nodes()
    ours = [each for each in nodes if each.driver in CARD_DRIVERS]
    if not ours:
        others = ", ".join(f"{each.path} ({each.driver or 'driver unknown'})" for each in nodes)
        found = f"no card behind {others}" if others else "there is no /dev/dri/renderD*"
        cure = "cure drivers and cards above first; in a container: --device=/dev/dri/renderD128"
        return _stops(name, found, cure)
    shut = [each for each in ours if not each.open]
    if not shut:
        return _fine(name, ", ".join(f"{each.path} ({each.driver})" for each in ours))
    node = shut[0]
    found = f"{node.path} belongs to group {node.group}; this user may not read and write it"
    groups = ", ".join(machine.groups)
    cure = f"sudo usermod -aG {node.group} {machine.user}, then log in anew (groups now: {groups})"
    return _stops(name, found, cure)


def _emulation(machine: Machine) -> Finding:
    """XRT's own emulation switch hides every card."""
    name, mode = "XCL_EMULATION_MODE", machine.environment.get("XCL_EMULATION_MODE")
    if not mode:
        return _fine(name, "not set")
    return _stops(name, f"{mode}: XRT shows emulated devices and no card", f"unset {name}")


CHECKS: tuple[Callable[[Machine], Finding], ...] = (
    _providers,
    _wanted,
    _system,
    _xrt,
    _library,
    _pyxrt,
    _drivers,
    _bus,
    _nodes,
    _emulation,
)
"""Every check, a function from the machine to its row."""
