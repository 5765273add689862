// Owns what each operation computes for one element, with NumPy's meaning. Must not know tiles,
// programs or memory. One struct per opcode, named as the capability table names it.
#ifndef FPGARRAY_OPERATIONS_H
#define FPGARRAY_OPERATIONS_H

#include "maths.h"

namespace {
namespace operations {

#define FPGARRAY_BINARY_OPERATION(name, expression)                                               \
    struct name {                                                                                 \
        template <typename T> static T apply(T a, T b) { return expression; }                     \
    };
FPGARRAY_BINARY_OPERATION(add, a + b)
FPGARRAY_BINARY_OPERATION(subtract, a - b)
FPGARRAY_BINARY_OPERATION(multiply, a *b)
FPGARRAY_BINARY_OPERATION(divide, a / b)
// A NaN in either is the result; of two equal ones (zeros!) NumPy gives the second.
FPGARRAY_BINARY_OPERATION(minimum, !((a >= b) | (b != b)) ? a : b)
FPGARRAY_BINARY_OPERATION(maximum, !((a <= b) | (b != b)) ? a : b)
FPGARRAY_BINARY_OPERATION(less, a < b ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(less_equal, a <= b ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(greater, a > b ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(greater_equal, a >= b ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(equal, a == b ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(not_equal, a != b ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(logical_and, (a != T(0)) & (b != T(0)) ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(logical_or, (a != T(0)) | (b != T(0)) ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(logical_xor, (a != T(0)) ^ (b != T(0)) ? T(1) : T(0))
FPGARRAY_BINARY_OPERATION(copysign, maths::copy_sign(a, b))
// The other one, if one is NaN; of two equal ones the second, as for minimum.
FPGARRAY_BINARY_OPERATION(fmin, (a < b) | (b != b) ? a : b)
FPGARRAY_BINARY_OPERATION(fmax, (a > b) | (b != b) ? a : b)
FPGARRAY_BINARY_OPERATION(heaviside, maths::step(a, b))
FPGARRAY_BINARY_OPERATION(nextafter, maths::next_after(a, b))
#undef FPGARRAY_BINARY_OPERATION

#define FPGARRAY_UNARY_OPERATION(name, expression)                                                \
    struct name {                                                                                 \
        template <typename T> static T apply(T a) { return expression; }                          \
    };
FPGARRAY_UNARY_OPERATION(negative, -a)
FPGARRAY_UNARY_OPERATION(absolute, maths::absolute(a))
FPGARRAY_UNARY_OPERATION(sqrt, maths::square_root(a))
FPGARRAY_UNARY_OPERATION(exp, maths::exponential(a))
FPGARRAY_UNARY_OPERATION(log, maths::logarithm(a))
FPGARRAY_UNARY_OPERATION(normal_log, maths::normal_logarithm(a))
FPGARRAY_UNARY_OPERATION(logical_not, a == T(0) ? T(1) : T(0))
FPGARRAY_UNARY_OPERATION(floor, maths::round_down(a))
FPGARRAY_UNARY_OPERATION(ceil, maths::round_up(a))
FPGARRAY_UNARY_OPERATION(trunc, maths::round_to_zero(a))
FPGARRAY_UNARY_OPERATION(rint, maths::nearest(a))
FPGARRAY_UNARY_OPERATION(sign, maths::sign_of(a))
FPGARRAY_UNARY_OPERATION(positive, a)
FPGARRAY_UNARY_OPERATION(square, a *a)
FPGARRAY_UNARY_OPERATION(reciprocal, T(1) / a)
FPGARRAY_UNARY_OPERATION(degrees, a *maths::real<T>::degree())
FPGARRAY_UNARY_OPERATION(radians, a *maths::real<T>::radian())
FPGARRAY_UNARY_OPERATION(spacing, maths::spacing_at(a))
FPGARRAY_UNARY_OPERATION(isnan, a != a ? T(1) : T(0))
FPGARRAY_UNARY_OPERATION(isinf, maths::absolute(a) == maths::real<T>::infinity() ? T(1) : T(0))
FPGARRAY_UNARY_OPERATION(isfinite, maths::is_finite(a) ? T(1) : T(0))
FPGARRAY_UNARY_OPERATION(signbit, maths::is_negative(a) ? T(1) : T(0))
#if FPGARRAY_TRIGONOMETRY
FPGARRAY_UNARY_OPERATION(sin, maths::near_sine(a))
FPGARRAY_UNARY_OPERATION(cos, maths::near_cosine(a))
#endif
#undef FPGARRAY_UNARY_OPERATION

struct where {
    template <typename T> static T apply(T a, T b, T c) { return a != T(0) ? b : c; }
};

}  // namespace operations
}  // namespace

#endif
