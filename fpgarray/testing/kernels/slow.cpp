// Takes its time, then adds 1 to out[0]
#include <time.h>
extern "C" void slow(int *out, int milliseconds) {
    timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&rest, nullptr);
    out[0] += 1;
}
