"""What `bench` says of frameworks, in each of its forms; memory; what a network costs."""

import json
import mmap
import os

import pytest
import torch
from click.testing import CliRunner

from tests.validate.command.frameworks.small import BOTH, GROWTH
from validate.__main__ import cli
from validate.command.bench import cases
from validate.command.frameworks import growth, report
from validate.command.frameworks.comparison import on_one_core
from validate.command.frameworks.growth import grow
from validate.command.frameworks.memory import forget_peak, peak_memory


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "everything", lambda: (*BOTH, GROWTH))
    monkeypatch.setattr(report, "is_installed", lambda: False)
    monkeypatch.setattr(growth, "REFERENCE", 10)
    monkeypatch.setattr(growth, "TIMED", 10)


def output(*options: str) -> str:
    found = CliRunner().invoke(cli, ["bench", *options])
    assert found.exit_code == 0, found.output
    return found.stdout


def test_json_has_everything():
    found = json.loads(output("--json"))
    assert len(found["frameworks"]) == 4
    assert found["means"].pop("jax") is None
    for other, mean in found["means"].items():
        ratios = torch.tensor([one[other]["ratio"] for one in found["frameworks"]])
        assert mean == pytest.approx(float(ratios.log().mean().exp()), rel=1e-5)
    assert set(found["means"]) == {"one_by_one", "by_hand"}
    assert set(found["machine"]["limits"]) == {"float64", "float32"}
    (grown,) = found["ensemble_sizes"]
    assert [size["networks"] for size in grown["sizes"]] == [1, 3]
    assert grown["fits"]
    assert found["peak_memory"]["jax"] is None
    assert found["peak_memory"]["ours"] >= max(size["memory"] for size in grown["sizes"])


def test_tables_say_that_jax_is_missing():
    shown = output()
    assert "not installed" in shown
    assert "geometric mean" in shown
    assert "too few sizes to tell" in shown


def test_markdown_is_a_table():
    lines = output("single", "--markdown").splitlines()
    assert [line.count("|") for line in lines[:5]] == [7] * 5
    assert lines[1].startswith("| --- |")
    assert lines[-1].startswith("- peak memory")


LARGE = 2**26  # bytes


def test_peak_memory_is_that_of_now():
    forget_peak()
    before = peak_memory()
    with mmap.mmap(-1, LARGE) as large:  # pages of its own, not what was freed before
        large.write(bytes(LARGE))
        assert peak_memory() - before >= 0.9 * LARGE


def test_costs_are_relative_to_the_reference():
    found = grow(GROWTH, lambda name: None)
    assert found.linear is None
    assert found.spread == 0
    assert all(size.seconds > 0 and size.relative > 0 for size in found.sizes)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen")
def test_one_core_for_a_while():
    cores, threads = os.sched_getaffinity(0), torch.get_num_threads()
    with on_one_core():
        assert len(os.sched_getaffinity(0)) == 1
        assert torch.get_num_threads() == 1
    assert os.sched_getaffinity(0) == cores
    assert torch.get_num_threads() == threads
