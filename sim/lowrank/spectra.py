"""Singular values of batches of kernels, by the smaller of their two Gram matrices."""

from collections.abc import Sequence

import torch
from jaxtyping import Float64
from torch import Tensor

Kernels = Float64[Tensor, "kernels rows columns"]


def gram(kernels: Kernels) -> Float64[Tensor, "kernels size size"]:
    """Products of rows, or of columns where these are fewer."""
    if kernels.shape[1] > kernels.shape[2]:
        kernels = kernels.transpose(1, 2)
    return kernels @ kernels.transpose(1, 2)


def fourth_moment(kernels: Kernels) -> Float64[Tensor, " kernels"]:
    """Σσ⁴."""
    return gram(kernels).square().sum((1, 2))


def participation(kernels: Kernels) -> Float64[Tensor, " kernels"]:
    """(Σσ²)²/Σσ⁴."""
    return kernels.square().sum((1, 2)) ** 2 / fourth_moment(kernels)


def energies(kernels: Kernels) -> Float64[Tensor, "kernels size"]:
    """σ², the largest first."""
    return torch.linalg.eigvalsh(gram(kernels)).clamp(min=0).flip(1)


def tails(kernels: Kernels, ranks: Sequence[int]) -> Float64[Tensor, "kernels ranks"]:
    """Share of the energy that the best approximation of each rank leaves (Eckart and Young)."""
    kept = energies(kernels).cumsum(1)
    at = torch.tensor([rank - 1 for rank in ranks], device=kept.device)
    return 1 - kept[:, at] / kept[:, -1:]


def power_sums(kernels: Kernels) -> Float64[Tensor, "kernels 4"]:
    """Σ w^j of the entries, j from 1 to 4."""
    flat = kernels.flatten(1)
    return torch.stack([(flat**power).sum(1) for power in range(1, 5)], 1)


def kurtosis(kernels: Kernels) -> Float64[Tensor, " kernels"]:
    """Of the entries, about their mean."""
    flat = kernels.flatten(1)
    centered = flat - flat.mean(1, keepdim=True)
    return (centered**4).mean(1) / centered.square().mean(1) ** 2
