"""The command `diff`: what it prints, its exit status, and its section of the report."""

import json
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner

from tests.reports.synthetic import results
from tests.validate.results.comparison.changed import with_claim, with_first_decision, with_run
from validate.__main__ import cli
from validate.command.finished.diff import SHOWN
from validate.results.records import Results, Verdict

CLAIM = "condensation.orientations"


def small(made: Results) -> Results:
    """Without what takes long to print."""
    bare = {"figures": (), "derivation": (), "tables": ()}
    return made.model_copy(
        update={"claims": tuple(one.model_copy(update=bare) for one in made.claims)}
    )


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same run."""
    made = tmp_path / "a", tmp_path / "b"
    for folder in made:
        folder.mkdir()
        (folder / "results.json").write_text(small(results()).to_json())
    return made


def changed(folder: Path) -> None:
    """Another verdict, another interval and another torch in a folder."""
    made = with_claim(results(), CLAIM, verdict=Verdict.DISAGREE, reason="half of them differ")
    made = with_first_decision(made, CLAIM, interval=(0.2, 0.3), measured=0.25)
    made = with_run(made, versions={**made.run.versions, "torch": "2.6.0"})
    (folder / "results.json").write_text(small(made).to_json())


def invoke(*arguments: object):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def test_the_same_run_has_not_changed(folders: tuple[Path, Path]):
    done = invoke("diff", *folders)
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == "nothing changed"


def test_another_verdict_is_printed_and_status_1(folders: tuple[Path, Path]):
    changed(folders[1])
    done = invoke("diff", *folders)
    assert done.exit_code == 1
    for told in (CLAIM, "half of them differ", "97.4 % of 160", "97.40% [93.12%, 99.51%]",
                 "25.00% [20.00%, 30.00%]", "torch 2.5.1 → 2.6.0"):  # fmt: skip
        assert told in done.output
    assert "do not overlap" in " ".join(done.output.replace("│", " ").split())


def test_other_numbers_alone_are_status_0(folders: tuple[Path, Path]):
    made = small(with_first_decision(results(), CLAIM, interval=(0.94, 0.99)))
    (folders[1] / "results.json").write_text(made.to_json())
    done = invoke("diff", *folders)
    assert done.exit_code == 0
    told = "1 decision differs in more than rounding: 1 with intervals that overlap"
    assert told in done.output
    assert "-v prints 1 of them" in done.output
    assert "[94.00%, 99.00%]" not in done.output
    assert "[94.00%, 99.00%]" in invoke("diff", "-v", *folders).output
    assert "nothing changed" not in done.output


def test_json_is_the_same_and_alone(folders: tuple[Path, Path]):
    changed(folders[1])
    done = invoke("diff", "--json", folders[0] / "results.json", folders[1])
    data = json.loads(done.stdout)
    assert (done.exit_code, data["schema"], data["nothing_changed"]) == (1, 1, False)
    assert [one["claim"] for one in data["verdicts"]] == [CLAIM]
    assert data["decisions"][0]["overlap"] is False


def test_many_decisions_are_cut_unless_all_are_wanted(folders: tuple[Path, Path]):
    first = results().claims[0].observations[0]
    many = [first.model_copy(update={"name": f"decision {k}"}) for k in range(SHOWN + 5)]
    made = small(with_claim(results(), CLAIM, observations=tuple(many)))
    (folders[1] / "results.json").write_text(made.to_json())
    short, long = invoke("diff", *folders).output, invoke("diff", "-v", *folders).output
    assert short.count("only in B") == SHOWN
    assert long.count("only in B") == SHOWN + 5
    assert "more of them" in short
    assert "more of them" not in long


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot read"), ("{", "is not JSON"), ('{"schema": 2}', "reads schema 1")],
)
def test_what_cannot_be_read_is_one_line_and_status_2(folders, place, content, said):
    file = folders[place] / "results.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    done = invoke("diff", *folders)
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_a_report_against_another_run_has_a_section(folders: tuple[Path, Path]):
    changed(folders[1])
    assert invoke("report", folders[1], "--against", folders[0]).exit_code == 0
    pages = pypdf.PdfReader(folders[1] / "report.pdf").pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    page = (folders[1] / "report.html").read_text()
    for told in ("Compared with the run of 2025-03-01, seed 1, budget quick",
                 "half of them differ", "How the runs were made"):  # fmt: skip
        assert told in text
        assert told in page
    assert invoke("report", folders[1]).exit_code == 0
    assert "Compared with" not in (folders[1] / "report.html").read_text()


def test_an_extract_is_compared_in_its_claims_alone(folders: tuple[Path, Path]):
    changed(folders[1])
    assert invoke("report", folders[1], "batchnorm", "--against", folders[0]).exit_code == 0
    page = (folders[1] / "extract.html").read_text()
    assert "Compared with" in page
    assert "only in" not in page
    assert "half of them differ" not in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--against", "/dev/null/x"], "cannot read"),
        (["--brief", "--against", "."], "--against"),
        (["--brief", "--markdown", "cells"], "one of them"),
    ],
)
def test_a_comparison_that_cannot_be_is_one_line_and_status_2(folders, options, said):
    done = invoke("report", folders[1], *options)
    assert done.exit_code == 2
    assert said in done.output
    assert not (folders[1] / "report.pdf").exists()
