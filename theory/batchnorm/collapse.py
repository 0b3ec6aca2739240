"""What noise does to batch-normalized units in the long run: predictions on their first passage.

The chance to have collapsed by step T is one function F of the clock A₀T, whatever learning rate,
batch, noise and γ₀; it is no power of the learning rate, and its tail is so heavy that, where noise
is all that ever moves a unit, the mean time is infinite. L2 decay, momentum and Adam change the
clock, Adam the moments as well. Source: our derivation; the sentence on the probability ∝ η²/γ² is
from the abstract of arXiv:2001.11216, and that it speaks of the long run is our reading.
"""

import functools
from collections.abc import Callable

import numpy as np
import sympy
from jaxtyping import Float, Real

from theory.batchnorm.cone import ANGLE, LOG_SCALE, M0, M1, M2, generator
from theory.prediction import Curve, Exponent, Step, Symbol, Value

Steps = Real[np.ndarray, " looks"]
Clock = Float[np.ndarray, " looks"]

THRESHOLD = 2.0  # τ: 2.3 % of the samples active
STEPS, START, TAU = (
    sympy.Symbol("T", positive=True),
    sympy.Symbol("r_0"),
    sympy.Symbol("τ", positive=True),
)
STRENGTH, DECAY, MOMENTUM = sympy.symbols("A_0 λ μ", positive=True)
ETA, NOISE, BATCH, GAMMA = sympy.symbols("η s B γ_0", positive=True)
EXPONENT = sympy.Symbol("p", positive=True)
_F, _P, _U = sympy.Function("F"), sympy.Function("P"), sympy.Function("U")
_SPREAD, _MIXED, _BEND = (sympy.Function(name)(ANGLE) for name in "abd")

PASSAGE_MARGIN, VARIANT_MARGIN = 0.02, 0.03
SHARES = (-1.0, 1.0)  # what a share deviates from a predicted one, whatever the truth
POWER_MARGIN, LOCAL_MARGIN, SLOPE_MARGIN, TAIL_MARGIN = 0.25, 0.5, 0.3, 0.035
PASSAGE_REASON = (
    "F is computed to 0.001; batches of 32 shift it by 0.001, the second order of the step by up "
    "to 0.004; the rest is room for chance"
)
VARIANT_REASON = (
    "beyond the sources of error of plain descent, steps grow in the course of decay, momentum "
    "smooths paths and Adam's average of squares lags behind: 0.005 to 0.01 at these learning "
    "rates; the rest is room for chance. The controls differ by 0.06 and more"
)
POWER_REASON = (
    "a law ∝ η² is taken for kept if the slope is 2 within an eighth, and between neighbors within "
    "a quarter; the slopes of F leave both by far"
)
SLOPE_REASON = (
    "shares of a few percent are known to a tenth in each replicate, and the second order of the "
    "largest steps shifts slopes by up to 0.03; 0.3 covers that and chance"
)
TAIL_REASON = (
    "the slope of F in the window differs from its limit by 0.01; the rest is room for chance. "
    "The exponents of the controls are 0.07 and more away"
)

ASSUMPTIONS = (
    "the gradients of the samples at the output of a unit are independent of each other, of the "
    "inputs and of the past, with mean 0 and variance s²",
    "the inputs of a unit are Gaussian and are normalized over each batch",
    "small steps, A₀ ≪ 1; their first order, ∝ √A₀, is part of the prediction",
)
_SYMBOLS = (
    Symbol(STRENGTH, "η²s²/(Bγ₀²), size of the noise in the first step"),
    Symbol(ETA, "learning rate"),
    Symbol(NOISE, "standard deviation of a sample's gradient at the output of the unit"),
    Symbol(BATCH, "batch size"),
    Symbol(GAMMA, "scale of batch normalization at the start"),
    Symbol(STEPS, "number of steps"),
    Symbol(START, "r = β/|γ| at the start"),
    Symbol(TAU, "a unit has collapsed once r < −τ after some step"),
)


# -- predictions ------------------------------------------------------------------------------


def passage_prediction(points: int) -> Curve:
    """P(collapsed by T) = F(A₀T; r₀, τ), judged as deviations at several A₀T."""
    return Curve(
        formula=sympy.Eq(_P(STEPS), _F(STRENGTH * STEPS, START, TAU)),
        symbols=_SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=PASSAGE_MARGIN,
        margin_reason=PASSAGE_REASON,
        unit="share",
        expected=(0.0,) * points,
        bounded=SHARES,
    )


