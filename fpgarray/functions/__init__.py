"""NumPy functions on our arrays; importing the package registers them with `dispatch`."""

from fpgarray.functions import (
    creation,
    images,
    indexing,
    joining,
    manipulation,
    products,
    rearranging,
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
    "indexing",
    "joining",
    "manipulation",
    "products",
    "rearranging",
    "reductions",
    "residency",
    "rounding",
    "scans",
    "searching",
    "synchronization",
    "text",
]
