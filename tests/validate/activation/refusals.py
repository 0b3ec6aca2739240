"""How many random data sets the checker refuses: ``python -m tests.validate.activation.refusals``.

Of 60 data sets with one input, half with random labels and half with Gaussian coefficients, every
activation is checked on each under both optimizers. Printed are, by activation and optimizer, how
many were refused (OUT_OF_SCOPE or INCONCLUSIVE), how many of the judged ones failed (DISAGREE), how
many networks of those judged did, and what the refused ones show. For another checkout run this
file there: ``PYTHONPATH=CHECKOUT python tests/validate/activation/refusals.py``.
"""

import argparse
import collections
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

ACTIVATIONS = ("tanh(x)", "x*tanh(x)", "x**2*tanh(x)", "x**3*tanh(x)", "relu(x)")
SOURCES = ("random-labels", "gaussian-coefficients")
OPTIMIZERS = ("gd", "adam")
REFUSED = ("OUT_OF_SCOPE", "INCONCLUSIVE")
SAMPLES = 40


class Here(Executor):
    """Runs what is submitted at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = Future[Any]()
        future.set_result(fn(*args, **kwargs))
        return future


def data_of(expression: str, number: int) -> tuple[Any, Any]:
    """The x and y of one data set; even numbers are random labels."""
    from sim.condensation.data_sources import draw
    from theory.symbolic.activation import activation
    from theory.symbolic.leading_part import leading_part

    order = leading_part(activation(expression)).order
    source: Any = SOURCES[number % 2]
    rng = np.random.default_rng([13, order, ACTIVATIONS.index(expression), number])
    drawn = draw(source, rng, order, SAMPLES, 1)
    return drawn.x, drawn.y


def checked(task: tuple[str, str, int, bool]) -> dict[str, Any]:
    """One activation on one data set under one optimizer, as a line of the table."""
    import torch

    from validate import check_activation

    torch.set_num_threads(1)
    expression, optimizer, number, train = task
    began = time.monotonic()
    check = check_activation(
        expression,
        data_of(expression, number),
        optimizers=(optimizer,),
        train=train,
        executor=Here() if train else None,
    )
    verdict = next((v for v in check.verdicts if v.name.startswith("orientations")), None)
    told = verdict.reason if verdict else ""
    found = re.match(r"(\d+) of (\d+) units", told)
    one = check.optimizers[optimizer]
    return {
        "expression": expression,
        "optimizer": optimizer,
        "number": number,
        "verdict": verdict.verdict.name if verdict else "NONE",
        "reason": told,
        "failed": int(found[2]) - int(found[1]) if found else 0,
        "networks": int(found[2]) if found else 0,
        "shown": one.trained,
        "seconds": round(time.monotonic() - began, 2),
    }


def measure(
    sets: int,
    expressions: tuple[str, ...],
    train: bool = True,
    processes: int = 1,
    again: frozenset[tuple[str, str, int]] = frozenset(),
) -> Iterator[dict[str, Any]]:
    """All checks as they come; of ``again`` (expression, optimizer, number) if there is any."""
    tasks = [
        (expression, optimizer, number, train)
        for number in range(sets)
        for expression in expressions
        for optimizer in OPTIMIZERS
        if not again or (expression, optimizer, number) in again
    ]
    if processes == 1:
        yield from map(checked, tasks)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(checked, tasks)


def not_agreed(path: Path) -> frozenset[tuple[str, str, int]]:
    """What was refused or failed, of a file of lines."""
    lines = map(json.loads, path.read_text().splitlines())
    return frozenset(
        (one["expression"], one["optimizer"], one["number"])
        for one in lines
        if one["verdict"] != "AGREE"
    )


def table(lines: list[dict[str, Any]]) -> list[str]:
    """What was refused and what failed, by activation and optimizer, and the reasons."""
    cells = collections.defaultdict[tuple[str, str], list[dict[str, Any]]](list)
    for line in lines:
        cells[line["expression"], line["optimizer"]].append(line)
    text = []
    for (expression, optimizer), of in sorted(cells.items()):
        refused = [line for line in of if line["verdict"] in REFUSED]
        judged = [line for line in of if line["verdict"] not in REFUSED]
        text.append(
            f"{expression:14} {optimizer:5} refused {len(refused)} of {len(of)} "
            f"({sum(line['shown'] for line in refused)} of them trained and shown), "
            f"DISAGREE {sum(line['verdict'] == 'DISAGREE' for line in judged)} of {len(judged)}, "
            f"networks that failed {sum(line['failed'] for line in judged)} of "
            f"{sum(line['networks'] for line in judged)}, "
            f"{np.mean([line['seconds'] for line in of]):.1f} s each"
        )
        reasons = collections.Counter(_kind(line) for line in refused)
        text += [f"    {count} {reason}" for reason, count in reasons.most_common()]
    return text


def _kind(line: dict[str, Any]) -> str:
    """A refusal without its numbers."""
    if line["verdict"] == "INCONCLUSIVE":
        return "INCONCLUSIVE"
    return re.sub(r"\d[\d.]*", "…", line["reason"])[:110]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=60)
    parser.add_argument("--only", nargs="*", default=list(ACTIVATIONS))
    parser.add_argument("--no-train", action="store_true")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--lines", type=Path, help="write every check to this file, as JSON lines")
    parser.add_argument("--again", type=Path, help="only what was not AGREE in such a file")
    given = parser.parse_args()
    lines, again = [], not_agreed(given.again) if given.again else frozenset()
    train = not given.no_train
    for line in measure(given.sets, tuple(given.only), train, given.processes, again):
        lines.append(line)
        if given.lines:
            with given.lines.open("a") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    print("\n".join(table(lines)))


if __name__ == "__main__":
    main()
