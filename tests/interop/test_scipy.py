"""SciPy takes FPGAArrays where it supports the array API: see `scipy_stories.py`."""

import pytest

pytest.importorskip("scipy", reason="pip install fpgarray[test]")


def test_scipy(fresh_pytest) -> None:
    fresh_pytest("scipy_stories.py")
