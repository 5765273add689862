// Owns sin, cos and tan (maths.h says under which rules); far_reduction.h serves large arguments.
#ifndef FPGARRAY_PERIODIC_H
#define FPGARRAY_PERIODIC_H

#include "maths_basics.h"

namespace {
namespace maths {

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

// ---- tan = sin / cos, or -cos / sin in odd quadrants ------------------------------------------

// A sum whose last rounding is kept.
struct kept {
    double value, error;
};
FPGARRAY_INLINE kept keep(double large, double small) {
    kept y;
    y.value = large + small;
    y.error = (large - y.value) + small;
    return y;
}

FPGARRAY_INLINE double tangent_of(wide, uint64 quadrant, double r, double tail) {
    const double z = r * r, half = 0.5 * z, top = 1.0 - half;
    const double sine_rest = horner(z, -0x1.5555555555554p-3, 0x1.1111111110b1ap-7,
                                    -0x1.a01a019e5ff52p-13, 0x1.71de3768b91acp-19,
                                    -0x1.ae5fdbc5929d5p-26, 0x1.5dfa4399a5f77p-33);
    const double cosine_rest = horner(z, 0x1.5555555555555p-5, -0x1.6c16c16c1691ap-10,
                                      0x1.a01a019f3cd0fp-16, -0x1.27e4fa00ec0bbp-22,
                                      0x1.1eeb5144ec937p-29, -0x1.906cc8e9926ecp-37);
    const kept sine = keep(r, r * z * sine_rest + tail * top);
    const kept cosine = keep(top, ((1.0 - top) - half) + (z * z * cosine_rest - r * tail));
    const bool odd = (quadrant & 1) != 0;
    const double n = odd ? -cosine.value : sine.value, n_error = odd ? -cosine.error : sine.error;
    const double d = odd ? sine.value : cosine.value, d_error = odd ? sine.error : cosine.error;
    const double quotient = n / d;
    return quotient + (n_error - quotient * d_error) / d;
}

FPGARRAY_INLINE double tangent_of(narrow, uint64 quadrant, double r, double) {
    const double z = r * r;
    const double sine = r + r * z * horner(z, -0x1.55555554116c3p-3, 0x1.11110d3b6387ep-7,
                                           -0x1.a012bd0e86597p-13, 0x1.6d749416cc479p-19);
    const double cosine = (1.0 - 0.5 * z) +
                          z * z * horner(z, 0x1.55555554e93b8p-5, -0x1.6c16bedcdb8b9p-10,
                                         0x1.a01527e574713p-16, -0x1.24f341dc468d1p-22);
    const bool odd = (quadrant & 1) != 0;
    return (odd ? -cosine : sine) / (odd ? sine : cosine);
}

inline double near_tangent(double x) {
    const double rounded = x * 0x1.45f306dc9c883p-1 + ROUND_F8;
    const reduced y = near_reduced(x, rounded - ROUND_F8);
    const double result = tangent_of(wide(), bits_as<uint64>(rounded), y.r, y.tail);
    return x == 0.0 ? x : result;
}

inline float near_tangent(float given) {
    const double x = given, rounded = x * 0x1.45f306dc9c883p-1 + ROUND_F8, n = rounded - ROUND_F8;
    const double r = (x - n * 0x1.921fb544p+0) - n * 0x1.0b4611a626331p-34;
    const double result = tangent_of(narrow(), bits_as<uint64>(rounded), r, 0.0);
    return x == 0.0 ? given : (float)result;
}

}  // namespace maths
}  // namespace

#endif
