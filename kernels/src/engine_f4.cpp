// engine_f4: the elementwise engine whose registers hold f4.
#define FPGARRAY_ENGINE_KERNEL engine_f4
#define FPGARRAY_REGISTER float
#include "engine_kernel.h"
