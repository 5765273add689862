// Never ends
#include <time.h>
extern "C" void hang(int *out) {
    out[0] = 1;
forever:
    for (;;) {
        timespec rest = {1, 0};
        nanosleep(&rest, nullptr);
    }
}
