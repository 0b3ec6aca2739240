"""The solved flow of multiplicity 2 against integrated ones."""

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp

from theory.condensation.fates.flow import RESIDUAL, SHRUNK, Starts, flow, gaussian_starts
from theory.condensation.fates.quadratic_flow import quadratic_flow
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.quadratic import moment_matrix

GROWTH = 1e3


def form(matrix: np.ndarray) -> HomogeneousForm:
    """A quadratic form with this matrix: H(u) = Σ λ_k (v_k·u)²."""
    values, vectors = np.linalg.eigh(matrix)
    return HomogeneousForm(vectors.T, values * len(values), 2, 1.0, 1.0)


def drawn(dimension: int, seed: int) -> HomogeneousForm:
    entries = np.random.default_rng(seed).normal(size=(dimension, dimension))
    return form(entries + entries.T)


def integrated(matrix: np.ndarray, starts: Starts, i: int) -> tuple[np.ndarray, np.ndarray]:
    """w and a of one neuron until |w| has grown by `GROWTH` or shrunk to `SHRUNK`."""
    w, norm = starts.w[i], np.linalg.norm(starts.w[i])

    def velocity(_: float, z: np.ndarray) -> np.ndarray:
        pushed = matrix @ z[:-1]
        return np.append(2 * z[-1] * pushed, z[:-1] @ pushed)

    def grown(_: float, z: np.ndarray) -> float:
        return float(np.linalg.norm(z[:-1]) / norm - GROWTH)

    def shrunk(_: float, z: np.ndarray) -> float:
        return float(np.linalg.norm(z[:-1]) / norm - SHRUNK)

    grown.terminal = shrunk.terminal = True  # type: ignore[attr-defined]
    path = solve_ivp(velocity, (0, 1e9), np.append(w, starts.a[i]), events=(grown, shrunk),
                     rtol=1e-9, atol=1e-13, method="DOP853")  # fmt: skip
    return path.y[:-1].T, path.y[-1]


@pytest.mark.parametrize(("dimension", "seed"), [(2, 0), (3, 1), (4, 2), (4, 3), (6, 4)])
def test_single_neurons_end_as_in_an_integration(dimension: int, seed: int):
    given = drawn(dimension, seed)
    targets = critical_orientations(given, Geometry.L2)
    starts = gaussian_starts(np.random.default_rng(seed), 12, dimension)
    ours = quadratic_flow(given, starts, GROWTH, targets)
    for i in range(12):
        w, a = integrated(moment_matrix(given), starts, i)
        norms = np.linalg.norm(w, axis=1)
        assert ours.alive[i] == (norms[-1] > norms[0])
        assert ours.sign[i] == np.sign(a[-1])
        np.testing.assert_allclose(ours.u[i], w[-1] / norms[-1], atol=1e-4)
        assert ours.log_growth[i] == pytest.approx(np.log(norms[-1] / norms[0]), abs=1e-4)


@pytest.mark.parametrize("matrix", [np.diag([-1.0, -2.0, -4.0]), np.diag([3.0, 1.0, 2.0])])
def test_the_wrong_sign_of_a_definite_form_dies_unless_it_flips(matrix: np.ndarray):
    starts = gaussian_starts(np.random.default_rng(5), 400, 3)
    ours = quadratic_flow(form(matrix), starts)
    growing = 1 if matrix[0, 0] > 0 else -1
    squared = np.sum(starts.w**2, axis=1)
    begins_right = np.sign(starts.a) == growing
    shrinks = 2 * starts.a**2 > (1 - SHRUNK**2) * squared  # |w| vanishes before a does
    np.testing.assert_array_equal(ours.alive, begins_right | ~shrinks)
    assert np.all(ours.sign[ours.alive] == growing)


@pytest.mark.parametrize(("dimension", "seed"), [(3, 0), (4, 7), (5, 3)])
def test_shares_and_arrivals_are_those_of_the_flow_step_by_step(dimension: int, seed: int):
    given = drawn(dimension, seed)
    targets = critical_orientations(given, Geometry.L2)
    starts = gaussian_starts(np.random.default_rng(seed), 300, dimension)
    ours = quadratic_flow(given, starts, 1e6, targets)
    stepped = flow(given, starts, 1e6, targets)
    np.testing.assert_array_equal(ours.alive, stepped.alive)
    np.testing.assert_array_equal(ours.sign[ours.alive], stepped.sign[ours.alive])
    both = np.isfinite(ours.arrived) & np.isfinite(stepped.arrived)
    assert both.sum() >= ours.alive.sum() - 10  # steps of a tenth decide for the last ones
    late = stepped.arrived[both] - ours.arrived[both]
    assert np.quantile(np.abs(late), 0.95) < 0.2


def test_arrivals_are_where_the_angle_is():
    given = form(np.diag([1.0, 0.2, -0.5]))
    targets = critical_orientations(given, Geometry.L2)
    starts = Starts(np.array([[0.3, 1.0, 0.4], [-0.3, 1.0, 0.4]]), np.array([1.0, 1.0]))
    arrived = quadratic_flow(given, starts, 1e6, targets).arrived
    stopped = quadratic_flow(given, starts, float(np.exp(arrived[0])), targets)
    angles = np.degrees(np.arccos(np.abs(stopped.u[:, 0])))
    np.testing.assert_allclose(angles, RESIDUAL, rtol=1e-6)
    np.testing.assert_allclose(arrived[0], arrived[1])
    np.testing.assert_array_equal(np.sign(stopped.u[:, 0]), [1, -1])


def test_an_aligned_neuron_of_the_wrong_sign_arrives_when_it_flips():
    given = form(np.diag([1.0, -0.5]))
    targets = critical_orientations(given, Geometry.L2)
    starts = Starts(np.array([[1.0, 0.01]]), np.array([-0.1]))
    ours = quadratic_flow(given, starts, GROWTH, targets)
    assert ours.sign[0] == 1
    smallest = 1 - 2 * 0.1**2 / (1 + 0.01**2)  # of |w|², where a passes 0
    np.testing.assert_allclose(ours.arrived[0], np.log(smallest) / 2, rtol=1e-6)


def test_the_solution_solves_the_equations():
    t = sympy.Symbol("t", real=True)
    clock = sympy.Function("T")(t)
    rates, start = sympy.symbols("l1:4", real=True), sympy.symbols("v1:4", real=True)
    a0 = sympy.Symbol("a0", positive=True)
    w = [v * sympy.exp(rate * clock) for v, rate in zip(start, rates, strict=True)]
    a = sympy.sqrt(a0**2 + (sum(x**2 for x in w) - sum(v**2 for v in start)) / 2)
    clock_speed = sympy.Derivative(clock, t)
    for x, rate in zip(w, rates, strict=True):
        assert sympy.simplify(sympy.diff(x, t).subs(clock_speed, 2 * a) - 2 * a * rate * x) == 0
    height = sum(rate * x**2 for x, rate in zip(w, rates, strict=True))
    assert sympy.simplify(sympy.diff(a, t).subs(clock_speed, 2 * a) - height) == 0


def test_other_forms_and_other_targets_are_refused():
    starts = gaussian_starts(np.random.default_rng(0), 3, 2)
    cubic = HomogeneousForm(np.eye(2), np.ones(2), 3, 1.0, -1.0)
    with pytest.raises(ValueError, match="order 2"):
        quadratic_flow(cubic, starts)
    tilted = critical_orientations(drawn(2, 1), Geometry.L2)
    with pytest.raises(ArithmeticError, match="no eigenvector"):
        quadratic_flow(form(np.diag([1.0, -1.0])), starts, GROWTH, tilted)
