// take: gathers elements by index arrays into a result, or scatters values to where they point.
//
//   p? (indices) ==> READ ==> | line of offsets |
//                                   |
//   p? (source)  ==> READ =========> | line of elements | ==> WRITE ==> p? (result)
//
// All operands have one shape; an operand that does not vary along an axis has stride 0 there. An
// element is at  source + strides . position + sum over k of index_k(position) * step_k.
// numbers: 0 flags (1: scatter; 2: the values are the scalar; 4: indices wrap; 8: they are clipped),
// then extent and step of each index array. Gather: source, indices, result. Scatter: target,
// indices, values (unless scalar), target again; positions in order, so that the last one wins.
// Elements are units: unsigned integers of 1, 2, 4 or 8 bytes. An index below zero counts from the
// end; no index reaches outside, whatever it is (the host has refused it before).
#include "call.h"
#include "kernel.h"

namespace {

static const unsigned TAKE_LINE = 512;
static const unsigned TAKE_INDICES = 3;

enum take_flag { take_scatters = 1, take_scalar = 2, take_wraps = 4, take_clips = 8 };

// Where one line begins in every operand.
struct taking {
    int64 source, values;
    int64 index[TAKE_INDICES];
};

class taker {
  public:
    void run(const call &c, memory &port) {
        if (c.operand_count < 3) return;
        switch (c.operands[c.operand_count - 1].type) {
        case type_u1: lines_of<uint8>(c, port, bytes); break;
        case type_u2: lines_of<uint16>(c, port, pairs); break;
        case type_u4: lines_of<uint32>(c, port, words); break;
        case type_u8: lines_of<uint64>(c, port, doubles); break;
        }
    }

  private:
    uint8 bytes[TAKE_LINE];
    uint16 pairs[TAKE_LINE];
    uint32 words[TAKE_LINE];
    uint64 doubles[TAKE_LINE];
    int64 offsets[TAKE_LINE], wide[TAKE_LINE];
    int32 narrow[TAKE_LINE];

    template <typename M> void lines_of(const call &c, memory &port, M *line) {
        const bool scatters = c.numbers[0] & take_scatters;
        const bool scalar = c.numbers[0] & take_scalar;
        const unsigned ends = scatters && !scalar ? 3 : 2;
        const unsigned count = c.operand_count - ends;
        const unsigned dimensions = c.operands[0].dimensions;
        if (count < 1 || count > TAKE_INDICES || dimensions < 1) return;
        const view &source = c.operands[0];
        const view &values = c.operands[scatters && !scalar ? count + 1 : c.operand_count - 1];
        const unsigned last = dimensions - 1;
        const int64 n = source.extents[last];
        int64 position[CALL_DIMENSIONS];
        uint64 left = 1;
    take_begin:
        for (unsigned d = 0; d < CALL_DIMENSIONS; ++d) {
            position[d] = 0;
            if (d < last) left *= (uint64)source.extents[d];
        }
        if (scalar) {
        take_value:
            for (unsigned k = 0; k < TAKE_LINE; ++k) line[k] = (M)c.scalars[0];
        }
        taking at = {source.offset, values.offset, {0, 0, 0}};
    take_offsets:
        for (unsigned k = 0; k < TAKE_INDICES; ++k) {
            if (k < count) at.index[k] = c.operands[1 + k].offset;
        }
    take_lines:
        while (left > 0) {
        take_chunks:
            for (int64 done = 0; done < n; done += TAKE_LINE) {
                const unsigned some = n - done < (int64)TAKE_LINE ? (unsigned)(n - done) : TAKE_LINE;
                const bool even = resolve(c, port, count, at, done, some);
                const int64 first = at.source + done * source.strides[last];
                const int64 other = at.values + done * values.strides[last];
                if (scatters) {
                    if (!scalar) port.read(values.port, other, values.strides[last], line, some);
                    scatter(port, source, first, source.strides[last], even, line, some);
                } else {
                    gather(port, source, first, source.strides[last], even, line, some);
                    port.write(values.port, other, values.strides[last], line, some);
                }
            }
            --left;
        take_carry:
            for (unsigned d = CALL_DIMENSIONS; d-- > 0;) {
                if (d >= last) continue;
                step(c, count, values, at, d, 1);
                if (++position[d] < source.extents[d]) break;
                step(c, count, values, at, d, -source.extents[d]);
                position[d] = 0;
            }
        }
    }

