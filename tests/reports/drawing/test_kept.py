"""Figures that were drawn before: the same bytes, and drawn anew where anything has changed."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from reports.drawing import drawn_here, kept
from reports.drawing.kept import DrawingCode, reusing
from tests.reports.synthetic import results
from validate.results.records import Figure

SAME = DrawingCode("code", lambda: True)


class Counting:
    """Draws a figure as its title, and remembers which it had to draw."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, figures: Iterable[Figure]) -> Iterator[str]:
        wanted = list(figures)
        self.asked += [figure.title for figure in wanted]
        return (f"<svg>{figure.title}, {figure.caption}</svg>" for figure in wanted)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / "figures.drawn"


def figures() -> list[Figure]:
    return [figure for claim in results().claims for figure in claim.figures][:3]


def redrawn(path: Path, wanted: list[Figure], code: DrawingCode = SAME) -> list[str]:
    """Titles of what had to be drawn; what is given is always what drawing gives."""
    draw = Counting()
    assert list(reusing(path, code, draw)(wanted)) == list(Counting()(wanted))
    return draw.asked


def titles(some: list[Figure]) -> list[str]:
    return [figure.title for figure in some]


def test_bytes_are_the_same_with_and_without(path: Path):
    drawn = list(drawn_here(figures()))
    draw = reusing(path, SAME, drawn_here)
    assert list(draw(figures())) == drawn
    assert list(draw(figures())) == drawn


def test_nothing_is_drawn_twice(path: Path):
    assert redrawn(path, figures()) == titles(figures())
    written = path.stat().st_mtime_ns
    assert redrawn(path, figures()) == []
    assert redrawn(path, figures()[::-1] + figures()) == []
    assert path.stat().st_mtime_ns == written


def test_equal_figures_are_drawn_once(path: Path):
    assert redrawn(path, [*figures(), *figures()]) == titles(figures())


def test_a_figure_of_another_record_is_drawn(path: Path):
    first, *others = figures()
    redrawn(path, [first, *others])
    changed = first.model_copy(update={"caption": f"{first.caption} More."})
    assert redrawn(path, [changed, *others]) == [first.title]
    assert redrawn(path, [first, *others]) == []


def test_other_drawing_code_draws_all(path: Path):
    redrawn(path, figures())
    assert redrawn(path, figures(), DrawingCode("edited", lambda: True)) == titles(figures())


def test_other_libraries_draw_all(path: Path, monkeypatch: pytest.MonkeyPatch):
    redrawn(path, figures())
    monkeypatch.setattr(kept, "_versions", lambda: ("matplotlib 0.1",))
    assert redrawn(path, figures()) == titles(figures())


def test_what_was_drawn_while_the_code_changed_is_not_kept(path: Path):
    redrawn(path, figures(), DrawingCode("code", lambda: False))
    assert redrawn(path, figures()) == titles(figures())


@pytest.mark.parametrize("place", [3, 70, 200, -5])
def test_a_damaged_entry_is_drawn_again(path: Path, place: int):
    redrawn(path, figures())
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = bytearray(lines[0])
    damaged[place] ^= 1
    path.write_bytes(bytes(damaged) + b"".join(lines[1:]))
    assert redrawn(path, figures()) == [figures()[0].title]
    assert redrawn(path, figures()) == []


@pytest.mark.parametrize("content", [b"", b"\xff\x00 other\n\n", b"a b c\n" * 3])
def test_any_other_file_counts_as_empty(path: Path, content: bytes):
    path.parent.mkdir()
    path.write_bytes(content)
    assert redrawn(path, figures()) == titles(figures())


def test_the_file_is_bounded_and_the_last_report_comes_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    first, second, third = figures()
    redrawn(path, [first])
    monkeypatch.setattr(kept, "MOST", 2 * path.stat().st_size + 60)
    redrawn(path, [second, third])
    assert redrawn(path, [second, third]) == []
    assert redrawn(path, [first]) == [first.title]


def test_a_figure_that_cannot_be_drawn_is_told_and_kept_nowhere(path: Path):
    wrong = figures()[0].model_copy(update={"kind": "unknown"})
    with pytest.raises(ValueError, match="unknown kind"):
        list(reusing(path, SAME, drawn_here)([wrong]))
    assert not path.exists()
