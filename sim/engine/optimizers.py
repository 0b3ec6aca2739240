"""The optimizers of torch that experiments train with, in torch's functional form.

The classes of `torch.optim` import torch's compiler when they are made, which costs every process
more than a second; their functional forms, which they call themselves, do not.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

MOMENTUM = 0.9
BETAS = 0.9, 0.999

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]


class Descent:
    """Gradient descent, with momentum 0.9, Adam with L2 in the gradient, or AdamW, in place.

    Args:
        kind: which of them.
        parameters: changed by every step.
        rate: learning rate.
        decay: of the weights: coupled L2, or decoupled for AdamW.
        epsilon: Adam's own.
    """

    def __init__(
        self,
        kind: Optimizer,
        parameters: Iterable[Tensor],
        rate: float,
        decay: float = 0.0,
        epsilon: float = 1e-8,
    ) -> None:
        self.kind: Optimizer = kind
        self.parameters = [one.detach() for one in parameters]
        if not all(one.is_contiguous() for one in self.parameters):
            raise ValueError("parameters must be contiguous")
        self.rate, self.decay, self.epsilon = rate, decay, epsilon
        self._momenta: list[Tensor | None] = [None] * len(self.parameters)
        self._first = self._second = self._counts = []
        if kind in ("adam", "adamw"):
            self._first, self._second = (
                [torch.zeros_like(one) for one in self.parameters] for _ in range(2)
            )
            self._counts = [
                torch.zeros((), dtype=torch.float32, device=one.device) for one in self.parameters
            ]

    def step(self, gradients: Sequence[Tensor]) -> None:
        """One step down these gradients, one for each parameter and of its shape."""
        # the fused steps walk through memory and take it that both are laid out alike
        gradients = [one.contiguous() for one in gradients]
        if self.kind in ("adam", "adamw"):
            self._adam(gradients)
        else:
            sgd(
                self.parameters,
                gradients,
                self._momenta,
                fused=True,
                weight_decay=self.decay,
                momentum=MOMENTUM if self.kind == "momentum" else 0.0,
                lr=self.rate,
                dampening=0.0,
                nesterov=False,
                maximize=False,
            )

    def _adam(self, gradients: list[Tensor]) -> None:
        adam(
            self.parameters,
            gradients,
            self._first,
            self._second,
            [],
            self._counts,
            fused=True,
            decoupled_weight_decay=self.kind == "adamw",
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=self.rate,
            weight_decay=self.decay,
            eps=self.epsilon,
            maximize=False,
        )
