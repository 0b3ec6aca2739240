"""How far two trained networks of width m are apart: the variance over seeds, ∝ 1/m."""

from dataclasses import dataclass

import sympy as sp
import torch

from validate.author import Given, Margin, Power, Simulation, Theory

V, M, K = sp.symbols("v m k", positive=True)


@dataclass(frozen=True)
class Ensemble(Simulation):
    """A replicate: an ensemble of networks f = m^(−s) Σ a tanh(wx + b), trained on sin."""

    width: int = 16
    scaling: float = 1.0  # s
    networks: int = 32
    steps: int = 20

    def measure(self, rng):
        x = torch.linspace(-2, 2, 8, dtype=torch.float64)
        weights = torch.randn(3, self.networks, self.width, 1, dtype=torch.float64)
        for _ in range(self.steps):
            weights.requires_grad_(True)
            loss = ((self.output(weights, x) - torch.sin(x)) ** 2).mean(-1).sum()
            (gradient,) = torch.autograd.grad(loss, weights)
            # each neuron moves as much at every width
            weights = weights.detach() - 0.2 * self.width ** (2 * self.scaling - 1) * gradient
        point = torch.tensor([1.0], dtype=torch.float64)
        return {"variance": self.output(weights, point).var()}

    def output(self, weights, x):
        a, w, b = weights
        return (a * torch.tanh(w * x + b)).sum(-2) / self.width**self.scaling


def law():
    yield "Neurons of a wide network move in the mean field of all: nearly independently.", None
    yield "An average of m of them varies over seeds by", sp.Eq(V, K / M)


width = Theory("width", title="Variance over seeds", source="our derivation")
width.check(
    "variance",
    statement="The variance over seeds of a trained network's output falls like 1/m in its width "
    "m, from m = 8 on, if its output is an average over neurons.",
    law=law,
    given=(Given(M, "width", "width"), Given(K, None, "variance of a neuron's part")),
    observe="variance",
    on=Ensemble(),
    exponent=Power("width", (8, 32, 128), local=0.3),
    margin=Margin(0.15, "corrections of relative size 1/m bend the slope by less than 0.05"),
    wrong={"like a standard deviation": K / sp.sqrt(M), "twice as fast": K / M**2},
    wrong_experiment={"a sum divided by √m": Ensemble(scaling=0.5)},
)
