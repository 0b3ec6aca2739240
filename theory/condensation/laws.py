"""Condensation of two-layer networks at initial training: predictions and their derivation.

Source: Zhou, Zhou, Luo, Zhang, Xu, NeurIPS 2022 (arXiv:2105.11686) for the bound 2p; the
orientations themselves, their geometry, basins and convergence exponents are our derivation.

A network f(x) = Σⱼ aⱼ σ(wⱼ·x̃), x̃ = (x, 1), starts small. While f is negligible against y a
neuron follows w' = a ∇H(w), a' = H(w) with the leading form H(u) = (c/n) Σᵢ yᵢ (u·x̃ᵢ)^p.
"""

import functools

import sympy

from theory.condensation.forms.leading_form import (
    B,
    C,
    Geometry,
    T,
    W,
    angular_polynomial,
    edge_polynomial,
    leading_form,
)
from theory.condensation.orientations.plane import xor_form, xor_orientations
from theory.prediction import Bound, Orientations, Step, Symbol

REFERENCE = """@inproceedings{zhou2022condensation,
  title = {Towards Understanding the Condensation of Neural Networks at Initial Training},
  author = {Zhou, Hanxu and Zhou, Qixuan and Luo, Tao and Zhang, Yaoyu and Xu, Zhi-Qin John},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2022},
  note = {arXiv:2105.11686}
}"""

MARGIN = 5.0  # degrees
MARGIN_REASON = (
    "a run stops while f is 2 % of y, where the next order of the activation turns the "
    "directions by up to 2°; unfinished convergence is limited to 2° by the choice of units; "
    "5° covers both and is half of the 10° by which a control must differ"
)
VIOLATIONS = 0.05
BOUND_REASON = "a count has no rounding: one orientation more than the bound violates it"

ASSUMPTIONS = (
    "initial weights are so small that the leading part c z^p of the activation governs",
    "the output f is negligible against y until the directions are judged",
    "the leading form H does not vanish on the data",
)

SYMBOLS = (
    Symbol(sympy.Symbol("p", integer=True, positive=True), "multiplicity of the activation"),
    Symbol(C, "leading coefficient: σ(z) − σ(0) ≈ c z^p"),
    Symbol(W, "input weight of a neuron"),
    Symbol(B, "bias of a neuron"),
    Symbol(sympy.Symbol("a", real=True), "output weight of a neuron"),
    Symbol(T, "tangent of the orientation, b/w"),
    Symbol(sympy.Symbol("M_k", real=True), "data moment: mean of y x^k"),
)


def bound_prediction(name: str = "2p") -> Bound:
    """At most 2p orientations."""
    p = sympy.Symbol("p", integer=True, positive=True)
    limit = {"2p": 2 * p, "2p - 2": 2 * p - 2, "p": p}[name]
    count = sympy.Symbol("N", integer=True, nonnegative=True)
    return Bound(
        formula=sympy.Le(count, limit),
        symbols=(Symbol(count, "number of condensed orientations"), SYMBOLS[0]),
        assumptions=ASSUMPTIONS,
        margin=0.0,
        margin_reason=BOUND_REASON,
        unit="orientations",
        tolerated_rate=VIOLATIONS,
    )


def orientations_prediction(geometry: Geometry) -> Orientations:
    """Exactly the stable orientations of the geometry, with their signs."""
    u, a, v = sympy.symbols("u a v", real=True)
    h = sympy.Function("H")
    norm = sympy.Function({Geometry.L2: "norm_2", Geometry.LINF: "norm_∞"}[geometry])
    best = sympy.Function("max")(sympy.sign(a) * h(v), sympy.Eq(norm(v), 1))
    return Orientations(
        formula=sympy.Eq(sympy.sign(a) * h(u), best),
        symbols=(
            Symbol(u, "orientation of the condensed neurons, a point of the unit ball's boundary"),
            Symbol(v, "any point near it on that boundary: the maximum is a local one"),
            *SYMBOLS,
        ),
        assumptions=ASSUMPTIONS,
        margin=MARGIN,
        margin_reason=MARGIN_REASON,
    )


def line_prediction(margin: float, reason: str) -> Orientations:
    """p = 1 in any dimension: the line of v."""
    u, a, v = sympy.symbols("u a v", real=True)
    return Orientations(
        formula=sympy.Eq(u, sympy.sign(a) * v / sympy.Abs(v)),
        symbols=(
            Symbol(u, "orientation of the condensed neurons"),
            Symbol(a, "output weight"),
            Symbol(v, "mean of y times the input with a one for the bias"),
        ),
        assumptions=(*ASSUMPTIONS, "the activation has multiplicity 1", "v is not zero"),
        margin=margin,
        margin_reason=reason,
    )


def line_steps() -> tuple[Step, ...]:
    """p = 1: a linear form has one maximum and one minimum on the sphere."""
    i, n = sympy.Symbol("i", integer=True), sympy.Symbol("n", integer=True, positive=True)
    x_i, y_i = sympy.Indexed("x", i), sympy.Indexed("y", i)
    u, v = sympy.symbols("u v", real=True)
    mean = sympy.Sum(y_i * x_i, (i, 1, n)) / n
    return (
        Step(
            "For p = 1 the form is linear in the direction u,",
            sympy.Eq(sympy.Function("H")(u), C * u * v),
        ),
        Step(
            "with the mean of y times the input, the bias being an input of one,", sympy.Eq(v, mean)
        ),
        Step(
            "so on the unit sphere of any dimension it has one maximum and one minimum:",
            sympy.Eq(u, sympy.sign(sympy.Symbol("a", real=True)) * v / sympy.Abs(v)),
        ),
    )


