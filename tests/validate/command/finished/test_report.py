"""The report of a folder: the same bytes from figures that were drawn before."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from reports.drawing import drawn_here
from tests.reports.synthetic import results
from validate.__main__ import cli
from validate.command.running import write_report
from validate.results.records import Figure, Results


def test_figures_are_drawn_once_for_a_folder(tmp_path: Path):
    asked: list[str] = []

    def draw(figures: Iterable[Figure]) -> Iterator[str]:
        wanted = list(figures)
        asked.extend(figure.title for figure in wanted)
        return drawn_here(wanted)

    write_report(results(), tmp_path, draw)
    names = ("report.pdf", "report.html")
    first, drawn = [(tmp_path / name).read_bytes() for name in names], len(asked)
    assert drawn == sum(len(claim.figures) for claim in results().claims)
    write_report(results(), tmp_path, draw)
    assert drawn == len(asked)
    assert [(tmp_path / name).read_bytes() for name in names] == first


@pytest.mark.parametrize(("broken", "other"), [("pdf", "report.html"), ("page", "report.pdf")])
def test_one_that_cannot_be_built_does_not_lose_the_other(tmp_path, monkeypatch, broken, other):
    where = {"pdf": "reports.pdf.build", "page": "reports.page.build.build"}[broken]

    def fail(*_, **__):
        raise ValueError("cannot be built")

    monkeypatch.setattr(where, fail)
    with pytest.raises(ValueError, match="cannot be built"):
        write_report(results(), tmp_path)
    assert (tmp_path / other).stat().st_size > 10_000
    assert len(list(tmp_path.glob("report.*"))) == 1


def small() -> Results:
    """Two claims that are printed at once: without figures."""
    bare = {"figures": (), "derivation": (), "tables": ()}
    return results().model_copy(
        update={"claims": tuple(c.model_copy(update=bare) for c in results().claims[1:3])}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "results.json").write_text(small().to_json())
    return tmp_path


def written(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix in (".pdf", ".html")}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["report.pdf", "report.html"]),
        (["--brief"], ["brief.pdf"]),
        (["batchnorm.flow"], ["extract.pdf", "extract.html"]),
        (["batchnorm", "condensation"], ["extract.pdf", "extract.html"]),
        (["batchnorm", "--brief"], ["extract-brief.pdf"]),
    ],
)
def test_no_other_form_replaces_the_report(folder: Path, words: list[str], names: list[str]):
    done = CliRunner().invoke(cli, ["report", str(folder), *words])
    told = ", ".join(str(folder / name) for name in names)
    assert (done.exit_code, done.output) == (0, f"wrote {told}\n")
    assert written(folder) == set(names)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["batchnorm.flo"], "unknown claim 'batchnorm.flo'; these results have: condensation"),
        (["batchnorm", "nothing"], "unknown claim 'nothing'"),
        (["/dev/null/x"], "one folder at a time"),
    ],
)
def test_an_unknown_claim_is_one_line_and_status_2(folder: Path, words: list[str], said: str):
    done = CliRunner().invoke(cli, ["report", str(folder), *words])
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert not written(folder)


def test_a_word_that_is_neither_folder_nor_claim_is_said_to_be_neither():
    done = CliRunner().invoke(cli, ["report", "nosuch"])
    assert done.exit_code == 2
    assert "'nosuch' is neither a folder nor a claim" in done.output
    assert len(done.output.strip().splitlines()) == 1
