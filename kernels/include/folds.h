// Owns what folds compute and the folding of one tile: in the register type by halving, or in 64
// bits, where nothing is rounded. Must not know programs or memory.
#ifndef FPGARRAY_FOLDS_H
#define FPGARRAY_FOLDS_H

#include "tiles.h"

namespace {

namespace folds {
// Eight rows into one, in sequence.
template <typename OPERATION, typename T> inline T in_sequence(const T *a, unsigned stride) {
    T total = combined<OPERATION>(a[0], a[stride]);
    total = combined<OPERATION>(total, a[2 * stride]);
    total = combined<OPERATION>(total, a[3 * stride]);
    total = combined<OPERATION>(total, a[4 * stride]);
    total = combined<OPERATION>(total, a[5 * stride]);
    total = combined<OPERATION>(total, a[6 * stride]);
    return combined<OPERATION>(total, a[7 * stride]);
}

struct sum {
    typedef operations::add combine;
    template <typename T> static T neutral(T) { return -T(0); }  // -0 + x is x, whatever x
    template <typename T> static T finish(T total) { return total + T(0); }  // no sum is -0
    template <typename T> static T rows(const T *a, unsigned stride) {
        return in_sequence<combine>(a, stride);
    }
};
struct prod {
    typedef operations::multiply combine;
    template <typename T> static T neutral(T) { return T(1); }
    template <typename T> static T finish(T total) { return total; }
    template <typename T> static T rows(const T *a, unsigned stride) {
        return in_sequence<combine>(a, stride);
    }
};

// Comparisons lose NaNs, so those are looked for apart, in pairs.
template <typename PICK, typename T>
inline T extreme_of_rows(const T *a, unsigned stride, integral) {
    return in_sequence<typename PICK::combine>(a, stride);
}
template <typename PICK, typename T>
inline T extreme_of_rows(const T *a, unsigned stride, floating) {
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
        return extreme_of_rows<min>(a, stride, typename group<T>::family());
    }
};
struct max {
    typedef operations::maximum combine;
    template <typename T> static T neutral(T any) { return any; }
    template <typename T> static T finish(T total) { return total; }
    template <typename T> static T of(T a, T b) { return a > b ? a : b; }
    template <typename T> static T rows(const T *a, unsigned stride) {
        return extreme_of_rows<max>(a, stride, typename group<T>::family());
    }
};
}  // namespace folds

// Folds in 64 bits. `of` is what an element contributes, `part` what a tile of them is added up in
// (or multiplied).
namespace wide_folds {
struct sum {
    static int64 neutral() { return 0; }
    static int64 combine(int64 a, int64 b) { return (int64)((uint64)a + (uint64)b); }
    template <typename T> static int64 of(T value) { return (int64)value; }
    template <typename T> static int64 of_tile(const T *a, unsigned n) {
        typedef typename group<T>::part P;
        P part = 0;
    sum_tile:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=4096
#pragma HLS pipeline II=1
            part += (P)a[k];
        }
        return (int64)part;
    }
};
struct prod {
    static int64 neutral() { return 1; }
    static int64 combine(int64 a, int64 b) { return (int64)((uint64)a * (uint64)b); }
    template <typename T> static int64 of(T value) { return (int64)value; }
    template <typename T> static int64 of_tile(const T *a, unsigned n) {
        uint64 part = 1;
    multiply_tile:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=4096
#pragma HLS pipeline II=1
            part *= (uint64)a[k];
        }
        return (int64)part;
    }
};
struct count {
    static int64 neutral() { return 0; }
    static int64 combine(int64 a, int64 b) { return a + b; }
    template <typename T> static int64 of(T value) { return maths::flush(value) != T(0) ? 1 : 0; }
    template <typename T> static int64 of_tile(const T *a, unsigned n) {
        typedef typename group<T>::part P;
        P part = 0;
    count_tile:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=4096
#pragma HLS pipeline II=1
            part += maths::flush(a[k]) != T(0) ? P(1) : P(0);
        }
        return (int64)part;
    }
};
}  // namespace wide_folds

template <typename FOLD, typename T> void wide_combine(int64 *to, const T *a, unsigned n) {
wide_combine:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=4096
#pragma HLS pipeline II=1
        to[k] = FOLD::combine(to[k], FOLD::of(a[k]));
    }
}

// to = to combined with a
template <typename FOLD, typename T> void combine_tile(T *to, const T *a, unsigned n) {
combine:
    FPGARRAY_INDEPENDENT
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
        to[k] = combined<typename FOLD::combine>(to[k], a[k]);
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
            row[k] = combined<typename FOLD::combine>(row[k], row[k + HALF]);
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
