// Owns the decoded program: PROGRAM.md's header, extents, operands and instructions in on-chip
// arrays, and the cursors that walk operands. Must not know how memory is reached (mover.h does)
// nor what an operation computes (operations.h does).
#ifndef FPGARRAY_PROGRAM_H
#define FPGARRAY_PROGRAM_H

#include "port_word.h"

namespace {

#define FPGARRAY_CODE(name, code) operation_##name = code,
enum operation_code {
    FPGARRAY_COMMON(FPGARRAY_CODE) FPGARRAY_FLOAT_OPERATIONS(FPGARRAY_CODE)
    FPGARRAY_INTEGER_PAIRS(FPGARRAY_CODE) FPGARRAY_INTEGER_UNARY(FPGARRAY_CODE)
};
#undef FPGARRAY_CODE
#define FPGARRAY_CODE(name, code) memory_##name = code,
enum memory_code { FPGARRAY_MEMORY_TYPES(FPGARRAY_CODE) };
#undef FPGARRAY_CODE
#define FPGARRAY_CODE(name, code) mode_##name = code,
enum mode_code { FPGARRAY_MODES(FPGARRAY_CODE) };
#undef FPGARRAY_CODE
#define FPGARRAY_CODE(name, code) fold_##name = code,
enum fold_code { FPGARRAY_FOLDS(FPGARRAY_CODE) };
#undef FPGARRAY_CODE

static const unsigned DIMENSIONS = FPGARRAY_DIMENSIONS;
static const unsigned REGISTERS = FPGARRAY_REGISTERS;
static const unsigned OPERANDS = FPGARRAY_OPERANDS;
static const unsigned INSTRUCTIONS = FPGARRAY_INSTRUCTIONS;

// Port words of each part of a program.
static const unsigned OPERAND_LINES = 2;
static const unsigned INSTRUCTIONS_PER_LINE = 4;
static_assert(FPGARRAY_PROGRAM_NBYTES ==
                  FPGARRAY_WORD_NBYTES *
                      (2 + OPERAND_LINES * OPERANDS + INSTRUCTIONS / INSTRUCTIONS_PER_LINE),
              "FPGARRAY_PROGRAM_NBYTES does not follow from the other sizes");

// Two families of engines: they differ in their operations and folds.
struct floating {};
struct integral {};

// Constants of a dtype group. `wrapping`: a type with the same bits whose arithmetic wraps around.
// `part`: adds up a tile of integers, or counts one.
template <typename T> struct group;
template <> struct group<float> {
    static const unsigned tile = FPGARRAY_TILE_F4;
    static const unsigned memory_type = memory_f4;
    typedef floating family;
    typedef float wrapping;
    typedef uint32 part;
    typedef uint32 bits;
    static float least_normal() { return 0x1p-126f; }
};
template <> struct group<double> {
    static const unsigned tile = FPGARRAY_TILE_F8;
    static const unsigned memory_type = memory_f8;
    typedef floating family;
    typedef double wrapping;
    typedef uint32 part;
    typedef uint64 bits;
    static double least_normal() { return 0x1p-1022; }
};
template <> struct group<int32> {
    static const unsigned tile = FPGARRAY_TILE_I4;
    static const unsigned memory_type = memory_i4;
    typedef integral family;
    typedef uint32 wrapping;
    typedef uint64 part;
};
template <> struct group<int64> {
    static const unsigned tile = FPGARRAY_TILE_I8;
    static const unsigned memory_type = memory_i8;
    typedef integral family;
    typedef uint64 wrapping;
    typedef uint64 part;
};
template <> struct group<uint8> {
    static const unsigned tile = FPGARRAY_TILE_U1;
    static const unsigned memory_type = memory_u1;
    typedef integral family;
    typedef uint32 wrapping;
    typedef uint32 part;
};

inline float immediate_value(float, uint32 low, uint32) { return bits_as<float>(low); }
inline double immediate_value(double, uint32 low, uint32 high) {
    return bits_as<double>(join(low, high));
}
inline int32 immediate_value(int32, uint32 low, uint32) { return (int32)low; }
inline int64 immediate_value(int64, uint32 low, uint32 high) { return (int64)join(low, high); }
inline uint8 immediate_value(uint8, uint32 low, uint32) { return (uint8)low; }

// A walk over some dimensions in C order. `position` is in elements of the memory type, relative to
// the operand's base. Neighbouring dimensions that form one run are merged, so `dimensions` is 1
// for everything contiguous or constant.
struct cursor {
    unsigned dimensions;
    uint64 extents[DIMENSIONS];
    int64 strides[DIMENSIONS];
    int64 steps[DIMENSIONS];  // change of position when dimension d advances and all inner ones wrap
    int64 position;
    uint64 index[DIMENSIONS];
};

struct operand {
    uint32 port;
    uint32 type;
    bool shared;      // some store goes through the same port
    bool contiguous;  // over the tile's dimensions
    bool constant;    // over the tile's dimensions
    int64 base;       // element offset for the present index of the outer dimensions
    int64 offset;
    int64 outer_steps[DIMENSIONS];
    cursor walk;
    int64 saved_position;  // where the present tile began (fold across visits it repeatedly)
    uint64 saved_index[DIMENSIONS];
    // Plans made by the mover.
    bool alias;       // load: registers may refer to device memory
    bool once;        // load of a constant that nobody overwrites
    bool bypass;      // store: worth non-temporal writes
    unsigned filled;  // elements of the register that still hold a `once` value
};

template <typename T> struct instruction {
    uint8 operation, destination, a, b, c, operand;
    uint8 immediates;  // bit 0 a, bit 1 b, bit 2 c
    bool looked;       // host's mark: the result shows errors that would be lost (watch.h)
    uint8 number;      // its place in the program as the host wrote it
    bool direct;       // mover's plan: result produced in the memory of `into`, store only advances
    uint8 into;
    T immediate;
};

template <typename T> struct program {
    uint32 mode;
    uint32 kept_dimensions, reduced_dimensions;
    uint32 operand_count, instruction_count;
    uint64 kept_count, reduced_count;
    uint32 fold, folded, result;
    uint64 tile_count;  // elements of the space that tiles cut up
    unsigned outer_dimensions;
    uint64 outer_extents[DIMENSIONS];
    uint64 outer_index[DIMENSIONS];
    operand operands[OPERANDS];
    instruction<T> instructions[INSTRUCTIONS];
    // For programs that are watched: what to tell of, and the instructions before any were fused.
    bool watched, fold_watched;
    uint32 written_count;
    instruction<T> written[INSTRUCTIONS];
};

// Bring dimensions first..last-1 of (extents, strides) into the cursor, merging what merges.
inline void set_walk(cursor &walk, const uint64 *extents, const int64 *strides, unsigned first,
                     unsigned last) {
    unsigned count = 0;
walk_dimensions:
    for (unsigned d = first; d < last; ++d) {
#pragma HLS loop_tripcount min=0 max=8
        if (extents[d] <= 1) continue;  // nothing ever walks an empty space
        if (count > 0 && walk.strides[count - 1] == strides[d] * (int64)extents[d]) {
            walk.extents[count - 1] *= extents[d];
            walk.strides[count - 1] = strides[d];
        } else {
            walk.extents[count] = extents[d];
            walk.strides[count] = strides[d];
            ++count;
        }
    }
    if (count == 0) {
        walk.extents[0] = 1;
        walk.strides[0] = 1;
        count = 1;
    }
    walk.dimensions = count;
    walk.position = 0;
    int64 wrapped = 0;
walk_steps:
    for (unsigned d = count; d-- > 0;) {
#pragma HLS loop_tripcount min=1 max=8
        walk.steps[d] = walk.strides[d] - wrapped;
        wrapped += walk.strides[d] * (int64)(walk.extents[d] - 1);
        walk.index[d] = 0;
    }
}

// Go forward by `count` elements that lie within one run of the innermost dimension.
inline void advance(cursor &walk, uint64 count) {
    unsigned d = walk.dimensions - 1;
    walk.index[d] += count;
    if (walk.index[d] < walk.extents[d]) {
        walk.position += (int64)count * walk.strides[d];
        return;
    }
    walk.position += (int64)(count - 1) * walk.strides[d];  // at the run's last element
    walk.index[d] = 0;
advance_carry:
    while (d-- > 0) {
#pragma HLS loop_tripcount min=0 max=7
        if (++walk.index[d] < walk.extents[d]) {
            walk.position += walk.steps[d];
            return;
        }
        walk.index[d] = 0;
    }
    walk.position = 0;
}

// Go to element `index` of the walked space, from anywhere.
inline void seek(cursor &walk, uint64 index) {
    walk.position = 0;
seek_dimensions:
    for (unsigned d = walk.dimensions; d-- > 0;) {
#pragma HLS loop_tripcount min=1 max=8
        walk.index[d] = index % walk.extents[d];
        index /= walk.extents[d];
        walk.position += (int64)walk.index[d] * walk.strides[d];
    }
}

template <typename T> void seek(program<T> &p, uint64 index) {
seek_operands:
    for (unsigned k = 0; k < p.operand_count; ++k) {
#pragma HLS loop_tripcount min=0 max=24
        seek(p.operands[k].walk, index);
    }
}

// Elements left in the present run.
inline uint64 run_length(const cursor &walk) {
    return walk.extents[walk.dimensions - 1] - walk.index[walk.dimensions - 1];
}

inline void save(operand &o) {
    o.saved_position = o.walk.position;
save_index:
    for (unsigned d = 0; d < o.walk.dimensions; ++d) o.saved_index[d] = o.walk.index[d];
}

inline void restore(operand &o) {
    o.walk.position = o.saved_position;
restore_index:
    for (unsigned d = 0; d < o.walk.dimensions; ++d) o.walk.index[d] = o.saved_index[d];
}

// words[0..15] and words[16..31] are the operand's two lines.
template <typename T>
void decode_operand(operand &o, const program<T> &p, const uint64 *extents, const port_word &head,
                    const port_word &tail) {
    const unsigned all = p.kept_dimensions + p.reduced_dimensions;
    int64 strides[DIMENSIONS];
operand_strides:
    for (unsigned d = 0; d < DIMENSIONS; ++d) {
        strides[d] = (int64)join(tail.word[2 * d], tail.word[2 * d + 1]);
    }
    o.port = head.word[0];
    o.type = head.word[1];
    o.offset = (int64)join(head.word[2], head.word[3]);
    o.base = o.offset;
    o.shared = head.word[5] & 1;
    o.filled = 0;
    // Map walks everything; a fold within walks the reduced dimensions, a fold across the kept ones.
    const unsigned first = p.mode == mode_fold_within ? p.kept_dimensions : 0;
    const unsigned last = p.mode == mode_fold_across ? p.kept_dimensions : all;
    set_walk(o.walk, extents, strides, first, last);
    const bool run = o.walk.dimensions == 1;
    o.contiguous = run && (o.walk.strides[0] == 1 || o.walk.extents[0] == 1);
    o.constant = run && o.walk.strides[0] == 0 && !o.contiguous;
    const unsigned outer = p.mode == mode_fold_within ? 0 : p.kept_dimensions;
    int64 wrapped = 0;
operand_outer_steps:
    for (unsigned d = p.outer_dimensions; d-- > 0;) {
#pragma HLS loop_tripcount min=0 max=8
        o.outer_steps[d] = strides[outer + d] - wrapped;
        wrapped += strides[outer + d] * (int64)(p.outer_extents[d] - 1);
    }
}

template <typename T> void decode_instruction(instruction<T> &i, const uint32 *word) {
    i.operation = word[0] & 0xff;
    i.destination = word[0] >> 8 & 0xff;
    i.a = word[0] >> 16 & 0xff;
    i.b = word[0] >> 24;
    i.c = word[1] & 0xff;
    i.operand = word[1] >> 8 & 0xff;
    i.immediates = word[1] >> 16 & 7;
    i.looked = word[1] >> 19 & 1;
    i.immediate = immediate_value(T(), word[2], word[3]);
    i.direct = false;
    i.into = 0;
}

// Only an image's own programs are sent to it; a foreign one is refused, nothing is touched.
template <typename T> bool decode(program<T> &p, const port_word *words) {
    const port_word header = words[0];
    const port_word extent_line = words[1];
    p.mode = header.word[1];
    p.kept_dimensions = header.word[2];
    p.reduced_dimensions = header.word[3];
    p.operand_count = header.word[4];
    p.instruction_count = header.word[5];
    p.kept_count = join(header.word[6], header.word[7]);
    p.reduced_count = join(header.word[8], header.word[9]);
    p.fold = header.word[10];
    p.folded = header.word[11];
    p.result = header.word[12];
    p.watched = header.word[13] & 1;
    p.fold_watched = header.word[13] >> 1 & 1;
    if (header.word[0] != FPGARRAY_MAGIC || p.operand_count > OPERANDS ||
        p.instruction_count > INSTRUCTIONS ||
        p.kept_dimensions + p.reduced_dimensions > DIMENSIONS || p.mode > mode_fold_within) {
        return false;
    }
    uint64 extents[DIMENSIONS];
    p.outer_dimensions = p.mode == mode_map           ? 0
                         : p.mode == mode_fold_within ? p.kept_dimensions
                                                      : p.reduced_dimensions;
    const unsigned outer = p.mode == mode_fold_within ? 0 : p.kept_dimensions;
decode_extents:
    for (unsigned d = 0; d < DIMENSIONS; ++d) extents[d] = extent_line.word[d];
decode_outer:
    for (unsigned d = 0; d < p.outer_dimensions; ++d) {
#pragma HLS loop_tripcount min=0 max=8
        p.outer_extents[d] = extents[outer + d];
        p.outer_index[d] = 0;
    }
    p.tile_count = p.mode == mode_fold_within ? p.reduced_count : p.kept_count;
    if (p.mode == mode_map) p.tile_count *= p.reduced_dimensions ? p.reduced_count : 1;
decode_operands:
    for (unsigned k = 0; k < p.operand_count; ++k) {
#pragma HLS loop_tripcount min=0 max=24
        decode_operand(p.operands[k], p, extents, words[2 + 2 * k], words[3 + 2 * k]);
    }
    const port_word *lines = words + 2 + OPERAND_LINES * p.operand_count;
decode_instructions:
    for (unsigned k = 0; k < p.instruction_count; ++k) {
#pragma HLS loop_tripcount min=0 max=128
        const unsigned line = k / INSTRUCTIONS_PER_LINE;
        decode_instruction(p.instructions[k], lines[line].word + k % INSTRUCTIONS_PER_LINE * 4);
        p.instructions[k].number = (uint8)k;
    }
    p.written_count = p.watched ? p.instruction_count : 0;
keep_written:
    for (unsigned k = 0; k < p.written_count; ++k) p.written[k] = p.instructions[k];
    return true;
}

// The next index of the outer dimensions, for all operands.
template <typename T> void advance_outer(program<T> &p) {
    unsigned level = p.outer_dimensions;
outer_carry:
    while (level-- > 0) {
#pragma HLS loop_tripcount min=0 max=8
        if (++p.outer_index[level] < p.outer_extents[level]) break;
        p.outer_index[level] = 0;
    }
    const bool wrapped = level >= p.outer_dimensions;
outer_operands:
    for (unsigned k = 0; k < p.operand_count; ++k) {
#pragma HLS loop_tripcount min=0 max=24
        operand &o = p.operands[k];
        const int64 base = wrapped ? o.offset : o.base + o.outer_steps[level];
        if (base != o.base) o.filled = 0;
        o.base = base;
    }
}

}  // namespace

#endif
