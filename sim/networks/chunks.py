"""How many members of an ensemble are trained together, and the memory that one needs.

On a CPU their arrays are to stay in a core's cache. A card takes as long for few as for many, until
it is full: there as many go together as fit a share of its free memory. Needs are those of the path
in torch calls, the only one on a card, and are upper bounds: our derivation, by what is alive at
once.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch

# Of a card's free memory: the rest is for what the products of matrices take themselves, for gaps
# between blocks, and for other processes, which ask at the same time.
CARD_SHARE = 0.25
UNKNOWN_OPERATIONS = 24  # arrays of an activation that does not say how many it makes
AROUND = 6  # of pre-activations beside the activation's own: z, f, f before, residual, products
OF_WEIGHTS = 16  # arrays of weights: four slopes, or Adam's averages; sums of them; copies
OF_PARAMETERS = 8  # the same for a deep network: gradients, Adam's averages, copies of them


def together(members: int, device: torch.device, *, cached: int, needed: int) -> int:
    """How many members are trained at once, at least 1.

    Args:
        members: of the ensemble, all that there are.
        device: where they are trained.
        cached: how many fit a core's cache: the answer unless the device is a card.
        needed: bytes of one member on a card.
    """
    if device.type != "cuda":
        return max(1, cached)
    return max(1, min(members, int(CARD_SHARE * free_memory(device)) // needed))


def free_memory(device: torch.device) -> int:
    """Bytes of a card that this process can have: free ones, and what torch keeps and does not use.

    Raises:
        RuntimeError: there is no card.
    """
    free, _ = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


def two_layers(
    sigma: Callable[..., Any],
    *,
    neurons: int,
    samples: int,
    weights: int,
    features: int,
    dtype: torch.dtype,
) -> int:
    """Bytes of the networks of one data set in `sim.networks.training` and `gradient_flow`.

    Args:
        sigma: the activation.
        neurons, samples: on the data set.
        weights: input weights of a neuron, the bias included.
        features: whose moments are compared.
        dtype: of all of it.
    """
    of_neuron = (
        (_operations(sigma, dtype) + AROUND) * samples + 2 * features + OF_WEIGHTS * (weights + 1)
    )
    data = samples * (weights + 1 + features)  # twice: without those that have ended
    return dtype.itemsize * (neurons * of_neuron + 2 * data)


def layers(
    sigmas: Sequence[Callable[..., Any]],
    widths: Sequence[int],
    *,
    samples: int,
    kept: int,
    dtype: torch.dtype,
) -> int:
    """Bytes of one network in `sim.networks.multilayer`.

    Args:
        sigmas: of every hidden layer.
        widths: the number of inputs, and that of neurons of every hidden layer.
        samples: of its data.
        kept: copies of the parameters that are returned.
        dtype: of all of it.
    """
    parameters = sum((into + 1) * out for into, out in pairwise(widths)) + widths[-1]
    passed = sum(into + 1 + out for into, out in pairwise(widths))  # inputs and σ' of every layer
    widest = max(
        (_operations(sigma, dtype) + AROUND) * out
        for sigma, out in zip(sigmas, widths[1:], strict=True)
    )
    return dtype.itemsize * (samples * (passed + widest) + (OF_PARAMETERS + 2 * kept) * parameters)


def _operations(sigma: Callable[..., Any], dtype: torch.dtype) -> int:
    """Arrays alive in an activation, of this type: all that its tape makes.

    Others compute in float64, see `sim.activation.torch_callable`.
    """
    known = getattr(sigma, "operations", None)
    return UNKNOWN_OPERATIONS * 8 // dtype.itemsize if known is None else known
