"""What could have been demanded stands behind the reason of what agrees, and nowhere else."""

import json

import pytest

from reports.content.document import document
from reports.tables.markdown import verdicts
from tests.reports.synthetic import results
from validate.results.demands import deciding, decisive, demands, reason
from validate.results.records import Demand, Results, Verdict

MARGIN = Demand(of="margin", value=0.0123, declared=0.05, unit="κ")
SHARE = Demand(of="required share", value=0.9312, declared=0.9, unit="share")
ALL = Demand(of="required share", value=1.0, declared=0.9, unit="share")
LEAST = Demand(of="required effect", value=0.2, declared=0.02, unit="A")
EXACT = Demand(of="tolerance", value=0.0, declared=0.0, unit="1")


def with_demands(*tightest: Demand) -> Results:
    """The synthetic results; the first claim that agrees says what it could have demanded."""
    made = results()
    changed = [
        claim.model_copy(
            update={
                "observations": tuple(
                    o.model_copy(update={"tightest": tightest}) for o in claim.observations
                )
            }
        )
        for claim in made.claims
    ]
    return made.model_copy(update={"claims": tuple(changed)})


def test_a_clause_names_every_demand():
    one = with_demands(MARGIN, SHARE).claims[0].observations[0]
    assert demands(one) == (
        "would still agree at margin 0.0123 κ (declared 0.05 κ) and required share 93.12% "
        "(declared 90.00%)"
    )


def test_it_stands_behind_reasons_of_what_agrees():
    for claim in with_demands(MARGIN).claims:
        one = deciding(claim)
        told = reason(claim).endswith("; would still agree at margin 0.0123 κ (declared 0.05 κ)")
        assert told is (claim.verdict is Verdict.AGREE and one is not None)


@pytest.mark.parametrize(
    ("demand", "used"),
    [(MARGIN, 0.0123 / 0.05), (SHARE, 0.688), (ALL, 0.0), (EXACT, 0.0), (LEAST, 0.1)],
)
def test_the_part_of_what_was_tolerable_that_is_needed(demand, used):
    """Of a margin the value; of a required share of 90 % what 93.12 % lack to 100 %."""
    assert demand.used == pytest.approx(used)


def test_agreement_is_told_by_the_decision_that_was_nearest_to_failing():
    """Others than AGREE by the first decision that has the verdict."""
    first, *_ = (c.observations[0] for c in results().claims if c.verdict is Verdict.AGREE)
    far, near, exact = (
        first.model_copy(update={"name": name, "tightest": (tightest,)})
        for name, tightest in (("far", MARGIN), ("near", SHARE), ("exact", EXACT))
    )
    assert decisive((far, near, exact), Verdict.AGREE) == near
    broken = far.model_copy(update={"verdict": Verdict.DISAGREE})
    assert decisive((near, broken), Verdict.DISAGREE) == broken
    assert decisive((near, far), Verdict.OUT_OF_SCOPE) == near


def test_files_without_it_are_read_and_say_nothing():
    data = json.loads(results().to_json())
    for claim in data["claims"]:
        for one in (*claim["observations"], *claim["controls"]):
            del one["tightest"]
    del data["schema"]
    old = Results.model_validate(data)
    assert old == results()
    assert all(reason(claim) == claim.reason for claim in old.claims)


def test_it_is_in_the_report_and_in_the_markdown_table():
    made = with_demands(SHARE)
    agreeing = [c for c in document(made)["claims"] if c["verdict"]["word"] == "agrees"]
    said = "It would still agree at required share 93.1 % (declared 90 %)."
    assert agreeing
    assert all(c["tightest"] == said for c in agreeing if c["details"]["decisions"])
    assert "would still agree at required share 93.12% (declared 90.00%)" in verdicts(made)
