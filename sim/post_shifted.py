"""Post-shifted batch normalization: torch's BatchNorm with a constant added to its output.

Before a ReLU the constant keeps a way back open: weight decay pulls scale and bias of a filter
that is inactive on all data towards 0, where the shift alone makes it active again. Drop-in use:

    from sim.post_shifted import PostShiftedBatchNorm2d

    nn.Sequential(nn.Conv2d(3, 16, 3), PostShiftedBatchNorm2d(16), nn.ReLU())

It needs weight decay on scale and bias (`theory.batchnorm.recovery`); without it the module is
BatchNorm with another initial bias. The names in the state dictionary are those of BatchNorm, the
shift is no part of it: weights of a network with BatchNorm load, and give the same function once
the shift has been subtracted from each bias.

What replaces or fuses modules because they are a BatchNorm (`convert_sync_batchnorm`, folding into
a convolution) loses the shift; add it to the biases first.

Source: Zhou et al., arXiv:2001.11216 (post-shifted BN, α = 0.1).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

SHIFT = 0.1  # the paper's α


class _PostShifted(_BatchNorm):
    """What both have beyond torch's."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        shift: float = SHIFT,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)
        self.shift = _checked(shift)

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input) + self.shift

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, shift={self.shift}"


class PostShiftedBatchNorm1d(_PostShifted, nn.BatchNorm1d):
    """`torch.nn.BatchNorm1d` plus ``shift``; input of shape (batch, features[, length]).

    It takes the arguments of torch's and, by name, ``shift`` (default: 0.1, the paper's α); the
    output has the shape of the input.

    Attributes:
        shift (float): α ≥ 0, added after scale and bias; 0 is BatchNorm itself.

    Raises:
        ValueError: the shift is negative or not finite.
    """


class PostShiftedBatchNorm2d(_PostShifted, nn.BatchNorm2d):
    """`torch.nn.BatchNorm2d` plus ``shift``; input of shape (batch, channels, height, width).

    It takes the arguments of torch's and, by name, ``shift`` (default: 0.1, the paper's α); the
    output has the shape of the input.

    Attributes:
        shift (float): α ≥ 0, added after scale and bias; 0 is BatchNorm itself.

    Raises:
        ValueError: the shift is negative or not finite.
    """


def _checked(shift: float) -> float:
    if not math.isfinite(shift) or shift < 0:
        raise ValueError(f"the shift must be a finite number ≥ 0, not {shift}")
    return float(shift)
