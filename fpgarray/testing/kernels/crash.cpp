// Dies: how = 0 by SIGSEGV, 1 by abort(), 2 by exit(3)
#include <cstdlib>
extern "C" void crash(int *out, int how) {
    out[0] = 1;
    if (how == 0) *reinterpret_cast<volatile int *>(8) = 1;
    if (how == 1) abort();
    if (how == 2) exit(3);
}
