"""The series classes of numpy.polynomial with FPGAArrays. Imported when they are first used.

Their coefficients stay what they are in NumPy, a few numbers in an ndarray on the host; what they
are evaluated to is FPGAArrays. (The functions beside them are wrapped like any other.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy import polynomial

from fpgarray.fallback import fallback
from fpgarray.namespace.wrapping import adopted, finished, mentions

EVALUATING = ("__call__", "linspace", "roots")
"""Methods that give arrays."""


def _evaluating(theirs: Callable[..., Any], name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if mentions(args) or mentions(kwargs):
            call = "polynomial" if name == "__call__" else name
            return fallback(call, f"no kernel for {call}", theirs, (self, *args), kwargs)
        return adopted(theirs(self, *args, **kwargs))

    return finished(method, theirs, "fpgarray.polynomial", name, "As NumPy's, giving FPGAArrays.")


def _series(kind: type) -> type:
    members = {name: _evaluating(getattr(kind, name), name) for name in EVALUATING}
    doc = f"`numpy.polynomial.{kind.__name__}`, giving FPGAArrays.\n\n{kind.__doc__}"
    made = type(kind)(kind.__name__, (kind,), {**members, "__doc__": doc})
    made.__module__ = "fpgarray.polynomial"
    return made


CLASSES = {
    "chebyshev": ("Chebyshev", _series(polynomial.Chebyshev)),
    "hermite": ("Hermite", _series(polynomial.Hermite)),
    "hermite_e": ("HermiteE", _series(polynomial.HermiteE)),
    "laguerre": ("Laguerre", _series(polynomial.Laguerre)),
    "legendre": ("Legendre", _series(polynomial.Legendre)),
    "polynomial": ("Polynomial", _series(polynomial.Polynomial)),
}
"""Module in numpy.polynomial → its class."""

OURS: dict[str, Any] = dict(CLASSES.values())
"""Name in numpy.polynomial and its modules → ours."""
