"""Whole NumPy scripts, unchanged: once `import numpy as np`, once `import fpgarray as np`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpgarray as fa

SCRIPTS = sorted(Path(__file__).with_name("scripts").glob("*.py"))


def run(script: Path, library: str) -> dict[str, Any]:
    """What the script leaves as `result`, with `library` in place of numpy."""
    source = script.read_text()
    assert source.count("import numpy as np") == 1
    names: dict[str, Any] = {"__name__": script.stem}
    code = source.replace("import numpy as np", f"import {library} as np")
    exec(compile(code, str(script), "exec"), names)
    return names["result"]


def compare(ours: Any, theirs: Any, name: str) -> None:
    """Equal under the arithmetic contract; an FPGAArray wherever NumPy gives an array."""
    if isinstance(theirs, (list, tuple)):
        assert type(ours) is type(theirs), name
        for one, other in zip(ours, theirs, strict=True):
            compare(one, other, name)
        return
    if isinstance(theirs, np.ndarray):
        assert type(ours) is fa.FPGAArray, f"{name}: {type(ours)}"
        assert isinstance(ours, fa.ndarray), name
    elif isinstance(theirs, np.generic):
        assert fa.isscalar(ours), f"{name}: {type(ours)}"
    else:
        assert ours == theirs, name
        return
    assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), name
    if theirs.dtype.kind in "fc":
        scale = float(np.max(np.abs(theirs[np.isfinite(theirs)]), initial=1.0))
        np.testing.assert_allclose(
            np.asarray(ours), theirs, rtol=1e-12, atol=1e-13 * scale, err_msg=name
        )
    else:
        np.testing.assert_array_equal(np.asarray(ours), theirs, err_msg=name)


@pytest.mark.parametrize("dispatch", ["auto", "device"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_gives_numpys_answers(script: Path, dispatch: str) -> None:
    theirs = run(script, "numpy")
    with fa.policy(dispatch=dispatch):
        ours = run(script, "fpgarray")
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        compare(ours[name], value, name)


@pytest.mark.device_work
def test_a_script_runs_on_the_device() -> None:
    script = next(path for path in SCRIPTS if path.stem == "heat")
    theirs = run(script, "numpy")
    with fa.policy(dispatch="device"), fa.profile() as p:
        ours = run(script, "fpgarray")
    assert p.launches > 50
    np.testing.assert_array_equal(np.asarray(ours["u"]), theirs["u"])
