// Owns a short vector of T, as wide as the machine's registers, with + - * by element: what
// hls::vector is on a card. Knows nothing of memory or tiles.
#ifndef FPGARRAY_LANES_OF_H
#define FPGARRAY_LANES_OF_H

#include "port_word.h"

namespace {

#if defined(FPGARRAY_PLAIN_MOVERS) || defined(__SYNTHESIS__) || !defined(__GNUC__)

static const unsigned LANES_NBYTES = 16;

template <typename T> struct lanes_of {
    static const unsigned COUNT = LANES_NBYTES / sizeof(T);
    T lane[COUNT];

    static lanes_of zero() {
        lanes_of v;
    zero_lanes:
        for (unsigned k = 0; k < COUNT; ++k) v.lane[k] = T(0);
        return v;
    }
    static lanes_of get(const T *from) {
        lanes_of v;
    get_lanes:
        for (unsigned k = 0; k < COUNT; ++k) v.lane[k] = from[k];
        return v;
    }
    void add_to(T *to) const {
    add_lanes:
        for (unsigned k = 0; k < COUNT; ++k) to[k] += lane[k];
    }
    void add_product(T a, const lanes_of &b) {
    product_lanes:
        for (unsigned k = 0; k < COUNT; ++k) lane[k] += a * b.lane[k];
    }
    // The larger (or smaller) of both; what NaNs do to it is not said: see unordered_lanes.
    template <bool larger> void keep(const lanes_of &a) {
    keep_lanes:
        for (unsigned k = 0; k < COUNT; ++k) {
            const bool better = larger ? a.lane[k] > lane[k] : a.lane[k] < lane[k];
            lane[k] = better ? a.lane[k] : lane[k];
        }
    }
    T get(unsigned k) const { return lane[k]; }
};

#else

#if defined(__AVX512F__)
static const unsigned LANES_NBYTES = 64;
#elif defined(__AVX__)
static const unsigned LANES_NBYTES = 32;
#else
static const unsigned LANES_NBYTES = 16;
#endif

template <typename T> struct lanes_of {
    static const unsigned COUNT = LANES_NBYTES / sizeof(T);
    typedef T whole __attribute__((vector_size(LANES_NBYTES)));
    typedef T loose __attribute__((vector_size(LANES_NBYTES), aligned(sizeof(T)), may_alias));
    whole lane;

    static lanes_of zero() { return lanes_of{whole{}}; }
    static lanes_of get(const T *from) { return lanes_of{*(const loose *)from}; }
    void add_to(T *to) const { *(loose *)to += lane; }
    void add_product(T a, const lanes_of &b) { lane += a * b.lane; }
    template <bool larger> void keep(const lanes_of &a) {
        lane = larger ? (a.lane > lane ? a.lane : lane) : (a.lane < lane ? a.lane : lane);
    }
    T get(unsigned k) const { return lane[k]; }
};

#endif

// Whether any lane it was shown was a NaN.
template <typename T> struct unordered_lanes {
#if defined(FPGARRAY_PLAIN_MOVERS) || defined(__SYNTHESIS__) || !defined(__GNUC__)
    bool seen = false;
    void show(const lanes_of<T> &a) {
    show_lanes:
        for (unsigned k = 0; k < lanes_of<T>::COUNT; ++k) seen |= a.lane[k] != a.lane[k];
    }
    bool any() const { return seen; }
#else
    decltype(typename lanes_of<T>::whole{} != typename lanes_of<T>::whole{}) seen = {};
    void show(const lanes_of<T> &a) { seen |= a.lane != a.lane; }
    bool any() const {
        bool found = false;
        for (unsigned k = 0; k < lanes_of<T>::COUNT; ++k) found |= seen[k] != 0;
        return found;
    }
#endif
};

}  // namespace

#endif
