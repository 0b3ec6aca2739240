"""exp, log and what is made of them, of vectors, to a few units in the last place.

Reductions and coefficients are the classical ones (W. J. Cody, W. Waite, Software Manual for the
Elementary Functions, 1980; fdlibm, Sun Microsystems, 1993; Cephes, S. L. Moshier, 1989), without
tables or branches, so that all lanes take one path.
"""

import math

from sim.native.vectors import ROUNDER, Vector, polynomial

LN2_HIGH = {64: 6.93147180369123816490e-01, 32: 0.693359375}
LN2_LOW = {64: 1.90821492927058770002e-10, 32: -2.12194440e-4}
EXPONENTIAL_TERMS = {64: 14, 32: 8}
# e^r = (q + p)/(q − p) for |r| ≤ ln 2 / 2, p = r · RATIO_ABOVE(r²), q = RATIO_BELOW(r²): Cephes
RATIO_ABOVE = (9.99999999999999999910e-1, 3.02994407707441961300e-2, 1.26177193074810590878e-4)
RATIO_BELOW = (
    2.00000000000000000009,
    2.27265548208155028766e-1,
    2.52448340349684104192e-3,
    3.00198505138664455042e-6,
)
LOGARITHM = {
    64: (
        6.666666666666735130e-01,
        3.999999999940941908e-01,
        2.857142874366239149e-01,
        2.222219843214978396e-01,
        1.818357216161805012e-01,
        1.531383769920937332e-01,
        1.479819860511658591e-01,
    ),
    32: (0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841),
}


def _power_of_two(x: Vector, shifted: Vector, less: int = 0) -> Vector:
    """2^(n − less) for integers n + `ROUNDER`."""
    form, build = x.form, x.builder
    exponent = build.add(shifted.bits(), x.integers(form.bias - less))
    return x.from_bits(build.shl(exponent, x.integers(form.fraction)))


def _remainder(x: Vector) -> tuple[Vector, Vector, Vector]:
    """n + `ROUNDER`, n and r where x = n ln 2 + r, |r| ≤ ln 2 / 2."""
    bits = x.form.bits
    shifted = x * (1 / math.log(2)) + ROUNDER[bits]
    n = shifted - ROUNDER[bits]
    return shifted, n, (x - n * LN2_HIGH[bits]) - n * LN2_LOW[bits]


def _reduced(x: Vector) -> tuple[Vector, Vector, Vector]:
    """n + `ROUNDER`, n and exp(r) − 1, see `_remainder`."""
    shifted, n, r = _remainder(x)
    terms = [1 / math.factorial(k) for k in range(2, EXPONENTIAL_TERMS[x.form.bits])]
    return shifted, n, r + polynomial(r, terms) * (r * r)


def exp(x: Vector) -> Vector:
    limit = 760.0 if x.form.bits == 64 else 110.0
    x = x.at_least(-limit).at_most(limit)
    _, n, rest = _reduced(x)
    # 2^n in two factors, for it may be beyond the largest or the smallest number
    half = (n * 0.5) + ROUNDER[x.form.bits]
    other = (n - (half - ROUNDER[x.form.bits])) + ROUNDER[x.form.bits]
    return (rest + 1.0) * _power_of_two(x, half) * _power_of_two(x, other)


def expm1(x: Vector) -> Vector:
    x = x.at_least(-50.0).at_most(710.0 if x.form.bits == 64 else 89.0)
    return _expm1(x)


def _expm1(x: Vector) -> Vector:
    """For arguments whose 2^(n − 1) is a number."""
    shifted, _, rest = _reduced(x)
    half = _power_of_two(x, shifted, less=1)
    half_less = half * rest + (half - 0.5)
    return half_less + half_less


def tanh(x: Vector) -> Vector:
    twice = (abs(x) * 2.0).at_most(50.0)
    found = _tanh_of_half(twice) if x.form.bits == 64 else _tanh_by_expm1(twice)
    return found.with_sign_of(x)


