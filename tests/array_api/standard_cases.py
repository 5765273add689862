"""Calls of the functions that take more than arrays: function → lambdas of a namespace.

Over 400 lines because it is one table, of some hundred functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from standard import plain, strict

DTYPES = list(strict.__array_namespace_info__().dtypes())
"""Names of the data types."""

VALUES: dict[str, list[Any]] = {
    "bool": [True, False, True],
    "signed integer": [-3, 0, 2],
    "unsigned integer": [3, 0, 2],
    "real floating": [-0.75, 0.25, 0.5],
    "complex floating": [0.5 - 0.25j, 0.25 + 0.5j, 0.5 + 0j],
}
"""Kind of data types → sample values."""

E = (1.0, 4.0, 2.0, 8.0, 5.0, 7.0)
F = (3, 1, 2, 3, 1, 3)


def m(n: Any, dtype: str = "float64") -> Any:
    return n.reshape(n.asarray(E, dtype=getattr(n, dtype)), (2, 3))


def k(n: Any, dtype: str = "int32") -> Any:
    return n.reshape(n.asarray(F, dtype=getattr(n, dtype)), (2, 3))


def b(n: Any) -> Any:
    return n.asarray([[True, False, True], [True, True, True]])


def c(n: Any) -> Any:
    return n.asarray([1 + 2j, 3 - 1j, 0.5j, 2 + 0j], dtype=n.complex64)


def square(n: Any, dtype: str = "float64") -> Any:
    """A stack of symmetric positive definite matrices."""
    one = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]]
    two = [[2.0, 0.5, 0.0], [0.5, 5.0, 1.0], [0.0, 1.0, 6.0]]
    return n.asarray([one, two], dtype=getattr(n, dtype))


def up_to_sign(pair: Any) -> Any:
    """Eigenvectors and singular vectors are unique up to their signs."""
    return tuple(np.abs(each) for each in plain(pair))


Case = Callable[[Any], Any]


def reductions(name: str, *more: dict[str, Any]) -> list[Case]:
    options: list[dict[str, Any]] = [
        {},
        {"axis": 0},
        {"axis": (0, 1)},
        {"axis": -1, "keepdims": True},
    ]
    return [
        lambda n, o=o, d=d: getattr(n, name)(m(n, d), **o)
        for o in (*options, *more)
        for d in ("float64", "float32")
    ]


def integer_reductions(name: str) -> list[Case]:
    dtypes = ("int8", "uint8", "int32", "uint32", "int64", "uint64")
    return [
        *(lambda n, d=d: getattr(n, name)(k(n, d)) for d in dtypes),
        lambda n: getattr(n, name)(k(n), dtype=n.float64, axis=1),
        lambda n: getattr(n, name)(c(n)),
    ]


def ffts(name: str, real: bool, several: bool) -> list[Case]:
    def take(n: Any, double: bool) -> Any:
        if real:
            return m(n, "float64" if double else "float32")
        return n.astype(n.stack((c(n), c(n))), n.complex128 if double else n.complex64)

    def call(namespace: Any, double: bool, options: dict[str, Any]) -> Any:
        return getattr(namespace.fft, name)(take(namespace, double), **options)

    options: list[dict[str, Any]] = (
        [{}, {"s": (2, 2), "axes": (0, 1)}, {"norm": "ortho"}]
        if several
        else [{}, {"n": 4}, {"axis": 0}, {"norm": "forward"}]
    )
    return [lambda n, o=o, d=d: call(n, d, o) for o in options for d in (False, True)]


CASES: dict[str, list[Case]] = {
    # Creation
    "arange": [
        lambda n: n.arange(5),
        lambda n: n.arange(1, 4),
        lambda n: n.arange(1.0, 3.0, 0.25),
        lambda n: n.arange(5, dtype=n.float32),
        lambda n: n.arange(5, None, 2),
        lambda n: n.arange(2, stop=9, step=3),
    ],
    "asarray": [
        lambda n: n.asarray(True),
        lambda n: n.asarray(1),
        lambda n: n.asarray([[1.5], [2.5]]),
        lambda n: n.asarray(1j),
        lambda n: n.asarray([1, 2], dtype=n.uint8),
        lambda n: n.asarray(m(n), copy=True),
        lambda n: n.asarray(m(n), dtype=n.int16),
    ],
    "empty": [lambda n: n.empty((2, 3)).shape, lambda n: n.empty(3, dtype=n.int8).dtype],
    "empty_like": [lambda n: n.empty_like(k(n)).dtype, lambda n: n.empty_like(m(n)).shape],
    "eye": [
        lambda n: n.eye(3),
        lambda n: n.eye(2, 4, k=1, dtype=n.float32),
        lambda n: n.eye(2, dtype=n.bool),
    ],
    "from_dlpack": [
        lambda n: n.from_dlpack(np.arange(4)),
        lambda n: n.from_dlpack(m(n)),
        lambda n: n.from_dlpack(np.ones((2, 2), "f4"), copy=True),
    ],
    "full": [
        *(lambda n, v=v: n.full((2,), v) for v in (True, 3, 0.5, 2j)),
        lambda n: n.full(3, 7, dtype=n.uint8),
    ],
    "full_like": [lambda n: n.full_like(m(n), 2), lambda n: n.full_like(m(n), 2, dtype=n.int8)],
    "linspace": [
        lambda n: n.linspace(0, 1, 5),
        lambda n: n.linspace(0.0, 1.0, num=4, endpoint=False, dtype=n.float32),
        lambda n: n.linspace(0, 1j, 3),
    ],
    "meshgrid": [
        lambda n: n.meshgrid(n.arange(3), n.arange(2)),
        lambda n: n.meshgrid(n.arange(3), n.arange(2), indexing="ij"),
        lambda n: n.meshgrid(n.arange(3)),
    ],
    "ones": [lambda n: n.ones(3), lambda n: n.ones((2, 2), dtype=n.bool)],
    "ones_like": [lambda n: n.ones_like(k(n)), lambda n: n.ones_like(k(n), dtype=n.float32)],
    "tril": [lambda n: n.tril(square(n)), lambda n: n.tril(k(n), k=-1)],
    "triu": [lambda n: n.triu(square(n)), lambda n: n.triu(k(n), k=1)],
    "zeros": [lambda n: n.zeros(3), lambda n: n.zeros((2, 0), dtype=n.complex64)],
    "zeros_like": [lambda n: n.zeros_like(m(n)), lambda n: n.zeros_like(m(n), dtype=n.int8)],
    # Data types
    "astype": [
        *(lambda n, d=d: n.astype(m(n), getattr(n, d)) for d in DTYPES),
        lambda n: n.astype(b(n), n.float32),
        lambda n: n.astype(k(n), n.int32, copy=False),
    ],
    "can_cast": [
        lambda n: n.can_cast(n.int8, n.int16),
        lambda n: n.can_cast(n.int16, n.int8),
        lambda n: n.can_cast(n.uint8, n.int16),
        lambda n: n.can_cast(n.uint64, n.int64),
        lambda n: n.can_cast(m(n), n.float32),
        lambda n: n.can_cast(n.float32, n.complex64),
        lambda n: n.can_cast(n.bool, n.bool),
    ],
    "finfo": [
        *(
            lambda n, a=a, d=d: getattr(n.finfo(getattr(n, d)), a)
            for a in ("bits", "eps", "max", "min", "smallest_normal", "dtype")
            for d in ("float32", "float64", "complex64")
        ),
        lambda n: n.finfo(m(n)).eps,
    ],
    "iinfo": [
        *(
            lambda n, a=a, d=d: getattr(n.iinfo(getattr(n, d)), a)
            for a in ("bits", "max", "min", "dtype")
            for d in ("int8", "uint64", "int32")
        ),
        lambda n: n.iinfo(k(n)).max,
    ],
    "isdtype": [
        *(
            lambda n, d=d, q=q: n.isdtype(getattr(n, d), q)
            for d in DTYPES
            for q in (*VALUES, "integral", "numeric", ("bool", "real floating"))
        ),
        lambda n: n.isdtype(n.int8, n.int8),
        lambda n: n.isdtype(n.int8, (n.int16, "real floating")),
    ],
    "result_type": [
        lambda n: n.result_type(n.int8, n.uint8),
        lambda n: n.result_type(m(n, "float32"), n.float64),
        lambda n: n.result_type(m(n, "float32"), 1.0),
        lambda n: n.result_type(m(n, "float32"), 1j),
        lambda n: n.result_type(k(n, "int8"), 1, n.int16),
        lambda n: n.result_type(n.bool, n.bool),
    ],
    # Elementwise, with more than arrays
    "clip": [
        lambda n: n.clip(m(n), 2, 5),
        lambda n: n.clip(m(n), 2.5),
        lambda n: n.clip(m(n), max=4.5),
        lambda n: n.clip(m(n)),
        lambda n: n.clip(m(n, "float32"), n.asarray(2.0, dtype=n.float64), 5.0),
        lambda n: n.clip(m(n), n.asarray([2.0, 3.0, 4.0]), 6.0),
        lambda n: n.clip(k(n, "int8"), -1000, 1000),
        lambda n: n.clip(k(n, "uint8"), 2, n.asarray(2, dtype=n.int64)),
        lambda n: n.clip(n.asarray(3.0), n.asarray([1.0, 5.0])),
        lambda n: n.clip(m(n), float("nan"), 5.0),
    ],
    # Manipulation
    "broadcast_arrays": [lambda n: n.broadcast_arrays(m(n), n.asarray(2), n.ones((4, 1, 1)))],
    "broadcast_shapes": [
        lambda n: n.broadcast_shapes((2, 1), (3,), ()),
        lambda n: n.broadcast_shapes(),
    ],
    "broadcast_to": [lambda n: n.broadcast_to(m(n), (4, 2, 3))],
    "concat": [
        lambda n: n.concat((m(n), m(n))),
        lambda n: n.concat([m(n), m(n, "float32")], axis=1),
        lambda n: n.concat((k(n, "int8"), k(n, "int16")), axis=None),
    ],
    "expand_dims": [lambda n: n.expand_dims(m(n), 1), lambda n: n.expand_dims(m(n), axis=(0, -1))],
    "flip": [
        lambda n: n.flip(m(n)),
        lambda n: n.flip(n.asarray(3.0)),
        lambda n: n.flip(m(n), axis=1),
        lambda n: n.flip(m(n), axis=(0, -1)),
    ],
    "moveaxis": [
        lambda n: n.moveaxis(square(n), 0, -1),
        lambda n: n.moveaxis(square(n), (0, 1), (2, 0)),
    ],
    "permute_dims": [
        lambda n: n.permute_dims(square(n), (2, 0, 1)),
        lambda n: n.permute_dims(m(n), (-1, 0)),
    ],
    "repeat": [
        lambda n: n.repeat(m(n), 2),
        lambda n: n.repeat(m(n), 2, axis=0),
        lambda n: n.repeat(m(n), n.asarray([1, 0, 2]), axis=1),
        lambda n: n.repeat(m(n), n.asarray([1, 2], dtype=n.uint64), axis=0),
    ],
    "reshape": [
        lambda n: n.reshape(m(n), (3, 2)),
        lambda n: n.reshape(m(n), (-1,)),
        lambda n: n.reshape(m(n), (6,), copy=True),
        lambda n: n.reshape(m(n), (6,), copy=False),
    ],
    "roll": [
        lambda n: n.roll(m(n), 2),
        lambda n: n.roll(m(n), -1, axis=1),
        lambda n: n.roll(m(n), (1, 2), axis=(0, 1)),
    ],
    "squeeze": [
        lambda n: n.squeeze(n.ones((1, 2, 1)), 0),
        lambda n: n.squeeze(n.ones((1, 2, 1)), axis=(0, 2)),
    ],
    "stack": [lambda n: n.stack((m(n), m(n))), lambda n: n.stack([m(n), m(n)], axis=-1)],
    "tile": [lambda n: n.tile(m(n), (2, 2)), lambda n: n.tile(m(n), (2,))],
    "unstack": [lambda n: n.unstack(m(n)), lambda n: n.unstack(m(n), axis=-1)],
    # Indexing and searching
    "argmax": [
        lambda n: n.argmax(m(n)),
        lambda n: n.argmax(k(n), axis=1),
        lambda n: n.argmax(m(n), axis=0, keepdims=True),
    ],
    "argmin": [
        lambda n: n.argmin(m(n)),
        lambda n: n.argmin(k(n), axis=1),
        lambda n: n.argmin(m(n), axis=0, keepdims=True),
    ],
    "count_nonzero": [
        lambda n: n.count_nonzero(b(n)),
        lambda n: n.count_nonzero(k(n), axis=0),
        lambda n: n.count_nonzero(m(n), axis=(0, 1), keepdims=True),
    ],
    "searchsorted": [
        lambda n: n.searchsorted(n.arange(5), n.asarray([3, 0, 9])),
        lambda n: n.searchsorted(n.arange(5.0), n.asarray([[3.0], [0.5]]), side="right"),
        lambda n: n.searchsorted(n.asarray([3, 1, 2]), n.asarray([2]), sorter=n.asarray([1, 2, 0])),
        lambda n: n.searchsorted(n.asarray([0.1, 0.2], dtype=n.float32), 0.1),
        lambda n: n.searchsorted(n.arange(5), 3),
    ],
    "take": [
        lambda n: n.take(m(n), n.asarray([2, 0]), axis=1),
        lambda n: n.take(n.arange(5), n.asarray([3, -1])),
    ],
    "take_along_axis": [
        lambda n: n.take_along_axis(m(n), n.asarray([[2], [0]])),
        lambda n: n.take_along_axis(m(n), n.asarray([[1, 0, 1]]), axis=0),
    ],
    "where": [
        lambda n: n.where(b(n), m(n), -m(n)),
        lambda n: n.where(b(n), m(n, "float32"), 0.0),
        lambda n: n.where(b(n), 1, k(n, "int8")),
    ],
    # Sorting and sets
    "argsort": [
        lambda n: n.argsort(m(n)),
        lambda n: n.argsort(k(n), axis=0),
        lambda n: n.argsort(n.asarray(F), descending=True),
        lambda n: n.argsort(m(n), stable=False),
    ],
    "sort": [
        lambda n: n.sort(m(n)),
        lambda n: n.sort(k(n), axis=0),
        lambda n: n.sort(n.asarray(F), descending=True),
        lambda n: n.sort(m(n), stable=False),
    ],
    "isin": [
        lambda n: n.isin(k(n), n.asarray([1, 2])),
        lambda n: n.isin(k(n), 3),
        lambda n: n.isin(3, k(n)),
    ],
    # Statistics
    **{name: reductions(name) for name in ("max", "mean", "min")},
    **{name: [*reductions(name), *integer_reductions(name)] for name in ("sum", "prod")},
    **{
        name: reductions(name, {"correction": 1}, {"axis": 0, "correction": 0.5})
        for name in ("std", "var")
    },
    **{
        name: [
            lambda n, f=name: getattr(n, f)(b(n)),
            lambda n, f=name: getattr(n, f)(b(n), axis=0),
            lambda n, f=name: getattr(n, f)(m(n), axis=(0, 1), keepdims=True),
            lambda n, f=name: getattr(n, f)(n.ones((0,))),
        ]
        for name in ("all", "any")
    },
    **{
        name: [
            *(
                lambda n, f=name, d=d: getattr(n, f)(n.asarray(F, dtype=getattr(n, d)))
                for d in DTYPES
                if d != "bool"
            ),
            lambda n, f=name: getattr(n, f)(m(n), axis=1),
            lambda n, f=name: getattr(n, f)(m(n), axis=0, include_initial=True),
            lambda n, f=name: getattr(n, f)(k(n), axis=0, dtype=n.float32, include_initial=True),
        ]
        for name in ("cumulative_sum", "cumulative_prod")
    },
    "diff": [
        lambda n: n.diff(m(n)),
        lambda n: n.diff(m(n), axis=0),
        lambda n: n.diff(m(n), n=2),
        lambda n: n.diff(m(n), prepend=n.zeros((2, 1)), append=n.ones((2, 2))),
    ],
    # Linear algebra
    "matmul": [
        lambda n: n.matmul(square(n), m(n)[0, :]),
        lambda n: n.matmul(m(n, "float32"), n.permute_dims(m(n, "float32"), (1, 0))),
        lambda n: n.linalg.matmul(square(n), square(n)),
        lambda n: n.matmul(k(n), n.permute_dims(k(n, "int8"), (1, 0))),
    ],
    "matrix_transpose": [lambda n: n.linalg.matrix_transpose(square(n))],
    "tensordot": [
        lambda n: n.tensordot(square(n), square(n), axes=((2,), (1,))),
        lambda n: n.tensordot(m(n), m(n)),
        lambda n: n.tensordot(m(n), m(n), axes=((1,), (1,))),
        lambda n: n.linalg.tensordot(m(n), m(n), axes=0),
    ],
    "vecdot": [
        lambda n: n.vecdot(m(n), m(n)),
        lambda n: n.vecdot(m(n), m(n), axis=-2),
        lambda n: n.vecdot(c(n), c(n)),
        lambda n: n.linalg.vecdot(square(n), m(n)[0, :]),
    ],
    "cholesky": [
        lambda n: n.linalg.cholesky(square(n)),
        lambda n: n.linalg.cholesky(square(n, "complex64"), upper=True),
    ],
    "cross": [
        lambda n: n.linalg.cross(m(n), m(n)[::-1, :]),
        lambda n: n.linalg.cross(square(n), square(n)[:, ::-1, :], axis=-2),
    ],
    "det": [lambda n: n.linalg.det(square(n)), lambda n: n.linalg.det(square(n, "float32"))],
    "diagonal": [
        lambda n: n.linalg.diagonal(square(n)),
        lambda n: n.linalg.diagonal(m(n), offset=1),
    ],
    "eig": [
        lambda n: up_to_sign(n.linalg.eig(square(n))),
        lambda n: n.linalg.eig(square(n, "float32"))._fields,
        lambda n: n.linalg.eig(square(n, "float32")).eigenvectors.dtype,
    ],
    "eigh": [
        lambda n: up_to_sign(n.linalg.eigh(square(n))),
        lambda n: n.linalg.eigh(square(n))._fields,
        lambda n: n.linalg.eigh(square(n, "float32")).eigenvalues,
    ],
    "eigvals": [
        lambda n: n.linalg.eigvals(square(n)),
        lambda n: n.linalg.eigvals(square(n, "float32")).dtype,
    ],
    "eigvalsh": [lambda n: n.linalg.eigvalsh(square(n))],
    "inv": [lambda n: n.linalg.inv(square(n)), lambda n: n.linalg.inv(square(n, "complex128"))],
    "matrix_norm": [
        lambda n: n.linalg.matrix_norm(square(n)),
        lambda n: n.linalg.matrix_norm(square(n, "float32"), keepdims=True, ord="nuc"),
        *(
            lambda n, o=o: n.linalg.matrix_norm(m(n), ord=o)
            for o in (1, -1, 2, -2, float("inf"), -float("inf"))
        ),
    ],
    "matrix_power": [
        lambda n: n.linalg.matrix_power(square(n), 3),
        lambda n: n.linalg.matrix_power(square(n), -1),
        lambda n: n.linalg.matrix_power(square(n), 0),
    ],
    "matrix_rank": [
        lambda n: n.linalg.matrix_rank(square(n)),
        lambda n: n.linalg.matrix_rank(n.ones((3, 3))),
        lambda n: n.linalg.matrix_rank(square(n), rtol=0.6),
        lambda n: n.linalg.matrix_rank(square(n), rtol=n.asarray([0.6, 0.1])),
    ],
    "outer": [lambda n: n.linalg.outer(n.arange(3), n.arange(2))],
    "pinv": [
        lambda n: n.linalg.pinv(m(n)),
        lambda n: n.linalg.pinv(square(n), rtol=0.5),
        lambda n: n.linalg.pinv(square(n), rtol=n.asarray([0.5, 0.1])),
    ],
    "qr": [
        lambda n: up_to_sign(n.linalg.qr(m(n))),
        lambda n: up_to_sign(n.linalg.qr(n.permute_dims(m(n), (1, 0)), mode="complete")),
        lambda n: n.linalg.qr(m(n))._fields,
    ],
    "slogdet": [
        lambda n: n.linalg.slogdet(square(n)),
        lambda n: n.linalg.slogdet(square(n, "complex64")),
    ],
    "solve": [
        lambda n: n.linalg.solve(square(n), m(n)[0, :]),
        lambda n: n.linalg.solve(square(n, "float32"), n.permute_dims(m(n, "float32"), (1, 0))),
    ],
    "svd": [
        lambda n: up_to_sign(n.linalg.svd(m(n))),
        lambda n: up_to_sign(n.linalg.svd(m(n), full_matrices=False)),
        lambda n: n.linalg.svd(m(n))._fields,
    ],
    "svdvals": [lambda n: n.linalg.svdvals(square(n)), lambda n: n.linalg.svdvals(m(n, "float32"))],
    "trace": [
        lambda n: n.linalg.trace(square(n)),
        lambda n: n.linalg.trace(k(n, "int8"), offset=1),
        lambda n: n.linalg.trace(k(n), dtype=n.float64),
    ],
    "vector_norm": [
        lambda n: n.linalg.vector_norm(m(n)),
        lambda n: n.linalg.vector_norm(m(n, "float32"), axis=0, keepdims=True),
        lambda n: n.linalg.vector_norm(square(n), axis=(0, 2)),
        *(
            lambda n, o=o: n.linalg.vector_norm(m(n), axis=-1, ord=o)
            for o in (0, 1, 3, -1, 0.5, float("inf"), -float("inf"))
        ),
    ],
    # Fourier transforms
    **{
        name: ffts(name, name in ("rfft", "ihfft"), False)
        for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
    },
    **{name: ffts(name, name == "rfftn", True) for name in ("fftn", "ifftn", "rfftn", "irfftn")},
    "fftfreq": [lambda n: n.fft.fftfreq(5), lambda n: n.fft.fftfreq(4, d=0.5, dtype=n.float32)],
    "rfftfreq": [lambda n: n.fft.rfftfreq(5), lambda n: n.fft.rfftfreq(4, d=0.5, dtype=n.float32)],
    "fftshift": [lambda n: n.fft.fftshift(m(n)), lambda n: n.fft.fftshift(m(n), axes=1)],
    "ifftshift": [lambda n: n.fft.ifftshift(m(n)), lambda n: n.fft.ifftshift(m(n), axes=(0,))],
}
