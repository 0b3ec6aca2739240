"""A cheap run from the store to results.json, as the command line makes it but for the report."""

import dataclasses
import os
import shutil
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sim.engine.executor import open_executor
from sim.engine.store import Store, key
from sim.experiment import Measurement
from tests.faults.coins import SlowCoins
from tests.faults.processes import UNEXPECTED
from tests.validate import toy
from tests.validate.run.test_runner import Inline
from validate.claim import Body
from validate.command.folder import folder_for, keep, with_former_appendices, with_former_budgets
from validate.command.running import Failure, refused, writing_to
from validate.registry import Claim
from validate.results.records import ClaimResult, Results, load_results
from validate.run.claim_progress import Options
from validate.run.kept_claims import KEPT, JudgedClaims
from validate.run.runner import Runner

RESULTS, STORE, LOG = "results.json", "results.sqlite", "stored"
RATE = 0.05  # of heads: undecided until the last look
LOOKS = (2, 6, 12)
EXPERIMENTS = SlowCoins(rate=RATE, block=50), SlowCoins(rate=1.0, block=50)
BLOCKS = len(EXPERIMENTS) * LOOKS[-1]


class LoudStore(Store):
    """Writes the key of every block to a file once it is kept."""

    log: int | None = None

    def put_encoded(self, key: str, experiment_name: str, *rest: Any) -> None:
        super().put_encoded(key, experiment_name, *rest)
        if self.log is not None and experiment_name != KEPT:
            os.write(self.log, f"{key}\n".encode())


def _declared(build: Callable[[], Body]) -> Claim:
    """A claim whose judgment is kept, like registered ones; it is not registered itself."""
    return dataclasses.replace(toy.claim("toy.slow"), build=build)


@_declared
def slow_coins() -> Body:
    """Coins whose verdict needs all looks."""
    body = toy.body(looks=LOOKS)
    main, control = body.decisions
    return dataclasses.replace(
        body,
        grid=EXPERIMENTS,
        decisions=(
            dataclasses.replace(main, experiments=EXPERIMENTS[:1]),
            dataclasses.replace(control, experiments=EXPERIMENTS[1:]),
        ),
        regime=(),
    )


@contextmanager
def _executor(workers: int) -> Iterator[Executor]:
    if workers:
        with open_executor(workers) as executor:
            yield executor
    else:
        yield Inline()


def ran(
    out: Path,
    workers: int = 0,
    seed: int = 0,
    claim: Claim = slow_coins,
    loud: bool = True,
    before_writing: Callable[[], None] = lambda: None,
) -> Results:
    """Run into a folder, in worker processes or, without any, in this one.

    Args:
        out, workers, seed, claim: what is run, where.
        loud: the keys of blocks that are kept are written to a file.
        before_writing: is called before results.json is written.

    Raises:
        Failure: one line.
    """
    with refused(), writing_to(out), ExitStack() as stack:
        out.mkdir(parents=True, exist_ok=True)
        store = LoudStore(out / STORE)
        stack.enter_context(store)
        if loud:
            store.log = os.open(out / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            stack.callback(os.close, store.log)
        executor = stack.enter_context(_executor(workers))
        options = Options(seed=seed)
        judged = JudgedClaims(store, options)
        results = Runner((claim,), options, store, executor, judged_before=judged).results()
        results = with_former_budgets(with_former_appendices(results, out), out)
        before_writing()
        keep(folder_for(results, out) / RESULTS, results.to_json())
    return results


def status_of(out: Path, **options: Any) -> int:
    """`ran` as a command: 0, or 2 with a line on standard error."""
    try:
        ran(out, **options)
    except Failure as error:
        os.write(2, f"Error: {error.format_message()}\n".encode())
        return error.exit_code
    except Exception:
        os.write(2, traceback.format_exc().encode())
        return UNEXPECTED
    return 0


def stored(out: Path) -> list[str]:
    """The keys of blocks of which the runs in a folder said that they are kept."""
    log = out / LOG
    return log.read_text().split() if log.exists() else []


def timeless(results: Results) -> list[ClaimResult]:
    """The claims without how long they took."""
    return [claim.model_copy(update={"seconds": 0.0}) for claim in results.claims]


def result_in(out: Path) -> list[ClaimResult]:
    """The claims in a folder's results.json."""
    return timeless(load_results(out / RESULTS))


def keys(seed: int = 0) -> dict[str, tuple[SlowCoins, int]]:
    """The blocks of a run by their keys."""
    blocks = [(one, index) for one in EXPERIMENTS for index in range(LOOKS[-1])]
    return {key(one, seed, index, "cpu"): (one, index) for one, index in blocks}


class Undisturbed:
    """What a run gives that nothing disturbs.

    Attributes:
        folder: its output.
        claims: its records, without times.
        blocks: the measurements of every block by its key.
    """

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder, self.seed = folder, seed
        self.claims = timeless(ran(folder, seed=seed, loud=False))
        self.blocks: dict[str, list[Measurement]] = {
            name: one.run(seed, index) for name, (one, index) in keys(seed).items()
        }

    def kept_in(self, out: Path) -> tuple[set[str], list[str]]:
        """The keys of its blocks that a store gives, and those with other measurements."""
        with Store(out / STORE) as store:
            found = {name: store.get(name) for name in self.blocks}
        kept = {name for name, one in found.items() if one is not None}
        return kept, [name for name in kept if found[name] != self.blocks[name]]

    def copy(self, to: Path) -> Path:
        """A copy of its folder."""
        return Path(shutil.copytree(self.folder, to))
