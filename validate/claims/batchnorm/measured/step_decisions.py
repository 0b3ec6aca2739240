"""Decisions on one step of noise under batch normalization: what the claims are made of."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from sim.batchnorm.layers import LayerStep
from sim.batchnorm.step import OneStep
from theory.batchnorm.derivation import drift_steps
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
from theory.prediction import Prediction, Step
from validate.claim import Body, Decision, Outcome, Regime, Unit, settings_of
from validate.claims.batchnorm.measured.drift import (
    ALL,
    Kind,
    Points,
    changes,
    measured_root,
    nearest,
    notes,
    relative,
    slope,
    wrong,
)
from validate.results.records import Figure

# as many at the first look as a t interval at its share of α needs, with 8 points
BLOCK, LOOKS = 72, (4, 8, 16)
RATE = 0.25  # η at γ = 1: A = 10⁻³ for B = 64
LAYERS = "torch's layers, "  # what is decided on them
LAYER_STARTS = (-0.7, 0.0, 1.0)
FILTERS = 1024  # of a replicate at each r: half-widths of 0.02 of the drift at the first look
LARGEST_NOISE = 3e-3  # A up to which the next order is below 0.25 % where it is judged


def steps_at(
    r: Sequence[float], rate: float, made: type[OneStep] = OneStep, **others: Any
) -> OneStep:
    """Single steps from each r, with one learning rate and γ = ±1."""
    grid = {"starts": tuple(r), "rates": (rate,) * len(r), "scales": (1.0,) * len(r)}
    return made(**{**grid, "block": BLOCK, **others})


def rate_of(batch: int) -> float:
    """η at which A = 10⁻³ for a batch of this size, γ = 1 and s = 1."""
    return RATE * (batch / 64) ** 0.5


# the same by torch's own layers, and those in batches of 16, where drifts are told well
layers_at = partial(steps_at, made=LayerStep, draws=FILTERS)
small_layers = partial(layers_at, LAYER_STARTS, rate_of(16), batch=16)


def body(
    decisions: Sequence[Decision],
    figure: Callable[[Outcome], Figure],
    *derivations: Callable[[], Sequence[Step]],
    further: Sequence[str] = (),
) -> Body:
    """The body of a claim on single steps, with its regime checks and notes."""

    def largest_noise(units: Sequence[Unit]) -> float:
        return max(float(settings_of(unit, OneStep).noise.max()) for unit in units)

    def crossings(units: Sequence[Unit]) -> float:
        return sum(unit.measurement["crossed"] for unit in units) / len(units)

    return Body(
        decisions=tuple(decisions),
        derivation=lambda: [step for steps in (drift_steps, *derivations) for step in steps()],
        regime=(
            Regime("largest A", largest_noise, at_most=LARGEST_NOISE),
            Regime("share of steps across γ = 0", crossings, at_most=0.0),
        ),
        figures=lambda outcome: (figure(outcome),),
        references=(REFERENCE,),
        notes=lambda units: [*notes(units), *further],
    )


def one_number(
    name: str,
    prediction: Prediction,
    expected: float,
    observe: Callable[[Unit], float],
    *experiments: OneStep,
    **more: Any,
) -> Decision:
    """An observable has an expected value; ``more`` are other fields of the decision."""
    return Decision(name, prediction, lambda unit: expected, observe, experiments, LOOKS, **more)


def constants(name: str, *experiments: OneStep, points: Points = ALL) -> Decision:
    """E[Δθ] is as predicted at all grid points of experiments, or at some."""
    size = len(np.array(experiments[0].starts)[points])
    return Decision(
        name=name,
        prediction=theta_prediction(size),
        predict=lambda unit: np.ones(size),
        observe=lambda unit: relative(unit, points),
        experiments=experiments,
        looks=LOOKS,
    )


def other_moments(name: str, kind: Kind, *experiments: OneStep, points: Points = ALL) -> Decision:
    """A resolution control: E[Δθ] with other moments."""
    return constants(name, *experiments, points=points).wrong_law(
        name,
        lambda unit: wrong(settings_of(unit, OneStep), kind, points),
        nearest(experiments, kind, points),
    )


def power(
    name: str, variable: str, points: Points, exponent: float, *experiments: OneStep, **more: Any
) -> Decision:
    """E[Δθ] ∝ η^exponent ("rates") or γ^exponent ("scales") along a ladder of grid points."""
    prediction = slope_prediction({"rates": ETA, "scales": GAMMA}[variable], exponent)
    return one_number(
        name,
        prediction,
        exponent,
        lambda unit: slope(unit, variable, points),
        *experiments,
        **more,
    )


def root(coordinate: Coordinate, point: int, experiment: OneStep, where: str = "") -> Decision:
    """The mean change of a coordinate changes sign at the r of one grid point."""
    expected = experiment.starts[point]
    return one_number(
        f"{where}E[Δ{coordinate.name}] changes sign at r = {expected:.3f}",
        root_prediction(coordinate, expected),
        expected,
        lambda unit: measured_root(unit, coordinate.name, point),
        experiment,
    )


def sign(coordinate: Coordinate, expected: int, point: int, experiment: OneStep) -> Decision:
    """The sign of the mean change of a coordinate at one grid point."""
    relation = ">" if expected > 0 else "<"
    return one_number(
        f"r = {experiment.starts[point]:.3f}: E[Δ{coordinate.name}] {relation} 0",
        sign_prediction(coordinate, expected),
        0.0,
        lambda unit: expected * float(changes(unit, coordinate.name)[point]),
        experiment,
    )
