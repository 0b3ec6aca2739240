"""`python -m validate calibrate`: every measurement of `validate.trust.calibration`, as one
record.
"""

import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from rich.table import Table

from sim.engine.executor import default_workers
from validate.book import ALPHA
from validate.command.terminal import open_console
from validate.decisions.rules.base import kind_of
from validate.results.records import Verdict
from validate.trust.calibration import CONFIDENCE, REFUSED, Power, Size, cases, powers, sizes
from validate.trust.complete_runs import Familywise, every_kind, familywise, noises, registered
from validate.trust.complete_runs_text import print_complete_runs

POWER_RUNS = 400
COMPLETE = 5000  # complete runs in every noise


@dataclass(frozen=True)
class Calibration:
    """All that was measured; `passed` is the verdict on the rules."""

    runs: int
    seed: int
    seconds: float
    sizes: Sequence[Size]
    powers: Sequence[Power]
    familywise: Sequence[Familywise]

    @property
    def passed(self) -> bool:
        return all(s.passed for s in self.sizes) and all(f.passed for f in self.familywise)

    def to_json(self) -> str:
        data = {"schema": 1, "passed": self.passed, **dataclasses.asdict(self)}
        for row, one in zip(data["familywise"], self.familywise, strict=True):
            row |= {"passed": one.passed, "shown": one.shown}
        return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def calibrate(
    runs: int,
    seed: int,
    report: Callable[[str], None] = lambda name: None,
    complete: int = COMPLETE,
) -> Calibration:
    """Measure size and power of every rule, and complete runs; deterministic in ``seed``.

    Args:
        runs: simulated runs of every rule.
        report: told what is simulated.
        complete: simulated complete runs in every noise.
    """
    started = time.monotonic()
    measured_sizes, measured_powers = [], []
    for i, case in enumerate(cases()):
        report(case.name)
        for j, noise in enumerate(case.noises):
            measured_sizes += sizes(case, noise, runs, np.random.default_rng([seed, i, j]))
        if kind_of(case.prediction).takes_share:  # a tolerance needs no power
            measured_powers += powers(case, POWER_RUNS, np.random.default_rng([seed, i, 1000]))
    found = _complete_runs(complete, seed, report)
    seconds = round(time.monotonic() - started, 1)
    return Calibration(runs, seed, seconds, measured_sizes, measured_powers, found)


def _complete_runs(runs: int, seed: int, report: Callable[[str], None]) -> list[Familywise]:
    """Those of both sets of decisions in every noise, in threads: numpy lets others work."""
    planned = {"registered claims": registered(ALPHA), "every kind of decision": every_kind(ALPHA)}

    def measured(at: tuple[int, int]) -> Familywise:
        name, noise = list(planned)[at[0]], noises()[at[1]]
        rng = np.random.default_rng([seed, 2000, *at])
        report(f"complete runs: {name}, {noise.name}")
        return familywise(name, planned[name], noise, ALPHA, runs, rng)

    with ThreadPoolExecutor(default_workers()) as threads:
        places = itertools.product(range(len(planned)), range(len(noises())))
        return list(threads.map(measured, places))


def print_calibration(calibration: Calibration) -> None:
    """Size, power and complete runs as tables."""
    console = open_console()
    console.print(_size_table(calibration.sizes))
    console.print(
        "AGREE, DISAGREE with the truth at the edge of the margin / DISAGREE at the prediction, in "
        "% of runs, all\nlooks taken; the worst edge, in noise of 1 or 1000 margins. refused: "
        "looks that the guards refuse. A rule\npasses where the lower "
        f"{CONFIDENCE:.0%} limits are at most nominal; in noise of infinite variance (∞) "
        f"{REFUSED:.0%} of the\nlooks must be refused as well.\n"
    )
    console.print(_power_table(calibration.powers))
    console.print(
        "Units for a verdict in 9 of 10 runs, one look of level 0.0025, Gaussian noise of two "
        "margins (bounded: one\nmargin, range 22); –: no verdict with 4096 units. Ordering: the "
        "effect is predicted at 2 margins, so that\n1 margin away is the edge of AGREE and 2 that "
        "of DISAGREE, and no number of units decides in between.\n"
    )
    print_complete_runs(console, calibration.familywise)
    console.print(
        f"{calibration.runs} runs a row, seed {calibration.seed}, {calibration.seconds:.0f} s: "
        + ("every rule passes" if calibration.passed else "[red]a rule fails[/]")
    )


def _size_table(rows: Sequence[Size]) -> Table:
    levels = list(dict.fromkeys(row.level for row in rows))
    table = Table()
    for name in ("rule", "noise"):
        table.add_column(name, overflow="fold")
    for level in levels:
        table.add_column(f"α = {level:g}", no_wrap=True)
        table.add_column("refused", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for (rule, noise), found in groupby(rows, key=lambda row: (row.rule, row.noise)):
        by_level = list(found)
        cells = [cell for row in by_level for cell in (_rates(row), f"{row.refused:.1%}")]
        mark = "" if by_level[0].usable else " (∞)"
        table.add_row(rule, noise + mark, *cells, _mark(all(row.passed for row in by_level)))
    return table


def _rates(row: Size) -> str:
    rates = (row.false_agree, row.false_disagree, row.false_at_prediction)
    edge_agree, edge_disagree, prediction = (f"{100 * rate:.2f}" for rate in rates)
    return f"{edge_agree} {edge_disagree} / {prediction}"


def _power_table(rows: Sequence[Power]) -> Table:
    table = Table()
    distances = list(dict.fromkeys(row.distance for row in rows))
    table.add_column("units needed at a distance of")
    for distance in distances:
        verdict = Verdict.AGREE if distance < 1 else Verdict.DISAGREE
        table.add_column(f"{distance:g} margins\n({verdict})", justify="right")
    for rule, found in groupby(rows, key=lambda row: row.rule):
        table.add_row(rule, *(str(row.units or "–") for row in found))
    return table


def _mark(passed: bool) -> str:
    return "[green]pass[/]" if passed else "[red]FAIL[/]"
