// Owns the casts between memory types and register types, with the values NumPy's casts have on
// x86: integers wrap, floats truncate, and what does not fit (NaN too) is the least integer of 32
// or 64 bits, of which narrow integers take the low byte. Must not know movers or programs.
#ifndef FPGARRAY_CONVERSIONS_H
#define FPGARRAY_CONVERSIONS_H

#include "maths.h"

namespace {

// An element of a bool array in memory: any byte; not 0 is true.
enum bool8 : uint8 {};

template <typename I> struct range_of;  // [least, beyond) is what floats may have
template <> struct range_of<int32> {
    static const int32 least = -2147483647 - 1;
    static double beyond() { return 0x1p31; }
};
template <> struct range_of<int64> {
    static const int64 least = -9223372036854775807ll - 1;
    static double beyond() { return 0x1p63; }
};

template <typename I, typename F> inline I truncated(F value) {
    const F beyond = (F)range_of<I>::beyond();
    const bool fits = (value >= -beyond) & (value < beyond);
    return fits ? (I)value : range_of<I>::least;
}

template <typename TO> struct cast_to {
    template <typename FROM> static TO from(FROM value) {
        return maths::flush((TO)maths::flush(value));
    }
    static TO from(TO value) { return value; }
    static TO from(bool8 value) { return value != 0 ? TO(1) : TO(0); }
};
template <typename I> struct cast_to_integer {
    template <typename FROM> static I from(FROM value) { return (I)value; }
    static I from(float value) { return truncated<I>(value); }
    static I from(double value) { return truncated<I>(value); }
    static I from(bool8 value) { return value != 0 ? 1 : 0; }
};
template <> struct cast_to<int32> : cast_to_integer<int32> {};
template <> struct cast_to<int64> : cast_to_integer<int64> {};
template <> struct cast_to<uint8> {
    template <typename FROM> static uint8 from(FROM value) { return (uint8)value; }
    static uint8 from(float value) { return (uint8)truncated<int32>(value); }
    static uint8 from(double value) { return (uint8)truncated<int32>(value); }
    static uint8 from(bool8 value) { return value != 0 ? 1 : 0; }
};
template <> struct cast_to<bool8> {
    template <typename FROM> static bool8 from(FROM value) {
        return (bool8)(maths::flush(value) != FROM(0) ? 1 : 0);
    }
};

// The memory type code of an element type.
inline unsigned memory_of(float) { return memory_f4; }
inline unsigned memory_of(double) { return memory_f8; }
inline unsigned memory_of(int32) { return memory_i4; }
inline unsigned memory_of(int64) { return memory_i8; }
inline unsigned memory_of(uint8) { return memory_u1; }
inline unsigned memory_of(bool8) { return memory_b1; }

// NumPy's bits for floating-point errors.
enum category { category_divide = 1, category_overflow = 2, category_invalid = 8 };

// The error that a cast meets: a number too large for a narrower float, or none that an integer has.
template <typename I, typename F> inline unsigned misfit(F value) {
    const F beyond = (F)range_of<I>::beyond();
    return (value >= -beyond) & (value < beyond) ? 0 : category_invalid;
}
template <typename TO, typename FROM> struct narrowing {
    static const bool possible = false;
    static unsigned errors(FROM) { return 0; }
};
template <typename I, typename F> struct narrowing_to_integer {
    static const bool possible = true;
    static unsigned errors(F value) { return misfit<I>(value); }
};
template <> struct narrowing<float, double> {
    static const bool possible = true;
    static unsigned errors(double value) {
        return maths::is_finite(value) && !maths::is_finite((float)value) ? category_overflow : 0;
    }
};
template <> struct narrowing<int32, float> : narrowing_to_integer<int32, float> {};
template <> struct narrowing<int32, double> : narrowing_to_integer<int32, double> {};
template <> struct narrowing<int64, float> : narrowing_to_integer<int64, float> {};
template <> struct narrowing<int64, double> : narrowing_to_integer<int64, double> {};
template <> struct narrowing<uint8, float> : narrowing_to_integer<int32, float> {};
template <> struct narrowing<uint8, double> : narrowing_to_integer<int32, double> {};

// From memory type to register type and back.
template <typename T, typename M> inline T from_memory(M value) { return cast_to<T>::from(value); }

// The wrong variant: recognisable nonsense from every store, to prove that a test looks at results.
#if defined(FPGARRAY_WRONG)
inline float nonsense(float) { return -12345.678f; }
inline double nonsense(double) { return -12345.678; }
inline int32 nonsense(int32) { return -12345678; }
inline int64 nonsense(int64) { return -12345678; }
inline uint8 nonsense(uint8) { return 0xad; }
inline bool8 nonsense(bool8) { return (bool8)0xad; }
template <typename M, typename T> inline M to_memory(T) { return nonsense(M()); }
#else
template <typename M, typename T> inline M to_memory(T value) { return cast_to<M>::from(value); }
#endif

}  // namespace

#endif
