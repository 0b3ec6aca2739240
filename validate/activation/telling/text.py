"""What a person reads of the activation checker: one expression in full, several in a table."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from validate.activation.telling.reproduce import reproduce_all
from validate.command.terminal import colored, literal, open_console
from validate.results.activation import ActivationCheck, NamedVerdict, Unanswered
from validate.results.orientations import HEADER, rows
from validate.results.records import Verdict
from validate.results.words import COMPONENTS, OPTIMIZERS, printable

LINES = 12  # orientations shown for each optimizer
EXPRESSION = 48  # characters of an expression in the table of several
RIGHT = {3, 5, 6}  # columns of `HEADER` that hold shares and angles


def print_checks(
    checks: Sequence[ActivationCheck | Unanswered],
    console: Console | None = None,
    components: int | None = COMPONENTS,
) -> None:
    """One check in full; several as a table with a line for each verdict that is no AGREE.

    ``components``: of a direction that are written out, None for all.
    """
    console = console or open_console()
    if len(checks) == 1 and isinstance(checks[0], ActivationCheck):
        _print_one(console, checks[0], components)
    elif checks:
        _print_several(console, checks)


def _print_one(console: Console, check: ActivationCheck, components: int | None) -> None:
    console.print(literal(check.expression, "bold"))
    console.print(literal(check.headline()))
    if check.effective_order is not None and check.effective_order != check.multiplicity:
        console.print(f"on these data order {check.effective_order} governs")
    if check.data:
        console.print(literal(f"data: {check.data}"))
    if check.optimizers:
        console.print(_orientations(check, components))
    if check.dead_line():
        console.print(literal(check.dead_line()))
    for verdict in check.verdicts:
        console.print(_verdict_line(verdict))
        for remark in verdict.remarks:
            console.print(literal(f"  {remark}"))
    for note in check.notes:
        console.print(literal(f"note: {note}"))
    # a command is pasted as one line
    console.print(literal(f"reproduce: {check.reproduce}", "dim"), soft_wrap=True)


def _orientations(check: ActivationCheck, components: int | None) -> Table:
    table = Table()
    for position, name in enumerate(HEADER):
        table.add_column(name, justify="right" if position in RIGHT else "left", overflow="fold")
    for key, one in check.optimizers.items():
        found = rows({key: one}, components, check.components)
        for row in found[:LINES]:
            table.add_row(*(literal(cell) for cell in row))
        if len(found) > LINES:
            table.add_row("", f"{len(found) - LINES} more")
        table.add_section()
    return table


def _print_several(console: Console, checks: Sequence[ActivationCheck | Unanswered]) -> None:
    answered = [check for check in checks if isinstance(check, ActivationCheck)]
    keys = [key for key in OPTIMIZERS if any(key in check.optimizers for check in answered)]
    table = Table()
    table.add_column("expression", overflow="fold")
    for name in ("p", "bound"):
        table.add_column(name, justify="right", no_wrap=True)
    for key in keys:
        table.add_column(f"{OPTIMIZERS[key]}:\npredicted, measured", justify="right")
        table.add_column("\nverdict", no_wrap=True)
    for check in checks:
        if isinstance(check, Unanswered):
            cells = ["", _word(check)] * len(keys)
            table.add_row(literal(check.expression, length=EXPRESSION), "–", "–", *cells)
            continue
        cells = [cell for key in keys for cell in _summary(check, key)]
        numbers = ("–" if n is None else str(n) for n in (check.multiplicity, check.bound))
        table.add_row(literal(check.expression, length=EXPRESSION), *numbers, *cells)
    console.print(table)
    for check in checks:
        name = f"{printable(check.expression, EXPRESSION)}: "
        if isinstance(check, Unanswered):
            console.print(literal(f"{name}{_word(check)}: {check.error}"))
        else:
            _print_remarks(console, name, check)
    again = reproduce_all(checks)
    if again is not None:
        console.print(literal(f"reproduce: {again}", "dim"), soft_wrap=True)


def _word(check: Unanswered) -> str:
    return "refused" if check.refused else "failed"


def _summary(check: ActivationCheck, key: str) -> tuple[str | Text, str | Text]:
    one = check.optimizers.get(key)
    if one is None:
        return "", ""
    measured = str(len(one.measured)) if one.trained else "–"
    verdict = check.verdict_of(key)
    counts = f"{len(one.predicted)}, {measured}"
    return counts, "" if verdict is None else colored(verdict)


def _print_remarks(console: Console, name: str, check: ActivationCheck) -> None:
    """Why there is no bound, every verdict that is no AGREE, and notes, a line for each."""
    if check.bound is None:
        console.print(literal(f"{name}no bound: {check.reason}"))
    for one in check.verdicts:
        if one.verdict is not Verdict.AGREE:
            console.print(Text.assemble(name, _verdict_line(one)))
            for remark in one.remarks:
                console.print(literal(f"  {remark}"))
    for note in check.notes:
        console.print(literal(f"{name}{note}"))


def _verdict_line(one: NamedVerdict) -> Text:
    return Text.assemble(colored(one.verdict), " ", literal(f"{one.name}: {one.reason}"))
