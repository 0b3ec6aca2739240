"""The claims on recovery: real training, verdicts and controls.

No chance enters before a filter is active again: the measured step is the predicted one, rounded
up, for any seed. What is left to chance is that a t interval's guard refuses two looks for the
skewness of the rounding (at most 1 in 100 each, then INCONCLUSIVE; certain for a fixed seed and
code) and when a filter that is active feels its first gradient, which nothing here depends on.
"""

import pytest

from tests.validate.claims.running import results_of
from validate.results.records import Verdict

IDS = ("batchnorm.recovery", "batchnorm.no-recovery")
EACH = pytest.mark.parametrize("id", IDS)


@pytest.fixture(scope="module")
def results(store):
    return results_of(IDS, 0, store)


@EACH
def test_agrees_and_controls_come_out_as_required(results, id):
    claim = results[id]
    assert claim.verdict is Verdict.AGREE, claim.reason
    assert all(entry.ok for entry in claim.regime)
    assert claim.controls
    assert [c.name for c in claim.controls if not c.as_required] == []


@EACH
def test_can_be_reported(results, id):
    claim = results[id]
    assert claim.derivation
    assert claim.notes
    assert claim.references
    assert len(claim.figures) == 1


def test_every_optimizer_is_within_one_percent(results):
    for observed in results["batchnorm.recovery"].observations:
        low, high = observed.interval
        assert 0.99 < low < high < 1.01


def test_adam_with_decay_in_the_gradient_is_said_not_to_follow(results):
    claim = results["batchnorm.recovery"]
    (adam,) = (c for c in claim.controls if c.name.startswith("Adam"))
    assert adam.rejected
    assert any("Adam" in note for note in claim.notes)
