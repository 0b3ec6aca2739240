"""One-step drift under batch normalization: observables of a unit, wrong laws, panels and notes."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.step import OneStep
from theory.batchnorm.moments import (
    Drift,
    Moments,
    centered_moments,
    drift,
    finite_batch_centered_moments,
    finite_batch_moments,
    gaussian_moments,
)
from validate.claim import Role, Unit, settings_of
from validate.figure_forms.scaling import line, medians, panel

LAWS = {"r": "mean_r", "P": "mean_p", "θ": "mean_theta", "r²": "var_r"}  # fields of a drift
Points = slice | list[int]
Kind = Callable[[OneStep, Float[np.ndarray, " n"]], Moments]


def moments(experiment: OneStep, r: Float[np.ndarray, " n"]) -> Moments:
    """The exact moments of an experiment's noise at r."""
    if experiment.centered:
        return finite_batch_centered_moments(r, experiment.batch)
    return finite_batch_moments(r, experiment.batch, experiment.slope)


def gaussian(experiment: OneStep, r: Float[np.ndarray, " n"]) -> Moments:
    """Those of a large batch."""
    if experiment.centered:
        return centered_moments(r)
    return gaussian_moments(r, experiment.slope)


def uncentered(experiment: OneStep, r: Float[np.ndarray, " n"]) -> Moments:
    """Those of noise that does not sum to zero."""
    return finite_batch_moments(r, experiment.batch, experiment.slope)


def recentered(experiment: OneStep, r: Float[np.ndarray, " n"]) -> Moments:
    """Those of noise that sums to zero in each batch, whatever the experiment's does."""
    return finite_batch_centered_moments(r, experiment.batch)


@functools.cache
def laws(experiment: OneStep, kind: Kind = moments) -> Drift:
    """Mean changes per A at the grid points of an experiment, with moments of a kind."""
    r = np.array(experiment.starts)
    return drift(kind(experiment, r), r)


def changes(unit: Unit, name: str) -> Float[np.ndarray, " points"]:
    """Mean change per A of a coordinate ("r", "P", "θ"), or mean (Δr)² per A ("r²")."""
    return np.array(unit.measurement[name], dtype=float) / settings_of(unit, OneStep).noise


def relative(
    unit: Unit, points: Points = slice(None), kind: Kind = moments
) -> Float[np.ndarray, " points"]:
    """Measured E[Δθ] over that with moments of a kind, at chosen grid points."""
    return (changes(unit, "θ") / laws(settings_of(unit, OneStep), kind).mean_theta)[points]


def wrong(
    experiment: OneStep, kind: Kind, points: Points = slice(None)
) -> Float[np.ndarray, " points"]:
    """E[Δθ] with other moments over the predicted one, at chosen grid points."""
    return (laws(experiment, kind).mean_theta / laws(experiment).mean_theta)[points]


def nearest(experiments: Sequence[OneStep], kind: Kind, points: Points = slice(None)) -> float:
    """How near other moments come to the prediction, where they are judged."""
    return float(min(np.abs(wrong(one, kind, points) - 1).min() for one in experiments))


def slope(unit: Unit, variable: str, points: Points) -> float:
    """Exponent b of E[Δθ] ∝ xᵇ along a ladder of grid points, by weighted regression of the means.

    Means over their predicted values q = m/(K x^b₀) are regressed on l = log x − mean:
    b = b₀ + Σ l q / Σ l². That weighs every mean by the inverse of its size, to which its error is
    proportional, and is linear in the means, so that noise shifts it nowhere; logarithms of noisy
    means would be biased. It is exact at b₀ and deviates from it as the exponent does.
    """
    experiment = settings_of(unit, OneStep)
    log = np.log(np.array(getattr(experiment, variable), dtype=float)[points])
    log -= log.mean()
    predicted = np.log(-(experiment.noise * laws(experiment).mean_theta)[points])
    q = relative(unit, points)
    return float(log @ (predicted + q) / (log @ log))


