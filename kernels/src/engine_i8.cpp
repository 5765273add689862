// engine_i8: the elementwise engine whose registers hold i8.
#define FPGARRAY_ENGINE_KERNEL engine_i8
#define FPGARRAY_REGISTER int64
#include "engine_kernel.h"
