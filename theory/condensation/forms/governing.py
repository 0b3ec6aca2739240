"""Which order of an activation governs on given data, where its leading form vanishes there.

With σ(z) − σ(0) = c_p z^p + … + c_q z^q + … the data drive a neuron (w, a) by the forms
H_k(w) = (c_k/n) Σᵢ yᵢ (w·x̃ᵢ)^k of every order k, with a force of degree k in its weights, and the
network's own output f, of degree p + 1, opposes it with one of degree 2p + 1. If q is the first
order whose form does not vanish, small weights follow H_q where q < 2p + 1; where q = 2p + 1
(tanh: 3) both forces are of one size at any scale, and where q > 2p + 1 the output acts first.
Where σ(0) ≠ 0 the output weights are large and fixed, so that degrees count in w alone and q
stands against 2p. Source: our derivation, by sympy in `next_order_steps`.
"""

import functools

import numpy as np
import sympy
from jaxtyping import Float

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import FLAT
from theory.prediction import Step
from theory.symbolic.activation import Activation, Term
from theory.symbolic.leading_part import LeadingPart, leading_part

DIRECTIONS = 500  # in which a form must be zero to count as vanishing


class OwnOutputError(ValueError):
    """The leading form vanishes on these data and no later order is known to govern."""


def governing_part(
    sigma: Activation,
    x: Float[np.ndarray, "samples dimension"],
    y: Float[np.ndarray, " samples"],
) -> LeadingPart:
    """The term of the first order whose form does not vanish on the data: nearly always σ_lead.

    Args:
        x: inputs, with the bias column if there is one.
        y: targets, centered by the caller where σ(0) ≠ 0.

    Raises:
        ValueError: the activation has no power expansion at 0.
        OwnOutputError: the leading form vanishes, and the network's own output acts as early as
            the first order that does not, or earlier, or that order is not known.
    """
    part, fixed = leading_part(sigma), bool(sigma.value_at_zero)
    if not vanishes(form_of_part(part, x, y)):
        return part
    p, own = part.order, own_order(part.order, fixed)
    count = own - p + 2  # orders from p to 2p + 1, and one beyond
    for term in sigma.terms(count):
        if term.order <= p or vanishes(form_of_part(part_of(term), x, y)):
            continue
        if term.order < own:
            return part_of(term)
        raise OwnOutputError(_too_late(p, term.order, fixed))
    if sigma.known_up_to(count) < own:
        raise OwnOutputError(f"{_vanishing(p)}, and the next order is not known")
    raise OwnOutputError(_too_late(p, None, fixed))


def own_order(p: int, fixed: bool = False) -> int:
    """The order from which on the network's own output acts as early as the data.

    Args:
        fixed: whether output weights have a fixed size, as where σ(0) ≠ 0; else they are as
            small as the input weights.
    """
    return 2 * p if fixed else 2 * p + 1


def vanishes(form: HomogeneousForm) -> bool:
    """Whether a form is zero in all directions, up to rounding."""
    return bool(np.max(np.abs(form.value(directions(form.dimension)))) <= FLAT * form.scale)


def directions(dimension: int) -> Float[np.ndarray, "directions dimension"]:
    """Directions spread over the sphere at random, always the same ones."""
    u = np.random.default_rng(0).standard_normal((DIRECTIONS, dimension))
    return u / np.linalg.norm(u, axis=1, keepdims=True)


def part_of(term: Term) -> LeadingPart:
    """One term of an activation in numbers."""
    right, left = float(term.right), float(term.left)
    if term.monomial:
        left = (-1) ** term.order * right  # equal up to the last digit is equal
    return LeadingPart(term.order, right, left)


def form_of_part(
    part: LeadingPart,
    x: Float[np.ndarray, "samples dimension"],
    y: Float[np.ndarray, " samples"],
) -> HomogeneousForm:
    """The form of one term of an activation."""
    return HomogeneousForm(x, y, part.order, part.right, part.left)


def _vanishing(p: int) -> str:
    return f"the leading form, of order {p}, vanishes on these data"


def _too_late(p: int, q: int | None, fixed: bool) -> str:
    """Why order q, or any beyond what is named, does not take over."""
    own = own_order(p, fixed)
    degrees = (
        f"of degree {2 * p - 1} in the input weights, the output weights being fixed by σ(0) ≠ 0"
        if fixed
        else f"of degree 2p + 1 = {own} in the weights"
    )
    if q == own:
        return (
            f"{_vanishing(p)}; order {q} is the next that does not, but the network's own output "
            f"acts with a force {degrees}, the same as the data's: no direction is predicted"
        )
    return (
        f"{_vanishing(p)}, and so does every order up to {own}; the network's own output, with a "
        f"force {degrees}, acts before the data: no direction is predicted"
    )


@functools.cache
def next_order_steps(p: int, q: int) -> tuple[Step, ...]:
    """Degrees of both forces in the weights (a, w), from the loss of one neuron and one sample.

    Raises:
        ArithmeticError: the degrees are not q and 2p + 1.
    """
    a, w, x, y, s = sympy.symbols("a w x y s", real=True)
    c_p, c_q = sympy.symbols("c_p c_q", real=True)
    n, i = sympy.Symbol("n", integer=True, positive=True), sympy.Symbol("i", integer=True)

    def output(c: sympy.Symbol, order: int) -> sympy.Expr:
        return a * c * (w * x) ** order

    data = sympy.diff(y * output(c_q, q), w)
    own = -sympy.diff(output(c_p, p) ** 2 / 2, w)
    scaled = {a: s * a, w: s * w}
    for force, degree in ((data, q), (own, 2 * p + 1)):
        if sympy.simplify(force.subs(scaled, simultaneous=True) - s**degree * force) != 0:
            raise ArithmeticError(f"the force is not of degree {degree}")
    size, ratio = sympy.symbols("ε R", positive=True)
    y_i, x_i = sympy.Indexed("y", i), sympy.Indexed("x", i)
    moment = sympy.Sum(y_i * (w * x_i) ** p, (i, 1, n))
    return (
        Step(f"On these data the form of order p = {p} vanishes in every direction w,",
             sympy.Eq(moment, 0)),
        Step(f"so that order q = {q} is the first to drive a neuron, with a force of degree {q}:",
             data),
        Step(f"The network's own output, of order p, opposes with one of degree 2p + 1 = "
             f"{2 * p + 1}:", own),
        Step("At weights of size ε their ratio goes as below: small weights follow order q.",
             sympy.Eq(ratio, sympy.Symbol("k", positive=True) * size ** (2 * p + 1 - q))),
    )  # fmt: skip
