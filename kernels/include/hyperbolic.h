// Owns the hyperbolic functions and their inverses (maths.h says under which rules). Made of the
// exponential and of log(1 + x); series of their own where those would cancel.
#ifndef FPGARRAY_HYPERBOLIC_H
#define FPGARRAY_HYPERBOLIC_H

#include "exponential.h"
#include "logarithm.h"

namespace {
namespace maths {

// (sinh t - t) / t^3, z = t^2 <= 1
FPGARRAY_INLINE double sinh_series(wide, double z) {
    return horner(z, 0x1.5555555555555p-3, 0x1.1111111111111p-7, 0x1.a01a01a01a001p-13,
                  0x1.71de3a556f96cp-19, 0x1.ae6456792a77fp-26, 0x1.612467ccb2260p-33,
                  0x1.ae777c36fd5b6p-41, 0x1.99f0806c2628dp-49);
}
FPGARRAY_INLINE double sinh_series(narrow, double z) {
    return horner(z, 0x1.5555554e858c9p-3, 0x1.11111eaff05ecp-7, 0x1.a008ffbc060dap-13,
                  0x1.78a70e32a02ebp-19);
}
// (tanh t - t) / t^3, z = t^2 <= 0.36
FPGARRAY_INLINE double tanh_series(double z) {
    return horner(z, -0x1.5555555555554p-2, 0x1.1111111110ca7p-3, -0x1.ba1ba1b9a09d7p-5,
                  0x1.664f4858deaccp-6, -0x1.226e2e08421ccp-7, 0x1.d6d24f72aa874p-9,
                  -0x1.7d8a96e9fe13bp-10, 0x1.344f4ae815c3fp-11, -0x1.e710d3f9482d6p-13,
                  0x1.5608d4996ede8p-14, -0x1.33a05b8be40c9p-16);
}
template <typename T> inline T hyperbolic_sine(T given) {
    const typename precision<T>::series series = {};
    const double x = given, a = absolute(x), z = a * a;
    const double small = a + a * z * sinh_series(series, z);
    const double half = exponential_part(series, within(a, 0.0, exp_top(series)), 1.0);
    return (T)copy_sign(a < 1.0 ? small : half - 0.25 / half, x);
}

template <typename T> inline T hyperbolic_cosine(T given) {
    const typename precision<T>::series series = {};
    const double a = absolute((double)given);
    const double half = exponential_part(series, within(a, 0.0, exp_top(series)), 1.0);
    return (T)(half + 0.25 / half);
}

FPGARRAY_INLINE float tanh_series(float z) {
    return horner(z, -0x1.555554p-2f, 0x1.110eep-3f, -0x1.b955dcp-5f, 0x1.59e1c8p-6f,
                  -0x1.9ada6p-8f);
}

// e^t for 0 <= t <= 44: no result leaves the range.
FPGARRAY_INLINE double moderate_exponential(double t) { return exponential_part(wide(), t, 0.0); }
FPGARRAY_INLINE float moderate_exponential(float t) {
    const float n = (t * 0x1.715476p+0f + ROUND_F4) - ROUND_F4;
    const float r = (t - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
    const float q =
        horner(r, 0.5f, 0x1.5554dcp-3f, 0x1.555518p-5f, 0x1.120cbap-7f, 0x1.6d1254p-10f);
    return (1.0f + (r + r * r * q)) * two_to(n);
}

template <typename T> inline T hyperbolic_tangent(T x) {
    const T a = absolute(x), z = a * a;
    const T small = a + a * z * tanh_series(z);
    const T square = moderate_exponential(within(T(2) * a, T(0), T(44)));
    return copy_sign(a < T(0.6) ? small : T(1) - T(2) / (square + T(1)), x);
}

static const double SUM_IS_DOUBLE = 0x1p28;  // from here on sqrt(x^2 +- 1) is x

// asinh a = log(1 + (a + a^2 / (1 + sqrt(a^2 + 1))))
template <typename T> inline T inverse_sine_hyperbolic(T given) {
    const double x = given, a = absolute(x), z = a * a;
    const bool large = a > SUM_IS_DOUBLE;
    const double w = a + z / (1.0 + square_root(z + 1.0));
    const double u = 1.0 + w;
    const double y = corrected_logarithm(typename precision<T>::series(), large ? a : u,
                                         large ? 0.0 : sum_error(1.0, w, u), large ? 1.0 : 0.0);
    const double finite = a < __builtin_inf() ? y : a;
    return (T)copy_sign(a < 0x1p-60 ? a : finite, x);
}

// What rounding lost in s = sqrt(v + v_error).
FPGARRAY_INLINE double root_error(wide, double s, double v, double v_error) {
    const double high = upper(s), low = s - high;
    const double rest = ((v - high * high) - 2.0 * high * low) - low * low;
    const double error = (rest + v_error) / (s + s);
    return s > 0.0 ? error : 0.0;
}
FPGARRAY_INLINE double root_error(narrow, double, double, double) { return 0.0; }

// acosh x = log(1 + (t + sqrt(2t + t^2))), t = x - 1
template <typename T> inline T inverse_cosine_hyperbolic(T given) {
    const typename precision<T>::series series = {};
    const double x = given, t = x - 1.0;
    const bool large = x > SUM_IS_DOUBLE;
    const double v = 2.0 * t + t * t;
    const double root = square_root(v);
    const double w = t + root;
    const double lost = (t - (w - root)) + root_error(series, root, v, (2.0 * t - v) + t * t);
    const double u = 1.0 + w;
    const double y = corrected_logarithm(series, large ? x : u,
                                         large ? 0.0 : sum_error(1.0, w, u) + lost,
                                         large ? 1.0 : 0.0);
    const double finite = x < __builtin_inf() ? y : x;
    return (T)(x < 1.0 ? __builtin_nan("") : finite);
}

// atanh a = log(1 + 2a / (1 - a)) / 2
template <typename T> inline T inverse_tangent_hyperbolic(T given) {
    const double x = given, a = absolute(x), twice = a + a;
    const bool near = a < 0.5;
    const double q = (near ? twice * a : twice) / (1.0 - a);
    const double y = 0.5 * logarithm_of_sum(typename precision<T>::series(), near ? twice + q : q);
    const double defined = a < 1.0 ? y : real<double>::undefined();
    const double result = a == 1.0 ? __builtin_inf() : defined;
    return (T)copy_sign(a < 0x1p-60 ? a : result, x);
}

}  // namespace maths
}  // namespace

#endif
