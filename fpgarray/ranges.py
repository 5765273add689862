"""Sorted lists of disjoint half-open byte ranges. Pure; every function returns a new list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def intersects(left: Sequence[Range], right: Sequence[Range]) -> bool:
    """Whether the two share a byte."""
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i][1] <= right[j][0]:
            i += 1
        elif right[j][1] <= left[i][0]:
            j += 1
        else:
            return True
    return False


def union(left: Iterable[Range], right: Iterable[Range]) -> list[Range]:
    """Every byte of either."""
    joined: list[Range] = []
    for start, stop in sorted((*left, *right)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        elif start < stop:
            joined.append((start, stop))
    return joined


def subtract(left: Sequence[Range], right: Sequence[Range]) -> list[Range]:
    """The bytes of `left` that are not in `right`."""
    rest: list[Range] = []
    j = 0
    for start, stop in left:
        while j < len(right) and right[j][1] <= start:
            j += 1
        k = j
        while k < len(right) and right[k][0] < stop:
            if start < right[k][0]:
                rest.append((start, right[k][0]))
            start = max(start, right[k][1])
            k += 1
        if start < stop:
            rest.append((start, stop))
    return rest


def nbytes(ranges: Iterable[Range]) -> int:
    """How many bytes."""
    return sum(stop - start for start, stop in ranges)
