// copy: moves elements of any type between strided views, several segments in one launch.
//
//   program ==> decode segment by segment
//   p0..p7  ==> READ rows ==> block of a plane ==> transposed ==> WRITE rows ==> p0..p7
//
// A segment is source view -> target view of one shape, or a value for every element of the target.
// Elements are units of 1, 2, 4 or 8 bytes: the host makes units of what the arrays hold. Its last
// two axes are a plane: the target runs along the last one; where the source runs along the other,
// the plane goes block by block, so that both sides see whole rows of a block.
//
// No segment reads what another one of the same launch writes, no two write the same bytes.
#include "call.h"
#include "kernel.h"

namespace {

static const unsigned COPY_ROW = 512;

struct segment {
    unsigned source_port, target_port, unit, dimensions;
    bool filled, crossed;
    int64 source, target;
    uint64 value;
    int64 extents[CALL_DIMENSIONS], from[CALL_DIMENSIONS], to[CALL_DIMENSIONS];
};

enum segment_kind { segment_copied = 0, segment_filled = 1, segment_crossed = 2 };

inline void decode(segment &s, const port_word *words) {
    const port_word head = words[0];
    const port_word extents = words[1];
    const port_word from = words[2];
    const port_word to = words[3];
    s.source_port = head.word[0];
    s.target_port = head.word[1];
    s.unit = head.word[2];
    s.dimensions = head.word[3];
    s.source = (int64)joined(head, 4);
    s.target = (int64)joined(head, 6);
    s.value = joined(head, 8);
    s.filled = head.word[10] == segment_filled;
    s.crossed = head.word[10] == segment_crossed;
segment_axes:
    for (unsigned d = 0; d < CALL_DIMENSIONS; ++d) {
        s.extents[d] = (int64)joined(extents, 2 * d);
        s.from[d] = (int64)joined(from, 2 * d);
        s.to[d] = (int64)joined(to, 2 * d);
    }
}

// A plane of a segment: rows of `n` elements, the target's fast axis.
struct plane {
    int64 source, target;
    int64 rows, n;
    int64 from_row, from, to_row, to;
};

template <typename M> class copier {
  public:
    void run(const segment &s, memory &port) {
        if (s.dimensions < 2 || s.dimensions > CALL_DIMENSIONS) return;
        const unsigned outer = s.dimensions - 2;
        int64 index[CALL_DIMENSIONS];
        uint64 left = 1;
    copy_begin:
        for (unsigned d = 0; d < CALL_DIMENSIONS; ++d) {
            index[d] = 0;
            if (d < outer) left *= (uint64)s.extents[d];
        }
        if (s.filled) fill_row((M)s.value);
        plane p = {s.source,          s.target,      s.extents[outer], s.extents[outer + 1],
                   s.from[outer],     s.from[outer + 1], s.to[outer],  s.to[outer + 1]};
    copy_planes:
        while (left > 0) {
            if (s.filled) {
                fill(s, p, port);
            } else if (s.crossed) {
                cross(s, p, port);
            } else {
                rows(s, p, port);
            }
            --left;
        copy_carry:
            for (unsigned d = CALL_DIMENSIONS; d-- > 0;) {
                if (d >= outer) continue;
                p.source += s.from[d];
                p.target += s.to[d];
                if (++index[d] < s.extents[d]) break;
                p.source -= s.from[d] * s.extents[d];
                p.target -= s.to[d] * s.extents[d];
                index[d] = 0;
            }
        }
    }

  private:
    static const unsigned EDGE = sizeof(M) == 8 ? 32 : 64;
    static const unsigned LANES = 8, NEAR = 512;
    M row[COPY_ROW];
    M block[EDGE][EDGE];

    void fill_row(M value) {
    copy_value:
        for (unsigned k = 0; k < COPY_ROW; ++k) row[k] = value;
    }

    void fill(const segment &s, const plane &p, memory &port) {
    fill_rows:
        for (int64 r = 0; r < p.rows; ++r) {
        fill_chunks:
            for (int64 done = 0; done < p.n; done += COPY_ROW) {
                port.write(s.target_port, p.target + r * p.to_row + done * p.to, p.to, row,
                           least(p.n - done, COPY_ROW));
            }
        }
    }

    void rows(const segment &s, const plane &p, memory &port) {
        M *to = port.alias_to<M>(s.target_port, p.target);
        const M *from = port.alias<M>(s.source_port, p.source);
        if (to) {
            direct(p, to, from);
            return;
        }
    copy_rows:
        for (int64 r = 0; r < p.rows; ++r) {
        copy_chunks:
            for (int64 done = 0; done < p.n; done += COPY_ROW) {
                const unsigned n = least(p.n - done, COPY_ROW);
                port.read(s.source_port, p.source + r * p.from_row + done * p.from, p.from, row, n);
                port.write(s.target_port, p.target + r * p.to_row + done * p.to, p.to, row, n);
            }
        }
    }

    // Without a row in between, where memory can be reached so (memory.h).
    void direct(const plane &p, M *__restrict to, const M *__restrict from) {
        if (p.to == 1 && p.from == 1) {
            for (int64 r = 0; r < p.rows; ++r) {
                for (int64 k = 0; k < p.n; ++k) to[r * p.to_row + k] = from[r * p.from_row + k];
            }
        } else if (p.to == 1 && p.from == 0) {
            for (int64 r = 0; r < p.rows; ++r) {
                const M value = from[r * p.from_row];
                for (int64 k = 0; k < p.n; ++k) to[r * p.to_row + k] = value;
            }
        } else {
            for (int64 r = 0; r < p.rows; ++r) {
                for (int64 k = 0; k < p.n; ++k) {
                    to[r * p.to_row + k * p.to] = from[r * p.from_row + k * p.from];
                }
            }
        }
    }

    void cross(const segment &s, const plane &p, memory &port) {
        M *to = port.alias_to<M>(s.target_port, p.target);
        const M *from = port.alias<M>(s.source_port, p.source);
        if (to && p.from_row == 1 && p.to == 1) {
            cross_directly(p, to, from);
            return;
        }
    cross_down:
        for (int64 r = 0; r < p.rows; r += EDGE) {
            const unsigned height = least(p.rows - r, EDGE);
        cross_along:
            for (int64 k = 0; k < p.n; k += EDGE) {
                const unsigned width = least(p.n - k, EDGE);
                const int64 source = p.source + r * p.from_row + k * p.from;
                const int64 target = p.target + r * p.to_row + k * p.to;
            cross_read:
                for (unsigned c = 0; c < width; ++c) {
                    port.read(s.source_port, source + c * p.from, p.from_row, block[c], height);
                }
            cross_write:
                for (unsigned c = 0; c < height; ++c) {
                cross_row:
                    for (unsigned e = 0; e < width; ++e) row[e] = block[e][c];
                    port.write(s.target_port, target + c * p.to_row, p.to, row, width);
                }
            }
        }
    }

    // A cache line of the source at a time goes to as many rows of the target.
    void cross_directly(const plane &p, M *__restrict to, const M *__restrict from) {
        int64 r = 0;
        for (; r + LANES <= p.rows; r += LANES) {
            for (int64 start = 0; start < p.n; start += NEAR) {
                const int64 stop = start + least(p.n - start, NEAR);
                cross_lanes(p, to + r * p.to_row, from + r, start, stop);
            }
        }
        for (; r < p.rows; ++r) {
            for (int64 k = 0; k < p.n; ++k) to[r * p.to_row + k] = from[r + k * p.from];
        }
    }

    static void cross_lanes(const plane &p, M *__restrict to, const M *__restrict from,
                            int64 start, int64 stop) {
        int64 k = start;
        for (; k + 8 <= stop; k += 8) {
            M block[8][LANES];
            for (unsigned e = 0; e < 8; ++e) {
                for (unsigned c = 0; c < LANES; ++c) block[e][c] = from[(k + e) * p.from + c];
            }
            for (unsigned c = 0; c < LANES; ++c) {
                for (unsigned e = 0; e < 8; ++e) to[c * p.to_row + k + e] = block[e][c];
            }
        }
        for (; k < stop; ++k) {
            for (unsigned c = 0; c < LANES; ++c) to[c * p.to_row + k] = from[k * p.from + c];
        }
    }

    static unsigned least(int64 a, unsigned b) { return a < (int64)b ? (unsigned)a : b; }
};

}  // namespace

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(copy)(const port_word *program, port_word *p0,
                                                      port_word *p1, port_word *p2, port_word *p3,
                                                      port_word *p4, port_word *p5, port_word *p6,
                                                      port_word *p7) {
#include "call_interface.h"
#pragma HLS interface m_axi port=p4 bundle=gmem4 offset=slave
#pragma HLS interface m_axi port=p5 bundle=gmem5 offset=slave
#pragma HLS interface m_axi port=p6 bundle=gmem6 offset=slave
#pragma HLS interface m_axi port=p7 bundle=gmem7 offset=slave
    static copier<uint8> bytes;
    static copier<uint16> pairs;
    static copier<uint32> words;
    static copier<uint64> doubles;
    static segment the_segment;
    memory port;
    port.connect(p0, p1, p2, p3, p4, p5, p6, p7);
    const port_word header = program[0];
    if (header.word[0] != FPGARRAY_COPY_MAGIC) return;
    const unsigned count = header.word[1];
copy_segments:
    for (unsigned k = 0; k < count; ++k) {
#pragma HLS loop_tripcount min=1 max=64
        decode(the_segment, program + 1 + 4 * k);
        switch (the_segment.unit) {
        case 1: bytes.run(the_segment, port); break;
        case 2: pairs.run(the_segment, port); break;
        case 4: words.run(the_segment, port); break;
        case 8: doubles.run(the_segment, port); break;
        }
    }
}
