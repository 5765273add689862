// Owns the inverse trigonometric functions (maths.h says under which rules).
#ifndef FPGARRAY_INVERSE_H
#define FPGARRAY_INVERSE_H

#include "maths_basics.h"

namespace {
namespace maths {

// Of 50 or 21 bits, so that small multiples are exact; and the rest.
template <typename T> struct quarter_pi;
template <> struct quarter_pi<double> {
    static double high() { return 0x1.921fb54442d18p-1; }
    static double low() { return 0x1.1a62633145c07p-55; }
};
template <> struct quarter_pi<float> {
    static float high() { return 0x1.921fbp-1f; }
    static float low() { return 0x1.5110b4p-23f; }
};

// (asin t - t) / t^3, z = t^2 <= 1/4
FPGARRAY_INLINE double arcsine_series(double z) {
    return horner(z, 0x1.5555555555556p-3, 0x1.3333333332ecap-4, 0x1.6db6db6e31f13p-5,
                  0x1.f1c71c1db0623p-6, 0x1.6e8bb1c8209a2p-6, 0x1.1c4d35cf95421p-6,
                  0x1.c9cf07674736ap-7, 0x1.782651caa6547p-7, 0x1.52420b04b37bep-7,
                  0x1.65a9c4dfcf8b2p-8, 0x1.1d189408314eep-6, -0x1.e6aaa8a0a04ccp-7,
                  0x1.d72b2bc8155f8p-6);
}
FPGARRAY_INLINE float arcsine_series(float z) {
    return horner(z, 0x1.555554p-3f, 0x1.33343p-4f, 0x1.6d5bbap-5f, 0x1.fd8da2p-6f, 0x1.18f91ep-6f,
                  0x1.13fed4p-5f);
}
// (atan t - t) / t^3, z = t^2 <= 0.303
FPGARRAY_INLINE double arctangent_series(double z) {
    return horner(z, -0x1.5555555555555p-2, 0x1.9999999999934p-3, -0x1.249249248cf14p-3,
                  0x1.c71c71c38f810p-4, -0x1.745d16a7b40e6p-4, 0x1.3b13a0b05a78ap-4,
                  -0x1.110ff09760057p-4, 0x1.e1c705e375a87p-5, -0x1.ae472d9069e97p-5,
                  0x1.80d22e55954d2p-5, -0x1.4d7592499e6e2p-5, 0x1.01a993b61f99ep-5,
                  -0x1.2ce00b6caace7p-6, 0x1.77909ba9b80ccp-8);
}
FPGARRAY_INLINE float arctangent_series(float z) {
    return horner(z, -0x1.555554p-2f, 0x1.999814p-3f, -0x1.245696p-3f, 0x1.c04856p-4f,
                  -0x1.458626p-4f, 0x1.345d34p-5f);
}

// asin a = pi/2 - 2 asin s, s = sqrt((1 - a) / 2), above a = 1/2. What follows is asin s - s, and
// where s was rounded, what it lost.
template <typename T> struct arcsine_parts {
    T s, high, rest;  // asin s = high + rest, high being s or its upper bits
};

template <typename T> FPGARRAY_INLINE arcsine_parts<T> arcsine_split(T a, bool above) {
    arcsine_parts<T> y;
    const T z = chosen(above, (T(1) - a) * T(0.5), a * a);
    const T root = square_root(z);
    y.s = chosen(above, root, a);
    y.high = chosen(above, upper(root), a);
    const T lost = (z - y.high * y.high) / (root + y.high + T(0x1p-100));
    y.rest = y.s * (z * arcsine_series(z)) + chosen(above, lost, T(0));
    return y;
}

template <typename T> inline T inverse_sine(T x) {
    const T quarter = quarter_pi<T>::high(), rest = quarter_pi<T>::low();
    const bool beyond = absolute(x) > T(0.5);
    const arcsine_parts<T> y = arcsine_split(absolute(x), beyond);
    const T above = (T(2) * quarter - T(2) * y.high) - (T(2) * y.rest - T(2) * rest);
    return copy_sign(chosen(beyond, above, y.s + y.rest), x);
}

template <typename T> inline T inverse_cosine(T x) {
    const T quarter = quarter_pi<T>::high(), rest = quarter_pi<T>::low();
    const bool beyond = absolute(x) > T(0.5);
    const arcsine_parts<T> y = arcsine_split(absolute(x), beyond);
    const T signed_s = copy_sign(y.s, x), signed_rest = y.rest * copy_sign(T(1), x);
    const T middle =
        T(2) * quarter - (signed_s - (T(2) * rest - signed_rest));
    const T right = T(2) * (y.high + y.rest);
    const T left = T(4) * quarter - T(2) * (y.high + (y.rest - T(2) * rest));
    return chosen(beyond, chosen(x > T(0), right, left), middle);
}

// atan(n / d) = octants pi/4 + t + rest for 0 <= n <= d, d > 0; octants is 0 or 1.
template <typename T> struct arctangent_parts {
    T octants, t, rest;
};
template <typename T> FPGARRAY_INLINE arctangent_parts<T> arctangent_split(T n, T d) {
    const bool turned = n > T(0.55) * d;
    arctangent_parts<T> y;
    y.octants = turned ? T(1) : T(0);
    y.t = (turned ? n - d : n) / (turned ? n + d : d);
    const T z = y.t * y.t;
    y.rest = y.t * z * arctangent_series(z);
    return y;
}

// octants pi/4 + direction (the angle in y), for octants so counted that the first term is exact.
template <typename T>
FPGARRAY_INLINE T angle(const arctangent_parts<T> &y, T octants, T direction) {
    const T quarter = quarter_pi<T>::high(), rest = quarter_pi<T>::low();
    const T whole = octants + direction * y.octants;
    return whole * quarter + (direction * y.t + (direction * y.rest + whole * rest));
}

template <typename T> inline T inverse_tangent(T x) {
    const T a = absolute(x);
    const bool steep = a > T(1);
    const arctangent_parts<T> y = arctangent_split(steep ? T(1) : a, steep ? a : T(1));
    return copy_sign(angle(y, steep ? T(2) : T(0), steep ? T(-1) : T(1)), x);
}

// The larger leg neither overflows in a sum nor is it subnormal.
FPGARRAY_INLINE double leg_scale(double larger) {
    const double up = larger < 0x1p-700 ? 0x1p200 : 1.0;
    return larger > 0x1p1000 ? 0x1p-200 : up;
}
FPGARRAY_INLINE float leg_scale(float larger) {
    const float up = larger < 0x1p-75f ? 0x1p50f : 1.0f;
    return larger > 0x1p100f ? 0x1p-50f : up;
}

template <typename T> inline T inverse_tangent_of(T y, T x) {
    const T ay = absolute(y), ax = absolute(x);
    const bool steep = ay > ax, backwards = is_negative(x);
    const T smaller = steep ? ax : ay, larger = steep ? ay : ax;
    const T scale = leg_scale(larger);
    const bool diagonal = smaller == real<T>::infinity();
    const T n = diagonal ? T(1) : smaller * scale;
    const T d = diagonal | (larger == T(0)) ? T(1) : larger * scale;
    const T octants = steep ? T(2) : T(0), direction = steep ? T(-1) : T(1);
    const T result = angle(arctangent_split(n, d), backwards ? T(4) - octants : octants,
                           backwards ? -direction : direction);
    const T unordered = x + y;
    return (x != x) | (y != y) ? unordered : copy_sign(result, y);
}

}  // namespace maths
}  // namespace

#endif
