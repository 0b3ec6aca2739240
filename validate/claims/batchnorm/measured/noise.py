"""Drift of θ inside networks: what is measured on a unit, the signal-to-noise ratio, tables."""

from collections.abc import Callable, Sequence

import numpy as np

from sim.batchnorm.network_noise import NetworkNoise
from theory.batchnorm.networks import layer_drift
from validate.claim import Unit, settings_of, units_of
from validate.decisions.intervals import mean_within
from validate.results.records import Table

CENTERED = (True, False)  # the moments that each of the two layers needs
LEVEL = 0.01  # of the intervals in the table of ratios, which decide nothing


def predicted_drift(unit: Unit, layer: int, centered: bool) -> float:
    """Drift of θ in a step, summed over a layer's units, with the noise measured there."""
    made, found = settings_of(unit, NetworkNoise), unit.measurement["layers"][layer]
    gamma, beta, power = (np.array(found[key]) for key in ("gamma", "beta", "power"))
    each = layer_drift(gamma, beta, power, rate=made.rate, batch=made.batch, centered=centered)
    return float(each.sum())


def drift_ratio(unit: Unit, layer: int, swapped: bool = False) -> float:
    """Measured drift of θ over that predicted with the moments of its layer, or of the other."""
    measured = float(np.sum(unit.measurement["layers"][layer]["drift"]))
    return measured / predicted_drift(unit, layer, CENTERED[layer] != swapped)


def noise_size(units: Sequence[Unit]) -> float:
    """The largest A = η²s²/(Bγ²) of a layer, a mean over its units and the networks."""
    sizes = [
        [
            made.rate**2
            * np.mean(np.array(found["power"]) / np.array(found["gamma"]) ** 2)
            / made.batch
            for found in unit.measurement["layers"]
        ]
        for unit in units
        for made in [settings_of(unit, NetworkNoise)]
    ]
    return float(np.mean(sizes, axis=0).max())


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
    """Mean `drift_ratio` of each layer with Student's interval."""
    return [
        "{:.3g} [{:.3g}, {:.3g}]".format(
            *mean_within([drift_ratio(unit, layer) for unit in units], LEVEL)
        )
        for layer in range(len(CENTERED))
    ]


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
