"""The optimizers of torch that experiments on batch normalization train with."""

from collections.abc import Iterable
from typing import Any, Literal

import torch
from torch import Tensor

MOMENTUM = 0.9

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]


def optimizer(
    kind: Optimizer, parameters: Iterable[Tensor], rate: float, decay: float
) -> torch.optim.Optimizer:
    """Gradient descent, with momentum 0.9, Adam with L2 in the gradient, or AdamW."""
    settings: dict[str, Any] = {"lr": rate, "weight_decay": decay, "foreach": True}
    match kind:
        case "sgd":
            return torch.optim.SGD(parameters, **settings)
        case "momentum":
            return torch.optim.SGD(parameters, momentum=MOMENTUM, **settings)
        case "adam":
            return torch.optim.Adam(parameters, **settings)
        case "adamw":
            return torch.optim.AdamW(parameters, **settings)
