"""The law of rounded operands against its recursion, quadrature and a simulated error."""

import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from theory.precision.depth import RHO, amplification, gain, operand_rounding, stationary_variance


def normal_mean(function, variance):
    def integrand(x):
        return function(variance**0.5 * x) * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)

    return integrate.quad(integrand, -12, 12, epsabs=1e-12)[0]


@pytest.mark.parametrize("weight_variance", [1.5, 3.0, 6.0])
def test_tanh_keeps_its_variance_and_amplifies(weight_variance):
    q = stationary_variance("tanh", weight_variance)
    energy = normal_mean(lambda z: np.tanh(z) ** 2, q)
    slopes = normal_mean(lambda z: 1 / np.cosh(z) ** 4, q)
    assert weight_variance * energy == pytest.approx(q, rel=1e-5)
    assert gain("tanh", weight_variance) == pytest.approx(q * slopes / energy, rel=1e-5)
    assert gain("tanh", weight_variance) > 1


def test_gain_is_the_gain_of_a_small_error():
    q = stationary_variance("tanh", 6.0)
    z, e = np.random.default_rng(0).normal(size=(2, 400_000))
    z, e = q**0.5 * z, 1e-4 * e
    noise = np.mean((np.tanh(z + e) - np.tanh(z)) ** 2) / np.mean(np.tanh(z) ** 2)
    # the squares have a relative standard error of 0.5 %: 3 % is 6 of them, below 1e-8
    assert noise / (1e-8 / q) == pytest.approx(gain("tanh", 6.0), rel=0.03)


@pytest.mark.parametrize(("activation", "variance"), [("relu", 2.0), ("linear", 1.0)])
def test_homogeneous_layers_add(activation, variance):
    assert gain(activation, variance) == 1.0
    assert amplification(1.0, 7) == 7.0


def test_amplification_solves_the_recursion():
    noise = 0.0
    for _ in range(6):
        noise = 1.3 * noise + 0.25
    assert amplification(1.3, 6) * 0.25 == pytest.approx(noise, rel=1e-12)


@pytest.mark.parametrize(("activation", "variance"), [("tanh", 0.9), ("relu", 1.0), ("sin", 2.0)])
def test_refuses_what_keeps_no_variance(activation, variance):
    with pytest.raises(ValueError, match="keeps"):
        stationary_variance(activation, variance)


def test_last_step_is_the_law():
    *_, (_, formula) = operand_rounding()
    assert isinstance(formula, sp.Equality)
    assert formula.lhs == RHO
