"""The turn at a finite amplitude against orientations found by climbing the true H_σ."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from sim.activation.compiled import compile as compile_activation
from sim.condensation.amplitude import LADDER, SHIFT, amplitude, shift
from theory.condensation.forms.homogeneous import HomogeneousForm, leading_form_of
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations
from theory.symbolic.activation import activation

FUNCTIONS = {
    "sin(x)+x**2": lambda z: np.sin(z) + z**2,
    "x*tanh(x)+x**3": lambda z: z * np.tanh(z) + z**3,
    "x**2*tanh(x)+x**4": lambda z: z**2 * np.tanh(z) + z**4,
}


def form_on(text: str) -> HomogeneousForm:
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.uniform(-1, 1.5, (25, 2)), np.ones(25)])
    return leading_form_of(activation(text), x, rng.standard_normal(25))


def turned(text: str, form: HomogeneousForm, start: np.ndarray, sign: int, radius: float) -> float:
    """Degrees from ``start`` to the maximum of sign·H_σ on the sphere of a radius."""

    def height(v: np.ndarray) -> float:
        u = v / np.linalg.norm(v)
        return -sign * float(form.y @ FUNCTIONS[text](radius * (form.x @ u))) / radius**form.order

    found = minimize(height, start, method="BFGS", options={"gtol": 1e-9}).x
    cosine = float(found @ start / np.linalg.norm(found))
    return math.degrees(math.acos(min(1.0, cosine)))


@pytest.mark.parametrize("text", FUNCTIONS)
def test_no_orientation_turns_further_than_stated(text: str):
    form, sigma = form_on(text), compile_activation(activation(text))
    small, seen = 1e-3, []
    for at in critical_orientations(form, Geometry.L2):
        u = np.array(at.direction)
        stated = shift(sigma, form, Geometry.L2, at, small)
        radius = small / float(np.max(np.abs(form.x @ u)))
        real = turned(text, form, u, at.sign, radius)
        seen.append(real)
        # Linear in the amplitude, whose square is 1e-6: the bound may fail by that share only.
        assert real <= stated * 1.02
    assert max(seen) > 1e-3  # the next order does turn them


def test_the_only_curvature_makes_the_bound_exact():
    # Two weights: one angle, so that the weakest curvature is the only one.
    text = "x*tanh(x)+x**3"
    x = np.column_stack([np.linspace(-1, 1.5, 20), np.ones(20)])
    form = leading_form_of(activation(text), x, np.cos(3 * x[:, 0]) + 0.5)
    sigma = compile_activation(activation(text))
    for at in critical_orientations(form, Geometry.L2):
        u = np.array(at.direction)
        radius = 1e-3 / float(np.max(np.abs(x @ u)))
        real = turned(text, form, u, at.sign, radius)
        assert shift(sigma, form, Geometry.L2, at, 1e-3) == pytest.approx(real, rel=0.03)


def test_the_ladder_takes_the_first_amplitude_that_is_small_enough():
    text = "x*tanh(x)+x**3"
    form, sigma = form_on(text), compile_activation(activation(text))
    found = critical_orientations(form, Geometry.L2)
    level = amplitude(sigma, form, Geometry.L2, found)
    worst = [max(shift(sigma, form, Geometry.L2, at, one) for at in found) for one in LADDER]
    assert level == next((one for one, w in zip(LADDER, worst, strict=True) if w <= SHIFT), None)
    pure = form_on("x**3")
    exact = compile_activation(activation("x**3"))
    assert amplitude(exact, pure, Geometry.L2, critical_orientations(pure, Geometry.L2)) == 0.2


def test_a_corner_of_the_cube_does_not_turn():
    form, sigma = form_on("sin(x)+x**2"), compile_activation(activation("sin(x)+x**2"))
    for at in critical_orientations(form, Geometry.LINF):
        assert np.ptp(np.abs(at.direction)) < 1e-9  # v has no zero component: all are corners
        assert shift(sigma, form, Geometry.LINF, at, 0.2) == 0
