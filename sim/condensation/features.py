"""What the stop rule compares: how much of the leading form of y the output f has taken up.

The norm of (1/n) Σᵢ fᵢ φ(xᵢ) measures the leading form of f: for smooth activations φ(x) = x^{⊗p}
and the norm is that of the moment tensor; for kinked ones φ holds σ_lead(u·x) for directions u
spread over the sphere, and the norm is the root mean square of the form over the sphere.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from sim.networks.ensemble import monomials
from theory.symbolic.leading_part import LeadingPart

DIRECTIONS = 64  # per dimension beyond the first


def features(
    x: Float[Tensor, "sets samples dimension"], part: LeadingPart, centered: bool = False
) -> Float[Tensor, "sets samples features"]:
    """φ(xᵢ) for data sets of equal size.

    Args:
        centered: subtract the mean over the samples, so that the constant part of f and y does
            not count: for σ(0) ≠ 0 the mean of y is fitted first.
    """
    if not part.smooth:
        found = _kinked(x, part)
    elif math.comb(part.order + x.shape[-1] - 1, part.order) <= x.shape[1]:
        found = monomials(x, part.order)
    else:
        found = _gram_root(x, part.order)
    return found - found.mean(1, keepdim=True) if centered else found


def _kinked(
    x: Float[Tensor, "sets samples dimension"], part: LeadingPart
) -> Float[Tensor, "sets samples features"]:
    z = x @ _directions(x.shape[-1], x.device).T
    size = z.abs() ** part.order
    return torch.where(z > 0, part.right * size, part.left * size) / math.sqrt(z.shape[-1])


def _directions(dimension: int, device: torch.device) -> Float[Tensor, "directions dimension"]:
    """Directions spread over the sphere, always the same ones."""
    if dimension == 1:
        return torch.tensor([[1.0], [-1.0]], dtype=torch.float64, device=device)
    count = DIRECTIONS * (dimension - 1)
    if dimension == 2:
        angles = torch.arange(count, dtype=torch.float64, device=device) * (2 * math.pi / count)
        return torch.stack([angles.cos(), angles.sin()], -1)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(count, dimension, dtype=torch.float64, generator=generator)
    return (drawn / drawn.norm(dim=-1, keepdim=True)).to(device)


def _gram_root(
    x: Float[Tensor, "sets samples dimension"], order: int
) -> Float[Tensor, "sets samples samples"]:
    """Fewer columns with the same norms: the tensors' Gram matrix is (xᵢ·xⱼ)^p."""
    values, vectors = torch.linalg.eigh((x @ x.mT) ** order)
    return vectors * values.clamp_min(0).sqrt()[:, None, :]
