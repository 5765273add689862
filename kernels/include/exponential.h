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

}  // namespace maths
}  // namespace

#endif
