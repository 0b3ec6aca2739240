"""The paper's figures: how seeds are counted and tabled, on made measurements, and the claims."""

import dataclasses

import numpy as np
import pytest

from sim.condensation.paper import PaperFigure
from sim.data import idx
from sim.engine.executor import run_block
from tests.sim.data.test_idx import made, written
from theory.condensation.paper_figures import reported_groups
from validate.claim import Outcome, Role, Unit, planned_units
from validate.claims.condensation.paper.panels import Panel, degree, said
from validate.claims.condensation.paper.report import (
    counts,
    degree_table,
    distribution,
    epoch_table,
    heatmap,
    outputs_note,
    polynomials,
    summary_table,
    threshold_table,
)
from validate.decisions.intervals import clopper_pearson
from validate.decisions.judge import outcome
from validate.registry import claims, select
from validate.results.records import Verdict
from validate.trust.registration import check

EXPERIMENT = PaperFigure(width=50)
PANEL = Panel("tanh(x)", EXPERIMENT, 2)
IDS = [c.id for c in claims() if c.id.startswith("condensation.paper-")]


def unit(replicate: int = 0, lines: tuple[int, ...] = (30, 12, 2), neurons: int = 50) -> Unit:
    sizes = {threshold: list(lines) for threshold in ("0.9", "0.95", "0.985")}
    layer = {"neurons": neurons, "lines": sizes, "directions": sizes}
    measurement = {
        "layers": {"100": [layer]},
        "output": 0.25,
        "unexplained": [1.0, 0.7, 0.02, 0.001, 0.0, 0.0, 0.0],
        "shown": {"100": {"similarity": [[[100, 0], [0, 100]]]}},
    }
    return Unit(EXPERIMENT, 0, replicate, measurement)


def test_small_groups_count_where_they_are_declared_to():
    assert PANEL.count(unit()) == 3
    assert PANEL.count(unit(), ("0.95", 0.1)) == 2
    assert PANEL.count(unit(lines=(2, 2), neurons=200), ("0.95", 0.02)) == 0  # 2 % of 200 is 4
    assert PANEL.count(unit(lines=(), neurons=0), ("0.9", 0.02)) == 0


def test_six_ways_to_count_and_the_declared_one_is_among_them():
    assert len(set(PANEL.variants())) == 6
    assert PANEL.declared() == ("0.95", 0.02)
    plane = dataclasses.replace(PANEL, experiment=PaperFigure(data="figure-5"))
    assert plane.declared() == ("8", 0.02)
    assert said(PANEL.declared()) == "cos > 0.95, 2%"
    assert said(plane.declared()) == "gap 8°, 2%"


def test_large_groups_are_larger_in_narrow_layers_too():
    narrow = dataclasses.replace(PANEL, experiment=PaperFigure(width=18))
    eighteen = unit(lines=(12, 3, 3), neurons=18)
    assert {narrow.count(eighteen, v) for v in narrow.variants()} == {1, 3}


@pytest.mark.parametrize(("reported", "shown"), [(2, 0), (3, 1), (4, 0)])
def test_a_decision_asks_for_the_reported_number_exactly(reported, shown):
    asked = dataclasses.replace(PANEL, reported=reported).decision((1, 2))
    assert asked.role is Role.CLAIM
    assert outcome(asked.prediction, asked.predict(unit()), asked.observe(unit())) == shown


def test_words():
    assert PANEL.words == "2 lines"
    assert dataclasses.replace(PANEL, reported=1).words == "1 line"
    assert dataclasses.replace(PANEL, reported=1, kind="directions").words == "1 direction"
    assert "lines" in reported_groups("lines", 2).symbols[0].meaning


def test_the_degree_is_the_lowest_that_leaves_little():
    assert degree(unit()) == 2
    assert degree(unit(), 0.01) == 3
    assert degree(unit(), 0.8) == 1
    never = unit()
    never.measurement["unexplained"][:] = [1.0] * 7  # type: ignore[index]
    assert degree(never) == 7


def test_a_wrong_degree_is_a_resolution_control():
    assert PANEL.degree_decision(2, (1,)).role is Role.CLAIM
    wrong = PANEL.degree_decision(1, (1,))
    assert (wrong.role, wrong.distance) == (Role.RESOLUTION, 1.0)


