"""``python -m tests.independent.coupled_network``: the checker's verdicts against other code.

For every function of `tests.independent.functions` the checker is run as a command, and networks
of coupled neurons are trained by `tests.independent.network`, which imports nothing of the project.
One row for each function and optimizer; exit status 1 where an AGREE is contradicted or a DISAGREE
is not confirmed. The same data: sin(2x + 1) + sin(5x + 1) at 40 even points of [−1, 1.5], or a CSV
file whose columns are one input and y.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from tests.independent.clustering import Gathered, gathered
from tests.independent.comparison import (
    VISIBLE,
    Seen,
    above,
    missing,
    predictions,
    unexpected,
    verdict_on,
    word,
)
from tests.independent.functions import WRITTEN, Written
from tests.independent.network import Sigma, sigma, train

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "data" / "activations.json"
BATCH = 8  # functions that one command of the checker is given
EVERY, FASTEST = 0.0, 0.95
# kinds of networks: how many, and of how many neurons
COUPLED, SEVERAL, SMALL, ALONE = (1, 400), (20, 400), (20, 20), (400, 1)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    optimizer: str
    verdict: str
    predicted: str
    seen: str
    outcome: str
    why: str

    @property
    def failed(self) -> bool:
        return self.outcome in ("CONTRADICTED", "NOT CONFIRMED")


def built_in() -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of the checker's built-in data, written out again."""
    x = np.linspace(-1.0, 1.5, 40)
    return x, np.sin(2 * x + 1) + np.sin(5 * x + 1)


def checked(
    functions: list[Written], options: list[str]
) -> Iterator[tuple[Written, dict[str, Any]]]:
    """Records of the checker, from its command, in order."""
    texts = {}
    for entry in json.loads(CORPUS.read_text(encoding="utf-8")):
        texts.setdefault(entry["name"], entry["expression"])
    for modules in (False, True):
        chosen = [one for one in functions if one.module is modules]
        for start in range(0, len(chosen), BATCH):
            part = chosen[start : start + BATCH]
            names = [
                f"--torch=torch.nn:{one.name[3:]}" if modules else texts[one.name] for one in part
            ]
            command = [sys.executable, "-m", "validate", "activation", "--json", *options, *names]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
            if done.returncode:
                raise click.ClickException(done.stderr.strip())
            records = json.loads(done.stdout)
            yield from zip(part, records if len(part) > 1 else [records], strict=True)


def with_bias(x: np.ndarray) -> np.ndarray:
    """Inputs (n,) with a column of ones."""
    return np.stack([x, np.ones_like(x)], axis=1)


def networks(of: Sigma, x: np.ndarray, y: np.ndarray, optimizer: str, seed: int) -> list[Seen]:
    """What coupled networks show; and single neurons, where in wide ones a few outrun the others.

    Where σ(0) ≠ 0 the networks are small: fitting the mean of y takes steps that shrink with the
    number of neurons while what is left for each of them does too.
    """
    x, descent = with_bias(x), optimizer == "gd"
    blows_up = descent and of.order > 1
    shape = SMALL if of.at_zero else SEVERAL if blows_up else COUPLED
    trained = train(of, x, y, optimizer, networks=shape[0], neurons=shape[1], seed=seed)
    rate = EVERY
    if descent and not of.at_zero:
        rate = FASTEST if blows_up else np.log(VISIBLE) / np.log(trained.growth.max())
    seen = [Seen("coupled", gathered(trained, optimizer, blows_up), float(rate))]
    differ = None not in of.orders and of.orders[0] != of.orders[1]
    if blows_up and not of.at_zero and not differ:
        alone = train(of, x, y, optimizer, networks=ALONE[0], neurons=ALONE[1], seed=seed)
        seen.append(Seen("alone", gathered(alone, optimizer), EVERY))
    return seen


def compared(
    written: Written, record: dict[str, Any], x: np.ndarray, y: np.ndarray, seed: int
) -> Iterator[Row]:
    """A row for every optimizer that the record has."""
    of = sigma(written.function)
    for optimizer, check in record["optimizers"].items():
        predicted = predictions(check["predicted"], of, with_bias(x), y)
        seen = networks(of, x, y, optimizer, seed)
        verdict, reason = verdict_on(record, optimizer)
        faults = above(record, optimizer, seen)
        if predicted:
            faults += [*unexpected(predicted, seen), *missing(predicted, seen)]
        why = faults if verdict in ("AGREE", "DISAGREE") else [reason, *faults]
        yield Row(
            written.name,
            optimizer,
            verdict,
            _listed([(p.angle, p.sign, p.share) for p in predicted]),
            "; ".join(f"{one.kind} {_told(one.gathered)}" for one in seen),
            word(verdict, predicted, faults),
            "; ".join(why),
        )


def _listed(directions: list[tuple[float, int, float]] | tuple) -> str:
    return ", ".join(
        f"{a:.0f}°{'+' if s > 0 else '−'} {100 * share:.0f}" for a, s, share in directions
    )


def _told(found: Gathered) -> str:
    rest = f", scattered {100 * found.scattered:.0f}" if found.scattered >= 0.005 else ""
    return f"({found.grown}) {_listed(found.clusters)}{rest}"


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A CSV file of one input and y with a line of names."""
    values = np.loadtxt(path, delimiter=",", skiprows=1, dtype=float)
    if values.ndim != 2 or values.shape[1] != 2:
        raise click.UsageError(f"{path}: columns of one input and y are needed")
    return values[:, 0], values[:, 1]


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
@click.option("--optimizer", type=click.Choice(["gd", "adam", "both"]), default="both")
@click.option("--data", type=click.Path(path_type=Path), default=None)
@click.option("--seed", default=0, show_default=True, help="Of the independent networks.")
def main(names: tuple[str, ...], optimizer: str, data: Path | None, seed: int) -> None:
    unknown = set(names) - {one.name for one in WRITTEN}
    if unknown:
        raise click.UsageError(f"not in the table: {', '.join(sorted(unknown))}")
    functions = [one for one in WRITTEN if not names or one.name in names]
    x, y = built_in() if data is None else read(data)
    options = ["--workers=1", f"--optimizer={optimizer}", *([f"--data={data}"] if data else [])]
    click.echo("| function | optimizer | verdict | predicted, % | independent (grown), % | | |")
    click.echo("|---|---|---|---|---|---|---|")
    rows = []
    for written, record in checked(functions, options):
        for row in compared(written, record, x, y, seed):
            rows.append(row)
            cells = (
                row.name,
                row.optimizer,
                row.verdict,
                row.predicted,
                row.seen,
                row.outcome,
                row.why,
            )
            click.echo("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    failed = sum(row.failed for row in rows)
    click.echo(f"\n{len(functions)} functions, {len(rows)} rows, {failed} not borne out", err=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
