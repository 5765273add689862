// Owns what every call kernel is told (PROGRAM.md, "Calls"): the descriptor, decoded, and the walk
// over the lines of an operand along one axis. Knows no operation and moves no element.
#ifndef FPGARRAY_CALL_H
#define FPGARRAY_CALL_H

#include "memory.h"

namespace {

// Every call kernel has these arguments; call_interface.h says what they are on a card.
#define FPGARRAY_CALL_PARAMETERS                                                                  \
    const port_word *program, port_word *p0, port_word *p1, port_word *p2, port_word *p3

// Types of elements in memory, by the codes of abi.h.
enum call_type {
#define FPGARRAY_TYPE(name, code) type_##name = code,
    FPGARRAY_CALL_TYPES(FPGARRAY_TYPE)
    type_u2 = 6, type_u4 = 7, type_u8 = 8,  // units, to kernels that only move
#undef FPGARRAY_TYPE
};

static const unsigned CALL_OPERANDS = FPGARRAY_CALL_OPERANDS;
static const unsigned CALL_NUMBERS = 7;
static const unsigned CALL_SCALARS = 8;
static const unsigned CALL_DIMENSIONS = FPGARRAY_DIMENSIONS;

inline uint64 joined(const port_word &line, unsigned at) {
    return join(line.word[at], line.word[at + 1]);
}

// One array as a kernel is told of it; offset and strides in elements.
struct view {
    unsigned port, type, dimensions;
    bool written;
    int64 offset;
    int64 extents[CALL_DIMENSIONS], strides[CALL_DIMENSIONS];
};

struct call {
    unsigned operand_count;
    int64 numbers[CALL_NUMBERS];
    uint64 scalars[CALL_SCALARS];  // bits of doubles or integers
    view operands[CALL_OPERANDS];
};

// False for what is not a call's descriptor: nothing must be touched then.
inline bool decode(call &c, const port_word *words) {
    const port_word header = words[0];
    const port_word scalar_line = words[1];
    c.operand_count = header.word[1];
    if (header.word[0] != FPGARRAY_CALL_MAGIC || c.operand_count > CALL_OPERANDS) return false;
call_numbers:
    for (unsigned k = 0; k < CALL_NUMBERS; ++k) {
        c.numbers[k] = (int64)joined(header, 2 + 2 * k);
    }
call_scalars:
    for (unsigned k = 0; k < CALL_SCALARS; ++k) c.scalars[k] = joined(scalar_line, 2 * k);
call_operands:
    for (unsigned k = 0; k < c.operand_count; ++k) {
#pragma HLS loop_tripcount min=1 max=4
        view &v = c.operands[k];
        const port_word head = words[2 + 3 * k];
        const port_word extents = words[3 + 3 * k];
        const port_word strides = words[4 + 3 * k];
        v.port = head.word[0];
        v.type = head.word[1];
        v.offset = (int64)joined(head, 2);
        v.dimensions = head.word[4];
        v.written = head.word[5] != 0;
        if (v.dimensions > CALL_DIMENSIONS) return false;
    call_axes:
        for (unsigned d = 0; d < CALL_DIMENSIONS; ++d) {
            v.extents[d] = (int64)joined(extents, 2 * d);
            v.strides[d] = (int64)joined(strides, 2 * d);
        }
    }
    return true;
}

// Walks two operands of one shape over all axes but `axis` and `other` (which may be the same one):
// `a` and `b` are where their lines, or planes, begin.
struct planes {
    int64 a, b;
    uint64 left;
    int64 index[CALL_DIMENSIONS];

    void begin(const view &first, const view &second, unsigned axis, unsigned other) {
        a = first.offset;
        b = second.offset;
        left = 1;
    planes_begin:
        for (unsigned d = 0; d < CALL_DIMENSIONS; ++d) {
            index[d] = 0;
            if (d < first.dimensions && d != axis && d != other) left *= (uint64)first.extents[d];
        }
    }

    void next(const view &first, const view &second, unsigned axis, unsigned other) {
        --left;
    planes_carry:
        for (unsigned d = CALL_DIMENSIONS; d-- > 0;) {
            if (d >= first.dimensions || d == axis || d == other) continue;
            a += first.strides[d];
            b += second.strides[d];
            if (++index[d] < first.extents[d]) return;
            a -= first.strides[d] * first.extents[d];
            b -= second.strides[d] * first.extents[d];
            index[d] = 0;
        }
    }
};

}  // namespace

#endif
