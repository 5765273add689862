"""Arrays as text, under NumPy's names for it."""

from __future__ import annotations

import numpy as np

from fpgarray import printing
from fpgarray.dispatch import FUNCTIONS

FUNCTIONS[np.array2string] = printing.array2string
FUNCTIONS[np.array_repr] = printing.array_repr
FUNCTIONS[np.array_str] = printing.array_str
