// Owns the inverse trigonometric functions (maths.h says under which rules).
#ifndef FPGARRAY_INVERSE_H
#define FPGARRAY_INVERSE_H

#include "maths_basics.h"

namespace {
namespace maths {

static const double QUARTER_PI = 0x1.921fb54442d18p-1;  // 50 bits: small multiples are exact
static const double QUARTER_PI_REST = 0x1.1a62633145c07p-55;

// (asin t - t) / t^3, z = t^2 <= 1/4
FPGARRAY_INLINE double arcsine_series(wide, double z) {
    return horner(z, 0x1.5555555555556p-3, 0x1.3333333332ecap-4, 0x1.6db6db6e31f13p-5,
                  0x1.f1c71c1db0623p-6, 0x1.6e8bb1c8209a2p-6, 0x1.1c4d35cf95421p-6,
                  0x1.c9cf07674736ap-7, 0x1.782651caa6547p-7, 0x1.52420b04b37bep-7,
                  0x1.65a9c4dfcf8b2p-8, 0x1.1d189408314eep-6, -0x1.e6aaa8a0a04ccp-7,
                  0x1.d72b2bc8155f8p-6);
}
FPGARRAY_INLINE double arcsine_series(narrow, double z) {
    return horner(z, 0x1.555554e435732p-3, 0x1.333430fcff28ep-4, 0x1.6d5bb95f8e653p-5,
                  0x1.fd8da2554dd34p-6, 0x1.18f91e79712c6p-6, 0x1.13fed3dd245c1p-5);
}
// (atan t - t) / t^3, z = t^2 <= 0.303
FPGARRAY_INLINE double arctangent_series(wide, double z) {
    return horner(z, -0x1.5555555555555p-2, 0x1.9999999999934p-3, -0x1.249249248cf14p-3,
                  0x1.c71c71c38f810p-4, -0x1.745d16a7b40e6p-4, 0x1.3b13a0b05a78ap-4,
                  -0x1.110ff09760057p-4, 0x1.e1c705e375a87p-5, -0x1.ae472d9069e97p-5,
                  0x1.80d22e55954d2p-5, -0x1.4d7592499e6e2p-5, 0x1.01a993b61f99ep-5,
                  -0x1.2ce00b6caace7p-6, 0x1.77909ba9b80ccp-8);
}
FPGARRAY_INLINE double arctangent_series(narrow, double z) {
    return horner(z, -0x1.5555554918b23p-2, 0x1.99997a9851123p-3, -0x1.248bcce954faap-3,
                  0x1.c6145b1b547d3p-4, -0x1.6a251c59732c9p-4, 0x1.04f98d0ce9f83p-4,
                  -0x1.d3a859a079e45p-6);
}

// asin a = pi/2 - 2 asin s, s = sqrt((1 - a) / 2), above a = 1/2. What follows is asin s - s, and
// where s was rounded, what it lost.
struct arcsine_parts {
    bool above;
    double s, high, rest;  // asin s = high + rest, high being s or its upper bits
};

FPGARRAY_INLINE double root_rest(wide, double s, double high, double z) {
    return (z - high * high) / (s + high + 0x1p-1000);
}
FPGARRAY_INLINE double root_rest(narrow, double s, double high, double) { return s - high; }

template <typename P> FPGARRAY_INLINE arcsine_parts arcsine_split(P series, double a) {
    arcsine_parts y;
    y.above = a > 0.5;
    const double z = y.above ? (1.0 - a) * 0.5 : a * a;
    const double root = square_root(z);
    y.s = y.above ? root : a;
    y.high = y.above ? upper(root) : a;
    const double lost = y.above ? root_rest(series, root, y.high, z) : 0.0;
    y.rest = y.s * (z * arcsine_series(series, z)) + lost;
    return y;
}

template <typename T> inline T inverse_sine(T given) {
    const double x = given;
    const arcsine_parts y = arcsine_split(typename precision<T>::series(), absolute(x));
    const double turned = 2.0 * y.rest - 2.0 * QUARTER_PI_REST;
    const double above = QUARTER_PI - (turned - (QUARTER_PI - 2.0 * y.high));
    return (T)copy_sign(y.above ? above : y.s + y.rest, x);
}

template <typename T> inline T inverse_cosine(T given) {
    const double x = given;
    const arcsine_parts y = arcsine_split(typename precision<T>::series(), absolute(x));
    const double signed_s = copy_sign(y.s, x), signed_rest = y.rest * copy_sign(1.0, x);
    const double middle =
        2.0 * QUARTER_PI - (signed_s - (2.0 * QUARTER_PI_REST - signed_rest));
    const double right = 2.0 * (y.high + y.rest);
    const double left = 4.0 * QUARTER_PI - 2.0 * (y.high + (y.rest - 2.0 * QUARTER_PI_REST));
    return (T)(y.above ? (x > 0.0 ? right : left) : middle);
}

// atan(n / d) = octants pi/4 + t + rest for 0 <= n <= d, d > 0; octants is 0 or 1.
struct arctangent_parts {
    double octants, t, rest;
};
template <typename P>
FPGARRAY_INLINE arctangent_parts arctangent_split(P series, double n, double d) {
    const bool turned = n > 0.55 * d;
    arctangent_parts y;
    y.octants = turned ? 1.0 : 0.0;
    y.t = (turned ? n - d : n) / (turned ? n + d : d);
    const double z = y.t * y.t;
    y.rest = y.t * z * arctangent_series(series, z);
    return y;
}

// octants pi/4 + direction (the angle in y), for octants so counted that the first term is exact.
FPGARRAY_INLINE double angle(const arctangent_parts &y, double octants, double direction) {
    const double whole = octants + direction * y.octants;
    return whole * QUARTER_PI + (direction * y.t + (direction * y.rest + whole * QUARTER_PI_REST));
}

template <typename T> inline T inverse_tangent(T given) {
    const double x = given, a = absolute(x);
    const bool steep = a > 1.0;
    const arctangent_parts y = arctangent_split(typename precision<T>::series(),
                                                steep ? 1.0 : a, steep ? a : 1.0);
    return (T)copy_sign(angle(y, steep ? 2.0 : 0.0, steep ? -1.0 : 1.0), x);
}

// The larger leg neither overflows in a sum nor is it subnormal.
FPGARRAY_INLINE double leg_scale(wide, double larger) {
    const double up = larger < 0x1p-700 ? 0x1p200 : 1.0;
    return larger > 0x1p1000 ? 0x1p-200 : up;
}
FPGARRAY_INLINE double leg_scale(narrow, double) { return 1.0; }

template <typename T> inline T inverse_tangent_of(T given_y, T given_x) {
    const typename precision<T>::series series = {};
    const double y = given_y, x = given_x, ay = absolute(y), ax = absolute(x);
    const bool steep = ay > ax, backwards = is_negative(x);
    const double smaller = steep ? ax : ay, larger = steep ? ay : ax;
    const double scale = leg_scale(series, larger);
    const bool diagonal = smaller == __builtin_inf();
    const double n = diagonal ? 1.0 : smaller * scale;
    const double d = diagonal | (larger == 0.0) ? 1.0 : larger * scale;
    const arctangent_parts parts = arctangent_split(series, n, d);
    const double octants = steep ? 2.0 : 0.0, direction = steep ? -1.0 : 1.0;
    const double result = angle(parts, backwards ? 4.0 - octants : octants,
                                backwards ? -direction : direction);
    const double unordered = x + y;
    return (T)((x != x) | (y != y) ? unordered : copy_sign(result, y));
}

}  // namespace maths
}  // namespace

#endif
