"""Activations written out in torch by hand, for a training that shares no code with the project.

Which ones is a rule, not a result: of the corpus `tests/data/activations.json`, in its own order,
the first `TAKEN` names of every class by the orders on the two sides of 0 and by σ(0); and every
second elementwise module of torch.nn with a leading part, by the alphabet. A test holds the
table to the rule.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import softplus

# class of the corpus: how many of it
TAKEN = {
    "order 1": 8,
    "order 2": 6,
    "order 3": 4,
    "order 4": 1,
    "order 7": 1,
    "order 1, kinked": 8,
    "order 2, kinked": 1,
    "one side": 5,
    "orders differ": 4,
    "σ(0) ≠ 0, order 1": 5,
    "σ(0) ≠ 0, order 2": 2,
    "σ(0) ≠ 0, order 1, kinked": 4,
    "σ(0) ≠ 0, one side": 2,
}


@dataclass(frozen=True)
class Written:
    """One function: its name in the corpus or in torch.nn, and its values."""

    name: str
    function: Callable[[Tensor], Tensor]
    module: bool = False


def _sides(x: Tensor, right: Tensor, left: Tensor) -> Tensor:
    return torch.where(x >= 0, right, left)


def _leaky(slope: float) -> Callable[[Tensor], Tensor]:
    return lambda x: _sides(x, x, slope * x)


def _sine_after_taylor(x: Tensor) -> Tensor:
    """sin x − x + x³/6 − x⁵/120, by its series where the closed form has no digits."""
    series = sum((-1) ** k * x ** (2 * k + 1) / math.factorial(2 * k + 1) for k in range(3, 9))
    return torch.where(
        x.abs() < 1, torch.as_tensor(series), torch.sin(x) - x + x**3 / 6 - x**5 / 120
    )


def _root_two_sigmoid(x: Tensor) -> Tensor:
    r = math.sqrt(2)
    return (r**x - r ** (-x)) / (2 * r * torch.sqrt(2 * (r ** (2 * x) + r ** (-2 * x))))


def _improved_sigmoid(x: Tensor) -> Tensor:
    outside = 0.2 * x.sign() * (x.abs() - 2) + torch.sigmoid(2 * x.sign())
    return torch.where(x.abs() < 2, torch.sigmoid(x), outside)


SMOOTH = [
    Written("SReLU shifted", lambda x: x.clamp(min=-1)),
    Written("DisReLU", lambda x: x.clamp(min=-1)),
    Written("SLU", lambda x: _sides(x, x, 2 * torch.log((x.exp() + 1) / 2))),
    Written("hard tanh", lambda x: x.clamp(-1, 1)),
    Written("hard swish", lambda x: x * (x + 3).clamp(0, 6) / 6),
    Written("hard mish", lambda x: 0.5 * x * (x + 2).clamp(0, 2)),
    Written("tanh", torch.tanh),
    Written("ArctanGR", lambda x: torch.atan(x) / (1 + math.sqrt(2))),
    Written("SoftModulusT", lambda x: x * torch.tanh(x / 0.01)),
    Written("SelfArctan", lambda x: x * torch.atan(x)),
    Written("Phish", lambda x: x * torch.tanh(x * torch.special.ndtr(x))),
    Written("TBSReLU", lambda x: x * torch.tanh(torch.tanh(x / 2))),
    Written("PSSiLU", lambda x: 2 * x * (torch.sigmoid(x) - 0.5)),
    Written("1-cos", lambda x: 2 * torch.sin(x / 2) ** 2),
    Written("tanhshrink", lambda x: x - torch.tanh(x)),
    Written("sin(x)-x", lambda x: torch.sin(x) - x),
    Written("triple", lambda x: x**3),
    Written("sin^3", lambda x: torch.sin(x) ** 3),
    Written("x tanh^3", lambda x: x * torch.tanh(x) ** 3),
    Written("sin minus Taylor", _sine_after_taylor),
]

KINKED = [
    Written("very leaky ReLU", _leaky(1 / 3)),
    Written("OLReLU", _leaky(math.exp(-2.2))),
    Written("PReLU a=0.25", _leaky(0.25)),
    Written("PReLU negative slope", _leaky(-0.25)),
    Written("BLReLU", lambda x: _sides(x, torch.where(x < 1, x, 0.01 * x + 0.99), 0.01 * x)),
    Written("vReLU", torch.abs),
    Written("AbsLU", _leaky(-0.5)),
    Written("LSPTLU", lambda x: _sides(x, torch.minimum(x, (2 - x).clamp(min=0)), 0.2 * x)),
    Written("x|x|", lambda x: x * x.abs()),
    Written("ReLU", torch.relu),
    Written("squared ReLU", lambda x: torch.relu(x) ** 2),
    Written("cubed ReLU", lambda x: torch.relu(x) ** 3),
    Written("SlReLU", lambda x: 2 * torch.relu(x)),
    Written("BReLU", lambda x: x.clamp(0, 1)),
    Written("HyperSinh", lambda x: _sides(x, torch.sinh(x) / 3, x**3 / 4)),
    Written("EvoTanhReLU", lambda x: torch.tanh(x**2) + torch.relu(x)),
    Written("SGT", lambda x: _sides(x, 1.5 * x**2, 0.25 * x**3)),
    Written("relu + x^2", lambda x: _sides(x, torch.tanh(x), x**3)),
]

OFFSET = [
    Written("hard sigmoid keras2", lambda x: (0.2 * x + 0.5).clamp(0, 1)),
    Written("hard sigmoid (z+1)/2", lambda x: (0.5 * x + 0.5).clamp(0, 1)),
    Written("SvHardTanh", lambda x: x.clamp(-1, 1) + 0.5),
    Written("sigmoid", torch.sigmoid),
    Written("improved logistic sigmoid", _improved_sigmoid),
    Written("derivative of sigmoid", lambda x: torch.sigmoid(x) * torch.sigmoid(-x)),
    Written("cosine", torch.cos),
    Written("SoftsignRReLU", lambda x: 1 / (1 + x) ** 2 + _sides(x, x, 0.25 * x)),
    Written("ReSP", lambda x: _sides(x, 1.5 * x + math.log(2), softplus(x))),
    Written("mReLU", lambda x: torch.minimum(torch.relu(1 - x), torch.relu(1 + x))),
    Written("tent", lambda x: torch.relu(1 - x.abs())),
    Written("FReLU", lambda x: torch.relu(x) - 0.398),
    Written("StarReLU", lambda x: 0.8944 * torch.relu(x) ** 2 - 0.4472),
]

# elementwise and not random; without a leading part of these are Hardshrink and Softshrink
ELEMENTWISE = (
    *("CELU", "ELU", "GELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid"),
    *("Mish", "PReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softplus", "Softsign"),
    *("Tanh", "Tanhshrink"),
)


def _module(name: str) -> Written:
    made: Any = getattr(torch.nn, name)().double()
    return Written(f"nn.{name}", made.requires_grad_(False), module=True)


MODULES = [_module(name) for name in ELEMENTWISE[::2]]
WRITTEN = [*SMOOTH, *KINKED, *OFFSET, *MODULES]
