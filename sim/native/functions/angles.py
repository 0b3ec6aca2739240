"""Trigonometric functions of vectors, to a few units in the last place.

Reductions and coefficients are the classical ones (W. J. Cody, W. Waite, Software Manual for the
Elementary Functions, 1980; fdlibm, Sun Microsystems, 1993), without tables or branches, so that all
lanes take one path. Angles beyond the reduction go to the C library.
"""

import math
from collections.abc import Callable

from sim.native.vectors import ROUNDER, Vector, polynomial

# π/2 in parts of one format each
HALF_PI = {
    64: (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33),
    32: (1.57079637050628662109375, -4.37113900018624283e-8, -1.71512451e-15),
}
LARGEST_ANGLE = {64: 1e8, 32: 1e4}  # beyond it the reduction loses digits
# of (atan(x)/x − 1)/x²: S. Moshier, Cephes
ARCTANGENT = (
    (
        -6.485021904942025371773e1,
        -1.228866684490136173410e2,
        -7.500855792314704667340e1,
        -1.615753718733365076637e1,
        -8.750608600031904122785e-1,
    ),
    (
        1.945506571482613964425e2,
        4.853903996359136964868e2,
        4.328810604912902668951e2,
        1.650270098316988542046e2,
        2.485846490142306297962e1,
        1.0,
    ),
)


def sin(x: Vector) -> Vector:
    return _small_or_library(x, "sin", lambda angle: _sine(angle, 0))


def cos(x: Vector) -> Vector:
    return _small_or_library(x, "cos", lambda angle: _sine(angle, 1))


def tan(x: Vector) -> Vector:
    return sin(x) / cos(x)


def _sine(x: Vector, quarter: int) -> Vector:
    """sin(x + quarter · π/2) for |x| below `LARGEST_ANGLE`."""
    build, bits = x.builder, x.form.bits
    shifted = x * (2 / math.pi) + ROUNDER[bits]
    n = shifted - ROUNDER[bits]
    r = x
    for part in HALF_PI[bits]:
        r = r.plus(-n, part)
    turns = build.add(shifted.bits(), x.integers(quarter))
    square = r * r
    last = 19 if bits == 64 else 11
    odd = [(-1) ** k / math.factorial(2 * k + 1) for k in range(1, last // 2)]
    even = [(-1) ** k / math.factorial(2 * k) for k in range(1, last // 2 + 1)]
    sine = r + r * (square * polynomial(square, odd))
    cosine = polynomial(square, even) * square + 1.0
    odd_turn = build.and_(turns, x.integers(1))
    swapped = build.icmp_signed("==", odd_turn, x.integers(1))
    value = x.made(build.select(swapped, cosine.value, sine.value))
    second = build.and_(turns, x.integers(2))
    sign = build.shl(second, x.integers(bits - 2))  # bit 1 becomes the sign
    return value.from_bits(build.xor(value.bits(), sign))


def _small_or_library(x: Vector, name: str, small: Callable[[Vector], Vector]) -> Vector:
    """``small`` of |x| below `LARGEST_ANGLE`, else the C library's function, in all lanes."""
    build = x.builder
    reduced = abs(x).compared("<=", LARGEST_ANGLE[x.form.bits])
    beside = (~reduced & x.compared("==", x)).any()
    library, after = build.append_basic_block("library"), build.append_basic_block("after")
    value, start = small(x), build.block
    build.cbranch(beside, library, after)
    build.position_at_end(library)
    called = x.intrinsic(name)
    build.branch(after)
    build.position_at_end(after)
    chosen = build.phi(x.form.vector)
    chosen.add_incoming(value.value, start)
    chosen.add_incoming(called.value, library)
    return x.made(chosen)


def sinc(x: Vector) -> Vector:
    """sin(x)/x; the shift is far below rounding and keeps 0 out of the denominator."""
    distance = abs(x) + 1e-30
    return sin(distance) / distance


def sinc_slope(x: Vector) -> Vector:
    """(cos x − sinc x)/x, and its power series where that loses digits."""
    radius = 0.3
    near = abs(x) < radius
    square = x.at_least(-radius).at_most(radius)
    square = square * square
    series = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 8)]
    inside = polynomial(square, series) * x
    large = near.where(x.constant(1.0), x)
    return near.where(inside, (cos(large) - sinc(large)) / large)


def atan(x: Vector) -> Vector:
    size = abs(x)
    large, middle = size > 2.414213562373095, size > 0.66
    turned = large.where(-1.0 / size, (size - 1.0) / (size + 1.0))
    inside = middle.where(turned, size)
    square = inside * inside
    above, below = (polynomial(square, part) for part in ARCTANGENT)
    found = inside * (square * above / below) + inside
    low = HALF_PI[64][1]
    found = large.where(found + low, middle.where(found + low / 2, found))
    start = large.where(x.constant(math.pi / 2), middle.where(x.constant(math.pi / 4), 0.0))
    return (start + found).with_sign_of(x)
