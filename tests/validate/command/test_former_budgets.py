"""A seed that was run with another budget before is a new book, and everyone is told."""

import pytest

from reports.content.document import document
from reports.tables.markdown import verdicts
from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.command.folder import keep, with_former_budgets
from validate.command.progress import print_results, summary
from validate.results.guarantee import CONDITION
from validate.results.records import Results


def ran(tmp_path, budget: str, seed: int = 0, name: str = "toy.coins") -> Results:
    """What a run of some coins writes into the folder, other runs before it known."""
    made = run(tmp_path, toy.claim(name), budget=budget, seed=seed)
    out = tmp_path / "out"
    known = with_former_budgets(made, out)
    keep(out / "results.json", known.to_json())
    return known


def test_a_larger_budget_on_the_same_seed_is_a_new_book(tmp_path, capsys):
    assert ran(tmp_path, "quick").run.former_budgets == ()
    again = ran(tmp_path, "standard")
    assert again.run.former_budgets == ("quick",)
    said = (
        "Claims of this run were run before with budget quick on seed 0; with budget standard "
        "this is a new book. Over 2 books the chance of any wrong verdict is at most the sum of "
        f"their α, {CONDITION}."
    )
    assert summary(again).splitlines()[1] == said
    assert document(again)["books"] == said
    assert ["Budgets before", "quick"] in document(again)["run"]
    assert said in verdicts(again)
    print_results(again, tmp_path, verbose=False)
    assert said in " ".join(capsys.readouterr().out.split())


def test_all_budgets_before_are_remembered(tmp_path):
    for budget in ("quick", "standard"):
        ran(tmp_path, budget)
    assert ran(tmp_path, "standard").run.former_budgets == ("quick",)
    assert ran(tmp_path, "thorough").run.former_budgets == ("quick", "standard")
    assert ran(tmp_path, "quick").run.former_budgets == ("standard", "thorough")


@pytest.mark.parametrize("other", [{"seed": 1}, {"name": "toy.others"}])
def test_other_seeds_and_other_claims_are_no_former_book(tmp_path, other):
    ran(tmp_path, "quick")
    again = ran(tmp_path, "standard", **other)
    assert again.run.former_budgets == ()
    assert summary(again).count("\n") == 0
    assert document(again)["books"] == ""
    assert not any(name == "Budgets before" for name, _ in document(again)["run"])


def test_an_unchanged_run_says_nothing(tmp_path):
    first = ran(tmp_path, "quick")
    assert ran(tmp_path, "quick").run.former_budgets == first.run.former_budgets == ()
