"""The arrays that the example calls are made with: small ones, for what counts is the answer."""

from __future__ import annotations

import numpy as np

_random = np.random.default_rng(7)

V = np.array([3.0, -1.5, 2.0, 0.25, 7.5], "f4")
W = np.array([1.0, 2.0, -4.0, 0.5, 1.5], "f4")
X = np.linspace(0.1, 0.9, 5)
A = np.arange(12, dtype="f8").reshape(3, 4) - 4.5
Z = A[::2, ::-1].T  # neither order
K = np.round(_random.normal(size=(2, 3, 4)), 3)
N = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [4.0, -2.0, np.inf]])
S = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 5.0]])  # positive definite
E = np.zeros((0, 3))
I = np.array([3, 1, 2, 1, 0])  # noqa: E741
J = np.array([[1, -2, 3], [4, 5, -6]], "i4")
U = np.array([[1, 200, 3], [254, 5, 6]], "u1")
H = np.array([1.5, -2.25, 4.0, 0.5, 100.0], "f2")
B = np.array([[True, False, True, True], [False, False, True, False], [True, True, True, True]])
M = np.array([True, False, True, False, True])
C = np.array([[1 + 2j, -3j], [0.5, 2 - 1j]])
P = np.array(0.75)
D = np.array(["2024-01-31", "2024-02-29", "2023-12-25", "NaT", "2024-07-04"], "M8[D]")
DD = np.array([1, 30, -400, 7, 0], "m8[D]")
T = np.array(["pear", "Apple", "fig ", "10", ""])
O = np.array([1, 2.5, "three", None, (4,)], dtype=object)  # noqa: E741
R = np.array(
    [(1, 2.5, b"x"), (2, -1.0, b"yy"), (1, 0.0, b"")], [("a", "i4"), ("b", "f8"), ("c", "S2")]
)
Q = np.array([(1, 10.0), (3, 30.0)], [("a", "i4"), ("d", "f8")])
