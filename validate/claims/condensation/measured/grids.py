"""What is trained: activations on data with one input, and what is wrong on purpose.

Experiments that are wrong are for experiment controls, which must come out DISAGREE: what is
predicted for them is not what is trained. All could come out as predicted, and some units do, where
by chance both experiments end alike.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from sim.condensation.data_sources import DataName
from sim.condensation.experiment import Condensation
from sim.condensation.methods import Optimizer, method
from sim.condensation.variants.instead import Instead

GELU = "x*(1+erf(x/sqrt(2)))/2"

# activation, and blocks a round on Gaussian-coefficient data, on random labels, on Fig. 5's data
GD_CELLS = (
    ("tanh(x)", 4, 4, 1),
    ("sin(x)", 4, 4, 0),
    ("exp(x)-1", 4, 4, 0),
    (GELU, 4, 4, 0),
    ("silu(x)", 4, 4, 0),
    ("mish(x)", 4, 4, 0),
    ("elu(x)", 4, 4, 0),
    ("x*tanh(x)", 4, 4, 1),
    ("1-cos(x)", 4, 4, 0),
    ("x**2*tanh(x)", 4, 4, 1),
    ("x**3*tanh(x)", 4, 4, 0),
)
# on random labels kinked forms have many weak maxima with too few neurons: one data set in ten
# could be judged
KINKED_CELLS = (("relu(x)", 10, 0, 0), ("leaky_relu(x)", 10, 0, 0), ("abs(x)", 10, 0, 0))
LINEAR, SQUARE, CUBIC = COMMON = ("tanh(x)", "x*tanh(x)", "x**2*tanh(x)")
ADAM_CELLS = (*((one, 4, 4, 1) for one in COMMON), ("x**3*tanh(x)", 4, 4, 0))
SOURCES: tuple[DataName, ...] = ("gaussian-coefficients", "random-labels", "figure-5")
# on Fig. 5's data the smallest basin has 4.6 % of the neurons for p = 3 (and for p = 4 2.8 %,
# too few to tell a cluster from stragglers: left out)
NEURONS = {"figure-5": 400}
# with several inputs
ADAM: dict[str, Any] = {"optimizer": "adam", "epsilon": 1e-4, "step": 1e-4}


def trained(optimizer: Optimizer, activation: str, data: DataName, block: int) -> Condensation:
    """An experiment with the settings of `sim.condensation.methods` for the activation."""
    made = Condensation(activation=activation, data=data, block=block)
    neurons = NEURONS.get(data) if made.described.multiplicity != 1 else None
    chosen = method(optimizer, made.part, centered=made.centered, neurons=neurons)
    return replace(made, **chosen.settings)


by_descent = partial(trained, "gd")
by_adam = partial(trained, "adam")


def grid_of(
    make: Callable[[str, DataName, int], Condensation], cells: Sequence[tuple[str, int, int, int]]
) -> tuple[Condensation, ...]:
    """The experiments of some cells."""
    return tuple(
        make(activation, data, block)
        for activation, *blocks in cells
        for data, block in zip(SOURCES, blocks, strict=True)
        if block
    )


def written(name: str) -> str:
    """An activation as figures and tables write it."""
    if name == GELU:
        return "GELU"
    name = name.removesuffix("(x)") if name.count("(") == 1 and "*" not in name else name
    return name.replace("**2", "²").replace("**3", "³").replace("*", "·")


def instead(right: Condensation, block: int, **wrong: Any) -> Instead:
    """Data and prediction of ``right``, with something else in training: fields of `Instead`."""
    values = {**asdict(right), "block": block}
    return Instead(**{"trains": Condensation(**values), **values, **wrong})


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
