// Owns the interface pragmas of every call kernel: included inside the kernel function, right after
// its opening brace. FPGARRAY_CALL_PARAMETERS (call.h) names the arguments.
#pragma HLS interface m_axi port=program bundle=gmem offset=slave
#pragma HLS interface m_axi port=p0 bundle=gmem0 offset=slave
#pragma HLS interface m_axi port=p1 bundle=gmem1 offset=slave
#pragma HLS interface m_axi port=p2 bundle=gmem2 offset=slave
#pragma HLS interface m_axi port=p3 bundle=gmem3 offset=slave
#pragma HLS interface s_axilite port=return bundle=control
