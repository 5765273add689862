// Owns the constants of engine programs (PROGRAM.md, ABI 1) and the sizes of each variant.
// Macros only: the capability table is this file run through the preprocessor, so what the table
// says and what the kernels were compiled with cannot differ. Knows nothing of data or memory.
#ifndef FPGARRAY_ABI_H
#define FPGARRAY_ABI_H

#define FPGARRAY_ABI 1
#define FPGARRAY_MAGIC 0x46504131
#define FPGARRAY_DIMENSIONS 8
#define FPGARRAY_WORD_NBYTES 64

// Sizes; tile sizes are elements of the register type. FPGARRAY_PROGRAM_NBYTES is checked against
// the others in program.h.
#if defined(FPGARRAY_SMALL)
#define FPGARRAY_ONLY_F4 1
#define FPGARRAY_HAS_CALLS 0
#define FPGARRAY_TRIGONOMETRY 0
#define FPGARRAY_HYPERBOLIC 0
#define FPGARRAY_POWERS 0
#define FPGARRAY_DIVISIONS 0
#define FPGARRAY_REGISTERS 5
#define FPGARRAY_TILE_F4 256
#define FPGARRAY_TILE_F8 256
#define FPGARRAY_TILE_I4 256
#define FPGARRAY_TILE_I8 256
#define FPGARRAY_TILE_U1 256
#define FPGARRAY_PORTS 4
#define FPGARRAY_OPERANDS 8
#define FPGARRAY_INSTRUCTIONS 16
#define FPGARRAY_PROGRAM_NBYTES 1408
#else
#define FPGARRAY_ONLY_F4 0
#define FPGARRAY_HAS_CALLS 1
#define FPGARRAY_TRIGONOMETRY 1
#define FPGARRAY_HYPERBOLIC 1
#define FPGARRAY_POWERS 1
#define FPGARRAY_DIVISIONS 1
#define FPGARRAY_REGISTERS 16
#define FPGARRAY_TILE_F4 1024
#define FPGARRAY_TILE_F8 512
#define FPGARRAY_TILE_I4 1024
#define FPGARRAY_TILE_I8 512
#define FPGARRAY_TILE_U1 4096
#define FPGARRAY_PORTS 8
#define FPGARRAY_OPERANDS 24
#define FPGARRAY_INSTRUCTIONS 128
#define FPGARRAY_PROGRAM_NBYTES 5248
#endif

// The plain variant computes as a card's floating-point cores do: subnormals are zeros.
#if defined(FPGARRAY_FLUSH_SUBNORMALS)
#define FPGARRAY_SUBNORMALS False
#else
#define FPGARRAY_SUBNORMALS True
#endif

// Every engine tells what errors its data showed (watch.h): lines of findings in one 4096-byte buffer.
#define FPGARRAY_FINDINGS 64

// Operations: X(name, code), by the shape of their operands. Names and codes exist only here.
// Of every engine:
#define FPGARRAY_MOVES(X) X(load, 1) X(store, 2) X(set, 3)
#define FPGARRAY_BINARY(X)                                                                        \
    X(add, 4) X(subtract, 5) X(multiply, 6)                                                       \
    X(minimum, 11) X(maximum, 12)                                                                 \
    X(less, 13) X(less_equal, 14) X(greater, 15) X(greater_equal, 16)                             \
    X(equal, 17) X(not_equal, 18)                                                                 \
    X(logical_and, 24) X(logical_or, 25) X(logical_xor, 26)
#define FPGARRAY_UNARY(X)                                                                         \
    X(negative, 8) X(absolute, 9) X(logical_not, 27) X(square, 39) X(sign, 41) X(positive, 42)
#define FPGARRAY_TERNARY(X) X(where, 19)
#define FPGARRAY_COMMON(X)                                                                        \
    FPGARRAY_MOVES(X) FPGARRAY_BINARY(X) FPGARRAY_UNARY(X) FPGARRAY_TERNARY(X)

// Of floating-point engines (other codes below 100 are theirs):
#define FPGARRAY_FLOAT_BINARY(X) X(divide, 7)
#define FPGARRAY_ROUNDING(X)                                                                      \
    X(floor, 30) X(ceil, 31) X(trunc, 32) X(rint, 33)                                             \
    X(reciprocal, 40) X(degrees, 46) X(radians, 47) X(spacing, 49)
#define FPGARRAY_PREDICATES(X) X(isnan, 34) X(isinf, 35) X(isfinite, 36) X(signbit, 37)
#define FPGARRAY_FLOAT_UNARY(X)                                                                   \
    X(sqrt, 10) X(exp, 20)                                                                        \
    FPGARRAY_ROUNDING(X) FPGARRAY_PREDICATES(X)                                                   \
    X(exp2, 60) X(expm1, 61) X(log2, 62) X(log10, 63) X(log1p, 64)                                \
    FPGARRAY_INVERSE(X) FPGARRAY_HYPERBOLICS(X) FPGARRAY_ROOTS(X)
// Binary operations whose loops read registers only; an immediate is written out first.
#define FPGARRAY_JOINT(X)                                                                         \
    X(copysign, 38) X(fmin, 43) X(fmax, 44) X(heaviside, 45) X(nextafter, 48)                     \
    FPGARRAY_ANGLES(X) FPGARRAY_POWER_PAIRS(X)
