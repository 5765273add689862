"""`fpgarray doctor`: what it finds on machines with this and that missing.

The machines are folders: files where XRT, drivers and cards put them, read by the real checks.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fpgarray import cli
from fpgarray.cli import doctor
from fpgarray.cli.doctor import State
from fpgarray.cli.machine import Card, Machine

XRT = "/opt/xilinx/xrt"
NOBODY = 65534


def touch(root: Path, name: str, text: str = "") -> Path:
    path = root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def link(root: Path, name: str, target: str) -> None:
    path = root / name.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Linux with a card, its driver, its node, and an XRT without anything that executes."""
    touch(tmp_path, f"{XRT}/version.json", '{"BUILD_VERSION": "2.16.204"}')
    touch(tmp_path, f"{XRT}/lib/libxrt_coreutil.so.2", "not a library")
    touch(tmp_path, "/sys/module/xocl/version", "2.16.204,abc\n")
    card = "/sys/bus/pci/devices/0000:3b:00.1"
    touch(tmp_path, f"{card}/vendor", "0x10ee\n")
    touch(tmp_path, f"{card}/device", "0x5005\n")
    link(tmp_path, f"{card}/driver", "../../../bus/pci/drivers/xocl")
    touch(tmp_path, "/sys/bus/pci/devices/0000:00:02.0/vendor", "0x8086\n")
    touch(tmp_path, "/dev/dri/renderD128")
    link(tmp_path, "/sys/class/drm/renderD128/device/driver", "../../bus/pci/drivers/xocl")
    return Machine(
        root=tmp_path,
        environment={"XILINX_XRT": XRT, "PATH": os.environ["PATH"]},
        system="Linux",
        architecture="x86_64",
        release="6.8.0",
    )


def finding(machine: Machine, name: str) -> doctor.Finding:
    (found,) = (each for each in doctor.examine(machine) if each.name == name)
    return found


def without(machine: Machine, variable: str) -> Machine:
    left = {name: text for name, text in machine.environment.items() if name != variable}
    return dataclasses.replace(machine, environment=left)


def given(machine: Machine, **variables: str) -> Machine:
    return dataclasses.replace(machine, environment={**machine.environment, **variables})


def remove(root: Path, name: str) -> None:
    path = root / name.lstrip("/")
    path.rename(path.with_name("gone"))


def test_every_row_that_is_not_fine_has_a_cure_and_rows_have_their_own_names(
    tmp_path: Path, machine: Machine
) -> None:
    empty = Machine(root=tmp_path / "empty", environment={}, system="Plan 9")
    for each in (machine, empty):
        rows = doctor.examine(each)
        assert len({row.name for row in rows}) == len(rows) == len(doctor.CHECKS)
        assert all(row.found for row in rows)
        assert [bool(row.cure) for row in rows] == [row.state is not State.FINE for row in rows]


def test_this_version_has_no_provider_for_xrt_and_says_so(machine: Machine) -> None:
    found = finding(machine, "provider for XRT")
    assert found.state is State.STOPS
    assert "no pyxrt provider yet" in found.found and "no libxrt provider yet" in found.found


