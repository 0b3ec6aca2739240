"""The terminal: width, colors of the verdicts, and text that cannot take it over."""

import sys

from rich.console import Console

from validate.results import Verdict

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


def colored(verdict: Verdict) -> str:
    """The verdict as rich markup."""
    return f"[{COLORS[verdict]}]{verdict}[/]"
