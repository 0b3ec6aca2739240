"""SIGKILL of worker processes: the run ends with the results of one that nothing disturbs."""

import random
import signal
import time
from functools import partial
from os import kill
from pathlib import Path

from tests.faults.coins import PAUSE
from tests.faults.processes import Process, forked
from tests.faults.tally import Tally
from tests.faults.toy_run import BLOCKS, Undisturbed, result_in, status_of, stored
from validate.run.suspects import RETRIES

_PAUSE = 0.03  # seconds a block takes
_WAIT = 1.0  # seconds until a worker is killed, at most
_LATER = 2  # kills of three wait for some block first


def kill_workers(number: int, folder: Path, seed: int) -> Tally:
    """Kill workers until ``number`` of them were killed, as many in a run as it puts up with."""
    tally, rng = Tally("kills of a worker"), random.Random(f"{seed}/workers")
    truth = Undisturbed(folder / "undisturbed")
    trial = 0
    while tally.outcomes["killed"] < number:
        out = folder / f"worker-{trial}"
        out.mkdir()
        trial += 1
        times = min(RETRIES, number - tally.outcomes["killed"])
        work = partial(status_of, out, workers=rng.choice((1, 2)))
        process = forked(work, out / "said", **{PAUSE: str(_PAUSE)})
        for _ in range(times):
            _kill_one(process, out, rng, tally)
        process.wait()
        tally.count("runs")
        tally.check(not process.orphans(), f"{out.name}: processes outlived their parent")
        tally.check("Traceback" not in process.said(), f"{out.name}: {process.said()}")
        if tally.check(process.status == 0, f"{out.name}: ended with {process.said()!r}"):
            same = result_in(out) == truth.claims
            tally.check(same, f"{out.name}: {result_in(out)[0].reason}")
    return tally


def _kill_one(process: Process, out: Path, rng: random.Random, tally: Tally) -> None:
    """Kill a worker at a random moment after one is there, if the run lasts so long."""
    process.wait(until=lambda: bool(process.workers()))
    if rng.randrange(3) < _LATER:
        wanted = len(stored(out)) + rng.randint(1, BLOCKS // (RETRIES + 1))
        process.wait(until=lambda: len(stored(out)) >= wanted)
    else:
        moment = time.monotonic() + rng.uniform(0.0, _WAIT)
        process.wait(until=lambda: time.monotonic() >= moment)
    workers = [] if process.ended() else process.workers()
    if not workers:
        tally.count("ended before it was killed")
        return
    try:
        kill(rng.choice(workers), signal.SIGKILL)
    except ProcessLookupError:
        tally.count("ended before it was killed")
        return
    tally.count("killed")
    if stored(out):
        tally.count("of them after blocks were stored")
