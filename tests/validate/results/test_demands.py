"""What could have been demanded stands behind the reason of what agrees, and nowhere else."""

import json

from reports.content import document
from reports.tables.markdown import verdicts
from tests.reports.synthetic import results
from validate.results.demands import deciding, demands, reason
from validate.results.records import Demand, Results, Verdict

MARGIN = Demand(of="margin", value=0.0123, declared=0.05, unit="κ")
SHARE = Demand(of="required share", value=0.9312, declared=0.9, unit="share")


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
    assert all(c["tightest"] == said for c in agreeing if c["observations"])
    assert "would still agree at required share 93.12% (declared 90.00%)" in verdicts(made)
