"""What `FPGAArray.flat` gives: the elements in C order, to be walked, read and assigned."""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray.fallback import fallback
from fpgarray.written import changes_first


class Flat:
    """As `numpy.flatiter`, over an FPGAArray: iteration gives scalars, indexing gives copies."""

    __slots__ = ("_at", "base")

    def __init__(self, base: Any) -> None:
        self.base = base
        self._at = 0

    @property
    def index(self) -> int:
        """Position of the element that comes next."""
        return self._at

    @property
    def coords(self) -> tuple[int, ...]:
        """The same as an index tuple."""
        if self._at < self.base.size:
            return tuple(int(each) for each in np.unravel_index(self._at, self.base.shape))
        extents = self.base.shape
        return (extents[0], *(0 for _ in extents[1:])) if extents else ()

    def __iter__(self) -> Flat:
        return self

    def __next__(self) -> Any:
        if self._at >= self.base.size:
            raise StopIteration
        element = self.base[self.coords]
        self._at += 1
        return element

    def __len__(self) -> int:
        return self.base.size

    def __getitem__(self, key: Any) -> Any:
        return fallback("flat", "no kernel for flat indexing", _get, (self.base, key), {})

    def __setitem__(self, key: Any, value: Any) -> None:
        fallback("flat", "no kernel for flat indexing", set_flat, (self.base, key, value), {})

    def copy(self) -> Any:
        """The elements in one axis, a copy."""
        return self.base.flatten()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.copy(), dtype)

    def __eq__(self, other: object) -> Any:
        return self.copy() == other

    def __ne__(self, other: object) -> Any:
        return self.copy() != other

    def __lt__(self, other: Any) -> Any:
        return self.copy() < other

    def __le__(self, other: Any) -> Any:
        return self.copy() <= other

    def __gt__(self, other: Any) -> Any:
        return self.copy() > other

    def __ge__(self, other: Any) -> Any:
        return self.copy() >= other

    __hash__ = None  # type: ignore[assignment]


def _get(array: np.ndarray, key: Any) -> Any:
    return array.flat[key]


@changes_first
def set_flat(array: np.ndarray, key: Any, value: Any) -> None:
    """Assign elements in C order; a shorter `value` repeats."""
    array.flat[key] = value
