"""One-step drift under batch normalization: observables of a unit, wrong laws, panels and notes."""

import functools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
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
from validate.claim import Outcome, Unit, settings_of
from validate.figure_forms.by_unit import along

LAWS = {"r": "mean_r", "P": "mean_p", "θ": "mean_theta", "r²": "var_r"}  # fields of a drift
Points = slice | list[int]
ALL = slice(None)
Kind = Callable[[OneStep, Float[np.ndarray, " n"]], Moments]


def moments(
    one: OneStep, r: Float[np.ndarray, " n"], centered: bool | None = None, large: bool = False
) -> Moments:
    """Moments of an experiment's noise at r, exact ones or those of a large batch.

    ``centered`` says whether the noise sums to zero in each batch, where it is not told as it is.
    """
    if one.centered if centered is None else centered:
        return centered_moments(r) if large else finite_batch_centered_moments(r, one.batch)
    return (
        gaussian_moments(r, one.slope) if large else finite_batch_moments(r, one.batch, one.slope)
    )


gaussian = partial(moments, large=True)
uncentered, recentered = partial(moments, centered=False), partial(moments, centered=True)


@functools.cache
def laws(experiment: OneStep, kind: Kind = moments) -> Drift:
    """Mean changes per A at the grid points of an experiment, with moments of a kind."""
    r = np.array(experiment.starts)
    return drift(kind(experiment, r), r)


def changes(unit: Unit, name: str) -> Float[np.ndarray, " points"]:
    """Mean change per A of a coordinate ("r", "P", "θ"), or mean (Δr)² per A ("r²")."""
    return np.array(unit.measurement[name], dtype=float) / settings_of(unit, OneStep).noise


def relative(
    unit: Unit, points: Points = ALL, kind: Kind = moments
) -> Float[np.ndarray, " points"]:
    """Measured E[Δθ] over that with moments of a kind, at chosen grid points."""
    return (changes(unit, "θ") / laws(settings_of(unit, OneStep), kind).mean_theta)[points]


def wrong(experiment: OneStep, kind: Kind, points: Points = ALL) -> Float[np.ndarray, " points"]:
    """E[Δθ] with other moments over the predicted one, at chosen grid points."""
    return (laws(experiment, kind).mean_theta / laws(experiment).mean_theta)[points]


def nearest(experiments: Sequence[OneStep], kind: Kind, points: Points = ALL) -> float:
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


# -- panels and notes -------------------------------------------------------------------------


def ladder_panel(
    outcome: Outcome, title: str, one: OneStep, variable: str, points: Points, exponent: float
) -> dict[str, Any]:
    """−E[Δθ] along a ladder with the predicted power, and half of it through its middle."""
    x = np.array(getattr(one, variable))[points]
    predicted = np.log(-(one.noise * laws(one).mean_theta)[points]).mean()

    def power(b: float) -> Callable[[Any], Any]:
        return lambda at: np.exp(predicted + b * (np.log(at) - np.log(x).mean()))

    return along(
        outcome,
        title,
        ({"rates": "learning rate η", "scales": "scale |γ|"}[variable], "−E[Δθ]"),
        {"replicates": one},
        lambda unit: x,
        lambda unit: -np.array(unit.measurement["θ"])[points],
        {"prediction": power(exponent)},
        {"resolution control": power(exponent / 2)},
    )


def law_panel(
    outcome: Outcome,
    title: str,
    one: OneStep,
    name: str = "θ",
    wrong: Mapping[str, Kind] = MappingProxyType({}),
) -> dict[str, Any]:
    """Mean change per A against r, with its curve and those of other moments by name."""

    def curve(kind: Kind) -> Callable[[Any], Any]:
        return lambda r: getattr(drift(kind(one, r), r), LAWS[name])

    return along(
        outcome,
        title,
        ("r = β/|γ|", f"E[Δ{name}] / A"),
        {"replicates": one},
        lambda unit: one.starts,
        lambda unit: changes(unit, name),
        {"prediction": curve(moments)},
        {label: curve(kind) for label, kind in wrong.items()},
        (False, False),
        np.linspace(min(one.starts) - 0.25, max(one.starts) + 0.25, 61),
    )


def notes(units: Sequence[Unit]) -> list[str]:
    """How the mean of a change was measured."""
    drawn, through_layers = (
        sum(
            one.steps_per_batch * one.draws * len(one.starts)
            for one in (settings_of(unit, OneStep) for unit in units)
            if isinstance(one, LayerStep) == layers
        )
        for layers in (False, True)
    )
    return [
        f"{drawn:,} single steps from fixed γ and β, half of them with γ < 0. Every "
        "normalized batch takes four steps, with the noise ξ, −ξ and both turned by a right angle "
        "in the plane of the two normals, so that the odd orders cancel exactly; no two grid "
        "points share a batch or noise.",
        "Given a batch, the gradients of γ and β are exactly Gaussian with a covariance that is "
        "computed from the batch, so that two normals replace the noise of B samples. So these "
        "decisions test the calculus from that covariance to the mean change, and the average "
        "over batches; that a layer has this covariance is not tested by them.",
        f"It is by the decisions named after torch's layers, on {through_layers:,} "
        "single steps: Gaussian inputs, filters, BatchNorm1d, (leaky) ReLU, a loss with a random "
        "gradient δ for each sample and filter, autograd, and a step of SGD for δ and one for −δ. "
        "Nothing of the theory enters there.",
    ]
