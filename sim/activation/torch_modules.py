"""What a torch module is beside a function of one number: random, a network, with parameters."""

import copy
from typing import Any

import torch
from torch import nn

# Of layers that mix inputs; a module that has one and is no elementwise function is a network.
_LAYERS: tuple[type[nn.Module], ...] = (
    *(nn.Linear, nn.Bilinear, nn.LazyLinear, nn.Embedding, nn.EmbeddingBag, nn.RNNBase),
    *(nn.RNNCellBase, nn.Transformer, nn.TransformerEncoder, nn.TransformerDecoder),
    *(nn.TransformerEncoderLayer, nn.TransformerDecoderLayer, nn.MultiheadAttention),
    *(nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm),
)
_DROPPING = nn.modules.dropout._DropoutNd
_DRAWN, _CALLS = 4096, 3  # numbers that a module in training mode is tried on, and how often
_VALUES = 4  # of a parameter that are shown


def network(found: Any) -> str | None:
    """Which layer of a network a module or a class of modules is or has, None if it has none."""
    if isinstance(found, type):
        return found.__name__ if issubclass(found, _LAYERS) else None
    if not isinstance(found, nn.Module):
        return None
    return next((type(one).__name__ for one in found.modules() if isinstance(one, _LAYERS)), None)


def is_empty(found: Any) -> bool:
    """Whether it is a sequence of layers without any."""
    return isinstance(found, nn.Sequential) and len(found) == 0


def randomness(module: nn.Module) -> str | None:
    """Why a module is random in training, as the end of a sentence; None if nothing shows it.

    In evaluation mode such modules are another function: the identity for dropout, a mean slope
    for RReLU.
    """
    for one in module.modules():
        drops = isinstance(one, _DROPPING) and one.p > 0
        if drops or (isinstance(one, nn.RReLU) and one.lower < one.upper):
            return f"is random in training ({type(one).__name__}): networks have no fixed σ then"
    return _tried(module)


def _tried(module: nn.Module) -> str | None:
    """What calls in training mode show, with what is drawn there left as if nothing had been."""
    training = copy.deepcopy(module).double().train()
    evaluation = copy.deepcopy(module).double().eval()
    z = torch.linspace(-4.0, 4.0, _DRAWN, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        try:
            values = [training(z.clone()) for _ in range(_CALLS)]
            fixed = evaluation(z.clone())
        except Exception:  # `sim.activation.elementwise.fault` says what is wrong
            return None
    if not all(isinstance(one, torch.Tensor) for one in (fixed, *values)):
        return None
    if not all(_same(one, values[0]) for one in values):
        return "is random in training: it gives different values for the same argument"
    if not _same(values[0], fixed):
        return "is another function in training mode than in evaluation mode"
    return None


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(
        one, other, rtol=1e-12, atol=1e-12, equal_nan=True
    )


def fixed_parameters(module: nn.Module) -> tuple[tuple[str, str], ...]:
    """Names of a module's parameters, which stay as they are, and their values in words."""
    return tuple((name, _words(value)) for name, value in module.named_parameters())


def _words(value: torch.Tensor) -> str:
    flat = value.detach().flatten().tolist()
    shown = ", ".join(f"{one:.9g}" for one in flat[:_VALUES])
    if len(flat) == 1:
        return shown
    more = f", … ({len(flat)} in all)" if len(flat) > _VALUES else ""
    return f"[{shown}{more}]"
