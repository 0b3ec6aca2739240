"""The report of a folder: the same bytes from figures that were drawn before."""

from collections.abc import Iterable, Iterator
from pathlib import Path

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
    first, drawn = (tmp_path / "report.pdf").read_bytes(), len(asked)
    write_report(results(), tmp_path, draw)
    assert drawn == len(asked) > 0
    assert (tmp_path / "report.pdf").read_bytes() == first
