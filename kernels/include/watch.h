// Owns what results tell of floating-point errors: numbers became infinite or NaN. Compares results
// with operands, since a card keeps no flags. Must not know programs, tiles' owners or memory.
//
// A run looks, at little cost, only where what an error leaves behind could get lost (instructions
// the host marked; see PROGRAM.md, "Findings"). A tile in which something was seen is gone through
// once more, instruction by instruction, by `judged_tile`.
#ifndef FPGARRAY_WATCH_H
#define FPGARRAY_WATCH_H

#include "mover.h"

namespace {

static const unsigned FINDING_WORDS = 4;  // a bit per instruction
static_assert(INSTRUCTIONS <= 32 * FINDING_WORDS, "findings have a bit per instruction");

struct findings {
    uint32 divide[FINDING_WORDS], overflow[FINDING_WORDS], invalid[FINDING_WORDS];
    uint32 fold;

    void clear() {
    clear_findings:
        for (unsigned w = 0; w < FINDING_WORDS; ++w) divide[w] = overflow[w] = invalid[w] = 0;
        fold = 0;
    }
    void add(unsigned number, unsigned categories) {
        const unsigned w = number / 32, shift = number % 32;
        divide[w] |= (categories & category_divide ? 1u : 0u) << shift;
        overflow[w] |= (categories & category_overflow ? 1u : 0u) << shift;
        invalid[w] |= (categories & category_invalid ? 1u : 0u) << shift;
    }
    void join(const findings &other) {
    join_findings:
        for (unsigned w = 0; w < FINDING_WORDS; ++w) {
            divide[w] |= other.divide[w];
            overflow[w] |= other.overflow[w];
            invalid[w] |= other.invalid[w];
        }
        fold |= other.fold;
    }
    port_word line() const {
        port_word result;
    findings_line:
        for (unsigned w = 0; w < FINDING_WORDS; ++w) {
            result.word[w] = divide[w];
            result.word[FINDING_WORDS + w] = overflow[w];
            result.word[2 * FINDING_WORDS + w] = invalid[w];
            result.word[3 * FINDING_WORDS + w] = w == 0 ? fold : 0;
        }
        return result;
    }
};

// Register types without infinities have nothing to look for.
template <typename T> struct nonfinite {
    typedef unsigned bits;
    static bits bit(T) { return 0; }
    static bool any(const T *, unsigned) { return false; }
    static unsigned kinds(T) { return 0; }
};

static const unsigned KIND_NAN = 1, KIND_INFINITE = 2;

template <typename T> struct nonfinite_float {
    typedef typename group<T>::bits bits;
    static bits bit(T x) {
        const bits infinity = bits_as<bits>(T(__builtin_inf()));
        return bits_as<bits>(maths::absolute(x)) >= infinity ? bits(1) : bits(0);
    }
    static bool any(const T *a, unsigned n) {
        bits found = 0;
    nonfinite_scan:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
            found |= bit(a[k]);
        }
        return found != 0;
    }
    static unsigned kinds(T x) {
        return x != x ? KIND_NAN : maths::is_finite(x) ? 0 : KIND_INFINITE;
    }
};
template <> struct nonfinite<float> : nonfinite_float<float> {};
template <> struct nonfinite<double> : nonfinite_float<double> {};

// Operations whose loops look at their own results where they are marked: cheap ones, for which
// reading the results once more would cost as much as making them.
template <typename OPERATION> struct looks_itself {
    static const bool value = false;
};
#define FPGARRAY_LOOKS(name)                                                                      \
    template <> struct looks_itself<operations::name> {                                           \
        static const bool value = true;                                                           \
    };
FPGARRAY_LOOKS(add) FPGARRAY_LOOKS(subtract) FPGARRAY_LOOKS(multiply) FPGARRAY_LOOKS(divide)
FPGARRAY_LOOKS(multiply_add) FPGARRAY_LOOKS(multiply_subtract) FPGARRAY_LOOKS(subtract_multiply)
FPGARRAY_LOOKS(add_products) FPGARRAY_LOOKS(subtract_products)
#undef FPGARRAY_LOOKS

// Where an infinite result of finite operands is a division by zero and no overflow.
enum pole { pole_never, pole_second_is_zero, pole_first_is_zero, pole_always };

inline pole pole_of(unsigned operation) {
    switch (operation) {
    case operation_divide: return pole_second_is_zero;
    case operation_reciprocal: return pole_first_is_zero;
    case operation_log:
    case operation_log2:
    case operation_log10:
    case operation_log1p: return pole_always;
#if FPGARRAY_HYPERBOLIC
    case operation_arctanh: return pole_always;
#endif
#if FPGARRAY_POWERS
    case operation_power: return pole_first_is_zero;
#endif
#if FPGARRAY_DIVISIONS
    case operation_floor_divide: return pole_second_is_zero;
#endif
    default: return pole_never;
    }
}

// The categories that one instruction met: `to` was made of `a` and `b` (the same where it has one
// operand). Selection makes nothing: leave it out.
template <typename T>
unsigned judged_tile(unsigned operation, const T *to, const T *a, const T *b, unsigned n) {
    const pole at = pole_of(operation);
    unsigned found = 0;
judge:
    for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
        const unsigned result = nonfinite<T>::kinds(to[k]);
        if (result == 0) continue;
        const T x = maths::flush(a[k]), y = maths::flush(b[k]);
        const unsigned operands = nonfinite<T>::kinds(x) | nonfinite<T>::kinds(y);
        if (result == KIND_NAN) {
            if (!(operands & KIND_NAN)) found |= category_invalid;
        } else if (operands == 0) {
            const bool zero = at == pole_always || (at == pole_second_is_zero && y == T(0)) ||
                              (at == pole_first_is_zero && x == T(0));
            found |= zero ? category_divide : category_overflow;
        }
    }
    return found;
}

// The categories of a sum, by the kinds of its elements.
template <typename T> unsigned judged_sum(T sum, unsigned elements) {
    const unsigned result = nonfinite<T>::kinds(sum);
    unsigned found = 0;
    if (result != 0 && elements == 0) found |= category_overflow;
    if (result == KIND_NAN && !(elements & KIND_NAN)) found |= category_invalid;
    return found;
}

}  // namespace

#endif
