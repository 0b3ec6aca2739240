"""Damaged results.json: `report` and `show` work or say one line."""

import faulthandler
import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.faults.processes import forked
from tests.faults.tally import Tally
from tests.reports.synthetic import results
from validate.__main__ import cli

_SHOWN = "condensation.offset"
_REPORT_EVERY = 4  # of those that damage a value: a whole report takes longer than the tables
_HANGING_SECONDS = 90
_VALUES: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: True,
    lambda: -1,
    lambda: 10**400,
    lambda: 1e308,
    lambda: float("nan"),
    lambda: "",
    lambda: "x" * 20_000,
    lambda: "\ud800",
    lambda: "\x00\x1b[31m",
    lambda: [],
    lambda: {},
    lambda: [[[]]],
    lambda: {"schema": 1},
)


def damage_results(number: int, folder: Path, seed: int) -> Tally:
    """Damage results.json and read it, in one process."""
    tally = Tally("damaged results.json")
    folder.mkdir(parents=True, exist_ok=True)
    found = folder / "found"
    process = forked(partial(_work, number, folder, seed, found), folder / "said")
    while not process.wait():
        pass
    for line in found.read_text().splitlines() if found.exists() else ():
        outcome, fault = json.loads(line)
        tally.count(outcome)
        tally.check(not fault, fault)
    tally.check(process.status == 0, f"reading ended with {process.status}: {process.said()}")
    tally.check(tally.outcomes.total() == number, f"read {tally.outcomes.total()} of {number}")
    return tally


def _work(number: int, folder: Path, seed: int, found: Path) -> int:
    rng, former = random.Random(f"{seed}/damaged"), results().to_json()
    (folder / "results.json").write_text(former)
    CliRunner().invoke(cli, ["report", str(folder)])  # figures that stay are drawn once
    with found.open("w") as file:
        for trial in range(number):
            faulthandler.dump_traceback_later(_HANGING_SECONDS, exit=True)
            how, content = damaged(former, rng)
            (folder / "results.json").write_bytes(content)
            outcome, fault = _read(_command(folder, how, trial, rng))
            if fault:
                fault = f"damage {trial} ({how}): {fault}"
            file.write(json.dumps([outcome, fault]) + "\n")
            file.flush()
    faulthandler.cancel_dump_traceback_later()
    return 0


def _command(folder: Path, how: str, trial: int, rng: random.Random) -> list[str]:
    if how != "value" or trial % _REPORT_EVERY == 0:
        return ["report", str(folder)]
    tables = (["report", str(folder), "--markdown", one] for one in ("verdicts", "cells"))
    return rng.choice([*tables, ["show", _SHOWN, "--out", str(folder)]])


def _read(command: list[str]) -> tuple[str, str]:
    """An outcome and a fault, or nothing for it."""
    done = CliRunner().invoke(cli, command)
    name = " ".join([command[0], *command[2:3]]).replace(_SHOWN, "").strip()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return f"{name}: traceback", f"{command[0]}: {done.exception!r:.300}"
    if done.exit_code == 0:
        return f"{name}: worked", ""
    said = done.stderr
    good = said.startswith("Error: ") and said.count("\n") == 1
    return f"{name}: refused", "" if good else f"{command[0]}: {said!r:.300}"


def damaged(text: str, rng: random.Random) -> tuple[str, bytes]:
    """A way to damage a file, and what it makes of it."""
    how = rng.choice(("cut", "bytes", "brackets", "value", "value", "value", "missing"))
    content = bytearray(text.encode())
    place = rng.randrange(len(content))
    if how == "cut":
        del content[place:]
    elif how == "bytes":
        for _ in range(rng.randint(1, 8)):
            content[rng.randrange(len(content))] = rng.randrange(256)
    elif how == "brackets":
        content[place:place] = rng.choice((b"[", b'{"a":')) * rng.choice((1, 50, 2_000, 100_000))
    else:
        data = json.loads(text)
        holder, name = rng.choice(list(_places(data)))
        if how == "missing":
            del holder[name]
        else:
            holder[name] = rng.choice(_VALUES)()
        content = bytearray(json.dumps(data).encode())
    return how, bytes(content)


def _places(data: Any) -> Any:
    """Every holder of a value with the name or number of the value in it."""
    names = list(data) if isinstance(data, dict) else range(len(data))
    for name in names:
        yield data, name
        if isinstance(data[name], dict | list):
            yield from _places(data[name])
