"""One image on a device: rules 1 to 4 and 6 of residency, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = {
    "nothing loads at import or while recording": """
import numpy as np, fpgarray as fa
with fa.policy(dispatch="device"), fa.profile() as p:
    y = fa.asarray(np.ones(5000, "f4")) + 1
    assert p.loads == 0
    assert float(y.sum()) == 10000
    assert p.loads == 1
    assert float((y * 2).sum()) == 20000
assert p.loads == 1
""",
    "arrays survive a swap": """
import numpy as np, fpgarray as fa
plain = np.arange(9000, dtype="f4")
with fa.policy(dispatch="device"):
    x = fa.asarray(plain)
    there = x * 2
    fa.synchronize()
    pending = there + 1
    held = np.asarray(x)
    with fa.profile() as p:
        fa.load_image(SMALL)
    assert p.loads == 1 and p.launches == 1, p
    with fa.profile() as p:
        assert np.array_equal(np.asarray(there), plain * 2)
        assert np.array_equal(np.asarray(pending), plain * 2 + 1)
        assert p.bytes_from_device == 0
        found = np.asarray(np.sqrt(there + pending))
        assert np.array_equal(found, np.sqrt(plain * 2 + (plain * 2 + 1)))
        assert p.launches == 1 and p.fallbacks == 0, p
    with fa.profile() as p:
        np.asarray(np.sin(x)); np.asarray(x.astype("f8") * 2.0)
    assert p.loads == 0 and any("no kernel for sin" in r for r in p.reasons), p.reasons
    fa.load_image(BUILTIN)
    with fa.profile() as p:
        assert np.allclose(np.asarray(np.sin(x)), np.sin(plain), atol=1e-6)
    assert p.fallbacks == 0 and p.launches == 1 and p.loads == 0
    assert np.array_equal(held, plain)
""",
    "a swap that fails loses nothing": """
import numpy as np, fpgarray as fa, pathlib
plain = np.arange(9000, dtype="f4")
with fa.policy(dispatch="device"):
    there = fa.asarray(plain) * 2
    fa.synchronize()
    for bad, kind in ((b"no xclbin", fa.XclbinError), (None, FileNotFoundError)):
        path = pathlib.Path("bad.xclbin")
        path.unlink(missing_ok=True)
        if bad is not None:
            path.write_bytes(bad)
        try: fa.load_image(path)
        except kind: pass
        else: raise AssertionError
    data = pathlib.Path(SMALL).read_bytes()
    from fpgarray import xclbin
    import dataclasses
    image = xclbin.parse(data)
    broken = [dataclasses.replace(s, data=bytes(64)) if s.kind == xclbin.SectionKind.BITSTREAM else s
              for s in image.sections]
    xclbin.write(dataclasses.replace(image, sections=tuple(broken)), "broken.xclbin")
    try: fa.load_image("broken.xclbin")
    except fa.ImageError as e: assert "elf" in str(e).lower(), e
    else: raise AssertionError
    assert np.array_equal(np.asarray(there), plain * 2)
    with fa.profile() as p:
        assert np.array_equal(np.asarray(there + 1), plain * 2 + 1)
    assert p.launches == 1 and p.fallbacks == 0, p
    with there.host() as h:
        try: fa.load_image(SMALL)
        except fa.CoherenceError: pass
        else: raise AssertionError
        h[0] = 5
    assert float(there[0]) == 5
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_residency(name: str, overlays, tmp_path: Path) -> None:
    names = f"SMALL = {str(overlays['small'])!r}\nBUILTIN = {str(overlays['builtin'])!r}\n"
    environment = dict(os.environ, FPGARRAY_OVERLAY=str(overlays["builtin"]))
    done = subprocess.run(
        [sys.executable, "-c", names + SCRIPTS[name]],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
