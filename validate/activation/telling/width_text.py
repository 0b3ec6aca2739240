"""What a person reads of a check at several widths."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from validate.command.terminal import colored, literal, open_console
from validate.results.activation import Unanswered
from validate.results.widths import WidthCheck, WidthVerdict
from validate.results.words import OPTIMIZERS

HEADER = ("optimizer", "width", "networks", "agree", "interval", "verdict")


def print_widths(checks: Sequence[WidthCheck | Unanswered], console: Console | None = None) -> None:
    """A table for each expression: shares of networks that agree, with their intervals."""
    console = console or open_console()
    for check in checks:
        console.print(literal(check.expression, "bold"))
        if isinstance(check, Unanswered):
            console.print(literal(f"{'refused' if check.refused else 'failed'}: {check.error}"))
            continue
        console.print(literal(f"data: {check.data}"))
        console.print(_table(check))
        for line in dict.fromkeys(_unjudged(one) for one in check.widths if one.share is None):
            console.print(literal(line))
        for note in check.notes:
            console.print(literal(f"note: {note}"))
        shared = f"α = {check.alpha:g} is shared by all verdicts"
        console.print(literal(f"networks agree where all orientations do; {shared}"))
        console.print(literal(f"reproduce: {check.reproduce}", "dim"), soft_wrap=True)


def _table(check: WidthCheck) -> Table:
    table = Table()
    for name in HEADER:
        table.add_column(name, justify="right" if name in HEADER[1:5] else "left")
    for one in sorted(check.widths, key=lambda row: list(OPTIMIZERS).index(row.optimizer)):
        interval = "" if one.interval is None else "{:.1%} to {:.1%}".format(*one.interval)
        table.add_row(
            OPTIMIZERS[one.optimizer],
            str(one.width),
            "" if one.networks is None else str(one.networks),
            "" if one.share is None else f"{one.share:.1%}",
            interval,
            colored(one.verdict),
        )
    return table


def _unjudged(one: WidthVerdict) -> str:
    return f"{OPTIMIZERS[one.optimizer]}, width {one.width}: {one.verdict}: {one.reason}"
