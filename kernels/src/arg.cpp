// arg: where along one axis the largest (or smallest) element is; the first of equals, and the first
// NaN if there is one, as in NumPy.
//
//   p0 ==> READ ==> | candidates | ==> COMPARE ==> | best so far, and where | ==> WRITE ==> p1
//
// numbers: axis, what (0 largest, 1 smallest). Operands: source; result (int64) told with the
// source's shape and stride 0 along the axis.
// Three ways. Across: neighbours off the axis advance together, each with its best so far. Within:
// stretches of one line do, and are compared with each other at the end. Long lines: the best value
// of a tile first, and where it is only if it beats the tiles before.
#include "call.h"
#include "kernel.h"
#include "lanes_of.h"

namespace {

static const unsigned ARG_LANES = 256;
static const int64 SHORT_AXIS = 64;
static const uint64 LONG_AXIS = 2048;
static const unsigned LONG_TILE = 8192;
static const unsigned LONG_LANES = 4;  // vectors, so that one comparison need not await another

struct largest {
    static const bool larger = true;
    template <typename M> static bool beats(M a, M b) { return !(a <= b) & (b == b); }
};
struct smallest {
    static const bool larger = false;
    template <typename M> static bool beats(M a, M b) { return !(a >= b) & (b == b); }
};

// As wide as the elements, so that both fit the same vector.
template <unsigned size> struct counting { typedef int32 type; };
template <> struct counting<8> { typedef int64 type; };

template <typename M, typename ORDER> class seeker {
    typedef typename counting<sizeof(M)>::type count;
    typedef lanes_of<M> vector;

  public:
    void run(const call &c, memory &port) {
        const view &source = c.operands[0];
        const unsigned axis = (unsigned)c.numbers[0];
        const unsigned inner = source.dimensions < 2             ? axis
                               : axis + 1 == source.dimensions ? axis - 1
                                                               : source.dimensions - 1;
        const int64 length = source.extents[axis];
        const bool across = inner != axis && source.extents[inner] > 1 &&
                            (length < SHORT_AXIS || (source.strides[axis] != 1 &&
                                                     source.extents[inner] >= SHORT_AXIS));
        if (across) {
            seek_across(source, c.operands[1], axis, inner, port);
        } else if ((uint64)length >= LONG_AXIS) {
            seek_long(source, c.operands[1], axis, port);
        } else {
            seek_within(source, c.operands[1], axis, port);
        }
    }

  private:
    alignas(64) M candidates[LONG_TILE], best[ARG_LANES];
    alignas(64) count rows[ARG_LANES];
    int64 found[ARG_LANES];

    // One row of candidates against the best of the rows before it.
    void compare(const M *row, unsigned n, int64 number) {
        if (number == 0) {
        first_row:
            for (unsigned k = 0; k < n; ++k) {
                best[k] = row[k];
                rows[k] = 0;
            }
            return;
        }
    next_row:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=256
#pragma HLS pipeline II=1
            const M a = row[k], b = best[k];
            const bool better = ORDER::beats(a, b);
            best[k] = better ? a : b;
            rows[k] = better ? (count)number : rows[k];
        }
    }

    const M *row_of(memory &port, unsigned number, int64 first, int64 stride, unsigned n) {
        if (stride == 1) {
            const M *there = port.alias<M>(number, first);
            if (there) return there;
        }
        port.read(number, first, stride, candidates, n);
        return candidates;
    }

    void seek_across(const view &source, const view &result, unsigned axis, unsigned inner,
                     memory &port) {
        const uint64 width = (uint64)source.extents[inner];
        planes at;
        at.begin(source, result, axis, inner);
    across_planes:
        while (at.left > 0) {
        across_chunks:
            for (uint64 done = 0; done < width; done += ARG_LANES) {
                const unsigned n =
                    (unsigned)(width - done < ARG_LANES ? width - done : ARG_LANES);
                const int64 first = at.a + (int64)done * source.strides[inner];
            across_rows:
                for (int64 r = 0; r < source.extents[axis]; ++r) {
                    const M *row = row_of(port, source.port, first + r * source.strides[axis],
                                             source.strides[inner], n);
                    compare(row, n, r);
                }
            across_widen:
                for (unsigned k = 0; k < n; ++k) found[k] = (int64)rows[k];
                port.write(result.port, at.b + (int64)done * result.strides[inner],
                           result.strides[inner], found, n);
            }
            at.next(source, result, axis, inner);
        }
    }

