// Owns log and its kin (maths.h says under which rules).
#ifndef FPGARRAY_LOGARITHM_H
#define FPGARRAY_LOGARITHM_H

#include "maths_basics.h"

namespace {
namespace maths {

// ---- log: x = 2^k m, sqrt(1/2) <= m < sqrt(2); log x = k ln2 + log(1 + f), f = m - 1 ----------

// log of bits_as<float>(bits) 2^-scale for positive normal bits.
inline float scaled_logarithm(uint32 bits, float scale) {
    const uint32 shifted = bits - 0x3f3504f3u + (127u << 23);  // exponent field: k + 127
    const float k = (float)(int32)(shifted >> 23) - (127.0f + scale);
    const float f = bits_as<float>((shifted & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    float p = 0x1.1d8ea6p-4f;
    p = p * f - 0x1.d635bcp-4f;
    p = p * f + 0x1.dea282p-4f;
    p = p * f - 0x1.fcf4c6p-4f;
    p = p * f + 0x1.23d21ap-3f;
    p = p * f - 0x1.555b4ap-3f;
    p = p * f + 0x1.999d5ap-3f;
    p = p * f - 0x1.fffffcp-3f;
    p = p * f + 0x1.555554p-2f;
    const float square = f * f;
    const float tail = square * f * p + k * 0x1.7f7d1cp-20f;
    return k * 0x1.62e4p-1f + (f - (0.5f * square - tail));
}

inline float normal_logarithm(float x) { return scaled_logarithm(bits_as<uint32>(x), 0.0f); }

inline float logarithm(float x) {
    const bool tiny = x < 0x1p-126f;  // subnormal, zero or negative
    float y = scaled_logarithm(bits_as<uint32>(tiny ? x * 0x1p23f : x), tiny ? 23.0f : 0.0f);
    y = x < __builtin_inff() ? y : x;  // +inf and NaN
    y = x < 0.0f ? __builtin_nanf("") : y;
    return x == 0.0f ? -__builtin_inff() : y;
}

// log(1 + f) = 2 atanh(s) = f - (f^2/2 - s (f^2/2 + R(s^2))), s = f / (2 + f)
inline double scaled_logarithm(uint64 bits, double scale) {
    const uint64 shifted = bits - 0x3fe6a09e667f3bcdull + (1023ull << 52);
    const double biased = bits_as<double>((shifted >> 52) | 0x4330000000000000ull) - 0x1p52;
    const double k = biased - (1023.0 + scale);
    const double f =
        bits_as<double>((shifted & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double p = 0x1.0c06cf14c641bp-3;
    p = p * z + 0x1.0fbe478772696p-3;
    p = p * z + 0x1.3b1c38474d3eep-3;
    p = p * z + 0x1.745cf8f6c9119p-3;
    p = p * z + 0x1.c71c72017a15cp-3;
    p = p * z + 0x1.2492492476ba1p-2;
    p = p * z + 0x1.9999999999a38p-2;
    p = p * z + 0x1.5555555555555p-1;
    const double half_square = 0.5 * f * f;
    const double tail = s * (half_square + z * p) + k * 0x1.3de6af278ece6p-42;
    return k * 0x1.62e42fefa3p-1 + (f - (half_square - tail));
}

inline double normal_logarithm(double x) { return scaled_logarithm(bits_as<uint64>(x), 0.0); }

inline double logarithm(double x) {
    const bool tiny = x < 0x1p-1022;
    double y = scaled_logarithm(bits_as<uint64>(tiny ? x * 0x1p52 : x), tiny ? 52.0 : 0.0);
    y = x < __builtin_inf() ? y : x;
    y = x < 0.0 ? __builtin_nan("") : y;
    return x == 0.0 ? -__builtin_inf() : y;
}

// ---- log2, log10, log1p -------------------------------------------------------------------------

// R(z) / z of the series above
FPGARRAY_INLINE double log_series(wide, double z) {
    return horner(z, 0x1.5555555555555p-1, 0x1.9999999999a38p-2, 0x1.2492492476ba1p-2,
                  0x1.c71c72017a15cp-3, 0x1.745cf8f6c9119p-3, 0x1.3b1c38474d3eep-3,
                  0x1.0fbe478772696p-3, 0x1.0c06cf14c641bp-3);
}
FPGARRAY_INLINE double log_series(narrow, double z) {
    return horner(z, 0x1.5555555564f23p-1, 0x1.999998ca9ec73p-2, 0x1.2493242f22b76p-2,
                  0x1.c67ab529f564fp-3, 0x1.8c8edd9198f8ep-3);
}

// x = 2^k (1 + f) for positive normal x; log(1 + f) = f - (half_square - tail).
struct log_parts {
    double k, f, half_square, tail;
};
template <typename P> FPGARRAY_INLINE log_parts log_split(P series, double x) {
    const uint64 shifted = bits_as<uint64>(x) - 0x3fe6a09e667f3bcdull + (1023ull << 52);
    log_parts y;
    y.k = bits_as<double>((shifted >> 52) | 0x4330000000000000ull) - (0x1p52 + 1023.0);
    y.f = bits_as<double>((shifted & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0;
    const double s = y.f / (2.0 + y.f);
    const double z = s * s;
    y.half_square = 0.5 * y.f * y.f;
    y.tail = s * (y.half_square + z * log_series(series, z));
    return y;
}

// log of x > 0 to base b = 1 / (log_high + log_low) where 2 is the power high + low of b. In two
// parts, as the first product must be exact.
template <typename P>
FPGARRAY_INLINE double based_logarithm(P series, double x, double inverse_high, double inverse_low,
                                       double two_high, double two_low) {
    const bool tiny = x < 0x1p-1022;
    const log_parts y = log_split(series, tiny ? x * 0x1p54 : x);
    const double k = tiny ? y.k - 54.0 : y.k;
    const double first = upper(y.f - y.half_square);
    const double rest = ((y.f - first) - y.half_square) + y.tail;
    const double high = first * inverse_high, base = k * two_high;
    const double low = (k * two_low + (first + rest) * inverse_low) + rest * inverse_high;
    const double sum = base + high;
    const double whole = sum + (low + ((base - sum) + high));
    const double positive = x < __builtin_inf() ? whole : x;
    const double defined = x < 0.0 ? __builtin_nan("") : positive;
    return x == 0.0 ? -__builtin_inf() : defined;
}

// What an error of some units of the last place of u > 0 does to log u.
FPGARRAY_INLINE double relative_error(wide, double error, double u) { return error / u; }
FPGARRAY_INLINE double relative_error(narrow, double error, double u) {
    return u < 2.0 ? error : 0.0;
}
// log(u + error) + doublings ln2, for normal u > 0.
template <typename P>
FPGARRAY_INLINE double corrected_logarithm(P series, double u, double error, double doublings) {
    const log_parts y = log_split(series, u);
    const double k = y.k + doublings;
    const double rest = y.tail + (k * LN2_LOW + relative_error(series, error, u));
    return k * LN2_HIGH + (y.f - (y.half_square - rest));
}

// log(1 + x) for x > -1.
template <typename P> FPGARRAY_INLINE double logarithm_of_sum(P series, double x) {
    const double u = 1.0 + x;
    return corrected_logarithm(series, u, sum_error(1.0, x, u), 0.0);
}

template <typename T> inline T logarithm2(T x) {
    return (T)based_logarithm(typename precision<T>::series(), x, 0x1.7154760000000p+0,
                              0x1.4ae0bf85ddf44p-26, 1.0, 0.0);
}
template <typename T> inline T logarithm10(T x) {
    return (T)based_logarithm(typename precision<T>::series(), x, 0x1.bcb7b10000000p-2,
                              0x1.49b9438ca9aaep-28, 0x1.34413509f7000p-2, 0x1.3fde623e2566bp-43);
}
// In f4, on the series of log.
inline float based_logarithm(float x, float inverse_high, float inverse_low, float two_high,
                             float two_low) {
    const bool tiny = x < 0x1p-126f;
    const uint32 shifted = bits_as<uint32>(tiny ? x * 0x1p25f : x) - 0x3f3504f3u + (127u << 23);
    const float k = (float)(int32)(shifted >> 23) - (tiny ? 152.0f : 127.0f);
    const float f = bits_as<float>((shifted & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    const float tail = f * f * f * horner(f, 0x1.555554p-2f, -0x1.fffffcp-3f, 0x1.999d5ap-3f,
                                          -0x1.555b4ap-3f, 0x1.23d21ap-3f, -0x1.fcf4c6p-4f,
                                          0x1.dea282p-4f, -0x1.d635bcp-4f, 0x1.1d8ea6p-4f);
    const float half_square = 0.5f * f * f;
    const float first = upper(f - half_square);
    const float rest = ((f - first) - half_square) + tail;
    const float high = first * inverse_high, base = k * two_high;
    const float low = (k * two_low + (first + rest) * inverse_low) + rest * inverse_high;
    const float sum = base + high;
    const float whole = sum + (low + ((base - sum) + high));
    const float positive = x < __builtin_inff() ? whole : x;
    const float defined = x < 0.0f ? __builtin_nanf("") : positive;
    return x == 0.0f ? -__builtin_inff() : defined;
}
inline float logarithm2(float x) {
    return based_logarithm(x, 0x1.714p+0f, 0x1.47652cp-12f, 1.0f, 0.0f);
}
inline float logarithm10(float x) {
    return based_logarithm(x, 0x1.bcap-2f, 0x1.7b1526p-14f, 0x1.344p-2f, 0x1.3509f8p-18f);
}
template <typename T> inline T logarithm1(T given) {
    const double x = given;
    const double y = logarithm_of_sum(typename precision<T>::series(), x);
    const double positive = x < __builtin_inf() ? y : x;  // +inf and NaN stay
    const double defined = x < -1.0 ? __builtin_nan("") : positive;
    const double result = x == -1.0 ? -__builtin_inf() : defined;
    return (T)(absolute(x) < 0x1p-60 ? x : result);
}

}  // namespace maths
}  // namespace

#endif
