"""Example calls of the methods and attributes of ndarray; and which are not offered, with a reason.

An example gets the member of an array: `call(A, 1)` is `A.member(1)`, or `A.member` of an attribute.
"""
# ruff: noqa: E501  (a row is a member)

from __future__ import annotations

import copy
import io
import operator
import pickle
from typing import Any

import numpy as np
from arrays import DD, A, B, C, D, E, H, I, J, K, M, N, O, P, Q, R, S, T, U, V, W, X, Z
from example import Example, Host, call, story

NOT_OFFERED = {
    "__array_finalize__": "a hook for subclasses; FPGAArray has none",
    "__array_struct__": "a C pointer without a lease: memory could change under it",
    "ctypes": "C code would read and write behind coherence's back: AttributeError says what to use",
}


def _unary(*more: Example) -> list[Example]:
    return [call(A), call(Z), call(P), call(J), call(C), call(B), call(T), call(E), *more]


def _binary(*more: Example) -> list[Example]:
    return [
        call(V, W), call(A, A[0]), call(A, Host(A)), call(V, 2), call(J, 2.5), call(J, J), call(V, J), call(P, P), call(C, 2j),
        call(V, [1, 2, 3, 4, 5]), call(V, A), call(B, B), call(U, 3), call(U, 300), call(V, T), call(T, T), call(V, None), call(E, 1),
        call(D, DD), call(O, O), call(V, "a"), call(H, V), call(J, -1), call(K, np.float64(2)), *more,
    ]  # fmt: skip


def _in_place(*more: Example) -> list[Example]:
    return [
        call(A.copy(), 2),
        call(V.copy(), W),
        call(J.copy(), 2),
        call(J.copy(), 2.5),
        call(V.copy(), A),
        call(C.copy(), 2),
        call(B.copy(), B),
        call(P.copy(), 2),
        call(T.copy(), "a"),
        call(A.copy(), Host(A)),
        *more,
    ]


def _number(*more: Example) -> list[Example]:
    return [
        call(P),
        call(np.array([2.0])),
        call(A),
        call(np.array(3)),
        call(np.array(1j)),
        call(np.array("5")),
        call(np.array("x")),
        call(E),
        *more,
    ]


def _reduction(*more: Example) -> list[Example]:
    return [
        call(A),
        call(A, 1),
        call(A, axis=0, keepdims=True),
        call(A, 0, out=np.zeros(4)),
        call(A, 0, out=np.zeros(3)),
        call(A, 5),
        call(E),
        call(P),
        call(J),
        call(Z, 0),
        *more,
    ]


def _attribute(*more: Example) -> list[Example]:
    return [call(A), call(Z), call(P), call(J), call(T), call(R), call(E), call(C), *more]


def _set(name: str, value: Any) -> Any:
    """An example that assigns an attribute and gives the array."""

    def run(_: Any, make: Any, array: np.ndarray) -> Any:
        ours = make(array)
        setattr(ours, name, make(value) if type(value) is np.ndarray else value)
        return ours

    return run


def setting(name: str, array: np.ndarray, value: Any) -> Example:
    run = _set(name, value)
    return story(lambda f, m: run(f, m, array.copy(order="K")))


def scalar_of(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1)[:1]


