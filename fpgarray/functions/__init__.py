"""NumPy functions on our arrays; importing the package registers them with `dispatch`."""

from fpgarray.functions import (
    creation,
    joining,
    manipulation,
    products,
    reductions,
    residency,
    rounding,
    scans,
    synchronization,
    text,
)

__all__ = [
    "creation",
    "joining",
    "manipulation",
    "products",
    "reductions",
    "residency",
    "rounding",
    "scans",
    "synchronization",
    "text",
]
