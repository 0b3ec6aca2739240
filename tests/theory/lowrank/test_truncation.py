"""Energy left by truncation, with and without a mean, against other ways to compute it."""

import numpy as np
import pytest
import sympy as sp
from scipy import integrate

from theory.lowrank import spike
from theory.lowrank.truncation import ASPECT, COLUMNS, DENSITY, ROWS, S, edges, last_kept, law, tail


@pytest.mark.parametrize("aspect", [0.1, 0.5, 1.0])
def test_the_density_has_mass_and_mean_1(aspect):
    density = sp.lambdify(S, DENSITY.subs(ASPECT, aspect))
    low, high = (1 - aspect**0.5) ** 2 + 1e-12, (1 + aspect**0.5) ** 2 - 1e-12
    assert integrate.quad(density, low, high, limit=400)[0] == pytest.approx(1, abs=1e-4)
    mean = integrate.quad(lambda s: s * density(s), low, high, limit=400)[0]
    assert mean == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_the_tail_is_the_integral_below_the_last_kept(share):
    rows, columns = 100, 400
    at, density = last_kept(0.25, share), sp.lambdify(S, DENSITY.subs(ASPECT, 0.25))
    left = integrate.quad(lambda s: s * density(s), 0.25 + 1e-12, at, limit=400)[0]
    assert tail(rows, columns, share * rows) == pytest.approx(left, abs=1e-6)
    assert tail(columns, rows, share * rows) == tail(rows, columns, share * rows)


def test_large_kernels_have_these_tails():
    """One of 300 × 900: a tail has a standard deviation of 0.3/k and a bias below 0.1/k; 2/k is 6
    of the former."""
    kernel = np.random.default_rng(0).standard_normal((300, 900))
    energy = np.linalg.svd(kernel, compute_uv=False) ** 2
    for rank in (1, 10, 75, 200):
        left = energy[rank:].sum() / energy.sum()
        assert tail(300, 900, rank) == pytest.approx(left, abs=2 / 300)


def test_ends():
    assert tail(10, 40, 0) == 1
    assert tail(10, 40, 10) == 0
    assert edges(16, 64, (0, 16)) == pytest.approx([2.25, 0.25])


def test_the_outlier_solves_its_equations():
    values = {spike.STRENGTH: sp.Rational(7, 3), spike.RATIO: sp.Rational(1, 5)}
    for equation in spike.equations():
        residue = (equation.lhs - equation.rhs).subs(list(spike.solution().items()))
        assert sp.simplify(residue.subs(list(values.items()))) == 0


def test_outlier_threshold_and_overlaps():
    k, n, theta = ROWS, COLUMNS, spike.THETA
    t, c = theta / n, k / n
    left, right = spike.overlaps()
    assert sp.simplify(spike.top() - (theta + k) * (theta + n) / theta) == 0
    assert sp.simplify(left - (1 - c * (1 + t) / (t * (t + c)))) == 0
    assert sp.simplify(right - (1 - (c + t) / (t * (t + 1)))) == 0
    assert spike.threshold() == sp.sqrt(k) * sp.sqrt(n)
    edge = spike.top().subs(theta, spike.threshold())
    assert sp.simplify(edge - (sp.sqrt(k) + sp.sqrt(n)) ** 2) == 0
    assert sp.simplify(left.subs(theta, spike.threshold())) == 0


def test_outliers_of_a_large_kernel():
    """One of 400 × 900 of 3 θ_c: the overlaps have standard errors below 0.015, 0.08 is 5."""
    k, n = 400, 900
    theta = 3 * (k * n) ** 0.5
    kernel = np.random.default_rng(0).standard_normal((k, n)) + (theta / (k * n)) ** 0.5
    left, values, right = np.linalg.svd(kernel, full_matrices=False)
    at = [(spike.THETA, theta), (ROWS, k), (COLUMNS, n)]
    assert values[0] ** 2 == pytest.approx(float(spike.top().subs(at)), rel=0.08)
    expected = [float(one.subs(at)) for one in spike.overlaps()]
    found = left[:, 0].sum() ** 2 / k, right[0].sum() ** 2 / n
    assert found == pytest.approx(expected, abs=0.08)


def test_derivations_end_in_what_is_evaluated():
    for steps in (law, spike.top_law, spike.left_law, spike.right_law, spike.tail_law):
        *_, (_, last) = steps()
        assert isinstance(last, sp.Equality)
