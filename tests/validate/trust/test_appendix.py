"""Appendices of the report: calibration and mutation, kept for the run that they belong to."""

import pytest

from reports.pdf import build
from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.command.folder import former, keep, with_former_appendices
from validate.results.records import Verdict
from validate.trust.appendix import of_calibration, of_mutation
from validate.trust.calibrate import calibrate
from validate.trust.complete_runs import every_kind
from validate.trust.mutation import Mutant

MADE = [
    Mutant("toy.coins", "never heads", "÷ 2", 200, Verdict.DISAGREE, "rejected"),
    Mutant("toy.coins", "never heads", "sign", 200, Verdict.INCONCLUSIVE, "too close"),
]


@pytest.fixture(scope="module")
def calibration():
    """A short one; `test_calibration` has one in which every registered claim is built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("validate.trust.calibrate.registered", every_kind)
        return calibrate(50, 0, complete=2)


def test_calibration_shows_every_rule_and_prints(tmp_path, calibration):
    appendix = of_calibration(calibration)
    rules = {size.rule for size in calibration.sizes}
    for figure in appendix.figures:
        assert len(figure.series["rows"]) == len(rules)
    *of_rules, complete = appendix.tables
    assert {row[0] for table in of_rules for row in table.rows} == rules
    assert {row[0] for row in complete.rows} == {"registered claims", "every kind of decision"}
    results = run(tmp_path, toy.claim()).with_appendix(appendix)
    assert build(results).startswith(b"%PDF")


def test_worst_rate_is_what_the_figure_shows(calibration):
    figure = of_calibration(calibration).figures[0]
    level = max(size.level for size in calibration.sizes)
    for row in figure.series["rows"]:
        of_rule = [
            max(s.false_agree, s.false_disagree, s.false_at_prediction)
            for s in calibration.sizes
            if s.level == level and row["label"].startswith(f"{s.rule} (")
        ]
        assert row["measured"] == max(of_rule)


def test_mutation_names_survivors_with_reasons():
    appendix = of_mutation(MADE, "--seed 0")
    assert "50.0%" in appendix.text[0]
    assert appendix.tables[1].rows == (("toy.coins", "never heads: sign", "too close"),)
    assert len(of_mutation(MADE[:1], "--seed 0").tables) == 1


def test_an_appendix_is_replaced_not_doubled(tmp_path):
    appendix = of_mutation(MADE, "--seed 0")
    results = run(tmp_path, toy.claim()).with_appendix(appendix).with_appendix(appendix)
    assert results.appendices == (appendix,)


@pytest.mark.parametrize(("seed", "kept"), [(0, True), (1, False)])
def test_appendices_stay_with_their_run(tmp_path, seed, kept):
    first = run(tmp_path, toy.claim()).with_appendix(of_mutation(MADE, "--seed 0"))
    keep(tmp_path / "out" / "results.json", first.to_json())
    assert former(tmp_path / "out") == first
    again = with_former_appendices(run(tmp_path, toy.claim(), seed=seed), tmp_path / "out")
    assert bool(again.appendices) is kept


def test_an_empty_folder_has_no_results(tmp_path):
    assert former(tmp_path) is None
