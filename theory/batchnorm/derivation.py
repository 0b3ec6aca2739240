"""Derivation of the one-step laws of units with batch normalization, step by step in sympy.

Every formula shown is computed from the one before or checked against it; what cannot be
confirmed raises an `ArithmeticError`. Source: our derivation.
"""

import sympy

from theory.batchnorm.one_step import (
    BATCH,
    CHANGE,
    DENSITY,
    GAMMA,
    MEAN,
    NOISE,
    SLOPE,
    THETA,
    X,
    angle_law,
    centered_law,
    centered_root,
    centered_symbolic,
    gaussian_root,
    leaky_factor,
    on_gaussian,
    one_signed_law,
)
from theory.batchnorm.taylor import (
    ANGLE,
    COORDINATES,
    COVARIANCE,
    PARAMETERS,
    RATIO,
    SHARE,
    A,
    M,
    R,
)
from theory.prediction import Step

_P = sympy.Symbol("P", positive=True)
_GATE, _X_HAT = sympy.Symbol("g"), sympy.Symbol("x_hat")


def drift_steps() -> tuple[Step, ...]:
    """From the gradients of γ and β to E[Δθ]."""
    beta = sympy.Symbol("β", real=True)
    k = sympy.Symbol("k", integer=True, nonnegative=True)
    moment = sympy.Symbol("M_k", real=True)
    moves = (GAMMA, beta)
    covariance = sympy.Function("Cov")
    return (
        Step(
            "With g = 1 for active samples (z = γx̂ + β > 0) and g = a else, gradient descent moves "
            "γ by −η mean(δ g x̂) and β by −η mean(δ g). The noise δ has mean 0, so that neither "
            "moves on average, and is independent from sample to sample, so that for γ > 0",
            sympy.Eq(
                covariance(CHANGE(moves[0]), CHANGE(moves[0])), A * GAMMA**2 * COVARIANCE[0, 0]
            ),
        ),
        *(
            Step(
                "and",
                sympy.Eq(covariance(CHANGE(one), CHANGE(beta)), A * GAMMA**2 * COVARIANCE[i, 1]),
            )
            for i, one in enumerate(moves)
        ),
        Step("with", sympy.Eq(A, NOISE)),
        Step("and", sympy.Eq(moment, MEAN(_GATE**2 * _X_HAT**k))),
        *(
            Step(
                f"By Taylor's formula to second order, half the Hessian against the covariance, "
                f"{coordinate.name} changes on average by",
                sympy.Eq(MEAN(CHANGE(symbol)), A * _short(coordinate.mean)),
            )
            for coordinate, symbol in zip(COORDINATES, (R, _P, THETA), strict=True)
        ),
        *(
            Step(
                f"For ReLU and Gaussian x̂ (a large batch), integrating x^{k} φ(x) over x > −r,",
                sympy.Eq(m, on_gaussian(m)),
            )
            for k, m in enumerate(M)
        ),
        Step(
            "so that the drift of the angle is negative everywhere, with Φ canceled:",
            sympy.Eq(MEAN(CHANGE(THETA)), A * angle_law()),
        ),
    )


def batch_steps() -> tuple[Step, ...]:
    """A batch of B samples: the density of x̂, and why the sign does not depend on it."""
    f, u = sympy.Function("f")(X), sympy.Symbol("k", integer=True)
    exponent = (BATCH - 4) / sympy.Integer(2)
    _check_antiderivative()
    inside = one_signed_law().subs(R, sympy.Abs(R))
    tail = sympy.Integral(inside * f, (X, sympy.Abs(R), sympy.oo))
    return (
        Step(
            "In a batch of B the normalized inputs are uniform on the sphere Σ x̂ = 0, Σ x̂² = B, so "
            "that a single one has, up to a constant factor, the density",
            sympy.Eq(f, (1 - X**2 / (BATCH - 1)) ** exponent),
        ),
        Step(
            "and one-sided moments in closed form, by parts and the incomplete beta function:",
            sympy.Eq(sympy.Symbol("M_k"), sympy.Integral(X**u * f, (X, -R, sympy.sqrt(BATCH - 1)))),
        ),
        Step(
            "For any symmetric x̂ of variance 1, whatever its density f, the drift of the angle is",
            sympy.Eq(MEAN(CHANGE(THETA)), -A / (1 + R**2) ** 2 * tail),
        ),
        Step("an integral of positive terms: it drives towards collapse from every r and θ."),
    )


