"""The direction field of the paper's Fig. 6, from a unit on the data of Figs. 5 and 6."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from sim.activation.sigma import sigma_of
from sim.condensation.paper import PaperFigure
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.forms.sectors import form_for
from theory.condensation.orientations.plane import orientations
from theory.symbolic.activation import Activation
from validate.claim import Outcome, Unit, settings_of
from validate.claims.condensation.measured.cells import data_of
from validate.claims.condensation.paper.panels import Panel
from validate.figure_forms.made import figure
from validate.results.records import Figure

ARROWS = 13  # in a row
ROOM = 1.1  # the field reaches as far beyond the farthest neuron


def field(outcome: Outcome, panels: Sequence[Panel]) -> Figure:
    """Field and neurons of the first seed of each panel, with the lines that theory predicts."""
    return figure(
        outcome,
        "field",
        "Fig. 6 again: direction field of the first seed",
        "Where training moves the input weight w and the bias b of a neuron with a positive output "
        f"weight (arrows) at epoch {panels[0].epoch}, when the residual is that of the network; "
        "one with a negative output weight moves the other way. Rays: stable directions of the "
        "leading form at the start on the ℓ∞ square, Adam's geometry; neurons (dots) stay there "
        "while |f| / |y|, in the titles, is small.",
        panels=[
            _drawn(panel, next(one for one in panel.of(outcome.units) if one.replicate == 0))
            for panel in panels
        ],
        xlabel="w",
        ylabel="b",
    )


def _drawn(panel: Panel, unit: Unit) -> dict[str, Any]:
    (sigma,), data = settings_of(unit, PaperFigure).described, data_of(unit)
    x, y = data.x[:, 0], data.y
    neurons = np.array(unit.measurement["shown"][panel.epoch]["neurons"])  # (w, b, a) of each
    reach = ROOM * float(np.abs(neurons[:, :2]).max())
    axis = np.linspace(-reach, reach, ARROWS)
    at = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    moved = direction_field(sigma, neurons, at, x, y)
    f = _residual(sigma, neurons, x, y) + y
    loud = np.sqrt(np.mean(f**2) / np.mean(y**2))
    rays = orientations(form_for(sigma, data.x, y), Geometry.LINF)
    return {
        "title": f"{panel.label}: {panel.words} reported, |f| / |y| = {loud:.2g}",
        "arrows": [
            {"x": round(w, 5), "y": round(b, 5), "dx": float(f"{dw:.4g}"), "dy": float(f"{db:.4g}")}
            for w, b, dw, db in np.hstack([at, moved]).tolist()
        ],
        "rays": [{"angle_degrees": round(r.angle_degrees, 2), "sign": r.sign} for r in rays],
        "points": [
            {"x": round(w, 5), "y": round(b, 5), "sign": 1 if a > 0 else -1}
            for w, b, a in neurons.tolist()
        ],
    }


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
    _, slope = _values(sigma, at @ inputs.T)
    return -(slope * _residual(sigma, neurons, x, y)) @ inputs / len(x)


def _residual(sigma: Activation, neurons: Any, x: Any, y: Any) -> Float[np.ndarray, " samples"]:
    """e = f − y of the network with neurons (w, b, a)."""
    value, _ = _values(sigma, neurons[:, :2] @ np.stack([x, np.ones_like(x)]))
    return neurons[:, 2] @ value - y


def _values(sigma: Activation, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """σ and σ' at some pre-activations."""
    import torch

    value, slope = sigma_of(sigma)(torch.tensor(z))
    return value.numpy(), slope.numpy()
