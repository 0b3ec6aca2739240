"""Kernels as matrices, of several laws of their entries, and their random permutation."""

from typing import Literal, get_args

import torch
from jaxtyping import Float64
from torch import Tensor

Entries = Literal[
    "gaussian", "mean", "uniform", "student 1.5", "student 3", "student 5", "rank 1", "rank 2",
    "rank 4", "rank 8", "noisy", "features",
]  # fmt: skip
LAWS: tuple[Entries, ...] = get_args(Entries)
MEAN = 0.3  # of "mean", in standard deviations
NOISE = 0.3  # of "noisy", in standard deviations of its part of rank 8
FEATURE_RANK = 4  # of what "features" rectify

Kernels = Float64[Tensor, "kernels rows columns"]


def drawn(
    entries: Entries, shape: tuple[int, int, int], generator: torch.Generator
) -> Float64[Tensor, "kernels rows columns"]:
    """Independent kernels.

    Args:
        entries: "gaussian", with a "mean" of 0.3 standard deviations, "uniform" from −1 to 1, of
            Student's law with so many degrees of freedom, products of Gaussian factors of a
            "rank", "noisy" for one of rank 8 with noise of 0.3 of its size, or "features", the
            positive part of one of rank 4.
        shape: kernels, rows, columns.
    """
    law, _, number = entries.partition(" ")
    if law == "rank":
        return low_rank(int(number), shape, generator)
    if law == "features":
        return low_rank(FEATURE_RANK, shape, generator).relu()
    if law == "noisy":
        return low_rank(8, shape, generator) + NOISE * normal(shape, generator)
    if law == "student":
        return _student(float(number), shape, generator)
    if law == "uniform":
        return 2 * torch.rand(shape, **_made(generator)) - 1
    return normal(shape, generator) + (MEAN if law == "mean" else 0.0)


def low_rank(
    rank: int, shape: tuple[int, int, int], generator: torch.Generator
) -> Float64[Tensor, "kernels rows columns"]:
    """Products of two Gaussian factors, with entries of variance 1."""
    kernels, rows, columns = shape
    left, right = (
        normal(one, generator) for one in ((kernels, rows, rank), (kernels, rank, columns))
    )
    return left @ right / rank**0.5


def shuffled(kernels: Kernels, generator: torch.Generator) -> Kernels:
    """The same entries, each kernel in a uniform random order of its own."""
    flat = kernels.flatten(1)
    order = torch.rand(flat.shape, generator=generator, device=flat.device).argsort(1)
    return flat.gather(1, order).view_as(kernels)


def normal(shape: tuple[int, ...], generator: torch.Generator) -> Float64[Tensor, "..."]:
    """Independent N(0, 1)."""
    return torch.randn(shape, **_made(generator))


def _student(freedom: float, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """By the polar method (Bailey, Math. Comput. 62 (1994) 779)."""
    u, v = torch.rand((2, *shape), **_made(generator))
    return (freedom * (u ** (-2 / freedom) - 1)).sqrt() * (2 * torch.pi * v).cos()


def _made(generator: torch.Generator) -> dict:
    return {"generator": generator, "dtype": torch.float64, "device": generator.device}
