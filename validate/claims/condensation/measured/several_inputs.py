"""What is trained with several inputs, what is predicted for it, and how it is told in tables."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.condensation.experiment import Condensation
from theory.condensation.orientations.plane import xor_orientations
from theory.direction import Direction
from validate.claim import Unit
from validate.claims.condensation.measured.data import data_of
from validate.claims.condensation.measured.orientations import count, predicted_nd, settings
from validate.results.records import Table

WEAK = 0.05  # relative size of a component of v below which Adam's corner is not determined
# inputs, neurons (25 for each orientation) and blocks a round; the bias makes one dimension more
DECOMPOSABLE = ((3, 200, 28), (5, 300, 10), (7, 400, 3), (9, 500, 1))
CORNERS = ((2, 200, 21), (3, 400, 21))
ADAM = {"optimizer": "adam", "epsilon": 1e-4, "step": 1e-4}
CUBIC = "x**2*tanh(x)"
SQUARE = "x*tanh(x)"


def experiments() -> Mapping[str, tuple[Condensation, ...]]:
    """What is trained, by setting."""
    xor = {"activation": CUBIC, "data": "xor", "neurons": 128}
    line = {"activation": "tanh(x)", "inputs": 2, "neurons": 40, "block": 45}
    # at κ = 1 a neuron turns no faster than it grows: steps of 8 % are fine
    growing = {"wide": False, "step": 0.08}
    labels = {"activation": SQUARE, "samples": 60}
    return {
        "xor": (
            Condensation(**xor, wide=False, epsilon=1e-5, step=0.04, block=19),
            Condensation(**xor, **ADAM, block=19),
            # the paper's own settings for its Figs. 5 and 6, and torch's default eps
            Condensation(**xor, optimizer="adam", epsilon=5e-3, step=5e-4, adam_eps=1e-8, block=4),
        ),
        "decomposable": tuple(
            Condensation(activation=CUBIC, data="decomposable", inputs=inputs, neurons=neurons,
                         block=block, **growing)
            for inputs, neurons, block in DECOMPOSABLE
        ),
        "corners": tuple(
            Condensation(activation=SQUARE, data="dominant-diagonal", inputs=inputs,
                         neurons=neurons, block=block, **ADAM)
            for inputs, neurons, block in CORNERS
        ),
        "labels": (Condensation(**labels, **ADAM, inputs=2, neurons=400, block=16),),
        "sphere": tuple(
            Condensation(**labels, wide=False, inputs=inputs, block=21) for inputs in (2, 3)
        ),
        "line": (Condensation(**line), Condensation(**line, **ADAM)),
    }  # fmt: skip


def at_xor_maxima(unit: Unit) -> tuple[Direction, ...]:
    """The eight maxima of |H| for y = x₁x₂ and p = 3."""
    return xor_orientations()


def directions_of(unit: Unit) -> tuple[Direction, ...]:
    """The prediction for a unit, in closed form where there is one."""
    return at_xor_maxima(unit) if settings(unit).data == "xor" else predicted_nd(unit)


def determined(unit: Unit) -> bool:
    """p = 1: whether v, under Adam each of its components, is clearly not zero."""
    if settings(unit).optimizer == "gd" or settings(unit).order > 1:
        return True
    v = np.abs(data_of(unit).y @ data_of(unit).augmented)
    return bool(v.min() >= WEAK * v.sum())


KINDS = {
    "xor": "y = x₁x₂",
    "decomposable": "orthogonally decomposable",
    "corners": "dominant diagonal",
    "labels": "random labels",
    "sphere": "random labels",
    "line": "random labels",
}


def rows_of(
    grids: Mapping[str, tuple[Condensation, ...]],
) -> list[tuple[str, Condensation]]:
    return [(KINDS[name], experiment) for name, grid in grids.items() for experiment in grid]


def setting(experiment: Condensation) -> str:
    dimension = "" if experiment.data == "xor" else f", D = {experiment.inputs + 1}"
    if experiment.optimizer == "gd":
        return f"p = {experiment.order}, gradient descent{dimension}"
    rate = f", lr = {experiment.step:g}" if experiment.data == "xor" else ""
    return f"p = {experiment.order}, Adam{rate}{dimension}"


def short(experiment: Condensation) -> str:
    """The setting in a figure's column: as much of it as tells it from the others."""
    optimizer = "GD" if experiment.optimizer == "gd" else "Adam"
    if experiment.data == "xor":
        rate = f" {experiment.step:g}" if experiment.optimizer == "adam" else ""
        return f"x₁x₂, {optimizer}{rate}"
    name = {"decomposable": "decomposable", "dominant-diagonal": "diagonal"}.get(
        experiment.data, f"p = {experiment.order}"
    )
    return f"{name}, D={experiment.inputs + 1}, {optimizer}"


def table(grids: Mapping[str, tuple[Condensation, ...]], units: Sequence[Unit]) -> Table:
    """Where the bound holds: networks by their number of orientations."""
    rows = []
    for kind, experiment in rows_of(grids):
        judged = [u for u in units if u.experiment == experiment]
        found = [count(u) for u in judged if determined(u)]
        tally = ", ".join(f"{n} in {found.count(n)}" for n in sorted(set(found)))
        above = sum(n > 2 * experiment.order for n in found)
        rows.append(
            (
                kind,
                setting(experiment),
                str(2 * experiment.order),
                tally,
                f"{above} of {len(found)}",
            )
        )
    header = ("data", "setting", "2p", "orientations in networks", "above 2p")
    return Table(title="Where the bound holds", header=header, rows=tuple(rows))
