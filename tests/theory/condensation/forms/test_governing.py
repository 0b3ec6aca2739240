"""Which order governs where leading forms vanish, and when the own output is felt."""

import numpy as np
import pytest

from theory.condensation.forms.governing import (
    OwnOutputError,
    form_of_part,
    governing_part,
    next_order_steps,
    own_order,
    vanishes,
)
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.own_output import FORCE, own_output, quiet_amplitude
from theory.condensation.protocol import Protocol
from theory.symbolic.activation import activation
from theory.symbolic.leading_part import LeadingPart, leading_part

X = np.linspace(-1, 1.5, 40)[:, None]
AUGMENTED = np.column_stack([X, np.ones(40)])


def without(degree: int) -> np.ndarray:
    """Targets whose moments up to a degree are zero."""
    y = np.sin(3 * X[:, 0]) + np.exp(X[:, 0])
    basis, _ = np.linalg.qr(np.vander(X[:, 0], degree + 1))
    for _ in range(2):
        y = y - basis @ (basis.T @ y)
    return y


@pytest.mark.parametrize(
    ("expression", "degree", "order"),
    [
        ("tanh(x)", 0, 1),
        ("gelu(x)", 1, 2),
        ("silu(x)", 1, 2),
        ("x*tanh(x)", 2, 4),
        ("x**2+x**3", 2, 3),
        ("x**2+x**3+x**4", 3, 4),  # an order between vanishes too
        ("x**2*tanh(x)", 3, 5),
    ],
)
def test_the_first_order_that_acts_governs(expression: str, degree: int, order: int):
    assert governing_part(activation(expression), AUGMENTED, without(degree)).order == order


@pytest.mark.parametrize(
    ("expression", "degree", "reason"),
    [
        ("tanh(x)", 1, "the same as the data's"),
        ("tanh(x)", 3, "before the data"),
        ("gelu(x)", 2, "before the data"),  # GELU has no third order
        ("x**2+x**5", 2, "the same as the data's"),
        ("sigmoid(x)", 1, "before the data"),
    ],
)
def test_where_the_own_output_is_felt(expression: str, degree: int, reason: str):
    with pytest.raises(OwnOutputError, match=reason):
        governing_part(activation(expression), AUGMENTED, without(degree))


def test_degrees_of_the_forces_by_sympy():
    for p, q in ((1, 2), (2, 3), (2, 4), (3, 6)):
        assert len(next_order_steps(p, q)) == 4  # which checks both degrees
    assert (own_order(1), own_order(3), own_order(2, fixed=True)) == (3, 7, 4)


def test_an_even_part_has_no_bias_left():
    """q = p + 1: H has the moment M_q alone, so that it does not depend on the bias."""
    form = form_of_part(LeadingPart(2, 1.0, 1.0), AUGMENTED, without(1))
    assert not vanishes(form)
    assert np.abs(form.gradient(np.random.default_rng(0).normal(size=(50, 2)))[:, 1]).max() < 1e-12


def protocol(amplitude: float, coupled: bool = False) -> Protocol:
    return Protocol(Geometry.L2, 1e-8, 100, 0.02, amplitude, coupled)


def test_the_own_output_against_the_data_by_their_definitions():
    """The real GELU at the end of a run: (1/n) Σ f σ' x against (1/n) Σ y σ' x, rounding apart."""
    from scipy.special import ndtr

    sigma, y = activation("gelu(x)"), without(1)
    form = form_of_part(governing_part(sigma, AUGMENTED, y), AUGMENTED, y)
    found, setup = critical_orientations(form, Geometry.L2), protocol(1e-3)
    seen = own_output(leading_part(sigma), form, found, setup)
    ratios = []
    for at in found:
        u = np.array(at.direction)
        w = 1e-3 * u / np.abs(AUGMENTED @ u).max()
        z, a = AUGMENTED @ w, at.sign * np.linalg.norm(w) / np.sqrt(2)
        slope = ndtr(z) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        forces = [(f * slope) @ AUGMENTED for f in (a * z * ndtr(z), y)]
        ratios.append(np.linalg.norm(forces[0]) / np.linalg.norm(forces[1]))
    assert seen.force == pytest.approx(max(ratios), rel=0.01)


@pytest.mark.parametrize("coupled", [False, True])
def test_runs_end_before_the_own_output_is_felt(coupled: bool):
    sigma, y = activation("gelu(x)"), without(1)
    form = form_of_part(governing_part(sigma, AUGMENTED, y), AUGMENTED, y)
    found, part = critical_orientations(form, Geometry.L2), leading_part(sigma)
    level = quiet_amplitude(part, form, found, protocol(0.2, coupled))
    seen = own_output(part, form, found, protocol(level, coupled))
    assert 0 < level < 0.2
    assert seen.force <= FORCE * 1.0001
    assert seen.moments <= 0.02 * 1.0001
    assert seen.turn <= 1.0001
