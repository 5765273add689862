"""Conformance suites, test kernels and assertion helpers (the suites need pytest).

`numpy.testing`'s names are here too, so that `np.testing.assert_allclose` of a script that says
`import fpgarray as np` is NumPy's; it reads FPGAArrays by their snapshots.
"""

from typing import Any

from numpy import testing as _theirs

__all__ = list(_theirs.__all__)


def __getattr__(name: str) -> Any:
    return getattr(_theirs, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_theirs)})
