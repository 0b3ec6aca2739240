"""The claims on spectra of shuffled kernels: verdicts, controls, reports.

Verdicts are certain for a fixed seed and code. With other streams a mean would have to stray by
more than 5 standard errors to leave its margin: below 1e-6 for each.
"""

import pytest

from tests.validate.claims.running import assert_can_be_reported, results_in, run_of
from validate.results.records import Verdict

EXPECTED = {
    "lowrank.shuffled-moment": Verdict.AGREE,
    "lowrank.truncation": Verdict.AGREE,
    "lowrank.tensors": Verdict.AGREE,
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
