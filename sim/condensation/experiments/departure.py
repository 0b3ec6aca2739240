"""Experiment: how condensed neurons turn away from their line while the output grows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.described import WithActivation
from sim.condensation.escape import MAX_DRAWS, Source
from sim.condensation.targets import gaussian_coefficients, random_labels
from sim.data.carried import CarriesDrawnData, carried
from sim.data.data_set import DataSet
from sim.experiment import Experiment, Measurement
from sim.networks.ensemble import Data, Weights
from sim.networks.gradients import gradients_of
from theory.condensation.departure import Pull, angles, at_levels, pull_of

STRAGGLERS = 0.02  # of the neurons: fewer are no cluster
SLOWER = 50.0  # how much shorter steps are where only input weights are trained
BEYOND = 8.0  # units of 1/|v| after growth from ε to 1, in which the output takes up what it can
SEEN = ("angle", "farthest", "output")  # at each level of μ, see `_seen`
Path = Float[np.ndarray, "points sets"]


@dataclass(frozen=True)
class Departure(WithActivation, CarriesDrawnData, Experiment):
    """Settings; a replicate is one data set with one network of all neurons, p = 1.

    Networks follow gradient flow in steps of ``step`` / |v| by the classical Runge–Kutta method:
    |v| is the rate at which small ones grow.

    Attributes:
        activation: expression in x, of multiplicity 1.
        data: where the data come from.
        trained: all weights, or the input weights alone, with output weights ±1/√m.
        neurons: m.
        epsilon: standard deviation of the initial weights.
        step: see above.
        samples, inputs: size of the data.
        low, high: range of the inputs of random labels.
    """

    name: ClassVar[str] = "departure"

    activation: str = "tanh(x)"
    data: Source = "random-labels"
    trained: Literal["all", "inputs"] = "all"
    neurons: int = 200
    epsilon: float = 1e-8
    step: float = 0.25
    samples: int = 20
    inputs: int = 1
    low: float = -1.0
    high: float = 1.5

    def data_set(self, seed: int, replicate: int) -> tuple[DataSet, int]:
        """The data of a replicate, and how many sets were drawn to find some that are judged."""
        rng = self.stream(seed, replicate, "data")
        for draw in range(1, MAX_DRAWS + 1):
            data = self._draw(rng)
            if pull_of(data.augmented, data.y).known:
                return data, draw
        raise ValueError(f"none of {MAX_DRAWS} data sets can be judged with these settings")

    def _draw(self, rng: np.random.Generator) -> DataSet:
        if self.data == "gaussian-coefficients":
            return gaussian_coefficients(rng, 1, self.samples, self.low, self.high)
        return random_labels(rng, self.samples, self.inputs, self.low, self.high)

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [self.data_set(seed, replicate) for replicate in replicates]
        pulls = [pull_of(data.augmented, data.y) for data, _ in drawn]
        x = torch.tensor(np.stack([data.augmented for data, _ in drawn]), device=device)
        y = torch.tensor(np.stack([data.y for data, _ in drawn]), device=device)
        starts = [self._start(seed, replicate, x.shape[-1]) for replicate in replicates]
        both = torch.tensor(np.stack(starts), device=device)
        start = Weights(both[..., :-1].contiguous(), both[..., -1].contiguous())
        path = self._run(Data(x, y, x), start, pulls)
        return [
            {
                "draws": draws,
                "data": carried(data),
                **{name: at_levels(path["mu"][:, i], path[name][:, i]).tolist() for name in SEEN},
            }
            for i, (data, draws) in enumerate(drawn)
        ]

    def _start(self, seed: int, replicate: int, dimension: int) -> Float[np.ndarray, "neurons w"]:
        stream = self.stream(seed, replicate, "weights")
        start = self.epsilon * stream.standard_normal((self.neurons, dimension + 1))
        if self.trained == "inputs":
            start[:, -1] = np.sign(start[:, -1]) / math.sqrt(self.neurons)
        return start

    def _run(self, data: Data, start: Weights, pulls: Sequence[Pull]) -> dict[str, Path]:
        """μ and what is seen along the run, see `_seen`."""
        gradients = gradients_of(self.sigma(), data, coupled=True)
        sizes = ((start.w**2).sum((1, 2)) + (start.a**2).sum(1)).tolist()
        rates = [self._rate(*one) for one in zip(pulls, sizes, strict=True)]
        time = self.step / torch.tensor(rates, dtype=data.x.dtype, device=data.x.device)
        free = 1.0 if self.trained == "all" else 0.0

        def slope(at: Weights) -> tuple[Tensor, Tensor]:
            found = gradients(at, False)
            return found.w, found.a * free

        now, v = start, np.stack([pull.v for pull in pulls])
        seen = [_seen(gradients(now, True).outputs[:, 0], data, now, v)]
        for _ in range(self._steps()):
            now = _runge_kutta(slope, now, time)
            seen.append(_seen(gradients(now, True).outputs[:, 0], data, now, v))
        return {name: np.stack([one[name] for one in seen]) for name in ("mu", *SEEN)}

    def _rate(self, pull: Pull, size: float) -> float:
        """How fast a network can move; ``size`` is the sum of the squares of its first weights."""
        if self.trained == "all":
            return float(np.linalg.norm(pull.v) + np.trace(pull.c) * size)
        return SLOWER * float(np.trace(pull.c))  # W grows at the rate of the output: Σ a² = 1

    def _steps(self) -> int:
        growth = math.log(1 / self.epsilon) + BEYOND if self.trained == "all" else SLOWER
        return math.ceil(growth / self.step)

    def cost(self) -> float:
        """Seconds for one replicate: 4 gradients a step, 12 ns per pre-activation each."""
        return self._steps() * (4 * 12e-9 * self.neurons * self.samples + 1e-4)


@dataclass(frozen=True)
class DepartureAsDrawn(Departure):
    """A `Departure` experiment without its choice of data.

    A measurement says in ``resolved`` whether the choice would have taken its data.
    """

    name: ClassVar[str] = "departure-as-drawn"

    def data_set(self, seed: int, replicate: int) -> tuple[DataSet, int]:
        return self._draw(self.stream(seed, replicate, "data")), 1

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        measured = super().simulate(seed, replicates, device)
        pulls = [pull_of(one.augmented, one.y) for one in map(self.data_of, measured)]
        return [{**one, "resolved": p.known} for one, p in zip(measured, pulls, strict=True)]


def _seen(
    f: Float[Tensor, "sets samples"],
    data: Data,
    weights: Weights,
    v: Float[np.ndarray, "sets dimension"],
) -> dict[str, Float[np.ndarray, " sets"]]:
    """μ, |f|/|y|, and angles to the line of v in degrees: that of Σ aⱼ wⱼ, and that of the
    farthest neuron, stragglers left out.
    """
    moments = torch.einsum("si,sid->sd", f, data.x).cpu().numpy() / f.shape[-1]
    w, a = weights.w.cpu().numpy(), weights.a.cpu().numpy()
    size = np.linalg.norm(v, axis=1)
    direction = v / size[:, None]
    each = angles(w, direction)
    return {
        "mu": np.linalg.norm(moments, axis=1) / size,
        "output": (f.norm(dim=-1) / data.y.norm(dim=-1)).cpu().numpy(),
        "angle": angles(np.einsum("sn,snd->sd", a, w)[:, None], direction)[:, 0],
        "farthest": np.partition(each, _kept(each.shape[1]), axis=1)[:, _kept(each.shape[1])],
    }


def _kept(neurons: int) -> int:
    """Place of the farthest neuron, stragglers left out, among those in order of their angle."""
    return math.ceil((1 - STRAGGLERS) * neurons) - 1


def _runge_kutta(
    slope: Callable[[Weights], tuple[Tensor, Tensor]], start: Weights, time: Float[Tensor, " sets"]
) -> Weights:
    """One classical step of every network, each of its own length in time."""

    def moved(by: tuple[Tensor, Tensor], part: float) -> Weights:
        longer = part * time[:, None]
        return Weights(start.w + longer[..., None] * by[0], start.a + longer * by[1])

    first = slope(start)
    second = slope(moved(first, 0.5))
    third = slope(moved(second, 0.5))
    fourth = slope(moved(third, 1.0))
    dw, da = (
        (k1 + 2 * k2 + 2 * k3 + k4) / 6
        for k1, k2, k3, k4 in zip(first, second, third, fourth, strict=True)
    )
    return moved((dw, da), 1.0)
