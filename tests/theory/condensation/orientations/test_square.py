"""The proof of the bound on the square: its identity, and its counts on random forms one by one."""

import math

import numpy as np
import pytest

from theory.condensation.forms.leading_form import Form, Geometry, real_roots
from theory.condensation.orientations import square
from theory.condensation.orientations.plane import orientations

DRAWS = 60


def inside(coefficients: np.ndarray) -> int:
    """Real roots of a polynomial, highest coefficient first, in (−1, 1)."""
    return int(np.sum(np.abs(real_roots(coefficients)) < 1))


def forms(p: int) -> list[Form]:
    """Gaussian coefficients, coefficients of all sizes, and products of linear factors."""
    rng, made = np.random.default_rng(p), []
    for _ in range(DRAWS):
        made.append(rng.standard_normal(p + 1))
        made.append(rng.choice([1.0, -1.0], p + 1) * 10 ** rng.uniform(-2, 2, p + 1))
        angles = rng.uniform(0, np.pi, p)
        product = np.array([1.0])
        for angle in angles:
            product = np.convolve(product, [math.cos(angle), math.sin(angle)])
        made.append(product)
    binomials = [math.comb(p, k) for k in range(p + 1)]
    return [Form(1.0, tuple((terms / binomials).tolist())) for terms in made]


def slopes_at_corners(form: Form) -> list[float]:
    """ψ = t f′(t)/f(t) at t = ±1."""
    k = np.arange(form.p, -1, -1)  # of t, on the right side
    terms = [form.terms * t**k for t in (1.0, -1.0)]
    return [float((k * one).sum() / one.sum()) for one in terms]


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 6, 7])
def test_every_count_of_the_proof(p: int):
    for form in forms(p):
        right, top = form.terms, form.terms[::-1]  # f and g, highest power first
        zeros_right, zeros_top = inside(right), inside(top)
        turns_right, turns_top = inside(np.polyder(right)), inside(np.polyder(top))
        slopes = slopes_at_corners(form)
        corners = sum(0 < slope < p for slope in slopes)
        not_rising = [sum(s <= 0 for s in slopes), sum(s >= p for s in slopes)]
        assert corners + sum(not_rising) == 2
        assert turns_right <= p - 1 - zeros_top + not_rising[0]
        assert turns_top <= p - 1 - zeros_right + not_rising[1]
        twice = turns_right + turns_top + corners + zeros_right + zeros_top
        found = len(orientations(form, Geometry.LINF))
        assert twice == found  # two maxima a line, two directions a line
        assert found <= 2 * p


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 6])
def test_the_identity_and_the_sum(p: int):
    steps = square.square_bound_steps(p)
    assert steps[-1].formula is not None
    assert square.slopes_add_up(p)


def test_the_bound_is_attained():
    """A product of p linear factors has as many lines as it has zeros."""
    for form in forms(5)[2::3]:
        assert len(orientations(form, Geometry.LINF)) == 10


def test_what_is_claimed_of_random_forms():
    bound = square.form_bound()
    assert bound.tolerated_rate == square.TOLERATED
    assert bound.margin == 0


@pytest.mark.parametrize(
    "terms",
    [
        [4.98e-05, -6.59e-06, -8.1e-03, 1.98e03, 0.136],
        [-154, 8088.6, -4.09e-04, -6.5e-05, 1.134],
    ],
)
def test_an_orientation_that_is_low_but_clear_of_rounding(terms: list[float]):
    """Beside a maximum of 10³ one of 10⁻⁵ or 1 that stands out by 10⁻¹⁰ of the highest."""
    form = Form(1.0, tuple(term / math.comb(4, k) for k, term in enumerate(terms)))
    found = orientations(form, Geometry.LINF)
    assert len(found) == 6
    assert min(one.height for one in found) < 2
    # where terms of that size canceled to rounding, nothing is told of it
    summed = Form(form.c, form.moments, scale=float(np.abs(terms).sum()))
    assert len(orientations(summed, Geometry.LINF)) == 4
