"""Ensembles under noise: steps as torch's, counts of passages."""

import math

import numpy as np
import pytest
import torch

from sim.batchnorm.ladder import CollapseLadder
from sim.batchnorm.passage import SECOND_DECAY, Passages, State, stepped

SMALL = {"units": 50, "batch": 16, "rate": 0.4, "block": 20, "clocks": (0.5, 1.0)}


@pytest.mark.parametrize(
    ("settings", "optimizer"),
    [
        (
            Passages(rate=0.1, momentum=0.9, decay=0.2),
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.2),
        ),
        (Passages(rate=0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
        (
            Passages(rate=0.1, method="adam", momentum=0.8),
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, SECOND_DECAY), eps=1e-12),
        ),
    ],
    ids=["momentum and decay", "plain", "adam"],
)
def test_steps_are_those_of_torch(settings, optimizer):
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(2, 7, generator=generator, dtype=torch.float64)
    weight = start.clone().requires_grad_()
    reference = optimizer([weight])
    state = State(start, torch.zeros_like(start), torch.zeros_like(start))
    for step in range(1, 20):
        gradient = torch.randn(2, 7, generator=generator, dtype=torch.float64)
        weight.grad = gradient.clone()
        reference.step()
        state = stepped(settings, state, gradient, step)
    torch.testing.assert_close(state.parameters, weight.detach(), rtol=1e-9, atol=1e-9)


def test_strength_and_steps():
    plain = Passages(rate=0.2, gamma=2.0, batch=16, noise=3.0, clocks=(0.5, 2.0))
    assert plain.strength == pytest.approx(0.04 * 9 / (16 * 4))
    assert plain.steps == (round(0.5 / plain.strength), round(2.0 / plain.strength))
    heavy = Passages(rate=0.2, gamma=2.0, batch=16, noise=3.0, momentum=0.5)
    assert heavy.strength == pytest.approx(4 * plain.strength)
    adam = Passages(rate=0.2, gamma=2.0, batch=16, noise=3.0, momentum=0.5, method="adam")
    assert adam.strength == pytest.approx(0.01)


def test_repeats_and_depends_on_the_seed():
    experiment = Passages(**SMALL)
    assert experiment.run(3, 0) == experiment.run(3, 0)
    assert experiment.run(3, 0) != experiment.run(4, 0)
    assert experiment.run(3, 0) != experiment.run(3, 1)


def test_state_and_passages():
    """Whoever is below has passed; some have come back."""
    measured = Passages(**SMALL, follow=True).run(0, 0)
    passed, below = (np.array([one[key] for one in measured]) for key in ("passed", "below"))
    assert (below <= passed).all()
    assert below.mean() < passed.mean()
    assert (np.diff(passed, axis=1) >= 0).all()
    assert all(one["below"] is None for one in Passages(**SMALL).run(0, 0))


def test_dropping_units_that_have_passed_changes_nothing():
    """Independent runs of 2000 units each with and without; 5.5 standard errors: below 1e-7."""
    kept, dropped = (
        np.array([one["passed"] for one in Passages(**SMALL, follow=follow).run(0, 0)])
        for follow in (True, False)
    )
    error = np.hypot(kept.std(axis=0), dropped.std(axis=0)) / math.sqrt(len(kept))
    assert (np.abs(kept.mean(axis=0) - dropped.mean(axis=0)) < 5.5 * error).all()


def test_no_noise_no_passage():
    quiet = Passages(**{**SMALL, "noise": 1e-9, "clocks": (4e-19,)}, decay=0.1)
    assert all(one["passed"] == [0.0] for one in quiet.run(0, 0))


def test_ladder_counts_more_at_larger_rates():
    ladder = CollapseLadder(
        rates=(0.2, 0.5, 1.0), units=(100, 50, 50), steps=60, batch=16, block=20
    )
    passed = np.array([one["passed"] for one in ladder.run(0, 0)])
    assert passed.shape == (20, 3)
    assert (np.diff(passed.mean(axis=0)) > 0).all()
    assert [member.steps for member in ladder.members] == [(60,)] * 3
    assert ladder.cost() > 0
