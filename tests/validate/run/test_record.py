"""A run's record says whether all claims were run that its budget can decide."""

from collections.abc import Sequence

import pytest

from tests.reports.synthetic import results
from validate.registry import Claim, affordable, claims
from validate.results.records import Results
from validate.results.reproduce import command
from validate.run.claim_progress import Options
from validate.run.judged import Judged
from validate.run.record import run_result


def record(chosen: Sequence[Claim], budget: str) -> Results:
    """Of a run of these claims, whatever came out."""
    some = results().claims[4]
    gave = {
        claim.id: Judged(some.model_copy(update={"id": claim.id}), 1, [claim.id], (), ())
        for claim in chosen
    }
    counted = {"started": "", "seconds": 1.0, "reused": 0, "computed": 0, "failed": 0}
    return run_result(chosen, gave, Options(budget=budget), **counted)


@pytest.mark.parametrize("budget", ["quick", "standard"])
def test_all_that_the_budget_can_decide_is_everything(budget: str):
    chosen = affordable(claims(), budget)
    made = record(chosen, budget)
    assert made.run.everything
    assert command(made).startswith("python -m validate all --seed 0")
    fewer = record(chosen[1:], budget)
    assert not fewer.run.everything
    assert chosen[1].id in command(fewer)


def test_what_a_larger_budget_could_decide_is_missing_there_alone():
    quick = affordable(claims(), "quick")
    assert len(quick) < len(affordable(claims(), "standard"))
    assert not record(quick, "standard").run.everything
