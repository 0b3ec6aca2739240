"""The terminal: width, colors of the verdicts, and text that cannot take it over."""

import sys

from rich.console import Console
from rich.text import Text

from validate.results.records import Verdict
from validate.results.words import printable

COLORS = {
    Verdict.AGREE: "green",
    Verdict.DISAGREE: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.OUT_OF_SCOPE: "magenta",
    Verdict.ERROR: "bold red",
}
COLUMNS = 110  # where the output is no terminal


def open_console() -> Console:
    """Standard output: as wide as the terminal, else `COLUMNS`; NO_COLOR is respected."""
    return Console(width=None if sys.stdout.isatty() else COLUMNS, highlight=False)


def colored(verdict: Verdict) -> Text:
    """The verdict in its color."""
    return Text(str(verdict), COLORS[verdict])


def literal(text: str, style: str = "", length: int | None = None) -> Text:
    """Text on one line that can neither steer the terminal nor be taken for markup."""
    return Text(printable(text, length), style)
