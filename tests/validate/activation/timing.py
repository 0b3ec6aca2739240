"""``python -m tests.validate.activation.timing``: how long predictions without training take.

Seconds of processor time, on one thread: every published function on the built-in data, and every
tenth on 442 rows of 10 inputs. The import of the checker is not counted.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from validate.command.process import set_up

CORPUS = Path(__file__).parents[2] / "data" / "activations.json"
LIMIT = 2.0  # seconds
SHOWN = 5  # slowest ones


def main() -> None:
    """Print how many are over the limit, and the slowest."""
    set_up()
    from validate import check_activation

    check_activation("x", train=False)  # imports
    texts = [known["expression"] for known in json.loads(CORPUS.read_text("utf-8"))]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((442, 10))
    y = x @ rng.standard_normal(10) + 5 * rng.standard_normal(442)
    for name, chosen, data in (
        ("built-in data", texts, None),
        ("442 × 10, no order in y", texts[::10], (x, rng.standard_normal(442))),
        ("442 × 10, linear and noise", texts[::10], (x, y)),
        ("442 × 10, far from centered", texts[::10], (x / 20, 150 + y)),
    ):
        report(name, {text: seconds(check_activation, text, data) for text in chosen})


def seconds(check: Any, text: str, data: Any) -> float:
    """Processor time of one check."""
    began = time.process_time()
    check(text, data, train=False)
    return time.process_time() - began


def report(name: str, taken: dict[str, float]) -> None:
    """One line, and one for each of the slowest."""
    over = sum(one > LIMIT for one in taken.values())
    total = sum(taken.values())
    print(f"{name}: {len(taken)} in {total:.1f} s, {over} over {LIMIT:g} s")
    for text in sorted(taken, key=lambda text: -taken[text])[:SHOWN]:
        print(f"  {taken[text]:.2f} s  {text}")


if __name__ == "__main__":
    main()
