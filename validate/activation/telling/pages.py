"""What the PDF of an activation check draws: σ, the direction field and the trained neurons."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from sim.activation.sigma import sigma_of
from sim.data.data_set import DataSet
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import MARGIN
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import leading_part
from validate.activation.expected import Expected, plane
from validate.activation.figures import (
    Neurons,
    activation_figure,
    field_figure,
    field_panel,
    grid,
    neurons_figure,
)
from validate.results.records import Figure
from validate.results.words import OPTIMIZERS

NETWORKS = 2  # whose neurons are drawn
ARROWS = 15  # a side


def figures_of(
    described: Activation,
    data: DataSet,
    expected: Mapping[str, Expected],
    seen: Mapping[str, Sequence[Mapping[str, Any]]],
) -> tuple[Figure, ...]:
    """Figures of one check; ``seen`` holds the measurements by optimizer, none if not trained."""
    figures = [_activation(described)]
    drawn = {key: one for key, one in expected.items() if one.form is not None and one.orientations}
    neurons = {key: _neurons(one, data, seen.get(key, ())) for key, one in drawn.items()}
    if drawn and plane(data):
        panels = [_field(key, drawn[key], neurons[key]) for key in drawn]
        figures.append(field_figure(panels))
    if any(len(one.signs) for one in neurons.values()):
        figures.append(neurons_figure(neurons, MARGIN))
    return tuple(figures)


def _activation(described: Activation) -> Figure:
    x = grid()
    sigma = sigma_of(described).value_only(torch.as_tensor(x)).detach().numpy()
    zero = None if described.value_at_zero is None else float(described.value_at_zero)
    try:
        part = leading_part(described)
    except ValueError:
        return activation_figure(described.name, x, sigma, None, None, zero)
    lead = np.where(x > 0, part.right, part.left) * np.abs(x) ** part.order
    return activation_figure(described.name, x, sigma, (zero or 0.0) + lead, part.order, zero)


def _neurons(
    expected: Expected, data: DataSet, measurements: Sequence[Mapping[str, Any]]
) -> Neurons:
    dimension = data.augmented.shape[1]
    chosen = measurements[:NETWORKS]
    weights = [np.reshape(one["directions"], (-1, dimension)) for one in chosen]
    signs = [np.asarray(one["signs"], dtype=float) for one in chosen]
    return Neurons(
        expected.orientations,
        np.concatenate([np.empty((0, dimension)), *weights]),
        np.concatenate([np.empty(0), *signs]),
    )


def _field(key: str, expected: Expected, neurons: Neurons) -> dict[str, Any]:
    side = np.linspace(-1, 1, ARROWS)
    at = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    at = at[np.linalg.norm(at, axis=1) > 1e-9]
    assert expected.form is not None
    step = np.asarray(expected.form.gradient(at))
    if expected.method is not None and expected.method.geometry is Geometry.LINF:
        step = np.sign(step)
    return field_panel(OPTIMIZERS[key], at, step, neurons)
