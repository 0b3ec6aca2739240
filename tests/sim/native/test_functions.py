"""Elementary functions of vectors against mpmath, torch, and each other's formats."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from torch import Tensor

from sim.activation.graph import VARIABLE, Graph
from sim.activation.tape import UNARY
from sim.native.elementwise import NAME, module_of
from sim.native.functions import FUNCTIONS
from sim.native.functions.angles import LARGEST_ANGLE
from sim.native.machine import MachineFunction
from sim.native.vectors import DOUBLE, SINGLE, Format

MP: Any = mpmath.mp.clone()
MP.dps = 50

DTYPES = {DOUBLE: torch.float64, SINGLE: torch.float32}
BOTH = pytest.mark.parametrize("form", [DOUBLE, SINGLE], ids=["double", "single"])
# what mpmath calls otherwise, or does not have
EXACT: dict[str, Any] = {
    "sigmoid": lambda x: 1 / (1 + MP.exp(-x)),
    "softplus": lambda x: MP.log1p(MP.exp(x)),
    "sinc_slope": lambda x: (MP.cos(x) - MP.sinc(x)) / x if abs(x) > 1e-9 else -x / 3,
    "abs": abs,
}
# special functions that torch has, or that are summed by calls of it: their networks train eagerly
WITHOUT = {
    *("airyai", "airyai_slope", "airybi", "airybi_slope", "digamma", "erfi", "erfinv", "gamma"),
    *("i0", "i1", "i1_slope", "j0", "j1", "j1_slope", "lambertw", "loggamma"),
    *("sine_integral", "trigamma"),
}
UNITS = 3.0  # in the last place: every function's formula rounds a few times
# sin x and cos x are known to so many units of 1; their quotients inherit that
ABSOLUTE = {"sin", "cos", "tan", "sinc", "sinc_slope"}


def evaluate(name: str, z: Tensor, form: Format) -> Tensor:
    graph = Graph()
    root = graph.apply(name, (1.0, VARIABLE))
    out = torch.empty_like(z)
    made_of = (name, form)
    run = MachineFunction(lambda: module_of(graph, [root], form), made_of, NAME, sizes=1, arrays=2)
    run(len(z), z.data_ptr(), out.data_ptr())
    return out


def points(form: Format) -> Tensor:
    rng = np.random.default_rng(0)
    near = rng.standard_normal(400)
    small = rng.standard_normal(100) * np.exp(rng.uniform(-60, 0, 100))
    wide = rng.uniform(-30.0, 30.0, 200)
    return torch.tensor(np.concatenate([near, small, wide]), dtype=DTYPES[form])


def exactly(name: str, z: float) -> float:
    value = (EXACT.get(name) or getattr(MP, name))(MP.mpf(z))
    real = isinstance(value, MP.mpf | float | int) or not getattr(value, "imag", 0)
    return float(value) if real else math.nan


def test_every_function_of_the_graph_has_one_or_is_known_to_run_without():
    assert set(UNARY) - set(FUNCTIONS) == WITHOUT
    assert not set(FUNCTIONS) - set(UNARY)


@BOTH
@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors_are_a_few_units_in_the_last_place(name: str, form: Format):
    z = points(form)
    if name in ("log", "log1p"):  # the others have no restriction
        z = z.abs()
    expected = torch.tensor([exactly(name, float(one)) for one in z], dtype=torch.float64)
    found = evaluate(name, z, form).double()
    size = expected.abs().clamp_min(1.0 if name in ABSOLUTE else torch.finfo(DTYPES[form]).tiny)
    if name == "tan":
        size = 1 + expected**2  # a unit of the angle
    worst = float(((found - expected).abs() / size).max())
    assert worst <= UNITS * form.epsilon


@BOTH
@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_the_ends_of_the_range_they_are_torchs(name: str, form: Format):
    big = float(torch.finfo(DTYPES[form]).max)
    tiny = float(torch.finfo(DTYPES[form]).tiny)
    ends = [0.0, -0.0, math.inf, -math.inf, math.nan, big, -big, tiny, -tiny, tiny / 8, -1.0, 1.0]
    ends += [88.0, 89.0, 104.0, 709.0, 711.0, 746.0, 1e4, 3e7, 1e9, 2.0**60]
    z = torch.tensor(ends + [-one for one in ends[12:]], dtype=DTYPES[form])
    expected = UNARY[name](z.double()).to(z.dtype)
    found = evaluate(name, z, form)
    size = 1.0 if name in ABSOLUTE - {"tan"} else 0.0
    torch.testing.assert_close(
        found, expected, rtol=1e3 * form.epsilon, atol=size * form.epsilon + tiny, equal_nan=True
    )


@BOTH
@pytest.mark.parametrize("name", ["sin", "cos"])
@pytest.mark.parametrize("decades", [(-2.0, 0.0), (0.0, 1.0), (7.0, 11.0)])
def test_angles_on_both_sides_of_the_largest_that_is_reduced(name, decades, form: Format):
    """Vectors of such angles alone: one beyond takes all of its vector to the C library."""
    low, high = decades
    exponents = np.random.default_rng(0).uniform(low, high, 256)
    z = torch.tensor(LARGEST_ANGLE[form.bits] * 10**exponents, dtype=DTYPES[form])
    expected = torch.tensor([exactly(name, float(one)) for one in z], dtype=torch.float64)
    worst = float((evaluate(name, z, form).double() - expected).abs().max())
    assert worst <= UNITS * form.epsilon


@BOTH
@pytest.mark.parametrize("name", ["tanh", "expm1", "log1p", "sin", "sinh", "asinh", "erf", "atan"])
def test_odd_functions_and_tiny_arguments_keep_every_digit(name: str, form: Format):
    z = torch.tensor([1e-30, -1e-20, 3e-18, -1e-17], dtype=DTYPES[form])
    slope = 2 / math.sqrt(math.pi) if name == "erf" else 1.0
    relative = evaluate(name, z, form).double() / (slope * z.double()) - 1
    assert float(relative.abs().max()) <= 2 * form.epsilon
