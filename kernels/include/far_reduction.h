// Owns sin and cos of large arguments: reduction modulo pi/2 after Payne and Hanek, with as much of
// 2/pi as an f8 exponent can ask for, in 32-bit integer arithmetic. Exact; slow; rarely used.
#ifndef FPGARRAY_FAR_REDUCTION_H
#define FPGARRAY_FAR_REDUCTION_H

#include "periodic.h"

namespace {
namespace maths {

static const unsigned FAR_LIMBS = 6;  // 192 bits: 2 of the quadrant, at most 62 cancelled, 128 left
static const unsigned FAR_ZEROS = 2;  // leading zero limbs, for arguments below 2^54

// 64 zero bits, then 2/pi.
static const uint32 TWO_OVER_PI[] = {
    0x00000000, 0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
    0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e,
    0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
    0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d,
    0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab,
    0xf0cfbc20, 0x9af4361d, 0xa9e39161};

struct far_reduced {
    uint64 quadrant;
    double r, tail;
};

// 2^power for powers within the normal range.
inline double power_of_two(int power) { return bits_as<double>((uint64)(power + 1023) << 52); }

// x finite, |x| >= 2^16. With x = m 2^e, those bits of 2/pi are multiplied by m that matter modulo
// 4: from weight 2^(2-e)... downwards. product / 2^190 is x 2/pi modulo 4.
inline far_reduced far_reduce(double x) {
    const uint64 bits = bits_as<uint64>(x);
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1075;
    const uint64 mantissa = (bits & 0xfffffffffffffull) | 1ull << 52;
    const uint32 m[2] = {(uint32)mantissa, (uint32)(mantissa >> 32)};
    const unsigned start = (unsigned)(exponent - 2 + 32 * (int)FAR_ZEROS);
    const unsigned limb = start / 32, shift = start % 32;

    uint32 window[FAR_LIMBS];  // least significant first
far_window:
    for (unsigned i = 0; i < FAR_LIMBS; ++i) {
        const uint64 pair = (uint64)TWO_OVER_PI[limb + i] << 32 | TWO_OVER_PI[limb + i + 1];
        window[FAR_LIMBS - 1 - i] = (uint32)(pair << shift >> 32);
    }
    uint32 product[FAR_LIMBS] = {0};
far_multiply:
    for (unsigned j = 0; j < 2; ++j) {
        uint64 carry = 0;
    far_multiply_limb:
        for (unsigned i = 0; i + j < FAR_LIMBS; ++i) {
#pragma HLS loop_tripcount min=5 max=6
            carry += (uint64)m[j] * window[i] + product[i + j];
            product[i + j] = (uint32)carry;
            carry >>= 32;
        }
    }
    uint64 quadrant = product[FAR_LIMBS - 1] >> 30;
    // Fraction of 190 bits; at or above one half it becomes negative and the quadrant the next.
    const bool negative = product[FAR_LIMBS - 1] >> 29 & 1;
    quadrant += negative;
    product[FAR_LIMBS - 1] &= 0x3fffffff;
    if (negative) {
        uint64 carry = 1;
    far_negate:
        for (unsigned i = 0; i < FAR_LIMBS; ++i) {
            carry += (uint32)~product[i];
            product[i] = (uint32)carry;
            carry >>= 32;
        }
        product[FAR_LIMBS - 1] &= 0x3fffffff;
    }
    int scale = -190;  // value = (top three limbs after normalising) * 2^scale
far_normalise_limbs:
    for (unsigned k = 0; k < FAR_LIMBS - 3; ++k) {
        if (product[FAR_LIMBS - 1] != 0) break;
    far_shift_limbs:
        for (unsigned i = FAR_LIMBS - 1; i > 0; --i) product[i] = product[i - 1];
        product[0] = 0;
        scale -= 32;
    }
far_normalise_bits:
    for (unsigned k = 0; k < 31; ++k) {
        if (product[FAR_LIMBS - 1] >> 31) break;
    far_shift_bits:
        for (unsigned i = FAR_LIMBS - 1; i > 0; --i) {
            product[i] = product[i] << 1 | product[i - 1] >> 31;
        }
        product[0] <<= 1;
        scale -= 1;
    }
    // 53 bits and the following 43, each exact; all values below stay far from the range's ends.
    const uint32 a = product[FAR_LIMBS - 1], b = product[FAR_LIMBS - 2], c = product[FAR_LIMBS - 3];
    const double unit = power_of_two(scale + 32 * (int)(FAR_LIMBS - 3));
    const double high = (double)((uint64)a << 21 | b >> 11) * 0x1p43 * unit;
    const double low = (double)((uint64)(b & 0x7ff) << 32 | c) * unit;
    // Times pi/2 as a sum of doubles; halves of 26 bits multiply exactly.
    const double top = bits_as<double>(bits_as<uint64>(high) & ~0x7ffffffull);
    const double bottom = high - top;
    const double pi_top = 0x1.921fb5p+0, pi_middle = 0x1.110b46p-26, pi_bottom = 0x1.1a62633145c07p-54;
    const double main = high * (pi_top + pi_middle);
    const double error = ((top * pi_top - main) + (top * pi_middle + bottom * pi_top)) +
                         bottom * pi_middle;
    const double rest = error + (high * pi_bottom + low * pi_top);
    far_reduced result;
    const double r = main + rest;
    const double tail = (main - r) + rest;
    const bool flip = negative != (bits >> 63 != 0);
    result.quadrant = bits >> 63 ? 0 - quadrant : quadrant;
    result.r = flip ? -r : r;
    result.tail = flip ? -tail : tail;
    return result;
}

inline double far_sine_of(double x, uint64 turn) {
    const far_reduced y = far_reduce(x);
    return sine_of(y.quadrant + turn, y.r, y.tail);
}

// f4 computes in f8 and rounds once.
inline double far_sine(double x) { return far_sine_of(x, 0); }
inline double far_cosine(double x) { return far_sine_of(x, 1); }
inline float far_sine(float x) { return (float)far_sine_of(x, 0); }
inline float far_cosine(float x) { return (float)far_sine_of(x, 1); }
template <typename T> inline T far_tangent(T x) {
    const far_reduced y = far_reduce(x);
    return (T)tangent_of(typename precision<T>::series(), y.quadrant, y.r, y.tail);
}

template <typename T> inline bool is_far(T x) {
    return absolute(x) > near_limit(x) && is_finite(x);
}

}  // namespace maths
}  // namespace

#endif
