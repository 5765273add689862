"""scikit-learn takes FPGAArrays under `array_api_dispatch`: see `sklearn_stories.py`."""

import pytest

pytest.importorskip("sklearn", reason="pip install fpgarray[test]")


def test_sklearn(fresh_pytest) -> None:
    fresh_pytest("sklearn_stories.py")
