"""The report of a folder: the same bytes from figures that were drawn before."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from reports.drawing import drawn_here
from tests.reports.synthetic import results
from validate.command.running import write_report
from validate.results.records import Figure


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
