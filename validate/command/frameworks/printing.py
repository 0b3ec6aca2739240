"""A report of speed on the terminal, as Markdown, and as JSON."""

import json
import textwrap

from rich.table import Table

from validate.command.bench.text import print_timings
from validate.command.frameworks.report import Report
from validate.command.frameworks.tables import Rows, compared, compiled, grown, sentences
from validate.command.terminal import literal, open_console


def print_report(report: Report) -> None:
    """A table for each kind of thing that was measured, and what else there is to say."""
    if report.timings:
        print_timings(report.timings)
    console = open_console()
    for rows in _tables(report):
        table = Table(*rows.head)
        for cells in rows.cells:
            table.add_row(*map(literal, cells))
        console.print(table)
    for sentence in sentences(report):
        console.print(literal(sentence), soft_wrap=True)


def markdown(report: Report) -> str:
    """The comparison of frameworks as a table, and what else there is to say as a list."""
    lines = []
    for rows in [compared(report)] if report.frameworks else []:
        lines += [_line(rows.head), _line(("---",) * len(rows.head))]
        lines += [_line(cells) for cells in rows.cells]
        lines.append("")
    return "\n".join([*lines, *map(_item, sentences(report))]) + "\n"


def to_json(report: Report) -> str:
    """Seconds per unit of work, bytes, and ratios of others' times to ours."""
    return json.dumps(report.model_dump(), indent=2, ensure_ascii=False) + "\n"


def _tables(report: Report) -> list[Rows]:
    both = [compared(report), compiled(report)] if report.frameworks else []
    return both + [grown(one) for one in report.ensemble_sizes]


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _item(sentence: str) -> str:
    return textwrap.fill(f"- {sentence}", 100, subsequent_indent="  ", break_on_hyphens=False)
