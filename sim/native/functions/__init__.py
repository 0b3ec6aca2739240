"""Which functions of a graph of operations are vectors' own, by name."""

from collections.abc import Callable

from sim.native.functions.angles import atan, cos, sin, sinc, sinc_slope, tan
from sim.native.functions.error_function import erf, erfc
from sim.native.functions.exponentials import (
    asinh,
    cosh,
    exp,
    expm1,
    log,
    log1p,
    sigmoid,
    sinh,
    softplus,
    tanh,
)
from sim.native.vectors import Vector


def sign(x: Vector) -> Vector:
    """0 for NaN, as torch has it."""
    one = (x > 0.0).where(x.constant(1.0), 0.0)
    return (x < 0.0).where(x.constant(-1.0), one)


def floor(x: Vector) -> Vector:
    """The largest whole number that is not above x."""
    return x.intrinsic("floor")


FUNCTIONS: dict[str, Callable[[Vector], Vector]] = {
    **{one.__name__: one for one in (exp, expm1, log, log1p, sinh, cosh, tanh, asinh)},
    **{one.__name__: one for one in (sin, cos, tan, atan, sinc, sinc_slope, erf, erfc)},
    **{one.__name__: one for one in (sigmoid, softplus, abs, sign, floor)},
}
