"""Element-wise functions of the standard: a table of NumPy's functions under the standard's names.

Operands broadcast; of two, one may be a Python scalar of the array's kind, which takes the
array's data type. `clip` alone has more to it than a name. Functions that have an operator take its
short way (`QUICK`), which notes their caller's line; through NumPy it would be a line of this file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fpgarray.array import FPGAArray
from fpgarray.array.operators import QUICK
from fpgarray.array_api.operands import arrays, named, own


def _unary(name: str, numpy: Callable[[Any], Any], text: str) -> Callable[..., FPGAArray]:
    quick = QUICK.get(numpy)

    def function(x: FPGAArray, /) -> FPGAArray:
        if quick is not None and type(x) is FPGAArray:
            return arrays(quick(x, depth=2), x.device)
        result = numpy(own(name, x))
        return x if result is x else arrays(result, x.device)

    return named(function, name, text)


def _binary(name: str, numpy: Callable[[Any, Any], Any], text: str) -> Callable[..., FPGAArray]:
    quick = QUICK.get(numpy)

    def function(x1: FPGAArray | complex, x2: FPGAArray | complex, /) -> FPGAArray:
        if quick is not None and type(x1) is FPGAArray:
            result = quick(x1, x2, depth=2)
            if result is not NotImplemented:
                return arrays(result, x1.device)
        first = own(name, x1, x2)
        return arrays(numpy(x1, x2), first.device)

    return named(function, name, text)


abs = _unary("abs", np.abs, "Absolute value; real for complex `x`.")
acos = _unary("acos", np.arccos, "Inverse cosine, in radians.")
acosh = _unary("acosh", np.arccosh, "Inverse hyperbolic cosine.")
asin = _unary("asin", np.arcsin, "Inverse sine, in radians.")
asinh = _unary("asinh", np.arcsinh, "Inverse hyperbolic sine.")
atan = _unary("atan", np.arctan, "Inverse tangent, in radians.")
atanh = _unary("atanh", np.arctanh, "Inverse hyperbolic tangent.")
bitwise_invert = _unary("bitwise_invert", np.invert, "All bits flipped (not, for bool).")
ceil = _unary("ceil", np.ceil, "The nearest integer that is not below; same data type.")
conj = _unary("conj", np.conj, "Complex conjugate.")
cos = _unary("cos", np.cos, "Cosine of radians.")
cosh = _unary("cosh", np.cosh, "Hyperbolic cosine.")
exp = _unary("exp", np.exp, "e to the power of `x`.")
expm1 = _unary("expm1", np.expm1, "exp(x) - 1, exact near zero.")
floor = _unary("floor", np.floor, "The nearest integer that is not above; same data type.")
imag = _unary("imag", np.imag, "Imaginary part.")
isfinite = _unary("isfinite", np.isfinite, "Whether neither infinite nor NaN.")
isinf = _unary("isinf", np.isinf, "Whether infinite, of either sign.")
isnan = _unary("isnan", np.isnan, "Whether NaN.")
log = _unary("log", np.log, "Natural logarithm.")
log10 = _unary("log10", np.log10, "Logarithm to base 10.")
log1p = _unary("log1p", np.log1p, "log(1 + x), exact near zero.")
log2 = _unary("log2", np.log2, "Logarithm to base 2.")
logical_not = _unary("logical_not", np.logical_not, "Logical not.")
negative = _unary("negative", np.negative, "-x.")
positive = _unary("positive", np.positive, "+x, a copy.")
real = _unary("real", np.real, "Real part.")
reciprocal = _unary("reciprocal", np.reciprocal, "1 / x.")
round = _unary("round", np.round, "The nearest integer, the even one of two; same data type.")
sign = _unary("sign", np.sign, "-1, 0 or 1; x / |x| for complex `x`; NaN for NaN.")
signbit = _unary("signbit", np.signbit, "Whether the sign bit is set, as it is for -0.")
sin = _unary("sin", np.sin, "Sine of radians.")
sinh = _unary("sinh", np.sinh, "Hyperbolic sine.")
sqrt = _unary("sqrt", np.sqrt, "Square root, correctly rounded.")
square = _unary("square", np.square, "x · x.")
tan = _unary("tan", np.tan, "Tangent of radians.")
tanh = _unary("tanh", np.tanh, "Hyperbolic tangent.")
trunc = _unary("trunc", np.trunc, "The nearest integer towards zero; same data type.")

add = _binary("add", np.add, "x1 + x2.")
atan2 = _binary("atan2", np.arctan2, "The angle of the point (x2, x1), in radians in [-π, π].")
bitwise_and = _binary("bitwise_and", np.bitwise_and, "x1 & x2.")
bitwise_left_shift = _binary("bitwise_left_shift", np.left_shift, "x1 << x2, for x2 >= 0.")
bitwise_or = _binary("bitwise_or", np.bitwise_or, "x1 | x2.")
bitwise_right_shift = _binary("bitwise_right_shift", np.right_shift, "x1 >> x2, for x2 >= 0.")
bitwise_xor = _binary("bitwise_xor", np.bitwise_xor, "x1 ^ x2.")
copysign = _binary("copysign", np.copysign, "The magnitude of `x1` with the sign of `x2`.")
divide = _binary("divide", np.divide, "x1 / x2.")
equal = _binary("equal", np.equal, "x1 == x2.")
floor_divide = _binary("floor_divide", np.floor_divide, "x1 // x2, rounded down.")
greater = _binary("greater", np.greater, "x1 > x2.")
greater_equal = _binary("greater_equal", np.greater_equal, "x1 >= x2.")
hypot = _binary("hypot", np.hypot, "√(x1² + x2²), without overflow on the way.")
less = _binary("less", np.less, "x1 < x2.")
less_equal = _binary("less_equal", np.less_equal, "x1 <= x2.")
logaddexp = _binary("logaddexp", np.logaddexp, "log(exp(x1) + exp(x2)), without overflow.")
logical_and = _binary("logical_and", np.logical_and, "Logical and.")
logical_or = _binary("logical_or", np.logical_or, "Logical or.")
logical_xor = _binary("logical_xor", np.logical_xor, "Logical exclusive or.")
maximum = _binary("maximum", np.maximum, "The greater of both; NaN if either is.")
minimum = _binary("minimum", np.minimum, "The smaller of both; NaN if either is.")
multiply = _binary("multiply", np.multiply, "x1 · x2.")
nextafter = _binary("nextafter", np.nextafter, "The next number after `x1` towards `x2`.")
not_equal = _binary("not_equal", np.not_equal, "x1 != x2.")
pow = _binary("pow", np.power, "x1 to the power of x2.")
remainder = _binary("remainder", np.remainder, "x1 % x2, with the sign of `x2`.")
subtract = _binary("subtract", np.subtract, "x1 - x2.")


def clip(x: FPGAArray, /, min: Any = None, max: Any = None) -> FPGAArray:
    """`x` limited to [min, max], either of which may be None, a scalar or an array.

    The result has the data type of `x`, to which the bounds are cast; NaN bounds give NaN.
    """
    low, high = _bound(own("clip", x), min), _bound(x, max)
    if low is None and high is None:
        return x.copy()
    return arrays(np.clip(x, low, high), x.device)


def _bound(x: FPGAArray, bound: Any) -> Any:
    """A bound that promotes with `x` to the data type of `x`; None where it cannot matter."""
    if bound is None or (type(bound) is float and x.dtype.kind in "fc"):
        return bound
    if isinstance(bound, FPGAArray):
        return bound.astype(x.dtype, copy=False)
    if isinstance(bound, int) and x.dtype.kind in "iu":
        limits = np.iinfo(x.dtype)
        return sorted((int(limits.min), bound, int(limits.max)))[1]
    return np.asarray(bound, x.dtype)
