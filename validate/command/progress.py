"""What a person sees of a run: a live table while it goes, verdicts at the end."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from validate.command.terminal import colored, literal, open_console
from validate.results.demands import demands, reason
from validate.results.guarantee import several_books
from validate.results.records import ClaimResult, Observation, Results
from validate.run.claim_progress import ClaimState
from validate.run.plan import PlannedClaim
from validate.run.prospects import rows
from validate.run.runner import Runner
from validate.trust.mutation import Mutant, rejected_share

EVERY = 5.0  # seconds between plain lines
CERTIFIES = "what is certified is what the margins can tell apart, not that the theory is true"


@contextmanager
def display() -> Iterator[Callable[[Runner], None]]:
    """Progress on standard error: live on a terminal, else plain lines."""
    console = Console(stderr=True)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield lambda runner: live.update(_table(runner))
    else:
        yield _PlainLines()


class _PlainLines:
    """One line for every verdict, and one now and then in between."""

    def __init__(self) -> None:
        self.last = time.monotonic()
        self.told: set[str] = set()

    def __call__(self, runner: Runner) -> None:
        for result in runner.verdicts():
            if result.id not in self.told:
                self.told.add(result.id)
                print(f"{result.id}: {result.verdict}", file=sys.stderr, flush=True)
                self.last = time.monotonic()
        if time.monotonic() - self.last >= EVERY:
            self.last = time.monotonic()
            print(_counts(runner), file=sys.stderr, flush=True)


def _counts(runner: Runner) -> str:
    return (
        f"blocks: {runner.computed} computed, {runner.reused} reused, "
        f"{len(runner.blocks.failures)} failed, {len(runner.blocks.pending)} to go"
    )


def _table(runner: Runner) -> Table:
    table = Table(caption=literal(_counts(runner)))
    for column in ("claim", "look", "units", "measured", "verdict"):
        table.add_column(column, overflow="fold")
    for before in runner.judged.values():
        table.add_row(literal(before.result.id), *_row_before(before.result))
    for state in runner.states:
        table.add_row(literal(state.claim.id), *_row(state))
    return table


def _row_before(result: ClaimResult) -> tuple[str, str, Text, Text]:
    return "judged before", "", literal(""), colored(result.verdict)


def _row(state: ClaimState) -> tuple[str, str, Text, str | Text]:
    look = f"{min(state.stage + 1, len(state.rounds))} of {len(state.rounds)}"
    seen = [state.looks[d.name].judgement for d in state.body.decisions if d.name in state.looks]
    measured = interval_text(seen[0].measured, seen[0].interval, seen[0].unit) if seen else ""
    verdict = colored(state.result.verdict) if state.result else "…"
    return look, str(len(state.units)), literal(measured), verdict


def interval_text(measured: float | None, interval: tuple[float, float] | None, unit: str) -> str:
    """A measured value with its interval, shares in percent."""
    if measured is None or interval is None:
        return "not measured"
    if unit == "share":
        return f"{measured:.1%} [{interval[0]:.1%}, {interval[1]:.1%}]"
    return f"{measured:.4g} [{interval[0]:.4g}, {interval[1]:.4g}]"


def print_results(results: Results, out: Path, verbose: bool) -> None:
    """The verdict table and where everything is."""
    console = open_console()
    table = Table(show_lines=True)
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("why")
    for claim in results.claims:
        table.add_row(literal(claim.id), colored(claim.verdict), literal(reason(claim)))
    console.print(table)
    for claim in results.claims:
        if verbose:
            _print_decisions(console, claim)
        if claim.disagrees_with:
            against = literal(claim.disagrees_with)
            console.print(Text.assemble(("Against the paper:", "red"), " ", against))
            line = Text.assemble("  ", literal(f"reproduce: {claim.reproduce}"))
            console.print(line, soft_wrap=True)  # a command is pasted as one line
    for line in summary(results).splitlines():
        console.print(literal(line))
    written = (out / name for name in ("results.json", "report.pdf", "report.html"))
    console.print(literal(", ".join(map(str, written))))


def summary(results: Results) -> str:
    """What was reused and computed, how long it took, and the error budget, in one line.

    A second one where the seed was run with another budget before.
    """
    run = results.run
    line = (
        f"{run.reused} results reused, {run.computed} computed, {run.failed} failed; "
        f"{run.seconds:.0f} s; α = {run.alpha:g} in {run.parts_of_alpha:,} shares, "
        f"{run.decisions} taken"
    )
    return "\n".join(filter(None, (line, several_books(run))))


def _print_decisions(console: Console, claim: ClaimResult) -> None:
    console.print(literal(claim.id, "bold"))
    for control in claim.controls:
        console.print(Text.assemble(f"  {control.role} control, ", _decision(control)))
    for observation in claim.observations:
        console.print(Text.assemble("  ", _decision(observation)))


def _decision(one: Observation) -> Text:
    told = "; ".join(filter(None, (one.reason, demands(one))))
    return Text.assemble(literal(f"{one.name}:"), " ", colored(one.verdict), ", ", literal(told))


def print_plan(planned: Sequence[PlannedClaim]) -> None:
    """What would run at most, claim by claim."""
    console = open_console()
    table = Table()
    for column in ("claim", "units at each look", "blocks", "stored", "at most, seconds"):
        table.add_column(column)
    for one in planned:
        looks = ", ".join(str(n) for n in one.looks)
        row = (looks, str(one.blocks), str(one.stored), f"{one.seconds:.0f}")
        table.add_row(literal(one.id), *row)
    console.print(table)
    console.print(_prospects(planned))
    total = sum(one.seconds for one in planned)
    console.print(f"at most {total:.0f} s of training; a claim stops once it is decided")


def _prospects(planned: Sequence[PlannedClaim]) -> Table:
    """What the decisions of each claim can reach."""
    table = Table()
    for column in ("decision", "units at each look", "fewest to agree, disagree", "power"):
        table.add_column(column, overflow="fold")
    for one in planned:
        table.add_section()
        table.add_row(literal(one.id, "bold"), "", "", "")
        for row in rows(one.decisions):
            table.add_row(*map(literal, row))
    return table


def print_mutants(made: Sequence[Mutant]) -> None:
    """How many wrong theories each claim rejects, and why the others survive."""
    console = open_console()
    table = Table()
    for column in ("claim", "mutants", "rejected"):
        table.add_column(column)
    for claim in dict.fromkeys(mutant.claim for mutant in made):
        members = [mutant for mutant in made if mutant.claim == claim]
        table.add_row(literal(claim), str(len(members)), f"{rejected_share(members):.0%}")
    console.print(table)
    for mutant in made:
        if not mutant.rejected:
            where = f"{mutant.claim}, {mutant.decision}, {mutant.change}"
            console.print(literal(f"survives: {where}: {mutant.reason}"))
    if made:
        console.print(f"rejected: {rejected_share(made):.1%} of {len(made)}; {CERTIFIES}")
    else:
        console.print("no decision agreed, so that there is none to be changed")
