"""Experiment: how long networks stay small, for a ladder of initial sizes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from sim.activation.described import WithActivation
from sim.condensation.targets import gaussian_coefficients, random_labels
from sim.data.carried import CarriesDrawnData, carried
from sim.data.data_set import DataSet
from sim.experiment import Experiment, Measurement
from sim.networks.ensemble import Data, Sigma, Weights
from sim.networks.gradient_flow import Flow, Passages, in_parts
from theory.condensation.convergence import EXPECTED_NEURONS
from theory.condensation.escape import Fastest, fastest

MAX_DRAWS = 200  # data sets drawn before a replicate gives up finding one that can be judged

Source = Literal["random-labels", "gaussian-coefficients"]


@dataclass(frozen=True)
class Escape(WithActivation, CarriesDrawnData, Experiment):
    """Settings; a replicate is one data set with one wide network for each initial size.

    The networks of a replicate have independent initial weights, so that their escape times
    scatter independently about the law and slopes deviate from it to both sides alike.

    Attributes:
        activation: expression in x.
        data: where the data come from, one input; "gaussian-coefficients" makes the leading form
            of degree ``degree`` a Gaussian random one.
        neurons: of each network.
        epsilons: standard deviations of the initial weights.
        amplitude: a network has escaped once max |w·x̃| reaches it.
        step: relative step, see `sim.networks.gradient_flow`.
        steps: give up after so many.
    """

    name: ClassVar[str] = "escape"

    activation: str = "tanh(x)"
    data: Source = "random-labels"
    degree: int = 1
    neurons: int = 24
    epsilons: tuple[float, ...] = (1e-10, 1e-8, 1e-6, 1e-4)
    output: float = 0.01
    amplitude: float = 0.2
    step: float = 0.3
    steps: int = 2000
    samples: int = 20

    @property
    def slopes(self) -> tuple[float, float]:
        """c₊ and c₋ of a leading part c₊ z for z > 0, c₋ |z| for z < 0.

        Raises:
            ValueError: the activation is not of order 1 on both sides.
        """
        right, left = self.described.right, self.described.left
        if right is None or left is None or right.order != 1 or left.order != 1:
            raise ValueError(f"{self.activation} is not of order 1 at 0")
        return float(right.coefficient), float(left.coefficient)

    def fastest(self, data: DataSet) -> Fastest:
        """The fastest direction on these data, for an activation of order 1."""
        return fastest(data.x[:, 0], data.y, *self.slopes)

    def data_set(self, seed: int, replicate: int, draws: int | None = None) -> tuple[DataSet, int]:
        """The data of a replicate and how many sets were drawn to find it.

        With a kink, data are drawn until enough neurons are expected to start where they are sure
        to reach the fastest direction: decided before training. ``draws`` repeats a known search.
        """
        rng = self.stream(seed, replicate, "data")
        smooth = self.described.multiplicity is not None
        for draw in range(1, MAX_DRAWS + 1):
            if self.data == "random-labels":
                data = random_labels(rng, self.samples)
            else:
                data = gaussian_coefficients(rng, self.degree, self.samples)
            if smooth or draw == draws:
                return data, draw
            if draws is None and self.fastest(data).share * self.neurons >= EXPECTED_NEURONS:
                return data, draw
        raise ValueError(f"none of {MAX_DRAWS} data sets can be judged with these settings")

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [self.data_set(seed, replicate) for replicate in replicates]
        x = torch.tensor(np.stack([one.augmented for one, _ in drawn]), device=device)
        y = torch.tensor(np.stack([one.y for one, _ in drawn]), device=device)
        data = Data(x, y, x)
        runs = [
            self._escapes(data, self._initial(seed, replicates, epsilon, device))
            for epsilon in self.epsilons
        ]
        times, outputs, sizes = (torch.stack(columns, 1) for columns in zip(*runs, strict=True))
        return [
            {
                "draws": draws,
                "data": carried(data),
                "times": [None if math.isnan(time) else time for time in times[i].tolist()],
                "output": float(outputs[i].max()),
                "amplitude": float(sizes[i].max()),
            }
            for i, (data, draws) in enumerate(drawn)
        ]

    def _initial(
        self, seed: int, replicates: Sequence[int], epsilon: float, device: str
    ) -> Weights:
        drawn = [
            self.stream(seed, replicate, f"weights {epsilon:g}").standard_normal((self.neurons, 3))
            for replicate in replicates
        ]
        both = torch.tensor(epsilon * np.stack(drawn), device=device)
        return Weights(both[..., :-1].contiguous(), both[..., -1].contiguous())

    def _escapes(self, data: Data, start: Weights) -> tuple[Tensor, ...]:
        sigma = self.sigma()
        return in_parts(
            sigma, data, start, lambda part, weights, _: self._escape(sigma, part, weights)
        )

    def _escape(self, sigma: Sigma, data: Data, start: Weights) -> tuple[Tensor, Tensor, Tensor]:
        """Escape time, and |f| / |y| and max |w·x| then, of each network of a part."""
        flow = Flow(sigma, data, start, step=self.step, coupled=True)
        passages = Passages((1.0,), flow.time, rising=True)
        target = data.y.norm(dim=-1)
        for _ in range(self.steps):
            now = flow.look()
            output, amplitude = now.outputs[:, 0].norm(dim=-1) / target, now.amplitude.amax(1)
            size = torch.maximum(output / self.output, amplitude / self.amplitude)
            passages.record(flow.time, size[:, None])
            if not bool(passages.open.any()):
                break
            flow.advance(passages.open)
        return passages.at[:, 0, 0], output, amplitude

    def cost(self) -> float:
        """Seconds for one replicate: 12 ns per pre-activation and gradient on one core."""
        grown = sum(np.log(self.amplitude / epsilon) for epsilon in self.epsilons)
        return float(50e-9 * self.neurons * self.samples * (grown / self.step + 20)) + 0.002