def power_prediction(rates: tuple[float, ...]) -> Exponent:
    """The paper's sentence, in our reading as one on the long run: P(collapsed by T) ∝ η²."""
    constant = sympy.Symbol("K", positive=True)
    return Exponent(
        formula=sympy.Eq(_P(STEPS), constant * ETA**2 / GAMMA**2),
        symbols=(*_SYMBOLS, Symbol(constant, "a constant")),
        assumptions=ASSUMPTIONS,
        margin=POWER_MARGIN,
        margin_reason=POWER_REASON,
        expected=2.0,
        window=rates,
        local_margin=LOCAL_MARGIN,
    )


def slopes_prediction(points: int) -> Curve:
    """d log P / d log η of F between neighbors of a ladder of rates, judged as deviations."""
    log = sympy.Symbol("log η")
    return Curve(
        formula=sympy.Eq(
            sympy.Derivative(sympy.log(_P(STEPS)), log),
            sympy.Derivative(sympy.log(_F(STRENGTH * STEPS, START, TAU)), log),
        ),
        symbols=_SYMBOLS,
        assumptions=ASSUMPTIONS,
        margin=SLOPE_MARGIN,
        margin_reason=SLOPE_REASON,
        expected=(0.0,) * points,
    )


def variant_prediction(
    points: int,
    clock: sympy.Expr,
    *symbols: Symbol,
    bounded: tuple[float, float] | None = None,
) -> Curve:
    """P(collapsed by T) = F at another clock than A₀T, judged as deviations at several times.

    ``bounded`` is declared where units are enough for it.
    """
    return Curve(
        formula=sympy.Eq(_P(STEPS), _F(clock, START, TAU)),
        symbols=(*_SYMBOLS, *symbols),
        assumptions=ASSUMPTIONS,
        margin=VARIANT_MARGIN,
        margin_reason=VARIANT_REASON,
        unit="share",
        expected=(0.0,) * points,
        bounded=bounded,
    )


def tail_prediction(exponent: float) -> Value:
    """1 − F ~ (A₀T)^(−p) with this p; deviations of measured slopes from p are judged."""
    constant = sympy.Symbol("K", positive=True)
    return Value(
        formula=sympy.Eq(
            1 - _F(STRENGTH * STEPS, START, TAU), constant * (STRENGTH * STEPS) ** (-EXPONENT)
        ),
        symbols=(
            *_SYMBOLS,
            Symbol(EXPONENT, "half the eigenvalue of the problem in θ"),
            Symbol(constant, "a constant of the start"),
        ),
        assumptions=(*ASSUMPTIONS, "A₀T ≫ 1"),
        margin=TAIL_MARGIN,
        margin_reason=TAIL_REASON,
        expected=exponent,
    )


# -- clocks -----------------------------------------------------------------------------------


@functools.cache
def decay_clock() -> sympy.Expr:
    """A₀ ∫₀^T e^(2ηλt) dt: decay shrinks γ and β by e^(−ηλt), but leaves r, and noise does not.

    Raises:
        ArithmeticError: its limit without decay is not A₀T.
    """
    t = sympy.Symbol("t", positive=True)
    clock = sympy.simplify(
        STRENGTH * sympy.integrate(sympy.exp(2 * ETA * DECAY * t), (t, 0, STEPS))
    )
    if sympy.limit(clock, DECAY, 0) != STRENGTH * STEPS:
        raise ArithmeticError("the clock without decay is not A₀T")
    return clock


@functools.cache
def _decay_clock() -> Callable[[float, Steps, float, float], Clock]:
    return sympy.lambdify((STRENGTH, STEPS, ETA, DECAY), decay_clock(), modules="numpy")


def decayed_clock(strength: float, steps: Steps, rate: float, decay: float) -> Clock:
    """The clock after numbers of steps under L2 decay, A₀T where there is none; ``strength`` A₀."""
    return _decay_clock()(strength, steps, rate, decay) if decay else strength * steps


@functools.cache
def momentum_clock() -> sympy.Expr:
    """A₀T/(1 − μ)²: in the end a gradient has moved the parameters by η Σ μ^k = η/(1 − μ)."""
    k, n = sympy.symbols("k n", integer=True, positive=True)
    share = sympy.Symbol("ν", positive=True)  # 1 + ν = 1/μ, so that sympy knows μ < 1
    total = sympy.summation((1 / (1 + share)) ** k, (k, 0, n - 1))
    whole = sympy.simplify(sympy.limit(sympy.piecewise_fold(total), n, sympy.oo))
    factor = sympy.sympify(sympy.simplify(whole.subs(share, 1 / MOMENTUM - 1)))
    return sympy.Mul(STRENGTH, STEPS, sympy.Pow(factor, 2))


# -- derivation -------------------------------------------------------------------------------


