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

    // `told`: where a watched run tells what it found, in line `slot`.
    void run(const port_word *words, const port_set &ports, port_word *told, unsigned slot) {
        if (!prepare(words, ports)) return;
        work();
        tell(told, slot);
    }

    void tell(port_word *told, unsigned slot) const {
        if (p.watched) told[slot] = found.line();
    }

    // What another engine found in its share of the same run.
    void join(const engine &other) { found.join(other.found); }

    // The parts of `run`, for an emulation that deals a map to several processors (lanes.h).
    bool prepare(const port_word *words, const port_set &ports) {
        if (!decode(p, words)) return false;
        found.clear();
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
            run_tile(done, left < span ? (unsigned)left : span);
        }
    }

  private:
    program<T> p;
    mover<T> move;
    findings found;
    bool looked, seen;  // by the instruction just executed
    alignas(64) T first[TILE], second[TILE];  // operands of an instruction that is judged
    uint8 kinds[TILE];                        // what the elements of a column of a sum were
    alignas(64) T block[TILE];
    alignas(64) T filled[TILE];
    alignas(64) T stack[FOLD_LEVELS][TILE];
    alignas(64) T row[fold_shape<T>::row];

    static unsigned tile_length(uint64 left) { return left < TILE ? (unsigned)left : TILE; }

    // ---- one tile -----------------------------------------------------------------------------

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

    // Whether the tile must be judged. What conversions lost is clear at once.
    bool look(const instruction<T> &i, unsigned n) {
        if (i.operation == operation_load || i.operation == operation_store) {
            if (move.lost()) found.add(i.number, category_overflow);
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
    case operation_##name: {                                                                      \
        const T *a, *b;                                                                           \
        both_sources(i, n, a, b);                                                                 \
        modular_tile<operations::name>(move.target(p, i), a, b, n);                               \
        break;                                                                                    \
    }
                FPGARRAY_MODULAR(FPGARRAY_CASE)
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
    // A marked instruction whose loop looks itself says so in `looked` and `seen`.
    template <typename OPERATION, typename A, typename B>
    void make_binary(bool marked, T *to, A a, B b, unsigned n) {
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
        default: make_binary<OPERATION>(i.looked, to, value, value, n); break;
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
            if (p.fold_watched && overwrites()) clear_kinds(n);
        across_reduced:
            for (uint64 r = 0; r < p.reduced_count; ++r) {
                if (r > 0) {
                    for (unsigned k = 0; k < p.operand_count; ++k) restore(p.operands[k]);
                }
                run_tile(done, n);
                if (p.fold_watched && overwrites()) note_kinds(n);
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
            if (p.fold_watched && nonfinite<T>::any(block, n)) judge_columns(done, n);
            move.store_result(p.operands[p.result], block, n);
        }
    }

    // ---- what the elements of a sum were ----------------------------------------------------------

    static unsigned kinds_of(const T *a, unsigned n) {
        unsigned all = 0;
    row_kinds:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            all |= nonfinite<T>::kinds(a[k]);
        }
        return all;
    }

    void clear_kinds(unsigned n) {
    clear_columns:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            kinds[k] = 0;
        }
    }

    void note_kinds(unsigned n) {
        const T *a = move.source(p.folded);
    note_columns:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            kinds[k] |= (uint8)nonfinite<T>::kinds(a[k]);
        }
    }

    // Whether the program stores where it loads, so that a tile cannot be gone through twice.
    bool overwrites() const {
        bool any = false;
    find_overwriting:
        for (unsigned k = 0; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=1 max=128
            const instruction<T> &i = p.instructions[k];
            any |= i.operation == operation_load && p.operands[i.operand].shared;
        }
        return any;
    }

    // Some sum of this tile is not finite: look at its elements, again unless they were noted.
    void judge_columns(uint64 done, unsigned n) {
        if (!overwrites()) {
            clear_kinds(n);
        judge_reduced:
            for (uint64 r = 0; r < p.reduced_count; ++r) {
                for (unsigned k = 0; k < p.operand_count; ++k) restore(p.operands[k]);
                run_tile(done, n);
                note_kinds(n);
                advance_outer(p);
            }
        }
        unsigned categories = 0;
    judge_columns:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            categories |= judged_sum(block[k], kinds[k]);
        }
        found.fold |= categories;
    }

    template <typename FOLD> void fold_within() {
    within_kept:
        for (uint64 k = 0; k < p.kept_count; ++k) {
            uint64 blocks = 0;
            unsigned elements = 0;
        within_tiles:
            for (uint64 done = 0; done < p.tile_count; done += TILE) {
                const unsigned n = tile_length(p.tile_count - done);
                run_tile(done, n);
                fold_tile<FOLD>(block, row, move.source(p.folded), n);
                if (p.fold_watched && nonfinite<T>::any(block, LANES)) {
                    elements |= kinds_of(move.source(p.folded), n);
                }
                push<FOLD>(blocks, LANES);
                ++blocks;
            }
            collapse<FOLD>(blocks, LANES);
            T value[1] = {FOLD::finish(fold_lanes<FOLD>(block))};
            if (p.fold_watched) found.fold |= judged_sum(value[0], elements);
            move.store_result(p.operands[p.result], value, 1);
            advance_outer(p);
        }
    }
};

}  // namespace

#endif
