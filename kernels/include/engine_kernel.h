// Owns the kernel function of an engine: its state, ports and arguments. A source defines
// FPGARRAY_ENGINE_KERNEL (the kernel's name) and FPGARRAY_REGISTER (its register type), then includes
// this; nobody else does. See engine.h for what an engine does and PROGRAM.md for what it is told.
//
//   program ==> decode          +----------------------------------------------+
//   p0..p7  ==> LOAD (mover) ==> | tile registers ==> COMPUTE ==> tile registers | ==> STORE ==> p0..p7
//                               +----------------------------------------------+
#include "engine.h"
#include "kernel.h"
#if defined(FPGARRAY_LANES)
#include "lanes.h"

namespace {
typedef lanes<engine<FPGARRAY_REGISTER> > engine_state;
engine_state engine_lanes;
__attribute__((destructor)) void unload_engine() { engine_lanes.stop(); }
}  // namespace
#endif

extern "C" FPGARRAY_EXPORT void FPGARRAY_KERNEL(FPGARRAY_ENGINE_KERNEL)(
    const port_word *program, port_word *p0, port_word *p1, port_word *p2,
#if FPGARRAY_PORTS == 8
    port_word *p3, port_word *p4, port_word *p5, port_word *p6, port_word *p7,
#else
    port_word *p3,
#endif
    port_word *findings, unsigned int slot) {
#pragma HLS interface m_axi port=program bundle=gmem offset=slave
#pragma HLS interface m_axi port=p0 bundle=gmem0 offset=slave
#pragma HLS interface m_axi port=p1 bundle=gmem1 offset=slave
#pragma HLS interface m_axi port=p2 bundle=gmem2 offset=slave
#pragma HLS interface m_axi port=p3 bundle=gmem3 offset=slave
#if FPGARRAY_PORTS == 8
#pragma HLS interface m_axi port=p4 bundle=gmem4 offset=slave
#pragma HLS interface m_axi port=p5 bundle=gmem5 offset=slave
#pragma HLS interface m_axi port=p6 bundle=gmem6 offset=slave
#pragma HLS interface m_axi port=p7 bundle=gmem7 offset=slave
#endif
// A line per watched run: no bundle of its own.
#pragma HLS interface m_axi port=findings bundle=gmem offset=slave
#pragma HLS interface s_axilite port=return bundle=control
    // On-chip state; nothing in it outlives a run.
#if defined(FPGARRAY_LANES)
    engine_state &the_engine = engine_lanes;
#else
    static engine<FPGARRAY_REGISTER> the_engine;
#endif
#define FPGARRAY_PASS(name, index) name,
    const port_set ports = {FPGARRAY_EACH_PORT(FPGARRAY_PASS)};
#undef FPGARRAY_PASS
    the_engine.run(program, ports, findings, slot);
}
