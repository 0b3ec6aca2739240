"""Every experiment of every claim, very small, on a pretended card; a claim on a real one."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from sim.condensation.experiment import Condensation
from sim.condensation.experiments.form_search import FormSearch
from sim.experiment import Experiment
from sim.native import EAGER
from tests.sim.pretended_card import PretendedCard
from tests.validate.claims.running import assert_agrees
from validate.registry import claims, select
from validate.run.claim_progress import Options
from validate.run.runner import Runner

# values of settings with these names, of each element where they are several
SMALL: dict[str, Any] = {
    **dict.fromkeys(("block", "units", "draws", "warmup"), 2),
    **{"steps": 12, "neurons": 24, "width": 6, "hidden": 6, "channels": 3},
    **{"step": 0.2, "clocks": 2e-3},
}


def small(experiment: Experiment) -> Experiment:
    """The same experiment with less to do, and less in those that it is made of."""
    settings = {
        field.name: getattr(experiment, field.name) for field in dataclasses.fields(experiment)
    }
    changed = {
        name: tuple(value for _ in settings[name]) if isinstance(settings[name], tuple) else value
        for name, value in SMALL.items()
        if name in settings
    }
    changed |= {name: small(one) for name, one in settings.items() if isinstance(one, Experiment)}
    if "epochs" in settings:
        changed["epochs"] = tuple(range(1, 1 + len(settings["epochs"])))
    return dataclasses.replace(experiment, **changed)


def kinds() -> dict[tuple, Experiment]:
    """Registered experiments by their words and switches, activations aside."""
    found: dict[tuple, Experiment] = {}
    for experiment in (one for claim in claims() for one in claim.build().grid):
        settings = {
            field.name: getattr(experiment, field.name) for field in dataclasses.fields(experiment)
        }
        switches = {name: one for name, one in settings.items() if isinstance(one, str | bool)}
        switches.pop("activation", None)
        found.setdefault((type(experiment), *switches.items()), experiment)
    return found


def leaves(measured: Any) -> tuple[list, list[float]]:
    """All that is in measurements: words and names, and numbers, in order."""
    if isinstance(measured, Mapping):
        measured = [one for item in measured.items() for one in item]
    if not isinstance(measured, list | tuple):
        is_number = isinstance(measured, int | float)
        return ([], [measured]) if is_number else ([measured], [])
    parts = [leaves(one) for one in measured]
    return [one for part in parts for one in part[0]], [one for part in parts for one in part[1]]


@pytest.fixture
def one_thread() -> Iterator[None]:
    """More of them wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_every_experiment_measures_the_same_there(monkeypatch, one_thread):
    """But for rounding: numbers drawn there come from the CPU's generator."""
    monkeypatch.setenv(EAGER, "1")
    monkeypatch.setattr("sim.networks.chunks.free_memory", lambda device: 10**9)
    monkeypatch.setattr(Condensation, "unresolved", lambda self, data: None)  # it takes long
    trained = [one for one in kinds().values() if not isinstance(one, FormSearch)]  # no networks
    for experiment in map(small, trained):
        here = experiment.run(0, 0)
        with PretendedCard() as card:
            there = experiment.run(0, 0, "cuda")
        with_torch = bool(card.there or card.elsewhere)  # forms are searched without it
        assert card.there > card.elsewhere or not with_torch, experiment
        (words, numbers), (same, expected) = leaves(there), leaves(here)
        assert words == same, experiment
        np.testing.assert_allclose(numbers, expected, 1e-6, 2e-5, err_msg=str(experiment))


@pytest.mark.cuda
@pytest.mark.parametrize("id", ["condensation.escape-time", "batchnorm.drift"])
def test_a_claim_agrees_there(id: str, tmp_path):
    from sim.engine.executor import open_executor
    from sim.engine.store import Store

    assert torch.cuda.is_available()
    with Store(tmp_path / "card.sqlite") as store, open_executor(2) as executor:
        made = Runner(select((id,)), Options(device="cuda"), store, executor).results()
    for claim in made.claims:
        assert_agrees(claim)
