// State of a compute unit: how often this unit has run. Both kinds of static data must be its own:
// g++ gives that of templates a binding that the dynamic linker shares between libraries.
template <typename T> struct State { static T runs; };
template <typename T> T State<T>::runs = 0;

extern "C" void counter(int *out) {
    static int runs = 0;
    out[0] = ++runs;
    out[1] = ++State<int>::runs;
}
