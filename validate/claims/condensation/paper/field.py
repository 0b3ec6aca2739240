"""The direction field of the paper's Fig. 6, from a unit on the data of Figs. 5 and 6."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.activation.sigma import sigma_of
from sim.condensation.paper import PaperFigure
from theory.condensation.forms.leading_form import Geometry, form_of
from theory.condensation.orientations.plane import orientations
from theory.symbolic.activation import Activation
from validate.claim import Outcome, Unit
from validate.claims.condensation.measured.data import data_of
from validate.claims.condensation.paper.panels import Panel
from validate.claims.condensation.paper.report import of
from validate.results.records import Figure
from validate.run.record import units_hash

ARROWS = 13  # in a row
ROOM = 1.1  # the field reaches as far beyond the farthest neuron


def field(outcome: Outcome, panels: Sequence[Panel]) -> Figure:
    """Field and neurons of the first seed of each panel, with the lines that theory predicts."""
    first = [
        next(unit for unit in of(outcome.units, panel.experiment) if unit.replicate == 0)
        for panel in panels
    ]
    return Figure(
        kind="field",
        title="Fig. 6 again: direction field of the first seed",
        caption="Where training moves the input weight w and the bias b of a neuron with a "
        f"positive output weight (arrows) at epoch {panels[0].epoch}, when the residual is that of "
        "the network; one with a negative output weight moves the other way. Rays: stable "
        "directions of the leading form at the start on the ℓ∞ square, Adam's geometry; neurons "
        "(dots) stay there while |f| / |y|, in the titles, is small.",
        series={
            "panels": [
                {
                    "title": f"{panel.label}: {panel.words} reported, "
                    f"|f| / |y| = {_amplitude(panel, unit):.2g}",
                    "arrows": _arrows(panel, unit),
                    "rays": _rays(unit),
                    "points": [
                        {"x": round(w, 5), "y": round(b, 5), "sign": 1 if a > 0 else -1}
                        for w, b, a in _neurons(panel, unit).tolist()
                    ],
                }
                for panel, unit in zip(panels, first, strict=True)
            ],
            "xlabel": "w",
            "ylabel": "b",
        },
        verdict=outcome.verdict,
        settings_hash=units_hash(outcome.units),
    )


def direction_field(
    sigma: Activation,
    neurons: Float[np.ndarray, "neurons 3"],
    at: Float[np.ndarray, "points 2"],
    x: Float[np.ndarray, " samples"],
    y: Float[np.ndarray, " samples"],
) -> Float[np.ndarray, "points 2"]:
    """(w', b') = −(1/n) Σᵢ eᵢ σ'(w xᵢ + b) (xᵢ, 1) of a neuron with a = 1 at each point (w, b).

    Args:
        sigma: the activation σ.
        neurons: (w, b, a) of the network whose residual e = f − y it is.
        at: points (w, b).
        x, y: the data.
    """
    inputs = np.column_stack([x, np.ones_like(x)])
    residual = output(sigma, neurons, x) - y
    _, slope = _values(sigma, at @ inputs.T)
    return -(slope * residual) @ inputs / len(x)


def output(
    sigma: Activation, neurons: Float[np.ndarray, "neurons 3"], x: Float[np.ndarray, " samples"]
) -> Float[np.ndarray, " samples"]:
    """f(xᵢ) of the network with neurons (w, b, a) and activation σ."""
    value, _ = _values(sigma, neurons[:, :2] @ np.stack([x, np.ones_like(x)]))
    return neurons[:, 2] @ value


def _values(
    sigma: Activation, z: Float[np.ndarray, "*shape"]
) -> tuple[Float[np.ndarray, "*shape"], Float[np.ndarray, "*shape"]]:
    """σ and σ' at some pre-activations."""
    import torch

    value, slope = sigma_of(sigma)(torch.tensor(z))
    return value.numpy(), slope.numpy()


def _arrows(panel: Panel, unit: Unit) -> list[dict[str, float]]:
    neurons = _neurons(panel, unit)
    reach = ROOM * float(np.abs(neurons[:, :2]).max())
    axis = np.linspace(-reach, reach, ARROWS)
    at = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    sigma = _settings(unit).described[0]
    moved = direction_field(sigma, neurons, at, data_of(unit).x[:, 0], data_of(unit).y)
    return [
        {"x": round(x, 5), "y": round(y, 5), "dx": float(f"{dx:.4g}"), "dy": float(f"{dy:.4g}")}
        for x, y, dx, dy in np.hstack([at, moved]).tolist()
    ]


def _amplitude(panel: Panel, unit: Unit) -> float:
    """Root mean square of f over that of y."""
    f = output(_settings(unit).described[0], _neurons(panel, unit), data_of(unit).x[:, 0])
    return float(np.sqrt(np.mean(f**2) / np.mean(data_of(unit).y ** 2)))


def _rays(unit: Unit) -> list[dict[str, Any]]:
    sigma = _settings(unit).described[0]
    if sigma.multiplicity is None or sigma.leading_coefficient is None:
        return []
    data = data_of(unit)
    form = form_of(data.x, data.y, sigma.multiplicity, float(sigma.leading_coefficient))
    return [
        {"angle_degrees": round(one.angle_degrees, 2), "sign": one.sign}
        for one in orientations(form, Geometry.LINF)
    ]


def _neurons(panel: Panel, unit: Unit) -> Float[np.ndarray, "neurons 3"]:
    """(w, b, a) of every neuron at the panel's epoch."""
    return np.array(unit.measurement["shown"][panel.epoch]["neurons"])


def _settings(unit: Unit) -> PaperFigure:
    if not isinstance(unit.experiment, PaperFigure):
        raise TypeError(f"{unit.experiment.name} is no panel of the paper")
    return unit.experiment
