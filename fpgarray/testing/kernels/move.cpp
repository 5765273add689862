// Bytes from one bank to another                 source (bank 0) --> target (bank 1)
extern "C" void move(const unsigned char *source, unsigned char *target, unsigned int nbytes) {
move:
    for (unsigned int i = 0; i < nbytes; ++i) target[i] = source[i];
}
