"""The speed command: what it counts, and its output."""

import dataclasses
import json
import time

import pytest
from click.testing import CliRunner

from validate.__main__ import cli
from validate.command.bench import cases
from validate.command.bench.text import duration, factor
from validate.command.bench.timing import Case, measure


def case(ours: float, baseline: float) -> Case:
    return Case(
        name="sleeping",
        unit="nap",
        work=10.0,
        ours=lambda: time.sleep(ours),
        share=0.5,
        baseline=lambda: time.sleep(baseline),
        against="one by one",
    )


def test_times_are_per_unit_of_work():
    (timing,) = measure([case(0.02, 0.05)], lambda name: None, pairs=3)
    # sleeping takes at least as long as asked for
    assert timing.seconds >= 0.002
    assert timing.baseline_seconds >= 0.01
    assert len(timing.ratios) == 3
    assert list(timing.ratios) == sorted(timing.ratios)
    assert timing.ratios[0] <= timing.ratio <= timing.ratios[-1]


def test_a_slower_baseline_has_a_larger_ratio():
    slow, slower = measure([case(0.03, 0.03), case(0.03, 0.3)], lambda name: None, pairs=3)
    assert slower.ratio > 2 * slow.ratio  # expected: 10 times; sleeping is late by milliseconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.0, "2 s"), (0.0123, "12.3 ms"), (4.5e-7, "450 ns"), (1e-6, "1 µs")]
)
def test_durations(seconds: float, text: str):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.5, "0.5"), (3.625, "3.62"), (999.4, "999"), (2341.0, "2,340")]
)
def test_factors(ratio: float, text: str):
    assert factor(ratio) == text


def test_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cases, "everything", lambda: (case(0.001, 0.002),))
    shown = CliRunner().invoke(cli, ["bench"])
    assert shown.exit_code == 0
    assert "sleeping" in shown.stdout
    assert "per nap" in shown.stdout
    (record,) = json.loads(CliRunner().invoke(cli, ["bench", "--json"]).stdout)["timings"]
    assert record["unit"] == "nap"
    assert record["ratio"] > 0


def test_the_command_times_chosen_cases(monkeypatch: pytest.MonkeyPatch):
    two = (case(0.001, 0.001), dataclasses.replace(case(0.001, 0.001), name="Dozing off"))
    monkeypatch.setattr(cases, "everything", lambda: two)
    shown = CliRunner().invoke(cli, ["bench", "dozing", "--json"])
    assert [one["name"] for one in json.loads(shown.stdout)["timings"]] == ["Dozing off"]
    refused = CliRunner().invoke(cli, ["bench", "dozing", "waking"])
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        "Error: no case with 'waking' in its name; there are: sleeping; Dozing off"
    ]
