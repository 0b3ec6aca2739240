"""The law of filters that come back: against counting and finer grids, and where it is simple."""

import numpy as np
import pytest

import theory.batchnorm.reopening.chance as law
from theory.batchnorm.reopening.chance import reopening
from theory.batchnorm.reopening.inputs import Gaussian, Normalized
from theory.batchnorm.reopening.share import (
    LARGEST_MARGIN,
    input_density,
    reopened_prediction,
    reopening_steps,
    shut_prediction,
)

USUAL = {"rate": 0.1, "decay": 0.1, "threshold": 3.0, "steps": 1600}
RATIOS, SCALES = np.linspace(-5.0, -3.2, 10), np.linspace(0.5, 1.5, 10)


def counted(batch, *, rate, decay, threshold, steps, ratios, scales, repeats):
    """Shares of filters that come back, each with batches of its own, in float64."""
    rng = np.random.default_rng(1)
    gamma = np.repeat(scales, repeats)
    beta = np.repeat(ratios, repeats) * gamma
    back = np.zeros(len(gamma), dtype=bool)
    for _ in range(steps):
        x, noise = rng.standard_normal((2, len(gamma), batch))
        x -= x.mean(1, keepdims=True)
        x /= x.std(1, keepdims=True)
        gated = noise * (gamma[:, None] * x + beta[:, None] > 0)
        gamma = (1 - rate * decay) * gamma - rate * (gated * x).mean(1)
        beta = (1 - rate * decay) * beta - rate * gated.mean(1)
        back |= beta > -threshold * np.abs(gamma)
    return back.reshape(-1, repeats).mean(1)


@pytest.mark.parametrize(
    ("batch", "settings"),
    [
        (6, {"rate": 0.1, "decay": 0.4, "threshold": 1.6, "steps": 120}),
        (6, {"rate": 0.3, "decay": 0.0, "threshold": 1.6, "steps": 50}),
        (24, {"rate": 1.0, "decay": 0.1, "threshold": 2.5, "steps": 60}),
    ],
)
def test_by_counting(batch, settings):
    """Four starts of 2,000 filters each, within 5 standard errors and the error of the law."""
    edge = (batch - 1) ** 0.5
    low, high = -edge, -settings["threshold"]
    ratios = high + (low - high) * np.array([0.05, 0.2, 0.4, 0.6])
    scales = np.array([0.5, 0.6, 0.7, 0.4])
    repeats = 2000
    found = counted(batch, **settings, ratios=ratios, scales=scales, repeats=repeats)
    chances = reopening(Normalized(batch), **settings)(ratios, scales)
    error = np.sqrt(np.maximum(chances * (1 - chances), 1 / repeats) / repeats)
    assert found.max() > 0.02
    # two inputs at once, frequent here next to τ, are taken as parallel
    assert (np.abs(found - chances) < 5 * error + 0.01).all()


@pytest.mark.parametrize("batch", [16, 256])
def test_resolution(batch, monkeypatch):
    """What is declared of the grid: 0.002 for every start, 0.0005 for shares."""
    usual = reopening(Normalized(batch), **USUAL)(RATIOS, SCALES)
    reopening.cache_clear()
    for name, value in {"RATIOS": 32, "LOG_STEP": 0.3, "LOWEST": -4.5, "NOISES": 28}.items():
        monkeypatch.setattr(law, name, value)
    fine = reopening(Normalized(batch), **USUAL)(RATIOS, SCALES)
    reopening.cache_clear()
    assert np.abs(fine - usual).max() < 2e-3
    assert abs(fine.mean() - usual.mean()) < 5e-4


def test_a_gate_that_is_exactly_shut_stays():
    assert (reopening(Normalized(8), **USUAL)(RATIOS, SCALES) == 0).all()


def test_without_scale_every_input_brings_the_filter_back():
    """A kick of any size is large: what counts is whether an input comes."""
    made = reopening(Normalized(64), **{**USUAL, "steps": 500})
    expected = 1 - (1 - 64 * Normalized(64).tail(np.array([4.0]))) ** 500
    assert made(np.array([-4.0]), np.array([1e-5])) == pytest.approx(expected, rel=0.01)


def reopened(inputs, **settings) -> float:
    return reopening(inputs, **{**USUAL, **settings})(RATIOS, SCALES).mean()


def test_larger_batches_more_decay_and_more_time_bring_back_more():
    shares = [reopened(Normalized(batch)) for batch in (16, 32, 64, 128)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1] - 0.3
    for changed in ({"decay": 0.02}, {"decay": 0.0}, {"steps": 800}):
        assert reopened(Normalized(64), **changed) < shares[2] - 0.05
    assert reopened(Gaussian(64)) > shares[2] + 0.05


def test_steps_that_no_doubling_divides():
    at = [reopening(Normalized(64), **{**USUAL, "steps": n})(RATIOS, SCALES) for n in (800, 807)]
    assert (at[1] >= at[0] - 2e-3).all()
    assert 0.001 < np.abs(at[1] - at[0]).max() < 0.02


def test_too_much_decay_is_refused():
    with pytest.raises(ValueError, match="ηλ = 1 is not"):
        reopening(Normalized(64), **{**USUAL, "decay": 10.0})


def test_prediction_states_its_range_and_a_margin_below_the_share():
    for share in (0.03, 0.4):
        made = reopened_prediction(share)
        assert made.bounded == (-share, 1 - share)
        assert made.margin == min(LARGEST_MARGIN, share / 2)
    assert shut_prediction().margin == 0.0
    assert any(
        step.formula is not None and step.formula.has(input_density()) for step in reopening_steps()
    )
