// Owns what all elementary functions are made of: sign, size, flushing, rounding to integers.
// Must not know any function that has a name in the capability table.
#ifndef FPGARRAY_MATHS_BASICS_H
#define FPGARRAY_MATHS_BASICS_H

#include "program.h"

namespace {
namespace maths {

#if defined(__SYNTHESIS__)
#define FPGARRAY_INLINE inline
#else
#define FPGARRAY_INLINE inline __attribute__((always_inline))  // or the loops around stay scalar
#endif

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
inline int32 flush(int32 x) { return x; }
inline int64 flush(int64 x) { return x; }
inline uint8 flush(uint8 x) { return x; }

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

// How far a series goes. f4 functions that need more than f4 on their way compute in f8 with the
// narrow series, and round once.
struct narrow {};
struct wide {};
template <typename T> struct precision { typedef wide series; };
template <> struct precision<float> { typedef narrow series; };

// c0 + x (c1 + x (c2 + ...))
template <typename T> FPGARRAY_INLINE T horner(T, T c) { return c; }
template <typename T, typename... REST> FPGARRAY_INLINE T horner(T x, T c, REST... rest) {
    return c + x * horner(x, rest...);
}

template <typename T> FPGARRAY_INLINE T within(T x, T bottom, T top) {  // NaN stays
    const T y = x < bottom ? bottom : x;
    return y > top ? top : y;
}

// The upper half of the mantissa, 12 or 26 bits: products of two such numbers are exact.
FPGARRAY_INLINE float upper(float x) { return bits_as<float>(bits_as<uint32>(x) & ~0xfffu); }
FPGARRAY_INLINE double upper(double x) {
    return bits_as<double>(bits_as<uint64>(x) & ~0x7ffffffull);
}

// a + b - sum, exactly, where sum = a + b rounded.
FPGARRAY_INLINE double sum_error(double a, double b, double sum) {
    const double b_virtual = sum - a;
    return (a - (sum - b_virtual)) + (b - b_virtual);
}

// condition ? a : b without a branch that compilers could move the making of a into.
template <typename T> FPGARRAY_INLINE T chosen(bool condition, T a, T b) {
    typedef typename group<T>::bits bits;
    const bits mask = bits(0) - (condition ? bits(1) : bits(0));
    return bits_as<T>((bits_of(a) & mask) | (bits_of(b) & ~mask));
}

// Adding 1.5 * 2^(precision - 1) leaves the nearest integer in the low bits of a sum.
static const float ROUND_F4 = 0x1.8p23f;
static const double ROUND_F8 = 0x1.8p52;

static const double LN2_HIGH = 0x1.62e42fefa3p-1;  // 41 bits: times an exponent it is exact
static const double LN2_LOW = 0x1.3de6af278ece6p-42;

// 2^n for integers -1022 <= n <= 1023.
FPGARRAY_INLINE double two_to(double n) {
    return bits_as<double>(bits_as<uint64>(n + (ROUND_F8 + 1023.0)) << 52);
}

// p 2^n. In two factors: one of them alone leaves the range for results near its ends, and with two
// the rounding into subnormals happens once. What becomes an f4 stays within the range.
FPGARRAY_INLINE double scaled(wide, double p, double n) {
    const double half = (n * 0.5 + ROUND_F8) - ROUND_F8;
    return p * two_to(half) * two_to(n - half);
}
FPGARRAY_INLINE double scaled(narrow, double p, double n) { return p * two_to(n); }
FPGARRAY_INLINE float two_to(float n) {
    return bits_as<float>(bits_as<uint32>(n + (ROUND_F4 + 127.0f)) << 23);
}
FPGARRAY_INLINE float scaled(float p, float n) {
    const float half = (n * 0.5f + ROUND_F4) - ROUND_F4;
    return p * two_to(half) * two_to(n - half);
}

}  // namespace maths
}  // namespace

#endif
