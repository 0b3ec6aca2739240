"""Steps with a fixed learning rate: in machine code, in torch calls, and by autograd."""

import pytest
import torch
from torch import Tensor

from sim.native import EAGER
from sim.networks.ensemble import Data, Weights
from sim.networks.gradients import Slopes
from sim.networks.steps import NativeSteps, TorchPlain, plain_descent
from tests.sim.activation.test_compiled import build
from tests.sim.native.test_gradients import COUPLED, problem

RATE = 0.05


def advanced(data: Data, start: Weights, coupled: bool, open_: Tensor) -> tuple[Weights, Slopes]:
    """After a few steps, in two calls."""
    weights = Weights(start.w.clone(), start.a.clone())
    stepping = plain_descent(build("x*tanh(x)"), data, coupled, rate=RATE)
    slopes = stepping.slopes(weights, True)
    for steps in (4, 3):
        slopes = stepping.advance(weights, slopes, open_, steps)
    return weights, slopes


@COUPLED
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_machine_code_steps_as_torch_does(
    coupled: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
):
    data, start = problem(3, 11, 3, 21, dtype)
    open_ = torch.ones(3, 1 if coupled else 21, dtype=torch.bool)
    open_[1] = False
    assert isinstance(plain_descent(build("x*tanh(x)"), data, coupled, rate=RATE), NativeSteps)
    native, at_native = advanced(data, start, coupled, open_)
    monkeypatch.setenv(EAGER, "1")
    assert isinstance(plain_descent(build("x*tanh(x)"), data, coupled, rate=RATE), TorchPlain)
    eager, at_eager = advanced(data, start, coupled, open_)
    close = (1e-12, 1e-13) if dtype == torch.float64 else (1e-4, 1e-5)
    torch.testing.assert_close(native.w, eager.w, rtol=close[0], atol=close[1])
    torch.testing.assert_close(native.a, eager.a, rtol=close[0], atol=close[1])
    torch.testing.assert_close(at_native.outputs[0], at_eager.outputs[0], rtol=close[0], atol=1e-5)
    for weights in (native, eager):
        assert torch.equal(weights.w[1], start.w[1])  # these networks were not open
        assert torch.equal(weights.a[1], start.a[1])
        assert not torch.equal(weights.a[0], start.a[0])


def test_it_is_gradient_descent_on_the_loss():
    data, start = problem(2, 11, 3, 5, torch.float64)
    w, a = start.w.clone().requires_grad_(), start.a.clone().requires_grad_()
    sigma = build("x*tanh(x)")
    for _ in range(7):
        f = (a[:, None] @ sigma.value_only(w @ data.x.mT))[:, 0]
        loss = ((f - data.y) ** 2).mean(1).sum() / 2
        dw, da = torch.autograd.grad(loss, (w, a))
        w, a = (w - RATE * dw).detach(), (a - RATE * da).detach()
        w.requires_grad_()
        a.requires_grad_()
    found, _ = advanced(data, start, True, torch.ones(2, 1, dtype=torch.bool))
    torch.testing.assert_close(found.w, w.detach(), rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(found.a, a.detach(), rtol=1e-12, atol=1e-13)
