"""The claims on one rounding and on rounded sums: verdicts, controls, reports.

Verdicts are certain for a fixed seed and code. With other streams a mean would have to stray by
more than 5 standard errors to leave its margin: below 1e-6 for each.
"""

import pytest

from tests.validate.claims.running import results_in, run_of
from validate.results.records import Verdict

EXPECTED = {
    "precision.square-root": Verdict.DISAGREE,
    "precision.one-rounding": Verdict.AGREE,
    "precision.serial-sums": Verdict.AGREE,
    "precision.truncation": Verdict.AGREE,
    "precision.stagnation": Verdict.AGREE,
    "precision.stochastic-sums": Verdict.AGREE,
    "precision.order": Verdict.AGREE,
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
    assert results[id].derivation
    assert results[id].figures


def test_growth_of_the_error_by_rounding(results):
    """The root mean square grows like n towards zero, and late not at all with random bits."""
    slopes = {one.name: one.measured for one in results["precision.square-root"].observations}
    assert slopes["n up to 2^m/4: towards zero"] == pytest.approx(1.0, abs=0.1)
    assert slopes["n from 16·2^m on: stochastic"] == pytest.approx(0.0, abs=0.1)
