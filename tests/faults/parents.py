"""SIGKILL of the process that runs, at random moments, once or several times; then it goes on."""

import random
import time
from functools import partial
from pathlib import Path

from tests.faults.coins import PAUSE
from tests.faults.processes import Process, forked
from tests.faults.tally import Tally
from tests.faults.toy_run import BLOCKS, RESULTS, Undisturbed, result_in, status_of, stored

_PAUSE = 0.02  # seconds a block takes
_START = 0.5  # seconds: about what it takes until the first block comes
_TIMES = 3  # at most, one run after another in one folder
_LATER = 3  # kills of four wait for some block first


def kill_parents(number: int, folder: Path, seed: int) -> Tally:
    """Kill runs until ``number`` of them were killed."""
    tally, rng = Tally("kills of the parent"), random.Random(f"{seed}/parents")
    truth = Undisturbed(folder / "undisturbed")
    trial = 0
    while tally.outcomes["killed"] < number:
        out = folder / f"parent-{trial}"
        trial += 1
        left = number - tally.outcomes["killed"]
        _chain(out, min(left, rng.randint(1, _TIMES)), truth, rng, tally)
    return tally


def _chain(out: Path, times: int, truth: Undisturbed, rng: random.Random, tally: Tally) -> None:
    """Kill a run, and what goes on from it, some times; then let it end."""
    out.mkdir()
    for _ in range(times):
        if (out / RESULTS).exists():
            break
        before = set(stored(out))
        process = _start(out, rng)
        if _waited(process, out, len(before), rng):
            tally.count("ended before it was killed")
            tally.check(process.status == 0, f"{out.name}: ended with {process.said()!r}")
            break
        process.kill()
        after = set(stored(out))
        tally.count("killed")
        if len(after) > len(before):
            tally.count("of them after blocks were stored")
        if after:
            tally.count("of them with blocks stored, by former runs too")
        _check_end(process, out, tally)
        kept, wrong = truth.kept_in(out)
        tally.check(not after - kept, f"{out.name}: {len(after - kept)} stored blocks were lost")
        tally.check(not wrong, f"{out.name}: {len(wrong)} stored blocks are wrong")
        if (out / RESULTS).exists():
            tally.check(result_in(out) == truth.claims, f"{out.name}: {RESULTS} is wrong")
    _go_on(out, truth, tally, rng)


def _go_on(out: Path, truth: Undisturbed, tally: Tally, rng: random.Random) -> None:
    """The next run uses what was stored, trains the rest alone and says what it should."""
    before, _ = truth.kept_in(out)
    said_before = len(stored(out))
    workers = int(rng.randrange(4) == 0)  # it costs most to start one
    process = forked(partial(status_of, out, workers=workers), out / "said")
    process.wait()
    tally.count("went on")
    tally.count("blocks used again", len(before))
    _check_end(process, out, tally)
    if not tally.check(process.status == 0, f"{out.name}: went on to {process.said()!r}"):
        return
    tally.check(result_in(out) == truth.claims, f"{out.name}: the result is another")
    trained = len(stored(out)) - said_before
    fault = f"{out.name}: {trained} blocks trained where {len(before)} of {BLOCKS} were stored"
    tally.check(trained == BLOCKS - len(before), fault)
    left = [one.name for one in out.glob(f".{RESULTS}*")]
    tally.check(not left, f"{out.name}: {left} left over")


def _start(out: Path, rng: random.Random) -> Process:
    work = partial(status_of, out, workers=rng.choice((1, 1, 2)))
    return forked(work, out / "said", **{PAUSE: str(_PAUSE)})


def _waited(process: Process, out: Path, before: int, rng: random.Random) -> bool:
    """Wait for a random moment; whether the process ended before it."""
    if rng.randrange(4) < _LATER:
        wanted = rng.randint(min(before + 1, BLOCKS), BLOCKS)
        process.wait(until=lambda: len(stored(out)) >= wanted)
        late = time.monotonic() + rng.uniform(0.0, 2 * _PAUSE)
    else:
        late = time.monotonic() + rng.uniform(0.0, _START)
    return process.wait(until=lambda: time.monotonic() >= late)


def _check_end(process: Process, out: Path, tally: Tally) -> None:
    tally.check(not process.orphans(), f"{out.name}: processes outlived their parent")
    tally.check("Traceback" not in process.said(), f"{out.name}: {process.said()}")
