// Writes one byte wherever it is told to, outside of its buffer if that is where
extern "C" void stomp(unsigned char *out, int offset, int value) {
    out[offset] = static_cast<unsigned char>(value);
}
