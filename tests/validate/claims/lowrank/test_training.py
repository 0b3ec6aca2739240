"""The claims on training inside of shuffled subspaces: verdicts, controls, reports.

Verdicts are certain for a fixed seed and code. Identities have nothing random; of 32 units more
than 21 would have to change for a count to leave its side: below 1e-6.
"""

import pytest

from tests.validate.claims.running import assert_can_be_reported, results_in, run_of
from validate.results.records import Verdict

EXPECTED = {
    "lowrank.embedding": Verdict.DISAGREE,
    "lowrank.training-inside": Verdict.AGREE,
    "lowrank.spatial-similarity": Verdict.AGREE,
    "lowrank.update": Verdict.AGREE,
    "lowrank.slices": Verdict.AGREE,
}
EACH = pytest.mark.parametrize("id", EXPECTED)


@pytest.fixture(scope="module")
def results(store, process):
    return results_in(run_of(EXPECTED, store, process))


@EACH
def test_verdict_and_controls(results, id):
    found = results[id]
    assert found.verdict is EXPECTED[id], found.reason
    assert found.controls
    assert all(control.as_required for control in found.controls)


@EACH
def test_can_be_reported(results, id):
    assert_can_be_reported(results[id])
