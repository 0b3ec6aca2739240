"""The claims on rounded networks: verdicts, controls, reports.

Verdicts are certain for a fixed seed and code. With other streams a mean of 212 replicates would
have to stray by more than 5 standard errors to leave its margin: below 1e-6 for each.
"""

import pytest

from tests.validate.claims.running import (
    results_in,
    run_of,
)
from validate.results.records import Verdict

EXPECTED = {
    "precision.depth": Verdict.AGREE,
    "precision.accuracy": Verdict.DISAGREE,
    "precision.flips": Verdict.AGREE,
}
EACH = pytest.mark.parametrize("id", EXPECTED)


@pytest.fixture(scope="module")
def results(store, process):
    return results_in(run_of(EXPECTED, store, process))


@EACH
def test_verdict(results, id):
    assert results[id].verdict is EXPECTED[id], results[id].reason


@EACH
def test_controls_come_out_as_required(results, id):
    controls = results[id].controls
    assert controls
    assert all(control.as_required for control in controls)


@EACH
def test_can_be_reported(results, id):
    assert results[id].derivation
    assert results[id].figures
