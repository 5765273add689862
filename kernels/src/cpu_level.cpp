// Owns the question which clone of a kernel this CPU can run. Emulation only; compiled for the
// baseline of the architecture, and never synthesised.
#include "kernel.h"

// 2, 3, 4: x86-64-v2 (the plain names), _v3, _v4; 0 where there is only the plain name.
extern "C" FPGARRAY_EXPORT int fpgarray_cpu_level(void) {
#if defined(FPGARRAY_HAS_CLONES)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return 4;
    if (__builtin_cpu_supports("x86-64-v3")) return 3;
    return 2;
#else
    return 0;
#endif
}
