// Owns the carrying out of a program on one tile: each instruction's loop over registers, its
// immediates, loads and stores by the mover, and the second look at a tile that shows errors.
// Must not know how tiles follow each other.
#ifndef FPGARRAY_INTERPRETER_H
#define FPGARRAY_INTERPRETER_H

#include "tiles.h"

namespace {

template <typename T> class interpreter {
    static const unsigned TILE = group<T>::tile;

  protected:
    typedef typename group<T>::family family;

    program<T> p;
    mover<T> move;
    findings found;

    static unsigned tile_length(uint64 left) { return left < TILE ? (unsigned)left : TILE; }

    // n elements of the tiled space, from its element `start` where the cursors are.
    void run_tile(uint64 start, unsigned n) {
        bool suspect = false;
    tile_instructions:
        for (unsigned k = 0; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=1 max=128
            const instruction<T> &i = p.instructions[k];
            if (suspect && i.operation == operation_store) {
                judge(start, n);
                suspect = false;
            }
            looked = false;
            execute(i, n);
            if (i.looked) suspect |= look(i, n);
        }
        if (suspect) judge(start, n);
    }

  private:
    bool looked, seen;  // by the instruction just executed
    alignas(64) T first[TILE], second[TILE];  // operands of an instruction that is judged
    alignas(64) T filled[TILE];               // an immediate written out

    // Whether the tile must be judged. What conversions lost is clear at once.
    bool look(const instruction<T> &i, unsigned n) {
        if (i.operation == operation_load || i.operation == operation_store) {
            found.add(i.number, move.lost());
            return false;
        }
        if (looked) return seen;
        return nonfinite<T>::any(move.source(i.destination), n);
    }

    // Go through a tile again, before anything is stored, and compare each result with its operands.
    void judge(uint64 start, unsigned n) {
        seek(p, start);
    judge_parts:
        for (unsigned done = 0; done < n; done += TILE) {
            const unsigned count = tile_length(n - done);
        judge_instructions:
            for (unsigned k = 0; k < p.written_count; ++k) {
#pragma HLS loop_tripcount min=1 max=128
                const instruction<T> &i = p.written[k];
                if (i.operation == operation_store) continue;
                const unsigned operands = i.operation == operation_where ? 0 : arity(i.operation);
                if (operands > 0) keep_operand(first, i.immediates & 1, i.a, i, count);
                if (operands > 1) keep_operand(second, i.immediates & 2, i.b, i, count);
                execute(i, count);
                if (operands > 0) {
                    const T *other = operands > 1 ? second : first;
                    const T *made = move.source(i.destination);
                    found.add(i.number, judged_tile(i.operation, made, first, other, count));
                }
            }
        }
    judge_forget:
        for (unsigned k = 0; k < p.operand_count; ++k) p.operands[k].filled = 0;
    }

    void keep_operand(T *to, unsigned immediate, unsigned r, const instruction<T> &i, unsigned n) {
        if (immediate) {
            fill_tile(to, i.immediate, n);
        } else {
            copy_tile(to, move.source(r), n);
        }
    }

    void execute(const instruction<T> &i, unsigned n) {
        switch (i.operation) {
        case operation_load: move.load(p, i, n); break;
        case operation_store: move.store(p, i, n); break;
        case operation_set: fill_tile(move.target(p, i), i.immediate, n); break;
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: binary<operations::name>(i, n); break;
            FPGARRAY_BINARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: unary<operations::name>(i, n); break;
            FPGARRAY_UNARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: ternary<operations::name>(i, n); break;
            FPGARRAY_TERNARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
        default: execute_special(i, n, family());
        }
    }

    // What only floating-point engines have.
    void execute_special(const instruction<T> &i, unsigned n, floating) {
        switch (i.operation) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: binary<operations::name>(i, n); break;
            FPGARRAY_FLOAT_BINARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: unary<operations::name>(i, n); break;
            FPGARRAY_FLOAT_UNARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: {                                                                      \
        const T *a = only_source(i, n);                                                           \
        logarithm_tile<operations::name>(move.target(p, i), a, n);                                \
        break;                                                                                    \
    }
            FPGARRAY_LOGARITHMIC(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: {                                                                      \
        const T *a = only_source(i, n);                                                           \
        periodic_tile<operations::name>(move.target(p, i), a, n);                                 \
        break;                                                                                    \
    }
            FPGARRAY_PERIODIC(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: joint<operations::name>(i, n); break;
            FPGARRAY_JOINT(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: {                                                                      \
        const T *a, *b;                                                                           \
        both_sources(i, n, a, b);                                                                 \
        modular_tile<operations::name>(move.target(p, i), a, b, n);                               \
        break;                                                                                    \
    }
            FPGARRAY_MODULAR(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: fused<operations::name>(i, n); break;
            FPGARRAY_FUSED(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: products<operations::name>(i, n); break;
            FPGARRAY_PRODUCTS(FPGARRAY_CASE)
#undef FPGARRAY_CASE
        }
    }

    // What only integer engines have.
    void execute_special(const instruction<T> &i, unsigned n, integral) {
        switch (i.operation) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: binary<integer_operations::name>(i, n); break;
            FPGARRAY_INTEGER_BINARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: unary<integer_operations::name>(i, n); break;
            FPGARRAY_INTEGER_UNARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: division<integer_operations::name>(i, n); break;
            FPGARRAY_QUOTIENTS(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: joint<integer_operations::name>(i, n); break;
            FPGARRAY_POWER(FPGARRAY_CASE)
#undef FPGARRAY_CASE
        }
    }

    typedef from_register<T> reg;
    typedef from_immediate<T> imm;

    reg in(unsigned r) const {
        reg source = {move.source(r)};
        return source;
    }

    // The operand of a unary operation; an immediate (the planner folds those) is written out first.
    const T *only_source(const instruction<T> &i, unsigned n) {
        if (!(i.immediates & 1)) return move.source(i.a);
        T *whole = move.target(p, i);
        fill_tile(whole, i.immediate, n);
        return whole;
    }

    template <typename OPERATION> void unary(const instruction<T> &i, unsigned n) {
        const T *a = only_source(i, n);
        unary_tile<OPERATION>(move.target(p, i), a, n);
    }

    // Sources are looked up before the target, which may be one of them.
    // A marked instruction whose loop looks itself says so in `looked` and `seen`.
    template <typename OPERATION, typename A, typename B>
    void make_binary(bool marked, T *to, A a, B b, unsigned n) {
        made_binary<OPERATION>(marked, to, a, b, n, family());
    }
    template <typename OPERATION, typename A, typename B>
    void made_binary(bool, T *to, A a, B b, unsigned n, integral) {
        binary_tile<OPERATION>(to, a, b, n);
    }
    template <typename OPERATION, typename A, typename B>
    void made_binary(bool marked, T *to, A a, B b, unsigned n, floating) {
        if (looks_itself<OPERATION>::value && marked) {
            looked = true;
            seen = binary_tile_looked<OPERATION>(to, a, b, n);
        } else {
            binary_tile<OPERATION>(to, a, b, n);
        }
    }

    template <typename OPERATION, typename B, typename C>
    void make_fused(bool marked, T *to, const T *a, B b, C c, unsigned n) {
        if (marked) {
            looked = true;
            seen = fused_tile_looked<OPERATION>(to, a, b, c, n);
        } else {
            fused_tile<OPERATION>(to, a, b, c, n);
        }
    }

    template <typename OPERATION>
    void make_products(bool marked, T *to, const T *a, const T *b, const T *c, const T *d,
                       unsigned n) {
        if (marked) {
            looked = true;
            seen = products_tile_looked<OPERATION>(to, a, b, c, d, n);
        } else {
            products_tile<OPERATION>(to, a, b, c, d, n);
        }
    }

    template <typename OPERATION> void binary(const instruction<T> &i, unsigned n) {
        const imm value = {i.immediate};
        const reg a = i.immediates & 1 ? reg() : in(i.a), b = i.immediates & 2 ? reg() : in(i.b);
        T *to = move.target(p, i);
        switch (i.immediates & 3) {
        case 0: make_binary<OPERATION>(i.looked, to, a, b, n); break;
        case 1: make_binary<OPERATION>(i.looked, to, value, b, n); break;
        case 2: make_binary<OPERATION>(i.looked, to, a, value, n); break;
        default: fill_tile(to, combined<OPERATION>(i.immediate, i.immediate), n); break;
        }
    }

    // An immediate becomes a tile of its own; both as immediates mean the same value.
    void both_sources(const instruction<T> &i, unsigned n, const T *&a, const T *&b) {
        if (i.immediates & 3) fill_tile(filled, i.immediate, n);
        a = i.immediates & 1 ? filled : move.source(i.a);
        b = i.immediates & 2 ? filled : move.source(i.b);
    }

    template <typename OPERATION> void joint(const instruction<T> &i, unsigned n) {
        const T *a, *b;
        both_sources(i, n, a, b);
        joint_tile<OPERATION>(move.target(p, i), a, b, n);
    }

    // A marked division tells of its errors at once: no result shows them.
    template <typename OPERATION> void division(const instruction<T> &i, unsigned n) {
        const T *a, *b;
        both_sources(i, n, a, b);
        if (i.looked) {
            // NumPy tells of the least integer by -1 where that is the quotient.
            const unsigned told = i.operation == operation_floor_divide
                                      ? category_divide | category_overflow
                                      : category_divide;
            found.add(i.number, division_errors(a, b, n) & told);
        }
        division_tile<OPERATION>(move.target(p, i), a, b, n);
    }

    template <typename OPERATION> void ternary(const instruction<T> &i, unsigned n) {
        const imm value = {i.immediate};
        const reg a = i.immediates & 1 ? reg() : in(i.a), b = i.immediates & 2 ? reg() : in(i.b),
                  c = i.immediates & 4 ? reg() : in(i.c);
        T *to = move.target(p, i);
        switch (i.immediates & 7) {
        case 0: ternary_tile<OPERATION>(to, a, b, c, n); break;
        case 2: ternary_tile<OPERATION>(to, a, value, c, n); break;
        case 4: ternary_tile<OPERATION>(to, a, b, value, n); break;
        case 6:
        case 7: fill_tile(to, i.immediate, n); break;
        default: choose(to, i, maths::flush(i.immediate) != T(0), b.data, c.data, n); break;
        }
    }

    // A selection whose condition is the immediate.
    void choose(T *to, const instruction<T> &i, bool first, const T *b, const T *c, unsigned n) {
        if (i.immediates & (first ? 2 : 4)) {
            fill_tile(to, i.immediate, n);
        } else {
            copy_tile(to, first ? b : c, n);
        }
    }

    template <typename OPERATION> void fused(const instruction<T> &i, unsigned n) {
        const imm value = {i.immediate};
        const T *a = move.source(i.a);
        const reg b = i.immediates & 2 ? reg() : in(i.b), c = i.immediates & 4 ? reg() : in(i.c);
        T *to = move.target(p, i);
        switch (i.immediates) {
        case 2: make_fused<OPERATION>(i.looked, to, a, value, c, n); break;
        case 4: make_fused<OPERATION>(i.looked, to, a, b, value, n); break;
        default: make_fused<OPERATION>(i.looked, to, a, b, c, n); break;
        }
    }

    template <typename OPERATION> void products(const instruction<T> &i, unsigned n) {
        const T *a = move.source(i.a), *b = move.source(i.b), *c = move.source(i.c),
                *d = move.source(i.operand);
        make_products<OPERATION>(i.looked, move.target(p, i), a, b, c, d, n);
    }
};

}  // namespace

#endif
