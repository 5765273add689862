"""Linear algebra: the functions of the main namespace and the `linalg` extension.

Matrices are the last two axes; axes before them are stacks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.array_api.operands import arrays, beyond, compat, own, taken_over

# Also in the main namespace


def matmul(x1: FPGAArray, x2: FPGAArray, /) -> FPGAArray:
    """The matrix product, as `x1 @ x2`."""
    device = own("matmul", x1, x2).device
    return arrays(np.matmul(x1, x2), device)


def matrix_transpose(x: FPGAArray, /) -> FPGAArray:
    """A view with the last two axes exchanged. ValueError: fewer than two."""
    return own("matrix_transpose", x).mT


def tensordot(x1: FPGAArray, x2: FPGAArray, /, *, axes: Any = 2) -> FPGAArray:
    """Sums of products over `axes`: a count (last of `x1`, first of `x2`) or two sequences."""
    device = own("tensordot", x1, x2).device
    return arrays(np.tensordot(x1, x2, axes=axes), device)


def vecdot(x1: FPGAArray, x2: FPGAArray, /, *, axis: int = -1) -> FPGAArray:
    """The dot products of vectors along `axis`, the first conjugated if complex."""
    device = own("vecdot", x1, x2).device
    return arrays(np.vecdot(x1, x2, axis=axis), device)


# The extension


def cholesky(x: FPGAArray, /, *, upper: bool = False) -> FPGAArray:
    """The triangular L of `x = L Lᴴ`, or U of `x = Uᴴ U`. LinAlgError: not positive definite."""
    return arrays(compat().linalg.cholesky(own("cholesky", x), upper=upper), x.device)


def cross(x1: FPGAArray, x2: FPGAArray, /, *, axis: int = -1) -> FPGAArray:
    """The cross products of vectors of three elements along `axis`."""
    device = own("cross", x1, x2).device
    return arrays(np.linalg.cross(x1, x2, axis=axis), device)


def det(x: FPGAArray, /) -> FPGAArray:
    """The determinants."""
    return arrays(np.linalg.det(own("det", x)), x.device)


def diagonal(x: FPGAArray, /, *, offset: int = 0) -> FPGAArray:
    """The diagonals `offset` above the main one: a view."""
    return compat().linalg.diagonal(own("diagonal", x), offset=offset)


def eig(x: FPGAArray, /) -> Any:
    """`(eigenvalues, eigenvectors)` of square matrices; both always complex."""
    return taken_over(compat().linalg.eig, x)


def eigh(x: FPGAArray, /) -> Any:
    """`(eigenvalues, eigenvectors)` of Hermitian matrices, ascending."""
    return arrays(np.linalg.eigh(own("eigh", x)), x.device)


def eigvals(x: FPGAArray, /) -> FPGAArray:
    """The eigenvalues of square matrices; always complex."""
    return taken_over(compat().linalg.eigvals, x)


def eigvalsh(x: FPGAArray, /) -> FPGAArray:
    """The eigenvalues of Hermitian matrices, ascending."""
    return arrays(np.linalg.eigvalsh(own("eigvalsh", x)), x.device)


def inv(x: FPGAArray, /) -> FPGAArray:
    """The inverses. LinAlgError: a matrix is singular."""
    return arrays(np.linalg.inv(own("inv", x)), x.device)


def matrix_norm(x: FPGAArray, /, *, keepdims: bool = False, ord: Any = "fro") -> FPGAArray:
    """Matrix norms: "fro", "nuc", 1, -1, 2, -2, inf or -inf."""
    return arrays(
        np.linalg.matrix_norm(own("matrix_norm", x), keepdims=keepdims, ord=ord), x.device
    )


def matrix_power(x: FPGAArray, n: int, /) -> FPGAArray:
    """Square matrices multiplied `n` times (their inverses, for negative `n`)."""
    return arrays(np.linalg.matrix_power(own("matrix_power", x), n), x.device)


def matrix_rank(x: FPGAArray, /, *, rtol: Any = None) -> FPGAArray:
    """How many singular values exceed `rtol` (max(M, N) · eps by default) of the largest one."""
    if own("matrix_rank", x).ndim < 2:
        raise np.linalg.LinAlgError(f"matrix_rank: {x.ndim} axes are no matrix; two or more are")
    return arrays(np.linalg.matrix_rank(x, rtol=rtol), x.device)


def outer(x1: FPGAArray, x2: FPGAArray, /) -> FPGAArray:
    """The products of each element of one vector with each of another."""
    device = own("outer", x1, x2).device
    return arrays(np.linalg.outer(x1, x2), device)


def pinv(x: FPGAArray, /, *, rtol: Any = None) -> FPGAArray:
    """The pseudo-inverses; singular values below `rtol` of the largest count as zero."""
    return arrays(compat().linalg.pinv(own("pinv", x), rtol=rtol), x.device)


def qr(x: FPGAArray, /, *, mode: str = "reduced") -> Any:
    """`(Q, R)`: orthonormal columns and an upper triangle; mode "reduced" or "complete"."""
    return arrays(compat().linalg.qr(own("qr", x), mode=mode), x.device)


def slogdet(x: FPGAArray, /) -> Any:
    """`(sign, logabsdet)` of the determinants."""
    return arrays(np.linalg.slogdet(own("slogdet", x)), x.device)


def solve(x1: FPGAArray, x2: FPGAArray, /) -> FPGAArray:
    """The solutions of `x1 @ x = x2`; `x2` is a vector only if it has one axis."""
    return taken_over(compat().linalg.solve, x1, x2)


def svd(x: FPGAArray, /, *, full_matrices: bool = True) -> Any:
    """`(U, S, Vh)` with `x = U · diag(S) · Vh`, singular values descending."""
    return arrays(compat().linalg.svd(own("svd", x), full_matrices=full_matrices), x.device)


def svdvals(x: FPGAArray, /) -> FPGAArray:
    """The singular values, descending."""
    return arrays(compat().linalg.svdvals(own("svdvals", x)), x.device)


def trace(x: FPGAArray, /, *, offset: int = 0, dtype: Any = None) -> FPGAArray:
    """The sums of the diagonals; dtype as for `sum`."""
    return arrays(np.linalg.trace(own("trace", x), offset=offset, dtype=dtype), x.device)


def vector_norm(
    x: FPGAArray, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2
) -> FPGAArray:
    """Vector norms over `axis` (all axes by default); any real `ord`, inf and -inf."""
    result = np.linalg.vector_norm(own("vector_norm", x), axis=axis, keepdims=keepdims, ord=ord)
    return arrays(result, x.device)


__getattr__ = beyond(np.linalg)

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]
