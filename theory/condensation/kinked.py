"""Condensation with a kinked activation (ReLU, leaky ReLU, |x|, SELU) on one input: derivation.

With σ(z) − σ(0) ~ c₊ z for z > 0 and c₋ |z| for z < 0 the form H is linear in every sector of
directions that switches the same samples on. Source: our derivation; Zhou et al.
(arXiv:2105.11686) report for ReLU only that its directions are more complex. The numbers come
from `theory.condensation.forms.sectors`.
"""

import math
from typing import cast

import sympy

from theory.condensation.forms.leading_form import B, C, T, W, angular_polynomial
from theory.condensation.orientations.plane import Orientation
from theory.prediction import Step, Symbol

RIGHT, LEFT = sympy.symbols("c_+ c_-", real=True)
ON_X, ON_Y, OFF_X, OFF_Y = sympy.symbols("X_+ Y_+ X_- Y_-", real=True)
THETA, TIME = sympy.Symbol("θ", real=True), sympy.Symbol("t", positive=True)
HEIGHT = sympy.Symbol("H", positive=True)
NORM_0, OUTPUT_0 = sympy.symbols("r_0 a_0", positive=True)
X_I, Y_I = sympy.symbols("x_i y_i", real=True)
N = sympy.Symbol("n", integer=True, positive=True)

SYMBOLS = (
    Symbol(RIGHT, "slope of the activation on the right of 0: σ(z) − σ(0) ≈ c_+ z"),
    Symbol(LEFT, "coefficient on the left of 0: σ(z) − σ(0) ≈ c_- |z|; ReLU has c_+ = 1, c_- = 0"),
    Symbol(ON_X, "mean of y x over all samples, those with w x + b < 0 counted as zero"),
    Symbol(ON_Y, "mean of y over all samples, those with w x + b < 0 counted as zero"),
    Symbol(OFF_X, "mean of y x over all samples, those with w x + b > 0 counted as zero"),
    Symbol(OFF_Y, "mean of y over all samples, those with w x + b > 0 counted as zero"),
    Symbol(THETA, "orientation: (w, b) = |w| (cos θ, sin θ)", "radian"),
    Symbol(HEIGHT, "|H| at the orientation where a neuron condenses"),
    Symbol(TIME, "time of the gradient flow"),
)


def sector_form() -> sympy.Expr:
    """H(w, b) on a sector: c₊ (w X₊ + b Y₊) − c₋ (w X₋ + b Y₋)."""
    return RIGHT * (W * ON_X + B * ON_Y) - LEFT * (W * OFF_X + B * OFF_Y)


def critical_tangent() -> sympy.Expr:
    """tan θ of the only critical line of a sector; an orientation where it lies in the sector."""
    turning = W * sympy.diff(sector_form(), B) - B * sympy.diff(sector_form(), W)
    (root,) = sympy.solve(turning.subs({W: 1, B: T}), T)
    return root


def largest_height() -> sympy.Expr:
    """Largest |H| on the circle that the linear form of a sector has."""
    by_w, by_b = sympy.diff(sector_form(), W), sympy.diff(sector_form(), B)
    return cast(sympy.Expr, sympy.sqrt(by_w**2 + by_b**2))


def slope_jump() -> sympy.Expr:
    """Jump of dH/dθ where the sample (xᵢ, yᵢ) changes sides, with growing θ: the same both ways."""
    normal = sympy.sqrt(1 + X_I**2)  # |d(u·x̃)/dθ| where u·x̃ = 0
    switched_on = RIGHT * normal - (-LEFT * normal)
    switched_off = LEFT * normal - (-RIGHT * normal)
    if sympy.simplify(switched_on - switched_off) != 0:
        raise ArithmeticError("the jump of the slope depends on the way in which a sample switches")
    return cast(sympy.Expr, sympy.factor(switched_on * Y_I / N))


def norm_at_orientation() -> sympy.Expr:
    """|w| at time t of a neuron at an orientation, for p = 1, that starts with r_0 and |a| = a_0.

    Raises:
        ArithmeticError: if it did not grow at the rate H.
    """
    norm = NORM_0 * sympy.cosh(HEIGHT * TIME) + OUTPUT_0 * sympy.sinh(HEIGHT * TIME)
    output = sympy.diff(norm, TIME) / HEIGHT
    wrong = [
        sympy.simplify(sympy.diff(output, TIME) - HEIGHT * norm),
        norm.subs(TIME, 0) - NORM_0,
        output.subs(TIME, 0) - OUTPUT_0,
        sympy.limit((norm * sympy.exp(-HEIGHT * TIME)).rewrite(sympy.exp).expand(), TIME, sympy.oo)
        - (NORM_0 + OUTPUT_0) / 2,
    ]
    if any(sympy.simplify(difference) != 0 for difference in wrong):
        raise ArithmeticError("a neuron at an orientation does not grow at the rate H")
    return norm


