"""Experiments that are wrong on purpose: what is predicted for them is not what is trained.

For experiment controls, which must come out DISAGREE. All could come out as predicted, and some
units do, where by chance both experiments end alike.
"""

from dataclasses import fields, replace
from typing import Any

from sim.condensation.experiment import Condensation
from sim.condensation.variants.instead import Instead
from validate.claims.condensation.measured.grids import by_adam, by_descent

# with one input: what controls on orientations and on shares are trained on
COMMON = ("tanh(x)", "x*tanh(x)", "x**2*tanh(x)")


def instead(right: Condensation, block: int, **wrong: Any) -> Instead:
    """The experiment that ``right`` predicts, with something else in training.

    Args:
        right: whose data are drawn and whose prediction is judged.
        block: replicates of one block.
        wrong: ``trains``, by default as ``right``, ``shuffled`` or ``redrawn``, see
            `sim.condensation.variants.instead.Instead`.
    """

    values = {field.name: getattr(right, field.name) for field in fields(Condensation)}
    values["block"] = block
    wrong.setdefault("trains", Condensation(**values))
    return Instead(**values, **wrong)


def shuffled(right: Condensation, block: int) -> Instead:
    """Labels are shuffled among the samples before training."""
    return instead(right, block, shuffled=True)


def other_optimizer(right: Condensation, block: int) -> Instead:
    """Adam where gradient descent is meant, and the other way round; one input."""
    make = by_adam if right.optimizer == "gd" else by_descent
    return instead(right, block, trains=make(right.activation, right.data, block))


def other_activation(right: Condensation, activation: str, block: int) -> Instead:
    """Another activation, under gradient descent with its own usual settings."""
    trains = by_descent(activation, right.data, block)
    return instead(right, block, trains=replace(trains, samples=right.samples))
