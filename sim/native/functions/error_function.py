"""erf and erfc of vectors, to a few units in the last place.

Ranges and coefficients are those of fdlibm (Sun Microsystems, 1993), in both formats.
"""

from collections.abc import Sequence

from sim.native.functions.exponentials import exp
from sim.native.vectors import Mask, Vector, polynomial

# numerator and denominator, constant terms first
BELOW_084 = (
    (
        1.28379167095512558561e-01,
        -3.25042107247001499370e-01,
        -2.84817495755985104766e-02,
        -5.77027029648944159157e-03,
        -2.37630166566501626084e-05,
    ),
    (
        1.0,
        3.97917223959155352819e-01,
        6.50222499887672944485e-02,
        5.08130628187576562776e-03,
        1.32494738004321644526e-04,
        -3.96022827877536812320e-06,
    ),
)
NEAR_1 = (
    (
        -2.36211856075265944077e-03,
        4.14856118683748331666e-01,
        -3.72207876035701323847e-01,
        3.18346619901161753674e-01,
        -1.10894694282396677476e-01,
        3.54783043256182359371e-02,
        -2.16637559486879084300e-03,
    ),
    (
        1.0,
        1.06420880400844228286e-01,
        5.40397917702171048937e-01,
        7.18286544141962662868e-02,
        1.26171219808761642112e-01,
        1.36370839120290507362e-02,
        1.19844998467991074170e-02,
    ),
)
BELOW_286 = (
    (
        -9.86494403484714822705e-03,
        -6.93858572707181764372e-01,
        -1.05586262253232909814e01,
        -6.23753324503260060396e01,
        -1.62396669462573470355e02,
        -1.84605092906711035994e02,
        -8.12874355063065934246e01,
        -9.81432934416914548592e00,
    ),
    (
        1.0,
        1.96512716674392571292e01,
        1.37657754143519042600e02,
        4.34565877475229228821e02,
        6.45387271733267880336e02,
        4.29008140027567833386e02,
        1.08635005541779435134e02,
        6.57024977031928170135e00,
        -6.04244152148580987438e-02,
    ),
)
ABOVE_286 = (
    (
        -9.86494292470009928597e-03,
        -7.99283237680523006574e-01,
        -1.77579549177547519889e01,
        -1.60636384855821916062e02,
        -6.37566443368389627722e02,
        -1.02509513161107724954e03,
        -4.83519191608651397019e02,
        0.0,
    ),
    (
        1.0,
        3.03380607434824582924e01,
        3.25792512996573918826e02,
        1.53672958608443695994e03,
        3.19985821950859553908e03,
        2.55305040643316442583e03,
        4.74528541206955367215e02,
        -2.24409524465858183362e01,
        0.0,
    ),
)
AT_1 = 8.45062911510467529297e-01  # erf(1), in few bits
LARGEST = 28.0  # erfc is 0 beyond it


def erf(x: Vector) -> Vector:
    size = abs(x)
    small, middle = size < 0.84375, size < 1.25
    inner = x + x * _ratio(size * size, BELOW_084)
    near = AT_1 + _ratio(size - 1.0, NEAR_1)
    outer = 1.0 - _tail(size.at_least(1.25).at_most(6.0))
    return small.where(inner, middle.where(near, outer).with_sign_of(x))


def erfc(x: Vector) -> Vector:
    size = abs(x)
    small, middle, left = size < 0.84375, size < 1.25, x < 0.0
    inner = 0.5 - (x * _ratio(size * size, BELOW_084) + (x - 0.5))
    rest = _ratio(size - 1.0, NEAR_1)
    near = left.where(rest + (1.0 + AT_1), (1.0 - AT_1) - rest)
    tail = _tail(size.at_least(1.25).at_most(LARGEST))
    outer = left.where(2.0 - tail, tail)
    return small.where(inner, middle.where(near, outer))


def _ratio(x: Vector, parts: tuple[Sequence[float], Sequence[float]]) -> Vector:
    above, below = (polynomial(x, part) for part in parts)
    return above / below


def _tail(x: Vector) -> Vector:
    """erfc(x) for x ≥ 1.25."""
    inverse = 1.0 / (x * x)
    far = x > 1 / 0.35
    above, below = (_chosen(inverse, far, *pair) for pair in zip(ABOVE_286, BELOW_286, strict=True))
    rest = above / below - 0.5625
    square = x * x
    lost = (-square).plus(x, x)  # x² is square + lost
    whole = rest - square
    lost = (rest - (whole + square)) - lost  # the exponent is whole + lost
    start = exp(whole)
    return (start + start * lost) / x


def _chosen(x: Vector, far: Mask, yes: Sequence[float], no: Sequence[float]) -> Vector:
    """One of two polynomials of equal degree."""
    total = far.where(x.constant(yes[-1]), no[-1])
    for first, second in zip(reversed(yes[:-1]), reversed(no[:-1]), strict=True):
        total = total * x + far.where(x.constant(first), second)
    return total
