// Owns every access to memory: tiles come in by load_tile, go out by store_tile. Two movers behind
// one interface, chosen by macro; the rest of the engine cannot tell them apart.
//
//   mover<T>
//     .connect(ports)                  root pointers of this call
//     .plan(program)                   once per program, after decoding
//     .load(program, i, n)             instruction i: operand -> register
//     .store(program, i, n)            instruction i: register -> operand
//     .target(program, i, n)           where instruction i shall write its result
//     .source(r)                       where register r is read
//     .store_result(operand, data, n)  the folded result
//     .store_wide(operand, data, n)    the same in 64 bits
//     .finish()                        all stores are on their way
//     .lost()                          whether the load or store just done, if marked, made a
//                                      number infinite because the other type is narrower
//
// Under g++ the fast mover lets registers alias device memory. The plain one (FPGARRAY_PLAIN_MOVERS,
// and always under HLS) moves whole port words in bursts.
#ifndef FPGARRAY_MOVER_H
#define FPGARRAY_MOVER_H

#include "fusion.h"

// Independent iterations: results only ever overwrite the element they were computed from.
#if defined(__SYNTHESIS__)
#define FPGARRAY_INDEPENDENT
#elif defined(__clang__)
#define FPGARRAY_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define FPGARRAY_INDEPENDENT _Pragma("GCC ivdep")
#endif

#if defined(FPGARRAY_PLAIN_MOVERS) || defined(__SYNTHESIS__)
#include "mover_plain.h"
#else
#include "mover_fast.h"
#endif

#endif