def measured_root(unit: Unit, name: str, point: int, kind: Kind = moments) -> float:
    """Root of the mean change of a coordinate: a Newton step from the grid point at the predicted
    root, with the predicted slope there, that of moments of a kind.
    """
    experiment, step = settings_of(unit, OneStep), 1e-4
    expected = experiment.starts[point]
    r = np.array([expected - step, expected + step])
    low, high = getattr(drift(kind(experiment, r), r), LAWS[name])
    return expected - float(changes(unit, name)[point] * 2 * step / (high - low))


def largest_noise(units: Sequence[Unit]) -> float:
    """The largest A."""
    return max(float(settings_of(unit, OneStep).noise.max()) for unit in units)


def crossings(units: Sequence[Unit]) -> float:
    """Share of steps in which γ changed its sign."""
    return sum(unit.measurement["crossed"] for unit in units) / len(units)


def steps_taken(units: Sequence[Unit]) -> int:
    """Single steps in all."""
    made = [settings_of(unit, OneStep) for unit in units]
    return sum(one.steps_per_batch * one.draws * len(one.starts) for one in made)


# -- panels -----------------------------------------------------------------------------------


def ladder_panel(
    title: str, units: Sequence[Unit], variable: str, points: Points, exponent: float
) -> dict[str, Any]:
    """−E[Δθ] along a ladder with the prediction and a law of another exponent."""
    experiment = settings_of(units[0], OneStep)
    x = np.array(getattr(experiment, variable))[points]
    predicted = -(experiment.noise * laws(experiment).mean_theta)[points]
    measured = -np.array([unit.measurement["θ"] for unit in units])[:, points]
    center = np.exp(np.log(predicted).mean()) * (x / np.exp(np.log(x).mean())) ** exponent
    lines = [
        line("prediction", x, predicted),
        line("resolution control", x, center, Role.RESOLUTION),
    ]
    label = {"rates": "learning rate η", "scales": "scale |γ|"}[variable]
    return panel(title, (label, "−E[Δθ]"), [medians("replicates", x, measured)], lines)


def law_panel(
    title: str,
    units: Sequence[Unit],
    name: str,
    kinds: Sequence[tuple[str, Kind, Role]],
) -> dict[str, Any]:
    """Mean change per A against r, with curves of moments of several kinds."""
    experiment = settings_of(units[0], OneStep)
    starts = np.array(experiment.starts)
    r = np.linspace(starts.min() - 0.25, starts.max() + 0.25, 61)
    lines = [
        line(label, r, getattr(drift(kind(experiment, r), r), LAWS[name]), role)
        for label, kind, role in kinds
    ]
    measured = np.array([changes(unit, name) for unit in units])
    points = [medians("replicates", starts, measured)]
    return panel(title, ("r = β/|γ|", f"E[Δ{name}] / A"), points, lines, (False, False))


def notes(units: Sequence[Unit]) -> list[str]:
    """How the mean of a change was measured."""
    through_layers = [unit for unit in units if isinstance(unit.experiment, LayerStep)]
    drawn = [unit for unit in units if not isinstance(unit.experiment, LayerStep)]
    return [
        f"{steps_taken(drawn):,} single steps from fixed γ and β, half of them with γ < 0. Every "
        "normalized batch takes four steps, with the noise ξ, −ξ and both turned by a right angle "
        "in the plane of the two normals, so that the odd orders cancel exactly; no two grid "
        "points share a batch or noise.",
        "Given a batch, the gradients of γ and β are exactly Gaussian with a covariance that is "
        "computed from the batch, so that two normals replace the noise of B samples. So these "
        "decisions test the calculus from that covariance to the mean change, and the average "
        "over batches; that a layer has this covariance is not tested by them.",
        f"It is by the decisions named after torch's layers, on {steps_taken(through_layers):,} "
        "single steps: Gaussian inputs, filters, BatchNorm1d, (leaky) ReLU, a loss with a random "
        "gradient δ for each sample and filter, autograd, and a step of SGD for δ and one for −δ. "
        "Nothing of the theory enters there.",
    ]
