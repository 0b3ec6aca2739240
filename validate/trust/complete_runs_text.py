"""Complete synthetic runs as they are told: a row a noise, what guards refuse, what is shown."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from validate.results.guarantee import CONDITION
from validate.trust.calibration import CONFIDENCE
from validate.trust.complete_runs import Familywise

HEADER = ("decisions", "noise of all means", "false runs", "at most", "refused", "by guard", "")
COLORS = {"pass": "green", "FAIL": "red", "more runs needed": "yellow"}
FEW = 0.05  # guards that refuse a smaller part of what is refused are not named


def row(one: Familywise) -> tuple[str, ...]:
    """The cells of a set of decisions in one noise."""
    noise = one.noise if one.admitted else f"{one.noise} (not admitted)"
    return (
        one.name,
        noise,
        f"{one.share:.2%}",
        f"{one.upper_limit:.2%}",
        f"{one.refused:.0%}",
        by_guard(one),
        mark(one),
    )


def by_guard(one: Familywise) -> str:
    """Which guards refuse, and how much of what is refused each is the first to."""
    total = sum(one.guards.values())
    parts = {guard: count / total for guard, count in one.guards.items()} if total else {}
    return ", ".join(f"{guard} {part:.0%}" for guard, part in parts.items() if part >= FEW)


def mark(one: Familywise) -> str:
    """Whether α is shown to be kept, is broken, or would need more runs to tell."""
    return "pass" if one.shown else "more runs needed" if one.passed else "FAIL"


def text(found: Sequence[Familywise]) -> list[str]:
    """What was done and what is shown, as sentences."""
    first = found[0]
    counts = {one.name: one.decisions for one in found}
    sets = " and ".join(f"{count} decisions ({name})" for name, count in counts.items())
    admitted = [one for one in found if one.admitted]
    shown = [one for one in admitted if one.shown]
    worst = max(admitted, key=lambda one: one.upper_limit)
    return [
        f"{first.runs} complete runs in every noise, of {sets}, with every truth at the edge of "
        "its margin, where any verdict is false. All means of a run have outcomes of one noise; "
        "shares of units are binomial, and in declared ranges outcomes lie at their ends.",
        f"Required is that the upper {CONFIDENCE:.0%} limit of the share of false runs is at most "
        f"α = {first.alpha:g}. Of {len(admitted)} rows in noise that t intervals admit this is "
        f"shown in {len(shown)}; the largest limit is {worst.upper_limit:.2%} ({worst.name}, "
        f"{worst.noise}). In noise that they do not admit guards must refuse to judge. It is no "
        f"proof for every noise: α holds {CONDITION}.",
    ]


def print_complete_runs(console: Console, found: Sequence[Familywise]) -> None:
    """As a table and sentences."""
    table = Table()
    for name in HEADER[1:]:
        table.add_column(name, overflow="fold")
    for name, members in groupby(found, key=lambda one: one.name):
        table.add_section()
        table.add_row(f"[bold]{name}[/]")
        for one in members:
            _, *cells, told = row(one)
            table.add_row(*cells, f"[{COLORS[told]}]{told}[/]")
    console.print(table)
    for sentence in text(found):
        console.print(sentence)