EXAMPLES: dict[str, list[Example]] = {
    # Attributes
    "T": _attribute(call(K)),
    "mT": [call(A), call(K), call(V), call(P)],
    "base": [story(lambda f, m: f(m(A)) is None), story(lambda f, m: f(m(A)[1:]) is None), story(lambda f, m: f(m(A)[1:]).size)],
    "data": [story(lambda f, m: bytes(f(m(A)))), story(lambda f, m: (f(m(V)).format, f(m(V)).shape)), story(lambda f, m: f(m(D)))],
    "device": [story(lambda f, m: f(m(A)) is not None), story(lambda f, m: f(m(P)) is not None)],
    "dtype": _attribute(setting("dtype", A, "i8"), setting("dtype", V, "c16"), setting("dtype", V, "f2")),
    "flags": [
        story(lambda f, m: (f(m(A)).num, f(m(A))["C"], f(m(Z)).f_contiguous, f(m(A).T).fnc, f(m(A)).carray, f(m(A)).forc)),
        story(lambda f, m: f(m(A))["nothing"]), story(lambda f, m: repr(f(m(A)))), story(lambda f, m: f(m(V)[::2]).owndata),
        story(lambda f, m: f(m(A)) == f(m(A))), story(lambda f, m: f(m(V)[1]).num),
        story(lambda f, m: (lambda a: (setattr(f(a), "writeable", False), a.__setitem__(0, 1)))(m(A))),
        story(lambda f, m: (lambda a: (setattr(f(a), "writeable", False), setattr(f(a), "writeable", True), a.__setitem__(0, 1), a)[-1])(m(A))),
        story(lambda f, m: (lambda a: (setattr(f(a), "writeable", False), np.add(a, 1, out=a)))(m(A))),
        story(lambda f, m: (lambda a: (setattr(f(a), "writeable", False), a.__iadd__(1)))(m(A))),
        story(lambda f, m: (lambda a: (f(a).__setitem__("WRITEABLE", False), a.sort()))(m(A))),
        story(lambda f, m: setattr(f(m(V)[1]), "writeable", True)), story(lambda f, m: setattr(f(m(A)), "writebackifcopy", True)),
    ],
    "flat": [
        story(lambda f, m: list(f(m(Z)))), story(lambda f, m: f(m(Z))[2]), story(lambda f, m: f(m(Z))[1:5:2]), story(lambda f, m: f(m(Z))[[0, 3]]),
        story(lambda f, m: f(m(Z))[99]), story(lambda f, m: len(f(m(A)))), story(lambda f, m: f(m(A)).copy()), story(lambda f, m: f(m(V)) == m(W)),
        story(lambda f, m: (lambda a: (f(a).__setitem__(slice(0, 4), [8, 9]), a)[1])(m(Z))), story(lambda f, m: (lambda i: (next(i), i.index, i.coords))(f(m(Z)))),
        setting("flat", A, V), setting("flat", Z, 7), setting("flat", V, []), setting("flat", J, "x"), story(lambda f, m: list(f(m(E)))), story(lambda f, m: list(f(m(P)))),
    ],
    "imag": _attribute(setting("imag", C, 5), setting("imag", C, V), setting("imag", A, 5), story(lambda f, m: f(m(A)).__setitem__(0, 1)), story(lambda f, m: f(m(C)[0, 0]))),
    "real": _attribute(setting("real", C, 5), setting("real", A, -1), setting("real", C, V), story(lambda f, m: (lambda c: (f(c).__setitem__(0, 9), c)[1])(m(C))), story(lambda f, m: f(m(C)[0, 0])), story(lambda f, m: setattr(m(C)[0, 0], "real", 1))),
    "itemsize": _attribute(),
    "nbytes": _attribute(),
    "ndim": _attribute(),
    "shape": _attribute(setting("shape", A, (4, 3)), setting("shape", A, -1), setting("shape", A, (5, 5)), setting("shape", Z, (8,))),
    "size": _attribute(),
    "strides": [*_attribute()[:6], setting("strides", A, (8, 8)), setting("strides", A, (800, 8))],
    # Copies and views
    "astype": [call(A, "f4"), call(A, "i2", "F"), call(Z, "f8", order="K"), call(A, "i4", casting="safe"), call(A, A.dtype, copy=False), call(P, "c8"), call(C, "f8"),
               call(T, "S5"), call(V, "U10"), call(T, "f4"), call(A, "no"), call(A, "f8", "X"), call(A, "f4", "C", "unsafe", False, False), call(D, "i8"), call(R, "O"), call(N, "i4"), call(V, bool), call(A, "M8[D]")],
    "byteswap": [call(A), call(J, True), call(V, inplace=True), call(T), call(P), call(C), story(lambda f, m: f(m(V)[0], True))],
    "copy": [call(A), call(Z, "K"), call(Z, order="F"), call(P), call(A, "X"), call(O), call(R), story(lambda f, m: f(m(V)[1]))],
    "__copy__": [call(A), call(Z)],
    "__deepcopy__": [story(lambda f, m: copy.deepcopy(m(A))), call(O, {}), call(V, {})],
    "diagonal": [call(A), call(K, 1, 0, 2), call(V), call(A, 9)],
    "fill": [call(A, 3), call(V, 2.5), call(J, 2.7), call(J, np.nan), call(V, [1, 2]), call(T, "z"), call(O, (1, 2)), call(P, 4), call(U, 300), call(C, 1j), call(A, V), call(D, "2020-02-02"), call(V, np.float64(3)), call(V, P), call(E, 1)],
    "flatten": [call(A), call(Z, "F"), call(Z, order="K"), call(A, "A"), call(P), call(A, "X")],
    "getfield": [call(A, "f4"), call(A, "i4", 4), call(A, "i8", 4), call(A, "f8", -1), call(R, "f8", 4), story(lambda f, m: (lambda a: (f(a, "i4", 4).__setitem__(0, 0), a)[1])(m(A)))],
    "setfield": [call(A, 0, "i4", 4), call(C, 3.0, "f8"), call(A, 1, "c16"), call(R, V[:3], "f8", 4), call(V, 1, "f4", offset=2)],
    "ravel": [call(A), call(Z), call(Z, "K"), call(A, "F"), call(P), call(A, "X"), story(lambda f, m: (lambda a: (f(a).__setitem__(0, 9), a)[1])(m(A)))],
    "reshape": [call(A, 4, 3), call(A, (2, -1)), call(Z, -1), call(A, 6, 2, order="F"), call(A, 5), call(Z, 8, copy=False), call(A, -1, -1), call(P, 1, 1), call(E, 3, 0), call(A, (12,), copy=True), call(A, 12, order="X"), call(T, (5, 1)), call(V)],
    "resize": [call(A, 2, 3, refcheck=False), call(A, (4, 4), refcheck=False), call(V, 7, refcheck=False), call(S.T, 3, refcheck=False), call(A, -1), call(V, "x"), call(T, 7, refcheck=False), call(V),
               story(lambda f, m: f(m(A)[1:], 3)), story(lambda f, m: (lambda a: (a[1:], f(a, 20), a)[2])(m(V))), story(lambda f, m: (lambda a, b: f(a, 20))(*(lambda a: (a, a[1:]))(m(V)))),
               story(lambda f, m: (lambda a: (f(a, 9, refcheck=False), a)[1])(m(V)))],
    "squeeze": [call(A[None]), call(A[None], axis=0), call(A, 0), call(P), story(lambda f, m: f(m(V)[1]))],
    "swapaxes": [call(K, 0, 2), call(A, 0, 3), call(P, 0, 0)],
    "transpose": [call(A), call(K, 1, 2, 0), call(K, (0, 2, 1)), call(K, None), call(A, 0, 0), call(A, 1), story(lambda f, m: f(m(V)[1]))],
    "view": [call(A), call(A, "i8"), call(V, "u1"), call(A, "c16"), call(V, "c16"), call(Z, "f4"), call(P, "i8"), call(A, np.ndarray), call(A, type=np.ndarray), call(O, "i8"), call(D, "i8"), call(R, "V14"), call(A, "no"), call(A, type=int), story(lambda f, m: f(m(V)[1], "i4"))],
    "to_device": [call(A, "cpu"), call(A, "cpu", stream=1), call(P, "cpu")],
    "setflags": [call(A), call(A, write=False), call(A, write=True), call(A, uic=True), story(lambda f, m: (lambda a: (f(a, write=False), a.fill(1)))(m(A))), story(lambda f, m: (lambda a: (f(a, write=False), f(a, write=True), a.fill(1), a)[3])(m(A)))],
    # Calculation
    "all": _reduction(call(A, where=B)),
    "any": _reduction(call(B, 1), call(O)),
    "argmax": _reduction(call(A, 0, np.zeros(4, "i8"))),
    "argmin": _reduction(call(N)),
    "argpartition": [story(lambda f, m: sorted(m(V)[f(m(V), 2)[:3]].tolist())), call(V, 9), call(V, 1.5), call(P, 0)],
    "argsort": [call(V), call(A, 0), call(A, None), call(I, kind="stable"), call(R, order="b"), call(V, 4), call(V, stable=True), call(T), call(P), call(V, order="x")],
    "choose": [call(I[:4] % 2, [V[:4], W[:4]]), call(I, [V, W]), call(I, [V, W], mode="clip"), call(I % 2, [V, W], np.zeros(5, "f4")), call(V, [V, W])],
    "clip": [call(A, 0, 1), call(V, W), call(V, max=2), call(V, 0, 1, out=np.zeros(5, "f4")), call(V, 0, 1, np.zeros(3)), call(V, A, 1), call(J, 0, 2.5), call(T, "a", "b"), call(U, -1, 300), call(V)],
    "compress": [call(A, [1, 0, 1], 0), call(V, M), call(V, M, out=np.zeros(3, "f4")), call(V, M, 0, np.zeros(2, "f4")), call(V, [1] * 9)],
    "conj": _unary(),
    "conjugate": _unary(),
    "cumprod": [call(A), call(A, 1), call(V, 0, None, np.zeros(5, "f4")), call(V, out=np.zeros(4)), call(J, dtype="f4"), call(A, 3), call(T), call(P)],
    "cumsum": [call(A), call(A, 1), call(V, 0, None, np.zeros(5, "f4")), call(V, out=np.zeros(4)), call(B, dtype="i2"), call(A, 3), call(T), call(P)],
    "dot": [call(V, W), call(A, A.T), call(A, A), call(A, A.T, np.zeros((3, 3))), call(V, 2), call(A, A.T, out=np.zeros((3, 3), "f4")), call(J, J.T), call(C, C)],
    "max": _reduction(call(A, initial=9), call(T), call(A, where=B, initial=0)),
    "mean": _reduction(call(A, where=B), call(J, dtype="f4"), call(H), call(C, 0), call(T), call(A, 0, "f4")),
    "min": _reduction(call(A, initial=-9), call(D)),
    "nonzero": [call(A), call(M), call(P), call(O), call(E)],
    "prod": _reduction(call(A, where=B), call(J, dtype="f4"), call(A, initial=2)),
    "repeat": [call(V, 2), call(A, [1, 0, 2], 0), call(A, [1, 2], axis=0), call(V, -1), call(P, 3)],
    "round": [call(A), call(V, 1), call(J, -1), call(A, out=np.zeros((3, 4))), call(A, 0, np.zeros(2)), call(C, 1), call(T), call(P)],
    "searchsorted": [call(X, V), call(X, 0.5, "right"), call(X, V, sorter=I), call(X, V, "up"), call(A, 1), call(X, P)],
    "std": _reduction(call(A, where=B), call(A, ddof=1), call(C), call(A, 1, None, None, 1)),
    "sum": _reduction(call(A, where=B), call(J, dtype="f4"), call(A, initial=2), call(A, (0, 1)), call(T), call(B)),
    "take": [call(V, I), call(A, [0, 2], 1), call(V, 9), call(V, 9, mode="wrap"), call(V, I, None, np.zeros(5, "f4"), "clip"), call(A, J % 3, axis=0), call(P, 0)],
    "trace": [call(S), call(A, 1), call(K, 0, 1, 2, "f4"), call(S, out=np.zeros(())), call(V)],
    "var": _reduction(call(A, where=B), call(A, ddof=1), call(C)),
    # In place
    "partition": [call(V, 0), call(A, 1, 0), call(V, [1, 3]), call(V, 9), call(P, 0), call(V, 1.5), call(R, 0, order="x")],
    "put": [call(A, [0, 5], [9, 8]), call(V, I, W), call(V, 9, 1), call(V, 9, 1, mode="wrap"), call(V, [], []), call(V, [0], T), call(V, 0, 1, "no")],
    "sort": [call(V), call(A, 0), call(A, axis=None), call(R, order="b"), call(A, 5), call(T), call(N), call(Z), call(V, kind="x"), call(V, stable=True), call(P), call(O)],
    # Bytes
    "dump": [story(lambda f, m: (lambda b: (f(m(A), b), pickle.loads(b.getvalue()))[1])(io.BytesIO())), story(lambda f, m: f(m(A), "/nonexistent/dir/x"))],
    "dumps": [story(lambda f, m: pickle.loads(f(m(A)))), story(lambda f, m: pickle.loads(f(m(T))))],
    "item": [call(A, 3), call(A, 1, 2), call(P), call(A, (0, 1)), call(A, 99), call(A), call(T, 0), call(D, 0), call(O, 4), call(A, -1), call(R, 1), call(A, "x")],
    "tobytes": [call(A), call(Z), call(Z, "F"), call(A, order="A"), call(T), call(A, "X")],
    "tofile": [story(lambda f, m: f(m(A), "/nonexistent/dir/x")), story(lambda f, m: f(m(A), "/dev/null")), story(lambda f, m: f(m(A), "/dev/null", sep=" ", format="%d"))],
    "tolist": [call(A), call(P), call(T), call(D), call(O), call(E), call(R), call(C), call(H), call(K)],
    # Conversions
    "__bool__": _number(call(np.array([True, False]))),
    "__complex__": _number(),
    "__float__": _number(),
    "__int__": _number(call(D)),
    "__index__": _number(call(np.array([1])), call(np.array(True))),
    "__format__": [call(P, ".3f"), call(A, ""), call(A, ".2f"), call(P, ""), story(lambda f, m: f(m(V)[0], "8.2f")), call(P, "zz")],
    "__hash__": [story(lambda f, m: hash(m(A))), story(lambda f, m: hash(m(P))), story(lambda f, m: hash(m(V)[1]))],
    "__repr__": [story(lambda f, m: type(f(m(A)))), story(lambda f, m: type(f(m(O))))],
    "__str__": [call(A), call(P), call(T), story(lambda f, m: str(m(V)[1])), call(O), call(R)],
    "__len__": [call(A), call(P), call(E), story(lambda f, m: len(m(T)[0])), story(lambda f, m: len(m(V)[0]))],
    "__iter__": [story(lambda f, m: list(f(m(A)))), story(lambda f, m: list(f(m(P)))), story(lambda f, m: list(f(m(T)))), story(lambda f, m: list(f(m(O)))), story(lambda f, m: list(iter(m(V)[0])))],
    "__contains__": [call(A, 1.5), call(A, 99), call(V, V[0]), call(T, "pear"), call(V, "x"), call(A, A[0]), call(O, None), call(J, [1, -2, 3]), call(A, V)],
    # Indexing
    "__getitem__": [
        call(A, 1), call(A, (1, 2)), call(A, (slice(None), 1)), call(A, ...), call(A, None), call(A, -1), call(A, 9), call(A, (1, 2, 3)), call(A, "x"), call(A, 1.5), call(P, ()), call(P, ...), call(P, 0),
        call(V, I), call(A, ([0, 1], [1, 2])), call(V, M), call(A, B), call(A, A > 0), call(V, [True, False]), call(A, (I[:3], None, slice(0, 2))), call(V, [9]), call(A, [[0], [2]]), call(V, np.int8(2)), call(V, True),
        call(R, "a"), call(R, ["a", "b"]), call(R, "x"), call(R, 1), call(T, 2), call(D, 0), call(O, 2), call(O, 4), call(O, [1, 2]), call(C, (0, 1)), call(E, 0), call(V, slice(3, None, -2)), call(V, slice(None, None, 0)), call(V, Host(I)), call(V, P),
        story(lambda f, m: m(R)[1]["b"]), story(lambda f, m: m(R)[1][0]), story(lambda f, m: m(T)[1][0]), story(lambda f, m: m(T)[1][9]), story(lambda f, m: m(V)[1][()]), story(lambda f, m: m(V)[1][...]), story(lambda f, m: m(V)[1][0]),
        story(lambda f, m: (lambda r: (r["b"].__setitem__(0, 9), r)[1])(m(R))), story(lambda f, m: (lambda r: (r[["a", "b"]].__setitem__(0, (5, 6)), r)[1])(m(R))),
    ],
    "__setitem__": [
        call(A, 1, 5), call(A, (1, 2), 7), call(A, (slice(None), 1), V[:3]), call(A, ..., A * 2), call(A, 9, 1), call(A, 0, V), call(A, "x", 1), call(P, (), 3), call(P, ..., 3), call(P, 0, 3), call(A, 1.5, 1),
        call(V, I, W), call(V, M, 0), call(V, M, [7, 8, 9]), call(V, M, [7, 8]), call(A, B, 1), call(A, A > 0, -A[A > 0]), call(V, [9], 1), call(V, ([0, 0],), [1, 2]), call(J, (0, 0), np.nan), call(J, 0, 2.7), call(J, 0, "7"), call(J, 0, "x"),
        call(R, "a", [7, 8, 9]), call(R, 1, (9, 9.5, b"q")), call(R, "x", 1), call(R, ["a", "b"], Q[0:1].astype([("a", "i4"), ("b", "f8")])), call(T, 0, "longer"), call(D, 0, "2020-01-01"), call(D, 0, 1.5), call(O, 0, [1, 2]), call(O, slice(0, 2), [1, 2]), call(O, 1, None),
        call(U, 0, 300), call(U, (0, 0), -1), call(C, 0, 1j), call(V, 0, 1j), call(V, 0, C), call(B, 0, 2), call(H, 0, 1e9), call(V, slice(0, 3), W[2:]), call(V, slice(0, 3), W), call(A, None, 3), call(V, 0, Host(P)), call(E, ..., 1), call(V, True, 9),
        story(lambda f, m: (lambda a: (f(a, slice(1, None), a[:-1]), a)[1])(m(V))), story(lambda f, m: (lambda a: (f(a, I, a[::-1]), a)[1])(m(V))), story(lambda f, m: operator.setitem(m(V)[1], (), 3)),
    ],
    "__delitem__": [call(A, 0), call(V, slice(None))],
    # Protocols
    "__array__": [story(lambda f, m: type(f(m(A))).__name__), story(lambda f, m: f(m(A), "f4").dtype.str), story(lambda f, m: f(m(A), copy=True).shape)],
    "__array_function__": [story(lambda f, m: (lambda a: f(a, np.concatenate, (type(a),), ([a, a],), {}))(m(V))), story(lambda f, m: (lambda a: f(a, np.sum, (type(a),), (a,), {"axis": 9}))(m(V)))],
    "__array_interface__": [story(lambda f, m: f(m(A))["typestr"]), story(lambda f, m: f(m(A))["shape"])],
    "__array_namespace__": [story(lambda f, m: callable(f(m(A)).sum)), story(lambda f, m: f(m(A), api_version="1999.01"))],
    "__array_priority__": [story(lambda f, m: isinstance(f(m(A)), float)), story(lambda f, m: f(m(A)) >= 0)],
    "__array_ufunc__": [story(lambda f, m: (lambda a: f(a, np.add, "__call__", a, 1))(m(V))), story(lambda f, m: (lambda a: f(a, np.add, "nothing", a, 1))(m(V)))],
    "__array_wrap__": [story(lambda f, m: f(m(A), np.arange(3.0))), story(lambda f, m: f(m(A), np.array(3.0), None, True)), story(lambda f, m: f(m(A), np.array(3.0), None, False))],
    "__class_getitem__": [story(lambda f, m: type(type(m(A))[int, float]).__name__), story(lambda f, m: type(m(A))[int, float].__args__)],
    "__dlpack__": [story(lambda f, m: type(f(m(A))).__name__), story(lambda f, m: np.from_dlpack(m(A)).tolist()), call(T)],
    "__dlpack_device__": [call(A), call(P)],
    "__reduce__": [story(lambda f, m: pickle.loads(pickle.dumps(m(A)))), story(lambda f, m: pickle.loads(pickle.dumps(m(V)[1])))],
    "__reduce_ex__": [story(lambda f, m: pickle.loads(pickle.dumps(m(R), 4))), story(lambda f, m: copy.copy(m(Z)))],
    "__setstate__": [
        story(lambda f, m: (lambda a: (f(a, (1, (2,), np.dtype("f4"), False, b"\0" * 8)), a)[1])(m(A))), story(lambda f, m: f(m(A), (1, 2))),
        story(lambda f, m: (lambda a: (f(a, A.__reduce__()[2]), a)[1])(m(V))),
    ],
    "__sizeof__": [story(lambda f, m: m(A).__sizeof__() > A.nbytes), story(lambda f, m: m(P).__sizeof__() > 0)],
    # Operators
    **{f"__{name}__": _unary() for name in ("abs", "neg", "pos", "invert")},
    **{
        f"__{side}{name}__": _binary()
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "and", "or", "xor", "lshift", "rshift")
        for side in ("", "r")
    },
    **{f"__{name}__": _binary() for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{f"__{side}matmul__": [call(A, A.T), call(V, W), call(A, A), call(A, Host(A.T)), call(V, 2), call(K, K.swapaxes(1, 2)), call(C, C), call(J, J.T), call(B, B.T), call(T, T), call(P, P)] for side in ("", "r")},
    **{f"__i{name}__": _in_place() for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift")},
    "__imatmul__": [call(S.copy(), S), call(S.copy(), A), call(J.copy(), J), call(V.copy(), W)],
}  # fmt: skip
EXAMPLES["__pow__"] += [
    call(V, 2, 5),
    call(J, 3),
    call(J, -1),
    call(V, 0.5),
    call(V, -1),
    call(V, 0),
]

SCALARS = {
    name: array.reshape(-1)[:1]
    for name, array in {
        "f4": V,
        "f8": A,
        "f2": H,
        "i8": I,
        "i4": J,
        "u1": U,
        "?": B,
        "c16": C,
        "M8": D,
        "m8": DD,
        "V": R,
    }.items()
}
"""One-element arrays whose element stands for each kind of NumPy scalar."""
