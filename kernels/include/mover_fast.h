// Owns memory access under g++: registers alias contiguous device memory, the last result is made
// in place, strided and broadcast runs have loops of their own. Included by mover.h only.
#ifndef FPGARRAY_MOVER_FAST_H
#define FPGARRAY_MOVER_FAST_H

namespace {

// Results of at least this many bytes bypass the caches (a plain store would first read them in).
#if !defined(FPGARRAY_BYPASS_NBYTES)
#define FPGARRAY_BYPASS_NBYTES (24u << 20)
#endif

// Broadcast rows up to this length are doubled in the register instead of being copied one by one.
static const unsigned SHORT_RUN = 128;

// Tiles that one operation from memory to memory may take at once.
static const unsigned LONG_TILES = 16;

template <typename T> class mover {
    static const unsigned TILE = group<T>::tile;
    // The skew keeps equal indices of two registers out of the same cache set.
    static const unsigned SKEW = FPGARRAY_WORD_NBYTES / sizeof(T);

  public:
    void connect(const port_set &set) {
#define FPGARRAY_CONNECT(name, index) roots[index] = (uint8 *)set.name;
        FPGARRAY_EACH_PORT(FPGARRAY_CONNECT)
#undef FPGARRAY_CONNECT
        bypassed = false;
    }

    void plan(program<T> &p) {
        unsigned stores = 0, last = 0, writers[REGISTERS] = {0}, storers[REGISTERS] = {0};
        bool loaded[FPGARRAY_PORTS] = {false};
        for (unsigned k = 0; k < p.instruction_count; ++k) {
            const instruction<T> &i = p.instructions[k];
            if (i.operation == operation_store) {
                ++stores;
                ++storers[i.a];
                continue;
            }
            last = k;
            ++writers[i.destination];
            if (i.operation == operation_load) loaded[p.operands[i.operand].port] = true;
        }
        for (unsigned k = 0; k < p.instruction_count; ++k) {
            const instruction<T> &i = p.instructions[k];
            operand &o = p.operands[i.operand];
            const bool plain = o.contiguous && o.type == group<T>::memory_type;
            if (i.operation == operation_load) {
                // A store may overwrite aliased memory only where nothing reads it any more: each
                // element is then read by the very step that writes it.
                o.alias = plain && (!o.shared || (stores == 1 && p.mode == mode_map));
                o.once = o.constant && writers[i.destination] == 1;
            } else if (i.operation == operation_store) {
                o.bypass = plain && large(p);
                if (plain && !o.bypass && storers[i.a] == 1) {
                    make_direct(p, k, last, !loaded[o.port]);
                }
            }
        }
    }

    // Elements a tile may have: more than a register holds where a program is one operation from
    // memory to memory, so that nothing passes through registers.
    unsigned tile_span(const program<T> &p) const {
        unsigned computed = 0;
        for (unsigned k = 0; k < p.instruction_count; ++k) {
            const instruction<T> &i = p.instructions[k];
            if (i.operation == operation_store) continue;
            if (i.operation == operation_load) {
                if (!p.operands[i.operand].alias) return TILE;
            } else if (!i.direct || !elementwise(i.operation) || ++computed > 1) {
                return TILE;
            }
        }
        return LONG_TILES * TILE;
    }

    void load(program<T> &p, const instruction<T> &i, unsigned n) {
        operand &o = p.operands[i.operand];
        T *own = registers[i.destination];
        if (o.once && o.filled >= n) return;
        sources[i.destination] = own;
        if (o.alias) {
            sources[i.destination] = (const T *)roots[o.port] + o.base + o.walk.position;
            if (p.mode == mode_fold_across) prefetch_next(p, o, n);
            advance(o.walk, n);
            return;
        }
        if (i.looked) errors = errors_of_load(o, n);
        switch (o.type) {
        case memory_f4: load_as<float>(o, own, n); break;
        case memory_f8: load_as<double>(o, own, n); break;
        case memory_i4: load_as<int32>(o, own, n); break;
        case memory_i8: load_as<int64>(o, own, n); break;
        case memory_u1: load_as<uint8>(o, own, n); break;
        default: load_as<bool8>(o, own, n); break;
        }
        o.filled = n;
    }

    void store(program<T> &p, const instruction<T> &i, unsigned n) {
        operand &o = p.operands[i.operand];
        if (i.looked) errors = errors_of_store(o, sources[i.a], n);
        if (i.direct) {
            advance(o.walk, n);
        } else {
            store_any(o, sources[i.a], n);
        }
    }

    T *target(program<T> &p, const instruction<T> &i) {
        T *result = registers[i.destination];
        if (i.direct) {
            const operand &o = p.operands[i.into];
            result = (T *)roots[o.port] + o.base + o.walk.position;
        }
        sources[i.destination] = result;
        return result;
    }

    const T *source(unsigned r) const { return sources[r]; }

    unsigned lost() const { return errors; }

    void store_result(operand &o, const T *data, unsigned n) { store_any(o, data, n); }

    void store_wide(operand &o, const int64 *data, unsigned n) {
        switch (o.type) {
        case memory_i4: store_as<int32>(o, data, n); break;
        case memory_u1: store_as<uint8>(o, data, n); break;
        default: store_as<int64>(o, data, n); break;
        }
    }

    void finish() {
        // Non-temporal stores are unordered until a fence.
        if (bypassed) __sync_synchronize();
    }

  private:
    uint8 *roots[FPGARRAY_PORTS];
    const T *sources[REGISTERS];
    bool bypassed;
    unsigned errors;  // of the last load or store that was looked at
    alignas(64) T registers[REGISTERS][TILE + SKEW];

    static unsigned errors_of_store(const operand &o, const T *from, unsigned n) {
        switch (o.type) {
        case memory_f4: return stored_errors<float>(from, n);
        case memory_i4: return stored_errors<int32>(from, n);
        case memory_i8: return stored_errors<int64>(from, n);
        case memory_u1: return stored_errors<uint8>(from, n);
        default: return 0;
        }
    }

    unsigned errors_of_load(const operand &o, unsigned n) const {
        switch (o.type) {
        case memory_f4: return loaded_errors<float>(o, n);
        case memory_f8: return loaded_errors<double>(o, n);
        default: return 0;
        }
    }

    template <typename M> static unsigned stored_errors(const T *from, unsigned n) {
        unsigned found = 0;
        if (!narrowing<M, T>::possible) return found;
        for (unsigned k = 0; k < n; ++k) found |= narrowing<M, T>::errors(from[k]);
        return found;
    }

    template <typename M> unsigned loaded_errors(const operand &o, unsigned n) const {
        const M *memory = (const M *)roots[o.port] + o.base;
        cursor walk = o.walk;
        unsigned found = 0;
        if (!narrowing<T, M>::possible) return found;
        for (; n > 0; --n) {
            found |= narrowing<T, M>::errors(memory[walk.position]);
            advance(walk, 1);
        }
        return found;
    }

    // Operations whose loops keep nothing between elements and need no room beside the result.
    static bool elementwise(unsigned operation) {
        switch (operation) {
#define FPGARRAY_CASE(name, code) case operation_##name:
            FPGARRAY_BINARY(FPGARRAY_CASE)
            FPGARRAY_UNARY(FPGARRAY_CASE)
            FPGARRAY_TERNARY(FPGARRAY_CASE)
            FPGARRAY_FLOAT_BINARY(FPGARRAY_CASE)
            FPGARRAY_FLOAT_UNARY(FPGARRAY_CASE)
            FPGARRAY_INTEGER_BINARY(FPGARRAY_CASE)
            FPGARRAY_INTEGER_UNARY(FPGARRAY_CASE)
#undef FPGARRAY_CASE
            return true;
        default: return false;
        }
    }

    // A fold across jumps through memory, where no hardware prefetcher follows.
    void prefetch_next(const program<T> &p, const operand &o, unsigned n) const {
        const int64 step = p.outer_dimensions ? o.outer_steps[p.outer_dimensions - 1] : 0;
        const T *next = (const T *)roots[o.port] + o.base + o.walk.position + step;
        for (unsigned k = 0; k < n; k += SKEW) __builtin_prefetch(next + k);
    }

    // Whether the program's operands together exceed what caches keep.
    static bool large(const program<T> &p) {
        uint64 nbytes = 0;
        for (unsigned k = 0; k < p.operand_count; ++k) {
            if (!p.operands[k].constant) nbytes += p.tile_count * sizeof(T);
        }
        return p.mode == mode_map && nbytes >= FPGARRAY_BYPASS_NBYTES;
    }

    // Let the instruction that makes the stored value make it in memory: if it is the last one, or
    // if nothing is loaded through that port and the value is not replaced.
    static void make_direct([[maybe_unused]] program<T> &p, [[maybe_unused]] unsigned store_at,
                            [[maybe_unused]] unsigned last,
                            [[maybe_unused]] bool never_loaded) {
#if !defined(FPGARRAY_WRONG)
        const instruction<T> &s = p.instructions[store_at];
        for (unsigned k = last + 1; k-- > 0;) {
            instruction<T> &i = p.instructions[k];
            if (i.operation == operation_store || i.destination != s.a) continue;
            // A watched tile may have to be gone through again: its operands must still be there.
            const bool overwrites = !never_loaded && (k != last || p.watched);
            if (i.operation == operation_load || overwrites) return;
            i.direct = true;
            i.into = s.operand;
            p.instructions[store_at].direct = true;
            return;
        }
#endif
    }

    template <typename M> void load_as(operand &o, T *to, unsigned n) {
        const M *memory = (const M *)roots[o.port] + o.base;
        if (o.walk.dimensions == 2 && n > o.walk.extents[1] && o.walk.extents[1] <= SHORT_RUN &&
            o.walk.strides[0] == 0) {
            load_repeated(o, memory, to, n);
            return;
        }
        while (n > 0) {
            const uint64 left = run_length(o.walk);
            const unsigned count = left < n ? (unsigned)left : n;
            load_run(memory + o.walk.position, o.walk.strides[o.walk.dimensions - 1], to, count);
            advance(o.walk, count);
            to += count;
            n -= count;
        }
    }

    template <typename M>
    static void load_run(const M *from, int64 stride, T *to, unsigned n) {
        const bool own = group<T>::memory_type == memory_of(M());
        if (stride == 1) {
            FPGARRAY_INDEPENDENT
            for (unsigned k = 0; k < n; ++k) to[k] = from_memory<T>(from[k]);
        } else if (stride == 0) {
            const T value = from_memory<T>(from[0]);
            FPGARRAY_INDEPENDENT
            for (unsigned k = 0; k < n; ++k) to[k] = value;
        } else if (own && stride == -1) {
            FPGARRAY_INDEPENDENT
            for (unsigned k = 0; k < n; ++k) to[k] = from_memory<T>(from[-(int64)k]);
        } else if (own && stride == 2) {
            FPGARRAY_INDEPENDENT
            for (unsigned k = 0; k < n; ++k) to[k] = from_memory<T>(from[2 * k]);
        } else {
            for (unsigned k = 0; k < n; ++k) to[k] = from_memory<T>(from[(int64)k * stride]);
        }
    }

    // A short row that repeats: load it once around, then double what is there.
    template <typename M> void load_repeated(operand &o, const M *memory, T *to, unsigned n) {
        const unsigned period = (unsigned)o.walk.extents[1];
        const unsigned phase = (unsigned)o.walk.index[1];
        for (unsigned k = 0; k < period; ++k) {
            const unsigned column = phase + k < period ? phase + k : phase + k - period;
            to[k] = from_memory<T>(memory[(int64)column * o.walk.strides[1]]);
        }
        unsigned filled = period;
        while (filled < n) {
            const unsigned count = filled <= n - filled ? filled : n - filled;
            FPGARRAY_INDEPENDENT
            for (unsigned k = 0; k < count; ++k) to[filled + k] = to[k];
            filled += count;
        }
        // Forward by n: whole rows change nothing but the outer index.
        const uint64 reached = phase + (uint64)n;
        o.walk.index[0] = (o.walk.index[0] + reached / period) % o.walk.extents[0];
        o.walk.index[1] = reached % period;
        o.walk.position = (int64)o.walk.index[1] * o.walk.strides[1];
    }

    void store_any(operand &o, const T *from, unsigned n) {
        switch (o.type) {
        case memory_f4: store_as<float>(o, from, n); break;
        case memory_f8: store_as<double>(o, from, n); break;
        case memory_i4: store_as<int32>(o, from, n); break;
        case memory_i8: store_as<int64>(o, from, n); break;
        case memory_u1: store_as<uint8>(o, from, n); break;
        default: store_as<bool8>(o, from, n); break;
        }
    }

    template <typename M, typename S> void store_as(operand &o, const S *from, unsigned n) {
        M *memory = (M *)roots[o.port] + o.base;
        while (n > 0) {
            const uint64 left = run_length(o.walk);
            const unsigned count = left < n ? (unsigned)left : n;
            M *to = memory + o.walk.position;
            const int64 stride = o.walk.strides[o.walk.dimensions - 1];
            if (stride == 1 && o.bypass && o.type == group<T>::memory_type) {
                store_bypassing((T *)to, (const T *)from, count);
            } else if (stride == 1) {
                FPGARRAY_INDEPENDENT
                for (unsigned k = 0; k < count; ++k) to[k] = to_memory<M>(from[k]);
            } else {
                for (unsigned k = 0; k < count; ++k) {
                    to[(int64)k * stride] = to_memory<M>(from[k]);
                }
            }
            advance(o.walk, count);
            from += count;
            n -= count;
        }
    }

    // Whole cache lines go past the caches; what precedes and follows them does not.
    void store_bypassing(T *to, const T *from, unsigned n) {
#if defined(__SSE2__) && !defined(FPGARRAY_WRONG)
        typedef long long vector __attribute__((vector_size(16), aligned(sizeof(T)), may_alias));
        typedef long long aligned __attribute__((vector_size(16)));
        unsigned k = 0;
        for (; k < n && ((std::uintptr_t)(to + k) & 63); ++k) to[k] = from[k];
        for (; k + SKEW <= n; k += SKEW) {
            const vector *line = (const vector *)(from + k);
            const vector v0 = line[0], v1 = line[1], v2 = line[2], v3 = line[3];
            __builtin_ia32_movntdq((aligned *)(to + k), v0);
            __builtin_ia32_movntdq((aligned *)(to + k) + 1, v1);
            __builtin_ia32_movntdq((aligned *)(to + k) + 2, v2);
            __builtin_ia32_movntdq((aligned *)(to + k) + 3, v3);
        }
        for (; k < n; ++k) to[k] = from[k];
        bypassed = true;
#else
        for (unsigned k = 0; k < n; ++k) to[k] = to_memory<T>(from[k]);
#endif
    }
};

}  // namespace

#endif
