"""Experiments on condensation: small two-layer networks trained from small weights.

One replicate is one data set (or one seed on fixed data) with its own initial weights. The
protocols are those under which the theory's assumptions hold: training ends, for every
network by itself, while its output is still small against the target.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float

from sim.activation.described import WithActivation
from sim.condensation.clustering import clusters
from sim.condensation.data_sources import DRAWN, DataName, draw, fixed
from sim.condensation.features import features
from sim.condensation.methods import Method
from sim.data.carried import carried, data_from
from sim.data.data_set import DataSet
from sim.experiment import Experiment, Measurement
from sim.networks.ensemble import Data, End, Faded, Stop, Trained, Weights
from sim.networks.training import Clock, adam, descend
from theory.condensation.convergence import unresolved
from theory.condensation.fates.adam_flow import TYPICAL
from theory.condensation.forms.homogeneous import leading_form_of, next_order_of
from theory.condensation.forms.leading_form import Form, Geometry
from theory.condensation.forms.sectors import SectorForm, form_for
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.decomposable import decomposable_orientations, decomposition
from theory.condensation.orientations.plane import DegenerateError, Orientation
from theory.condensation.orientations.quadratic import corner_orientations, moment_matrix
from theory.condensation.protocol import Offset, Protocol
from theory.condensation.resolution import unresolved_decomposable, unresolved_nd

MAX_DRAWS = 200  # data sets drawn before a replicate gives up finding one that can be judged
STARTS = 500  # in searches and flows that judge whether data with several inputs can be resolved
GREW = 10.0  # |w|/|w₀| above which a neuron of a wide network counts as condensing


@dataclass(frozen=True)
class Condensation(WithActivation, Experiment):
    """Settings of one protocol on one source of data.

    Attributes:
        activation: expression in x.
        data: where the data come from, see `sim.condensation.data_sources`.
        optimizer: "gd" with a relative step, or "adam".
        wide: one network of all neurons, else a network per neuron (then with own clocks).
        neurons: per data set.
        epsilon: standard deviation of all initial weights.
        step: relative step of "gd", learning rate of "adam".
        moment_ratio, amplitude, steps: the stop rule, see `sim.networks.ensemble.Stop`.
        samples, inputs: size of drawn data sets; those made by their moments have as many
            samples as they need.
        adam_eps: Adam's own eps, far below the gradients of small networks.
    """

    name: ClassVar[str] = "condensation"
    narrow: ClassVar[float] = 1.0  # gap of the clusters in units of the usual one

    activation: str = "tanh(x)"
    data: DataName = "random-labels"
    optimizer: Literal["gd", "adam"] = "gd"
    wide: bool = True
    neurons: int = 100
    epsilon: float = 1e-6
    step: float = 0.04
    moment_ratio: float = 0.02
    amplitude: float = 0.2
    steps: int = 4000
    samples: int = 40
    inputs: int = 1
    adam_eps: float = 1e-20

    def __post_init__(self) -> None:
        if self.optimizer == "adam" and not self.wide:
            raise ValueError("Adam trains wide networks only: a network per neuron needs 'gd'")

    @property
    def order(self) -> int:
        """Order of the activation's leading part: its multiplicity, if it has one."""
        return self.part.order

    @property
    def centered(self) -> bool:
        """Whether σ(0) ≠ 0: the output weights then fit the mean of y before anything else."""
        return bool(self.described.value_at_zero)

    @property
    def geometry(self) -> Geometry:
        return self.method.geometry

    @property
    def method(self) -> Method:
        """How it trains, without the data and the activation."""
        names = {field.name for field in fields(Method)}
        return Method(**{name: getattr(self, name) for name in names})

    def protocol(self, data: DataSet) -> Protocol:
        """What decides how far a run on these data converges."""
        value = self.described.value_at_zero
        if not value:
            return self.method.protocol()
        return self.method.protocol(Offset(float(value), float(np.mean(data.y))))

    def leading_form(self, data: DataSet) -> Form | SectorForm:
        """The leading form of one-dimensional data: of the centered target where σ(0) ≠ 0."""
        target = data.y - np.mean(data.y) if self.centered else data.y
        return form_for(self.described, data.x, target)

    def unresolved(self, data: DataSet) -> str | None:
        """Why a run could not tell the orientations of these data; None if it can."""
        if data.x.shape[1] == 1:
            return unresolved(self.leading_form(data), data.x, self.protocol(data))
        if self.order == 1:
            return None  # one line, whatever the data
        form = leading_form_of(self.described, data.augmented, data.y)
        following = next_order_of(self.described, data.augmented, data.y)
        if self.data == "decomposable":
            return unresolved_decomposable(form, self.protocol(data), following)
        try:
            found = self.orientations(data)
        except DegenerateError as error:
            return str(error)
        return unresolved_nd(form, found, self.protocol(data), following, starts=STARTS)

    def orientations(self, data: DataSet) -> tuple[Orientation, ...]:
        """Predicted orientations on data with several inputs.

        Raises:
            DegenerateError: the leading form prefers no direction on these data.
        """
        form = leading_form_of(self.described, data.augmented, data.y)
        if self.data == "decomposable" and self.geometry is Geometry.L2:
            return decomposable_orientations(decomposition(form), form.right)
        if self.data == "dominant-diagonal" and self.geometry is Geometry.LINF:
            return corner_orientations(moment_matrix(form))
        return critical_orientations(form, self.geometry, starts=STARTS)

    def data_set(self, seed: int, replicate: int, draws: int | None = None) -> tuple[DataSet, int]:
        """The data of a replicate and how many sets were drawn to find it.

        Drawn data are drawn until a run of this protocol can resolve their orientations, which
        is decided before training; ``draws`` repeats a known search.
        """
        rng = self.stream(seed, replicate, "data")
        for count in range(1, MAX_DRAWS + 1):
            data = draw(self.data, rng, self.order, self.samples, self.inputs)
            if self.data not in DRAWN or count == draws:
                return data, count
            if draws is None and self.unresolved(data) is None:
                return data, count
        raise ValueError(f"none of {MAX_DRAWS} data sets can be resolved with these settings")

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        drawn = [self.data_set(seed, replicate) for replicate in replicates]
        measured = self.train(
            [one for one, _ in drawn],
            [
                self.initial_weights(seed, replicate, one.augmented.shape[1])
                for replicate, (one, _) in zip(replicates, drawn, strict=True)
            ],
            device,
        )
        return [
            {"draws": draws, "data": carried(one), **found}
            for (one, draws), found in zip(drawn, measured, strict=True)
        ]

    def train(
        self,
        sets: Sequence[DataSet],
        starts: Sequence[Float[np.ndarray, "neurons weights"]],
        device: str,
    ) -> list[dict[str, Any]]:
        """What is measured on networks that are trained on data sets from initial weights."""
        data, start = self._tensors(sets, device), weights_of(starts, device)
        trained = self._train(data, start)
        return [self._measured(start, trained, i) for i in range(len(sets))]

    def data_of(self, measurement: Measurement) -> DataSet:
        """The data set that a measurement was made on."""
        return data_from(measurement["data"]) if measurement["data"] else fixed(self.data)

    def _tensors(self, sets: Sequence[DataSet], device: str) -> Data:
        x = torch.tensor(np.stack([one.augmented for one in sets]), device=device)
        y = torch.tensor(np.stack([one.y for one in sets]), device=device)
        return Data(x, y, features(x, self.part, self.centered))

    def initial_weights(
        self, seed: int, replicate: int, dimension: int
    ) -> Float[np.ndarray, "neurons weights"]:
        """Weights of every neuron at the start, the output weight last."""
        stream = self.stream(seed, replicate, "weights")
        return self.epsilon * stream.standard_normal((self.neurons, dimension + 1))

    def faded(self) -> Faded | None:
        """When neurons that keep their length are dead; under a leading form the dying shrink."""
        return None

    def _train(self, data: Data, start: Weights) -> Trained:
        sigma = self.sigma()
        stop = Stop(self.moment_ratio, self.amplitude, self.steps, self.faded())
        if self.optimizer == "adam":
            return adam(sigma, data, start, rate=self.step, eps=self.adam_eps, stop=stop)
        return descend(
            sigma,
            data,
            start,
            step=self.step,
            clock=Clock.NETWORK if self.wide else Clock.NEURON,
            coupled=self.wide,
            stop=stop,
            longest=self.method.longest_step(float(self.described.value_at_zero or 0)),
        )

    def _measured(self, start: Weights, trained: Trained, i: int) -> dict[str, Any]:
        w, a = trained.weights.w[i].cpu().numpy(), trained.weights.a[i].cpu().numpy()
        norm = np.linalg.norm(w, axis=1)
        grown = norm / start.w[i].norm(dim=-1).cpu().numpy()
        end = trained.end[i].cpu().numpy()
        kept = self._kept(norm, grown, end) & ~self._silent(w)
        directions = w[kept] / norm[kept, None]
        signs = np.where(a[kept] > 0, 1, -1)
        found = clusters(directions, signs, self.neurons, self.narrow)
        ratio = trained.moment_ratio[i].cpu().numpy()
        lost, steps = end == End.NOT_FINITE, trained.steps[i].cpu().numpy()
        return {
            "clusters": [one.to_data() for one in found],
            "directions": np.round(directions, 5).tolist(),
            "signs": signs.tolist(),
            "kept": float(np.mean(kept)),
            "unfinished": float(np.mean((end == End.STEPS) | lost)),
            "not_finite": float(np.mean(lost)),
            "not_finite_at": int(steps[lost].min()) if lost.any() else None,
            "moment_ratio": float(np.max(ratio[(end != End.SHRUNK) & ~lost], initial=0.0)),
            "growth": float(np.median(grown[kept])) if kept.any() else 0.0,
        }

    def _kept(
        self, norm: np.ndarray, grown: np.ndarray, end: np.ndarray
    ) -> Bool[np.ndarray, "neurons"]:
        """Neurons that condense: the others have shrunk or hardly moved."""
        if self.optimizer == "adam":
            return np.isfinite(norm) & (norm > 0) & (norm > TYPICAL * np.median(norm))
        if self.wide:
            return np.isfinite(norm) & (grown > GREW)
        return (end == End.MOMENT) | (end == End.AMPLITUDE)

    def _silent(self, w: np.ndarray) -> Bool[np.ndarray, "neurons"]:
        """Neurons that count as dead whatever their length, because no sample moves them."""
        return np.zeros(len(w), dtype=bool)

    def cost(self) -> float:
        """Seconds for one replicate: 12 ns per pre-activation and step on one core."""
        samples = {
            "xor": 81,
            "figure-5": 40,
            "decomposable": 2 * math.comb(self.inputs + 3, 3),
            "dominant-diagonal": 2 * (self.inputs + 1) * (self.inputs + 2),
        }.get(self.data, self.samples)
        steps = {"gd": 14 / self.step, "adam": 300}[self.optimizer]
        return 12e-9 * self.neurons * samples * steps + 0.02


def weights_of(starts: Sequence[Float[np.ndarray, "neurons weights"]], device: str) -> Weights:
    """Of all data sets, from rows of input weights with the output weight last."""
    both = torch.tensor(np.stack(starts), device=device)
    return Weights(both[..., :-1].contiguous(), both[..., -1].contiguous())
