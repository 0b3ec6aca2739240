"""What is trained to compare frameworks: ensembles of two-layer networks, by plain descent."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import compile
from sim.networks.ensemble import Data, Sigma, Weights
from theory.symbolic.activation import activation

Array = Float[Tensor, "*shape"]

SEED = 20
DTYPES = {"float64": torch.float64, "float32": torch.float32}


@dataclass(frozen=True)
class Workload:
    """Gradient descent on (1/2n) Σᵢ (f(xᵢ) − yᵢ)² with f(x) = Σⱼ aⱼ σ(wⱼ·x̃).

    Attributes:
        name: what is trained.
        unit: what the time is divided by: a step of all neurons of a data set.
        activation: σ as an expression.
        by_hand: z -> (σ(z), σ'(z)) as one would write it in torch.
        sets, neurons, inputs, samples: sizes; inputs with the bias.
        coupled: all neurons of a data set are one network, else each is one.
        rate, steps: learning rate; steps of one call.
    """

    name: str
    unit: str
    activation: str
    by_hand: Callable[[Array], tuple[Array, Array]]
    sets: int
    neurons: int
    inputs: int
    samples: int
    coupled: bool = True
    rate: float = 0.01
    steps: int = 100

    @property
    def units(self) -> int:
        """How many one call does."""
        return self.sets * self.steps

    @property
    def evaluations(self) -> int:
        """Activations of a unit, each with one tanh."""
        return self.neurons * self.samples

    @property
    def multiply_adds(self) -> int:
        """Of a unit, in products of matrices: w·x and aσ, and their gradients."""
        return self.evaluations * 2 * (self.inputs + 1)

    def resized(self, sets: int) -> "Workload":
        """With so many data sets."""
        return replace(self, sets=sets)


@dataclass(frozen=True)
class Start:
    """Data and weights to begin with."""

    x: Float[Tensor, "sets samples inputs"]
    y: Float[Tensor, "sets samples"]
    w: Float[Tensor, "sets neurons inputs"]
    a: Float[Tensor, "sets neurons"]

    @property
    def data(self) -> Data:
        """As ours takes it; no moments are wanted."""
        return Data(self.x, self.y, self.x[..., :0])

    def weights(self) -> Weights:
        """Copies, which may be changed."""
        return Weights(self.w.clone(), self.a.clone())


def start_of(workload: Workload, dtype: str) -> Start:
    """Uniform points with a bias of 1, a sine as target, normal weights; always the same."""
    generator = torch.Generator().manual_seed(SEED)
    sets, neurons, inputs = workload.sets, workload.neurons, workload.inputs
    kind = {"generator": generator, "dtype": torch.float64}
    x = torch.rand(sets, workload.samples, inputs, **kind) * 2 - 1
    x[..., -1] = 1
    y = torch.sin(2 * x.sum(-1))
    w = torch.randn(sets, neurons, inputs, **kind) / inputs**0.5
    a = torch.randn(sets, neurons, **kind) / neurons**0.5
    return Start(*(one.to(DTYPES[dtype]) for one in (x, y, w, a)))


def sigma_of(workload: Workload) -> Sigma:
    """The activation as ours takes it."""
    return compile(activation(workload.activation))
