"""A file system that takes no more, by RLIMIT_FSIZE: what was there stays, whole."""

import random
import resource
import shutil
from functools import partial
from pathlib import Path

from tests.faults.processes import forked
from tests.faults.tally import Tally
from tests.faults.toy_run import RESULTS, STORE, Undisturbed, ran, result_in, status_of, timeless

_LEAST = 1024  # bytes, for the line that the run says
_LATE = 0.5  # the share in which the disk is full only when results.json is written
_ROOM = 16  # times the size of a store at most: what a run writes meanwhile, and more
_REFUSED = 2  # exit status


def fill_disk(number: int, folder: Path, seed: int) -> Tally:
    """Run at another seed over results, with files of a random size at most."""
    tally, rng = Tally("full disks"), random.Random(f"{seed}/full disk")
    truth = Undisturbed(folder / "undisturbed")
    other = timeless(ran(truth.copy(folder / "other"), seed=1, loud=False))
    largest = _ROOM * (folder / "other" / STORE).stat().st_size
    for trial in range(number):
        out = truth.copy(folder / f"full-{trial}")
        former = (out / RESULTS).read_bytes()
        late = rng.random() < _LATE
        limit = rng.randint(_LEAST, len(former) if late else largest)
        process = forked(partial(_limited, out, limit, late), out / "said")
        process.wait()
        name, said = f"{out.name} ({limit} bytes)", process.said()
        tally.check("Traceback" not in said, f"{name}: {said}")
        if process.status == _REFUSED:
            tally.count("refused in one line")
            tally.check(said.startswith("Error: ") and said.count("\n") == 1, f"{name}: {said!r}")
            same = (out / RESULTS).read_bytes() == former
            tally.check(same, f"{name}: the former {RESULTS} is gone")
        elif tally.check(process.status == 0, f"{name}: status {process.status}, {said!r}"):
            tally.count("had room enough")
            tally.check(result_in(out) == other, f"{name}: a wrong result")
        kept, wrong = truth.kept_in(out)
        tally.check(len(kept) == len(truth.blocks), f"{name}: stored blocks were lost")
        tally.check(not wrong, f"{name}: stored blocks are wrong")
        tally.check(timeless(ran(out, seed=1, loud=False)) == other, f"{name}: wrong afterwards")
        left = [one.name for one in out.glob(f".{RESULTS}*")]
        tally.check(not left, f"{name}: {left} left over")
        shutil.rmtree(out)
    return tally


def _limited(out: Path, limit: int, late: bool) -> int:
    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    if late:
        return status_of(out, seed=1, loud=False, before_writing=fill)
    fill()
    return status_of(out, seed=1, loud=False)
