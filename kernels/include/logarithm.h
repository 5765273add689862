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

}  // namespace maths
}  // namespace

#endif