def xor_prediction() -> Orientations:
    """The XOR recipe: all eight corners of the cube, each with the sign of u₁u₂u₃."""
    u = xor_form()[1]
    a = sympy.Symbol("a", real=True)
    return Orientations(
        formula=sympy.Eq(sympy.sign(a), sympy.sign(u[0] * u[1] * u[2])),
        symbols=(
            *(Symbol(one, f"component {k + 1} of the direction") for k, one in enumerate(u)),
            Symbol(a, "output weight"),
        ),
        assumptions=(*ASSUMPTIONS, "y = x_1 x_2 on a symmetric grid, p = 3"),
        margin=MARGIN,
        margin_reason=MARGIN_REASON,
    )


def xor_steps() -> tuple[Step, ...]:
    """Why y = x₁x₂ has eight orientations for p = 3, checked point by point."""
    form, u = xor_form()
    count = len(xor_orientations())  # each verified there as a strict maximum
    height = sympy.sqrt(3) / 9
    return (
        Step(
            "For y = x₁x₂ on a symmetric grid and p = 3 odd moments vanish and one term is left,",
            sympy.Eq(sympy.Function("H")(*u), form),
        ),
        Step(
            "whose absolute value is largest, on the sphere as on the cube, at the corners",
            sympy.Eq(sympy.Abs(u[0] * u[1] * u[2]), height),
        ),
        Step(
            "where gradient and Hessian show a strict maximum of |H| each. There are more than 2p:",
            sympy.Eq(sympy.Symbol("N"), count),
        ),
    )


@functools.cache
def dynamics_steps() -> tuple[Step, ...]:
    """From the loss to the flow of one neuron, each step by sympy."""
    p, n = sympy.symbols("p n", integer=True, positive=True)
    a = sympy.Symbol("a", real=True)
    i = sympy.Symbol("i", integer=True)
    x_i, y_i = sympy.Indexed("x", i), sympy.Indexed("y", i)
    output = a * C * (W * x_i + B) ** p
    loss = (output - y_i) ** 2 / (2 * n)
    h = sympy.Function("H")(W, B)
    term = C * y_i * (W * x_i + B) ** p / n
    total = sympy.Sum(term, (i, 1, n))
    _check_flow(output, y_i, n, a, term)
    time = sympy.Symbol("τ")
    wt, bt, at = (sympy.Function(name)(time) for name in ("w", "b", "a"))
    return (
        Step(
            "Gradient flow on the loss of one neuron with the leading part of its activation; "
            "at small weights the residual is −y:",
            sympy.Eq(sympy.Function("L")(W, B, a), sympy.Sum(loss, (i, 1, n))),
        ),
        Step("The output weight grows by the leading form", sympy.Eq(h, total)),
        Step(
            "and the input weights climb it:",
            sympy.Eq(sympy.Derivative(wt, time), at * sympy.Derivative(h, W)),
        ),
        Step(
            "By Euler's identity for the homogeneous H the balance is conserved:",
            sympy.Eq(sympy.Derivative(wt**2 + bt**2 - p * at**2, time), 0),
        ),
    )


def _check_flow(
    output: sympy.Expr, target: sympy.Basic, n: sympy.Symbol, a: sympy.Symbol, h: sympy.Expr
) -> None:
    """One term of a' = H and w' = a ∂H/∂w: minus the loss gradient to first order in f."""
    small = sympy.Symbol("s", positive=True)
    loss = (small * output - target) ** 2 / (2 * n)
    flows = [(-sympy.diff(loss, v) / small).expand().subs(small, 0) for v in (a, W, B)]
    claimed = [h, a * sympy.diff(h, W), a * sympy.diff(h, B)]
    if any(sympy.simplify(f - g) != 0 for f, g in zip(flows, claimed, strict=True)):
        raise ArithmeticError("the gradient flow does not reduce to the leading form")


def counting_steps(p: int) -> tuple[Step, ...]:
    """Why there are at most 2p orientations for one input, written out for one p."""
    polynomial = sympy.collect(angular_polynomial(p), T)
    return (
        Step(
            f"With one input and p = {p}, H is a binary form in the moments of the data:",
            sympy.Eq(sympy.Function("H")(W, B), leading_form(p)),
        ),
        Step(
            "On the circle (w, b) = (cos θ, sin θ), t = tan θ, its critical directions solve",
            sympy.Eq(polynomial, 0),
        ),
        Step(
            f"a polynomial of degree {p}: at most p real lines, each with two directions, so",
            sympy.Le(sympy.Symbol("N"), 2 * p),
        ),
    )


def square_steps(p: int) -> tuple[Step, ...]:
    """The ℓ∞ version: corners, and critical points on the edges of the square."""
    return (
        Step(
            "Adam's first steps have the size of the learning rate in every coordinate, so "
            "(w, b) moves by signs of the gradient and ends at a maximum of sign(a)·H on the "
            f"square max(|w|, |b|) = 1: a corner, or on the edge w = 1 (p = {p}) a root of",
            sympy.Eq(edge_polynomial(p, "w"), 0),
        ),
        Step("and on the edge b = 1 a root of", sympy.Eq(edge_polynomial(p, "b"), 0)),
    )
