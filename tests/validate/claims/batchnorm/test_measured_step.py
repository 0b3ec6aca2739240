"""Observables of single steps: exponents from noisy means, roots, and wrong laws."""

import math

import numpy as np
import pytest

from sim.batchnorm.step import OneStep
from sim.condensation.escape import Escape
from validate.claim import Unit, settings_of
from validate.claims.batchnorm.measured import step

RATES = (0.1, 0.2, 0.4, 0.8)
LADDER = OneStep(starts=(0.5,) * 4, rates=RATES, scales=(1.0,) * 4)


def unit(experiment, **measured) -> Unit:
    return Unit(experiment, 0, 0, measured)


def along(exponent: float) -> np.ndarray:
    """Means that follow another exponent and meet the prediction in the middle of the ladder."""
    law = step.laws(LADDER).mean_theta * LADDER.noise
    log = np.log(RATES) - np.log(RATES).mean()
    return law * np.exp((exponent - 2) * log)


@pytest.mark.parametrize("exponent", [1.9, 1.98, 2.0, 2.05, 2.1])
def test_exponents_near_the_predicted_one(exponent: float):
    found = step.slope(unit(LADDER, θ=along(exponent)), "η")
    assert found - 2 == pytest.approx(exponent - 2, rel=0.01, abs=1e-12)


@pytest.mark.parametrize("exponent", [-2.0, 0.0, 1.0, 1.5, 2.5, 4.0])
def test_other_exponents_are_far_off_on_their_side(exponent: float):
    found = step.slope(unit(LADDER, θ=along(exponent)), "η")
    assert (found - 2) / (exponent - 2) > 0.9


def test_the_exponent_of_noisy_means_is_not_shifted():
    """Means with 20 % of noise at one end, 2 % elsewhere: logarithms would shift the slope by
    about 0.009 on average. 20,000 units, 6 standard errors: 2e-9.
    """
    rng = np.random.default_rng(0)
    noise = 1 + np.array([0.2, 0.02, 0.02, 0.02]) * rng.standard_normal((20_000, 4))
    means = along(2.0) * noise
    found = np.array([step.slope(unit(LADDER, θ=row), "η") for row in means])
    logs = np.log(RATES) - np.log(RATES).mean()
    naive = np.log(-means) @ logs / (logs @ logs)
    error = found.std() / math.sqrt(len(found))
    assert abs(found.mean() - 2) < 6 * error
    assert naive.mean() - 2 > 6 * error


def test_relative_to_the_prediction():
    law = step.laws(LADDER).mean_theta * LADDER.noise
    assert step.relative(unit(LADDER, θ=1.1 * law)) == pytest.approx(1.1)
    assert step.relative(unit(LADDER, θ=1.1 * law), [2]).shape == (1,)


def test_a_root_is_found_by_a_newton_step():
    """The law itself near its root, taken for a measurement: off by second order only."""
    one = OneStep(starts=(0.6,))
    (mean,) = step.laws(one).mean_r * one.noise
    assert step.measured_root(unit(one, r=[mean]), "r", 0, step.independent) == pytest.approx(
        0.6248, abs=1e-3
    )


@pytest.mark.parametrize("centered", [False, True])
def test_wrong_moments_differ(centered: bool):
    one = OneStep(starts=(0.0, -1.5), rates=(0.1,) * 2, scales=(1.0,) * 2, centered=centered)
    control = step.constants("large", one, wrong=step.gaussian)
    off = np.abs(control.predict(unit(one)) - 1)
    assert (off > 1e-3).all()
    assert control.distance == pytest.approx(off.min())
    same = step.constants("not centered", one, wrong=step.independent).predict(unit(one))
    assert (same == 1).all() == (not centered)


def test_other_experiments_are_refused():
    with pytest.raises(TypeError, match="escape is no OneStep"):
        settings_of(unit(Escape()), OneStep)
