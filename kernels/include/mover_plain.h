// Owns memory access on a card: whole 64-byte words, bursts where elements lie together, partial
// words read, changed and written back. No pointer into device memory is ever made; the part of a
// word that is not ours goes back as it came. Included by mover.h only.
#ifndef FPGARRAY_MOVER_PLAIN_H
#define FPGARRAY_MOVER_PLAIN_H

namespace {

static const unsigned WORD_NBYTES = FPGARRAY_WORD_NBYTES;

// Elements inside a port word.
template <typename M> struct lane;
template <> struct lane<float> {
    static float get(const port_word &w, unsigned i) { return bits_as<float>(w.word[i]); }
    static void put(port_word &w, unsigned i, float v) { w.word[i] = bits_as<uint32>(v); }
};
template <> struct lane<double> {
    static double get(const port_word &w, unsigned i) {
        return bits_as<double>(join(w.word[2 * i], w.word[2 * i + 1]));
    }
    static void put(port_word &w, unsigned i, double v) {
        const uint64 bits = bits_as<uint64>(v);
        w.word[2 * i] = (uint32)bits;
        w.word[2 * i + 1] = (uint32)(bits >> 32);
    }
};
template <> struct lane<int32> {
    static int32 get(const port_word &w, unsigned i) { return (int32)w.word[i]; }
    static void put(port_word &w, unsigned i, int32 v) { w.word[i] = (uint32)v; }
};
template <> struct lane<int64> {
    static int64 get(const port_word &w, unsigned i) {
        return (int64)join(w.word[2 * i], w.word[2 * i + 1]);
    }
    static void put(port_word &w, unsigned i, int64 v) {
        w.word[2 * i] = (uint32)v;
        w.word[2 * i + 1] = (uint32)((uint64)v >> 32);
    }
};
template <typename M> struct byte_lane {
    static M get(const port_word &w, unsigned i) {
        return (M)(uint8)(w.word[i / 4] >> 8 * (i % 4));
    }
    static void put(port_word &w, unsigned i, M v) {
        const unsigned shift = 8 * (i % 4);
        w.word[i / 4] = (w.word[i / 4] & ~(0xffu << shift)) | (uint32)(uint8)v << shift;
    }
};
template <> struct lane<uint8> : byte_lane<uint8> {};
template <> struct lane<bool8> : byte_lane<bool8> {};

template <typename T> class mover {
    static const unsigned TILE = group<T>::tile;
    // A tile of 8-byte elements, and one word more where it does not begin at a word.
    static const unsigned BURST = TILE * 8 / WORD_NBYTES + 1;

  public:
    void connect(const port_set &set) { ports = set; }
    void plan(program<T> &) {}

    unsigned tile_span(const program<T> &) const { return group<T>::tile; }

    void load(program<T> &p, const instruction<T> &i, unsigned n) {
        operand &o = p.operands[i.operand];
        errors = 0;
        switch (o.type) {
        case memory_f4: load_as<float>(o, registers[i.destination], n); break;
        case memory_f8: load_as<double>(o, registers[i.destination], n); break;
        case memory_i4: load_as<int32>(o, registers[i.destination], n); break;
        case memory_i8: load_as<int64>(o, registers[i.destination], n); break;
        case memory_u1: load_as<uint8>(o, registers[i.destination], n); break;
        default: load_as<bool8>(o, registers[i.destination], n); break;
        }
    }

    void store(program<T> &p, const instruction<T> &i, unsigned n) {
        errors = 0;
        store_result(p.operands[i.operand], registers[i.a], n);
    }

    T *target(program<T> &, const instruction<T> &i) { return registers[i.destination]; }
    const T *source(unsigned r) const { return registers[r]; }

    unsigned lost() const { return errors; }

    void store_result(operand &o, const T *from, unsigned n) {
        switch (o.type) {
        case memory_f4: store_as<float>(o, from, n); break;
        case memory_f8: store_as<double>(o, from, n); break;
        case memory_i4: store_as<int32>(o, from, n); break;
        case memory_i8: store_as<int64>(o, from, n); break;
        case memory_u1: store_as<uint8>(o, from, n); break;
        default: store_as<bool8>(o, from, n); break;
        }
    }

    void store_wide(operand &o, const int64 *from, unsigned n) {
        switch (o.type) {
        case memory_i4: store_as<int32>(o, from, n); break;
        case memory_u1: store_as<uint8>(o, from, n); break;
        default: store_as<int64>(o, from, n); break;
        }
    }

    void finish() {}

  private:
    port_set ports;
    unsigned errors;  // of the last load or store
    port_word burst[BURST];
    T registers[REGISTERS][TILE];

    port_word read_word(unsigned port, uint64 index) const {
        switch (port) {
#define FPGARRAY_READ(name, number)                                                               \
    case number: return ports.name[index];
            FPGARRAY_EACH_PORT(FPGARRAY_READ)
#undef FPGARRAY_READ
        }
        return ports.p0[index];
    }

    void write_word(unsigned port, uint64 index, const port_word &value) {
        switch (port) {
#define FPGARRAY_WRITE(name, number)                                                              \
    case number: ports.name[index] = value; break;
            FPGARRAY_EACH_PORT(FPGARRAY_WRITE)
#undef FPGARRAY_WRITE
        }
    }

    template <typename M> void load_as(operand &o, T *to, unsigned n) {
    load_runs:
        for (unsigned done = 0; done < n;) {
#pragma HLS loop_tripcount min=1 max=TILE
            const uint64 left = run_length(o.walk);
            const unsigned count = left < n - done ? (unsigned)left : n - done;
            const int64 first = o.base + o.walk.position;
            const int64 stride = o.walk.strides[o.walk.dimensions - 1];
            if (stride == 1) {
                load_burst<M>(o.port, (uint64)first, to + done, count);
            } else {
                load_strided<M>(o.port, first, stride, to + done, count);
            }
            advance(o.walk, count);
            done += count;
        }
    }

    template <typename M> void load_burst(unsigned port, uint64 first, T *to, unsigned count) {
        const unsigned lanes = WORD_NBYTES / sizeof(M);
        const uint64 first_word = first / lanes;
        const unsigned words = (unsigned)((first + count - 1) / lanes - first_word) + 1;
    burst_read:
        for (unsigned w = 0; w < words; ++w) {
#pragma HLS loop_tripcount min=1 max=BURST
#pragma HLS pipeline II=1
            burst[w] = read_word(port, first_word + w);
        }
        const unsigned skip = (unsigned)(first % lanes);
    burst_unpack:
        for (unsigned k = 0; k < count; ++k) {
#pragma HLS loop_tripcount min=1 max=TILE
#pragma HLS pipeline II=1
            const unsigned at = skip + k;
            const M value = lane<M>::get(burst[at / lanes], at % lanes);
            errors |= narrowing<T, M>::errors(value);
            to[k] = from_memory<T>(value);
        }
    }

    // One word per element, unless the next element lies in the same word.
    template <typename M>
    void load_strided(unsigned port, int64 first, int64 stride, T *to, unsigned count) {
        const unsigned lanes = WORD_NBYTES / sizeof(M);
        uint64 held = (uint64)first / lanes;
        port_word word = read_word(port, held);
    strided_read:
        for (unsigned k = 0; k < count; ++k) {
#pragma HLS loop_tripcount min=1 max=TILE
            const uint64 at = (uint64)(first + (int64)k * stride);
            if (at / lanes != held) {
                held = at / lanes;
                word = read_word(port, held);
            }
            const M value = lane<M>::get(word, (unsigned)(at % lanes));
            errors |= narrowing<T, M>::errors(value);
            to[k] = from_memory<T>(value);
        }
    }

    template <typename M, typename S> void store_as(operand &o, const S *from, unsigned n) {
    store_runs:
        for (unsigned done = 0; done < n;) {
#pragma HLS loop_tripcount min=1 max=TILE
            const uint64 left = run_length(o.walk);
            const unsigned count = left < n - done ? (unsigned)left : n - done;
            const int64 first = o.base + o.walk.position;
            const int64 stride = o.walk.strides[o.walk.dimensions - 1];
            if (stride == 1) {
                store_burst<M>(o.port, (uint64)first, from + done, count);
            } else {
                store_strided<M>(o.port, first, stride, from + done, count);
            }
            advance(o.walk, count);
            done += count;
        }
    }

    template <typename M, typename S>
    void store_burst(unsigned port, uint64 first, const S *from, unsigned count) {
        const unsigned lanes = WORD_NBYTES / sizeof(M);
        const uint64 first_word = first / lanes;
        const uint64 last_word = (first + count - 1) / lanes;
        const unsigned words = (unsigned)(last_word - first_word) + 1;
        // Only the ends can be partial.
        burst[0] = read_word(port, first_word);
        burst[words - 1] = read_word(port, last_word);
        const unsigned skip = (unsigned)(first % lanes);
    burst_pack:
        for (unsigned k = 0; k < count; ++k) {
#pragma HLS loop_tripcount min=1 max=TILE
#pragma HLS pipeline II=1
            const unsigned at = skip + k;
            errors |= narrowing<M, S>::errors(from[k]);
            lane<M>::put(burst[at / lanes], at % lanes, to_memory<M>(from[k]));
        }
    burst_write:
        for (unsigned w = 0; w < words; ++w) {
#pragma HLS loop_tripcount min=1 max=BURST
#pragma HLS pipeline II=1
            write_word(port, first_word + w, burst[w]);
        }
    }

    template <typename M, typename S>
    void store_strided(unsigned port, int64 first, int64 stride, const S *from, unsigned count) {
        const unsigned lanes = WORD_NBYTES / sizeof(M);
        uint64 held = (uint64)first / lanes;
        port_word word = read_word(port, held);
    strided_write:
        for (unsigned k = 0; k < count; ++k) {
#pragma HLS loop_tripcount min=1 max=TILE
            const uint64 at = (uint64)(first + (int64)k * stride);
            if (at / lanes != held) {
                write_word(port, held, word);
                held = at / lanes;
                word = read_word(port, held);
            }
            errors |= narrowing<M, S>::errors(from[k]);
            lane<M>::put(word, (unsigned)(at % lanes), to_memory<M>(from[k]));
        }
        write_word(port, held, word);
    }
};

}  // namespace

#endif
