"""Where the coefficients of the elementary functions come from: Chebyshev fits, 400-bit arithmetic.

    python kernels/test/coefficients.py        (needs mpmath)

Prints each polynomial, lowest power first, as the C hexadecimal literals of its register type, with
the largest absolute error of the fit before its coefficients were rounded.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import mpmath as mp

mp.mp.prec = 400


def literal(value: mp.mpf, nbytes: int) -> str:
    """`value` rounded to f4 or f8, as a C literal."""
    if nbytes == 8:
        return float(value).hex()
    return struct.unpack("f", struct.pack("f", float(value)))[0].hex() + "f"


def away_from_zero(f: Callable[[mp.mpf], mp.mpf]) -> Callable[[mp.mpf], mp.mpf]:
    """f, whose closed form divides by a power of its argument, continued to 0."""
    least = mp.mpf(10) ** -40
    return lambda x: f(x if abs(x) > least else least)


def odd(f: Callable[[mp.mpf], mp.mpf]) -> Callable[[mp.mpf], mp.mpf]:
    """(f(t) - t) / t^3 as a function of t^2, for odd f with slope 1 at 0."""
    return lambda z: (f(mp.sqrt(z)) / mp.sqrt(z) - 1) / z


def show(name: str, f: Callable, first, last, count: int, nbytes: int) -> None:
    """Fit `count` coefficients on [first, last]."""
    found, error = mp.chebyfit(away_from_zero(f), [first, last], count, error=True)
    print(f"{name}: error {mp.nstr(error, 3)}")
    print("   ", ", ".join(literal(c, nbytes) for c in reversed(found)))


def split(name: str, value: mp.mpf, bits: list[int], nbytes: int) -> None:
    """`value` as a sum: parts of so many bits, and a rest."""
    parts = []
    for count in bits:
        mantissa, exponent = mp.frexp(value)
        parts.append(mp.floor(mantissa * 2**count) * mp.mpf(2) ** (exponent - count))
        value -= parts[-1]
    print(f"{name}:", " + ".join(literal(p, nbytes) for p in (*parts, value)))


def main() -> None:
    exponential = lambda r: (mp.expm1(r) - r) / r**2  # noqa: E731
    show("exp f4, Q(r)", exponential, -0.3475, 0.3475, 5, 4)
    show("exp f8, Q(r)", exponential, -0.3475, 0.3475, 11, 8)
    low, high = mp.sqrt(0.5) - 1, mp.sqrt(2) - 1
    show("log f4, P(f)", lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, low, high, 9, 4)
    area = lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z  # noqa: E731
    show("log f8, R(s^2)/s^2", area, 0, mp.mpf("0.02945"), 8, 8)
    sine = lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z  # noqa: E731
    cosine = lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2  # noqa: E731
    for nbytes, limit, sines, cosines in ((4, 0.66, 4, 3), (8, 0.63, 6, 6)):
        show(f"sin f{nbytes}, S(r^2)", sine, 0, limit, sines, nbytes)
        show(f"cos f{nbytes}, C(r^2)", cosine, 0, limit, cosines, nbytes)
    # "wide": for results in f8; "narrow": for those in f4 computed in f8; then f4 computed in f4.
    two = lambda r: mp.expm1(r * mp.log(2)) / r  # noqa: E731
    inverse_power = lambda z: 1.5 * (area(z) - mp.mpf(2) / 3) / z  # noqa: E731
    rows = [
        ("exp2, (2^r - 1) / r", two, -0.5, 0.5, 12, 7),
        ("exp, Q(r)", exponential, -0.3475, 0.3475, 11, 5),
        ("log, R(s^2)/s^2", area, 0, 0.02945, 8, 5),
        ("power, W(s^2)", inverse_power, 0, 0.02945, 7, 0),
        ("sin, S(r^2)", sine, 0, 0.66, 0, 4),
        ("cos, C(r^2)", cosine, 0, 0.66, 0, 4),
        ("asin", odd(mp.asin), 0, 0.25, 13, 0),
        ("atan", odd(mp.atan), 0, 0.303, 14, 0),
        ("sinh", odd(mp.sinh), 0, 1, 8, 4),
        ("tanh", odd(mp.tanh), 0, 0.36, 11, 0),
        ("cbrt, seed", mp.cbrt, 1, 2, 5, 0),
    ]
    for name, f, first, last, wide, narrow in rows:
        for kind, count in (("wide", wide), ("narrow", narrow)):
            if count:
                show(f"{name}, {kind}", f, mp.mpf(str(first)), mp.mpf(str(last)), count, 8)
    for name, f, first, last, count in (
        ("exp2 f4", two, -0.5, 0.5, 6),
        ("asin f4", odd(mp.asin), 0, 0.25, 6),
        ("atan f4", odd(mp.atan), 0, 0.303, 6),
        ("tanh f4", odd(mp.tanh), 0, 0.36, 5),
        ("cbrt f4, seed", mp.cbrt, 1, 2, 5),
    ):
        show(name, f, mp.mpf(str(first)), mp.mpf(str(last)), count, 4)
    split("1/ln2 f4", 1 / mp.log(2), [12], 4)
    split("1/ln10 f4", 1 / mp.log(10), [12], 4)
    split("log10 2 f4", mp.log10(2), [15], 4)
    split("pi/4 f4", mp.pi / 4, [21], 4)
    split("1/ln2", 1 / mp.log(2), [26], 8)
    split("1/ln10", 1 / mp.log(10), [26], 8)
    split("log10 2", mp.log10(2), [41], 8)
    split("2/(3 ln2)", 2 / (3 * mp.log(2)), [26], 8)
    split("pi/4", mp.pi / 4, [50], 8)
    split("cbrt 2", mp.cbrt(2), [], 8)
    split("cbrt 4", mp.cbrt(4), [], 8)
    split("ln2 f4", mp.log(2), [15], 4)
    split("ln2 f8", mp.log(2), [41], 8)
    split("pi/2 for f4, in f8", mp.pi / 2, [33], 8)
    split("pi/2 f8", mp.pi / 2, [33, 33, 33], 8)
    split("pi/2 beside far_reduce", mp.pi / 2, [26, 27], 8)
    with mp.workprec(1400):
        digits = f"{int(mp.floor(2 / mp.pi * mp.mpf(2) ** 1312)):0328x}"
    print("2/pi:", ", ".join(f"0x{digits[i : i + 8]}" for i in range(0, len(digits), 8)))


if __name__ == "__main__":
    main()
