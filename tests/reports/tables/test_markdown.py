"""Tables in Markdown are made of the records alone, and stay tables whatever texts hold."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from reports.tables import markdown
from tests.reports.synthetic import results
from tests.reports.tables.test_cells import KEPT, LEFT_OUT
from validate.__main__ import cli


def columns(row: str) -> int:
    return row.replace("\\\\", "").replace("\\|", "").count("|") - 1


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def with_cells():
    made = results()
    first = made.claims[0].model_copy(update={"cells": (KEPT, LEFT_OUT)})
    return made.model_copy(update={"claims": (first, *made.claims[1:])})


def test_every_claim_is_a_row_with_its_verdict():
    made = with_cells()
    found = rows(markdown.verdicts(made))
    assert {columns(row) for row in found} == {4}
    for claim in made.claims:
        assert any(
            f"**{claim.verdict}**" in row for row in found if markdown.cell(claim.title) in row
        )
    assert "| 50%; out of scope: x·tanh (10%) |" in found[3]
    assert all(f"(`{claim.id}`)" in "".join(found) for claim in made.claims)


def test_cells_are_tables_of_their_claims():
    text = markdown.cells(with_cells())
    assert text.count("### ") == 1
    assert len({columns(row) for row in rows(text)}) == 1
    assert "| tanh | 12 of 24 (50%) |" in text


def test_the_command_that_makes_the_results_stands_below():
    made = results()
    last = markdown.verdicts(made).splitlines()[-1]
    assert f"--seed {made.run.seed} --budget {made.run.budget}" in last


@pytest.mark.parametrize("kind", ["verdicts", "cells"])
def test_the_command_prints_a_table_and_leaves_the_report(tmp_path: Path, kind: str):
    made = with_cells()
    (tmp_path / "results.json").write_text(made.to_json())
    done = CliRunner().invoke(cli, ["report", str(tmp_path), "--markdown", kind])
    assert done.exit_code == 0
    assert done.output == getattr(markdown, kind)(made)
    assert not (tmp_path / "report.pdf").exists()