STOPPING: dict[str, tuple[str, Callable[[Machine], Machine | None], str, str]] = {
    "a forced emulator": (
        "FPGARRAY_RUNTIME",
        lambda m: given(m, FPGARRAY_RUNTIME="emulator"),
        "emulator is forced",
        "unset FPGARRAY_RUNTIME",
    ),
    "a provider that is none": (
        "FPGARRAY_RUNTIME",
        lambda m: given(m, FPGARRAY_RUNTIME="xtr"),
        "'xtr' names no provider",
        "auto, pyxrt, libxrt, emulator",
    ),
    "another system": (
        "system",
        lambda m: dataclasses.replace(m, system="Darwin"),
        "Darwin",
        "Linux",
    ),
    "XILINX_XRT that is no folder": (
        "XILINX_XRT",
        lambda m: given(m, XILINX_XRT="/opt/old"),
        "/opt/old, which is no folder",
        f"source {XRT}/setup.sh",
    ),
    "no library": (
        "libxrt_coreutil",
        lambda m: remove(m.root, f"{XRT}/lib"),
        "not found",
        "install XRT",
    ),
    "a library that does not load": (
        "libxrt_coreutil",
        lambda m: None,
        "/libxrt_coreutil.so.2 does not load: OSError",
        "ldd",
    ),
    "no driver": (
        "drivers",
        lambda m: remove(m.root, "/sys/module/xocl"),
        "neither xocl nor zocl is loaded",
        "headers of the running kernel",
    ),
    "no card": (
        "cards",
        lambda m: remove(m.root, "/sys/bus/pci/devices"),
        "none on the PCI bus",
        "lspci",
    ),
    "no node": (
        "device nodes",
        lambda m: remove(m.root, "/dev/dri"),
        "no /dev/dri/renderD*",
        "--device",
    ),
    "XRT's emulation": (
        "XCL_EMULATION_MODE",
        lambda m: given(m, XCL_EMULATION_MODE="hw_emu"),
        "hw_emu",
        "unset",
    ),
}


@pytest.mark.parametrize("case", STOPPING)
def test_it_names_what_stops_xrt_and_the_cure(case: str, machine: Machine) -> None:
    name, change, found, cure = STOPPING[case]
    row = finding(change(machine) or machine, name)
    assert row.state is State.STOPS
    assert found in row.found and cure in row.cure


@pytest.mark.parametrize("name", ["FPGARRAY_RUNTIME", "system", "XCL_EMULATION_MODE"])
def test_what_is_fine_is_said_too(name: str, machine: Machine) -> None:
    assert finding(machine, name).state is State.FINE


def test_version_driver_and_card_are_named(machine: Machine) -> None:
    assert "version 2.16.204" in finding(machine, "XILINX_XRT").found
    assert finding(machine, "drivers").found == "xocl 2.16.204,abc loaded"
    assert finding(machine, "cards").found == "0000:3b:00.1 device 0x5005 (xocl)"
    assert machine.cards() == [Card("0000:3b:00.1", "0x5005", "xocl")]


def test_xrt_beside_an_unset_variable_is_a_note(machine: Machine) -> None:
    row = finding(without(machine, "XILINX_XRT"), "XILINX_XRT")
    assert row.state is State.NOTE and row.cure == f"source {XRT}/setup.sh"


def test_the_libraries_of_a_distribution_need_no_variable(machine: Machine) -> None:
    remove(machine.root, XRT)
    touch(machine.root, "/usr/lib/x86_64-linux-gnu/libxrt_coreutil.so.2")
    assert finding(without(machine, "XILINX_XRT"), "XILINX_XRT").state is State.FINE


def test_no_xrt_at_all_stops(machine: Machine) -> None:
    remove(machine.root, XRT)
    assert finding(without(machine, "XILINX_XRT"), "XILINX_XRT").state is State.STOPS


def test_a_driver_that_is_built_but_not_loaded_has_its_own_cure(machine: Machine) -> None:
    remove(machine.root, "/sys/module/xocl")
    touch(machine.root, "/sys/module/amdxdna/version", "1.0\n")
    touch(machine.root, "/lib/modules/6.8.0/updates/dkms/xocl.ko.zst")
    row = finding(machine, "drivers")
    assert row.cure == "sudo modprobe xocl" and "amdxdna 1.0 is" in row.found


def test_the_node_of_a_graphics_card_is_no_card(machine: Machine) -> None:
    touch(machine.root, "/dev/dri/renderD129")
    link(machine.root, "/sys/class/drm/renderD129/device/driver", "../drivers/i915")
    assert finding(machine, "device nodes").found == "/dev/dri/renderD128 (xocl)"
    remove(machine.root, "/dev/dri/renderD128")
    row = finding(machine, "device nodes")
    assert row.state is State.STOPS and "/dev/dri/renderD129 (i915)" in row.found


