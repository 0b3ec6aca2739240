"""Drift of θ inside networks: what is measured on a unit, the signal-to-noise ratio, tables."""

from collections.abc import Callable, Sequence

import numpy as np

from sim.batchnorm.network_noise import Loss, NetworkNoise
from theory.batchnorm.networks import layer_drift
from validate.claim import Unit, settings_of
from validate.decisions.intervals import student
from validate.results.records import Table

LEVEL = 0.01  # of the intervals in the table of ratios, which decide nothing


def predicted_drift(unit: Unit, layer: int, centered: bool) -> float:
    """Drift of θ in a step, summed over a layer's units, with the noise measured there."""
    made, found = settings_of(unit, NetworkNoise), unit.measurement["layers"][layer]
    gamma, beta, power = (np.array(found[key]) for key in ("gamma", "beta", "power"))
    each = layer_drift(gamma, beta, power, rate=made.rate, batch=made.batch, centered=centered)
    return float(each.sum())


def drift_ratio(unit: Unit, layer: int, centered: bool) -> float:
    """Measured drift of θ divided by the predicted one with these moments."""
    measured = float(np.sum(unit.measurement["layers"][layer]["drift"]))
    return measured / predicted_drift(unit, layer, centered)


def noise_size(units: Sequence[Unit]) -> float:
    """The largest A = η²s²/(Bγ²) of a layer, a mean over its units and the networks."""
    sizes = [
        [
            settings_of(unit, NetworkNoise).rate ** 2
            * np.mean(np.array(found["power"]) / np.array(found["gamma"]) ** 2)
            / settings_of(unit, NetworkNoise).batch
            for found in unit.measurement["layers"]
        ]
        for unit in units
    ]
    return float(np.mean(sizes, axis=0).max())


def signal_to_noise(units: Sequence[Unit], loss: Loss) -> list[float]:
    """|E turn| / √Var turn of each layer, root mean squares over units and networks.

    ``turn`` is a step's change of θ to first order; the estimate of (E turn)² has no bias and may
    come out negative, which counts as 0.
    """
    found = [
        unit.measurement["layers"] for unit in units if settings_of(unit, NetworkNoise).loss == loss
    ]
    signal, noise = (
        np.array([[layer[key] for layer in layers] for layers in found]).mean(axis=0)
        for key in ("signal", "noise")
    )
    return np.sqrt(np.maximum(signal, 0) / noise).tolist()


def signal_table(units: Sequence[Unit]) -> Table:
    """Signal-to-noise ratio of every loss and layer."""

    def ratios(mine: Sequence[Unit]) -> list[str]:
        return [
            f"{ratio:.2f}"
            for ratio in signal_to_noise(mine, settings_of(mine[0], NetworkNoise).loss)
        ]

    return _by_loss("Signal-to-noise ratio of the change of θ in a step", units, ratios)


def ratio_table(units: Sequence[Unit], centered: Sequence[bool]) -> Table:
    """Measured drift over the predicted one of every loss and layer, with Student's intervals.

    ``centered`` says which moments each layer needs.
    """

    def ratios(mine: Sequence[Unit]) -> list[str]:
        return _ratios(mine, centered)

    return _by_loss("Measured drift of θ over that of the noise model", units, ratios)


def ratio_note(units: Sequence[Unit], loss: Loss, centered: Sequence[bool]) -> str:
    """The row of `ratio_table` of one loss as a sentence."""
    ratios = _ratios(
        [unit for unit in units if settings_of(unit, NetworkNoise).loss == loss], centered
    )
    told = " and ".join(f"{ratio} in hidden layer {k + 1}" for k, ratio in enumerate(ratios))
    return (
        f"With {loss} the measured drift is {told} times that of the noise model. These intervals, "
        "Student's of level 99 %, and those of the table decide nothing."
    )


def _with(loss: str, units: Sequence[Unit]) -> list[Unit]:
    return [unit for unit in units if settings_of(unit, NetworkNoise).loss == loss]


def _ratios(units: Sequence[Unit], centered: Sequence[bool]) -> list[str]:
    return [
        _with_interval([drift_ratio(unit, layer, one) for unit in units])
        for layer, one in enumerate(centered)
    ]


def _with_interval(values: Sequence[float]) -> str:
    mean, sd = np.array([np.mean(values)]), np.array([np.std(values, ddof=1)])
    low, high = student(mean, sd, len(values), LEVEL)
    return f"{mean[0]:.3g} [{low[0]:.3g}, {high[0]:.3g}]"


def _by_loss(
    title: str, units: Sequence[Unit], cells: Callable[[Sequence[Unit]], list[str]]
) -> Table:
    """A row for every loss, with a cell for every layer."""
    rows = []
    for loss in dict.fromkeys(settings_of(unit, NetworkNoise).loss for unit in units):
        mine = _with(loss, units)
        rows.append((loss, str(len(mine)), *cells(mine)))
    layers = [f"hidden layer {k + 1}" for k in range(len(rows[0]) - 2)]
    return Table(title=title, header=("loss", "networks", *layers), rows=tuple(rows))
