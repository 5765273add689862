"""NumPy functions on our arrays; importing the package registers them with `dispatch`."""

from fpgarray.functions import (
    creation,
    images,
    joining,
    manipulation,
    products,
    reductions,
    residency,
    rounding,
    scans,
    searching,
    synchronization,
    text,
)

__all__ = [
    "creation",
    "images",
    "joining",
    "manipulation",
    "products",
    "reductions",
    "residency",
    "rounding",
    "scans",
    "searching",
    "synchronization",
    "text",
]
