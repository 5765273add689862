// Owns what call kernels do with memory: runs of elements in, runs out, and the root pointers they
// go through. Two bodies behind one interface, chosen by macro as in mover.h: under g++ a run is a
// loop over device memory, on a card (FPGARRAY_PLAIN_MOVERS, HLS) it is whole 64-byte port words in
// bursts. Knows elements and ports; knows nothing of what a kernel computes.
#ifndef FPGARRAY_MEMORY_H
#define FPGARRAY_MEMORY_H

#include "port_word.h"

namespace {

// The wrong variant: recognisable nonsense from every store, to prove that a test looks at results.
template <typename M> inline M nonsense(M) { return M(-123); }
inline float nonsense(float) { return -12345.678f; }
inline double nonsense(double) { return -12345.678; }
// Raw bytes, of whatever type: every byte changes, the truth of a bool too, and no float stays near.
inline uint8 nonsense(uint8 v) { return (uint8)(v ^ 0x01u); }
inline uint16 nonsense(uint16 v) { return (uint16)(v ^ 0x4101u); }
inline uint32 nonsense(uint32 v) { return v ^ 0x41010101u; }
inline uint64 nonsense(uint64 v) { return v ^ 0x4101010101010101u; }
template <typename M> inline M stored(M value) {
#if defined(FPGARRAY_WRONG)
    return nonsense(value);
#else
    return value;
#endif
}

#if defined(FPGARRAY_PLAIN_MOVERS) || defined(__SYNTHESIS__)

// An element of `size` bytes inside a port word.
template <typename M, unsigned size = sizeof(M)> struct slot;
template <typename M> struct slot<M, 1> {
    static M get(const port_word &w, unsigned i) {
        return bits_as<M>((uint8)(w.word[i / 4] >> 8 * (i % 4)));
    }
    static void put(port_word &w, unsigned i, M v) {
        const unsigned shift = 8 * (i % 4);
        w.word[i / 4] = (w.word[i / 4] & ~(0xffu << shift)) | (uint32)bits_as<uint8>(v) << shift;
    }
};
template <typename M> struct slot<M, 2> {
    static M get(const port_word &w, unsigned i) {
        return bits_as<M>((uint16)(w.word[i / 2] >> 16 * (i % 2)));
    }
    static void put(port_word &w, unsigned i, M v) {
        const unsigned shift = 16 * (i % 2);
        w.word[i / 2] = (w.word[i / 2] & ~(0xffffu << shift)) |
                        (uint32)bits_as<uint16>(v) << shift;
    }
};
template <typename M> struct slot<M, 4> {
    static M get(const port_word &w, unsigned i) { return bits_as<M>(w.word[i]); }
    static void put(port_word &w, unsigned i, M v) { w.word[i] = bits_as<uint32>(v); }
};
template <typename M> struct slot<M, 8> {
    static M get(const port_word &w, unsigned i) {
        return bits_as<M>(join(w.word[2 * i], w.word[2 * i + 1]));
    }
    static void put(port_word &w, unsigned i, M v) {
        const uint64 bits = bits_as<uint64>(v);
        w.word[2 * i] = (uint32)bits;
        w.word[2 * i + 1] = (uint32)(bits >> 32);
    }
};

class memory {
  public:
    void connect(port_word *a, port_word *b, port_word *c, port_word *d, port_word *e = 0,
                 port_word *f = 0, port_word *g = 0, port_word *h = 0) {
        p0 = a;
        p1 = b;
        p2 = c;
        p3 = d;
        p4 = e;
        p5 = f;
        p6 = g;
        p7 = h;
    }

    // Elements first, first + stride, ... of a port, `n` of them.
    template <typename M> void read(unsigned port, int64 first, int64 stride, M *to, unsigned n) {
        const unsigned lanes = FPGARRAY_WORD_NBYTES / sizeof(M);
        uint64 held = (uint64)first / lanes;
        port_word word = read_word(port, held);
    read_elements:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            const uint64 at = (uint64)(first + (int64)k * stride);
            if (at / lanes != held) {
                held = at / lanes;
                word = read_word(port, held);
            }
            to[k] = slot<M>::get(word, (unsigned)(at % lanes));
        }
    }

    template <typename M>
    void write(unsigned port, int64 first, int64 stride, const M *from, unsigned n) {
        const unsigned lanes = FPGARRAY_WORD_NBYTES / sizeof(M);
        uint64 held = (uint64)first / lanes;
        port_word word = read_word(port, held);
    write_elements:
        for (unsigned k = 0; k < n; ++k) {
#pragma HLS loop_tripcount min=1 max=1024
            const uint64 at = (uint64)(first + (int64)k * stride);
            if (at / lanes != held) {
                write_word(port, held, word);
                held = at / lanes;
                word = read_word(port, held);
            }
            slot<M>::put(word, (unsigned)(at % lanes), stored(from[k]));
        }
        write_word(port, held, word);
    }

    // Device memory as an array, where a register may alias it: never here.
    template <typename M> const M *alias(unsigned, int64) const { return 0; }
    template <typename M> M *alias_to(unsigned, int64) const { return 0; }

  private:
    port_word *p0, *p1, *p2, *p3, *p4, *p5, *p6, *p7;  // a card has one AXI master for each

    port_word read_word(unsigned port, uint64 index) const {
        switch (port) {
        case 1: return p1[index];
        case 2: return p2[index];
        case 3: return p3[index];
        case 4: return p4[index];
        case 5: return p5[index];
        case 6: return p6[index];
        case 7: return p7[index];
        }
        return p0[index];
    }
    void write_word(unsigned port, uint64 index, const port_word &value) {
        switch (port) {
        case 0: p0[index] = value; break;
        case 1: p1[index] = value; break;
        case 2: p2[index] = value; break;
        case 3: p3[index] = value; break;
        case 4: p4[index] = value; break;
        case 5: p5[index] = value; break;
        case 6: p6[index] = value; break;
        case 7: p7[index] = value; break;
        }
    }
};

#else

class memory {
  public:
    void connect(port_word *a, port_word *b, port_word *c, port_word *d, port_word *e = 0,
                 port_word *f = 0, port_word *g = 0, port_word *h = 0) {
        roots[0] = a;
        roots[1] = b;
        roots[2] = c;
        roots[3] = d;
        roots[4] = e;
        roots[5] = f;
        roots[6] = g;
        roots[7] = h;
    }

    template <typename M>
    void read(unsigned port, int64 first, int64 stride, M *to, unsigned n) const {
        const M *from = (const M *)roots[port] + first;
        if (stride == 1) {
            for (unsigned k = 0; k < n; ++k) to[k] = from[k];
        } else {
            for (unsigned k = 0; k < n; ++k) to[k] = from[(int64)k * stride];
        }
    }

    template <typename M>
    void write(unsigned port, int64 first, int64 stride, const M *from, unsigned n) {
        M *to = (M *)roots[port] + first;
        if (stride == 1) {
            for (unsigned k = 0; k < n; ++k) to[k] = stored(from[k]);
        } else {
            for (unsigned k = 0; k < n; ++k) to[(int64)k * stride] = stored(from[k]);
        }
    }

    // Device memory as an array (see the plain body); results only where they may be right.
    template <typename M> const M *alias(unsigned port, int64 first) const {
        return (const M *)roots[port] + first;
    }
    template <typename M> M *alias_to([[maybe_unused]] unsigned port,
                                      [[maybe_unused]] int64 first) const {
#if defined(FPGARRAY_WRONG)
        return 0;
#else
        return (M *)roots[port] + first;
#endif
    }

  private:
    port_word *roots[8];
};

#endif

}  // namespace

#endif
