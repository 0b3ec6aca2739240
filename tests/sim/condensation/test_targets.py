"""Targets of condensation: the stated moments and covariances."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.condensation.targets import (
    gaussian_coefficients,
    least_norm_targets,
    paper_figure_5,
    paper_sine_sum,
    random_labels,
    xor_grid,
)
from sim.data.data_set import DataSet

ALPHA = 1e-5  # false-alarm rate of each statistical test, over all its comparisons


def form(dataset: DataSet, order: int, angles: np.ndarray) -> np.ndarray:
    """H(u) = (1/n) Σᵢ yᵢ (u·x̃ᵢ)^p at u = (cos θ, sin θ)."""
    u = np.stack([np.cos(angles), np.sin(angles)])
    return dataset.y @ (dataset.augmented @ u) ** order / len(dataset.y)


def test_paper_figure_5():
    dataset = paper_figure_5()
    assert dataset.x.shape == (40, 1)
    assert (dataset.x[0, 0], dataset.x[-1, 0]) == (-1.0, 1.5)
    assert dataset.y[0] == pytest.approx(math.sin(-3) + math.sin(-6) / 2, abs=1e-15)


def test_paper_sine_sum():
    figure_2 = paper_sine_sum(np.random.default_rng(0))
    assert figure_2.x.shape == (80, 5)
    assert figure_2.x.min() >= -4
    assert figure_2.x.max() <= 2
    direct = [sum(3.5 * math.sin(5 * x + 1) for x in row) for row in figure_2.x]
    np.testing.assert_allclose(figure_2.y, direct)
    figure_3 = paper_sine_sum(np.random.default_rng(0), amplitude=4.0, frequency=12.0, inputs=3)
    np.testing.assert_allclose(figure_3.y[0], 4 * np.sin(12 * figure_3.x[0] + 1).sum())


def test_random_labels_have_the_stated_laws():
    dataset = random_labels(np.random.default_rng(0), samples=2000, inputs=3, low=-2.0, high=4.0)
    assert dataset.x.shape == (2000, 3)
    # Two exact Kolmogorov–Smirnov tests at ALPHA / 2 each: false-alarm rate ALPHA.
    assert stats.kstest(dataset.x.ravel(), stats.uniform(-2, 6).cdf).pvalue > ALPHA / 2
    assert stats.kstest(dataset.y, stats.norm.cdf).pvalue > ALPHA / 2


@pytest.mark.parametrize("order", [1, 2, 3, 4, 6])
def test_gaussian_coefficients_reproduce_their_moments(order: int):
    dataset = gaussian_coefficients(np.random.default_rng(order), order)
    rng = np.random.default_rng(order)
    rng.uniform(size=40)  # the inputs
    g = rng.standard_normal(order + 1)
    k = np.arange(order + 1)
    moments = (dataset.x**k).T @ dataset.y / 40
    np.testing.assert_allclose(moments * np.sqrt([math.comb(order, j) for j in k]), g, rtol=1e-9)
    angles = np.linspace(0, 2 * np.pi, 7)
    c, s = np.cos(angles), np.sin(angles)
    kostlan = sum(np.sqrt(math.comb(order, j)) * g[j] * c**j * s ** (order - j) for j in k)
    np.testing.assert_allclose(form(dataset, order, angles), kostlan, rtol=0, atol=1e-10)


def test_gaussian_coefficients_prefer_no_direction():
    order, sets = 3, 1500
    angles = np.array([0.1, 0.8, 1.9, 2.7])
    rng = np.random.default_rng(1)
    values = np.array([form(gaussian_coefficients(rng, order), order, angles) for _ in range(sets)])
    covariance = np.cos(angles[:, None] - angles) ** order
    # The theory says values ~ N(0, covariance) with independent rows, so the whitened values
    # are independent N(0, 1): one exact Kolmogorov–Smirnov test of all, and a chi-square of
    # their sums of squares, at ALPHA / 2 each (Bonferroni): false-alarm rate at most ALPHA.
    white = np.linalg.solve(np.linalg.cholesky(covariance), values.T)
    assert stats.kstest(white.ravel(), stats.norm.cdf).pvalue > ALPHA / 2
    square = stats.chi2(white.size).cdf((white**2).sum())
    assert ALPHA / 4 < square < 1 - ALPHA / 4


def test_least_norm_targets_have_the_least_norm():
    x = np.linspace(-1, 1.5, 12)
    moments = np.array([1.0, -2.0, 0.5])
    y = least_norm_targets(x, moments)
    powers = x ** np.arange(3)[:, None] / 12
    np.testing.assert_allclose(y, np.linalg.pinv(powers) @ moments, rtol=1e-10)


def test_dependent_moments_are_refused():
    with pytest.raises(ValueError, match="order must be"):
        gaussian_coefficients(np.random.default_rng(0), 5, samples=5)
    with pytest.raises(ValueError, match="cannot be chosen freely"):
        gaussian_coefficients(np.random.default_rng(0), 6, low=1000.0, high=1001.0)


def test_xor_grid_has_the_stated_form():
    dataset = xor_grid()
    assert dataset.x.shape == (81, 2)
    assert set(dataset.x.ravel()) == set(np.linspace(-1, 1, 9))
    assert len(np.unique(dataset.x, axis=0)) == 81
    u = np.random.default_rng(0).standard_normal((3, 20))
    h = dataset.y @ (dataset.augmented @ u) ** 3 / 81
    ratio = h / u.prod(axis=0)  # H is proportional to u₁u₂u₃
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-10)
