"""Many small two-layer networks trained at once, each on data of its own.

A network is f(x) = Σⱼ aⱼ σ(wⱼ·x̃) with loss (1/2n) Σᵢ (f(xᵢ) − yᵢ)². Arrays carry a leading axis
of data sets. On each data set either one network of all neurons is trained (*coupled*: they
share the residual) or one network per neuron (not coupled).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import torch
from jaxtyping import Float, Int
from torch import Tensor

from sim.networks.chunks import together, two_layers

Sigma = Callable[[Tensor], tuple[Tensor, Tensor]]  # z -> (σ(z), σ'(z))

# Trained together: ~10 arrays of pre-activations fit a core's cache, or where machine code needs no
# such arrays, ~10 of weights.
CHUNK_ELEMENTS = 16_000
CHUNK_WEIGHTS = 32_000


class End(IntEnum):
    """Why the training of a network ended."""

    STEPS = 0  # ran out of steps
    MOMENT = 1  # the moment tensor of f reached its share of y's
    AMPLITUDE = 2  # max |w·x| left the region where the leading part of σ governs
    SHRUNK = 3  # the input weights shrank away
    STILL = 4  # no gradient at all: on no sample is the neuron active
    NOT_FINITE = 5  # an output, a gradient or a weight is no finite number any more


@dataclass(frozen=True)
class Faded:
    """When a neuron is at rest where the form of the data does not act.

    Where a form of order q vanishes in a direction together with its slope, neurons of the wrong
    sign keep their length there: |a'| falls against ``force`` |w|^q, |w'| against
    ``pull`` |a| |w|^(q−1).

    Attributes:
        order: q.
        force: |H| in units of |w|^q below which it does not act.
        pull: |∇H| in units of |w|^(q−1) below which it does not.
        growing: whether neurons that grow are at rest there too: on a clock of its own such a
            neuron would grow by a higher order, in a time in which others have long finished.
    """

    order: int
    force: float
    pull: float
    growing: bool = False


@dataclass(frozen=True)
class Stop:
    """The stop rule, applied to every network by itself.

    Attributes:
        moment_ratio: end when |moments of f| reaches this share of |moments of y|.
        amplitude: end when max |w·x| reaches this value.
        steps: end after so many steps.
        faded: when a network of one neuron counts as dead though its weights keep their length;
            None where they shrink.
    """

    moment_ratio: float = 0.02
    amplitude: float = 0.2
    steps: int = 4000
    faded: Faded | None = None


@dataclass(frozen=True)
class Data:
    """Data sets of equal size; ``features`` are the monomials whose moments the stop rule uses."""

    x: Float[Tensor, "sets samples dimension"]
    y: Float[Tensor, "sets samples"]
    features: Float[Tensor, "sets samples monomials"]

    def part(self, sets: slice | Tensor) -> "Data":
        return Data(self.x[sets], self.y[sets], self.features[sets])


@dataclass(frozen=True)
class Weights:
    """Input and output weights of all neurons."""

    w: Float[Tensor, "sets neurons dimension"]
    a: Float[Tensor, "sets neurons"]


@dataclass(frozen=True)
class Trained:
    """Weights where each network ended, why and after how many steps it did.

    ``end``, ``steps`` and ``moment_ratio`` have one column per network of a data set: one when
    coupled, else one per neuron. ``snapshots`` maps a step to the weights then, for a network
    that had ended before to the weights where it ended.
    """

    weights: Weights
    end: Int[Tensor, "sets networks"]
    steps: Int[Tensor, "sets networks"]
    moment_ratio: Float[Tensor, "sets networks"]
    snapshots: dict[int, Weights]


def monomials(
    x: Float[Tensor, "sets samples dimension"], degree: int
) -> Float[Tensor, "sets samples monomials"]:
    """Entries of x^{⊗degree}, each once, weighted so that norms are those of the full tensor."""
    dimension = x.shape[-1]
    columns = []
    for powers in _compositions(degree, dimension):
        count = math.factorial(degree) // math.prod(math.factorial(power) for power in powers)
        column = torch.full_like(x[..., 0], math.sqrt(count))
        for axis, power in enumerate(powers):
            column = column * x[..., axis] ** power
        columns.append(column)
    return torch.stack(columns, -1)


def _compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    if parts == 1:
        return [(total,)]
    return [
        (first, *rest)
        for first in range(total, -1, -1)
        for rest in _compositions(total - first, parts - 1)
    ]


def moment_norm(f: Tensor, features: Tensor) -> Tensor:
    """Norm of (1/n) Σᵢ fᵢ xᵢ^{⊗p} for each network, shape (sets, networks)."""
    return (torch.bmm(f, features) / f.shape[-1]).norm(dim=-1)


def chunk_size(sigma: Sigma, data: Data, weights: Weights, native: bool, caches: int = 1) -> int:
    """How many data sets are trained together, see `sim.networks.chunks.together`.

    Args:
        sigma: the activation.
        data, weights: all that there are.
        native: whether they are trained in machine code.
        caches: how many times as many as fit a core's cache, on a CPU.
    """
    sets, neurons, inputs = weights.w.shape
    _, samples, features = data.features.shape
    elements, each = (CHUNK_WEIGHTS, inputs) if native else (CHUNK_ELEMENTS, samples)
    sizes = {"neurons": neurons, "samples": samples, "weights": inputs, "features": features}
    return together(
        sets,
        weights.w.device,
        cached=caches * max(1, elements // (neurons * each)),
        needed=two_layers(sigma, **sizes, dtype=weights.w.dtype),
    )


def in_chunks(
    data: Data, weights: Weights, train: Callable[[Data, Weights], Trained], chunk: int
) -> Trained:
    """Train data sets ``chunk`` at a time.

    ``train`` gets weights of its own and may change them in place.
    """
    sets = len(weights.w)
    parts = []
    for start in range(0, sets, chunk):
        window = slice(start, start + chunk)
        part = Weights(weights.w[window].clone(), weights.a[window].clone())
        parts.append(train(data.part(window), part))
    return _joined(parts)


def _joined(parts: list[Trained]) -> Trained:
    def weights(pick: Callable[[Trained], Weights]) -> Weights:
        return Weights(
            torch.cat([pick(part).w for part in parts]), torch.cat([pick(part).a for part in parts])
        )

    return Trained(
        weights(lambda part: part.weights),
        torch.cat([part.end for part in parts]),
        torch.cat([part.steps for part in parts]),
        torch.cat([part.moment_ratio for part in parts]),
        {s: weights(lambda part, s=s: part.snapshots[s]) for s in parts[0].snapshots},
    )
