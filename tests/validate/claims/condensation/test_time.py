"""The claims on escape time and convergence: real training, and wrong predictions rejected.

Verdicts are certain for a fixed seed and code. With other streams the intervals at the first look
(half-widths up to 0.02 for the slopes, 0.05 for local ones) would leave their margins (0.05, 0.1)
with probability below 1e-6: that is more than 4.8 of their standard errors away, on top of the 4
to 5 of the half-width. A look is refused for skewness in about 1 of 100 samples; then the next one
decides.
"""

import dataclasses

import pytest

from tests.validate.claims.running import (
    assert_agrees,
    assert_can_be_reported,
    assert_controls_are_rejected,
    judged_again,
    results_in,
    run_of,
    surviving,
)
from validate.claim import Role
from validate.registry import select
from validate.results.records import Verdict

IDS = ("condensation.escape-time", "condensation.convergence")
EACH = pytest.mark.parametrize("id", IDS)


@pytest.fixture(scope="module")
def run(store, process):
    return run_of(IDS, store, process)


@pytest.fixture(scope="module")
def results(run):
    return results_in(run)


@EACH
def test_agrees(results, id):
    assert_agrees(results[id])


@EACH
def test_controls_are_rejected(results, id):
    assert_controls_are_rejected(results[id])


@EACH
def test_can_be_reported(results, id):
    claim = results[id]
    assert_can_be_reported(claim)
    assert claim.notes
    (figure,) = claim.figures
    assert figure.kind == "scaling"
    assert all(len(panel["lines"]) >= 2 for panel in figure.series["panels"])


@pytest.fixture
def verdict_when(run):
    """The verdict of one decision alone, with another prediction, on the run's measurements."""

    def judged(id: str, position: int, change) -> Verdict:
        body = select((id,))[0].build()
        claims = [d for d in body.decisions if d.role is Role.CLAIM]
        wrong = _with(claims[position], change)
        others = [d for d in body.decisions if d.role is Role.RESOLUTION]
        return judged_again(run, id, (wrong, *others)).observations[0].verdict

    return judged


def _with(decision, change):
    predict = decision.predict
    return dataclasses.replace(decision, predict=lambda unit: change(predict(unit)))


@pytest.mark.parametrize("position", range(2))
@pytest.mark.parametrize("factor", [1.1, 1 / 1.1])
def test_rates_off_by_a_tenth_are_rejected(verdict_when, position, factor):
    assert verdict_when(IDS[0], position, lambda rate: rate * factor) is Verdict.DISAGREE


@pytest.mark.parametrize("position", [2, 3])
@pytest.mark.parametrize("shift", [0.15, -0.15, 1.0])
def test_exponents_off_by_little_are_rejected(verdict_when, position, shift):
    assert verdict_when(IDS[0], position, lambda power: power + shift) is Verdict.DISAGREE


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("factor", [1.1, 1 / 1.1])
def test_kappas_off_by_a_tenth_are_rejected(verdict_when, position, factor):
    assert verdict_when(IDS[1], position, lambda kappa: kappa * factor) is Verdict.DISAGREE


@pytest.mark.parametrize("position", range(3))
def test_the_right_prediction_passes_the_same_way(verdict_when, position):
    assert verdict_when(IDS[1], position, lambda kappa: kappa) is Verdict.AGREE


@EACH
def test_every_mutant_is_rejected(run, id):
    assert [(m.decision, m.change, m.reason) for m in surviving(run, id)] == []
