"""The command line as people meet it: output, exit statuses, one-line errors, resuming."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.interrupts import HEARING
from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.command.running import exit_status

SLOW = "condensation.line-digits"  # a claim with many short blocks
CHEAP = "batchnorm.coordinate"


def validate(*arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "validate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["all", "--bogus"], "No such option"),
        (["all", "--workers", "0"], "--workers"),
        (["all", "--alpha", "1"], "--alpha"),
        (["all", "--seed", "x"], "--seed"),
        (["all", "--budget", "huge"], "'quick', 'standard', 'thorough'"),
        (["all", "--executor", "slurm"], "'local', 'dask'"),
        (["run", CHEAP, "--scheduler", "tcp://host:8786"], "--scheduler needs --executor dask"),
        (["run"], "CLAIM"),
        (["run", "no.such"], "unknown claim 'no.such'; there are: condensation."),
        (["show", "no.such"], "unknown claim"),
        (["nonsense"], "No such command"),
        (["all", "--out", "/dev/null/x"], "/dev/null/x"),
        (["report", "/dev/null/x"], "results.json"),
        (["diff", "/dev/null/x", "."], "cannot read /dev/null/x"),
        (["diff", "."], "Missing argument 'B'"),
        (["export", "/dev/null/x"], "results.json"),
        (["export", "--nested"], "--nested is about --what units"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(arguments, message):
    done = validate(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert message in done.stderr


@pytest.mark.parametrize(
    "arguments", [["list"], ["--help"], ["all", "--help"], ["export", "--help"]]
)
def test_help_and_list_import_nothing_heavy(arguments):
    """Their speed is this: no numerics, no plotting; 0.05 s where measured, 0.5 s promised."""
    code = "import sys, validate.__main__ as m\ntry: m.main()\nexcept SystemExit: pass\n"
    code += "print(sorted({'numpy', 'sympy', 'torch', 'scipy', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip().endswith("[]"), done.stderr


def test_list_names_every_claim():
    listed = json.loads(validate("list", "--json").stdout)
    text = validate("list").stdout
    assert len(listed) >= 5
    assert all(entry["id"] in text for entry in listed)


def test_show_prints_derivation_margins_and_controls(tmp_path):
    shown = validate("show", "condensation.bound-1d", "--out", str(tmp_path)).stdout
    for part in ("Derivation", "Assumptions", "resolution control", "Margins", "none yet"):
        assert part in shown


def test_dry_run_writes_nothing(tmp_path):
    done = validate("all", "--dry-run", "--json", "--out", str(tmp_path / "new"))
    planned = json.loads(done.stdout)
    assert all(entry["seconds"] >= 0 and entry["blocks"] > 0 for entry in planned[:1])
    assert not (tmp_path / "new").exists()


def start(out, workers: int) -> subprocess.Popen:
    command = ["run", SLOW, "--workers", str(workers), "--out", str(out)]
    return subprocess.Popen(
        [sys.executable, "-m", "validate", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **HEARING,
    )


def wait_for_results(out, running: subprocess.Popen, count: int) -> None:
    """Until so many are stored; at most a minute."""
    from sim.engine.store import Store

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None:
        if (out / "results.sqlite").exists():
            with Store(out / "results.sqlite") as store:
                if len(store) >= count:
                    return
        time.sleep(0.05)


def test_an_interrupted_run_goes_on_where_it_was(tmp_path):
    first = start(tmp_path, 2)
    wait_for_results(tmp_path, first, 2)
    first.send_signal(signal.SIGINT)
    errors = first.communicate(timeout=60)[1]
    assert first.returncode == 130
    assert "the same command goes on" in errors
    assert "Traceback" not in errors
    second = start(tmp_path, 1)
    wait_for_results(tmp_path, second, 4)
    second.kill()
    second.communicate(timeout=60)
    assert second.returncode == -signal.SIGKILL
    third = validate("run", SLOW, "--workers", "1", "--out", str(tmp_path), "--json")
    assert third.returncode == 0, third.stderr
    data = json.loads(third.stdout)
    assert data["run"]["reused"] >= 4
    assert data["run"]["failed"] == 0
    assert data["claims"][0]["verdict"] == "AGREE"
    before = (tmp_path / "report.pdf").read_bytes()
    assert before.startswith(b"%PDF")
    assert validate("report", str(tmp_path)).returncode == 0
    assert (tmp_path / "report.pdf").read_bytes() == before


@pytest.mark.parametrize(
    ("coins", "fail_on", "status"),
    [
        ({}, ("disagree", "inconclusive"), 0),
        ({"rate": 0.05}, (), 0),
        ({"rate": 0.05}, ("disagree",), 0),
        ({"rate": 0.05}, ("inconclusive",), 1),
        ({"rate": 0.5, "positive_rate": 0.0}, (), 0),
        ({"rate": 0.5, "positive_rate": 0.0}, ("disagree",), 1),
        ({"rate": 0.5, "limit": 0.1}, ("out_of_scope",), 1),
        ({"control_rate": 0.0}, (), 1),  # a control that is not rejected
        ({"broken": 0}, (), 1),  # an error
    ],
)
def test_exit_status(tmp_path, coins, fail_on, status):
    assert exit_status(run(tmp_path, toy.claim(**coins)), fail_on) == status


def test_mutants_are_added_to_the_report(tmp_path):
    out = ("--out", str(tmp_path))
    mutated = validate("mutate", CHEAP, *out, "--json")
    assert mutated.returncode == 0, mutated.stderr
    assert json.loads(mutated.stdout)["rejected"] >= 0.95
    results = json.loads((tmp_path / "results.json").read_text())
    assert len(results["appendices"]) == 1
