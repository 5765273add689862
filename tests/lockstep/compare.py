"""When two results count as equal. The arithmetic contract, in code.

*Bits* for + − × ÷ sqrt, comparisons, casts, selection and data movement: every NaN is the same
NaN (NumPy's payload and sign depend on the CPU's instruction), zeros must agree in sign.
*Extrema*: the sign of a zero is open when a negative zero takes part; NumPy's own answer depends on
the vector width and on the position (SSE's minps returns its second operand, the scalar tail its
first). Everything derived from such a zero is settled by re-seeding the twin with our bits.
*Functions*: ULPs of the true value, taken from a wider type. What NumPy computed (a fallback or a
host choice) gets NumPy's own stated error.
*Means, products, scans, products of matrices* ("near"): such bounds, of what errors scale with there.
*Sums*: the bound of pairwise summation with blocks of 8 at the leaves; for NumPy, whose sums along
an outer axis are sequential, the bound of sequential summation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

DEVICE_ULP = {4: 2.0, 8: 2.5}
HOST_ULP = 4.0
"""NumPy's stated maximum for its vector functions."""

_EXACT_WIDE = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps


class Mismatch(AssertionError):
    """The two sides differ."""


def check_bits(expected: Any, actual: Any, what: str) -> None:
    """Same values, any NaN for any NaN."""
    expected, actual = np.asarray(expected), np.asarray(actual)
    if expected.shape != actual.shape or expected.dtype != actual.dtype:
        raise Mismatch(f"{what}: {expected.dtype}{expected.shape} is {actual.dtype}{actual.shape}")
    if expected.tobytes() == actual.tobytes():
        return
    if expected.dtype.kind == "c":
        check_bits(expected.real, actual.real, f"the real part of {what}")
        check_bits(expected.imag, actual.imag, f"the imaginary part of {what}")
        return
    same = expected == actual
    if expected.dtype.kind == "f":
        same &= np.signbit(expected) == np.signbit(actual)
        same |= np.isnan(expected) & np.isnan(actual)
    _demand(same, expected, actual, what)


def check_extremum(expected: Any, actual: Any, what: str) -> None:
    """Equal as numbers."""
    expected, actual = np.asarray(expected), np.asarray(actual)
    same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
    _demand(same, expected, actual, what)


def check_function(
    name: str, operands: list[np.ndarray], actual: Any, on_host: bool, flush: bool, what: str
) -> None:
    """Within the ULP bound of the true value; 0 for a subnormal one if the engine may flush."""
    actual = np.asarray(actual)
    dtype = operands[0].dtype
    wide = np.float64 if dtype.itemsize == 4 else np.longdouble
    true = getattr(np, name)(*(each.astype(wide) for each in operands))
    bound = HOST_ULP if on_host else DEVICE_ULP[dtype.itemsize]
    if dtype.itemsize == 8 and not _EXACT_WIDE:
        bound += HOST_ULP
    with np.errstate(all="ignore"):
        rounded = true.astype(dtype)
        got = actual.astype(dtype)
        unit = _ulp(rounded)
        if name.startswith("logaddexp"):  # where its two terms cancel, units are theirs
            larger = np.maximum(*operands)
            unit = _ulp(np.nan_to_num(np.abs(larger) + np.abs(rounded - larger)))
        error = np.abs(got.astype(wide) - true) / unit.astype(wide)
    same = (error <= bound) | (rounded == got) | (np.isnan(rounded) & np.isnan(got))
    if flush:
        same |= (np.abs(true) < np.finfo(dtype).tiny * 1.001) & (got == 0)
    # At the edge of overflow the largest finite number and infinity are neighbours.
    edge = np.finfo(dtype).max * (1 - 8 * np.finfo(dtype).eps)
    same |= (
        (np.abs(rounded) >= edge) & (np.abs(got) >= edge) & (np.signbit(rounded) == np.signbit(got))
    )
    _demand(same, rounded, got, what)


def check_sum(
    operand: np.ndarray, axis: Any, actual: Any, on_host: bool, flush: bool, what: str
) -> None:
    """Within the error bound of pairwise summation."""
    actual = np.asarray(actual)
    dtype = operand.dtype
    wide = operand.astype(np.float64 if dtype.itemsize == 4 else np.longdouble)
    keepdims = actual.ndim == operand.ndim
    true = np.sum(wide, axis=axis, keepdims=keepdims)
    magnitude = np.sum(np.abs(wide), axis=axis, keepdims=keepdims)
    count = max(operand.size // max(true.size, 1), 1)
    steps = count if on_host else np.log2(count) + 8
    got = actual.astype(wide.dtype)
    floor = count * np.finfo(dtype).tiny if flush else 0.0
    with np.errstate(all="ignore"):
        near = np.abs(got - true) <= steps * np.finfo(dtype).eps / 2 * magnitude + floor
    same = near | (got == true) | (np.isnan(got) & np.isnan(true))
    # Partial sums may overflow in one order and not in another; nobody promises which.
    same |= magnitude >= np.finfo(dtype).max / 2
    same &= np.isnan(got) | ~np.isnan(true)
    _demand(same, true.astype(dtype), actual, what)


def wide(array: Any) -> np.ndarray:
    """The operand in a type that holds the results of its operations better."""
    array = np.asarray(array)
    return array.astype(np.float64 if array.dtype == np.float32 else np.longdouble)


def check_near(
    bounds: tuple[Any, Any, Any], count: int, actual: Any, on_host: bool, flush: bool, what: str
) -> None:
    """Within the error bound of `count` terms folded pairwise: a multiple of eps and of `scale`."""
    actual = np.asarray(actual)
    true, scale, opens = (np.asarray(each) for each in bounds)
    finfo = np.finfo(actual.dtype)
    steps = (count if on_host else np.log2(max(count, 1)) + 8) + 4
    got = actual.astype(np.longdouble)
    floor = steps * finfo.smallest_subnormal + (count * finfo.tiny if flush else 0.0)
    with np.errstate(all="ignore"):
        same = np.abs(got - true) <= steps * finfo.eps / 2 * scale + floor
        same |= (got == true) | (np.isnan(got) & np.isnan(true)) | opens
        same |= ~(scale < finfo.max / 4) & ~(np.isnan(true) & ~np.isnan(got))
    _demand(same, np.broadcast_to(true.astype(actual.dtype), same.shape), actual, what)


def _ulp(value: np.ndarray) -> np.ndarray:
    """The spacing at `value`, no less than that of the smallest normal number."""
    tiny = np.finfo(value.dtype).tiny
    return np.spacing(np.maximum(np.abs(value), tiny))


def _demand(same: np.ndarray, expected: np.ndarray, actual: np.ndarray, what: str) -> None:
    if np.all(same):
        return
    where = tuple(int(i) for i in np.argwhere(~same)[0]) if same.ndim else ()
    raise Mismatch(
        f"{what}: {np.count_nonzero(~same)} of {same.size} elements differ, first at {where}: "
        f"NumPy {expected[where]!r}, fpgarray {actual[where]!r}"
    )
