"""What the pretended card refuses: what a card would."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.sim.pretended_card import MixedDevicesError, PretendedCard

REFUSED: dict[str, Callable[[Tensor, Tensor], object]] = {
    "a sum": lambda card, cpu: card + cpu,
    "a change in place": lambda card, cpu: cpu.add_(card),
    "a list": lambda card, cpu: torch.cat([card, cpu]),
    "a mask": lambda card, cpu: card[cpu > 0],
    "a result": lambda card, cpu: torch.add(card, 1, out=cpu),
    "numpy": lambda card, cpu: card.numpy(),
    "an array": lambda card, cpu: np.asarray(card),
    "an address": lambda card, cpu: card.data_ptr(),
    "a generator": lambda card, cpu: torch.randn(
        3, device="cuda", generator=torch.Generator("cpu")
    ),
    "a gradient": lambda card, cpu: torch.autograd.grad(
        (card.requires_grad_() * 2).sum(), card, cpu.sum()[None][0].expand(())[None]
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str):
    with PretendedCard():
        card, cpu = torch.randn(3, device="cuda"), torch.randn(3)
        with pytest.raises(MixedDevicesError):
            REFUSED[name](card, cpu)


def test_what_may_be_mixed_and_what_moves():
    with PretendedCard():
        card, cpu = torch.zeros(3, device="cuda"), torch.ones(3)
        assert card.device == torch.device("cuda") == torch.Generator("cuda").device
        assert (card + torch.tensor(2.0)).device.type == "cuda"
        assert card.copy_(cpu).device.type == "cuda"
        assert cpu.to("cuda").device.type == cpu.to(card).device.type == "cuda"
        assert card.to(cpu).device.type == card.cpu().device.type == "cpu"
        assert (
            card.double().new_zeros(2).device.type == torch.zeros_like(card).device.type == "cuda"
        )
        assert card.cpu().numpy().tolist() == card.tolist() == [1.0, 1.0, 1.0]
        card.cpu().add_(1)
        assert card.tolist() == [1.0, 1.0, 1.0]


def test_gradients_and_parameters_are_where_their_tensors_are():
    with PretendedCard():
        layer = torch.nn.BatchNorm1d(3, device="cuda", dtype=torch.float64)
        x = torch.randn(4, 3, dtype=torch.float64, device="cuda", generator=torch.Generator("cuda"))
        grads = torch.autograd.grad(layer(x).square().sum(), list(layer.parameters()))
        assert [one.device.type for one in grads] == ["cuda", "cuda"]
        with pytest.raises(MixedDevicesError):
            layer(x.cpu())
