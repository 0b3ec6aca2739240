"""Small files of authors, and runs of what is in them."""

from concurrent.futures import Executor, Future
from pathlib import Path

from sim.engine.store import Store
from validate.author.loading import claims_of_files
from validate.registry import Claim
from validate.results.records import Results
from validate.run.claim_progress import Options
from validate.run.runner import Runner

HEAD = """
from dataclasses import dataclass
import numpy as np
import sympy as sp
from validate.author import Given, Limit, Margin, Power, Simulation, Theory

Y, M = sp.symbols("y m", positive=True)


@dataclass(frozen=True)
class Noise(Simulation):
    size: int = 4
    shift: float = 0.0
    grid: tuple[float, ...] = (1.0, 2.0, 4.0)

    def measure(self, rng):
        return {"mean": MEAN}


@dataclass(frozen=True)
class Hidden(Noise):
    cost: float = 0.0


def law():
    yield "The mean is", sp.Eq(Y, LAW)


theory = Theory("noise", title="Noise", source="our derivation")
"""
CHECK = """theory.check(
    "mean",
    statement="The mean is what the law says.",
    law=law,
    given=(Given(M, "size", "size of the noise"),),
    observe="mean",
    on={"small": Noise(), "large": Noise(size=9)},
    margin=Margin(0.1, "of a standard deviation"),
    wrong={"none": 0},
    wrong_experiment={"shifted": Noise(shift=3.0)},
)
"""
MEAN = "self.size + self.shift + 0.1 * rng.normal()"


def text(mean: str = MEAN, law: str = "M", check: str = CHECK, **changed: str) -> str:
    """A file that is right, but for what is changed: parts of it by name, or ``old=new`` lines."""
    made = (HEAD + check).replace("MEAN", mean).replace("LAW", law)
    for old, new in changed.items():
        start = made.index(f"    {old}=")
        end = made.index("\n", start)
        made = made[:start] + (f"    {old}={new}," if new else "") + made[end:]
    return made


def claims_in(folder: Path, written: str, name: str = "noise.py") -> tuple[Claim, ...]:
    """The claims of a file with this text."""
    file = folder / name
    file.write_text(written)
    return claims_of_files([str(file)])


class Inline(Executor):
    """Runs work at once, in the caller."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def run(folder: Path, claims: tuple[Claim, ...]) -> Results:
    with Store(folder / "results.sqlite") as store:
        return Runner(claims, Options(), store, Inline()).results()
