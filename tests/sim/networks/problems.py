"""Small problems of two-layer networks, and how they are trained in tests."""

import pytest
import torch
from torch import Tensor

from sim.networks.ensemble import Data, Stop, Trained, Weights, monomials
from sim.networks.training import Clock, descend

COUPLED = pytest.mark.parametrize("coupled", [True, False])


def tanh(z: Tensor) -> tuple[Tensor, Tensor]:
    value = torch.tanh(z)
    return value, 1 - value * value


def quadratic(z: Tensor) -> tuple[Tensor, Tensor]:
    return z * torch.tanh(z), torch.tanh(z) + z * (1 - torch.tanh(z) ** 2)


def problem(
    sets: int = 3, neurons: int = 6, dimension: int = 2, p: int = 1, epsilon: float = 1e-3
) -> tuple[Data, Weights]:
    """Random inputs (the last one 1), labels and weights; the features of multiplicity p."""
    rng = torch.Generator().manual_seed(sets + 10 * neurons + 100 * dimension + 1000 * p)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    x = torch.cat([normal(sets, 12, dimension - 1), torch.ones(sets, 12, 1).double()], -1)
    weights = Weights(epsilon * normal(sets, neurons, dimension), epsilon * normal(sets, neurons))
    return Data(x, normal(sets, 12), monomials(x, p)), weights


def unequal(weights: Weights) -> Weights:
    """Weights of very different sizes, so that networks end at different times."""
    sets, neurons = weights.a.shape
    sizes = torch.logspace(-1, 1, sets).double()[:, None] * torch.logspace(-1, 1, neurons).double()
    return Weights(weights.w * sizes[..., None], weights.a * sizes.flip(1))


def alone(data: Data, weights: Weights, i: int, j: int | None = None) -> tuple[Data, Weights]:
    """Data set i with all its neurons, or with neuron j only."""
    columns = slice(None) if j is None else slice(j, j + 1)
    return data.part(slice(i, i + 1)), Weights(
        weights.w[i : i + 1, columns].contiguous(), weights.a[i : i + 1, columns].contiguous()
    )


def small_steps(
    data: Data, weights: Weights, coupled: bool, sigma=tanh, stop: Stop | None = None, **more
) -> Trained:
    settings = {"step": 0.05, "clock": Clock.NETWORK if coupled else Clock.NEURON, **more}
    return descend(sigma, data, weights, coupled=coupled, stop=stop or Stop(), **settings)


def assert_same(first: Trained, second: Trained) -> None:
    assert torch.equal(first.end, second.end)
    assert torch.equal(first.steps, second.steps)
    torch.testing.assert_close(first.moment_ratio, second.moment_ratio, rtol=1e-10, atol=0.0)
    # rounding is amplified with the directions by which neurons differ, not more
    torch.testing.assert_close(first.weights.w, second.weights.w, rtol=1e-10, atol=1e-18)
    torch.testing.assert_close(first.weights.a, second.weights.a, rtol=1e-10, atol=1e-18)
    assert first.snapshots.keys() == second.snapshots.keys()
    for step, weights in first.snapshots.items():
        torch.testing.assert_close(weights.w, second.snapshots[step].w, rtol=1e-10, atol=1e-18)
