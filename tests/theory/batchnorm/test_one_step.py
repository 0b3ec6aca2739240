"""Laws of one step: identities, roots, predictions and the derivation."""

import math

import mpmath
import numpy as np
import pytest
import sympy
from scipy import integrate, stats

from theory.batchnorm import derivation as bn_derivation
from theory.batchnorm import one_step
from theory.batchnorm.moments import (
    centered_moments,
    drift,
    finite_batch_centered_moments,
    finite_batch_moments,
    gaussian_moments,
)
from theory.batchnorm.taylor import ANGLE, RATIO, SHARE, M, R
from theory.prediction import Step

STEPS = (
    bn_derivation.drift_steps,
    bn_derivation.batch_steps,
    bn_derivation.leaky_steps,
    bn_derivation.root_steps,
    bn_derivation.centered_steps,
)


def test_the_law_of_the_angle():
    r = np.linspace(-4, 4, 17)
    expected = -stats.norm.pdf(r) / (1 + r**2) ** 2
    np.testing.assert_allclose(drift(gaussian_moments(r), r).mean_theta, expected, atol=1e-15)
    assert one_step.angle_law() == -one_step.DENSITY / (1 + R**2) ** 2


@pytest.mark.parametrize("slope", [0.1, 0.5])
@pytest.mark.parametrize("batch", [8, 64])
def test_leaky_relu_weakens_the_drift_by_its_factor(slope: float, batch: int):
    r = np.linspace(-2, 2, 9)
    ratio = (
        drift(finite_batch_moments(r, batch, slope), r).mean_theta
        / drift(finite_batch_moments(r, batch), r).mean_theta
    )
    factor = one_step.leaky_factor().subs(one_step.SLOPE, slope)
    np.testing.assert_allclose(ratio, float(factor))  # type: ignore[arg-type]
    np.testing.assert_allclose(ratio, 1 - slope**2)


@pytest.mark.parametrize("r", [-2.0, -0.7, 0.0, 0.3, 1.5])
def test_the_integral_of_positive_terms_for_other_symmetric_inputs(r: float):
    """Uniform x̂ of variance 1 and x̂ = ±1 with a hole: no Gaussian is needed for the sign."""
    edge = math.sqrt(3)
    values = [
        integrate.quad(lambda x, k=k: x**k / (2 * edge), min(max(-r, -edge), edge), edge)[0]
        for k in range(3)
    ]
    found = float(ANGLE.mean.subs({R: r, **dict(zip(M, values, strict=True))}))
    integrand = sympy.lambdify(one_step.X, one_step.one_signed_law().subs(R, abs(r)))
    tail = integrate.quad(lambda x: integrand(x) / (2 * edge), min(abs(r), edge), edge)[0]
    assert found == pytest.approx(-tail / (1 + r * r) ** 2, abs=1e-12)
    assert found <= 1e-15


@pytest.mark.parametrize("coordinate", [RATIO, SHARE], ids=lambda one: one.name)
def test_roots_are_those_of_an_independent_bisection(coordinate):
    def law(r):
        share, density = mpmath.ncdf(r), mpmath.npdf(r)
        mean = r * (share - r * density) - density
        if coordinate is RATIO:
            return mean
        return mean - r / 2 * (share - 2 * r * density + r**2 * (share - r * density))

    near = {"r": 0.6, "P": -1.2}[coordinate.name]
    expected = float(mpmath.findroot(law, (near - 0.3, near + 0.3), solver="anderson"))
    assert one_step.gaussian_root(coordinate, near) == pytest.approx(expected, abs=1e-12)


def test_roots_for_a_batch():
    for root, name in ((one_step.ratio_root, "mean_r"), (one_step.share_root, "mean_p")):
        r = root(64) + np.array([-1e-3, 1e-3])
        low, high = getattr(drift(finite_batch_moments(r, 64), r), name)
        assert low * high < 0
    assert one_step.ratio_root(4000) == pytest.approx(one_step.gaussian_root(RATIO, 0.6), abs=2e-4)
    r = one_step.centered_batch_root(64) + np.array([-1e-3, 1e-3])
    low, high = drift(finite_batch_centered_moments(r, 64), r).mean_theta
    assert low < 0 < high


def test_centered_moments_in_symbols():
    r = np.array([-1.0, 0.4])
    names = (R, one_step.DENSITY, sympy.Symbol("Φ", positive=True))
    functions = [sympy.lambdify(names, one) for one in one_step.centered_symbolic()]
    found = [function(r, stats.norm.pdf(r), stats.norm.cdf(r)) for function in functions]
    expected = centered_moments(r)
    np.testing.assert_allclose(found, [expected.m0, expected.m1, expected.m2], rtol=1e-13)
    root = np.array([one_step.centered_root()])
    assert abs(drift(centered_moments(root), root).mean_theta[0]) < 1e-14


@pytest.mark.parametrize("steps", STEPS, ids=lambda steps: steps.__name__)
def test_derivations_say_something_in_every_step(steps):
    made = steps()
    assert len(made) >= 3
    for step in made:
        assert isinstance(step, Step)
        assert step.text.strip()
        assert step.formula not in (sympy.true, sympy.false)


def test_every_symbol_of_a_prediction_is_explained():
    made = [
        one_step.slope_prediction(one_step.ETA, 2.0),
        one_step.slope_prediction(one_step.GAMMA, -1.0),
        one_step.theta_prediction(3),
        one_step.scatter_prediction(),
        one_step.still_prediction(),
        one_step.root_prediction(RATIO, 0.6),
        one_step.sign_prediction(SHARE, -1),
    ]
    for prediction in made:
        explained = {row.symbol for row in prediction.symbols}
        assert prediction.formula.free_symbols <= explained
        assert prediction.margin_reason
    assert made[-1].formula.rel_op == "<"
