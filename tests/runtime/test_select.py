"""Which provider is chosen, and what the environment does to it."""

from __future__ import annotations

import logging

import pytest

from fpgarray.errors import RuntimeSelectionError
from fpgarray.runtime import select
from fpgarray.runtime.api import Provider
from fpgarray.testing.kernels import provider_image
from fpgarray.xclbin import write


@pytest.mark.parametrize("wanted", ["", "auto", "emulator"])
def test_the_emulator_is_chosen(wanted):
    provider, reason = select.choose_from({"FPGARRAY_RUNTIME": wanted})
    assert isinstance(provider, Provider)
    assert provider.name == "emulator"
    assert reason
    assert provider.device_count() == 1


@pytest.mark.parametrize("wanted", ["pyxrt", "libxrt"])
def test_what_this_version_lacks_is_said(wanted):
    with pytest.raises(RuntimeSelectionError, match=f"no {wanted} provider"):
        select.choose_from({"FPGARRAY_RUNTIME": wanted})


def test_unknown_names_list_the_choices():
    with pytest.raises(RuntimeSelectionError, match="auto, pyxrt, libxrt, emulator"):
        select.choose_from({"FPGARRAY_RUNTIME": "opencl"})


def test_the_choice_is_cached_and_logged_once(monkeypatch, caplog):
    monkeypatch.setattr(select, "_chosen", None)
    with caplog.at_level(logging.INFO, "fpgarray"):
        first = select.choose()
        assert select.choose() is first
    assert len(caplog.records) == 1
    assert "emulator" in caplog.text


def test_number_of_devices():
    provider, _ = select.choose_from({"FPGARRAY_EMULATED_DEVICES": "2"})
    assert provider.device_count() == 2


@pytest.mark.parametrize(
    "environment",
    [
        {"FPGARRAY_EMULATED_DEVICES": "x"},
        {"FPGARRAY_EMULATED_DEVICES": "0"},
        {"FPGARRAY_CLONE": "7"},
    ],
)
def test_bad_numbers_are_named(environment):
    with pytest.raises(RuntimeSelectionError):
        select.choose_from(environment)


def test_the_built_in_overlay_runs_here_and_only_it(tmp_path):
    path = tmp_path / "builtin.xclbin"
    image = provider_image()
    assert not select.BuiltIn(path)(image)
    write(image, path)
    built_in = select.BuiltIn(select.overlay_path({"FPGARRAY_OVERLAY": str(path)}))
    assert built_in(image)
    assert select.overlay_path({}) == select.PACKAGED_OVERLAY


def test_guard_and_overlay_reach_the_device(tmp_path):
    path = tmp_path / "builtin.xclbin"
    write(provider_image(), path)
    environment = {"FPGARRAY_OVERLAY": str(path), "FPGARRAY_GUARD": "1", "FPGARRAY_CLONE": "2"}
    provider, _ = select.choose_from(environment)
    device = provider.open(0)
    device.load(provider_image())
    assert device.allocate(64, 0).address % 8192 == 4096
    device.close()
