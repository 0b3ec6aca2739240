"""SIGKILL of the process that writes a report over a former one: either is there, whole."""

import random
import shutil
import time
from functools import partial
from pathlib import Path

from tests.faults.processes import Process, forked
from tests.faults.tally import Tally
from tests.reports.synthetic import results
from validate.command.running import write_report
from validate.results.records import Results

_DRAWN = 0.5  # the share of kills with all figures drawn before, when nearly all time is writing
_BEGINNING = 0.5  # the share of kills that come when a file is begun
_BEGUN = ".report.*"


def kill_reports(number: int, folder: Path, seed: int) -> Tally:
    """Kill ``number`` processes at random moments while they write."""
    tally, rng = Tally("kills while a report is written"), random.Random(f"{seed}/reports")
    one = results()
    other = one.model_copy(update={"claims": one.claims[:1]})
    former, new = folder / "former", folder / "new"
    began = time.monotonic()
    _apart(one, former)
    lasts = time.monotonic() - began
    _apart(other, new)
    trial = 0
    while tally.outcomes["killed"] < number:
        out = Path(shutil.copytree(former, folder / f"report-{trial}"))
        trial += 1
        if rng.random() > _DRAWN:
            for drawn in out.glob("*.drawn"):
                drawn.unlink()
        process = forked(partial(_written, other, out), out / "said")
        if _waited(process, out, lasts, rng):
            tally.count("ended before it was killed")
        else:
            process.kill()
            tally.count("killed")
            if any(out.glob(_BEGUN)):
                tally.count("of them with a file half written")
        _check(out, former, new, tally)
        tally.check("Traceback" not in process.said(), f"{out.name}: {process.said()}")
        tally.check(_apart(other, out) == 0, f"{out.name}: not written afterwards")
        tally.check(_reports(out) == _reports(new), f"{out.name}: wrong afterwards")
        left = [one.name for one in out.glob(".*")]
        tally.check(not left, f"{out.name}: {left} left over")
        shutil.rmtree(out)
    return tally


def _waited(process: Process, out: Path, lasts: float, rng: random.Random) -> bool:
    """Wait for a random moment or, as often, until a file is begun; whether the process ended."""
    if rng.random() < _BEGINNING:
        return process.wait(until=lambda: any(out.glob(_BEGUN)))
    end = time.monotonic() + rng.uniform(0.0, lasts)
    return process.wait(until=lambda: time.monotonic() >= end)


def _apart(made: Results, out: Path) -> int | None:
    """Written in a process of its own: the typesetter has threads, and who has some cannot fork."""
    out.mkdir(parents=True, exist_ok=True)
    process = forked(partial(_written, made, out), out / "said")
    process.wait()
    return process.status


def _written(made: Results, out: Path) -> int:
    write_report(made, out)
    return 0


def _check(out: Path, former: Path, new: Path, tally: Tally) -> None:
    before, after = _reports(former), _reports(new)
    for name, content in _reports(out).items():
        tally.check(content in (before[name], after[name]), f"{out.name}: {name} is damaged")
        tally.count("new files" if content == after[name] else "former files")
    tally.check(set(_reports(out)) == set(before), f"{out.name}: a file is gone")


def _reports(out: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in out.glob("report.*")}