#define FPGARRAY_LOGARITHMIC(X) X(log, 21)
// Of floats and of integers: quotients, remainders and powers. Integers always have them.
#define FPGARRAY_QUOTIENTS(X) X(floor_divide, 50) X(remainder, 51) X(fmod, 52)
#define FPGARRAY_POWER(X) X(power, 66)
// Families of floats that a small image leaves out.
#if FPGARRAY_TRIGONOMETRY
#define FPGARRAY_PERIODIC(X) X(sin, 22) X(cos, 23) X(tan, 70)
#define FPGARRAY_INVERSE(X) X(arcsin, 71) X(arccos, 72) X(arctan, 73)
#define FPGARRAY_ANGLES(X) X(arctan2, 74)
#else
#define FPGARRAY_PERIODIC(X)
#define FPGARRAY_INVERSE(X)
#define FPGARRAY_ANGLES(X)
#endif
#if FPGARRAY_HYPERBOLIC
#define FPGARRAY_HYPERBOLICS(X)                                                                   \
    X(sinh, 80) X(cosh, 81) X(tanh, 82) X(arcsinh, 83) X(arccosh, 84) X(arctanh, 85)
#else
#define FPGARRAY_HYPERBOLICS(X)
#endif
#if FPGARRAY_POWERS
#define FPGARRAY_ROOTS(X) X(cbrt, 65)
#define FPGARRAY_POWER_PAIRS(X)                                                                   \
    FPGARRAY_POWER(X) X(hypot, 53) X(logaddexp, 67) X(logaddexp2, 68)
#define FPGARRAY_OTHER_POWER(X)
#else
#define FPGARRAY_ROOTS(X)
#define FPGARRAY_POWER_PAIRS(X)
#define FPGARRAY_OTHER_POWER(X) FPGARRAY_POWER(X)
#endif
#if FPGARRAY_DIVISIONS
#define FPGARRAY_MODULAR(X) FPGARRAY_QUOTIENTS(X)
#define FPGARRAY_OTHER_QUOTIENTS(X)
#else
#define FPGARRAY_MODULAR(X)
#define FPGARRAY_OTHER_QUOTIENTS(X) FPGARRAY_QUOTIENTS(X)
#endif
#define FPGARRAY_FLOAT_OPERATIONS(X)                                                              \
    FPGARRAY_FLOAT_BINARY(X) FPGARRAY_FLOAT_UNARY(X) FPGARRAY_LOGARITHMIC(X)                      \
    FPGARRAY_PERIODIC(X) FPGARRAY_JOINT(X) FPGARRAY_MODULAR(X)

// Of integer engines (codes from 100 are theirs):
#define FPGARRAY_INTEGER_BINARY(X)                                                                \
    X(bitwise_and, 100) X(bitwise_or, 101) X(bitwise_xor, 102)                                    \
    X(left_shift, 103) X(right_shift, 104)
#define FPGARRAY_INTEGER_UNARY(X) X(invert, 105)
#define FPGARRAY_INTEGER_OPERATIONS(X)                                                            \
    FPGARRAY_INTEGER_BINARY(X) FPGARRAY_INTEGER_UNARY(X) FPGARRAY_QUOTIENTS(X) FPGARRAY_POWER(X)
// Those that no floating-point engine of this image has.
#define FPGARRAY_INTEGER_PAIRS(X)                                                                 \
    FPGARRAY_INTEGER_BINARY(X) FPGARRAY_OTHER_QUOTIENTS(X) FPGARRAY_OTHER_POWER(X)

// u8 is only written, and only by wide folds.
#define FPGARRAY_MEMORY_TYPES(X) X(f4, 0) X(f8, 1) X(b1, 2) X(i4, 3) X(i8, 4) X(u1, 5) X(u8, 6)
#define FPGARRAY_MODES(X) X(map, 0) X(fold_across, 1) X(fold_within, 2)

// Folds. Extrema are taken in the register type. Sums and products are too in floating-point
// engines, and in 64 bits, wrapping, in integer engines; counts are in 64 bits everywhere.
#define FPGARRAY_EXTREMA(X) X(min, 2) X(max, 3)
#define FPGARRAY_TOTALS(X) X(sum, 1) X(prod, 4)
#define FPGARRAY_COUNTS(X) X(count, 5)
#define FPGARRAY_FOLDS(X) FPGARRAY_TOTALS(X) FPGARRAY_EXTREMA(X) FPGARRAY_COUNTS(X)

// Calls (PROGRAM.md, "Calls"): kernels that do one whole operation. Element types are coded as the
// engines' memory types are.
#define FPGARRAY_CALL_MAGIC 0x46504332
#define FPGARRAY_CALL_PORTS 4
#define FPGARRAY_CALL_OPERANDS 6
#define FPGARRAY_COPY_MAGIC 0x46504333
#define FPGARRAY_COPY_PORTS 8
#define FPGARRAY_COPY_SEGMENTS 64
#define FPGARRAY_CALL_TYPES(X) X(f4, 0) X(f8, 1) X(b1, 2) X(i4, 3) X(i8, 4) X(u1, 5)
// Elements of one image row, channels counted, that a resize holds on chip.
#define FPGARRAY_RESIZE_ROW 32768
#define FPGARRAY_RESIZE_TYPES(X) X(f4, 0) X(f8, 1) X(u1, 5)
#define FPGARRAY_TAKE_TYPES(X) X(i4, 3) X(i8, 4) X(u1, 5) X(u2, 6) X(u4, 7) X(u8, 8)
#define FPGARRAY_MATMUL_TYPES(X) X(f4, 0) X(f8, 1) X(i4, 3) X(i8, 4)

// Ports: X(name, index).
#if FPGARRAY_PORTS == 8
#define FPGARRAY_EACH_PORT(X) X(p0, 0) X(p1, 1) X(p2, 2) X(p3, 3) X(p4, 4) X(p5, 5) X(p6, 6) X(p7, 7)
#else
#define FPGARRAY_EACH_PORT(X) X(p0, 0) X(p1, 1) X(p2, 2) X(p3, 3)
#endif

#endif
