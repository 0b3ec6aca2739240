"""Experiment: one step of γ and β inside a network, its drift and its noise, for several losses.

After some steps of training, gradients of many minibatches are taken at the same weights. The
pure-noise loss mean_i ξ_i·o_i with fresh ξ ~ N(0, 1) has gradients of mean 0 exactly and −ξ is as
likely as ξ: the mean of the steps for both is the noise-induced drift, free of the first-order
term. With labels steps are taken as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from sim.data.digits import digit_images
from sim.engine.optimizers import Descent
from sim.experiment import Experiment, Measurement
from sim.networks.perceptrons import Networks, cross_entropy, initial

CLASSES = 10

Loss = Literal["noise", "true labels", "random labels", "fresh labels"]


@dataclass(frozen=True)
class NetworkNoise(Experiment):
    """Settings; a replicate is one network.

    Attributes:
        loss: "noise" has Gaussian inputs, frozen weight matrices and a readout with rows of length
            1; the others are cross-entropy on digits with all weights trained. Labels are true,
            drawn once for each image, or drawn anew at each step.
        hidden: units of each hidden layer.
        rate: learning rate of gradient descent.
        warmup: steps of training before the measurement.
        draws: minibatches that are measured at the same weights.
        ratios: β/γ at the start is uniform between these, γ = 1. Below 0.5 noise drives all units
            towards collapse whatever the moments, so that the drifts of a layer do not cancel.
    """

    name: ClassVar[str] = "bn-network-noise"

    loss: Loss = "noise"
    hidden: tuple[int, ...] = (64, 64)
    batch: int = 64
    rate: float = 0.6
    warmup: int = 10
    draws: int = 12
    ratios: tuple[float, float] = (-1.0, 0.25)

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        weights = [self.stream(seed, replicate, "weights") for replicate in replicates]
        networks = self._networks(weights, device)
        streams = [self.stream(seed, replicate, "batches") for replicate in replicates]
        batches = _Batches(self, streams, device)
        trained = [*networks.scales, *networks.biases]
        if self.loss != "noise":
            trained = networks.parameters()
        descent = Descent("sgd", trained, self.rate)
        for _ in range(self.warmup):
            descent.step(torch.autograd.grad(batches.loss(networks), trained))
        totals = [_Totals(*pair) for pair in zip(networks.scales, networks.biases, strict=True)]
        for _ in range(self.draws):
            x, loss = batches.draw()
            passed = networks.forward(x)
            grads = torch.autograd.grad(
                loss(passed.output), [*networks.scales, *networks.biases, *passed.active]
            )
            layers = len(totals)
            for number, total in enumerate(totals):
                mine = grads[number], grads[layers + number], grads[2 * layers + number]
                total.add(*mine, rate=self.rate, symmetric=self.loss == "noise")
        columns = [total.measured(self.draws) for total in totals]
        return [{"layers": list(row)} for row in zip(*columns, strict=True)]

    def _networks(self, streams: Sequence[np.random.Generator], device: str) -> Networks:
        weights, readout = initial(streams, (64, *self.hidden, CLASSES), torch.float64)
        if self.loss == "noise":
            readout /= readout.norm(dim=-1, keepdim=True)
        shift = torch.zeros(len(streams), dtype=torch.float64)
        networks = Networks([w.to(device) for w in weights], readout.to(device), shift.to(device))
        with torch.no_grad():
            for bias in networks.biases:
                drawn = [stream.uniform(*self.ratios, bias.shape[1]) for stream in streams]
                bias.copy_(torch.tensor(np.stack(drawn)))
        return networks

    def cost(self) -> float:
        """Seconds for one replicate: 0.3 ms a step for 64 samples and two layers of 64 units."""
        units = sum(self.hidden) * self.batch / (128 * 64)
        return 3e-4 * (self.warmup + self.draws) * units


class _Batches:
    """Minibatches with their loss, one stream a network."""

    def __init__(
        self, made: NetworkNoise, streams: Sequence[np.random.Generator], device: str
    ) -> None:
        self.made, self.streams, self.device = made, streams, device
        if made.loss != "noise":
            pixels, labels = digit_images()
            self.pixels = torch.tensor(pixels, device=device)
            self.labels = np.tile(labels, (len(streams), 1))
            if made.loss == "random labels":
                self.labels = self._classes(len(labels))

    def _classes(self, samples: int) -> np.ndarray:
        return np.stack([stream.integers(CLASSES, size=samples) for stream in self.streams])

    def draw(self):
        """Inputs, (networks, inputs, samples), and the loss as a function of the output."""
        batch = self.made.batch
        if self.made.loss == "noise":
            drawn = np.stack([one.standard_normal((64 + CLASSES, batch)) for one in self.streams])
            x, xi = torch.from_numpy(drawn).to(self.device).split([64, CLASSES], dim=1)
            return x, lambda output: (output * xi).sum() / batch
        rows = np.stack([one.integers(len(self.pixels), size=batch) for one in self.streams])
        labels = (
            self._classes(batch)
            if self.made.loss == "fresh labels"
            else np.take_along_axis(self.labels, rows, axis=1)
        )
        target = torch.from_numpy(labels).to(self.device)
        x = torch.embedding(self.pixels, torch.from_numpy(rows).to(self.device)).mT
        return x, lambda output: cross_entropy(output, target)

    def loss(self, networks: Networks) -> Tensor:
        x, loss = self.draw()
        return loss(networks.forward(x).output)


class _Totals:
    """Sums over minibatches at fixed γ and β of one layer, (networks, units)."""

    def __init__(self, gamma: Tensor, beta: Tensor) -> None:
        self.gamma, self.beta = gamma.detach(), beta.detach()
        self.theta = torch.atan2(self.beta, self.gamma.abs())
        self.power, self.drift, self.first, self.square = (
            torch.zeros_like(self.gamma) for _ in range(4)
        )

    def add(self, dgamma: Tensor, dbeta: Tensor, delta: Tensor, *, rate: float, symmetric: bool):
        """Gradients of a minibatch; ``delta`` is that at the ReLU's output."""
        self.power += delta.square().mean(-1) * delta.shape[-1] ** 2  # per sample: times B
        signs = (1, -1) if symmetric else (1,)
        for sign in signs:
            gamma, beta = self.gamma - sign * rate * dgamma, self.beta - sign * rate * dbeta
            self.drift += (torch.atan2(beta, gamma.abs()) - self.theta) / len(signs)
        squared = self.gamma.square() + self.beta.square()
        turn = -rate * (self.gamma * dbeta - self.beta * dgamma) * self.gamma.sign() / squared
        self.first += turn
        self.square += turn.square()

    def measured(self, draws: int) -> list[dict[str, list[float] | float]]:
        """Of each network, what the theory needs and what it predicts.

        ``signal`` is (E turn)² and ``noise`` Var turn, means over the units, both without bias;
        turn is the change of θ in a step to first order.
        """
        signal = (self.first.square() - self.square) / (draws * (draws - 1))
        noise = self.square / draws - signal
        return [
            {
                "gamma": self.gamma[i].tolist(),
                "beta": self.beta[i].tolist(),
                "power": (self.power[i] / draws).tolist(),
                "drift": (self.drift[i] / draws).tolist(),
                "signal": float(signal[i].mean()),
                "noise": float(noise[i].mean()),
            }
            for i in range(len(self.gamma))
        ]
