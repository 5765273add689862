// scan: cumulative sums and products along one axis, in order as NumPy adds them.
//
//   program ==> decode      +----------------------------------------+
//   p0      ==> READ ======> | tile ==> carry + running fold ==> tile | ==> WRITE ==> p1
//                           +----------------------------------------+
//
// numbers: axis, what (0 sum, 1 product). Operands: source, result (same shape; the result's type
// is the accumulator's).
#include "call.h"
#include "kernel.h"

namespace {

static const unsigned SCAN_TILE = 1024;

struct adding {
    template <typename T> static T start() { return T(0); }
    template <typename T> static T apply(T a, T b) { return T(a + b); }
};
struct multiplying {
    template <typename T> static T start() { return T(1); }
    template <typename T> static T apply(T a, T b) { return T(a * b); }
};

// T: the result's type; A: what accumulates, unsigned for integers so that it wraps; M: the source's.
template <typename T, typename A, typename M, typename FOLD> class scanner {
  public:
    void run(const call &c, memory &port) {
        const view &source = c.operands[0];
        const view &result = c.operands[1];
        const unsigned axis = (unsigned)c.numbers[0];
        const uint64 length = (uint64)source.extents[axis];
        planes at;
        at.begin(source, result, axis, axis);
    scan_lines:
        while (at.left > 0) {
            A carry = FOLD::template start<A>();
        scan_tiles:
            for (uint64 done = 0; done < length; done += SCAN_TILE) {
                const unsigned n =
                    (unsigned)(length - done < SCAN_TILE ? length - done : SCAN_TILE);
                const int64 in = at.a + (int64)done * source.strides[axis];
                const int64 out = at.b + (int64)done * result.strides[axis];
                port.read(source.port, in, source.strides[axis], from, n);
            scan_tile:
                for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
                    const A value = (A)(T)from[k];
                    // The first element is taken, not folded into a start: -0 stays -0.
                    carry = done + k == 0 ? value : FOLD::template apply<A>(carry, value);
                    to[k] = (T)carry;
                }
                port.write(result.port, out, result.strides[axis], to, n);
            }
            at.next(source, result, axis, axis);
        }
    }

  private:
    M from[SCAN_TILE];
    T to[SCAN_TILE];
};

template <typename T, typename A, typename M> void scan_as(const call &c, memory &port) {
    if (c.numbers[1] == 0) {
        static scanner<T, A, M, adding> sums;
        sums.run(c, port);
    } else {
        static scanner<T, A, M, multiplying> products;
        products.run(c, port);
    }
}

template <typename T, typename A> void scan_into(const call &c, memory &port) {
    switch (c.operands[0].type) {
    case type_f4: scan_as<T, A, float>(c, port); break;
    case type_f8: scan_as<T, A, double>(c, port); break;
    case type_i4: scan_as<T, A, int32>(c, port); break;
    case type_i8: scan_as<T, A, int64>(c, port); break;
    case type_u1: scan_as<T, A, uint8>(c, port); break;
    case type_b1: scan_as<T, A, bool>(c, port); break;
    }
}

}  // namespace

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(scan)(FPGARRAY_CALL_PARAMETERS) {
#include "call_interface.h"
    static call the_call;
    memory port;
    port.connect(p0, p1, p2, p3);
    if (!decode(the_call, program)) return;
    switch (the_call.operands[1].type) {
    case type_f4: scan_into<float, float>(the_call, port); break;
    case type_f8: scan_into<double, double>(the_call, port); break;
    case type_i4: scan_into<int32, uint32>(the_call, port); break;
    case type_i8: scan_into<int64, uint64>(the_call, port); break;
    case type_u1: scan_into<uint8, uint8>(the_call, port); break;
    }
}
