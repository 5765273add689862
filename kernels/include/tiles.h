// Owns the loops over one tile: an operation applied to registers and immediates. Must not know
// programs or memory. Every loop has at most `tile` iterations, all independent; g++ makes vector
// code of it and HLS a pipeline.
#ifndef FPGARRAY_TILES_H
#define FPGARRAY_TILES_H

#include "watch.h"

namespace {

// What an operation reads: a register or the instruction's immediate.
template <typename T> struct from_register {
    const T *data;
    T operator[](unsigned k) const { return data[k]; }
};
template <typename T> struct from_immediate {
    T value;
    T operator[](unsigned) const { return value; }
};

template <typename T> void fill_tile(T *to, T value, unsigned n) {
fill:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = value;
    }
}

template <typename OPERATION, typename T> void unary_tile(T *to, const T *a, unsigned n) {
unary:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = maths::flush(OPERATION::template apply<T>(maths::flush(a[k])));
    }
}

template <typename OPERATION, typename T, typename A, typename B>
void binary_tile(T *to, A a, B b, unsigned n) {
binary:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = maths::flush(
            OPERATION::template apply<T>(maths::flush(T(a[k])), maths::flush(T(b[k]))));
    }
}

// Operations whose loops are long: one loop for registers and immediates alike.
template <typename OPERATION, typename T>
void joint_tile(T *to, const T *a, const T *b, unsigned n) {
    const from_register<T> left = {a}, right = {b};
    binary_tile<OPERATION>(to, left, right, n);
}

// Selection moves bits: nothing is flushed but the condition.
template <typename OPERATION, typename T, typename A, typename B, typename C>
void ternary_tile(T *to, A a, B b, C c, unsigned n) {
ternary:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = OPERATION::template apply<T>(maths::flush(T(a[k])), T(b[k]), T(c[k]));
    }
}

template <typename OPERATION, typename T, typename B, typename C>
void fused_tile(T *to, const T *a, B b, C c, unsigned n) {
fused:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = maths::flush(OPERATION::template apply<T>(
            maths::flush(a[k]), maths::flush(T(b[k])), maths::flush(T(c[k]))));
    }
}

template <typename OPERATION, typename T>
void products_tile(T *to, const T *a, const T *b, const T *c, const T *d, unsigned n) {
products:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = maths::flush(OPERATION::template apply<T>(
            maths::flush(a[k]), maths::flush(b[k]), maths::flush(c[k]), maths::flush(d[k])));
    }
}

// The same, looking for infinities and NaN among the results.
template <typename OPERATION, typename T, typename A, typename B>
bool binary_tile_looked(T *to, A a, B b, unsigned n) {
    typename nonfinite<T>::bits found = 0;
binary_looked:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        const T result = maths::flush(OPERATION::template apply<T>(maths::flush(T(a[k])), maths::flush(T(b[k]))));
        to[k] = result;
        found |= nonfinite<T>::bit(result);
    }
    return found != 0;
}

template <typename OPERATION, typename T, typename B, typename C>
bool fused_tile_looked(T *to, const T *a, B b, C c, unsigned n) {
    typename nonfinite<T>::bits found = 0;
fused_looked:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        const T result = maths::flush(OPERATION::template apply<T>(
            maths::flush(a[k]), maths::flush(T(b[k])), maths::flush(T(c[k]))));
        to[k] = result;
        found |= nonfinite<T>::bit(result);
    }
    return found != 0;
}

template <typename OPERATION, typename T>
bool products_tile_looked(T *to, const T *a, const T *b, const T *c, const T *d, unsigned n) {
    typename nonfinite<T>::bits found = 0;
products_looked:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        const T result = maths::flush(OPERATION::template apply<T>(
            maths::flush(a[k]), maths::flush(b[k]), maths::flush(c[k]), maths::flush(d[k])));
        to[k] = result;
        found |= nonfinite<T>::bit(result);
    }
    return found != 0;
}

// Anything but positive normal numbers.
template <typename T> bool any_special(const T *a, unsigned n) {
    typedef typename group<T>::bits bits;
    const bits least = bits_as<bits>(group<T>::least_normal());
    const bits span = bits_as<bits>(T(__builtin_inf())) - least;
    bits found = 0;
special_scan:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        found |= bits_as<bits>(a[k]) - least >= span ? bits(1) : bits(0);
    }
    return found != 0;
}

// Most tiles hold nothing special; those that do pay for it.
template <typename OPERATION, typename T> void logarithm_tile(T *to, const T *a, unsigned n) {
    if (any_special(a, n)) {
        unary_tile<OPERATION>(to, a, n);
    } else {
        unary_tile<operations::normal_log>(to, a, n);
    }
}

