// engine_i4: the elementwise engine whose registers hold i4.
#define FPGARRAY_ENGINE_KERNEL engine_i4
#define FPGARRAY_REGISTER int32
#include "engine_kernel.h"
