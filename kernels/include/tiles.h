// Owns the loops over one tile: an operation applied to registers and immediates, and the folding
// of a tile. Must not know programs or memory. Every loop has at most `tile` iterations, all
// independent; g++ makes vector code of it and HLS a pipeline.
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

// ---- folding ----------------------------------------------------------------------------------

template <typename FOLD, typename T> inline T combined(T a, T b) {
    return maths::flush(FOLD::combine::template apply<T>(maths::flush(a), maths::flush(b)));
}

namespace folds {
struct sum {
    typedef operations::add combine;
    template <typename T> static T neutral(T) { return -T(0); }  // -0 + x is x, whatever x
    template <typename T> static T finish(T total) { return total + T(0); }  // no sum is -0
    template <typename T> static T rows(const T *a, unsigned stride) {
        T total = combined<sum>(a[0], a[stride]);
        total = combined<sum>(total, a[2 * stride]);
        total = combined<sum>(total, a[3 * stride]);
        total = combined<sum>(total, a[4 * stride]);
        total = combined<sum>(total, a[5 * stride]);
        total = combined<sum>(total, a[6 * stride]);
        return combined<sum>(total, a[7 * stride]);
    }
};

// Comparisons lose NaNs, so those are looked for apart, in pairs.
template <typename PICK, typename T> inline T extreme_of_rows(const T *a, unsigned stride) {
    const T v0 = maths::flush(a[0]), v1 = maths::flush(a[stride]);
    const T v2 = maths::flush(a[2 * stride]), v3 = maths::flush(a[3 * stride]);
    const T v4 = maths::flush(a[4 * stride]), v5 = maths::flush(a[5 * stride]);
    const T v6 = maths::flush(a[6 * stride]), v7 = maths::flush(a[7 * stride]);
    const bool undefined = __builtin_isunordered(v0, v1) | __builtin_isunordered(v2, v3) |
                           __builtin_isunordered(v4, v5) | __builtin_isunordered(v6, v7);
    const T left = PICK::of(PICK::of(v0, v1), PICK::of(v2, v3));
    const T right = PICK::of(PICK::of(v4, v5), PICK::of(v6, v7));
    const T extreme = PICK::of(left, right);
    return undefined ? T(__builtin_nan("")) : extreme;
}
struct min {
    typedef operations::minimum combine;
    template <typename T> static T neutral(T any) { return any; }
    template <typename T> static T finish(T total) { return total; }
    template <typename T> static T of(T a, T b) { return a < b ? a : b; }
    template <typename T> static T rows(const T *a, unsigned stride) {
        return extreme_of_rows<min>(a, stride);
    }
};
struct max {
    typedef operations::maximum combine;
    template <typename T> static T neutral(T any) { return any; }
    template <typename T> static T finish(T total) { return total; }
    template <typename T> static T of(T a, T b) { return a > b ? a : b; }
    template <typename T> static T rows(const T *a, unsigned stride) {
        return extreme_of_rows<max>(a, stride);
    }
};
}  // namespace folds


// to = to combined with a
template <typename FOLD, typename T> void combine_tile(T *to, const T *a, unsigned n) {
combine:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = combined<FOLD>(to[k], a[k]);
    }
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

// A tile becomes a row, an eighth of it (at most 8 values in sequence); then halves of the row are
// combined, down to `lanes` values. Their order depends on nothing but n.
template <typename T> struct fold_shape {
    static const unsigned row = group<T>::tile / 8;
    static const unsigned lanes = FPGARRAY_WORD_NBYTES / sizeof(T);
};

template <typename FOLD, typename T, unsigned HALF> struct halve_row {
    static void run(T *row) {
    halve:
        FPGARRAY_INDEPENDENT
        for (unsigned k = 0; k < HALF; ++k) {
#pragma HLS pipeline II=1
            row[k] = combined<FOLD>(row[k], row[k + HALF]);
        }
        halve_row<FOLD, T, (HALF > fold_shape<T>::lanes ? HALF / 2 : 0)>::run(row);
    }
};
template <typename FOLD, typename T> struct halve_row<FOLD, T, 0> {
    static void run(const T *nothing) { (void)nothing; }
};

// Fold n elements into the `lanes` of `out`. `row` is scratch.
template <typename FOLD, typename T>
void fold_tile(T *out, T *row, const T *a, unsigned n) {
    const unsigned ROW = fold_shape<T>::row, LANES = fold_shape<T>::lanes;
    if (n == 8 * ROW) {
        // Memory is read strictly forward, eight lines of lanes at a time.
    fold_full:
        for (unsigned line = 0; line < ROW; line += LANES) {
#pragma HLS pipeline II=1
        fold_full_lanes:
            FPGARRAY_INDEPENDENT
            for (unsigned k = 0; k < LANES; ++k) {
                row[line + k] = FOLD::rows(a + 8 * line + k, LANES);
            }
        }
    } else {
        const unsigned whole = n / ROW;
        const T neutral = FOLD::neutral(a[0]);
        if (whole == 0) {
            copy_tile(row, a, n);
            fill_tile(row + n, neutral, ROW - n);
        } else {
            copy_tile(row, a, ROW);
        fold_rows:
            for (unsigned r = 1; r < whole; ++r) {
#pragma HLS loop_tripcount min=0 max=7
                combine_tile<FOLD>(row, a + r * ROW, ROW);
            }
            combine_tile<FOLD>(row, a + whole * ROW, n - whole * ROW);
        }
    }
    halve_row<FOLD, T, ROW / 2>::run(row);
    copy_tile(out, row, fold_shape<T>::lanes);
}

template <typename FOLD, typename T> T fold_lanes(const T *lanes) {
    T row[fold_shape<T>::lanes];
    copy_tile(row, lanes, fold_shape<T>::lanes);
fold_lanes:
    for (unsigned half = fold_shape<T>::lanes / 2; half > 0; half /= 2) {
#pragma HLS loop_tripcount min=3 max=4
        combine_tile<FOLD>(row, row + half, half);
    }
    return row[0];
}

}  // namespace

#endif
