"""The section of a report on another run is short and says what matters."""

import pytest

from tests.reports.synthetic import results
from tests.validate.results.comparison.changed import (
    claim_of,
    with_claim,
    with_first_decision,
    with_run,
)
from validate.results.comparison.appendix import MOST, of_comparison
from validate.results.comparison.changes import compare
from validate.results.records import Appendix, Results, Verdict

CLAIM = "condensation.orientations"


def section(before: Results, after: Results) -> Appendix:
    return of_comparison(compare(before, after), before.run, "old run", "new")


def titles(made: Appendix) -> list[str]:
    return [table.title for table in made.tables]


def test_where_nothing_changed_it_says_so_without_tables():
    made = section(results(), results())
    assert made.text[-1] == "Nothing changed."
    assert titles(made) == []
    assert made.reproduce == "python -m validate report new --against 'old run'"


def test_a_verdict_stands_with_both_reasons():
    after = with_claim(results(), CLAIM, verdict=Verdict.DISAGREE, reason="half of them differ")
    made = section(results(), after)
    assert titles(made) == ["Claims with another verdict"]
    ((claim, old, _, new, why),) = made.tables[0].rows
    assert (claim, old, new, why) == (CLAIM, "AGREE", "DISAGREE", "half of them differ")


@pytest.mark.parametrize(("interval", "rows"), [((0.94, 0.99), 0), ((0.2, 0.3), 1)])
def test_intervals_that_overlap_are_counted_and_not_listed(interval, rows: int):
    made = section(results(), with_first_decision(results(), CLAIM, interval=interval))
    assert sum(len(table.rows) for table in made.tables) == rows
    assert "1 decision differs in more than rounding" in made.text[1]


def test_many_decisions_are_cut_and_that_is_said():
    first, *_ = claim_of(results(), CLAIM).observations
    many = tuple(first.model_copy(update={"name": f"decision {k}"}) for k in range(MOST + 1))
    made = section(results(), with_claim(results(), CLAIM, observations=many))
    (table,) = made.tables
    assert len(table.rows) == MOST
    assert f"Listed are {MOST} of {MOST + 3} decisions." in made.text  # and two of A alone


def test_versions_stand_beside_each_other():
    versions = {**results().run.versions, "torch": "2.6.0", "numpy": "2.4.6"}
    made = section(results(), with_run(results(), versions=versions))
    assert made.tables[0].rows == (("torch", "2.5.1", "2.6.0"), ("numpy", "–", "2.4.6"))
