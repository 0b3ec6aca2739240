"""The largest learning rate of gradient descent: 2/λ on a quadratic, and more on a network."""

from dataclasses import dataclass

import numpy as np
import sympy as sp
import torch

from validate.author import Margin, Simulation, Theory


@dataclass(frozen=True)
class Descent(Simulation):
    """A replicate: one random loss, descended from one start at 51 learning rates."""

    network: bool = False
    momentum: float = 0.0
    steps: int = 100

    def loss(self, weights, data):
        if not self.network:  # a quadratic one with a random curvature in every direction
            return ((weights @ data) ** 2).mean(-1)
        a, w, b = weights.reshape(len(weights), 3, -1, 1).unbind(1)
        return (((a * torch.tanh(w * data[0] + b)).sum(-2) - data[1]) ** 2).mean(-1)

    def measure(self, rng):
        x = rng.normal(size=16)
        data = np.stack([x, np.sin(2 * x)]) if self.network else rng.normal(size=(24, 48))
        data, start = torch.tensor(data), torch.tensor(rng.normal(size=24))
        curvatures = torch.func.hessian(lambda one: self.loss(one[None], data)[0])(start)
        largest = torch.linalg.eigvalsh(curvatures)[-1]
        rates = 2 / largest * torch.logspace(-2, 3, 51, base=2.0, dtype=torch.float64)
        weights, moved = start.repeat(len(rates), 1), 0.0
        first = self.loss(weights, data)
        for _ in range(self.steps):
            weights.requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.loss(weights, data).sum(), weights)
            moved = self.momentum * moved - rates[:, None] * gradient
            weights = weights.detach() + moved
        return {"ηλ": rates[self.loss(weights, data) < first].max() * largest}


def law():
    yield "Along a direction of curvature λ a step is x → (1 − ηλ)x, which shrinks to", None
    yield "ηλ = 2, so the largest λ limits η:", sp.Eq(sp.Symbol("ηλ", positive=True), 2)


stability = Theory("stability", title="The largest learning rate", source="our derivation")
same = {"law": law, "observe": "ηλ", "count": 0.8, "wrong": {"1/λ": 1, "4/λ": 4},
        "margin": Margin(0.2, "the learning rates tried grow by 7 % from one to the next"),
        "wrong_experiment": {"with momentum": Descent(momentum=0.5)}}  # fmt: skip
stability.check("quadratic", on={"quadratic": Descent()}, **same,
                statement="The loss falls in 100 steps of gradient descent up to a learning rate "
                "of 2/λ, λ the largest curvature, on a quadratic loss.")  # fmt: skip
stability.check("network", on={"network": Descent(network=True)}, **same,
                positive={"quadratic": Descent()}, contradicts="networks need a rate below 2/λ",
                statement="The same holds of two-layer networks, λ that of the start.")  # fmt: skip
