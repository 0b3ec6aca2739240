"""Blocks of random texts, each a function of seed and number alone, for worker processes."""

import faulthandler
import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import torch

from tests.fuzz.canary import Canary
from tests.fuzz.generate import text
from tests.fuzz.trial import Trial, try_text, warm_up

CORPUS = Path(__file__).with_name("corpus.txt")

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


def run_corpus() -> Summary:
    """The texts of ``corpus.txt``: what was wrong once, and some hostile ones."""
    assert _canary is not None
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    summary = Summary()
    for line in lines:
        if line and not line.startswith("#"):
            summary.add(try_text(line, _canary, with_torch=True, with_reference=True))
    return summary


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
