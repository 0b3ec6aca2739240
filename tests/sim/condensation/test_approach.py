"""How fast angles fade: reproducible, and with the predicted exponent along single runs."""

import dataclasses
import math

import numpy as np
import pytest

from sim.condensation.approach import AWAY, Approach, cap
from sim.condensation.targets import gaussian_coefficients
from tests.sim.reproducible import assert_a_block_is_a_function_of_seed_and_index
from theory.condensation.forms.leading_form import Form
from theory.condensation.orientations.plane import Geometry, orientations

LINEAR = Approach(neurons=4, samples=10, block=3)
CUBIC = dataclasses.replace(LINEAR, activation="x**2*tanh(x)", data="gaussian-coefficients")
BOTH = pytest.mark.parametrize("experiment", [LINEAR, CUBIC], ids=["linear", "cubic"])


@BOTH
def test_a_block_is_a_function_of_seed_and_index(experiment: Approach):
    assert_a_block_is_a_function_of_seed_and_index(experiment)


@BOTH
def test_single_runs_have_the_predicted_exponent(experiment: Approach):
    window = -np.diff(np.log(experiment.angles))
    for replicate, measurement in enumerate(experiment.run(0, 0)):
        data, _ = experiment.data_set(0, replicate, measurement["draws"])
        at = experiment.target(data)
        assert at is not None
        assert tuple(measurement["direction"]) == at.direction
        growth = np.array(measurement["log_growth"])
        assert growth.shape == (4, 4)
        # the first interval begins at 1e-3, where the linearization is good to about 1e-3
        np.testing.assert_allclose(window / np.diff(growth), at.kappa, rtol=5e-3)
        np.testing.assert_allclose((window / np.diff(growth))[:, 1:], at.kappa, rtol=3e-4)


class _SameStreams(Approach):
    """Data and weights do not depend on the step."""

    def settings_hash(self) -> str:
        return dataclasses.replace(self, step=1.0).settings()["experiment"]


@BOTH
def test_halving_the_step_changes_little(experiment: Approach):
    def simulate(step: float) -> list:
        stepped = _SameStreams(**{**dataclasses.asdict(experiment), "step": step})
        return stepped.simulate(0, range(3), "cpu")

    for one, other in zip(simulate(0.15), simulate(0.075), strict=True):
        np.testing.assert_allclose(one["log_growth"], other["log_growth"], rtol=1e-3)


@BOTH
def test_starts_are_on_the_cap_and_away_from_the_window(experiment: Approach):
    for replicate in range(4):
        data, _ = experiment.data_set(0, replicate)
        at = experiment.target(data)
        assert at is not None
        starts = experiment._starts(0, replicate, data, at)
        form = experiment.form(data)
        theta = np.arctan2(starts[:, 1], starts[:, 0])
        assert (at.sign * form.value(theta) > 0).all()
        assert (at.sign * form.curvature(theta) < 0).all()
        assert (np.sign(starts[:, 2]) == at.sign).all()
        turn = np.abs(np.angle(np.exp(1j * (theta - math.radians(at.angle_degrees)))))
        assert turn.min() > AWAY * experiment.angles[0]


def test_cap_of_a_known_form():
    """H = cos 2θ is positive and concave up to 45° on either side of θ = 0."""
    form = Form(1.0, (-1.0, 0.0, 1.0))
    at = next(o for o in orientations(form, Geometry.L2) if abs(o.angle_degrees) < 1e-9)
    assert cap(form, at) == pytest.approx((math.pi / 4, math.pi / 4), abs=2e-3)


def test_exponents_out_of_range_are_not_judged():
    judged = [CUBIC.data_set(0, replicate)[0] for replicate in range(6)]
    kappas = [at.kappa for data in judged if (at := CUBIC.target(data)) is not None]
    assert len(kappas) == 6
    assert all(CUBIC.slowest <= kappa <= CUBIC.fastest for kappa in kappas)
    narrow = dataclasses.replace(CUBIC, slowest=min(kappas) + 1e-9)
    assert any(narrow.target(data) is None for data in judged)


def test_unfinished_runs_are_counted():
    for measurement in dataclasses.replace(LINEAR, steps=3).run(0, 0):
        assert measurement["unfinished"] == 1.0


def test_the_first_data_that_are_judged_are_taken():
    narrow = dataclasses.replace(CUBIC, slowest=1.5)
    counts = []
    for replicate in range(6):
        data, draws = narrow.data_set(0, replicate)
        assert narrow.target(data) is not None
        rng = narrow.stream(0, replicate, "data")
        drawn = [gaussian_coefficients(rng, 3, narrow.samples) for _ in range(draws)]
        assert all(narrow.target(one) is None for one in drawn[:-1])
        np.testing.assert_array_equal(data.y, drawn[-1].y)
        np.testing.assert_array_equal(narrow.data_set(0, replicate, draws)[0].y, data.y)
        counts.append(draws)
    assert max(counts) > 1
