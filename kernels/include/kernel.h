// Owns how a kernel function is named and exported. The same source is compiled for several CPUs
// (FPGARRAY_CLONE=_v3, ...) into one library; all else is in unnamed namespaces and stays local.
#ifndef FPGARRAY_KERNEL_H
#define FPGARRAY_KERNEL_H

#define FPGARRAY_JOIN_NOW(a, b) a##b
#define FPGARRAY_JOIN(a, b) FPGARRAY_JOIN_NOW(a, b)
#if defined(FPGARRAY_CLONE)
#define FPGARRAY_KERNEL(name) FPGARRAY_JOIN(name, FPGARRAY_CLONE)
#else
#define FPGARRAY_KERNEL(name) name
#endif

#if defined(__SYNTHESIS__)
#define FPGARRAY_EXPORT
#else
#define FPGARRAY_EXPORT __attribute__((visibility("default")))
#endif

#endif
