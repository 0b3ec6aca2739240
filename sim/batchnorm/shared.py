"""Units that share a batch of normalized inputs, each with noise of its own.

S₀, S₁, S₂ of every unit are differences of cumulative sums over the sorted batch. In machine code
it is cheaper to compare every unit with every input.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from sim.batchnorm.units import GateSums, noise_gradient
from sim.native import compiler


def shared_noise(
    x_hat: Float[Tensor, "replicates batch"],
    gamma: Float[Tensor, " units"],
    beta: Float[Tensor, " units"],
    normals: Float[Tensor, "2 units"],
    std: float,
) -> Float[Tensor, "2 units"]:
    """(∂γ, ∂β) as `sim.batchnorm.units.noise_gradient` on `shared_gate_sums`, in float32.

    In machine code where that can be had.

    Args:
        normals: two standard normals for each unit.
        std: s.
    """
    if x_hat.device.type == "cpu" and compiler() is not None:
        from sim.batchnorm.native_noise import native_noise

        return native_noise(x_hat, gamma, beta, normals, std)
    sums = shared_gate_sums(x_hat, gamma, beta)
    return torch.stack(noise_gradient(sums, normals, x_hat.shape[1], std))


def shared_gate_sums(
    x_hat: Float[Tensor, "replicates batch"],
    gamma: Float[Tensor, " units"],
    beta: Float[Tensor, " units"],
) -> GateSums:
    """S₀, S₁, S₂ of units that see one batch a replicate, as `sim.batchnorm.units.gate_sums` for
    ReLU.

    In the precision of x̂. The units of the first replicate come first, as many of each.
    z = γ x̂ + β > 0 holds above −β/γ for γ > 0 and below it for γ < 0.
    """
    replicates, batch = x_hat.shape
    ordered = x_hat.sort(dim=1).values
    edge = (-beta / gamma).to(x_hat.dtype).view(replicates, -1)
    below = torch.searchsorted(ordered, edge, right=True)
    first, second = (
        torch.nn.functional.pad(one.cumsum(1), (1, 0)).gather(1, below).ravel()
        for one in (ordered, ordered.square())
    )
    below, left = below.ravel(), gamma < 0
    s0 = torch.where(left, below, batch - below).to(x_hat.dtype)
    # over a whole batch Σ 1 = B, Σ x̂ = 0, Σ x̂² = B; without an active sample the sums are
    # exactly 0, whatever rounding has left of a difference
    some = s0.clamp_max(1.0)
    s1 = some * torch.where(left, first, -first)
    s2 = some * torch.where(left, second, batch - second)
    return GateSums(s0, s1, s2)
