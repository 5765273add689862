// Owns the arithmetic of integers with NumPy's meaning: nothing overflows (it wraps), a division by
// zero gives 0, a shift by more than the width leaves nothing but the sign. Must not know tiles.
#ifndef FPGARRAY_INTEGERS_H
#define FPGARRAY_INTEGERS_H

#include "conversions.h"

namespace {
namespace integers {

inline int32 absolute(int32 x) { return x < 0 ? (int32)(0 - (uint32)x) : x; }
inline int64 absolute(int64 x) { return x < 0 ? (int64)(0 - (uint64)x) : x; }
inline uint8 absolute(uint8 x) { return x; }

// a / b towards zero, where b is not 0; the most negative number by -1 is itself. Narrow types
// divide as floating-point numbers, of which there are vectors: wide enough to be exact.
inline int32 quotient(int32 a, int32 b) { return truncated<int32>((double)a / (double)b); }
inline uint8 quotient(uint8 a, uint8 b) {
    return (uint8)truncated<int32>((float)a / (float)(b == 0 ? 1 : b));
}
inline int64 quotient(int64 a, int64 b) {
    return b == 0 ? 0 : b == -1 ? (int64)(0 - (uint64)a) : a / b;
}

// What a quotient leaves; its sign is the dividend's.
template <typename T> inline T rest(T a, T b) {
    typedef typename group<T>::wrapping W;
    return T(W(a) - W(quotient(a, b)) * W(b));
}

// Whether rounding towards zero and towards minus infinity differ.
template <typename T> inline bool between(T left, T b) {
    return (left != T(0)) & ((left < T(0)) != (b < T(0)));
}

template <typename T> inline T floor_divide(T a, T b) {
    typedef typename group<T>::wrapping W;
    const T q = quotient(a, b);
    const T left = T(W(a) - W(q) * W(b));
    return b == T(0) ? T(0) : between(left, b) ? T(W(q) - W(1)) : q;
}

template <typename T> inline T remainder(T a, T b) {
    typedef typename group<T>::wrapping W;
    const T left = rest(a, b);
    return b == T(0) ? T(0) : between(left, b) ? T(W(left) + W(b)) : left;
}

template <typename T> inline T fmod(T a, T b) { return b == T(0) ? T(0) : rest(a, b); }

// b is not negative: NumPy refuses that before anything is computed.
template <typename T> inline T power(T a, T b) {
    typedef typename group<T>::wrapping W;
    W base = W(a), result = 1;
    W exponent = W(b);
power_bits:
    for (unsigned bit = 0; bit < 8 * sizeof(T) && exponent != 0; ++bit) {
#pragma HLS loop_tripcount min=0 max=64
        if (exponent & 1) result *= base;
        base *= base;
        exponent >>= 1;
    }
    return T(result);
}

// A negative count is a large one.
template <typename T> inline T left_shift(T a, T b) {
    typedef typename group<T>::wrapping W;
    const W width = 8 * sizeof(T);
    return W(b) < width ? T(W(a) << (W(b) & (width - 1))) : T(0);
}
template <typename T> inline T right_shift(T a, T b) {
    typedef typename group<T>::wrapping W;
    const W width = 8 * sizeof(T);
    return W(b) < width ? T(a >> (W(b) & (width - 1))) : a < T(0) ? T(-1) : T(0);
}

}  // namespace integers
}  // namespace

#endif
