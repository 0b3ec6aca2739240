"""Experiment: how many batch-normalized units have collapsed by a time, noise alone.

The units of a replicate see the same batch of normalized inputs, each with noise of its own. Then
S₀, S₁, S₂ of every unit are differences of cumulative sums over the sorted batch, so that a step
costs the same for every batch size. Each unit has exactly the law that it has alone; units of one
replicate depend on each other through their inputs, replicates do not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from sim.bn_units import GateSums, noise_gradient, normalized_batches, torch_generator
from sim.experiment import Experiment, Measurement

Method = Literal["sgd", "adam"]
SECOND_DECAY = 0.99  # Adam's β₂: it averages over 100 steps, few against those of a run
ADAM_EPSILON = 1e-12
SPARSE = 0.8  # units that have passed are dropped once fewer than this share are left


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
        passed, below = [], []
        for step in range(1, self.steps[-1] + 1):
            ensemble.advance(step)
            if step in self.steps:
                passed.append(ensemble.passed_share())
                below.append(ensemble.below_share())
        shares = torch.stack(passed, 1).tolist()
        states = torch.stack(below, 1).tolist() if self.follow else [None] * len(replicates)
        return [
            {"passed": share, "below": state} for share, state in zip(shares, states, strict=True)
        ]

    def cost(self) -> float:
        """Seconds for one replicate: 60 ns a unit and step, half of which are left on average."""
        return 60e-9 * self.units * self.steps[-1] * (1.0 if self.follow else 0.5)


class _State(NamedTuple):
    """Rows γ and β of the parameters and of what the method keeps of the gradients."""

    parameters: Float[Tensor, "2 left"]
    first: Float[Tensor, "2 left"]
    second: Float[Tensor, "2 left"]


class _Ensemble:
    """The units of all replicates of a block that have not passed yet (or all, if followed)."""

    def __init__(self, settings: Passages, replicates: int, generator: torch.Generator) -> None:
        self._settings, self._generator, self._replicates = settings, generator, replicates
        count = replicates * settings.units
        start = torch.tensor(
            [[settings.gamma], [settings.start * settings.gamma]],
            dtype=torch.float64,
            device=generator.device,
        ).repeat(1, count)
        self._state = _State(start, torch.zeros_like(start), torch.zeros_like(start))
        self._of = torch.arange(count, device=generator.device) // settings.units
        self._passed = torch.zeros(count, dtype=torch.bool, device=generator.device)

    def advance(self, step: int) -> None:
        """One step of descent for all, then a look at who has passed."""
        set = self._settings
        gamma, beta = self._state.parameters
        x = normalized_batches(self._generator, self._replicates, set.batch)
        normals = torch.randn(2, len(gamma), generator=self._generator, device=gamma.device)
        sums = shared_gate_sums(x, self._of, gamma, beta)
        gradient = torch.stack(noise_gradient(sums, normals, set.batch, set.noise))
        self._state = _stepped(set, self._state, gradient, step)
        self._passed |= self._below()
        if not set.follow and int(self._passed.sum()) > (1 - SPARSE) * len(gamma):
            self._drop()

    def passed_share(self) -> Float[Tensor, " replicates"]:
        """Share of each replicate's units that have ever been below −τ."""
        return 1 - self._count(~self._passed)

    def below_share(self) -> Float[Tensor, " replicates"]:
        """Share that is below −τ now, of units that are still followed."""
        return self._count(self._below())

    def _below(self) -> Bool[Tensor, " left"]:
        gamma, beta = self._state.parameters
        return beta < -self._settings.threshold * gamma.abs()

    def _count(self, which: Bool[Tensor, " left"]) -> Float[Tensor, " replicates"]:
        counted = torch.bincount(self._of[which], minlength=self._replicates)
        return counted.double() / self._settings.units

    def _drop(self) -> None:
        left = ~self._passed
        self._state = _State(*(rows[:, left] for rows in self._state))
        self._of, self._passed = self._of[left], self._passed[left]


def shared_gate_sums(
    x_hat: Float[Tensor, "replicates batch"],
    of: Int[Tensor, " units"],
    gamma: Float[Tensor, " units"],
    beta: Float[Tensor, " units"],
) -> GateSums:
    """S₀, S₁, S₂ of units that see the batch of replicate ``of``, as `sim.bn_units.gate_sums`.

    z = γ x̂ + β > 0 holds above −β/γ for γ > 0 and below it for γ < 0.
    """
    replicates, batch = x_hat.shape
    ordered = x_hat.sort(dim=1).values.double()
    # one sorted row for all replicates: |x̂| < √B, so rows a distance of 4√B apart do not mix
    reach = 2 * math.sqrt(batch)
    offset = 2 * reach * torch.arange(replicates, device=x_hat.device)
    edge = (-beta / gamma).clamp(-reach, reach) + offset[of]
    below = torch.searchsorted((ordered + offset[:, None]).ravel(), edge, right=True) - of * batch
    first = torch.nn.functional.pad(ordered.cumsum(1), (1, 0))
    second = torch.nn.functional.pad(ordered.square().cumsum(1), (1, 0))
    at = of * (batch + 1) + below
    # over a whole batch Σ 1 = B, Σ x̂ = 0, Σ x̂² = B
    s1, s2 = first.ravel()[at], second.ravel()[at]
    left = gamma < 0
    s0 = torch.where(left, below, batch - below).double()
    # without an active sample the sums are exactly 0, whatever rounding has left of a difference
    some = (s0 > 0).double()
    return GateSums(
        s0,
        some * torch.where(left, s1, -s1),
        some * torch.where(left, s2, batch - s2).clamp_min(0.0),
    )


def _stepped(
    settings: Passages, state: _State, gradient: Float[Tensor, "2 left"], step: int
) -> _State:
    """The state after a step on this noise."""
    parameters, first, second = state
    if settings.decay:
        gradient = gradient + settings.decay * parameters
    if settings.method == "sgd":
        first = settings.momentum * first + gradient if settings.momentum else gradient
        return _State(parameters - settings.rate * first, first, second)
    first = settings.momentum * first + (1 - settings.momentum) * gradient
    second = SECOND_DECAY * second + (1 - SECOND_DECAY) * gradient**2
    mean = first / (1 - settings.momentum**step)
    scale = (second / (1 - SECOND_DECAY**step)).sqrt() + ADAM_EPSILON
    return _State(parameters - settings.rate * mean / scale, first, second)
