"""The claims on long runs of batch normalization: real runs, and wrong predictions rejected.

Verdicts are certain for a fixed seed and code. With other streams a run is INCONCLUSIVE where an
interval of the last look (half-widths up to 0.012 in 0.02, 0.02 in 0.03 and 0.014 in 0.035) leaves
its margin.
"""

import pytest

from tests.validate.claims.running import assert_can_be_reported, results_in, run_of
from validate.results.records import Verdict
from validate.trust.mutation import mutants

AGREEING = (
    "batchnorm.first-passage",
    "batchnorm.heavy-tail",
    "batchnorm.decay-clock",
    "batchnorm.long-run-variants",
)
IDS = (*AGREEING, "batchnorm.collapse-probability")
EACH = pytest.mark.parametrize("id", IDS)


@pytest.fixture(scope="module")
def run(store, process):
    return run_of(IDS, store, process)


@pytest.fixture(scope="module")
def results(run):
    return results_in(run)


@pytest.mark.parametrize("id", AGREEING)
def test_agrees(results, id):
    assert results[id].verdict is Verdict.AGREE, results[id].reason
    assert all(entry.ok for entry in results[id].regime)


def test_the_sentence_on_the_long_run_is_false(results):
    claim = results["batchnorm.collapse-probability"]
    assert claim.verdict is Verdict.DISAGREE, claim.reason
    assert claim.disagrees_with


@EACH
def test_controls_come_out_as_required(results, id):
    assert results[id].controls
    assert [(c.name, c.reason) for c in results[id].controls if not c.as_required] == []


@EACH
def test_can_be_reported(results, id):
    claim = results[id]
    assert_can_be_reported(claim)
    (figure,) = claim.figures
    assert figure.kind == "scaling"
    assert all(len(panel["lines"]) >= 2 for panel in figure.series["panels"])


def test_mutants_are_rejected(run):
    made = [m for state in run.states for m in mutants(state, run.options)]
    assert made
    assert [(m.decision, m.change, m.reason) for m in made if not m.rejected] == []
