"""Arrays as text: NumPy's own text, with the device named; of a large array only its edges move.

Whatever decides how a value looks is asked of NumPy's printer and its options. A summarised array
is printed by a small one that has the same edges, since NumPy's printer looks at nothing else.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from fpgarray import host_access
from fpgarray.base import ArrayBase
from fpgarray.layout import of_view, stand_in


def array2string(
    a: ArrayBase,
    max_line_width: int | None = None,
    precision: int | None = None,
    suppress_small: bool | None = None,
    separator: str = " ",
    prefix: str = "",
    *,
    threshold: int | None = None,
    edgeitems: int | None = None,
    **options: Any,
) -> str:
    """As `numpy.array2string`."""
    current = np.get_printoptions()
    limit = current["threshold"] if threshold is None else threshold
    kept = current["edgeitems"] if edgeitems is None else edgeitems
    short = a._layout.size > limit
    values = _edges(a, kept) if short else host_access.snapshot(a._storage, a._layout)
    return np.array2string(
        values,
        max_line_width,
        precision,
        suppress_small,
        separator,
        prefix,
        threshold=0 if short else limit,
        edgeitems=kept,
        **options,
    )


def _edges(a: ArrayBase, kept: int) -> np.ndarray:
    """The array with every long axis cut to `kept` elements at either end and one between.

    What stands between is never looked at: the printer writes dots there.
    """
    view = a._layout
    long = [extent > 2 * kept for extent in view.shape]
    if view.dtype.hasobject or kept < 1 or not any(long):
        return host_access.snapshot(a._storage, view)  # on the host anyway, or looked at whole
    shape = [2 * kept + 1 if cut else extent for extent, cut in zip(view.shape, long, strict=True)]
    result = np.zeros(shape, view.dtype)
    ends = (slice(None, kept), slice(-kept, None))
    for corner in itertools.product(*(ends if cut else (slice(None),) for cut in long)):
        part = of_view(view, stand_in(view)[corner])
        result[corner] = host_access.snapshot(a._storage, part)
    return result


def array_str(
    a: ArrayBase,
    max_line_width: int | None = None,
    precision: int | None = None,
    suppress_small: bool | None = None,
) -> str:
    """As `numpy.array_str`."""
    if not a._layout.shape:
        plain = host_access.snapshot(a._storage, a._layout)
        return np.array_str(plain, max_line_width, precision, suppress_small)
    return array2string(a, max_line_width, precision, suppress_small, " ", "")


def array_repr(
    arr: ArrayBase,
    max_line_width: int | None = None,
    precision: int | None = None,
    suppress_small: bool | None = None,
) -> str:
    """As `numpy.array_repr`, with `device=` beside shape and dtype where NumPy names those."""
    options = np.get_printoptions()
    override = options.get("override_repr")
    if override is not None:
        return override(arr)
    device = f"device={arr._storage.device.name!r}"
    if arr._fixed:
        return _scalar_repr(host_access.snapshot(arr._storage, arr._layout)[()], device)
    width = options["linewidth"] if max_line_width is None else max_line_width
    prefix = "array("
    body = array2string(arr, max_line_width, precision, suppress_small, ", ", prefix, suffix=")")
    text = f"{prefix}{body},"
    extras = ", ".join([*_extras(arr, options["threshold"]), device]) + ")"
    last = len(text) - (text.rfind("\n") + 1)
    spacer = "\n" + " " * len(prefix) if last + len(extras) + 1 > width else " "
    return text + spacer + extras


def _extras(arr: ArrayBase, threshold: int) -> list[str]:
    """Shape and dtype, where NumPy names them because the elements do not tell."""
    view = arr._layout
    extras: list[str] = []
    summarised = view.size > threshold and _shows_shape_of_summaries()
    if summarised or (view.size == 0 and view.shape != (0,)):
        extras.append(f"shape={view.shape}")
    if view.size == 0 or "dtype=" in np.array_repr(np.zeros(1, view.dtype)):
        # Of an array of no elements NumPy always names the dtype.
        named = np.array_repr(np.empty(0, view.dtype), 1_000_000)
        extras.append("dtype=" + named.partition("dtype=")[2][:-1])
    return extras


def _shows_shape_of_summaries() -> bool:
    """Whether this NumPy (since 2.2, unless in a legacy mode) does so."""
    with np.printoptions(threshold=0):
        return "shape=" in np.array_repr(np.zeros(2))


def _scalar_repr(value: Any, device: str) -> str:
    """A NumPy scalar's text with the device: `np.float64(1.5, device='emulator:0')`."""
    text = repr(value)
    if isinstance(value, np.bool_) and text.startswith("np."):
        return f"np.bool({bool(value)}, {device})"
    return f"{text[:-1]}, {device})" if text.endswith(")") and text.startswith("np.") else text
