"""The experiments of arXiv:2105.11686 at its own settings, over many seeds.

One replicate is one seed: its data, where they are random, and its initial weights. Nothing is
chosen so that the theory holds: Adam with torch's defaults in single precision, weights and
numbers of epochs as published. What is measured are the groups that the neurons' input weights
form, at several clustering thresholds, for the paper counts them by eye.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.described import WithActivation
from sim.activation.sigma import sigma_of
from sim.condensation.clustering import gap_groups, leader_groups
from sim.condensation.targets import paper_figure_5, paper_sine_sum
from sim.data import idx
from sim.data.data_set import DataSet
from sim.data.digits import all_digits
from sim.experiment import Experiment, Measurement
from sim.networks.ensemble import Data, Stop, Weights, monomials
from sim.networks.multilayer import Net, Parameters, adam, forward
from sim.networks.training import Clock, descend
from theory.symbolic.activation import Activation, activation

COSINES = (0.9, 0.95, 0.985)  # two neurons of a group are at most 26°, 18° or 10° from its leader
GAPS = (4.0, 8.0, 16.0)  # degrees, for one input
SMALLEST = 2  # neurons of a group that is kept
DEGREES = 6  # of the polynomials that an output is compared with: 0 to 6

PaperData = Literal["sine-sum", "figure-5", "mnist", "digits"]


@dataclass(frozen=True)
class OnPaperData(Experiment):
    """Data of the paper's figures.

    Attributes:
        data: "sine-sum" is y = Σₖ A sin(ωxₖ + 1), "figure-5" the fixed data of Figs. 5 and 6;
            "mnist" and "digits" are images with the digit as target.
        amplitude, frequency, inputs: A, ω and d of "sine-sum".
        samples: data or images of one seed.
        fingerprint: of the files of "mnist", so that other files are other settings.
    """

    data: PaperData = "sine-sum"
    amplitude: float = 3.5
    frequency: float = 5.0
    inputs: int = 5
    samples: int = 80
    fingerprint: str = ""

    def data_set(self, seed: int, replicate: int, draws: int = 1) -> tuple[DataSet, int]:
        """The data of a replicate; ``draws`` is always 1, nothing is drawn anew.

        Raises:
            DataError: the files of "mnist" are missing, faulty or not those of the settings.
        """
        rng = self.stream(seed, replicate, "data")
        if self.data == "sine-sum":
            found = paper_sine_sum(rng, self.amplitude, self.frequency, self.inputs, self.samples)
        elif self.data == "figure-5":
            found = paper_figure_5()
        else:
            found = self._images(rng)
        return found, 1

    def data_of(self, measurement: Measurement) -> DataSet:
        """The data that a measurement was made on, where they are those of Figs. 5 and 6.

        Raises:
            ValueError: they were drawn, and measurements do not carry them.
        """
        if self.data != "figure-5":
            raise ValueError(f"measurements on '{self.data}' carry no data")
        return paper_figure_5()

    def _images(self, rng: np.random.Generator) -> DataSet:
        """Random images with pixels in [0, 1], y the digit that they show."""
        if self.data == "digits":
            pixels, labels = all_digits()
            largest, name = 16.0, "scikit-learn's digits"
        else:
            images, labels = idx.load(idx.mnist_folder(), "train", self.fingerprint)
            pixels, largest, name = images.reshape(len(images), -1), 255.0, "MNIST"
        chosen = np.sort(rng.choice(len(pixels), self.samples, replace=False))
        return DataSet(pixels[chosen] / largest, labels[chosen].astype(float), name)

    def _stacked(
        self, seed: int, replicates: Sequence[int], device: str, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        sets = [self.data_set(seed, replicate)[0] for replicate in replicates]
        return (
            torch.tensor(np.stack([one.x for one in sets]), dtype=dtype, device=device),
            torch.tensor(np.stack([one.y for one in sets]), dtype=dtype, device=device),
        )


@dataclass(frozen=True)
class PaperFigure(OnPaperData):
    """One network of the paper, trained as there.

    Attributes:
        activations: of every hidden layer, expressions in x.
        width: of every hidden layer.
        residual: whether a layer's input is added to its output where the widths agree.
        epsilon: standard deviation of all initial weights.
        rate: learning rate of Adam.
        epochs: steps after which the input weights are looked at, increasing.
        large: neurons are counted where |w| exceeds this share of the largest |w| of their layer.
    """

    name: ClassVar[str] = "paper figure"
    dtype: ClassVar[str] = "float32"

    activations: tuple[str, ...] = ("tanh(x)",)
    width: int = 50
    residual: bool = False
    epsilon: float = 0.005
    rate: float = 1e-3
    epochs: tuple[int, ...] = (100,)
    large: float = 0.0

    @functools.cached_property
    def described(self) -> tuple[Activation, ...]:
        """The records of the activations."""
        return tuple(activation(text) for text in self.activations)

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        x, y = self._stacked(seed, replicates, device, torch.float32)
        net = Net(tuple(sigma_of(one) for one in self.described), self.residual)
        start = self._initial(seed, replicates, x.shape[-1], device)
        trained = adam(net, start, x, y, rate=self.rate, epochs=self.epochs)
        outputs = forward(net, trained[self.epochs[-1]], x)
        scale = (y.square().mean(1)).sqrt()
        measured = []
        for i, replicate in enumerate(replicates):
            at = {epoch: _numpy(parameters, i) for epoch, parameters in trained.items()}
            found: dict[str, Any] = {
                "draws": 1,
                "layers": {
                    str(epoch): [groups(_directions(w, self.large)) for w in weights]
                    for epoch, (weights, _) in at.items()
                },
                "output": float((outputs[i].square().mean()).sqrt() / scale[i]),
            }
            if self.data == "figure-5":
                found["unexplained"] = unexplained(x[i, :, 0], outputs[i])
            if replicate == 0:  # the one that figures show
                found["shown"] = {
                    str(epoch): self._shown(*parameters) for epoch, parameters in at.items()
                }
            measured.append(found)
        return measured

    def _initial(
        self, seed: int, replicates: Sequence[int], inputs: int, device: str
    ) -> Parameters:
        fans = [inputs] + [self.width] * (len(self.activations) - 1)
        streams = [self.stream(seed, replicate, "weights") for replicate in replicates]
        layers = tuple(self._drawn(streams, (self.width, fan + 1), device) for fan in fans)
        return Parameters(layers, self._drawn(streams, (self.width,), device))

    def _drawn(
        self, streams: Sequence[np.random.Generator], shape: tuple[int, ...], device: str
    ) -> Tensor:
        drawn = np.stack([self.epsilon * rng.standard_normal(shape) for rng in streams])
        return torch.tensor(drawn, dtype=torch.float32, device=device)

    def _shown(self, weights: list[np.ndarray], output: np.ndarray) -> dict[str, Any]:
        """What a figure needs: cosine similarities in percent, sorted by group, and the neurons."""
        similarities = [_similarity(_directions(w, self.large)) for w in weights]
        if self.data != "figure-5":
            return {"similarity": similarities}
        neurons = np.column_stack([weights[0], output])
        return {"similarity": similarities, "neurons": np.round(neurons.astype(float), 6).tolist()}

    def cost(self) -> float:
        """Seconds for one replicate: 0.06 ns per weight, sample and step, 2 per pre-activation."""
        inputs = {"figure-5": 1, "mnist": 784, "digits": 64}.get(self.data, self.inputs)
        depth = len(self.activations)
        weights = self.width * (inputs + 1 + (depth - 1) * (self.width + 1))
        work = 0.06e-9 * weights + 2e-9 * self.width * depth
        return work * self.samples * self.epochs[-1] + 0.003


@dataclass(frozen=True)
class ProvedCase(WithActivation, OnPaperData):
    """Gradient descent from tiny weights with p = 1 on the paper's data, where one line is proved.

    Attributes:
        activation: of multiplicity 1, expression in x.
        width: neurons.
        epsilon: standard deviation of all initial weights.
        step: relative step, see `sim.networks.training.descend`.
    """

    name: ClassVar[str] = "proved case"

    activation: str = "tanh(x)"
    width: int = 50
    epsilon: float = 1e-6
    step: float = 0.04

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        x, y = self._stacked(seed, replicates, device, torch.float64)
        augmented = torch.cat([x, torch.ones_like(x[..., :1])], -1)
        shape = (self.width, augmented.shape[-1] + 1)
        drawn = [
            self.epsilon * self.stream(seed, replicate, "weights").standard_normal(shape)
            for replicate in replicates
        ]
        both = torch.tensor(np.stack(drawn), device=device)
        trained = descend(
            self.sigma(),
            Data(augmented, y, monomials(augmented, 1)),
            Weights(both[..., :-1].contiguous(), both[..., -1].contiguous()),
            step=self.step,
            clock=Clock.NETWORK,
            coupled=True,
            stop=Stop(),
        )
        return [
            {"draws": 1, "layers": {"end": [groups(_directions(w.cpu().numpy(), 0.0))]}}
            for w in trained.weights.w
        ]

    def cost(self) -> float:
        """Seconds for one replicate, about 14 / step steps."""
        return 12e-9 * self.width * self.samples * 14 / self.step + 0.002


def groups(directions: Float[np.ndarray, "neurons dimension"]) -> dict[str, Any]:
    """Sizes of the groups of neurons, of `SMALLEST` or more, as directions and as lines.

    Thresholds are gaps in degrees in the plane, else cosines; ``neurons`` is how many there are.
    """
    split = gap_groups if directions.shape[1] == 2 else leader_groups
    thresholds = GAPS if directions.shape[1] == 2 else COSINES
    found: dict[str, Any] = {"neurons": len(directions)}
    for kind, lines in (("directions", False), ("lines", True)):
        found[kind] = {
            f"{threshold:g}": [
                len(members)
                for members in split(directions, threshold, lines)
                if len(members) >= SMALLEST
            ]
            for threshold in thresholds
        }
    return found


def unexplained(x: Float[Tensor, " samples"], f: Float[Tensor, " samples"]) -> list[float]:
    """Share of the mean square of f − mean f that the best polynomial of degree 0, 1, … leaves."""
    at = x.double().cpu().numpy()
    values = f.double().cpu().numpy()
    basis = np.linalg.qr(np.vander(at, DEGREES + 1, increasing=True))[0]
    total = float(np.sum((values - values.mean()) ** 2))
    left = []
    for degree in range(DEGREES + 1):
        values = values - basis[:, degree] * (basis[:, degree] @ values)
        left.append(float(values @ values) / total if total > 0 else 0.0)
    return left


def _numpy(parameters: Parameters, i: int) -> tuple[list[np.ndarray], np.ndarray]:
    weights = [w[i].cpu().numpy() for w in parameters.layers]
    return weights, parameters.output[i].cpu().numpy()


def _directions(
    weights: Float[np.ndarray, "neurons dimension"], large: float
) -> Float[np.ndarray, "kept dimension"]:
    """Unit vectors of the neurons whose norm exceeds a share of the largest one."""
    weights = weights.astype(np.float64)
    norm = np.linalg.norm(weights, axis=1)
    kept = norm > large * norm.max()
    return weights[kept] / norm[kept, None]


def _similarity(directions: Float[np.ndarray, "neurons dimension"]) -> list[list[int]]:
    """Cosines in percent, neurons of one direction next to each other, lines one after another."""
    order = []
    for line in leader_groups(directions, COSINES[1], lines=True):
        for members in leader_groups(directions[line], COSINES[1]):
            order.extend(line[members].tolist())
    return np.rint(100 * directions[order] @ directions[order].T).astype(int).tolist()
