"""Example calls: reductions, sorting, sets, statistics, polynomials, linear algebra, records."""
# ruff: noqa: E501  (a row is a function)

from __future__ import annotations

import numpy as np
from arrays import A, B, C, D, E, H, I, J, K, M, N, O, P, Q, R, S, T, U, V, W, X, Z
from example import Example, call, fresh, story, unseen

_RECORDS = "lib.recfunctions."


def _reduction(*more: Example) -> list[Example]:
    """What every reduction with axis, out and keepdims is asked."""
    return [
        call(A), call(A, axis=1), call(Z, 0), call(K, axis=(0, 2)), call(A, axis=5), call(A, keepdims=True),
        call(A, axis=0, out=np.zeros(4)), call(A, axis=0, out=np.zeros(3)), call(E, axis=0), call(E),
        call(P), call(J), call(N, axis=1), call(A, None, out=np.zeros(())), unseen([V, W]), *more,
    ]  # fmt: skip


def _sorted(values: object) -> list[str]:
    """Values whose order is open."""
    return sorted(str(each) for each in np.asarray(values).tolist())


def _where(**kwargs: object) -> list[Example]:
    return [
        call(A, where=B, **kwargs),
        call(A, axis=1, where=B, keepdims=True, **kwargs),
        call(A, where=M, **kwargs),
    ]


def _same_shape(*more: Example) -> list[Example]:
    """What a scan is asked."""
    return [call(A), call(A, 1), call(Z, axis=0), call(V, out=np.zeros(5)), call(V, out=np.zeros(4)),
            call(A, axis=3), call(J), call(P), call(E, 0), *more]  # fmt: skip


