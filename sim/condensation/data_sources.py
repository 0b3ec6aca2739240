"""Where the data sets of an experiment on condensation come from, by name."""

from dataclasses import replace
from typing import Literal

import numpy as np

from sim.condensation.recipes import dominant_diagonal, orthogonally_decomposable
from sim.condensation.targets import gaussian_coefficients, paper_figure_5, random_labels, xor_grid
from sim.data.data_set import DataSet
from sim.data.digits import digits_pair

OFFSET = 0.3  # clear of 0, yet small enough to be fitted before the neurons move

DataName = Literal[
    "figure-5",
    "random-labels",
    "offset-labels",
    "gaussian-coefficients",
    "decomposable",
    "dominant-diagonal",
    "xor",
    "digits",
]
# of these every replicate draws its own set, and those are trained that a run can resolve
DRAWN: tuple[DataName, ...] = (
    "random-labels",
    "offset-labels",
    "gaussian-coefficients",
    "decomposable",
    "dominant-diagonal",
)


def fixed(name: DataName) -> DataSet:
    """The data set of a name that always means the same; its measurements carry nothing more.

    Raises:
        ValueError: sets of this name are drawn.
    """
    match name:
        case "figure-5":
            return paper_figure_5()
        case "xor":
            return xor_grid()
    raise ValueError(f"data '{name}' are drawn anew for every replicate")


def draw(
    name: DataName, rng: np.random.Generator, order: int, samples: int, inputs: int
) -> DataSet:
    """One data set; fixed ones ignore all but the name.

    Args:
        order: that of the leading form which "gaussian-coefficients" is made for.
        samples, inputs: size; data made by their moments have as many samples as they need.
    """
    match name:
        case "figure-5" | "xor":
            return fixed(name)
        case "random-labels":
            return random_labels(rng, samples, inputs)
        case "offset-labels":
            drawn = random_labels(rng, samples, inputs)
            return replace(drawn, y=drawn.y + OFFSET, name=f"random labels of mean {OFFSET:g}")
        case "gaussian-coefficients":
            return gaussian_coefficients(rng, order, samples)
        case "decomposable":
            return orthogonally_decomposable(rng, inputs + 1)[0]
        case "dominant-diagonal":
            return dominant_diagonal(rng, inputs + 1)[0]
        case "digits":
            first, second = rng.choice(10, size=2, replace=False).tolist()
            return digits_pair(first, second, samples, rng)