def _tanh_by_expm1(twice: Vector) -> Vector:
    grown = _expm1(twice)
    return grown / (grown + 2.0)


def _tanh_of_half(twice: Vector) -> Vector:
    """(e^y − 1)/(e^y + 1) for 0 ≤ y ≤ 50, with e^r = (q + p)/(q − p): one division for both."""
    shifted, _, r = _remainder(twice)
    square = r * r
    p, q = r * polynomial(square, RATIO_ABOVE), polynomial(square, RATIO_BELOW)
    power = _power_of_two(twice, shifted)
    less, more = power - 1.0, power + 1.0
    return (less * q + more * p) / (more * q + less * p)


def sigmoid(x: Vector) -> Vector:
    return 1.0 / (exp(-x) + 1.0)


def softplus(x: Vector) -> Vector:
    grown = exp(-abs(x))
    whole = grown + 1.0  # from 1 to 2: nothing that `log1p` must tell apart
    logarithm = _log_normal(whole, x.constant(0.0)) + (grown - (whole - 1.0)) / whole
    return x.at_least(0.0) + logarithm


def log(x: Vector) -> Vector:
    tiny = 2.0 ** (2 - x.form.bias)  # numbers below it have fewer digits: scaled, they have all
    small = x < tiny
    scale = x.form.fraction + 2
    scaled = small.where(x * 2.0**scale, x)
    found = _log_normal(scaled, small.where(x.constant(-float(scale)), 0.0))
    found = x.compared("==", 0.0).where(x.constant(-math.inf), found)
    found = (x < 0.0).where(x.constant(math.nan), found)
    return (x < math.inf).where(found, (x > 0.0).where(x, x * math.nan))


def _log_normal(x: Vector, exponent: Vector) -> Vector:
    """log(x) + exponent · ln 2 for normal x: x = 2^k (1 + f), √½ < 1 + f < √2."""
    form, build = x.form, x.builder
    bits = form.bits
    # the exponent is raised by one where the fraction is above √2
    root = int(math.sqrt(0.5) * 2 ** (form.fraction + 1)) - 2**form.fraction
    start = ((form.bias - 1) << form.fraction) + root
    offset = build.sub(x.bits(), x.integers(start))
    k = build.ashr(offset, x.integers(form.fraction))
    fraction = build.sub(x.bits(), build.shl(k, x.integers(form.fraction)))
    f = x.from_bits(fraction) - 1.0
    k = x.made(build.sitofp(k, form.vector)) + exponent
    s = f / (f + 2.0)
    square = s * s
    half = f * f * 0.5
    rest = s * (half + square * polynomial(square, LOGARITHM[bits]))
    return k * LN2_HIGH[bits] - ((half - (rest + k * LN2_LOW[bits])) - f)


def log1p(x: Vector) -> Vector:
    whole = x + 1.0
    lost = x - (whole - 1.0)  # what rounding 1 + x left out
    corrected = log(whole) + lost / whole
    plain = (x < 1e300 if x.form.bits == 64 else x < 1e38) & (whole > 0.0)
    return plain.where(corrected, log(whole))


def sinh(x: Vector) -> Vector:
    size = abs(x)
    grown = expm1(size.at_most(40.0))
    small = (grown + grown / (grown + 1.0)) * 0.5
    return (size < 40.0).where(small, _half_exp(size)).with_sign_of(x)


def cosh(x: Vector) -> Vector:
    size = abs(x)
    grown = expm1(size.at_most(40.0))
    small = grown * grown / ((grown + 1.0) * 2.0) + 1.0
    return (size < 40.0).where(small, _half_exp(size))


def _half_exp(x: Vector) -> Vector:
    root = exp(x * 0.5)
    return root * 0.5 * root


def asinh(x: Vector) -> Vector:
    size = abs(x)
    square = size * size
    found = log1p(size + square / ((square + 1.0).intrinsic("sqrt") + 1.0))
    large = 1e8 if x.form.bits == 64 else 1e4
    return (size > large).where(log(size) + math.log(2), found).with_sign_of(x)
