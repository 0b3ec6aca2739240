"""Edits of code while a run goes on: what is stored and said is of the code that there is."""

import dataclasses
import random
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path

from tests.faults.coins import PAUSE
from tests.faults.processes import forked
from tests.faults.tally import Tally
from tests.faults.toy_run import EXPERIMENTS, RESULTS, result_in, status_of
from tests.validate import toy
from validate.claim import Body
from validate.registry import Claim
from validate.results.records import Verdict

_PAUSE = 0.05  # seconds a block takes
_LASTS = 2.0  # seconds, about
_BLOCKS = 8
_EXPERIMENT = """
import os, time
from dataclasses import dataclass
from typing import ClassVar
from sim.experiment import Experiment
from {helper} import COUNT as THEIRS

COUNT = 0

@dataclass(frozen=True)
class Counted(Experiment):
    name: ClassVar[str] = __name__
    block: int = 100

    def simulate(self, seed, replicates, device):
        time.sleep(float(os.environ.get("{pause}", "0")))
        return [dict(count=int(bool(COUNT + THEIRS))) for _ in replicates]

    def cost(self):
        return 1.0
"""
_HELPER = "COUNT = 0\n"
_EDITS = {  # what is in place of COUNT = 0 meanwhile, and whether code is valid then
    "another value": ("COUNT = 1", True),
    "another value and size": ("COUNT = 1  # one", True),
    "a remark": ("COUNT = 0  # still", True),
    "half an edit": ("COUNT = (", False),
    "what raises": ("raise ValueError", False),
}
_CHANGED = "changed while the run went on; run again"


def edit_code(number: int, folder: Path, seed: int) -> Tally:
    """Edit a module of an experiment, or one that it imports, at random moments of a run."""
    tally, rng = Tally("edits during a run"), random.Random(f"{seed}/edits")
    for trial in range(number):
        out = folder / f"edit-{trial}"
        (out / "code").mkdir(parents=True)
        _edit(out, f"counted_{trial}", rng, tally)
    return tally


def _edit(out: Path, module: str, rng: random.Random, tally: Tally) -> None:
    files = {name: out / "code" / f"{name}.py" for name in (module, f"{module}_helper")}
    texts = dict(zip(files, (_text(module), _HELPER), strict=True))
    for name, file in files.items():
        file.write_text(texts[name])
    edited, how = rng.choice(list(files)), rng.choice(list(_EDITS))
    new, valid = _EDITS[how]
    run = partial(_run, out, module)
    process = forked(partial(run, 1), out / "said", **{PAUSE: str(_PAUSE)})
    moment = time.monotonic() + rng.uniform(0.0, _LASTS)
    if process.wait(until=lambda: time.monotonic() >= moment):
        tally.count("ended before the edit")
    files[edited].write_text(texts[edited].replace("COUNT = 0", new))
    process.wait()
    tally.check(not process.orphans(), f"{out.name}: processes outlived their parent")
    name, said = f"{out.name} ({how}, {edited})", process.said()
    tally.count("edits")
    if valid or process.status == 0:
        tally.check(process.status == 0, f"{name}: {said}")
        tally.check("Traceback" not in said, f"{name}: {said}")
    if process.status == 0:
        _during(out, name, how, tally)
    else:  # it could not be imported by the run itself, which is the harness's script
        tally.count("could not be imported")
    if valid:
        _afterwards(out, partial(run, 0), name, _value(how), tally)
    files[edited].write_text(texts[edited])
    _afterwards(out, partial(run, 0), name, 0, tally)


def _during(out: Path, name: str, how: str, tally: Tally) -> None:
    """The run that was disturbed has the value before, that after, or says why not."""
    (claim,) = result_in(out)
    if claim.verdict is Verdict.ERROR:
        tally.count("failed with the reason")
        tally.check(claim.reason.endswith(_CHANGED), f"{name}: {claim.reason}")
        return
    tally.count("went through")
    measured = claim.observations[0].measured
    tally.check(measured in {0, _value(how)}, f"{name}: measured {measured}")


def _afterwards(out: Path, run: partial, name: str, value: int, tally: Tally) -> None:
    """Another run has the value of the code that there is now, in all blocks."""
    (out / RESULTS).unlink(missing_ok=True)
    process = forked(run, out / "said")
    process.wait()
    if not tally.check(process.status == 0, f"{name}, afterwards: {process.said()}"):
        return
    (claim,) = result_in(out)
    said = f"{claim.verdict}, {claim.reason}"
    if tally.check(bool(claim.observations), f"{name}, afterwards: {said}"):
        measured = claim.observations[0].measured
        tally.check(measured == value, f"{name}, afterwards: stale {measured}, not {value}")


def _value(how: str) -> int:
    return int(_EDITS[how][0].startswith("COUNT = 1"))


def _text(module: str) -> str:
    return _EXPERIMENT.format(helper=f"{module}_helper", pause=PAUSE)


def _run(out: Path, module: str, workers: int) -> int:
    sys.path.insert(0, str(out / "code"))
    experiment = import_module(module).Counted()
    return status_of(out, workers=workers, claim=_claim(experiment), loud=False)


def _claim(experiment) -> Claim:
    """That an experiment counts nothing, with coins for the control."""
    body = toy.body(looks=(_BLOCKS,))
    main, control = body.decisions
    coins = EXPERIMENTS[1:]
    main = dataclasses.replace(main, experiments=(experiment,))
    control = dataclasses.replace(control, experiments=coins, looks=(_BLOCKS,))
    made = dataclasses.replace(
        body,
        grid=(experiment, *coins),
        decisions=(main, control),
        regime=(),
    )

    def build() -> Body:
        return made

    return dataclasses.replace(toy.claim("toy.counted"), build=build)
