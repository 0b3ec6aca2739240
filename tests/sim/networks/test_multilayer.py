"""Networks trained in a batch are what torch.nn and torch.optim.Adam make of each alone."""

import pytest
import torch
from torch import Tensor, nn

from sim.activation.compiled import compile as compile_activation
from sim.native import EAGER
from sim.networks import gradients as choosing
from sim.networks import multilayer
from sim.networks.ensemble import Data, Weights
from sim.networks.gradients import gradients as two_layer_gradients
from sim.networks.multilayer import Net, Parameters, adam, forward, gradients
from theory.symbolic.activation import activation

SETS, SAMPLES, INPUTS, WIDTH = 3, 7, 2, 4
SOFTPLUS = "log(1+exp(x))"
DEEP = ("x**2*tanh(x)", "x*tanh(x)", SOFTPLUS)
PLAIN = {
    "x**2*tanh(x)": lambda z: z**2 * torch.tanh(z),
    "x*tanh(x)": lambda z: z * torch.tanh(z),
    SOFTPLUS: nn.functional.softplus,
}
RESIDUAL = pytest.mark.parametrize("residual", [False, True])


@pytest.fixture(params=["machine code", "torch calls"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What computes gradients."""
    if request.param == "torch calls":
        monkeypatch.setenv(EAGER, "1")
    return request.param


class Module(nn.Module):
    """The same network by torch's own means."""

    def __init__(self, parameters: Parameters, i: int, residual: bool) -> None:
        super().__init__()
        self.weights = nn.ParameterList([w[i].clone() for w in parameters.layers])
        self.output = nn.Parameter(parameters.output[i].clone())
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        for text, weight in zip(DEEP, self.weights, strict=True):
            value = PLAIN[text](nn.functional.linear(x, weight[:, :-1], weight[:, -1]))
            x = value + x if self.residual and value.shape == x.shape else value
        return x @ self.output


def problem(scale: float = 0.7) -> tuple[Parameters, Tensor, Tensor]:
    torch.manual_seed(5)
    fans = (INPUTS, WIDTH, WIDTH)
    layers = tuple(scale * torch.randn(SETS, WIDTH, fan + 1).double() for fan in fans)
    output = scale * torch.randn(SETS, WIDTH).double()
    x, y = torch.randn(SETS, SAMPLES, INPUTS).double(), torch.randn(SETS, SAMPLES).double()
    return Parameters(layers, output), x, y


def net(residual: bool, activations: tuple[str, ...] = DEEP) -> Net:
    return Net(tuple(compile_activation(activation(text)) for text in activations), residual)


def loss(module: Module, x: Tensor, y: Tensor) -> Tensor:
    return 0.5 * (module(x) - y).square().mean()


@RESIDUAL
@pytest.mark.usefixtures("path")
def test_outputs_and_gradients_are_those_of_autograd(residual):
    parameters, x, y = problem()
    found, outputs = (
        gradients(net(residual), parameters, x, y),
        forward(net(residual), parameters, x),
    )
    for i in range(SETS):
        module = Module(parameters, i, residual)
        loss(module, x[i], y[i]).backward()
        torch.testing.assert_close(outputs[i], module(x[i]).detach())
        torch.testing.assert_close(found.output[i], module.output.grad)
        for layer, weight in zip(found.layers, module.weights, strict=True):
            torch.testing.assert_close(layer[i], weight.grad)


def test_residual_connections_matter():
    parameters, x, _ = problem()
    plain, residual = (forward(net(r), parameters, x) for r in (False, True))
    assert (plain - residual).abs().min() > 1e-3


@RESIDUAL
def test_each_network_is_trained_as_alone(residual):
    """Adam divides by the size of the gradient, so that rounding of tiny ones may show: 1e-7."""
    parameters, x, y = problem()
    trained = adam(net(residual), parameters, x, y, rate=1e-2, epochs=(1, 25))
    for i in range(SETS):
        module = Module(parameters, i, residual)
        optimizer = torch.optim.Adam(module.parameters(), lr=1e-2)
        for epoch in range(1, 26):
            optimizer.zero_grad()
            loss(module, x[i], y[i]).backward()
            optimizer.step()
            if epoch in trained:
                expected = [*module.weights, module.output]
                found = [*(w[i] for w in trained[epoch].layers), trained[epoch].output[i]]
                for one, other in zip(found, expected, strict=True):
                    torch.testing.assert_close(one, other.detach(), atol=1e-7, rtol=1e-7)


def test_one_hidden_layer_is_the_network_of_the_ensembles():
    parameters, x, y = problem()
    two_layer = Parameters(parameters.layers[:1], parameters.output)
    found = gradients(net(False, DEEP[:1]), two_layer, x, y)
    augmented = torch.cat([x, torch.ones_like(x[..., :1])], -1)
    data = Data(augmented, y, augmented)
    weights = Weights(two_layer.layers[0], two_layer.output)
    sigma = compile_activation(activation(DEEP[0]))
    dw, da, *_ = two_layer_gradients(sigma, data, weights, coupled=True)
    torch.testing.assert_close(found.layers[0], -dw)
    torch.testing.assert_close(found.output, -da)


def test_chunks_change_nothing_but_rounding(monkeypatch):
    parameters, x, y = problem()
    monkeypatch.setenv(EAGER, "1")
    whole = adam(net(True), parameters, x, y, rate=1e-2, epochs=(10,))[10]
    monkeypatch.setattr("sim.networks.multilayer.CHUNK_ELEMENTS", 1)
    parts = adam(net(True), parameters, x, y, rate=1e-2, epochs=(10,))[10]
    torch.testing.assert_close(parts.output, whole.output, atol=1e-9, rtol=1e-9)
    for one, other in zip(parts.layers, whole.layers, strict=True):
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-9)


def test_the_start_is_left_as_it_was():
    parameters, x, y = problem()
    before = parameters.copy()
    saved = adam(net(False), parameters, x, y, rate=1e-2, epochs=(0, 3))
    torch.testing.assert_close(parameters.output, before.output, atol=0, rtol=0)
    torch.testing.assert_close(saved[0].layers[1], before.layers[1], atol=0, rtol=0)
    assert (saved[3].output - before.output).abs().min() > 0


def trained(
    residual: bool, dtype: torch.dtype, turned: bool = False
) -> tuple[list[Tensor], list[Tensor]]:
    """Weights at the start and after a hundred steps, samples in order or turned around."""
    start, x, y = problem()
    start = Parameters(tuple(w.to(dtype) for w in start.layers), start.output.to(dtype))
    x, y = (one.flip(1) if turned else one for one in (x.to(dtype), y.to(dtype)))
    end = adam(net(residual), start, x, y, rate=1e-3, epochs=(100,))[100]
    return [*start.layers, start.output], [*end.layers, end.output]


@RESIDUAL
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_hundred_steps_end_in_the_same_place(residual, dtype, monkeypatch):
    """Adam divides by a gradient's size: where samples cancel, their order matters to torch too."""
    start, native = trained(residual, dtype)
    monkeypatch.setenv(EAGER, "1")
    _, eager = trained(residual, dtype)
    _, turned = trained(residual, dtype, turned=True)
    for at, mine, torchs, other in zip(start, native, eager, turned, strict=True):
        moved, rounding = (torchs - at).norm(), (other - torchs).norm()
        close = 1e-12 if dtype == torch.float64 else 1e-4
        assert (mine - torchs).norm() <= max(close * moved, 3 * rounding)


def test_what_runs_is_decided_by_settings_alone(monkeypatch):
    runs, x = multilayer._runs_natively, torch.zeros(1, 4, 2, dtype=torch.float64)
    assert runs(net(True), x)
    assert runs(net(True), x.float())
    assert not runs(net(True), x.half())
    assert not runs(net(True), x.to("meta"))
    assert not runs(Net((*net(True).activations, lambda z: (z, z))), x)
    monkeypatch.setattr(choosing, "compiler", lambda: None)
    assert not runs(net(True), x)
