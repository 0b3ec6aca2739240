"""Bits that flip in results.sqlite, or in the log beside it that a killed run leaves."""

import random
import shutil
from functools import partial
from pathlib import Path

from sim.engine.store import Store
from tests.faults.processes import forked
from tests.faults.tally import Tally
from tests.faults.toy_run import RESULTS, STORE, Undisturbed, result_in, status_of

_BYTES = 3  # that flip at once, at most
_HEADER = 4096  # bytes: the first page, where flips do most
_REFUSED = 2  # exit status


def flip_bytes(number: int, folder: Path, seed: int) -> Tally:
    """Flip bytes of stores; the next run uses what is right, trains the rest or refuses."""
    tally, rng = Tally("byte flips in the store"), random.Random(f"{seed}/flips")
    truth = Undisturbed(folder / "undisturbed")
    with_log = _with_log(truth, folder / "with-log")
    for trial in range(number):
        out = folder / f"flip-{trial}"
        shutil.copytree(rng.choice((truth.folder, with_log)), out)
        (out / RESULTS).unlink(missing_ok=True)
        _flip(rng.choice(sorted(out.glob(f"{STORE}*"))), rng)
        process = forked(partial(status_of, out, loud=False), out / "said")
        process.wait()
        _check(process.status, process.said(), out, truth, tally)
        shutil.rmtree(out)
    return tally


def _with_log(truth: Undisturbed, out: Path) -> Path:
    """A folder as a killed run leaves it, with what is committed in the write-ahead log."""
    running = out.with_name("running")
    with Store(running / STORE) as store:
        for key, measurements in truth.blocks.items():
            store.put(key, "slow coins", measurements, 0.1)
        return Path(shutil.copytree(running, out))


def _flip(file: Path, rng: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(rng.randint(1, _BYTES)):
        size = min(len(content), _HEADER) if rng.randrange(4) == 0 else len(content)
        content[rng.randrange(size)] ^= rng.randint(1, 255)
    file.write_bytes(content)


def _check(status: int | None, said: str, out: Path, truth: Undisturbed, tally: Tally) -> None:
    name = out.name
    tally.check("Traceback" not in said, f"{name}: {said}")
    if status == _REFUSED:
        tally.count("refused in one line")
        tally.check(said.startswith("Error: ") and said.count("\n") == 1, f"{name}: {said!r}")
    elif tally.check(status == 0, f"{name}: status {status}, {said!r}"):
        tally.count("gave the right result")
        tally.check(result_in(out) == truth.claims, f"{name}: a wrong result")
