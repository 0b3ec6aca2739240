"""``python -m tests.fuzz --count 100000``: the corpus and random texts, outcomes, faults if any.

Exit status 1 when a text gives anything but an analysis or a one-line refusal within the time
limit, when it makes Python compile, run or import something, when torch fails on what was
analyzed, or when a leading coefficient is wrong.
"""

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import click

from tests.fuzz.worker import Summary, run_block, run_corpus, start_worker
from validate.results.words import printable

_BLOCK = 500


@click.command(help=__doc__)
@click.option("--count", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1))
def main(count: int, seed: int, workers: int) -> None:
    start, total = time.monotonic(), Summary()
    blocks = [(k, min(_BLOCK, count - k * _BLOCK)) for k in range(-(-count // _BLOCK))]
    with ProcessPoolExecutor(workers, get_context("spawn"), start_worker) as pool:
        total.merge(pool.submit(run_corpus).result())
        futures = [pool.submit(run_block, seed, block, size) for block, size in blocks]
        for done, future in enumerate(as_completed(futures), start=1):
            found = future.result()
            total.merge(found)
            for trial in found.faults:
                click.echo(f"FAULT {trial.text!r}: {trial.fault}", err=True)
            if done % 20 == 0:
                click.echo(f"{done}/{len(blocks)} blocks, {len(total.faults)} faults", err=True)
    _report(total, time.monotonic() - start)
    if total.faults:
        raise SystemExit(1)


def _report(total: Summary, seconds: float) -> None:
    count = total.outcomes.total()
    for outcome, number in total.outcomes.most_common():
        click.echo(f"{number:8d}  {printable(outcome)}")
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
