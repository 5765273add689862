// engine_f8: the elementwise engine whose registers hold f8.
#define FPGARRAY_ENGINE_KERNEL engine_f8
#define FPGARRAY_REGISTER double
#include "engine_kernel.h"
