// engine_u1: the elementwise engine whose registers hold u1.
#define FPGARRAY_ENGINE_KERNEL engine_u1
#define FPGARRAY_REGISTER uint8
#include "engine_kernel.h"
