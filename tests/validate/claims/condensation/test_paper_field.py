"""The direction field: minus the gradient of the loss, and what a figure of it holds."""

import numpy as np
import pytest
import torch

from reports.figures import render
from sim.condensation.paper import PaperFigure
from theory.symbolic.activation import activation
from validate.claim import Outcome, Unit
from validate.claims.condensation.paper.field import direction_field, field
from validate.claims.condensation.paper.panels import Panel
from validate.results.records import Verdict

EXPERIMENT = PaperFigure(
    activations=("x*tanh(x)",),
    data="figure-5",
    inputs=1,
    samples=40,
    width=12,
    epochs=(20,),
    block=2,
)
PANEL = Panel("x·tanh(x)", EXPERIMENT, 2, epoch="20")


@pytest.fixture(scope="module")
def units() -> list[Unit]:
    measured = EXPERIMENT.run(0, 0)
    return [Unit(EXPERIMENT, 0, k, one) for k, one in enumerate(measured)]


def test_the_field_is_minus_the_gradient_of_a_neuron_added_to_the_network():
    """By autograd: one more neuron of output weight a at each point, the gradient divided by a as
    a goes to 0, so that it does not change the residual."""
    rng = np.random.default_rng(4)
    neurons, at = rng.standard_normal((5, 3)), rng.standard_normal((6, 2))
    x, y = np.linspace(-1, 1.5, 9), rng.standard_normal(9)
    found = direction_field(activation("x*tanh(x)"), neurons, at, x, y)
    inputs = torch.tensor(np.column_stack([x, np.ones(9)]))
    w, b_and_a = torch.tensor(neurons[:, :2]), torch.tensor(neurons[:, 2])
    z = w @ inputs.T
    error = b_and_a @ (z * torch.tanh(z)) - torch.tensor(y)
    for point, expected in zip(at, found, strict=True):
        weight = torch.tensor(point, requires_grad=True)
        new = inputs @ weight
        small = 1e-7
        loss = 0.5 * (error + small * new * torch.tanh(new)).square().mean()
        loss.backward()
        assert weight.grad is not None
        np.testing.assert_allclose(-weight.grad.numpy() / small, expected, rtol=1e-5, atol=1e-6)


def test_the_figure_draws_the_first_seed(units):
    figure = field(Outcome(Verdict.AGREE, units, [], []), [PANEL])
    (panel,) = figure.series["panels"]
    neurons = units[0].measurement["shown"]["20"]["neurons"]
    # one epoch is measured: its |f| / |y| is that of the last one
    assert f"|f| / |y| = {units[0].measurement['output']:.2g}" in panel["title"]
    assert [p["sign"] for p in panel["points"]] == [1 if a > 0 else -1 for *_, a in neurons]
    reach = max(abs(value) for w, b, _ in neurons for value in (w, b))
    assert max(arrow["x"] for arrow in panel["arrows"]) == pytest.approx(1.1 * reach, abs=1e-5)
    # p = 2: an even form, so every line has both directions with one sign
    angles = sorted((ray["angle_degrees"] % 180, ray["sign"]) for ray in panel["rays"])
    assert angles[::2] == angles[1::2]
    assert len(angles) == 4
    assert render(figure).startswith("<?xml")
