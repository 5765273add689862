// Owns rounding to integers, predicates, and what else is exact or rounds once.
// Rounding adds and subtracts the number from which on all are integers: cards and CPUs alike have
// an adder, and it rounds halves to even. The sign of zero is the argument's.
#ifndef FPGARRAY_ROUNDING_H
#define FPGARRAY_ROUNDING_H

#include "maths_basics.h"

namespace {
namespace maths {

template <typename T> inline T nearest(T x) {
    const T magnitude = absolute(x);
    const T rounded = (magnitude + real<T>::integral()) - real<T>::integral();
    return magnitude < real<T>::integral() ? copy_sign(rounded, x) : x;
}

template <typename T> inline T round_down(T x) {
    const T r = nearest(x);
    return r - (r > x ? T(1) : T(0));
}

template <typename T> inline T round_up(T x) {
    const T r = nearest(x);
    const T up = r + (r < x ? T(1) : T(0));
    return up == T(0) ? copy_sign(up, x) : up;
}

template <typename T> inline T round_to_zero(T x) {
    const T r = nearest(absolute(x));
    return copy_sign(r - (r > absolute(x) ? T(1) : T(0)), x);
}

template <typename T> inline T sign_of(T x) {
    const T sign = copy_sign(T(1), x);
    return x == T(0) ? T(0) : x != x ? x : sign;
}

template <typename T> inline T step(T x, T at_zero) {
    const T half = x < T(0) ? T(0) : T(1);
    return x == T(0) ? at_zero : x != x ? x : half;
}

// The neighbour of x in the direction of y.
template <typename T> inline T next_after(T x, T y) {
    typedef typename group<T>::bits bits;
    const bits here = bits_of(x);
    const bits away = here + 1, toward = here - 1;
    const bool outwards = (y > x) == (x > T(0));
    const T least = copy_sign(bits_as<T>(bits(1)), y);
    const T next = x == T(0) ? least : bits_as<T>(outwards ? away : toward);
    const T unordered = x + y;
    return (x != x) | (y != y) ? unordered : x == y ? y : next;
}

// Distance to the neighbour further from zero.
template <typename T> inline T spacing_at(T x) {
    typedef typename group<T>::bits bits;
    const T next = bits_as<T>(bits_of(x) + bits(1));
    const T distance = x == T(0) ? bits_as<T>(bits(1)) : next - x;
    return is_finite(x) ? distance : real<T>::undefined();
}

}  // namespace maths
}  // namespace

#endif
