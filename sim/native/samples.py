"""Samples filled up to whole vectors, as loops over vectors take them."""

import torch
from jaxtyping import Float
from torch import Tensor


def filled(number: int, unit: int) -> int:
    """The least multiple of a unit that is not below a number."""
    return -(-number // unit) * unit


def filled_up(
    x: Float[Tensor, "sets samples inputs"], y: Float[Tensor, "sets samples"], unit: int
) -> tuple[Float[Tensor, "sets rows inputs"], Float[Tensor, "sets rows"], Float[Tensor, " rows"]]:
    """Data sets with copies of their last sample, so that no activation meets what it does not.

    Args:
        x, y: data sets.
        unit: the number of samples becomes a multiple of it.

    Returns:
        x, y, and the share of each sample in means: 1/n, and 0 for the copies.
    """
    samples = x.shape[1]
    which = torch.arange(filled(samples, unit))
    at = which.clamp_max(samples - 1)
    return x[:, at], y[:, at], (which < samples).to(x) / samples
