"""Decisions on one step of noise under batch normalization: what the claims are made of."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.step import OneStep
from theory.batchnorm.one_step import (
    ETA,
    GAMMA,
    REFERENCE,
    root_prediction,
    sign_prediction,
    slope_prediction,
    theta_prediction,
)
from theory.batchnorm.taylor import Coordinate
from theory.prediction import Step
from validate.claim import Body, Decision, Outcome, Regime, Role, settings_of
from validate.claims.batchnorm.measured import drift as measured_drift
from validate.claims.batchnorm.measured.drift import Kind, Points
from validate.results.records import Figure

# as many at the first look as a t interval at its share of α needs, with 8 points
BLOCK, LOOKS = 72, (4, 8, 16)
RATE = 0.25  # η at γ = 1: A = 10⁻³ for B = 64
LAYERS = "torch's layers, "  # what is decided on them
LAYER_STARTS = (-0.7, 0.0, 1.0)
FILTERS = 1024  # of a replicate at each r: half-widths of 0.02 of the drift at the first look
LARGEST_NOISE = 3e-3  # A up to which the next order is below 0.25 % where it is judged


def steps_at(r: Sequence[float], rate: float, **others: Any) -> OneStep:
    """Single steps from each r, with one learning rate and γ = ±1."""
    return OneStep(**{**_alike(r, rate), **others})


def layers_at(r: Sequence[float], rate: float, **others: Any) -> LayerStep:
    """The same by torch's own layers."""
    return LayerStep(**{**_alike(r, rate), "draws": FILTERS, **others})


def _alike(r: Sequence[float], rate: float) -> dict[str, Any]:
    grid = {"starts": tuple(r), "rates": (rate,) * len(r), "scales": (1.0,) * len(r)}
    return {**grid, "block": BLOCK}


def rate_of(batch: int) -> float:
    """η at which A = 10⁻³ for a batch of this size, γ = 1 and s = 1."""
    return RATE * (batch / 64) ** 0.5


def small_layers(**others: Any) -> LayerStep:
    """Torch's layers in batches of 16, where drifts are told well: the claims share them."""
    return layers_at(LAYER_STARTS, rate_of(16), batch=16, **others)


def body(
    grid: tuple[OneStep, ...],
    decisions: Sequence[Decision],
    derivation: Callable[[], Sequence[Step]],
    figures: Callable[[Outcome], Sequence[Figure]],
    further: Sequence[str] = (),
) -> Body:
    """The body of a claim on single steps, with its regime checks and notes."""
    return Body(
        grid=grid,
        decisions=tuple(decisions),
        derivation=derivation,
        regime=(
            Regime("largest A", measured_drift.largest_noise, at_most=LARGEST_NOISE),
            Regime("share of steps across γ = 0", measured_drift.crossings, at_most=0.0),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: [*measured_drift.notes(units), *further],
    )


def constants(name: str, experiment: OneStep, points: list[int] | None = None) -> Decision:
    """E[Δθ] at all grid points of an experiment, or at some."""
    chosen = list(range(len(experiment.starts))) if points is None else points
    return Decision(
        name=name,
        prediction=theta_prediction(len(chosen)),
        predict=lambda unit: np.ones(len(chosen)),
        observe=lambda unit: measured_drift.relative(unit, chosen),
        experiments=(experiment,),
        looks=LOOKS,
    )


def other_moments(
    name: str, experiments: tuple[OneStep, ...], kind: Kind, points: Points
) -> Decision:
    """A resolution control: E[Δθ] with other moments."""
    return Decision(
        name=name,
        prediction=theta_prediction(len(measured_drift.wrong(experiments[0], kind, points))),
        predict=lambda unit: measured_drift.wrong(settings_of(unit, OneStep), kind, points),
        observe=lambda unit: measured_drift.relative(unit, points),
        experiments=experiments,
        looks=LOOKS,
        role=Role.RESOLUTION,
        distance=measured_drift.nearest(experiments, kind, points),
    )


def power(
    name: str,
    variable: str,
    points: Points,
    exponent: float,
    experiments: tuple[OneStep, ...],
    role: Role = Role.CLAIM,
) -> Decision:
    """E[Δθ] ∝ η^exponent ("rates") or γ^exponent ("scales") along a ladder of grid points."""
    return Decision(
        name=name,
        prediction=slope_prediction({"rates": ETA, "scales": GAMMA}[variable], exponent),
        predict=lambda unit: exponent,
        observe=lambda unit: measured_drift.slope(unit, variable, points),
        experiments=experiments,
        looks=LOOKS,
        role=role,
        distance=1.0 if role is Role.RESOLUTION else None,
    )


def root(coordinate: Coordinate, point: int, experiment: OneStep, where: str = "") -> Decision:
    """The mean change of a coordinate changes sign at the r of one grid point."""
    expected = experiment.starts[point]
    return Decision(
        name=f"{where}E[Δ{coordinate.name}] changes sign at r = {expected:.3f}",
        prediction=root_prediction(coordinate, expected),
        predict=lambda unit: expected,
        observe=lambda unit: measured_drift.measured_root(unit, coordinate.name, point),
        experiments=(experiment,),
        looks=LOOKS,
    )


def sign(coordinate: Coordinate, expected: int, point: int, experiment: OneStep) -> Decision:
    """The sign of the mean change of a coordinate at one grid point."""
    relation = ">" if expected > 0 else "<"
    return Decision(
        name=f"r = {experiment.starts[point]:.3f}: E[Δ{coordinate.name}] {relation} 0",
        prediction=sign_prediction(coordinate, expected),
        predict=lambda unit: 0.0,
        observe=lambda unit: expected * float(measured_drift.changes(unit, coordinate.name)[point]),
        experiments=(experiment,),
        looks=LOOKS,
    )
