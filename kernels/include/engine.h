// Owns the elementwise engine: one program, run tile by tile.
// Must not know how memory is reached (mover.h) or what operations compute (operations.h).
//
//   program --> decode --> instructions, cursors
//                               |
//   p0..p7 ==> LOAD ==> registers[16] ==> COMPUTE ==> registers ==> STORE ==> p0..p7
//              mover     4 KiB each     interpreter.h     |         mover
//                                                         v
//                                              FOLD: stack of partial results ==> STORE
//
// Folding keeps a binary counter of partial results, level l holding 2^l blocks, so that every
// element takes part in at most log2(count) + 8 roundings.
#ifndef FPGARRAY_ENGINE_H
#define FPGARRAY_ENGINE_H

#include "folds.h"
#include "interpreter.h"

namespace {

static const unsigned FOLD_BLOCK = 8;    // outer indices folded in sequence by fold across
static const uint64 SHAREABLE = 1u << 18;  // element operations below which sharing does not pay
static const unsigned FOLD_LEVELS = 40;  // 2^40 blocks: more than any memory holds

template <typename T> class engine : interpreter<T> {
    static const unsigned TILE = group<T>::tile;
    static const unsigned LANES = fold_shape<T>::lanes;

    typedef typename interpreter<T>::family family;
    using interpreter<T>::p;
    using interpreter<T>::move;
    using interpreter<T>::found;
    using interpreter<T>::run_tile;
    using interpreter<T>::tile_length;

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
        fuse(p, family());
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
    uint8 kinds[TILE];  // what the elements of a column of a sum were
    alignas(64) T block[TILE];
    alignas(64) T stack[FOLD_LEVELS][TILE];
    alignas(64) T row[fold_shape<T>::row];
    alignas(64) int64 wide[TILE];  // partial results of wide folds

    // ---- folds --------------------------------------------------------------------------------

    struct across {
        template <typename FOLD> static void run(engine &e) { e.template fold_across<FOLD>(); }
        template <typename FOLD> static void run_wide(engine &e) { e.template wide_across<FOLD>(); }
    };
    struct within {
        template <typename FOLD> static void run(engine &e) { e.template fold_within<FOLD>(); }
        template <typename FOLD> static void run_wide(engine &e) { e.template wide_within<FOLD>(); }
    };

    template <typename DIRECTION> void choose_fold() {
        switch (p.fold) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case fold_##name: DIRECTION::template run<folds::name>(*this); break;
            FPGARRAY_EXTREMA(FPGARRAY_CASE)
#undef FPGARRAY_CASE
#define FPGARRAY_CASE(name, code)                                                                 \
    case fold_##name: DIRECTION::template run_wide<wide_folds::name>(*this); break;
            FPGARRAY_COUNTS(FPGARRAY_CASE)
#undef FPGARRAY_CASE
        default: choose_total<DIRECTION>(family());
        }
    }

    template <typename DIRECTION> void choose_total(floating) {
        switch (p.fold) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case fold_##name: DIRECTION::template run<folds::name>(*this); break;
            FPGARRAY_TOTALS(FPGARRAY_CASE)
#undef FPGARRAY_CASE
        }
    }

    template <typename DIRECTION> void choose_total(integral) {
        switch (p.fold) {
#define FPGARRAY_CASE(name, code)                                                                 \
    case fold_##name: DIRECTION::template run_wide<wide_folds::name>(*this); break;
            FPGARRAY_TOTALS(FPGARRAY_CASE)
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
            block[k] = combined<typename FOLD::combine>(partial[k], block[k]);
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

    // In 64 bits nothing is rounded: partial results are combined as they come.

    template <typename FOLD> void wide_across() {
    wide_across_tiles:
        for (uint64 done = 0; done < p.tile_count; done += TILE) {
            const unsigned n = tile_length(p.tile_count - done);
            fill_tile(wide, FOLD::neutral(), n);
            for (unsigned k = 0; k < p.operand_count; ++k) save(p.operands[k]);
        wide_across_reduced:
            for (uint64 r = 0; r < p.reduced_count; ++r) {
                if (r > 0) {
                    for (unsigned k = 0; k < p.operand_count; ++k) restore(p.operands[k]);
                }
                run_tile(done, n);
                wide_combine<FOLD>(wide, move.source(p.folded), n);
                advance_outer(p);
            }
            move.store_wide(p.operands[p.result], wide, n);
        }
    }

    template <typename FOLD> void wide_within() {
    wide_within_kept:
        for (uint64 k = 0; k < p.kept_count; ++k) {
            int64 value[1] = {FOLD::neutral()};
        wide_within_tiles:
            for (uint64 done = 0; done < p.tile_count; done += TILE) {
                const unsigned n = tile_length(p.tile_count - done);
                run_tile(done, n);
                value[0] = FOLD::combine(value[0], FOLD::of_tile(move.source(p.folded), n));
            }
            move.store_wide(p.operands[p.result], value, 1);
            advance_outer(p);
        }
    }
};

}  // namespace

#endif
