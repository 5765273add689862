// Owns powers, roots and sums under a logarithm (maths.h says under which rules).
#ifndef FPGARRAY_POWER_H
#define FPGARRAY_POWER_H

#include "exponential.h"
#include "logarithm.h"
#include "rounding.h"

namespace {
namespace maths {

// ---- cbrt: x = 8^q v, 1 <= v < 8; a polynomial, one step of Halley's, one of Newton's ----------

template <typename T> FPGARRAY_INLINE T polished_root(T y, T v) {
    const T t = upper(y);  // t^2 is exact
    const T r = v / (t * t);
    return t + t * ((r - t) / (t + t + r));
}

inline double cube_root(double x) {
    const double a = absolute(x);
    const bool tiny = a < 0x1p-1022;
    const uint64 bits = bits_as<uint64>(tiny ? a * 0x1p54 : a);
    const double e = bits_as<double>((bits >> 52) | 0x4330000000000000ull) - (0x1p52 + 1023.0);
    const double m = bits_as<double>((bits & 0xfffffffffffffull) | 0x3ff0000000000000ull);
    const double q = ((e - 1.0) * (1.0 / 3.0) + ROUND_F8) - ROUND_F8;
    const double left = e - 3.0 * q;  // 0, 1, 2
    const double v = m * (left == 0.0 ? 1.0 : left == 1.0 ? 2.0 : 4.0);
    const double turn = left == 1.0 ? 0x1.428a2f98d728bp+0 : 0x1.965fea53d6e3dp+0;
    const double seed = horner(m, 0x1.04bc2bde493b9p-1, 0x1.6c697f83452edp-1, -0x1.2d024eeecb9cbp-2,
                               0x1.544aaec5e4624p-4, -0x1.4b077fcd0882bp-7) *
                        (left == 0.0 ? 1.0 : turn);
    const double cube = seed * seed * seed;
    const double y = polished_root(seed * ((cube + 2.0 * v) / (2.0 * cube + v)), v);
    const double result = y * two_to(tiny ? q - 18.0 : q);
    return x != 0.0 && a < __builtin_inf() ? copy_sign(result, x) : x;
}

// In f4 the polynomial is near enough for the last step.
inline float cube_root(float x) {
    const float a = absolute(x);
    const bool tiny = a < 0x1p-126f;
    const uint32 bits = bits_as<uint32>(tiny ? a * 0x1p24f : a);
    const float e = (float)(int32)(bits >> 23) - 127.0f;
    const float m = bits_as<float>((bits & 0x7fffffu) | 0x3f800000u);
    const float q = ((e - 1.0f) * (1.0f / 3.0f) + ROUND_F4) - ROUND_F4;
    const float left = e - 3.0f * q;
    const float v = m * (left == 0.0f ? 1.0f : left == 1.0f ? 2.0f : 4.0f);
    const float turn = left == 1.0f ? 0x1.428a3p+0f : 0x1.965feap+0f;
    const float seed = horner(m, 0x1.04bc2cp-1f, 0x1.6c698p-1f, -0x1.2d024ep-2f, 0x1.544aaep-4f,
                              -0x1.4b078p-7f) *
                       (left == 0.0f ? 1.0f : turn);
    const float result = polished_root(seed, v) * two_to(tiny ? q - 8.0f : q);
    return x != 0.0f && a < __builtin_inff() ? copy_sign(result, x) : x;
}

// ---- hypot ------------------------------------------------------------------------------------

FPGARRAY_INLINE double square_scale(wide, double larger) {
    const double up = larger < 0x1p-400 ? 0x1p600 : 1.0;
    return larger > 0x1p500 ? 0x1p-600 : up;
}
FPGARRAY_INLINE double square_scale(narrow, double) { return 1.0; }

template <typename T> inline T hypotenuse(T given_x, T given_y) {
    const double x = absolute((double)given_x), y = absolute((double)given_y);
    const double scale = square_scale(typename precision<T>::series(), x > y ? x : y);
    const double u = x * scale, v = y * scale;
    const double length = square_root(u * u + v * v) * (1.0 / scale);
    const bool infinite = (x == __builtin_inf()) | (y == __builtin_inf());
    return (T)(infinite ? __builtin_inf() : length);
}

// ---- logaddexp: the larger + log(1 + e^(smaller - larger)) ------------------------------------

// Differences below these leave nothing to add.
inline double least_difference(wide) { return -1080.0; }
inline double least_difference(narrow) { return -160.0; }

// Of two numbers: the larger, how much smaller the other one is, and what that lost in rounding.
struct apart {
    double larger, difference, lost;
};
FPGARRAY_INLINE apart set_apart(double x, double y, double least) {
    apart z;
    z.larger = x > y ? x : y;
    const double smaller = x > y ? y : x;
    const double difference = smaller - z.larger;
    const double lost = sum_error(smaller, -z.larger, difference);
    z.difference = within(difference, least, 0.0);
    z.lost = difference > least ? lost : 0.0;
    return z;
}

template <typename T> inline T log_of_exponentials(T given_x, T given_y) {
    const typename precision<T>::series series = {};
    const double x = given_x, y = given_y, unordered = x + y;
    const apart z = set_apart(x, y, 0.69 * least_difference(series));
    const double e = exponential_part(series, z.difference, 0.0);
    const double result = z.larger + logarithm_of_sum(series, e + e * z.lost);
    return (T)(x == y ? x + 0x1.62e42fefa39efp-1 : (x != x) | (y != y) ? unordered : result);
}

template <typename T> inline T log_of_powers_of_two(T given_x, T given_y) {
    const typename precision<T>::series series = {};
    const double x = given_x, y = given_y, unordered = x + y;
    const apart z = set_apart(x, y, least_difference(series));
    const double e = exponential_of_two(series, z.difference);
    const double sum = logarithm_of_sum(series, e + e * (z.lost * 0x1.62e42fefa39efp-1));
    const double result = z.larger + 0x1.71547652b82fep+0 * sum;
    return (T)(x == y ? x + 1.0 : (x != x) | (y != y) ? unordered : result);
}

// ---- power: 2^(y log2 |x|), the logarithm to 2^-65 in two parts ---------------------------------

// high + low, high having at most 26 bits.
struct two_parts {
    double high, low;
};

// (log(m) / (2/3 s) - 3 - s^2) / s^4 with s = (m - 1) / (m + 1), z = s^2
FPGARRAY_INLINE double power_series(double z) {
    return horner(z, 0x1.3333333333337p-1, 0x1.b6db6db6d5799p-2, 0x1.55555561f3767p-2,
                  0x1.1745c770d4cafp-2, 0x1.d8a5176214bc8p-3, 0x1.9824c353ff3d6p-3,
                  0x1.8cb801d37dc6ap-3);
}

// log2 of a positive finite number.
FPGARRAY_INLINE two_parts binary_logarithm(wide, double a) {
    const bool tiny = a < 0x1p-1022;
    const uint64 shifted =
        bits_as<uint64>(tiny ? a * 0x1p54 : a) - 0x3fe6a09e667f3bcdull + (1023ull << 52);
    const double k = bits_as<double>((shifted >> 52) | 0x4330000000000000ull) -
                     (tiny ? 0x1p52 + 1077.0 : 0x1p52 + 1023.0);
    const double f =
        bits_as<double>((shifted & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    const double sum = 2.0 + f, sum_low = f - (sum - 2.0), sum_high = upper(sum);
    const double inverse = 1.0 / sum;
    const double s_high = upper(f * inverse);
    const double s_low = inverse * (((f - s_high * sum_high) - s_high * (sum - sum_high)) -
                                    s_high * sum_low);
    const double s = s_high + s_low;
    const double z_high = s_high * s_high, z_low = s_low * (s_high + s);
    const double z = s * s, r = z * z * power_series(z);
    const double t_high = upper(3.0 + z_high + r);
    const double t_low = ((z_high - (t_high - 3.0)) + r) + z_low;
    const double u = s_high * t_high, v = s_low * t_high + t_low * s;
    const double p_high = upper(u + v), p_low = v - (p_high - u);
    // times 2 / (3 ln2)
    const double first = 0x1.ec709d8p-1 * p_high;
    const double second = 0x1.0e80ff5d27f05p-27 * p_high + 0x1.ec709dc3a03fdp-1 * p_low;
    two_parts y;
    y.high = upper((first + second) + k);
    y.low = second - ((y.high - k) - first);
    return y;
}
FPGARRAY_INLINE two_parts binary_logarithm(narrow series, double a) {
    const log_parts y = log_split(series, a);
    two_parts whole;
    whole.high = y.k + (y.f - (y.half_square - y.tail)) * 0x1.71547652b82fep+0;
    whole.low = 0.0;
    return whole;
}

FPGARRAY_INLINE double two_to_product(wide series, two_parts logarithm, double y) {
    const double y_high = upper(y);
    const double high = y_high * logarithm.high;
    const double low = (y - y_high) * logarithm.high + y * logarithm.low;
    const bool outside = !(absolute(high + low) < 1100.0);
    const double top = outside ? (high > 0.0 ? 1100.0 : -1100.0) : high;
    const double bottom = outside ? 0.0 : low;
    const double n = ((top + bottom) + ROUND_F8) - ROUND_F8;
    const double r = (top - n) + bottom;
    return scaled(series, 1.0 + r * exp2_series(series, r), n);
}
FPGARRAY_INLINE double two_to_product(narrow series, two_parts logarithm, double y) {
    return exponential_of_two(series, y * logarithm.high);
}

template <typename T> inline T power(T given_x, T given_y) {
    const typename precision<T>::series series = {};
    const double x = given_x, y = given_y, a = absolute(x), infinity = __builtin_inf();
    // An exponent of this size makes anything but 1 leave the range; it is even, as is infinity.
    const double bounded = absolute(y) < 0x1p70 ? y : copy_sign(0x1p70, y);
    const bool edge = (a == 0.0) | (a == infinity);
    const double main = two_to_product(series, binary_logarithm(series, edge ? 1.0 : a), bounded);
    const double limit = (y < 0.0) == (a == 0.0) ? infinity : 0.0;
    const double size = edge ? limit : main;
    const bool whole = nearest(bounded) == bounded;
    const bool odd = whole & (nearest(bounded * 0.5) != bounded * 0.5);
    const double signed_size = odd ? copy_sign(size, x) : size;
    const double defined = (x < 0.0) & (a < infinity) & !whole ? __builtin_nan("") : signed_size;
    const double unordered = x + y;
    const double result = (x != x) | (y != y) ? unordered : defined;
    return (T)((x == 1.0) | (y == 0.0) ? 1.0 : result);
}

}  // namespace maths
}  // namespace

#endif
