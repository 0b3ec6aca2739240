"""Experiment: how the angle to the final orientation fades as neurons grow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

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
from sim.networks.ensemble import Data, Sigma, Weights
from sim.networks.gradient_flow import Flow, Passages, in_parts
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.orientations.plane import DegenerateError, Orientation, orientations

CANDIDATES = 4000  # normal triples (w, b, a) drawn for the neurons of a replicate
SMALLEST_SHARE = 0.02  # of them that may start: 80 are expected, fewer than 8 come never
AWAY = 30.0  # how many times the largest angle of the window the starts are away, at least
_FAN = np.linspace(0.0, np.pi, 2001)


@dataclass(frozen=True)
class Approach(WithActivation, CarriesDrawnData, Experiment):
    """Settings; a replicate is one data set with one network for each neuron.

    The orientation with the largest share of starts is followed. All neurons start on the cap
    around it where sign·H is positive and concave: there they climb to it for sure, and no nearly
    flat stretch (where |w| could grow by many orders of magnitude while the direction hardly
    moves) lies on the way. Both are known before training.

    Attributes:
        activation: expression in x.
        data: where the data come from, one input.
        neurons: on each data set.
        epsilon: standard deviation of the initial weights before starts are chosen; so small
            that the leading part of the activation governs until the last angle is passed.
        angles: of the window, in radians, falling.
        slowest, fastest: range of the exponent κ that is judged.
        step: relative step, see `sim.networks.gradient_flow`.
        steps: give up after so many.
    """

    name: ClassVar[str] = "approach"

    activation: str = "tanh(x)"
    data: Source = "random-labels"
    neurons: int = 8
    epsilon: float = 1e-30
    angles: tuple[float, ...] = (1e-3, 1e-5, 1e-7, 1e-9)
    slowest: float = 0.5
    fastest: float = 3.0
    step: float = 0.15
    steps: int = 4000
    samples: int = 20

    @property
    def order(self) -> int:
        """The multiplicity of the activation."""
        order = self.described.multiplicity
        if order is None:
            raise ValueError(f"{self.activation} has no multiplicity")
        return order

    @property
    def coefficient(self) -> float:
        """c of the leading part c z^p."""
        return float(self.described.leading_coefficient)  # type: ignore[arg-type]

    def form(self, data: DataSet) -> Form:
        """The leading form on these data."""
        return form_of(data.x, data.y, self.order, self.coefficient)

    def target(self, data: DataSet) -> Orientation | None:
        """The orientation that is followed on these data; None if they are not judged."""
        form = self.form(data)
        try:
            found = orientations(form, Geometry.L2)
        except DegenerateError:
            return None
        if not found:
            return None
        best = max(found, key=lambda one: one.direct_share)
        room = sum(max(width - AWAY * self.angles[0], 0.0) for width in cap(form, best))
        known = self.slowest <= best.kappa <= self.fastest
        return best if known and room / (4 * np.pi) >= SMALLEST_SHARE else None

    def data_set(self, seed: int, replicate: int, draws: int | None = None) -> tuple[DataSet, int]:
        """The data of a replicate and how many sets were drawn to find one that is judged."""
        data, draw, _ = self._judged(seed, replicate, draws)
        return data, draw

    def _judged(
        self, seed: int, replicate: int, draws: int | None = None
    ) -> tuple[DataSet, int, Orientation]:
        """`data_set`, and the orientation that is followed on these data."""
        rng = self.stream(seed, replicate, "data")
        for draw in range(1, MAX_DRAWS + 1):
            if self.data == "random-labels":
                data = random_labels(rng, self.samples)
            else:
                data = gaussian_coefficients(rng, self.order, self.samples)
            if draws is None or draw == draws:
                target = self.target(data)
                if target is not None:
                    return data, draw, target
        raise ValueError(f"none of {MAX_DRAWS} data sets can be judged with these settings")

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [self._judged(seed, replicate) for replicate in replicates]
        targets = [target for *_, target in drawn]
        starts = np.stack(
            [
                self._starts(seed, replicate, data, at)
                for replicate, (data, _, at) in zip(replicates, drawn, strict=True)
            ]
        )
        both = torch.tensor(starts, device=device)
        x = torch.tensor(np.stack([one.augmented for one, *_ in drawn]), device=device)
        y = torch.tensor(np.stack([one.y for one, *_ in drawn]), device=device)
        directions = torch.tensor([one.direction for one in targets], dtype=x.dtype, device=device)
        start = Weights(both[..., :-1].contiguous(), both[..., -1].contiguous())
        data = Data(x, y, x)
        sigma = self.sigma()
        growth, amplitude = in_parts(
            sigma,
            data,
            start,
            lambda part, weights, at: self._approach(sigma, part, directions[at], weights),
        )
        return [
            {
                "draws": draws,
                "data": carried(data),
                "direction": list(at.direction),
                "sign": at.sign,
                "log_growth": growth[i].cpu().tolist(),
                "amplitude": float(amplitude[i].max()),
                "unfinished": float(growth[i].isnan().any(-1).double().mean()),
            }
            for i, (data, draws, at) in enumerate(drawn)
        ]

    def _starts(
        self, seed: int, replicate: int, data: DataSet, at: Orientation
    ) -> Float[np.ndarray, "neurons 3"]:
        """Initial (w, b, a) on the cap around the orientation, with its output sign."""
        below, above = cap(self.form(data), at)
        drawn = self.stream(seed, replicate, "weights").standard_normal((CANDIDATES, 3))
        turn = np.arctan2(drawn[:, 1], drawn[:, 0]) - math.radians(at.angle_degrees)
        turn = np.mod(turn + np.pi, 2 * np.pi) - np.pi
        inside = (turn > -below) & (turn < above) & (np.abs(turn) > AWAY * self.angles[0])
        chosen = drawn[inside & (at.sign * drawn[:, 2] > 0)]
        if len(chosen) < self.neurons:
            raise ValueError(f"fewer than {self.neurons} of {CANDIDATES} starts are on the cap")
        return self.epsilon * chosen[: self.neurons]

    def _approach(
        self, sigma: Sigma, data: Data, direction: Float[Tensor, "sets 2"], start: Weights
    ) -> tuple[Tensor, Tensor]:
        """log |w|/|w₀| at each angle of the window, and the largest |w·x| then."""
        flow = self._flow(sigma, data, direction, start)
        at, size = direction[:, None, :], start.w.norm(dim=-1).log()
        passages = Passages(self.angles, size, rising=False)
        for _ in range(self.steps):
            flow.look()
            across = flow.w[..., 0] * at[..., 1] - flow.w[..., 1] * at[..., 0]
            angle = torch.atan2(across, (flow.w * at).sum(-1)).abs()
            tiny = torch.finfo(angle.dtype).tiny
            passages.record(flow.w.norm(dim=-1).log() - size, angle.clamp_min(tiny))
            if not bool(passages.open.any()):
                break
            flow.advance(passages.open)
        return passages.at, flow.look().amplitude.amax(1)

    def _flow(
        self, sigma: Sigma, data: Data, direction: Float[Tensor, "sets 2"], start: Weights
    ) -> Flow:
        """How networks are trained that turn to a direction."""
        return Flow(sigma, data, start, step=self.step, coupled=False)

    def cost(self) -> float:
        """Seconds for one replicate: 12 ns per pre-activation and gradient on one core."""
        decades = math.log(1 / self.angles[-1]) / self.slowest
        return 40e-9 * self.neurons * self.samples * decades / self.step + 0.003


def cap(form: Form, at: Orientation) -> tuple[float, float]:
    """How far, in radians below and above, sign·H is positive and concave along the circle."""
    angle = math.radians(at.angle_degrees)

    def reach(side: int) -> float:
        theta = angle + side * _FAN
        inside = (at.sign * form.value(theta) > 0) & (at.sign * form.curvature(theta) < 0)
        return float(_FAN[len(inside) - 1 if inside.all() else int(np.argmin(inside)) - 1])

    return reach(-1), reach(1)
