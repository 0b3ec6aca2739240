"""``python -m tests.fuzz --count 100000``: random texts, a table of outcomes, faults if any.

Exit status 1 when a text gives anything but an analysis or a one-line refusal within the time
limit, when it makes Python compile, run or import something, when torch fails on what was
analyzed, or when a leading coefficient is wrong.
"""

import faulthandler
import heapq
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing import get_context

import click
import torch

from tests.fuzz.canary import Canary
from tests.fuzz.generate import text
from tests.fuzz.trial import Trial, try_text, warm_up

_BLOCK = 500
_TORCH_EVERY, _REFERENCE_EVERY = 10, 20
_SLOWEST = 5
# No block takes so long unless a call hangs where no time limit reaches it.
_HANGING_SECONDS = 900

_canary: Canary | None = None


@dataclass
class Summary:
    """Outcomes, the slowest trials and the faults of some texts."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: list[Trial] = field(default_factory=list)
    faults: list[Trial] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, trial: Trial) -> None:
        self.outcomes[trial.outcome] += 1
        self.seconds += trial.seconds
        self._keep_slowest([*self.slowest, trial])
        if trial.fault is not None:
            self.faults.append(trial)

    def merge(self, other: "Summary") -> None:
        self.outcomes += other.outcomes
        self.seconds += other.seconds
        self._keep_slowest(self.slowest + other.slowest)
        self.faults += other.faults

    def _keep_slowest(self, trials: list[Trial]) -> None:
        self.slowest = heapq.nlargest(_SLOWEST, trials, key=lambda trial: trial.seconds)


def start_worker() -> None:
    """Once in a process: an audit hook cannot be removed."""
    global _canary
    torch.set_num_threads(1)
    warm_up()
    _canary = Canary()


def run_block(seed: int, block: int, count: int) -> Summary:
    """The texts of a block depend on seed and block alone."""
    assert _canary is not None
    faulthandler.dump_traceback_later(_HANGING_SECONDS, exit=True)
    rng, summary = random.Random(f"{seed}/{block}"), Summary()
    for number in range(count):
        summary.add(
            try_text(
                text(rng),
                _canary,
                with_torch=number % _TORCH_EVERY == 0,
                with_reference=number % _REFERENCE_EVERY == 0,
            )
        )
    faulthandler.cancel_dump_traceback_later()
    return summary


@click.command(help=__doc__)
@click.option("--count", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
def main(count: int, seed: int, workers: int) -> None:
    start, total = time.monotonic(), Summary()
    blocks = [(k, min(_BLOCK, count - k * _BLOCK)) for k in range(-(-count // _BLOCK))]
    with ProcessPoolExecutor(workers, get_context("spawn"), start_worker) as pool:
        futures = [pool.submit(run_block, seed, block, size) for block, size in blocks]
        for done, future in enumerate(as_completed(futures), start=1):
            total.merge(future.result())
            if done % 20 == 0:
                click.echo(f"{done}/{len(blocks)} blocks, {len(total.faults)} faults", err=True)
    _report(total, time.monotonic() - start)
    if total.faults:
        raise SystemExit(1)


def _report(total: Summary, seconds: float) -> None:
    count = total.outcomes.total()
    for outcome, number in total.outcomes.most_common():
        click.echo(f"{number:8d}  {outcome}")
    groups = Counter[str]()
    for outcome, number in total.outcomes.items():
        groups[outcome.split(":")[0]] += number
    click.echo(f"{count} texts: " + ", ".join(f"{n} {name}" for name, n in groups.items()))
    click.echo(
        f"{seconds:.0f} s; a text took {1e3 * total.seconds / count:.1f} ms of processor time"
    )
    for trial in total.slowest:
        click.echo(f"slow: {trial.seconds:.2f} s  {trial.text!r}")
    for trial in total.faults:
        click.echo(f"FAULT {trial.text!r}\n    {trial.fault}")
    click.echo(f"{len(total.faults)} faults")


if __name__ == "__main__":
    main()