def _checked_generator() -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """Coefficients a, 2b and d of ∂ℓ², ∂ℓ∂θ and ∂θ²; those of ∂ℓ and ∂θ are d − a and −2b.

    Raises:
        ArithmeticError: they are not.
    """
    spread, mixed, bend, growth, turn = generator()
    if any(sympy.simplify(one) != 0 for one in (growth - bend + spread, turn + 2 * mixed)):
        raise ArithmeticError("the generator's coefficients do not hang together")
    return spread, mixed, bend


def cone_steps() -> tuple[Step, ...]:
    """From the covariance of a step to the boundary value problem for F."""
    u = _U(LOG_SCALE, ANGLE)
    generated = sympy.Rational(1, 2) * (
        _SPREAD * sympy.diff(u, LOG_SCALE, 2)
        + 2 * _MIXED * sympy.diff(u, LOG_SCALE, ANGLE)
        + _BEND * sympy.diff(u, ANGLE, 2)
        + (_BEND - _SPREAD) * sympy.diff(u, LOG_SCALE)
        - 2 * _MIXED * sympy.diff(u, ANGLE)
    )
    backward = -sympy.exp(2 * LOG_SCALE) * sympy.diff(u, LOG_SCALE) / 2
    spread, mixed, bend = _checked_generator()
    return (
        Step(
            "Noise moves γ and β without drift. Per step their covariance is A γ² times that of "
            "the active samples, with γ² A = η²s²/B whatever γ",
            sympy.Eq(
                sympy.MatrixSymbol("C", 2, 2),
                sympy.MatMul(
                    ETA**2 * NOISE**2 / BATCH, sympy.Matrix([[M2, M1], [M1, M0]]), evaluate=False
                ),
            ),
        ),
        Step(
            "M₀, M₁, M₂ depend on θ = atan2(β, |γ|) alone. In ℓ = log √(γ² + β²) and θ the "
            "generator is e^(−2ℓ) η²s²/B times an operator without a scale",
            generated,
        ),
        Step("with", sympy.Eq(_SPREAD, spread)),
        Step("and", sympy.Eq(_MIXED, mixed)),
        Step("and", sympy.Eq(_BEND, bend)),
        Step(
            "At γ = 0, β > 0 all samples are active and M₁ = 0: by the symmetry γ → −γ the side "
            "θ = π/2 reflects. The side θ = −atan τ absorbs. Without a scale the chance 1 − F not "
            "to have passed depends on ℓ − ½ log(η²s²T/B) and θ alone, and the backward equation "
            "becomes one boundary value problem for U = 1 − F in these two, U → 1 as ℓ → ∞",
            sympy.Eq(generated, backward),
        ),
        Step(
            "A₀T is the square of the scale in units of the start: F is a function of A₀T, r₀ and "
            "τ, and of A₀ only through the look once a step, which shifts the absorbing side by "
            "K √A₀ times the standard deviation of β + τ|γ| there",
            sympy.Eq(STRENGTH, ETA**2 * NOISE**2 / (BATCH * GAMMA**2)),
        ),
    )


def tail_steps(exponent: float) -> tuple[Step, ...]:
    """The eigenvalue problem of the tail."""
    shape, q = sympy.Function("Θ")(ANGLE), 2 * EXPONENT
    return (
        Step(
            "For late times U = e^(2pℓ) Θ(θ) with Θ > 0, Θ(−atan τ) = 0, Θ′(π/2) = 0 and",
            sympy.Eq(
                _BEND * sympy.diff(shape, ANGLE, 2)
                + 2 * (q - 1) * _MIXED * sympy.diff(shape, ANGLE)
                + q * ((q - 1) * _SPREAD + _BEND) * shape,
                0,
            ),
        ),
        Step(
            "Its smallest positive eigenvalue, computed at Chebyshev points, is below 1: for noise "
            "without end the mean time to collapse, the integral of 1 − F, is infinite",
            sympy.Eq(EXPONENT, sympy.Float(exponent, 4)),
        ),
    )


def variant_steps() -> tuple[Step, ...]:
    """The clocks of L2 decay and momentum, and Adam."""
    correlation = M1 / sympy.sqrt(M0 * M2)
    return (
        Step(
            "L2 decay shrinks γ and β alike and leaves r. Undo the shrinking, and noise grows by "
            "e^(ηλt): the clock is",
            decay_clock(),
        ),
        Step(
            "With momentum a gradient moves the parameters by η/(1 − μ) in the end; over many "
            "times 1/(1 − μ) steps the clock is",
            momentum_clock(),
        ),
        Step(
            "Adam divides the gradients of γ and β by their root mean square, η s √(M₂/B) and "
            "η s √(M₀/B): s and B drop out, A₀ = η²/γ₀², and of the moments the correlation "
            "remains",
            sympy.ImmutableMatrix([[1, correlation], [correlation, 1]]),
        ),
    )
