"""Which activations are trained on which data with one input, and how: what claims share."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sim.condensation.data_sources import DataName
from sim.condensation.experiment import Condensation
from sim.condensation.methods import Optimizer, method
from validate.claim import Unit
from validate.claims.condensation.measured.orientations import settings

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
ADAM_CELLS = (
    ("tanh(x)", 4, 4, 1),
    ("x*tanh(x)", 4, 4, 1),
    ("x**2*tanh(x)", 4, 4, 1),
    ("x**3*tanh(x)", 4, 4, 0),
)
SOURCES: tuple[DataName, ...] = ("gaussian-coefficients", "random-labels", "figure-5")
# on Fig. 5's data the smallest basin has 4.6 % of the neurons for p = 3 (and for p = 4 2.8 %,
# too few to tell a cluster from stragglers: left out)
NEURONS = {"figure-5": 400}


def trained(optimizer: Optimizer, activation: str, data: DataName, block: int) -> Condensation:
    """An experiment with the settings of `sim.condensation.methods` for the activation."""

    made = Condensation(activation=activation, data=data, block=block)
    chosen = method(
        optimizer,
        made.part,
        centered=made.centered,
        neurons=NEURONS.get(data) if made.described.multiplicity != 1 else None,
    )
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


def label(unit: Unit) -> str:
    """Name of a unit's activation in figures."""

    return written(settings(unit).activation)


def written(name: str) -> str:
    """An activation as figures and tables write it."""
    if name == GELU:
        return "GELU"
    name = name.removesuffix("(x)") if name.count("(") == 1 and "*" not in name else name
    return name.replace("**2", "²").replace("**3", "³").replace("*", "·")
