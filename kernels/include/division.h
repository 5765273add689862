// Owns fmod, exactly, and what NumPy makes of it. Two ways to the remainder: from the quotient while
// that is small, else by long division of the mantissas, eleven bits at a time.
#ifndef FPGARRAY_DIVISION_H
#define FPGARRAY_DIVISION_H

#include "rounding.h"

namespace {
namespace maths {

// ---- near: products stay exact ----------------------------------------------------------------

// Whether x modulo y, both > 0 and finite, needs the long division.
FPGARRAY_INLINE bool is_far_quotient(narrow, double x, double y) { return x >= y * 0x1p28; }
FPGARRAY_INLINE bool is_far_quotient(wide, double x, double y) {
    return (x >= y * 0x1p50) | (y < 0x1p-900) | (x > 0x1p1000);
}

template <typename T> FPGARRAY_INLINE bool is_far_pair(T given_x, T given_y) {
    const double x = absolute((double)given_x), y = absolute((double)given_y);
    const bool ordinary = (x < __builtin_inf()) & (y < __builtin_inf()) & (y > 0.0) & (x >= y);
    return ordinary & is_far_quotient(typename precision<T>::series(), x, y);
}

// q y - product, exactly.
FPGARRAY_INLINE double product_error(wide, double q, double y, double product) {
    const double q_high = upper(q), q_low = q - q_high, y_high = upper(y), y_low = y - y_high;
    return ((q_high * y_high - product) + q_high * y_low + q_low * y_high) + q_low * y_low;
}
FPGARRAY_INLINE double product_error(narrow, double, double, double) { return 0.0; }

// x modulo y for x >= y > 0. The rounded quotient is never too small; one too large shows.
template <typename P> FPGARRAY_INLINE double near_modulo(P series, double x, double y) {
    const double quotient = x / y;
    const double rounded = (quotient + 0x1p52) - 0x1p52;
    const double q = rounded - (rounded > quotient ? 1.0 : 0.0);
    const double product = q * y;
    const double r = (x - product) - product_error(series, q, y, product);
    return r < 0.0 ? r + y : r;
}

template <typename T> FPGARRAY_INLINE T near_remainder(T given_x, T given_y) {
    const double x = absolute((double)given_x), y = absolute((double)given_y);
    const T r = (T)(x < y ? x : near_modulo(typename precision<T>::series(), x, y));
    const T unordered = given_x + given_y;
    const bool undefined = (x == __builtin_inf()) | (y == 0.0);
    const T defined = undefined ? real<T>::undefined() : copy_sign(r, given_x);
    return (given_x != given_x) | (given_y != given_y) ? unordered : defined;
}

// ---- far: mantissas as integers ---------------------------------------------------------------

static const unsigned LONG_DIVISION_STEPS = 192;  // 11 bits each: more than exponents can differ by

struct whole_mantissa {
    uint64 mantissa;
    int32 exponent;  // of the last place, biased so that subnormals have 0
};
inline whole_mantissa take_apart(double x) {
    const uint64 bits = bits_as<uint64>(x);
    const int32 field = (int32)(bits >> 52 & 0x7ff);
    whole_mantissa y;
    y.mantissa = (bits & 0xfffffffffffffull) | (field ? 1ull << 52 : 0);
    y.exponent = field ? field - 1 : 0;
    return y;
}

// x modulo y for finite x >= y > 0.
inline double far_modulo(double x, double y) {
    const whole_mantissa a = take_apart(x), b = take_apart(y);
    uint64 rest = a.mantissa % b.mantissa;
    int32 left = a.exponent - b.exponent;
long_division:
    for (unsigned step = 0; step < LONG_DIVISION_STEPS; ++step) {
#pragma HLS loop_tripcount min=2 max=192
        if (left <= 0) break;
        const int32 shift = left < 11 ? left : 11;
        rest = (rest << shift) % b.mantissa;
        left -= shift;
    }
    // rest 2^(exponent - 1074), in two exact factors
    const int32 exponent = b.exponent - 1074, half = exponent / 2;
    return (double)rest * bits_as<double>((uint64)(half + 1023) << 52) *
           bits_as<double>((uint64)(exponent - half + 1023) << 52);
}

template <typename T> T far_remainder(T given_x, T given_y) {
    const T r = (T)far_modulo(absolute((double)given_x), absolute((double)given_y));
    return copy_sign(r, given_x);
}

// ---- what NumPy makes of the remainder of x / y that has the sign of x ------------------------

template <typename T> FPGARRAY_INLINE T floored_remainder(T, T y, T remainder) {
    const bool apart = (y < T(0)) != (remainder < T(0));
    const T moved = apart ? remainder + y : remainder;
    const T result = remainder == T(0) ? copy_sign(T(0), y) : moved;
    return y == T(0) ? remainder : result;
}

template <typename T> FPGARRAY_INLINE T floored_quotient(T x, T y, T remainder) {
    const bool apart = (remainder != T(0)) & ((y < T(0)) != (remainder < T(0)));
    const T exact = (x - remainder) / y;
    const T quotient = apart ? exact - T(1) : exact;
    const T down = round_down(quotient);
    const T closest = quotient - down > T(0.5) ? down + T(1) : down;
    const T ratio = x / y;
    const T result = quotient == T(0) ? copy_sign(T(0), ratio) : closest;
    return y == T(0) ? ratio : result;
}

}  // namespace maths
}  // namespace

#endif
