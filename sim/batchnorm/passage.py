"""Experiment: how many batch-normalized units have collapsed by a time, noise alone.

The units of a replicate see the same batch of normalized inputs, each with noise of its own. Each
unit has exactly the law that it has alone; units of one replicate depend on each other through
their inputs, replicates do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from sim.batchnorm.shared import shared_noise
from sim.batchnorm.units import normalized_batches, torch_generator
from sim.experiment import Experiment, Measurement

Method = Literal["sgd", "adam"]
SECOND_DECAY = 0.98  # Adam's β₂
MEMORY = 1 / (1 - SECOND_DECAY)  # steps that its average covers, few against those of a run
ADAM_EPSILON = 1e-12
DROP_EVERY = 8  # steps between the looks for units that need not be followed any more


@dataclass(frozen=True)
class Passages(Experiment):
    """Settings; a replicate is an ensemble of units, all from γ₀ and β₀ = r₀ γ₀.

    Attributes:
        units: of one replicate.
        batch: B.
        rate: η.
        noise: s, standard deviation of the gradient at a sample's output.
        gamma: γ₀ > 0.
        start: r₀.
        threshold: τ; a unit has passed once r = β/|γ| < −τ after some step.
        clocks: A₀t at which the units that have passed are counted, increasing.
        momentum: μ, or Adam's β₁.
        decay: λ, coupled L2 on γ and β.
        method: of descent.
        follow: whether units go on after their passage, so that their state is known as well.
    """

    name: ClassVar[str] = "batchnorm-passage"

    units: int = 192
    batch: int = 64
    rate: float = 0.1
    noise: float = 1.0
    gamma: float = 1.0
    start: float = 0.0
    threshold: float = 2.0
    clocks: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    momentum: float = 0.0
    decay: float = 0.0
    method: Method = "sgd"
    follow: bool = False

    @property
    def strength(self) -> float:
        """A₀ per step: η² s² / (B γ₀²), with momentum over (1 − μ)²; for Adam η² / γ₀²."""
        if self.method == "adam":
            return (self.rate / self.gamma) ** 2
        return (self.rate * self.noise / (1 - self.momentum) / self.gamma) ** 2 / self.batch

    @property
    def steps(self) -> tuple[int, ...]:
        """Numbers of steps that come closest to `clocks`."""
        return tuple(max(1, round(clock / self.strength)) for clock in self.clocks)

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        generator = torch_generator(self.stream(seed, replicates[0], "noise"), device)
        ensemble = _Ensemble(self, len(replicates), generator)
        passed, below, looks = [], [], self.steps
        for step in range(1, looks[-1] + 1):
            ensemble.advance(step)
            if step in looks:
                passed.append(ensemble.passed_share())
                below.append(ensemble.below_share())
        shares = torch.stack(passed, 1).tolist()
        states = torch.stack(below, 1).tolist() if self.follow else [None] * len(replicates)
        return [
            {"passed": share, "below": state} for share, state in zip(shares, states, strict=True)
        ]

    def cost(self) -> float:
        """Seconds for one replicate: 25 ns a unit and step, six in ten of which are left."""
        return 25e-9 * self.units * self.steps[-1] * (1.0 if self.follow else 0.6)


class State(NamedTuple):
    """Rows γ and β of the parameters and of what the method keeps of the gradients."""

    parameters: Float[Tensor, "2 left"]
    first: Float[Tensor, "2 left"]
    second: Float[Tensor, "2 left"]


class _Ensemble:
    """The units of all replicates of a block, row by row, fewer columns as units have passed."""

    def __init__(self, settings: Passages, replicates: int, generator: torch.Generator) -> None:
        self._settings, self._generator, self._replicates = settings, generator, replicates
        count = replicates * settings.units
        start = torch.tensor(
            [[settings.gamma], [settings.start * settings.gamma]],
            dtype=torch.float64,
            device=generator.device,
        ).repeat(1, count)
        self._state = State(start, torch.zeros_like(start), torch.zeros_like(start))
        self._passed = torch.zeros(count, dtype=torch.bool, device=generator.device)
        self._dropped = torch.zeros(replicates, dtype=torch.int64, device=generator.device)

    def advance(self, step: int) -> None:
        """One step of descent for all, then a look at who has passed."""
        set = self._settings
        gamma, beta = self._state.parameters
        x = normalized_batches(self._generator, self._replicates, set.batch)
        normals = torch.randn(2, len(gamma), generator=self._generator, device=gamma.device)
        gradient = shared_noise(x, gamma, beta, normals, set.noise)
        self._state = stepped(set, self._state, gradient, step)
        self._passed |= self._below()
        if not set.follow and step % DROP_EVERY == 0:
            self._drop()

    def passed_share(self) -> Float[Tensor, " replicates"]:
        """Share of each replicate's units that have ever been below −τ."""
        passed = self._dropped + self._rows(self._passed).sum(1)
        return passed.double() / self._settings.units

    def below_share(self) -> Float[Tensor, " replicates"]:
        """Share that is below −τ now, where all units are followed."""
        return self._rows(self._below()).double().mean(1)

    def _below(self) -> Bool[Tensor, " left"]:
        gamma, beta = self._state.parameters
        return beta < -self._settings.threshold * gamma.abs()

    def _rows(self, values: Tensor) -> Tensor:
        return values.view(*values.shape[:-1], self._replicates, -1)

    def _drop(self) -> None:
        """Keeps as many columns as the replicate with most units left needs."""
        passed = self._rows(self._passed)
        columns = max(1, int((~passed).sum(1).max()))
        if columns == passed.shape[1]:
            return
        order = passed.to(torch.int8).argsort(dim=1, stable=True)
        self._dropped += passed.gather(1, order[:, columns:]).sum(1)
        left = order[:, :columns]
        index = (
            left + passed.shape[1] * torch.arange(len(left), device=left.device)[:, None]
        ).ravel()
        self._state = State(*(rows[:, index] for rows in self._state))
        self._passed = self._passed[index]


def stepped(
    settings: Passages, state: State, gradient: Float[Tensor, "2 left"], step: int
) -> State:
    """The state after a step on this noise."""
    parameters, first, second = state
    if settings.decay:
        gradient = gradient + settings.decay * parameters
    if settings.method == "sgd":
        first = settings.momentum * first + gradient if settings.momentum else gradient
        return State(parameters - settings.rate * first, first, second)
    first = settings.momentum * first + (1 - settings.momentum) * gradient
    second = SECOND_DECAY * second + (1 - SECOND_DECAY) * gradient**2
    mean = first / (1 - settings.momentum**step)
    scale = (second / (1 - SECOND_DECAY**step)).sqrt() + ADAM_EPSILON
    return State(parameters - settings.rate * mean / scale, first, second)