def _check_antiderivative() -> None:
    """x f = −h' and h ∝ the same density with two samples more, scaled alike."""
    k = sympy.Symbol("k", positive=True)  # (B − 4)/2
    top = 2 * k + 3  # B − 1
    inside = 1 - X**2 / top
    antiderivative = -top / (top - 1) * inside ** (k + 1)
    if sympy.simplify(antiderivative.diff(X) / inside**k - X) != 0:
        raise ArithmeticError("the antiderivative of x f is wrong")


def leaky_steps() -> tuple[Step, ...]:
    """Leaky ReLU: the moments and the factor 1 − a²."""
    ungated = {M[0]: SLOPE**2, M[1]: 0, M[2]: SLOPE**2}
    return (
        Step(
            "With a leaky ReLU g² = a² + (1 − a²)·1[z > 0], and x̂ has mean 0 and variance 1. What "
            "is not gated adds a² to M₀ and M₂, which enter by their difference: E[Δθ] is that of "
            "ReLU times",
            leaky_factor(),
        ),
        Step(
            "As r → −∞ all of ReLU's moments vanish, and for a batch of B they are exactly 0 below "
            "−√(B−1): nothing moves any more. With a > 0 noise remains,",
            sympy.Eq(MEAN(CHANGE(R) ** 2), A * sympy.factor(RATIO.variance.subs(ungated))),
        ),
        Step("so that no region is absorbing."),
    )


def root_steps() -> tuple[Step, ...]:
    """Where the mean changes of r and P are 0 although that of θ never is."""
    steps = []
    for coordinate, start in ((RATIO, 0.6), (SHARE, -1.2)):
        law, root = on_gaussian(coordinate.mean), gaussian_root(coordinate, start)
        steps += [
            Step(
                f"For ReLU and Gaussian x̂ the mean change of {coordinate.name} is 0 where",
                sympy.Eq(law, 0, evaluate=False),
            ),
            Step("numerically", sympy.Eq(R, sympy.Float(root, 5))),
        ]
    curvature = sympy.Add(*(ANGLE.formula.diff(p, 2) for p in PARAMETERS))
    if sympy.simplify(curvature) != 0:
        raise ArithmeticError("the angle is not harmonic")
    last = Step(
        "These are coordinates of one and the same motion: where a coordinate is curved, noise "
        "changes it on average though nothing is driven anywhere. θ is harmonic in (γ, β), so that "
        "noise of equal size in all directions does not change it on average: its mean change "
        "shows what the gate does, and it has no root."
    )
    return (*steps, last)


def centered_steps() -> tuple[Step, ...]:
    """Hidden layers: the gradients of a batch sum to 0."""
    index = sympy.Symbol("i", integer=True)
    delta = sympy.Indexed("δ", index)
    return (
        Step(
            "A linear layer followed by batch normalization does not change when all samples of a "
            "batch are shifted by the same vector, so that the gradients at its input obey",
            sympy.Eq(sympy.Sum(delta, (index, 1, BATCH)), 0),
        ),
        Step(
            "Independent otherwise, with E[δ²] = s², they weigh g x̂ and g less their means over "
            "the batch: for ReLU and a large batch the moments become"
        ),
        *(
            Step(f"(k = {k})", sympy.Eq(m, value))
            for k, (m, value) in enumerate(zip(M, centered_symbolic(), strict=True))
        ),
        Step("and the mean change of the angle", sympy.Eq(MEAN(CHANGE(THETA)), A * centered_law())),
        Step(
            "changes sign: noise drives a unit away from collapse above r =",
            sympy.Float(centered_root(), 5),
        ),
    )


def _short(formula: sympy.Expr) -> sympy.Expr:
    """The formula with φ for the normal density at r."""
    return formula.subs(sympy.exp(-(R**2) / 2), sympy.sqrt(2 * sympy.pi) * DENSITY)