    static void step(const call &c, unsigned count, const view &values, taking &at, unsigned d,
                     int64 by) {
        at.source += by * c.operands[0].strides[d];
        at.values += by * values.strides[d];
    step_indices:
        for (unsigned k = 0; k < TAKE_INDICES; ++k) {
            if (k < count) at.index[k] += by * c.operands[1 + k].strides[d];
        }
    }

    // The offsets of a chunk; true if they are all the same (the first then stands for all).
    bool resolve(const call &c, memory &port, unsigned count, const taking &at, int64 done,
                 unsigned n) {
        const unsigned last = c.operands[0].dimensions - 1;
        bool even = true;
    even_indices:
        for (unsigned k = 0; k < TAKE_INDICES; ++k) {
            if (k < count && c.operands[1 + k].strides[last] != 0) even = false;
        }
        const unsigned some = even ? 1 : n;
    resolve_indices:
        for (unsigned k = 0; k < TAKE_INDICES; ++k) {
            if (k >= count) continue;
            const view &index = c.operands[1 + k];
            const int64 first = at.index[k] + done * index.strides[last];
            if (index.type == type_i4) {
                port.read(index.port, first, index.strides[last], narrow, some);
            resolve_widened:
                for (unsigned e = 0; e < some; ++e) wide[e] = narrow[e];
            } else {
                port.read(index.port, first, index.strides[last], wide, some);
            }
            add(c.numbers[0], c.numbers[1 + 2 * k], c.numbers[2 + 2 * k], k == 0, some);
        }
        return even;
    }

    void add(int64 flags, int64 extent, int64 by, bool begins, unsigned n) {
        if (flags & take_wraps) {
        resolve_wrapped:
            for (unsigned e = 0; e < n; ++e) {
                const int64 rest = wide[e] % extent;
                wide[e] = rest < 0 ? rest + extent : rest;
            }
        } else if (!(flags & take_clips)) {
        resolve_from_the_end:
            for (unsigned e = 0; e < n; ++e) wide[e] += wide[e] < 0 ? extent : 0;
        }
    resolve_inside:
        for (unsigned e = 0; e < n; ++e) {
            const int64 low = wide[e] < 0 ? 0 : wide[e];
            const int64 inside = low < extent ? low : extent - 1;
            offsets[e] = (begins ? 0 : offsets[e]) + inside * by;
        }
    }

    template <typename M>
    void gather(memory &port, const view &source, int64 first, int64 stride, bool even, M *line,
                unsigned n) {
        if (even) {
            port.read(source.port, first + offsets[0], stride, line, n);
            return;
        }
        const M *from = port.alias<M>(source.port, first);
    gather_elements:
        for (unsigned e = 0; e < n; ++e) {
            const int64 offset = offsets[e] + (int64)e * stride;
            if (from) {
                line[e] = from[offset];
            } else {
                port.read(source.port, first + offset, 1, line + e, 1);
            }
        }
    }

    template <typename M>
    void scatter(memory &port, const view &target, int64 first, int64 stride, bool even,
                 const M *line, unsigned n) {
        if (even) {
            port.write(target.port, first + offsets[0], stride, line, n);
            return;
        }
        M *to = port.alias_to<M>(target.port, first);
    scatter_elements:
        for (unsigned e = 0; e < n; ++e) {
            const int64 offset = offsets[e] + (int64)e * stride;
            if (to) {
                to[offset] = line[e];
            } else {
                port.write(target.port, first + offset, 1, line + e, 1);
            }
        }
    }
};

}  // namespace

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(take)(FPGARRAY_CALL_PARAMETERS) {
#include "call_interface.h"
    static taker the_taker;
    static call the_call;
    memory port;
    port.connect(p0, p1, p2, p3);
    if (decode(the_call, program)) the_taker.run(the_call, port);
}
