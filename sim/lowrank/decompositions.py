"""Tucker and tensor-train approximations of batches of kernels by truncation, step by step."""

from collections.abc import Sequence

import torch
from jaxtyping import Float64
from torch import Tensor

Matrices = Float64[Tensor, "kernels rows columns"]


def kept(matrices: Matrices, rank: int) -> Float64[Tensor, "kernels rank columns"]:
    """The best approximation of a rank, in coordinates of its left singular vectors: ΣVᵀ."""
    if matrices.shape[1] <= matrices.shape[2]:
        left = torch.linalg.eigh(matrices @ matrices.transpose(1, 2)).eigenvectors[..., -rank:]
        return left.transpose(1, 2) @ matrices
    squares, right = torch.linalg.eigh(matrices.transpose(1, 2) @ matrices)
    scaled = right * squares.clamp(min=0).sqrt()[:, None]
    return scaled[..., -rank:].transpose(1, 2)


def tucker_core(
    kernels: Float64[Tensor, "kernels ..."], ranks: Sequence[int]
) -> Float64[Tensor, "kernels ..."]:
    """Core of the sequentially truncated higher-order singular value decomposition."""
    for mode, rank in enumerate(ranks, start=1):
        moved = kernels.movedim(mode, 1)
        core = kept(moved.flatten(2), rank)
        kernels = core.unflatten(2, moved.shape[2:]).movedim(1, mode)
    return kernels


def last_of_train(
    kernels: Float64[Tensor, "kernels ..."], bonds: Sequence[int]
) -> Float64[Tensor, "kernels bond last"]:
    """The last part of a tensor train whose other parts are orthogonal: it has all energy kept."""
    shape, bond = kernels.shape[1:], 1
    left = kernels.flatten(1)
    for size, rank in zip(shape, bonds, strict=False):
        left = kept(left.reshape(len(kernels), bond * size, -1), rank)
        bond = rank
    return left