    // The best of at least LONG_LANES vectors' worth of elements; a NaN if there is one.
    static M best_of(const M *row, unsigned n) {
        const unsigned step = LONG_LANES * vector::COUNT;
        const unsigned whole = n / step * step;
        if (n < step) return best_of_few(row[0], row, n);
        vector leading[LONG_LANES];
        unordered_lanes<M> unordered;
#pragma GCC unroll 8
        for (unsigned l = 0; l < LONG_LANES; ++l) {
            leading[l] = vector::get(row + l * vector::COUNT);
            unordered.show(leading[l]);
        }
    best_rows:
        for (unsigned k = step; k < whole; k += step) {
#pragma HLS pipeline II=1
#pragma GCC unroll 8
            for (unsigned l = 0; l < LONG_LANES; ++l) {
                const vector next = vector::get(row + k + l * vector::COUNT);
                unordered.show(next);
                leading[l].template keep<ORDER::larger>(next);
            }
        }
        M all[LONG_LANES * vector::COUNT];
    best_lanes:
        for (unsigned l = 0; l < step; ++l) all[l] = leading[l / vector::COUNT].get(l % vector::COUNT);
        if (unordered.any()) return best_of_few(row[0], row, n);
        return best_of_few(best_of_few(all[0], all, step), row + whole,
                                     n - whole);
    }

    static M best_of_few(M winner, const M *row, unsigned n) {
    best_few:
        for (unsigned k = 0; k < n; ++k) winner = ORDER::beats(row[k], winner) ? row[k] : winner;
        return winner;
    }

    void seek_long(const view &source, const view &result, unsigned axis, memory &port) {
        const uint64 length = (uint64)source.extents[axis];
        const int64 stride = source.strides[axis];
        planes at;
        at.begin(source, result, axis, axis);
    long_lines:
        while (at.left > 0) {
            M winner = M(0);
        long_tiles:
            for (uint64 done = 0; done < length; done += LONG_TILE) {
                const unsigned n =
                    (unsigned)(length - done < LONG_TILE ? length - done : LONG_TILE);
                const M *row =
                    row_of(port, source.port, at.a + (int64)done * stride, stride, n);
                const M best_here = best_of(row, n);
                if (done > 0 && !ORDER::beats(best_here, winner)) continue;
                winner = best_here;
                unsigned k = 0;
            long_place:
                while (k + 1 < n && row[k] != winner && !((row[k] != row[k]) & (winner != winner))) {
#pragma HLS loop_tripcount min=0 max=8192
                    ++k;
                }
                found[0] = (int64)done + k;
            }
            port.write(result.port, at.b, 1, found, 1);
            at.next(source, result, axis, axis);
        }
    }

    void seek_within(const view &source, const view &result, unsigned axis, memory &port) {
        const uint64 length = (uint64)source.extents[axis];
        const unsigned lanes = ARG_LANES / 4;
        const unsigned used = length < lanes ? (unsigned)length : lanes;
        planes at;
        at.begin(source, result, axis, axis);
    within_lines:
        while (at.left > 0) {
            int64 number = 0;
        within_rows:
            for (uint64 done = 0; done < length; done += lanes) {
                const unsigned n = (unsigned)(length - done < lanes ? length - done : lanes);
                const int64 first = at.a + (int64)done * source.strides[axis];
                compare(
                    row_of(port, source.port, first, source.strides[axis], n), n, number++);
            }
            M winner = best[0];
            found[0] = (int64)rows[0] * lanes;
        within_lanes:
            for (unsigned k = 1; k < used; ++k) {
                const int64 place = (int64)rows[k] * lanes + k;
                const bool same = (best[k] == winner) |
                                  ((best[k] != best[k]) & (winner != winner));
                if (ORDER::beats(best[k], winner) | (same & (place < found[0]))) {
                    winner = best[k];
                    found[0] = place;
                }
            }
            port.write(result.port, at.b, 1, found, 1);
            at.next(source, result, axis, axis);
        }
    }
};

template <typename M> void seek(const call &c, memory &port) {
    if (c.numbers[1] == 0) {
        static seeker<M, largest> maxima;
        maxima.run(c, port);
    } else {
        static seeker<M, smallest> minima;
        minima.run(c, port);
    }
}

}  // namespace

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(arg)(FPGARRAY_CALL_PARAMETERS) {
#include "call_interface.h"
    static call the_call;
    memory port;
    port.connect(p0, p1, p2, p3);
    if (!decode(the_call, program)) return;
    switch (the_call.operands[0].type) {
    case type_f4: seek<float>(the_call, port); break;
    case type_f8: seek<double>(the_call, port); break;
    case type_i4: seek<int32>(the_call, port); break;
    case type_i8: seek<int64>(the_call, port); break;
    case type_u1: seek<uint8>(the_call, port); break;
    case type_b1: seek<uint8>(the_call, port); break;
    }
}
