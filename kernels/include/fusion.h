// Owns superinstructions: a multiplication whose product only feeds the next addition or
// subtraction is carried out with it, without a register in between. Rounds twice, as its parts do.
// Codes here are internal: no program contains them. Must not know memory.
#ifndef FPGARRAY_FUSION_H
#define FPGARRAY_FUSION_H

#include "operations.h"

#define FPGARRAY_FUSED(X)                                                                         \
    X(multiply_add, 224) X(multiply_subtract, 225) X(subtract_multiply, 226)
#define FPGARRAY_PRODUCTS(X) X(add_products, 240) X(subtract_products, 241)

namespace {

#define FPGARRAY_CODE(name, code) operation_##name = code,
enum fused_code { FPGARRAY_FUSED(FPGARRAY_CODE) FPGARRAY_PRODUCTS(FPGARRAY_CODE) };
#undef FPGARRAY_CODE

namespace operations {

template <typename T> inline T product(T a, T b) { return maths::flush(a * b); }

struct multiply_add {
    template <typename T> static T apply(T a, T b, T c) { return product(a, b) + c; }
};
struct multiply_subtract {
    template <typename T> static T apply(T a, T b, T c) { return product(a, b) - c; }
};
struct subtract_multiply {
    template <typename T> static T apply(T a, T b, T c) { return c - product(a, b); }
};
struct add_products {
    template <typename T> static T apply(T a, T b, T c, T d) {
        return product(a, b) + product(c, d);
    }
};
struct subtract_products {
    template <typename T> static T apply(T a, T b, T c, T d) {
        return product(a, b) - product(c, d);
    }
};

}  // namespace operations

// How many of a, b, c an instruction reads.
inline unsigned arity(unsigned operation) {
    switch (operation) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: return 2;
        FPGARRAY_BINARY(FPGARRAY_CASE)
        FPGARRAY_JOINT(FPGARRAY_CASE)
        FPGARRAY_MODULAR(FPGARRAY_CASE)
        FPGARRAY_FLOAT_BINARY(FPGARRAY_CASE)
        FPGARRAY_INTEGER_PAIRS(FPGARRAY_CASE)
#undef FPGARRAY_CASE
    case operation_where: return 3;
    case operation_load:
    case operation_set: return 0;
    default: return 1;
    }
}

template <typename T> bool reads(const instruction<T> &i, unsigned r) {
    const unsigned count = arity(i.operation);
    return (count > 0 && !(i.immediates & 1) && i.a == r) ||
           (count > 1 && !(i.immediates & 2) && i.b == r) ||
           (count > 2 && !(i.immediates & 4) && i.c == r);
}

// Whether nobody reads register r after instruction `at` of a program not yet fused from there on.
template <typename T> bool dead_after(const program<T> &p, unsigned at, unsigned r) {
    if (p.instructions[at].destination == r) return true;
dead_scan:
    for (unsigned k = at + 1; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=0 max=127
        const instruction<T> &i = p.instructions[k];
        if (reads(i, r)) return false;
        if (i.operation != operation_store && i.destination == r) return true;
    }
    return p.mode == mode_map || r != p.folded;
}

template <typename T> bool is_product(const instruction<T> &i) {
    return i.operation == operation_multiply && (i.immediates & 3) != 3;
}

// x = first * ..., y = second * ..., then `i` adds or subtracts x and y.
template <typename T>
bool fuse_products(const program<T> &p, unsigned at, const instruction<T> &first,
                   instruction<T> &second) {
    const instruction<T> &i = p.instructions[at];
    const unsigned x = first.destination, y = second.destination;
    const bool straight = i.a == x && i.b == y, swapped = i.a == y && i.b == x;
    if (!is_product(first) || !is_product(second) || first.immediates || second.immediates ||
        i.immediates || x == y || reads(second, x) || !(straight || swapped) ||
        !dead_after(p, at, x) || !dead_after(p, at, y)) {
        return false;
    }
    instruction<T> fused = i;
    fused.operation =
        i.operation == operation_add ? operation_add_products : operation_subtract_products;
    const instruction<T> &left = straight ? first : second, &right = straight ? second : first;
    fused.a = left.a;
    fused.b = left.b;
    fused.c = right.a;
    fused.operand = right.b;
    second = fused;
    return true;
}

// t = a * b, then `i` adds something to t or subtracts.
template <typename T>
bool fuse_product(const program<T> &p, unsigned at, instruction<T> &product) {
    const instruction<T> &i = p.instructions[at];
    const unsigned t = product.destination;
    const bool in_a = !(i.immediates & 1) && i.a == t, in_b = !(i.immediates & 2) && i.b == t;
    const unsigned other_immediate = in_a ? i.immediates >> 1 & 1 : i.immediates & 1;
    if (!is_product(product) || in_a == in_b || (other_immediate && product.immediates) ||
        !dead_after(p, at, t)) {
        return false;
    }
    instruction<T> fused = product;
    fused.operation = i.operation == operation_add ? operation_multiply_add
                      : in_a                       ? operation_multiply_subtract
                                                   : operation_subtract_multiply;
    if (product.immediates & 1) {  // the immediate, if a factor, is the second one
        fused.a = product.b;
        fused.immediates = 2;
    }
    fused.destination = i.destination;
    fused.looked = i.looked;
    fused.c = in_a ? i.b : i.a;
    if (other_immediate) {
        fused.immediates = 4;
        fused.immediate = i.immediate;
    }
    product = fused;
    return true;
}

// Integers have no superinstructions.
template <typename T> void fuse(program<T> &, integral) {}

// Replace what can be fused, in place.
template <typename T> void fuse(program<T> &p, floating) {
    unsigned count = 0;
fuse_instructions:
    for (unsigned k = 0; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=0 max=128
        const unsigned operation = p.instructions[k].operation;
        if (operation == operation_add || operation == operation_subtract) {
            if (count > 1 &&
                fuse_products(p, k, p.instructions[count - 2], p.instructions[count - 1])) {
                p.instructions[count - 2] = p.instructions[count - 1];
                --count;
                continue;
            }
            if (count > 0 && fuse_product(p, k, p.instructions[count - 1])) continue;
        }
        if (count != k) p.instructions[count] = p.instructions[k];
        ++count;
    }
    p.instruction_count = count;
}

}  // namespace

#endif
