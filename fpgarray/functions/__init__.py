"""NumPy functions on our arrays; importing the package registers them with `dispatch`."""

from fpgarray.functions import (
    creation,
    manipulation,
    products,
    reductions,
    residency,
    scans,
    synchronization,
)

__all__ = [
    "creation",
    "manipulation",
    "products",
    "reductions",
    "residency",
    "scans",
    "synchronization",
]
