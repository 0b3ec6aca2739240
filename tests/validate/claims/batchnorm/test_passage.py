"""The claims on long runs of batch normalization: real runs, and wrong predictions rejected.

Verdicts are certain for a fixed seed and code. With other streams a run is INCONCLUSIVE where an
interval of the last look (half-widths up to 0.012 in 0.02, 0.02 in 0.03 and 0.014 in 0.035) leaves
its margin.
"""

import pytest

from tests.in_process import InProcess
from validate.registry import select
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner
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
def runner(store):
    with InProcess() as executor:
        made = Runner(select(IDS), Options(seed=0), store, executor)
        made.run()
        yield made


@pytest.fixture(scope="module")
def results(runner):
    return {claim.id: claim for claim in runner.results().claims}


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
    assert claim.derivation
    (figure,) = claim.figures
    assert figure.kind == "scaling"
    assert all(len(panel["lines"]) >= 2 for panel in figure.series["panels"])


def test_mutants_are_rejected(runner):
    made = [m for state in runner.states for m in mutants(state, runner.options)]
    assert made
    assert [(m.decision, m.change, m.reason) for m in made if not m.rejected] == []