EXAMPLES: dict[str, list[Example]] = {
    "sum": _reduction(*_where(), call(J, dtype="f4"), call(A, initial=3), call(M), call(A, axis=(0, 0)), call(A, dtype="x")),
    "prod": _reduction(*_where(), call(J, dtype="f4"), call(A, initial=3), call(M)),
    "min": _reduction(call(A, where=B), call(A, where=B, initial=9), call(A, initial=-9.0), call(T)),
    "max": _reduction(call(A, where=B, initial=-9), call(A, initial=9.0), call(D)),
    "amin": _reduction(call(A, initial=-9)),
    "amax": _reduction(call(A, initial=9)),
    "ptp": _reduction(),
    "all": _reduction(*_where(), call(O)),
    "any": _reduction(*_where(), call(B, axis=0)),
    "mean": _reduction(*_where(), call(J, dtype="f4"), call(H), call(C)),
    "std": _reduction(*_where(), call(A, ddof=1), call(A, 1, correction=1), call(A, ddof=1, correction=1), call(C), call(A, mean=np.zeros((1, 1)))),
    "var": _reduction(*_where(), call(A, ddof=1), call(V, ddof=9), call(C, axis=0), call(A, 0, mean=A.mean(0, keepdims=True))),
    "median": _reduction(call(A, overwrite_input=True), call(V)),
    "average": [call(A), call(A, 1), call(V, weights=X), call(A, axis=1, weights=V[:4], returned=True), call(V, weights=[1, 2]),
                call(V, weights=V - V), call(A, keepdims=True), call(E)],
    "count_nonzero": [call(A), call(B, axis=1), call(B, 0, keepdims=True), call(T), call(A, 9)],
    "argmax": [call(A), call(A, 1), call(E), call(V, out=np.zeros((), "i8")), call(A, axis=0, keepdims=True), call(N), call(A, 7), call(A, 0, out=np.zeros(4))],
    "argmin": [call(A), call(A, 1), call(E), call(A, axis=0, out=np.zeros(4, "i8")), call(N, 1), call(A, "x")],
    "nanmin": _reduction(call(N), *_where(initial=9)),
    "nanmax": _reduction(call(N), *_where(initial=-9)),
    "nansum": _reduction(call(N), *_where()),
    "nanprod": _reduction(call(N), *_where()),
    "nanmean": _reduction(call(N), *_where()),
    "nanvar": _reduction(call(N, ddof=1), *_where()),
    "nanstd": _reduction(call(N, ddof=1), *_where()),
    "nanmedian": _reduction(call(N)),
    "nanargmax": [call(N[::2]), call(N, 1), call(A, 0, out=np.zeros(4, "i8")), call(E)],
    "nanargmin": [call(N[::2]), call(N, 1), call(A, 0, keepdims=True), call(E)],
    "percentile": [call(A, 30), call(A, [10, 50], axis=1), call(A, 101), call(A, 50, method="nearest"), call(V, X * 100), call(A, 50, 0, np.zeros(4)),
                   call(V, 50, weights=W * W, method="inverted_cdf"), call(E, 50), call(V, 50, method="no"), call(A, P * 100, keepdims=True)],
    "quantile": [call(A, 0.3), call(A, X, axis=1), call(A, 1.5), call(V, 0.5, method="lower"), call(A, 0.5, 0, np.zeros(4)), call(C, 0.5)],
    "nanpercentile": [call(N, 30), call(N, [10, 50], axis=1), call(N, 101), call(A, 50, 0, np.zeros(4))],
    "nanquantile": [call(N, 0.3), call(N, X, axis=1), call(N, -1), call(A, 0.5, 0, np.zeros(4), keepdims=True)],
    # Scans and differences
    "cumsum": _same_shape(call(M), call(J, dtype="f4")),
    "cumprod": _same_shape(call(J, dtype="f4")),
    "nancumsum": _same_shape(call(N, 1)),
    "nancumprod": _same_shape(call(N)),
    "cumulative_sum": [call(V), call(A, axis=1), call(A), call(V, include_initial=True), call(V, dtype="f8"), call(V, out=np.zeros(5))],
    "cumulative_prod": [call(V), call(A, axis=1), call(A), call(V, include_initial=True), call(P)],
    "diff": [call(V), call(A, 2, axis=0), call(V, prepend=1, append=V), call(V, -1), call(P), call(B), call(D), call(U)],
    "gradient": [call(V), call(A), call(A, 2.0, axis=1), call(V, X), call(V, edge_order=2), call(V, W[:3]), call(P), call(V, edge_order=3)],
    "trapezoid": [call(V), call(V, X), call(A, dx=0.5, axis=0), call(A, V[:4]), call(V, A), call(P)],
    "interp": [call(V, X, W), call(2.5, V, W), call(P, X, W, left=-1, right=9), call(V, X, W[:3]), call(V, X, X + 1j, period=2), call(V, X, W, period=0)],
    "unwrap": [call(V * 3), call(A, axis=0), call(J, period=3), call(V, discont=5)],
    "convolve": [call(V, W), call(V, W[:2], "same"), call(V, W, mode="valid"), call(V, E[:, 0]), call(A, V), call(V, 2), call(V, W, "no")],
    "correlate": [call(V, W), call(V, W[:2], "full"), call(C[0], C[1]), call(V, []), call(A, V)],
    # Elementwise by array function
    "round": [call(A), call(V, 1), call(J, -1), call(A, out=np.zeros((3, 4))), call(T), call(P, 1), call(C)],
    "around": [call(A, 1), call(J), call(V, out=np.zeros(3))],
    "fix": [call(A), call(V, np.zeros(5, "f4")), call(J), call(C)],
    "clip": [call(A, -1, 2), call(V, W, None), call(V, None, 2), call(V, 0, 1, out=np.zeros(5, "f4")), call(J, 0, 300), call(U, -1, 300),
             call(V, A, 1), call(V), call(V, min=0, max=1), call(V, 0, 1, min=0), call(V, 0, 1, np.zeros(3)), call(T, "a", "b"), call(V, 0, 1, dtype="f8")],
    "real": [call(A), call(C), call(P), call(J), call(T)],
    "imag": [call(A), call(C), call(P), call(T)],
    "angle": [call(C), call(V), call(C, True), call(T)],
    "real_if_close": [call(C), call(C.real + 0j), call(V), call(C + 0j, tol=1000)],
    "iscomplex": [call(C), call(V), call(T)],
    "isreal": [call(C), call(V), call(P)],
    "isposinf": [call(N), call(C), call(V, np.zeros(5, bool)), call(D)],
    "isneginf": [call(-N), call(C), call(J)],
    "nan_to_num": [call(N), call(N, copy=False), call(N, nan=1, posinf=2, neginf=3), call(J), call(P), call(N, True, A), call(T, copy=False)],
    "sinc": [call(V), call(A), call(P), call(T)],
    "i0": [call(V), call(A), call(C), call(P)],
    # Products
    "dot": [call(V, W), call(A, A.T), call(A, V[:4]), call(A, A), call(V, 2), call(A, A.T, out=np.zeros((3, 3))), call(A, A.T, out=np.zeros((3, 3), "f4")), call(P, V), call(J, J.T), call(B, B.T)],
    "vdot": [call(V, W), call(C, C), call(A, A), call(V, A)],
    "inner": [call(V, W), call(A, A), call(A, V), call(V, 2), call(P, P)],
    "outer": [call(V, W), call(A, V), call(V, W, np.zeros((5, 5), "f4")), call(V, W, np.zeros((2, 2)))],
    "kron": [call(V, W), call(A, S), call(V, 2), call(P, P)],
    "cross": [call(S, S[::-1]), call(S, V), call(S[:2], S[1:], axis=1), call(V, V)],
    "tensordot": [call(A, A.T, 1), call(K, K, ([0, 1], [0, 1])), call(A, A, 1), call(V, W, 0), call(A, A)],
    "einsum": [call("ij->j", A), call("ij,kj->ik", A, A), call("ii", S), call("ij,jk", A, A), call("i,i", V, W, out=np.zeros(())),
               call("ij,kj", A, A, optimize=True), call("ii->i", S), call("ij->ij", A), call("i->", V, dtype="f8"), call("!", V),
               call(A, [0, 1], A, [2, 1], [0, 2]), call("ij->ji", A)],
    "einsum_path": [call("ij,jk,kl", A, A.T, A), call("ij,jk", A, A), call("i,j", V, W, optimize="optimal")],
    "trace": [call(S), call(A, 1), call(K, 0, 1, 2), call(V), call(S, out=np.zeros(())), call(K, dtype="f4")],
    # Sorting and sets
    "sort": [call(V), call(A, 0), call(A, None), call(V, kind="stable"), call(R, order="b"), call(R, order=["a", "b"]), call(A, 7), call(T), call(D), call(N), call(V, kind="no"), call(C), call(V, stable=True), call(P)],
    "argsort": [call(V), call(A, 0), call(A, None), call(R, order="b"), call(A, 7), call(T), call(I, kind="stable"), call(P), call(V, order="x")],
    "partition": [call(V, 2), call(A, 1, axis=0), call(V, [1, 3]), call(V, 9), call(A, 3, axis=None), call(V, 1.5)],
    "argpartition": [story(lambda f, m: (lambda a: _sorted(a[f(a, 2)][:3]))(m(V))), call(V, 9), call(V, I[0]), call(A, 1, axis=5)],
    "sort_complex": [call(C), call(V), call(J)],
    "lexsort": [call((V, W)), call(A), call((T, V)), unseen([I, V]), call(A, axis=1)],
    "searchsorted": [call(X, V), call(X, 0.5, side="right"), call(X, V, sorter=I), call(V, W, sorter=[0, 1]), call(A, 1), call(X, P), call(X, V, "up"), call(T, "fig")],
    "digitize": [call(V, X), call(V, X[::-1], right=True), call(V, W), call(P, X), call(V, A)],
    "unique": [call(I), call(A, True, True, True), call(J, axis=1), call(T), call(N), call(N, equal_nan=False), call(I, return_counts=True), call(A, axis=4), call(E), call(D), call(I, sorted=False)],
    "unique_all": [call(I), call(A)],
    "unique_counts": [call(I), call(J)],
    "unique_inverse": [call(I), call(A)],
    "unique_values": [story(lambda f, m: _sorted(f(m(I)))), call(E)],
    "union1d": [call(I, V), call(T, T), call(A, I)],
    "intersect1d": [call(I, V), call(I, [1, 2], return_indices=True), call(I, V, assume_unique=True)],
    "setdiff1d": [call(I, V), call(A, J, True)],
    "setxor1d": [call(I, V), call(A, J, True)],
    "isin": [call(I, [1, 2]), call(A, A[0], invert=True), call(V, W, kind="sort"), call(V, W, kind="table"), call(3, I), call(P, X)],
    # Statistics
    "bincount": [call(I), call(I, V), call(I, minlength=9), call(V), call(I - 2), call(J), call(I, W[:2]), call(I, minlength=-1)],
    "histogram": [call(V), call(V, 3), call(V, [0, 1, 9]), call(V, 2, (0, 4), weights=W), call(V, 3, density=True), call(N), call(V, 0), call(V, X), call(C), call(V, "auto")],
    "histogram2d": [call(V, W), call(V, W, 2, [[0, 1], [0, 1]]), call(V, W[:2]), call(V, W, [X, X], weights=V)],
    "histogramdd": [call(S), call(A, 2), call((V, W), [2, 3]), call(S, [1, 2]), call(A, bins=[X, X, X, X], density=True)],
    "histogram_bin_edges": [call(V), call(V, 3, (0, 9)), call(V, "fd"), call(V, [3, 1]), call(N), call(V, "x"), call(V, 3, weights=W)],
    "corrcoef": [call(A), call(V, W), call(A, rowvar=False), call(V, A), call(A, dtype="f4")],
    "cov": [call(A), call(V, W), call(A, rowvar=False, bias=True), call(V, fweights=I), call(V, aweights=X), call(V, fweights=V), call(V, ddof=1.5), call(E)],
    # Polynomials
    "poly": [call(V), call(S), call(A), call(P)],
    "roots": [call(V), call(A), call(np.array([0.0, 0, 1, 2])), call(P)],
    "polyval": [call(V, W), call(V, 2), call([1, 2], A), call(V, P), story(lambda f, m: f(np.poly1d([1, 2]), m(V)))],
    "polyadd": [call(V, W[:3]), call(V, 2), call([1], V), story(lambda f, m: _sorted(f(np.poly1d([1, 2]), m(V)).coeffs))],
    "polysub": [call(V, W[:3]), call(V, 2)],
    "polymul": [call(V, W[:3]), call(V, 2), call(A, V)],
    "polydiv": [call(V, W[:3]), call(V, 2), call(V, 0)],
    "polyder": [call(V), call(V, 2), call(V, -1), call(V, 9)],
    "polyint": [call(V), call(V, 2, [1, 2]), call(V, -1), call(V, 2, [1, 2, 3])],
    "polyfit": [call(X, V, 2), call(X, V, 2, full=True), call(X, V, 1, w=X, cov=True), call(X, V, -1), call(X, V[:2], 1), call(A, V, 1), call(E[:, 0], E[:, 0], 1)],
    "vander": [call(V), call(V, 3, increasing=True), call(A), call(V, -1)],
    "polynomial.polynomial.polyval2d": [call(V, W, S), call(V, W[:2], S), call(P, 2, S), call(V, W, K)],
    "polynomial.polynomial.polygrid2d": [call(V, W, S), call(V, 2, S), call(A, V, S)],
    # Dates
    "busday_count": [call(D[:3], D[1:4][::-1][1:] if False else D[[1, 2, 0]]), call(D[:2], "2025-01-01"), call(V, V), call(D, D)],
    "busday_offset": [call(D[:3], 1, roll="forward"), call(D[:2], I[:2], "backward"), call(D[:3], 1), call(V, 1)],
    "is_busday": [call(D), call(D[:3], "1111111"), call(V), call(D, out=np.zeros(5, bool)), call(D, "12")],
    # numpy.lib.scimath
    "lib.scimath.sqrt": [call(V), call(-X), call(J), call(P), call(T)],
    "lib.scimath.log": [call(V), call(X), call(C)],
    "lib.scimath.log2": [call(V), call(X)],
    "lib.scimath.log10": [call(V), call(X)],
    "lib.scimath.logn": [call(2, V), call(X + 2, X), call(P, V)],
    "lib.scimath.power": [call(V, 2), call(V, X), call(V, A)],
    "lib.scimath.arccos": [call(V), call(X)],
    "lib.scimath.arcsin": [call(V), call(X)],
    "lib.scimath.arctanh": [call(V), call(X)],
    # numpy.linalg
    "linalg.cholesky": [call(S), call(S, upper=True), call(-S), call(A), call(V), call(J[:, :2] + 0)],
    "linalg.cond": [call(S), call(A), call(S, 1), call(S, "fro"), call(V)],
    "linalg.cross": [call(S, S[::-1]), call(S[0], S[1]), call(V, V)],
    "linalg.det": [call(S), call(np.stack([S, S])), call(A), call(J[:, :2]), call(V)],
    "linalg.diagonal": [call(A), call(K, offset=1), call(V)],
    "linalg.eig": [call(S), call(A), call(N), call(C)],
    "linalg.eigh": [call(S), call(S, "U"), call(A), call(S, "X"), call(C + C.conj().T)],
    "linalg.eigvals": [call(S), call(A), call(N)],
    "linalg.eigvalsh": [call(S), call(S, "U"), call(A)],
    "linalg.inv": [call(S), call(np.zeros((2, 2))), call(A), call(np.stack([S, S])), call(T)],
    "linalg.lstsq": [call(A, V[:3], None), call(A, S, 1e-3), call(A, V)],
    "linalg.matmul": [call(A, A.T), call(A, A), call(V, W)],
    "linalg.matrix_norm": [call(A), call(A, ord=1), call(K, keepdims=True), call(V), call(A, ord="x")],
    "linalg.matrix_power": [call(S, 3), call(S, -1), call(S, 0), call(A, 2), call(S, 1.5)],
    "linalg.matrix_rank": [call(A), call(np.stack([S, S])), call(V), call(A, 1e9), call(A, tol=1, rtol=1)],
    "linalg.matrix_transpose": [call(K), call(V)],
    "linalg.multi_dot": [call([A, A.T, A]), call([A, A.T], out=np.zeros((3, 3))), call([A]), call([A, A])],
    "linalg.norm": [call(A), call(A, 1), call(A, axis=1), call(A, "nuc"), call(V, np.inf), call(V, "fro"), call(A, 1, axis=(0, 1), keepdims=True), call(K, axis=(0, 1, 2)), call(V, 3)],
    "linalg.outer": [call(V, W), call(A, V)],
    "linalg.pinv": [call(A), call(S, hermitian=True), call(V), call(A, rtol=1e-3)],
    "linalg.qr": [call(A), call(A, "complete"), call(A, "r"), call(A, "raw"), call(V), call(A, "no")],
    "linalg.slogdet": [call(S), call(-S), call(A)],
    "linalg.solve": [call(S, V[:3]), call(S, S), call(S, V), call(np.zeros((2, 2)), V[:2]), call(A, A)],
    "linalg.svd": [call(A), call(A, full_matrices=False), call(A, compute_uv=False), call(V), call(S, hermitian=True), call(N)],
    "linalg.svdvals": [call(A), call(V)],
    "linalg.tensordot": [call(A, A.T, axes=1), call(A, A, axes=1)],
    "linalg.tensorinv": [call(np.eye(6).reshape(2, 3, 3, 2) * 2), call(A), call(A, 0)],
    "linalg.tensorsolve": [call(np.eye(6).reshape(2, 3, 6), J + 0.0), call(A, V), call(np.eye(4).reshape(2, 2, 2, 2), C.real, axes=(1,))],
    "linalg.trace": [call(S), call(K, offset=1), call(A, dtype="f4"), call(V)],
    "linalg.vecdot": [call(V, W), call(A, A), call(A, V), call(A, A, axis=0), call(C, C)],
    "linalg.vector_norm": [call(A), call(A, axis=1, ord=1), call(A, keepdims=True), call(V, ord=np.inf), call(A, axis=7)],
    # numpy.fft
    **{
        f"fft.{name}": [call(V), call(A, 6), call(A, axis=0), call(A, norm="ortho"), call(C), call(P), call(A, 0), call(A, axis=5)]
        for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
    },
    **{
        f"fft.{name}": [call(A), call(K, axes=(0, 2)), call(A, (2, 2)), call(V), call(A, norm="forward"), call(A, axes=(0, 5))]
        for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")
    },
    "fft.fftshift": [call(V), call(A, 1), call(A, 7)],
    "fft.ifftshift": [call(V), call(A, (0, 1)), call(P, 1)],
    # numpy.lib.recfunctions
    _RECORDS + "append_fields": [call(R, "z", V[:3], usemask=False), call(R, ["y", "z"], [V[:3], W[:3]]), call(R, "z", V, usemask=False), call(R, ["y", "z"], [V])],
    _RECORDS + "apply_along_fields": [call(np.mean, R[["a", "b"]]), call(lambda v: 1 / 0, Q)],
    _RECORDS + "assign_fields_by_name": [call(np.zeros(2, Q.dtype), Q), call(np.zeros(3, R.dtype), np.resize(Q, 3)), call(np.zeros(3, R.dtype), R, False)],
    _RECORDS + "drop_fields": [call(R, "a"), call(R, ["a", "b"], usemask=True), call(R, ["a", "b", "c"]), call(V, "a")],
    _RECORDS + "find_duplicates": [story(lambda f, m: f(np.ma.array([1, 1, 2]).view([("a", "i8")]), "a").tolist()), call(V)],
    _RECORDS + "join_by": [call("a", R, Q, usemask=False), fresh("a", R, Q, "outer"), call("x", R, Q), call("a", R, Q, "no")],
    _RECORDS + "merge_arrays": [call((R, Q)), call([V, W]), call((V[:2], I[:3]), flatten=True, usemask=True), call(V)],
    _RECORDS + "rec_append_fields": [call(R, "z", V[:3]), call(R, "z", V)],
    _RECORDS + "rec_drop_fields": [call(R, "a"), call(V, "a")],
    _RECORDS + "rec_join": [call("a", R, Q), call("x", R, Q)],
    _RECORDS + "recursive_fill_fields": [call(Q, np.zeros(2, R.dtype)), call(Q, np.zeros(1, R.dtype)), call(V, W)],
    _RECORDS + "rename_fields": [call(R, {"a": "A"}), call(R, {"x": "A"}), call(V, {})],
    _RECORDS + "repack_fields": [call(R[["a", "c"]]), call(R, align=True), call(V)],
    _RECORDS + "require_fields": [call(R, [("a", "f8"), ("z", "i2")]), call(R, "f8"), call(V, [("a", "f8")])],
    _RECORDS + "stack_arrays": [call((R, Q), usemask=False), call((R, Q)), call(R), fresh([V, R])],
    _RECORDS + "structured_to_unstructured": [call(Q), call(R), call(Q, "f4"), call(V)],
    _RECORDS + "unstructured_to_structured": [call(A), call(A, names=["a", "b", "c", "d"]), call(A, Q.dtype), call(A[:, :2], Q.dtype), call(P)],
}  # fmt: skip
