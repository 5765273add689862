// Owns the elementwise engine: one program, run tile by tile.
// Must not know how memory is reached (mover.h) or what operations compute (operations.h).
//
//   program --> decode --> instructions, cursors
//                               |
//   p0..p7 ==> LOAD ==> registers[16] ==> COMPUTE ==> registers ==> STORE ==> p0..p7
//              mover     4 KiB each        tiles.h        |         mover
//                                                         v
//                                              FOLD: stack of partial results ==> STORE
//
// Folding keeps a binary counter of partial results, level l holding 2^l blocks, so that every
// element takes part in at most log2(count) + 8 roundings.
#ifndef FPGARRAY_ENGINE_H
#define FPGARRAY_ENGINE_H

#include "tiles.h"

namespace {

static const unsigned FOLD_BLOCK = 8;    // outer indices folded in sequence by fold across
static const uint64 SHAREABLE = 1u << 18;  // element operations below which sharing does not pay
static const unsigned FOLD_LEVELS = 40;  // 2^40 blocks: more than any memory holds

template <typename T> class engine {
    static const unsigned TILE = group<T>::tile;
    static const unsigned LANES = fold_shape<T>::lanes;

  public:
    static const unsigned tile_elements = TILE;

    void run(const port_word *words, const port_set &ports) {
        if (!prepare(words, ports)) return;
        work();
    }

    // The parts of `run`, for an emulation that deals a map to several processors (lanes.h).
    bool prepare(const port_word *words, const port_set &ports) {
        if (!decode(p, words)) return false;
        move.connect(ports);
        fuse(p);
        move.plan(p);
        return true;
    }

    void work() {
        switch (p.mode) {
        case mode_map: map_range(0, p.tile_count); break;
        case mode_fold_across: choose_fold<across>(); break;
        default: choose_fold<within>(); break;
        }
        finish();
    }

    void finish() { move.finish(); }

    // Elements, if there are enough of them and of work on each to be worth dealing out; else 0.
    uint64 shareable() const {
        unsigned effort = 0;
    shareable_effort:
        for (unsigned k = 0; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=1 max=128
            const unsigned operation = p.instructions[k].operation;
            if (operation != operation_load && operation != operation_store) ++effort;
        }
        const bool enough = p.tile_count * (effort + 1) >= SHAREABLE && p.tile_count > 16 * TILE;
        return p.mode == mode_map && enough ? p.tile_count : 0;
    }

    // Elements start to stop of a map, whatever was walked before.
    void map_range(uint64 start, uint64 stop) {
        if (start > 0) seek(p, start);
        const unsigned span = move.tile_span(p);
    map_tiles:
        for (uint64 done = start; done < stop; done += span) {
            const uint64 left = stop - done;
            run_tile(left < span ? (unsigned)left : span);
        }
    }

  private:
    program<T> p;
    mover<T> move;
    alignas(64) T block[TILE];
    alignas(64) T filled[TILE];
    alignas(64) T stack[FOLD_LEVELS][TILE];
    alignas(64) T row[fold_shape<T>::row];

    static unsigned tile_length(uint64 left) { return left < TILE ? (unsigned)left : TILE; }

    // ---- one tile -----------------------------------------------------------------------------

    void run_tile(unsigned n) {
    tile_instructions:
        for (unsigned k = 0; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=1 max=128
            const instruction<T> &i = p.instructions[k];
            switch (i.operation) {
            case operation_load: move.load(p, i, n); break;
            case operation_store: move.store(p, i, n); break;
            case operation_set: fill_tile(move.target(p, i), i.immediate, n); break;
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: binary<operations::name>(i, n); break;
                FPGARRAY_BINARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: {                                                                      \
        const T *a = only_source(i, n);                                                           \
        unary_tile<operations::name>(move.target(p, i), a, n);                                    \
        break;                                                                                    \
    }
                FPGARRAY_UNARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case operation_##name: {                                                                      \
        const T *a = only_source(i, n);                                                           \
        logarithm_tile<operations::name>(move.target(p, i), a, n);                                 \
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
    case operation_##name: ternary<operations::name>(i, n); break;
                FPGARRAY_TERNARY(FPGARRAY_CASE)
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

    // Sources are looked up before the target, which may be one of them.
    template <typename OPERATION> void binary(const instruction<T> &i, unsigned n) {
        const imm value = {i.immediate};
        const reg a = i.immediates & 1 ? reg() : in(i.a), b = i.immediates & 2 ? reg() : in(i.b);
        T *to = move.target(p, i);
        switch (i.immediates & 3) {
        case 0: binary_tile<OPERATION>(to, a, b, n); break;
        case 1: binary_tile<OPERATION>(to, value, b, n); break;
        case 2: binary_tile<OPERATION>(to, a, value, n); break;
        default: binary_tile<OPERATION>(to, value, value, n); break;
        }
    }

    // An immediate becomes a tile of its own; both as immediates mean the same value.
    template <typename OPERATION> void joint(const instruction<T> &i, unsigned n) {
        if (i.immediates & 3) fill_tile(filled, i.immediate, n);
        const T *a = i.immediates & 1 ? filled : move.source(i.a);
        const T *b = i.immediates & 2 ? filled : move.source(i.b);
        joint_tile<OPERATION>(move.target(p, i), a, b, n);
    }

    template <typename OPERATION> void ternary(const instruction<T> &i, unsigned n) {
        const imm value = {i.immediate};
        const reg a = i.immediates & 1 ? reg() : in(i.a), b = i.immediates & 2 ? reg() : in(i.b),
                  c = i.immediates & 4 ? reg() : in(i.c);
        T *to = move.target(p, i);
        switch (i.immediates & 7) {
        case 0: ternary_tile<OPERATION>(to, a, b, c, n); break;
        case 1: ternary_tile<OPERATION>(to, value, b, c, n); break;
        case 2: ternary_tile<OPERATION>(to, a, value, c, n); break;
        case 3: ternary_tile<OPERATION>(to, value, value, c, n); break;
        case 4: ternary_tile<OPERATION>(to, a, b, value, n); break;
        case 5: ternary_tile<OPERATION>(to, value, b, value, n); break;
        case 6: ternary_tile<OPERATION>(to, a, value, value, n); break;
        default: fill_tile(to, i.immediate, n); break;
        }
    }

    template <typename OPERATION> void fused(const instruction<T> &i, unsigned n) {
        const imm value = {i.immediate};
        const T *a = move.source(i.a);
        const reg b = i.immediates & 2 ? reg() : in(i.b), c = i.immediates & 4 ? reg() : in(i.c);
        T *to = move.target(p, i);
        switch (i.immediates) {
        case 2: fused_tile<OPERATION>(to, a, value, c, n); break;
        case 4: fused_tile<OPERATION>(to, a, b, value, n); break;
        default: fused_tile<OPERATION>(to, a, b, c, n); break;
        }
    }

    template <typename OPERATION> void products(const instruction<T> &i, unsigned n) {
        const T *a = move.source(i.a), *b = move.source(i.b), *c = move.source(i.c),
                *d = move.source(i.operand);
        products_tile<OPERATION>(move.target(p, i), a, b, c, d, n);
    }

    // ---- folds --------------------------------------------------------------------------------

    struct across {
        template <typename FOLD> static void run(engine &e) { e.template fold_across<FOLD>(); }
    };
    struct within {
        template <typename FOLD> static void run(engine &e) { e.template fold_within<FOLD>(); }
    };

    template <typename DIRECTION> void choose_fold() {
        switch (p.fold) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case fold_##name: DIRECTION::template run<folds::name>(*this); break;
            FPGARRAY_FOLDS(FPGARRAY_CASE)
#undef FPGARRAY_CASE
        }
    }

    // Put `width` values of `block` on the stack as partial result number `count` (from 0).
    template <typename FOLD> void push(uint64 count, unsigned width) {
        unsigned level = 0;
    push_carry:
        while (count & 1) {
#pragma HLS loop_tripcount min=0 max=40
            combine_into<FOLD>(stack[level], width);
            count >>= 1;
            ++level;
        }
        copy_tile(stack[level], block, width);
    }

    // block = partial combined with block: earlier elements on the left
    template <typename FOLD> void combine_into(const T *partial, unsigned width) {
    combine_partial:
        FPGARRAY_INDEPENDENT
        for (unsigned k = 0; k < width; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
            block[k] = combined<FOLD>(partial[k], block[k]);
        }
    }

    // All partial results into `block`.
    template <typename FOLD> void collapse(uint64 count, unsigned width) {
        bool first = true;
    collapse_levels:
        for (unsigned level = 0; count != 0; ++level, count >>= 1) {
#pragma HLS loop_tripcount min=0 max=40
            if (!(count & 1)) continue;
            if (first) {
                copy_tile(block, stack[level], width);
            } else {
                combine_into<FOLD>(stack[level], width);
            }
            first = false;
        }
        if (first) fill_tile(block, T(0), width);  // a fold of nothing
    finish:
        FPGARRAY_INDEPENDENT
        for (unsigned k = 0; k < width; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
#pragma HLS pipeline II=1
            block[k] = FOLD::finish(block[k]);
        }
    }

    template <typename FOLD> void fold_across() {
    across_tiles:
        for (uint64 done = 0; done < p.tile_count; done += TILE) {
            const unsigned n = tile_length(p.tile_count - done);
            uint64 blocks = 0;
            for (unsigned k = 0; k < p.operand_count; ++k) save(p.operands[k]);
        across_reduced:
            for (uint64 r = 0; r < p.reduced_count; ++r) {
                if (r > 0) {
                    for (unsigned k = 0; k < p.operand_count; ++k) restore(p.operands[k]);
                }
                run_tile(n);
                const unsigned place = (unsigned)(r % FOLD_BLOCK);
                if (place == 0) {
                    copy_tile(block, move.source(p.folded), n);
                } else {
                    combine_tile<FOLD>(block, move.source(p.folded), n);
                }
                if (place == FOLD_BLOCK - 1 || r == p.reduced_count - 1) {
                    push<FOLD>(blocks, n);
                    ++blocks;
                }
                advance_outer(p);
            }
            collapse<FOLD>(blocks, n);
            move.store_result(p.operands[p.result], block, n);
        }
    }

    template <typename FOLD> void fold_within() {
    within_kept:
        for (uint64 k = 0; k < p.kept_count; ++k) {
            uint64 blocks = 0;
        within_tiles:
            for (uint64 done = 0; done < p.tile_count; done += TILE) {
                const unsigned n = tile_length(p.tile_count - done);
                run_tile(n);
                fold_tile<FOLD>(block, row, move.source(p.folded), n);
                push<FOLD>(blocks, LANES);
                ++blocks;
            }
            collapse<FOLD>(blocks, LANES);
            T value[1] = {FOLD::finish(fold_lanes<FOLD>(block))};
            move.store_result(p.operands[p.result], value, 1);
            advance_outer(p);
        }
    }
};

}  // namespace

#endif
