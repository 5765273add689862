// Owns exp and its kin (maths.h says under which rules).
#ifndef FPGARRAY_EXPONENTIAL_H
#define FPGARRAY_EXPONENTIAL_H

#include "maths_basics.h"

namespace {
namespace maths {

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
    double q = 0x1.1f73b376c0f55p-29;
    q = q * r + 0x1.af4f1ddf981a8p-26;
    q = q * r + 0x1.27e4db0f8a3efp-22;
    q = q * r + 0x1.71de019d031e7p-19;
    q = q * r + 0x1.a01a01a6f35fbp-16;
    q = q * r + 0x1.a01a01ac16f76p-13;
    q = q * r + 0x1.6c16c16c162a3p-10;
    q = q * r + 0x1.1111111110085p-7;
    q = q * r + 0x1.5555555555556p-5;
    q = q * r + 0x1.5555555555557p-3;
    q = q * r + 0.5;
    const double p = 1.0 + (r + r * r * q);
    const double half = (n * 0.5 + ROUND_F8) - ROUND_F8;
    const double first = bits_as<double>(bits_as<uint64>(half + (ROUND_F8 + 1023.0)) << 52);
    const double second = bits_as<double>(bits_as<uint64>((n - half) + (ROUND_F8 + 1023.0)) << 52);
    return p * first * second;
}

// ---- exp2, expm1 ------------------------------------------------------------------------------

// (2^r - 1) / r, |r| <= 1/2
FPGARRAY_INLINE double exp2_series(wide, double r) {
    return horner(r, 0x1.62e42fefa39efp-1, 0x1.ebfbdff82c58fp-3, 0x1.c6b08d704a0c6p-5,
                  0x1.3b2ab6fba4e79p-7, 0x1.5d87fe78a3f9cp-10, 0x1.430912f86b7dbp-13,
                  0x1.ffcbfc6da6ed1p-17, 0x1.62c02242b879cp-20, 0x1.b524ebd13a55fp-24,
                  0x1.e4cf10dec0f59p-28, 0x1.e9ec1fcb69a7fp-32, 0x1.c4a29324a1038p-36);
}
FPGARRAY_INLINE double exp2_series(narrow, double r) {
    return horner(r, 0x1.62e42fefa39efp-1, 0x1.ebfbe045f4d3cp-3, 0x1.c6b08d883dca1p-5,
                  0x1.3b2a1b7152befp-7, 0x1.5d879ead06a82p-10, 0x1.443fffc90db59p-13,
                  0x1.00a581594758ep-16);
}
// (e^r - 1 - r) / r^2, |r| <= ln2/2
FPGARRAY_INLINE double exp_series(wide, double r) {
    return horner(r, 0.5, 0x1.5555555555557p-3, 0x1.5555555555556p-5, 0x1.1111111110085p-7,
                  0x1.6c16c16c162a3p-10, 0x1.a01a01ac16f76p-13, 0x1.a01a01a6f35fbp-16,
                  0x1.71de019d031e7p-19, 0x1.27e4db0f8a3efp-22, 0x1.af4f1ddf981a8p-26,
                  0x1.1f73b376c0f55p-29);
}
FPGARRAY_INLINE double exp_series(narrow, double r) {
    return horner(r, 0.5, 0x1.5554dbb9e6c56p-3, 0x1.5555188e2469cp-5, 0x1.120cb90969739p-7,
                  0x1.6d1253c8110e1p-10);
}

// Beyond these every result is 0 or infinite.
inline double exp2_top(wide) { return 1025.0; }
inline double exp2_top(narrow) { return 130.0; }
inline double exp2_bottom(wide) { return -1080.0; }
inline double exp2_bottom(narrow) { return -160.0; }
inline double exp_top(wide) { return 711.0; }
inline double exp_top(narrow) { return 91.0; }

template <typename P> FPGARRAY_INLINE double exponential_of_two(P series, double x) {
    const double y = within(x, exp2_bottom(series), exp2_top(series));
    const double n = (y + ROUND_F8) - ROUND_F8;
    const double r = y - n;
    return scaled(series, 1.0 + r * exp2_series(series, r), n);
}

// e^x 2^-halvings for x within what its result can hold.
template <typename P>
FPGARRAY_INLINE double exponential_part(P series, double x, double halvings) {
    const double n = (x * 0x1.71547652b82fep+0 + ROUND_F8) - ROUND_F8;
    const double r = (x - n * LN2_HIGH) - n * LN2_LOW;
    return scaled(series, 1.0 + (r + r * r * exp_series(series, r)), n - halvings);
}

// e^x - 1 = 2 ((2^(n-1) - 1/2) + 2^(n-1) (e^r - 1)), of which the first sum's error is kept.
template <typename P> FPGARRAY_INLINE double exponential_less_one(P series, double x) {
    const double y = within(x, -40.0, exp_top(series) - 1.0);
    const double n = (y * 0x1.71547652b82fep+0 + ROUND_F8) - ROUND_F8;
    const double near = y - n * LN2_HIGH;
    const double r = near - n * LN2_LOW;
    const double r_error = (near - r) - n * LN2_LOW;
    const double q = r * r * exp_series(series, r);
    const double half = two_to(n - 1.0);
    const double whole = half - 0.5, part = half * r;
    const double sum = whole + part;
    const double large = 2.0 * (sum + ((part - (sum - whole)) + half * (q + r_error)));
    const double result = n == 0.0 ? r + q : large;
    return absolute(x) < 0x1p-60 ? x : result;
}

template <typename T> inline T exponential2(T x) {
    return (T)exponential_of_two(typename precision<T>::series(), x);
}
inline float exponential2(float x) {
    const float y = within(x, -151.0f, 129.0f);
    const float n = (y + ROUND_F4) - ROUND_F4;
    const float r = y - n;
    const float q = horner(r, 0x1.62e43p-1f, 0x1.ebfbep-3f, 0x1.c6af6cp-5f, 0x1.3b2a54p-7f,
                           0x1.5f089p-10f, 0x1.44138ap-13f);
    return scaled(1.0f + r * q, n);
}
template <typename T> inline T exponential1(T x) {
    return (T)exponential_less_one(typename precision<T>::series(), x);
}

}  // namespace maths
}  // namespace

#endif