def test_tables_hold_what_was_measured():
    units = [unit(0), unit(1), unit(2, lines=(40, 9))]
    assert distribution([3, 1, 3]) == "1: 1, 3: 2"
    (row,) = summary_table([PANEL], units).rows
    assert row[:4] == ("tanh(x)", "2: 1, 3: 2", "2 lines", "1 of 3")
    assert row[4:6] == ("33% to 100%", "3 of 6 ways")
    (row,) = threshold_table([PANEL], units).rows
    assert row[1:] == ("2: 1, 3: 2",) * 3 + ("2: 3",) * 3
    (row,) = epoch_table([PANEL], (100,), units).rows
    assert row == ("tanh(x)", "2: 1, 3: 2", "2 lines")
    (row,) = degree_table([PANEL], units).rows
    assert row[1:] == ("1: 0.7, 2: 0.02, 3: 0.001, 4: 0", "3: 3", "2: 3", "2: 3")
    assert "median 0.25" in outputs_note(units)


def test_figures_show_the_first_seed_and_all_counts():
    units = [unit(0), unit(1), unit(2, lines=(40, 9))]
    drawn = Outcome(Verdict.DISAGREE, units, [], [])
    (panel,) = heatmap(drawn, [PANEL], 3, "again").series["panels"]
    assert "reported 2, here 3, 2 in 1 of 3 seeds" in panel["title"]
    assert panel["matrix"] == [[100, 0], [0, 100]]
    assert counts(drawn, [PANEL], "all").series["values"] == [[3, 3, 2]]
    right, wrong = polynomials(drawn, [PANEL]).series["groups"]
    assert right["values"] == [0.02] * 3
    assert wrong["values"] == [0.7] * 3


def test_every_figure_has_a_claim_with_proved_controls():
    assert len(IDS) == 4
    for claim in select(tuple(IDS)):
        body = check(claim, claim.build())
        roles = [d.role for d in body.decisions]
        assert Role.POSITIVE in roles
        assert claim.contradicts
        assert claim.may_disagree


def test_a_block_of_seeds_can_decide():
    """All of the first look's units with the reported count agree, none disagrees, at α = 0.01
    shared by two hundred decisions."""
    for claim in select(tuple(IDS)):
        for asked in claim.build().decisions:
            last = planned_units(asked, "quick")[-1]
            low, high = clopper_pearson(np.array([0.0, last]), last, 0.01 / 200 / len(asked.looks))
            assert high[0] < asked.prediction.required_share < low[1]


# -- Fig. 4b with and without files --------------------------------------------------------------


def panel_4b() -> tuple[PaperFigure, str]:
    (claim,) = select(("condensation.paper-figure-4",))
    claimed = [d for d in claim.build().decisions if d.role is Role.CLAIM]
    (found,) = [d for d in claimed if d.experiments[0].data in ("mnist", "digits")]
    return found.experiments[0], found.name


def test_without_files_the_digits_are_used_and_named(tmp_path, monkeypatch):
    monkeypatch.setenv(idx.FOLDER, str(tmp_path))
    experiment, name = panel_4b()
    assert experiment.data == "digits"
    assert "digits" in name


def test_with_files_they_are_part_of_the_settings(tmp_path, monkeypatch):
    (tmp_path / "mnist").mkdir()
    monkeypatch.setenv(idx.FOLDER, str(tmp_path))
    written(tmp_path / "mnist", *made(30))
    first, name = panel_4b()
    assert first.data == "mnist"
    assert "MNIST" in name
    written(tmp_path / "mnist", *made(31))
    assert panel_4b()[0].settings_hash() != first.settings_hash()


def test_faulty_files_are_the_fault_of_one_claim(tmp_path, monkeypatch):
    """Building all claims goes on; the block of Fig. 4b says what is wrong."""
    (tmp_path / "mnist").mkdir()
    monkeypatch.setenv(idx.FOLDER, str(tmp_path))
    written(tmp_path / "mnist", *made(30))
    (tmp_path / "mnist" / "train-labels-idx1-ubyte").write_bytes(b"nonsense")
    error = run_block(panel_4b()[0], 0, 0).error
    assert error is not None
    assert error.startswith("DataError")
    assert "starts with 6e6f6e73" in error
