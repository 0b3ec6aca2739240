"""Descent of ensembles whose networks have learning rates and weight decays of their own."""

from collections.abc import Sequence

import torch
from torch import Tensor

from sim.engine.optimizers import Descent, Optimizer


class Optimizers:
    """Trains parts of an ensemble at rates and decays of their own, equally many networks each.

    Plain gradient descent takes all parts at once, by a rate and a decay for each network; for the
    others every optimizer sees views of its part of the parameters and of their gradients.
    """

    def __init__(
        self,
        kind: Optimizer,
        parameters: Sequence[Tensor],
        settings: Sequence[tuple[float, float]],
    ) -> None:
        self.parameters = [whole.detach() for whole in parameters]
        self.kind = kind
        if kind == "sgd":
            self._columns = [_columns(whole, settings) for whole in self.parameters]
            return
        self.parts = _parts(len(parameters[0]), len(settings))
        self.descents = [
            Descent(kind, [whole[part] for whole in self.parameters], rate, decay)
            for part, (rate, decay) in zip(self.parts, settings, strict=True)
        ]

    def step(self, grads: Sequence[Tensor]) -> None:
        """One step down the gradients of a loss that is summed over the networks."""
        if self.kind == "sgd":
            self._descend(grads)
            return
        for part, descent in zip(self.parts, self.descents, strict=True):
            descent.step([grad[part] for grad in grads])

    def _descend(self, grads: Sequence[Tensor]) -> None:
        for whole, grad, (kept, down) in zip(self.parameters, grads, self._columns, strict=True):
            whole.mul_(kept).addcmul_(grad, down)


def _columns(whole: Tensor, settings: Sequence[tuple[float, float]]) -> tuple[Tensor, Tensor]:
    """1 − ηλ and −η of each network, with as many dimensions as a parameter."""
    kept = [1 - rate * decay for rate, decay in settings]
    down = [-rate for rate, _ in settings]
    shape = (-1, *(1 for _ in whole.shape[1:]))
    made = torch.tensor([kept, down], dtype=torch.float64).to(whole)
    first, second = made.repeat_interleave(len(whole) // len(settings), dim=1)
    return first.view(shape), second.view(shape)


def _parts(networks: int, parts: int) -> list[slice]:
    size = networks // parts
    return [slice(k * size, (k + 1) * size) for k in range(parts)]
