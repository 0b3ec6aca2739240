"""Drift of θ inside networks: what is measured on a unit, the signal-to-noise ratio, tables."""

from collections.abc import Callable, Sequence

import numpy as np

from sim.batchnorm.network_noise import NetworkNoise
from theory.batchnorm.networks import layer_drift
from validate.claim import Unit, once_per_unit, settings_of, units_of
from validate.decisions.intervals import mean_within
from validate.results.records import Table

CENTERED = (True, False)  # the moments that each of the two layers needs
LEVEL = 0.01  # of the intervals in the table of ratios, which decide nothing


@once_per_unit
def drift_ratios(unit: Unit, swapped: bool = False) -> np.ndarray:
    """Measured drift of θ in a step, summed over each layer's units, over that predicted.

    Predicted with the noise measured there and the moments of the layer, or of the other.
    """
    made = settings_of(unit, NetworkNoise)
    found = []
    for layer, centered in zip(unit.measurement["layers"], CENTERED, strict=True):
        rows = (np.array(layer[key]) for key in ("gamma", "beta", "power"))
        predicted = layer_drift(
            *rows, rate=made.rate, batch=made.batch, centered=centered != swapped
        )
        found.append(np.sum(layer["drift"]) / predicted.sum())
    return np.array(found)


def size(units: Sequence[Unit]) -> float:
    """The largest A = η²s²/(Bγ²) of a layer, a mean over its units and networks of one kind."""
    made = settings_of(units[0], NetworkNoise)
    layers = [unit.measurement["layers"] for unit in units]
    sizes = [
        [np.mean(np.divide(one["power"], np.square(one["gamma"]))) for one in each]
        for each in layers
    ]
    return float(np.mean(sizes, axis=0).max() * made.rate**2 / made.batch)


def signal_to_noise(units: Sequence[Unit]) -> list[float]:
    """|E turn| / √Var turn of each layer, root mean squares over units and networks.

    ``turn`` is a step's change of θ to first order; the estimate of (E turn)² has no bias and may
    come out negative, which counts as 0.
    """
    signal, noise = (
        np.mean([[layer[key] for layer in unit.measurement["layers"]] for unit in units], axis=0)
        for key in ("signal", "noise")
    )
    return np.sqrt(np.maximum(signal, 0) / noise).tolist()


def ratios(units: Sequence[Unit]) -> list[str]:
    """Mean of `drift_ratios` for each layer with Student's interval."""
    layers = np.transpose([drift_ratios(unit) for unit in units])
    return ["{:.3g} [{:.3g}, {:.3g}]".format(*mean_within(one, LEVEL)) for one in layers]


def by_loss(
    title: str, units: Sequence[Unit], cells: Callable[[Sequence[Unit]], list[str]]
) -> Table:
    """A row for every loss, with a cell for every layer."""
    rows = [
        (settings_of(mine[0], NetworkNoise).loss, str(len(mine)), *cells(mine))
        for experiment in dict.fromkeys(unit.experiment for unit in units)
        for mine in [units_of(units, experiment)]
    ]
    layers = [f"hidden layer {k + 1}" for k in range(len(rows[0]) - 2)]
    return Table(title=title, header=("loss", "networks", *layers), rows=tuple(rows))
