"""FPGAArray: the object users hold, assembled from one file per family of methods.

The parts know arrays as `ArrayBase` and each other by their methods only.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any, NoReturn

from fpgarray import base
from fpgarray.array.attributes import Attributes
from fpgarray.array.calculation import Calculation
from fpgarray.array.coherence import Coherence
from fpgarray.array.doors import Doors
from fpgarray.array.indexing import Indexing
from fpgarray.array.operators import Operators
from fpgarray.array.raw import Raw
from fpgarray.array.shaping import Shaping
from fpgarray.array.standard import Standard
from fpgarray.array.values import Values


class FPGAArray(
    Operators,
    Indexing,
    Attributes,
    Shaping,
    Calculation,
    Values,
    Raw,
    Doors,
    Coherence,
    Standard,
):
    """An n-dimensional array whose memory lives on host and device, coherent by itself.

    Make one with `fpgarray.asarray`, `zeros`, …; it behaves as `numpy.ndarray` does: same dtypes,
    shapes, views and errors. Operations are recorded and run when a value is needed. It is no
    ndarray subclass, so C code sees its values only through the interchange doors, which give
    read-only snapshots.
    """

    __slots__ = ()
    __array_priority__ = 100.0

    __class_getitem__ = classmethod(GenericAlias)

    def __new__(cls, *args: Any, **kwargs: Any) -> NoReturn:
        """Not called by users."""
        raise TypeError("make arrays with fpgarray.asarray, array, zeros, ones, empty or full")


base.result_type = FPGAArray