def growth_rate(at: Orientation) -> float:
    """Rate of |w| ∝ exp(rate · t) at an orientation under gradient flow, for p = 1."""
    return at.height


def escape_time(at: Orientation, growth: float) -> float:
    """Time of the gradient flow in which |w| grows by a factor at an orientation, for p = 1.

    Up to the constant time in which |a| and |w| meet.
    """
    return math.log(growth) / at.height


def sector_steps() -> tuple[Step, ...]:
    """Which orientations a kinked activation has: in sectors, at kinks, and the dead sector."""
    h = sympy.Function("H")
    relu = {RIGHT: 1, LEFT: 0}
    return (
        Step(
            "Between the directions where one of the samples has w x + b = 0 every sample stays on "
            "its side of the kink, and H is linear; + marks the samples with w x + b > 0:",
            sympy.Eq(h(W, B), sector_form()),
        ),
        Step(
            "On the circle (w, b) = (cos θ, sin θ) such a sector has one critical line,",
            sympy.Eq(sympy.tan(THETA), critical_tangent()),
        ),
        Step(
            "for ReLU that of the mean of y times the input over active samples,",
            sympy.Eq(sympy.tan(THETA), sympy.simplify(critical_tangent().subs(relu))),
        ),
        Step(
            "an orientation only if it lies in its own sector. Its height there is",
            sympy.Eq(HEIGHT, largest_height().subs(relu)),
        ),
        Step(
            "Where sample i changes sides the slope of H in θ jumps by",
            sympy.Eq(sympy.Symbol("J", real=True), slope_jump()),
        ),
        Step(
            "so H may have a maximum at a kink of a sample with (c_+ + c_-) y < 0 and a minimum at "
            "one with (c_+ + c_-) y > 0: an orientation that is reached at a finite growth. Where "
            "all samples are inactive ReLU has",
            sympy.Eq(h(W, B), sympy.Integer(0)),
        ),
        Step("and a neuron that starts or ends in this dead sector does not move."),
    )


def counting_steps(p: int) -> tuple[Step, ...]:
    """The same for a kinked activation of order p: at most p critical lines in each sector."""
    order, k, i = (sympy.Symbol(name, integer=True) for name in ("p", "k", "i"))
    x, y, c = (sympy.Indexed(name, i) for name in ("x", "y", "c"))
    polynomial = sympy.collect(angular_polynomial(p).subs(C, 1), T)
    return (
        Step(
            "With c_i = c_+ for the samples with w x + b > 0 and (−1)^p c_- for the others, a "
            "sector has the moments",
            sympy.Eq(sympy.Symbol("M_k", real=True), sympy.Sum(c * y * x**k, (i, 1, N)) / N),
        ),
        Step(
            "and H is the binary form of a smooth activation of that order. With t = tan θ its "
            f"critical directions solve, for p = {p},",
            sympy.Eq(polynomial, 0),
        ),
        Step(
            "so each sector has at most p critical lines. There are up to 2n sectors, and 2p is no "
            "bound on the orientations of all of them together:",
            sympy.Le(sympy.Symbol("N"), 2 * N * (order + 1)),
        ),
    )


def growth_steps() -> tuple[Step, ...]:
    """How fast neurons grow at an orientation for p = 1."""
    norm, output = sympy.Function("r")(TIME), sympy.Function("a")(TIME)
    small = sympy.Symbol("ε", positive=True)
    return (
        Step(
            "At an orientation with sign(a) H > 0 the direction stays and r = |w| follows, with a "
            "for |a| and H for |H|,",
            sympy.Eq(sympy.Derivative(norm, TIME), output * HEIGHT),
        ),
        Step(
            "and the output weight",
            sympy.Eq(sympy.Derivative(output, TIME), norm * HEIGHT),
        ),
        Step("so that", sympy.Eq(norm, norm_at_orientation())),
        Step(
            "and |w| ∝ exp(H t). From weights of size ε to size one it takes the time",
            sympy.Eq(sympy.Symbol("t_1", real=True), sympy.log(1 / small) / HEIGHT),
        ),
    )
