// Owns the elementary functions: own polynomials, branch-free so that the loops around them become
// vector code, with the special values of C99 Annex F. No library calls. Nothing may contract
// multiply-adds here (-ffp-contract=off): results are the same bits on every CPU.
// Coefficients: Chebyshev fits in 200-bit arithmetic, see test/coefficients.py.
#ifndef FPGARRAY_MATHS_H
#define FPGARRAY_MATHS_H

#include "program.h"

namespace {
namespace maths {

inline float absolute(float x) { return bits_as<float>(bits_as<uint32>(x) & 0x7fffffffu); }
inline double absolute(double x) { return bits_as<double>(bits_as<uint64>(x) & ~(1ull << 63)); }

// Correctly rounded on cards and CPUs alike; with -fno-math-errno one instruction.
inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

inline bool is_finite(float x) { return absolute(x) < __builtin_inff(); }
inline bool is_finite(double x) { return absolute(x) < __builtin_inf(); }

#if defined(FPGARRAY_FLUSH_SUBNORMALS)
inline float flush(float x) {
    const uint32 bits = bits_as<uint32>(x);
    return bits_as<float>((bits & 0x7f800000u) == 0 ? bits & 0x80000000u : bits);
}
inline double flush(double x) {
    const uint64 bits = bits_as<uint64>(x);
    return bits_as<double>((bits & 0x7ff0000000000000ull) == 0 ? bits & 1ull << 63 : bits);
}
#else
inline float flush(float x) { return x; }
inline double flush(double x) { return x; }
#endif

// Adding 1.5 * 2^(precision - 1) leaves the nearest integer in the low bits of a sum.
static const float ROUND_F4 = 0x1.8p23f;
static const double ROUND_F8 = 0x1.8p52;

// ---- exp: x = n ln2 + r, |r| <= ln2/2; e^x = 2^n (1 + r + r^2 Q(r)) ---------------------------
// 2^n is applied as two factors: one of them alone leaves the range for results near its ends, and
// with two the rounding into subnormals happens once.

inline float exponential(float x) {
    float y = x < -105.0f ? -105.0f : x;  // NaN stays
    y = y > 90.0f ? 90.0f : y;
    const float n = (y * 0x1.715476p+0f + ROUND_F4) - ROUND_F4;
    const float r = (y - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
    float q = 0x1.6d1254p-10f;
    q = q * r + 0x1.120cbap-7f;
    q = q * r + 0x1.555518p-5f;
    q = q * r + 0x1.5554dcp-3f;
    q = q * r + 0.5f;
    const float p = 1.0f + (r + r * r * q);
    const float half = (n * 0.5f + ROUND_F4) - ROUND_F4;
    const float first = bits_as<float>(bits_as<uint32>(half + (ROUND_F4 + 127.0f)) << 23);
    const float second = bits_as<float>(bits_as<uint32>((n - half) + (ROUND_F4 + 127.0f)) << 23);
    return p * first * second;
}

inline double exponential(double x) {
    double y = x < -746.0 ? -746.0 : x;
    y = y > 710.0 ? 710.0 : y;
    const double n = (y * 0x1.71547652b82fep+0 + ROUND_F8) - ROUND_F8;
    const double r = (y - n * 0x1.62e42fefa3p-1) - n * 0x1.3de6af278ece6p-42;
    double q = 0x1.98cff15de04e6p-30;
    q = q * r + 0x1.af4f1ddf981a8p-26;
    q = q * r + 0x1.281c02e8d0b51p-22;
    q = q * r + 0x1.71de019d031e7p-19;
    q = q * r + 0x1.a019e702b5f36p-16;
    q = q * r + 0x1.a01a01ac16f76p-13;
    q = q * r + 0x1.6c16c171b7710p-10;
    q = q * r + 0x1.1111111110085p-7;
    q = q * r + 0x1.55555555545ccp-5;
    q = q * r + 0x1.5555555555557p-3;
    q = q * r + 0.5;
    const double p = 1.0 + (r + r * r * q);
    const double half = (n * 0.5 + ROUND_F8) - ROUND_F8;
    const double first = bits_as<double>(bits_as<uint64>(half + (ROUND_F8 + 1023.0)) << 52);
    const double second = bits_as<double>(bits_as<uint64>((n - half) + (ROUND_F8 + 1023.0)) << 52);
    return p * first * second;
}

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

#if FPGARRAY_TRIGONOMETRY
// ---- sin, cos: x = n pi/2 + r, |r| <= pi/4 (a little more in f4) ------------------------------

// Beyond these the near functions lose accuracy; far_* (below) take over. Infinities and NaN are
// right in the near ones.
inline float near_limit(float) { return 131072.0f; }
inline double near_limit(double) { return 1647099.0; }  // 2^20 pi/2

inline float sine_polynomial(float r, float z) {
    float p = 0x1.6d7494p-19f;
    p = p * z - 0x1.a012bep-13f;
    p = p * z + 0x1.11110ep-7f;
    p = p * z - 0x1.555556p-3f;
    return r + r * z * p;
}

inline float cosine_polynomial(float z) {
    float p = 0x1.9b8cd4p-16f;
    p = p * z - 0x1.6c1242p-10f;
    p = p * z + 0x1.555554p-5f;
    return 1.0f - (0.5f * z - z * z * p);
}

// sin of n pi/2 + r for quadrant n.
inline float sine_of(int32 quadrant, float r) {
    const float z = r * r;
    const float magnitude = (quadrant & 1) ? cosine_polynomial(z) : sine_polynomial(r, z);
    return bits_as<float>(bits_as<uint32>(magnitude) ^ ((uint32)(quadrant & 2) << 30));
}

// The reduction is done in f8: n has at most 17 bits and the first part of pi/2 33, so n * part is
// exact, and so is the difference.
inline float near_reduced(float x, float n) {
    return (float)(((double)x - (double)n * 0x1.921fb544p+0) - (double)n * 0x1.0b4611a626331p-34);
}

inline float near_multiple(float x) { return (x * 0x1.45f306p-1f + ROUND_F4) - ROUND_F4; }

inline float near_sine(float x) {
    const float n = near_multiple(x);
    const float y = sine_of((int32)n, near_reduced(x, n));
    return x == 0.0f ? x : y;  // the sign of zero
}

inline float near_cosine(float x) {
    const float n = near_multiple(x);
    return sine_of((int32)n + 1, near_reduced(x, n));
}

// In f8 the reduced argument is r + tail.
inline double sine_polynomial(double r, double tail, double z) {
    double p = 0x1.5dfa4399a5f77p-33;
    p = p * z - 0x1.ae5fdbc5929d5p-26;
    p = p * z + 0x1.71de3768b91acp-19;
    p = p * z - 0x1.a01a019e5ff52p-13;
    p = p * z + 0x1.1111111110b1ap-7;
    p = p * z - 0x1.5555555555554p-3;
    return r + (r * z * p + tail * (1.0 - 0.5 * z));
}

inline double cosine_polynomial(double r, double tail, double z) {
    double p = -0x1.906cc8e9926ecp-37;
    p = p * z + 0x1.1eeb5144ec937p-29;
    p = p * z - 0x1.27e4fa00ec0bbp-22;
    p = p * z + 0x1.a01a019f3cd0fp-16;
    p = p * z - 0x1.6c16c16c1691ap-10;
    p = p * z + 0x1.5555555555555p-5;
    const double half = 0.5 * z;
    const double top = 1.0 - half;
    return top + (((1.0 - top) - half) + (z * z * p - r * tail));
}

inline double sine_of(uint64 quadrant, double r, double tail) {
    const double z = r * r;
    const double magnitude =
        (quadrant & 1) ? cosine_polynomial(r, tail, z) : sine_polynomial(r, tail, z);
    return bits_as<double>(bits_as<uint64>(magnitude) ^ ((quadrant & 2) << 62));
}

// pi/2 in three parts of 33 bits and one of 53: products with the 20 bits of n are exact but the
// last; what rounding loses in a difference is kept. |r| is never below 2^-60 for n != 0.
struct reduced {
    double r, tail;
};

inline double difference_error(double a, double b, double difference) {  // a - b - difference
    const double b_virtual = a - difference;
    return (a - (difference + b_virtual)) + (b_virtual - b);
}

inline reduced near_reduced(double x, double n) {
    const double first = x - n * 0x1.921fb544p+0;  // exact
    const double b = n * 0x1.0b4611a6p-34;
    const double second = first - b;
    const double second_error = difference_error(first, b, second);
    const double c = n * 0x1.3198a2ep-69;
    const double third = second - c;
    const double third_error = difference_error(second, c, third);
    const double rest = (second_error + third_error) - n * 0x1.b839a252049c1p-104;
    reduced result;
    result.r = third + rest;
    result.tail = (third - result.r) + rest;
    return result;
}

inline double near_sine(double x) {
    const double rounded = x * 0x1.45f306dc9c883p-1 + ROUND_F8;
    const reduced y = near_reduced(x, rounded - ROUND_F8);
    const double result = sine_of(bits_as<uint64>(rounded), y.r, y.tail);
    return x == 0.0 ? x : result;
}

inline double near_cosine(double x) {
    const double rounded = x * 0x1.45f306dc9c883p-1 + ROUND_F8;
    const reduced y = near_reduced(x, rounded - ROUND_F8);
    return sine_of(bits_as<uint64>(rounded) + 1, y.r, y.tail);
}
#endif

}  // namespace maths
}  // namespace

#if FPGARRAY_TRIGONOMETRY
#include "far_reduction.h"
#endif

#endif