#if FPGARRAY_TRIGONOMETRY
template <typename T> bool any_far(const T *a, unsigned n) {
    typedef typename group<T>::bits bits;
    const bits limit = bits_as<bits>(maths::near_limit(T()));
    const bits infinity = bits_as<bits>(T(__builtin_inf()));
    bits found = 0;
far_scan:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        const bits magnitude = bits_as<bits>(maths::absolute(a[k]));
        found |= (magnitude > limit) & (magnitude < infinity) ? bits(1) : bits(0);
    }
    return found != 0;
}

inline float far_value(operations::sin, float x) { return maths::far_sine(x); }
inline float far_value(operations::cos, float x) { return maths::far_cosine(x); }
inline float far_value(operations::tan, float x) { return maths::far_tangent(x); }
inline double far_value(operations::sin, double x) { return maths::far_sine(x); }
inline double far_value(operations::cos, double x) { return maths::far_cosine(x); }
inline double far_value(operations::tan, double x) { return maths::far_tangent(x); }

template <typename OPERATION, typename T> void far_tile(T *to, const T *a, unsigned n) {
far:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
        const T x = maths::flush(a[k]);
        to[k] = maths::flush(maths::is_far(x) ? far_value(OPERATION(), x)
                                              : OPERATION::template apply<T>(x));
    }
}

// The exact reduction is for tiles that hold a large argument.
template <typename OPERATION, typename T> void periodic_tile(T *to, const T *a, unsigned n) {
    if (any_far(a, n)) {
        far_tile<OPERATION>(to, a, n);
    } else {
        unary_tile<OPERATION>(to, a, n);
    }
}
#endif

#if FPGARRAY_DIVISIONS
template <typename T> bool any_far_pair(const T *a, const T *b, unsigned n) {
    typedef typename group<T>::bits bits;
    bits found = 0;
far_pairs:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        found |= maths::is_far_pair(a[k], b[k]) ? bits(1) : bits(0);
    }
    return found != 0;
}

// The long division is for tiles that hold a large quotient.
template <typename OPERATION, typename T>
void modular_tile(T *to, const T *a, const T *b, unsigned n) {
    if (any_far_pair(a, b, n)) {
    modular_far:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            const T x = maths::flush(a[k]), y = maths::flush(b[k]);
            const T remainder =
                maths::is_far_pair(x, y) ? maths::far_remainder(x, y) : maths::near_remainder(x, y);
            to[k] = maths::flush(OPERATION::template apply<T>(x, y, maths::flush(remainder)));
        }
    } else {
    modular_near:
        FPGARRAY_INDEPENDENT
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
            const T x = maths::flush(a[k]), y = maths::flush(b[k]);
            const T remainder = maths::flush(maths::near_remainder(x, y));
            to[k] = maths::flush(OPERATION::template apply<T>(x, y, remainder));
        }
    }
}
#endif

// ---- division of integers ---------------------------------------------------------------------

template <typename OPERATION, typename T>
void division_tile(T *to, const T *a, const T *b, unsigned n) {
    joint_tile<OPERATION>(to, a, b, n);
}

inline bool any_long(const int64 *a, unsigned n) {
    int64 found = 0;
long_scan:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=512
#pragma HLS pipeline II=1
        const uint64 above = (uint64)a[k] + 0x7fffffffu, below = (uint64)a[k] + 0x80000000u;
        found |= (int64)((above | below) & ~0xffffffffull);
    }
    return found != 0;
}

// Most numbers fit 32 bits (the least of them, whose quotient by -1 does not, counts as long), and
// those divide many at a time.
template <typename OPERATION>
void division_tile(int64 *to, const int64 *a, const int64 *b, unsigned n) {
    if (any_long(a, n) || any_long(b, n)) {
        joint_tile<OPERATION>(to, a, b, n);
        return;
    }
short_division:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=512
#pragma HLS pipeline II=1
        to[k] = OPERATION::template apply<int32>((int32)a[k], (int32)b[k]);
    }
}

// The errors of dividing integers: by zero, and the least one by -1.
template <typename T> unsigned division_errors(const T *a, const T *b, unsigned n) {
    const T lowest = T(typename group<T>::wrapping(1) << (8 * sizeof(T) - 1));
    unsigned found = 0;
division_errors:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=4096
#pragma HLS pipeline II=1
        const bool beyond = (lowest < T(0)) & (a[k] == lowest) & (b[k] == T(-1));
        found |= (b[k] == T(0) ? category_divide : 0) | (beyond ? category_overflow : 0);
    }
    return found;
}

template <typename OPERATION, typename T> inline T combined(T a, T b) {
    return maths::flush(OPERATION::template apply<T>(maths::flush(a), maths::flush(b)));
}

template <typename T> inline void copy_tile(T *to, const T *from, unsigned n) {
copy:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = from[k];
    }
}

}  // namespace

#endif
