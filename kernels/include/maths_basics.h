// Owns what all elementary functions are made of: sign, size, flushing, rounding to integers.
// Must not know any function that has a name in the capability table.
#ifndef FPGARRAY_MATHS_BASICS_H
#define FPGARRAY_MATHS_BASICS_H

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

// Constants of a register type, by its name.
template <typename T> struct real;
template <> struct real<float> {
    static const uint32 sign = 0x80000000u;
    static float infinity() { return __builtin_inff(); }
    static float undefined() { return __builtin_nanf(""); }
    static float integral() { return 0x1p23f; }  // from here on every number is an integer
    static float degree() { return 180.0f / 0x1.921fb6p+1f; }  // NumPy's rounding of the factors
    static float radian() { return 0x1.921fb6p+1f / 180.0f; }
};
template <> struct real<double> {
    static const uint64 sign = 1ull << 63;
    static double infinity() { return __builtin_inf(); }
    static double undefined() { return __builtin_nan(""); }
    static double integral() { return 0x1p52; }
    static double degree() { return 180.0 / 0x1.921fb54442d18p+1; }
    static double radian() { return 0x1.921fb54442d18p+1 / 180.0; }
};

template <typename T> inline typename group<T>::bits bits_of(T x) {
    return bits_as<typename group<T>::bits>(x);
}
template <typename T> inline bool is_negative(T x) { return (bits_of(x) & real<T>::sign) != 0; }
// |magnitude| with the sign of `sign`.
template <typename T> inline T copy_sign(T magnitude, T sign) {
    return bits_as<T>((bits_of(magnitude) & ~real<T>::sign) | (bits_of(sign) & real<T>::sign));
}

// Adding 1.5 * 2^(precision - 1) leaves the nearest integer in the low bits of a sum.
static const float ROUND_F4 = 0x1.8p23f;
static const double ROUND_F8 = 0x1.8p52;

}  // namespace maths
}  // namespace

#endif
