"""Single units with batch normalization and (leaky) ReLU under pure gradient noise, batched.

A unit has z = γ x̂ + β with inputs x̂ normalized by the statistics of their own batch (variance
over B, without the usual 1e-5 in the denominator). Per-sample gradients δ at its output are
independent, N(0, s²), so that

    ∂γ = mean(δ g x̂),  ∂β = mean(δ g),  g = 1 where z > 0 and the slope a elsewhere.

Given x̂ the pair (Σ δ g x̂, Σ δ g) is exactly Gaussian with covariance s² ((S₂, S₁), (S₁, S₀)),
S_k = Σ g² x̂^k: it is drawn from two normals per unit instead of B, without any approximation.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor


class GateSums(NamedTuple):
    """S₀, S₁, S₂ of each unit in float64: sums over its batch of g² x̂^k."""

    s0: Float[Tensor, " units"]
    s1: Float[Tensor, " units"]
    s2: Float[Tensor, " units"]


def torch_generator(stream: np.random.Generator, device: str = "cpu") -> torch.Generator:
    """A torch generator keyed by the next number of a replicate's stream."""
    generator = torch.Generator(device)
    generator.manual_seed(int(stream.integers(2**63)))
    return generator


def normalized_batches(
    generator: torch.Generator, units: int, batch: int
) -> Float[Tensor, "units batch"]:
    """Gaussian inputs of each unit, normalized: mean 0 and variance 1 over every batch.

    In float32, which is enough for x̂: only sums over g² x̂^k enter, with a relative error of 1e-7,
    and they are the variances of the noise; γ and β themselves need float64.
    """
    x = torch.randn(units, batch, generator=generator, device=generator.device)
    x -= x.mean(dim=1, keepdim=True)
    x *= math.sqrt(batch) / torch.linalg.vector_norm(x, dim=1, keepdim=True)
    return x


def gate_sums(
    x_hat: Float[Tensor, "units batch"],
    gamma: Float[Tensor, " units"],
    beta: Float[Tensor, " units"],
    slope: float = 0.0,
) -> GateSums:
    """S₀, S₁, S₂ of each unit; γ and β in float64."""
    batch = x_hat.shape[1]
    active = x_hat * gamma.to(x_hat.dtype)[:, None]
    active += beta.to(x_hat.dtype)[:, None]
    active.gt_(0)  # in place: twice as fast as with a mask of another type
    s0 = active.sum(1).double()
    gated = active.mul_(x_hat)  # in place: the pages of fresh memory cost more than the product
    s1 = gated.sum(1).double()
    s2 = torch.linalg.vector_norm(gated, dim=1).double().square()
    # over a whole batch Σ 1 = B, Σ x̂ = 0, Σ x̂² = B
    kept, part = batch * slope**2, 1.0 - slope**2
    return GateSums(kept + part * s0, part * s1, kept + part * s2)


def centered(sums: GateSums, batch: int) -> GateSums:
    """What replaces the sums of ReLU (g² = g) where Σ δ = 0 in each batch and E[δ²] = s².

    Then Cov δ = s² B/(B−1) (1 − J/B), J all ones.
    """
    scale = batch / (batch - 1)
    s0, s1, s2 = sums
    return GateSums(
        scale * (s0 - s0**2 / batch), scale * (s1 - s0 * s1 / batch), scale * (s2 - s1**2 / batch)
    )


def noise_gradient(
    sums: GateSums, normals: Float[Tensor, "2 *draws units"], batch: int, std: float = 1.0
) -> tuple[Float[Tensor, "*draws units"], Float[Tensor, "*draws units"]]:
    """(∂γ, ∂β) of each unit, exactly distributed as mean(δ g x̂) and mean(δ g) with δ ~ N(0, s²).

    Args:
        normals: two standard normals for each unit (float64); −normals give the antithetic draw.
        std: s.
    """
    s0, s1, s2 = sums
    tilt = s1 / torch.sqrt(s0).clamp_min(
        torch.finfo(s0.dtype).tiny
    )  # 0 / tiny without an active sample
    rest = torch.sqrt((s2 - tilt**2).clamp_min(0.0))  # rounding may make it negative
    scale = std / batch
    grad_gamma = scale * (tilt * normals[0] + rest * normals[1])
    return grad_gamma, scale * torch.sqrt(s0) * normals[0]


def noise_step(
    sums: GateSums,
    normals: Float[Tensor, "2 *draws units"],
    batch: int,
    rate: float,
    std: float = 1.0,
) -> tuple[Float[Tensor, "*draws units"], Float[Tensor, "*draws units"]]:
    """(Δγ, Δβ) of one step of gradient descent at learning rate η on `noise_gradient`."""
    grad_gamma, grad_beta = noise_gradient(sums, normals, batch, std)
    return -rate * grad_gamma, -rate * grad_beta
