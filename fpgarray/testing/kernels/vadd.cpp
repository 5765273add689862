// out = a + b                       a, b (bank 0) --+--> out (bank 0)
extern "C" void vadd(const float *a, const float *b, float *out, int n) {
add:
    for (int i = 0; i < n; ++i) out[i] = a[i] + b[i];
}
