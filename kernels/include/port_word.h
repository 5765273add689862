// Owns the unit of memory traffic: a 64-byte word, and the set of root pointers a kernel was given.
// Knows nothing of programs. Stands for ap_uint<512>, as a plain struct so that one source serves
// g++ and HLS without anybody's headers.
#ifndef FPGARRAY_PORT_WORD_H
#define FPGARRAY_PORT_WORD_H

#include <cstddef>
#include <cstdint>

#include "abi.h"

struct port_word {
    std::uint32_t word[FPGARRAY_WORD_NBYTES / 4];
};
static_assert(sizeof(port_word) == FPGARRAY_WORD_NBYTES, "a port word is 64 bytes");

namespace {

typedef std::int32_t int32;
typedef std::uint8_t uint8;
typedef std::uint16_t uint16;
typedef std::uint32_t uint32;
typedef std::int64_t int64;
typedef std::uint64_t uint64;

// The same bits as another type. (A union, since HLS knows no memcpy and no bit_cast.)
template <typename TO, typename FROM> inline TO bits_as(FROM from) {
    union {
        FROM from;
        TO to;
    } both;
    both.from = from;
    return both.to;
}

inline uint64 join(uint32 low, uint32 high) { return low | (uint64)high << 32; }

// The memory ports of one engine. They stay separate names: a card has one AXI master for each.
struct port_set {
#define FPGARRAY_MEMBER(name, index) port_word *name;
    FPGARRAY_EACH_PORT(FPGARRAY_MEMBER)
#undef FPGARRAY_MEMBER
};

}  // namespace

#endif
