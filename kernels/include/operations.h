// Owns what each operation computes for one element, with NumPy's meaning. Must not know tiles,
// programs or memory. One struct per opcode, named as the capability table names it.
#ifndef FPGARRAY_OPERATIONS_H
#define FPGARRAY_OPERATIONS_H

#include "integers.h"

namespace {
namespace operations {

// W computes as T, but wraps around where T is an integer.
#define FPGARRAY_WRAPPING(name, expression)                                                       \
    struct name {                                                                                 \
        template <typename T> static T apply(T a, T b) {                                          \
            typedef typename group<T>::wrapping W;                                                \
            return T(expression);                                                                 \
        }                                                                                         \
    };
FPGARRAY_WRAPPING(add, W(a) + W(b))
FPGARRAY_WRAPPING(subtract, W(a) - W(b))
FPGARRAY_WRAPPING(multiply, W(a) * W(b))
#undef FPGARRAY_WRAPPING

#define FPGARRAY_BINARY_OPERATION(name, expression)                                               \
    struct name {                                                                                 \
        template <typename T> static T apply(T a, T b) { return expression; }                     \
    };
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
#if FPGARRAY_TRIGONOMETRY
FPGARRAY_BINARY_OPERATION(arctan2, maths::inverse_tangent_of(a, b))
#endif
#if FPGARRAY_POWERS
FPGARRAY_BINARY_OPERATION(hypot, maths::hypotenuse(a, b))
FPGARRAY_BINARY_OPERATION(power, maths::power(a, b))
FPGARRAY_BINARY_OPERATION(logaddexp, maths::log_of_exponentials(a, b))
FPGARRAY_BINARY_OPERATION(logaddexp2, maths::log_of_powers_of_two(a, b))
#endif
#undef FPGARRAY_BINARY_OPERATION

inline float magnitude(float x) { return maths::absolute(x); }
inline double magnitude(double x) { return maths::absolute(x); }
template <typename T> inline T magnitude(T x) { return integers::absolute(x); }
inline float sign_of(float x) { return maths::sign_of(x); }
inline double sign_of(double x) { return maths::sign_of(x); }
template <typename T> inline T sign_of(T x) { return T((x > T(0)) - (x < T(0))); }

#define FPGARRAY_UNARY_OPERATION(name, expression)                                                \
    struct name {                                                                                 \
        template <typename T> static T apply(T a) { return expression; }                          \
    };
FPGARRAY_UNARY_OPERATION(negative, T(-typename group<T>::wrapping(a)))
FPGARRAY_UNARY_OPERATION(absolute, magnitude(a))
FPGARRAY_UNARY_OPERATION(sqrt, maths::square_root(a))
FPGARRAY_UNARY_OPERATION(exp, maths::exponential(a))
FPGARRAY_UNARY_OPERATION(exp2, maths::exponential2(a))
FPGARRAY_UNARY_OPERATION(expm1, maths::exponential1(a))
FPGARRAY_UNARY_OPERATION(log2, maths::logarithm2(a))
FPGARRAY_UNARY_OPERATION(log10, maths::logarithm10(a))
FPGARRAY_UNARY_OPERATION(log1p, maths::logarithm1(a))
FPGARRAY_UNARY_OPERATION(log, maths::logarithm(a))
FPGARRAY_UNARY_OPERATION(normal_log, maths::normal_logarithm(a))
FPGARRAY_UNARY_OPERATION(logical_not, a == T(0) ? T(1) : T(0))
FPGARRAY_UNARY_OPERATION(floor, maths::round_down(a))
FPGARRAY_UNARY_OPERATION(ceil, maths::round_up(a))
FPGARRAY_UNARY_OPERATION(trunc, maths::round_to_zero(a))
FPGARRAY_UNARY_OPERATION(rint, maths::nearest(a))
FPGARRAY_UNARY_OPERATION(sign, sign_of(a))
FPGARRAY_UNARY_OPERATION(positive, a)
FPGARRAY_UNARY_OPERATION(square, multiply::apply(a, a))
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
FPGARRAY_UNARY_OPERATION(tan, maths::near_tangent(a))
FPGARRAY_UNARY_OPERATION(arcsin, maths::inverse_sine(a))
FPGARRAY_UNARY_OPERATION(arccos, maths::inverse_cosine(a))
FPGARRAY_UNARY_OPERATION(arctan, maths::inverse_tangent(a))
#endif
#if FPGARRAY_HYPERBOLIC
FPGARRAY_UNARY_OPERATION(sinh, maths::hyperbolic_sine(a))
FPGARRAY_UNARY_OPERATION(cosh, maths::hyperbolic_cosine(a))
FPGARRAY_UNARY_OPERATION(tanh, maths::hyperbolic_tangent(a))
FPGARRAY_UNARY_OPERATION(arcsinh, maths::inverse_sine_hyperbolic(a))
FPGARRAY_UNARY_OPERATION(arccosh, maths::inverse_cosine_hyperbolic(a))
FPGARRAY_UNARY_OPERATION(arctanh, maths::inverse_tangent_hyperbolic(a))
#endif
#if FPGARRAY_POWERS
FPGARRAY_UNARY_OPERATION(cbrt, maths::cube_root(a))
#endif
#undef FPGARRAY_UNARY_OPERATION

#if FPGARRAY_DIVISIONS
// Of x, y and the remainder of their division (maths::near_remainder or far_remainder).
struct fmod {
    template <typename T> static T apply(T, T, T remainder) { return remainder; }
};
struct remainder {
    template <typename T> static T apply(T a, T b, T remainder) {
        return maths::floored_remainder(a, b, remainder);
    }
};
struct floor_divide {
    template <typename T> static T apply(T a, T b, T remainder) {
        return maths::floored_quotient(a, b, remainder);
    }
};
#endif

struct where {
    template <typename T> static T apply(T a, T b, T c) { return a != T(0) ? b : c; }
};

}  // namespace operations

// What only integers have, or have otherwise than floats.
namespace integer_operations {

#define FPGARRAY_INTEGER_OPERATION(name, expression)                                              \
    struct name {                                                                                 \
        template <typename T> static T apply(T a, T b) { return expression; }                     \
    };
FPGARRAY_INTEGER_OPERATION(bitwise_and, T(a & b))
FPGARRAY_INTEGER_OPERATION(bitwise_or, T(a | b))
FPGARRAY_INTEGER_OPERATION(bitwise_xor, T(a ^ b))
FPGARRAY_INTEGER_OPERATION(left_shift, integers::left_shift(a, b))
FPGARRAY_INTEGER_OPERATION(right_shift, integers::right_shift(a, b))
FPGARRAY_INTEGER_OPERATION(floor_divide, integers::floor_divide(a, b))
FPGARRAY_INTEGER_OPERATION(remainder, integers::remainder(a, b))
FPGARRAY_INTEGER_OPERATION(fmod, integers::fmod(a, b))
FPGARRAY_INTEGER_OPERATION(power, integers::power(a, b))
#undef FPGARRAY_INTEGER_OPERATION

struct invert {
    template <typename T> static T apply(T a) { return T(~a); }
};

}  // namespace integer_operations
}  // namespace

#endif
