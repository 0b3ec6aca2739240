"""What torch may not do on a card, so that results there are those of a CPU but for rounding."""

import torch


def full_precision() -> None:
    """Products and convolutions of float32 in float32, the latter by algorithms without chance.

    torch computes convolutions on cards with 10 bits of mantissa unless it is told otherwise, and
    picks those of their gradients by speed, also where sums come out in no fixed order. It holds
    for the whole process.
    """
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
