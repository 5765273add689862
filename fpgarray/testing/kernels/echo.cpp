// Every scalar type a register can hold, written to out in order, 8 bytes each
#include <cstdint>
#include <cstring>
extern "C" void echo(uint64_t *out, int8_t a, uint8_t b, int16_t c, uint16_t d, int32_t e,
                     uint32_t f, int64_t g, uint64_t h, float i, double j, bool k) {
    std::memset(out, 0, 11 * 8);
    std::memcpy(out + 0, &a, sizeof a);
    std::memcpy(out + 1, &b, sizeof b);
    std::memcpy(out + 2, &c, sizeof c);
    std::memcpy(out + 3, &d, sizeof d);
    std::memcpy(out + 4, &e, sizeof e);
    std::memcpy(out + 5, &f, sizeof f);
    std::memcpy(out + 6, &g, sizeof g);
    std::memcpy(out + 7, &h, sizeof h);
    std::memcpy(out + 8, &i, sizeof i);
    std::memcpy(out + 9, &j, sizeof j);
    std::memcpy(out + 10, &k, sizeof k);
}
