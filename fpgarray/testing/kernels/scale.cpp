// out = factor * x, the factor a scalar of each basic type          x --> * factor --> out
#include <cstdint>
#define SCALE(NAME, TYPE)                                                        \
    extern "C" void NAME(const TYPE *x, TYPE *out, TYPE factor, uint32_t n) {    \
    scale:                                                                       \
        for (uint32_t i = 0; i < n; ++i) out[i] = factor * x[i];                 \
    }
SCALE(scale_i4, int32_t)
SCALE(scale_u4, uint32_t)
SCALE(scale_f4, float)
