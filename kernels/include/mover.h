// Owns every access to memory: tiles come in by load_tile, go out by store_tile. Two movers behind
// one interface, chosen by macro; the rest of the engine cannot tell them apart.
//
//   mover<T>
//     .connect(ports)                  root pointers of this call
//     .plan(program)                   once per program, after decoding
//     .load(program, i, n)             instruction i: operand -> register
//     .store(program, i, n)            instruction i: register -> operand
//     .target(program, i, n)           where instruction i shall write its result
//     .source(r)                       where register r is read
//     .store_result(operand, data, n)  the folded result
//     .finish()                        all stores are on their way
//     .lost()                          whether the load or store just done, if marked, made a
//                                      number infinite because the other type is narrower
//
// Under g++ the fast mover lets registers alias device memory. The plain one (FPGARRAY_PLAIN_MOVERS,
// and always under HLS) moves whole port words in bursts.
#ifndef FPGARRAY_MOVER_H
#define FPGARRAY_MOVER_H

#include "fusion.h"

// Independent iterations: results only ever overwrite the element they were computed from.
#if defined(__SYNTHESIS__)
#define FPGARRAY_INDEPENDENT
#elif defined(__clang__)
#define FPGARRAY_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define FPGARRAY_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace {

// From memory type to register type and back.
template <typename T> struct reading {
    template <typename M> static T from(M value) { return maths::flush((T)maths::flush(value)); }
    static T from(T value) { return value; }
    static T from(uint8 value) { return value != 0 ? T(1) : T(0); }
};
template <typename T, typename M> inline T from_memory(M value) {
    return reading<T>::from(value);
}

template <typename M> struct writing {
    template <typename T> static M from(T value) {
        return maths::flush((M)maths::flush(value));
    }
    static M from(M value) { return value; }
    static M wrong() { return M(-12345.678); }
};
template <> struct writing<uint8> {
    template <typename T> static uint8 from(T value) { return maths::flush(value) != T(0); }
    static uint8 wrong() { return 0xad; }
};

// Whether a number becomes infinite in a narrower type.
template <typename TO, typename FROM> struct narrowing {
    static bool overflows(FROM) { return false; }
};
template <> struct narrowing<float, double> {
    static bool overflows(double value) {
        return maths::is_finite(value) && !maths::is_finite((float)value);
    }
};

// The wrong variant: recognisable nonsense from every store, to prove that a test looks at results.
#if defined(FPGARRAY_WRONG)
template <typename M, typename T> inline M to_memory(T) { return writing<M>::wrong(); }
#else
template <typename M, typename T> inline M to_memory(T value) { return writing<M>::from(value); }
#endif

}  // namespace

#if defined(FPGARRAY_PLAIN_MOVERS) || defined(__SYNTHESIS__)
#include "mover_plain.h"
#else
#include "mover_fast.h"
#endif

#endif
