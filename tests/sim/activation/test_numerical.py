"""Behavior at 0 from values alone, against the exact records of the same functions."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from sim.activation.extrapolation import Estimate, extrapolated
from sim.activation.numerical import NumericalActivation, analyze_callable
from sim.activation.torch_callable import in_hand
from theory.symbolic.activation import Activation, activation

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh(x)": torch.tanh,
    "gelu(x)": F.gelu,
    "gelu_tanh(x)": lambda x: F.gelu(x, approximate="tanh"),
    "silu(x)": F.silu,
    "mish(x)": F.mish,
    "elu(x)": F.elu,
    "elu(x, 0.7)": lambda x: F.elu(x, 0.7),
    "selu(x)": F.selu,
    "celu(x)": F.celu,
    "hardswish(x)": F.hardswish,
    "hardtanh(x)": F.hardtanh,
    "leaky_relu(x)": F.leaky_relu,
    "relu(x)": F.relu,
    "relu(x)**2": lambda x: F.relu(x) ** 2,
    "softsign(x)": F.softsign,
    "softplus(x)": F.softplus,
    "sigmoid(x)": torch.sigmoid,
    "hardsigmoid(x)": F.hardsigmoid,
    "x*tanh(x)": lambda x: x * torch.tanh(x),
    "x**2*tanh(x)": lambda x: x**2 * torch.tanh(x),
    "x**3*tanh(x)": lambda x: x**3 * torch.tanh(x),
    "x**12": lambda x: x**12,
    "1-cos(x)": lambda x: 1 - torch.cos(x),
    "cos(x)": torch.cos,
    "sin(x)": torch.sin,
    "sin(50*x)": lambda x: torch.sin(50 * x),
    "x-sin(x)": lambda x: x - torch.sin(x),
    "tanhshrink(x)": F.tanhshrink,
    "sinc(x)": lambda x: torch.sinc(x / torch.pi),
    "erf(x)": torch.erf,
    "exp(x)-1": torch.expm1,
    "abs(x)": torch.abs,
    "x*abs(x)": lambda x: x * x.abs(),
    "relu(x)+x**2": lambda x: F.relu(x) + x**2,
    "relu(x)+0.1*sin(x)": lambda x: F.relu(x) + 0.1 * torch.sin(x),
    "tanh(x)+1000*x**2": lambda x: torch.tanh(x) + 1000 * x**2,
    "x**2+abs(x)**3": lambda x: x**2 + x.abs() ** 3,
    "pi*x": lambda x: torch.pi * x,
}
# What float64 loses in these formulas near 0 is seen, not guessed.
SECOND_UNKNOWN = {"selu(x)", "tanhshrink(x)", "hardsigmoid(x)"}


def record(function: Callable[[Tensor], Tensor]) -> NumericalActivation:
    return analyze_callable(in_hand(function))


def sides(described: Activation) -> list[tuple[int, float]]:
    assert described.right is not None
    assert described.left is not None
    return [(s.order, float(s.coefficient)) for s in (described.right, described.left)]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_the_record_is_the_exact_one(text: str):
    found, exact = record(FUNCTIONS[text]), activation(text)
    assert found.value_at_zero is not None
    assert exact.value_at_zero is not None
    assert float(found.value_at_zero) == pytest.approx(float(exact.value_at_zero), rel=1e-15)
    assert found.multiplicity == exact.multiplicity
    assert found.bound == exact.bound
    assert (found.reason is None) == (exact.reason is None)
    for (order, c), (expected, of) in zip(sides(found), sides(exact), strict=True):
        assert order == expected
        assert c == pytest.approx(of, rel=1e-11, abs=0)
    if found.multiplicity is not None:
        assert sides(found)[1][1] == (-1) ** found.multiplicity * sides(found)[0][1]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_the_next_term_is_the_exact_one_or_not_known(text: str):
    found, exact = record(FUNCTIONS[text]), activation(text)
    assert found.next_known == (text not in SECOND_UNKNOWN)
    terms, expected = found.terms(2), exact.terms(2)
    assert len(terms) == (len(expected) if found.next_known else 1)
    for term, of in zip(terms, expected, strict=False):
        assert (term.order, term.monomial) == (of.order, of.monomial)
        assert float(term.right) == pytest.approx(float(of.right), rel=1e-6, abs=0)
        assert float(term.left) == pytest.approx(float(of.left), rel=1e-6, abs=0)


def test_simple_numbers_are_rational_and_others_have_the_digits_that_are_known():
    assert str(record(F.mish).leading_coefficient) == "3/5"
    shown = str(record(torch.erf).leading_coefficient)
    digits = len(shown.split(".")[1])
    assert digits >= 11
    assert abs(float(shown) - 2 / math.sqrt(math.pi)) <= 10.0**-digits


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x.abs().sqrt(), "the leading order is 1/2, no integer"),
        (lambda x: x.abs() ** 1.5, "the leading order is 3/2, no integer"),
        (lambda x: x.abs() ** torch.e, "the leading order is 2.72, no integer"),
        (lambda x: torch.exp(-1 / x**2), "flat at 0"),
        (F.softshrink, "flat at 0"),
        (lambda x: x**14, "flat at 0: no term up to order 12"),
        (torch.sign, "discontinuous at 0: 1 from the right, -1 from the left"),
        (torch.floor, "discontinuous at 0: 0 from the right, -1 from the left"),
        (lambda x: (x == 0).double() + x, "its value there is not its limit 0"),
        (lambda x: torch.full_like(x, 3.0), "constant"),
        (lambda x: torch.xlogy(x**2, x.abs()), "no power of x stands out"),
        (
            lambda x: 1 - x**2 / 2 - torch.cos(x),
            "not determined: within |x| < 2e-03 the values are",
        ),
        (lambda x: torch.where(x > 0, x.abs().sqrt(), x), "for x>0: the leading order is 1/2"),
    ],
)
def test_no_multiplicity_with_the_reason(function: Callable[[Tensor], Tensor], reason: str):
    found = record(function)
    assert found.multiplicity is None
    assert found.bound is None
    assert reason in str(found.reason)
    assert found.terms(2) == ()


def test_a_scale_does_not_matter():
    for scale in (1e-6, 1e6):
        found = record(lambda x, s=scale: torch.tanh(s * x))
        assert found.multiplicity == 1
        assert sides(found)[0][1] == pytest.approx(scale, rel=1e-11)


def test_single_precision_inside_gives_fewer_digits_and_no_other_answer():
    found = record(lambda x: torch.sin(x.float()).double() + 0 * x)
    assert found.multiplicity == 1
    assert sides(found)[0][1] == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_the_estimated_error_covers_the_true_one(noise: float):
    """Over 200 analytic functions with noise of known size, not one error is larger.

    The noise is bounded, so that the part of it in the estimate is a bound: no chance of failure.
    """
    rng = np.random.default_rng(0)
    t = 2.0 ** -np.arange(1, 25)
    for _ in range(200):
        c, a, b = rng.normal(size=3)
        values = c * np.exp(a * t) + np.sin(b * t) + noise * rng.uniform(-1, 1, len(t))
        found = extrapolated(values, np.full(len(t), noise))
        assert abs(found.value - c) <= found.error


def test_estimates():
    assert str(Estimate(0.33333333333, 1e-10).exact()) == "1/3"
    assert str(Estimate(0.33333, 1e-5).exact()) == "0.3333"
    assert Estimate(1.0, 0.1).same(Estimate(1.15, 0.1))
    assert not Estimate(1.0, 0.1).same(Estimate(1.25, 0.1))
    with pytest.raises(ValueError, match="too few"):
        extrapolated(np.full(8, np.nan), np.zeros(8))


@pytest.mark.parametrize(
    ("function", "order", "c"),
    [
        (lambda x: torch.exp(x) - 1 - x, 2, 1 / 2),
        (lambda x: 1 - torch.cos(x) + x**4, 2, 1 / 2),
        (lambda x: 1 - torch.cos(x) + 1e-3 * x**3, 2, 1 / 2),
        (lambda x: (torch.exp(x) - torch.exp(-x)) / 2 - x, 3, 1 / 6),
        (lambda x: 1e6 * (torch.exp(x) - 1 - x), 2, 5e5),
        (lambda x: torch.sigmoid(x) - 0.5 - 0.25 * x, 3, -1 / 48),
    ],
)
def test_what_rounding_leaves_near_zero_is_no_order(function, order: int, c: float):
    """Nearest to 0 these are −x, x⁴, x³ or 0 by rounding alone."""
    found = record(function)
    assert found.multiplicity == order
    assert sides(found)[0][1] == pytest.approx(c, rel=1e-7)
    assert found.lost_within is not None
    assert 1e-9 < found.lost_within < 1e-2


@pytest.mark.parametrize("text", FUNCTIONS)
def test_digits_are_said_to_be_lost_only_where_the_formula_cancels(text: str):
    """tanhshrink, hardsigmoid, … : σ − σ(0) has lost digits where σ(0) ≠ 0 or terms cancel."""
    found = record(FUNCTIONS[text])
    exact = activation(text)
    cancels = bool(exact.value_at_zero) or text in {"1-cos(x)", "x-sin(x)", "tanhshrink(x)"}
    assert (found.lost_within is None) or cancels


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: torch.exp(x) - 1 - x * (1 - 1e-8), "a lower order begins to show"),
        (lambda x: torch.exp(x) - 1 - x - x**2 / 2, "not determined: within |x| < "),
        (lambda x: torch.exp(x.float()).double() - 1 - x, "not determined: "),
    ],
)
def test_not_determined(function, reason: str):
    found = record(function)
    assert found.multiplicity is None
    assert reason in str(found.reason)


def test_a_kink_close_to_zero_is_no_noise():
    for kink in 2.0 ** -np.arange(5.0, 40.0) * 1.01:  # between two distances around one
        found = record(lambda x, k=kink: torch.where(x.abs() < k, 2 * x, x + k * x.sign()))
        assert sides(found) == [(1, 2.0), (1, -2.0)]