def test_a_node_this_user_may_not_open_names_its_group(machine: Machine) -> None:
    """Asked by a user who is not root, whom nothing is shut to."""
    node = machine.root / "dev/dri/renderD128"
    node.chmod(0)
    with as_ordinary_user(machine.root):
        row = finding(machine, "device nodes")
    group = machine.nodes()[0].group
    assert row.state is State.STOPS
    assert f"belongs to group {group}" in row.found
    assert f"sudo usermod -aG {group} {machine.user}" in row.cure


@contextlib.contextmanager
def as_ordinary_user(root: Path) -> Iterator[None]:
    """If this is root: for a while, the effective user nobody, who may pass the way to `root`."""
    if os.geteuid() != 0:
        yield
        return
    for folder in (root, *list(root.parents)[:-2]):
        folder.chmod(folder.stat().st_mode | 0o755)
    os.setresuid(0, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


# pyxrt


def test_pyxrt_for_another_python_is_reported_with_both_versions(machine: Machine) -> None:
    touch(machine.root, f"{XRT}/python/pyxrt.cpython-38-x86_64-linux-gnu.so")
    row = finding(dataclasses.replace(machine, python="3.12"), "pyxrt")
    assert row.state is State.NOTE
    assert "is for Python 3.8; this is Python 3.12" in row.found and "rebuild" in row.cure


def test_pyxrt_of_a_distribution_is_found(machine: Machine) -> None:
    touch(machine.root, "/usr/lib/python3/dist-packages/pyxrt.cpython-314-x86_64-linux-gnu.so")
    assert "for Python 3.14" in finding(machine, "pyxrt").found


def test_pyxrt_for_this_python_that_is_off_the_path_says_where_it_is(machine: Machine) -> None:
    built = machine.python.replace(".", "")
    touch(machine.root, f"{XRT}/python/pyxrt.cpython-{built}-x86_64-linux-gnu.so")
    touch(machine.root, f"{XRT}/python/pyxrt.cpython-38-x86_64-linux-gnu.so")
    row = finding(machine, "pyxrt")
    assert f"PYTHONPATH={XRT}/python" in row.cure and "does not import" in row.found


def test_a_pyxrt_without_a_version_in_its_name_is_not_guessed_at(machine: Machine) -> None:
    touch(machine.root, f"{XRT}/python/pyxrt.so")
    assert machine.pyxrt_modules() == {f"{XRT}/python/pyxrt.so": None}
    assert "does not import" in finding(machine, "pyxrt").found


def test_no_pyxrt_stops_nothing(machine: Machine) -> None:
    assert finding(machine, "pyxrt").state is State.NOTE


def test_a_pyxrt_that_imports_is_fine(machine: Machine, tmp_path: Path) -> None:
    touch(tmp_path, "/modules/pyxrt.py")
    found = finding(given(machine, PYTHONPATH=str(tmp_path / "modules")), "pyxrt")
    assert found.state is State.FINE


def test_a_pyxrt_that_crashes_ends_its_own_process_only(machine: Machine, tmp_path: Path) -> None:
    touch(tmp_path, "/modules/pyxrt.py", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    found = finding(given(machine, PYTHONPATH=str(tmp_path / "modules")), "pyxrt")
    assert "the process ended -11" in found.found


# The command


def test_the_command_tells_all_and_its_exit_code_says_whether_xrt_can_be_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """This version has no provider for XRT: on no machine can it be used."""
    assert cli.main(["doctor"]) == 1
    text = capsys.readouterr().out
    for row in doctor.examine(Machine()):
        assert row.name in text
    assert "XRT cannot be used: provider for XRT" in text
    assert "Operations run on:  the emulator" in text
    assert max(map(len, text.splitlines())) <= 100


def test_nothing_that_stops_is_a_success() -> None:
    fine = doctor.Finding("some", State.FINE, "there")
    note = doctor.Finding("other", State.NOTE, "so so", "let it be")
    stops = doctor.Finding("third", State.STOPS, "gone", "bring it")
    assert doctor.usable([fine, note]) and not doctor.usable([fine, stops])
    assert "Nothing stops XRT from being used." in list(doctor.lines([fine, note]))
