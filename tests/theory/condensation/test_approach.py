"""The convergence exponent against numeric linearization and direct integration."""

import math

import numpy as np
import pytest
import sympy
from scipy import integrate, optimize

from theory.condensation.approach import (
    HEIGHT,
    MU,
    P,
    approach_prediction,
    approach_steps,
    convergence_exponent,
    exponents,
    kappa,
    leading_hessian,
    unrestricted_exponent,
)
from theory.condensation.forms.leading_form import Geometry, form_of
from theory.condensation.orientations.plane import orientations

ORDERS = [2, 3, 4]


class Problem:
    """H of random data in any dimension, with one of its maxima on the sphere."""

    def __init__(self, p: int, dimension: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.p, self.c = p, 0.8
        self.x = np.column_stack([rng.uniform(-1, 1.5, (30, dimension - 1)), np.ones(30)])
        self.y = rng.standard_normal(30)
        self.u = self._climb(rng.standard_normal(dimension))

    def height(self, u: np.ndarray) -> float:
        return float(self.c * np.mean(self.y * (self.x @ u) ** self.p))

    def gradient(self, u: np.ndarray) -> np.ndarray:
        inner = self.c * self.p * self.y * (self.x @ u) ** (self.p - 1)
        return inner @ self.x / len(self.y)

    def _climb(self, u: np.ndarray) -> np.ndarray:
        def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
            r = float(np.linalg.norm(w))
            v = w / r
            slope = self.gradient(v) - self.p * self.height(v) * v
            return -self.height(v), -slope / r

        found = optimize.minimize(loss, u, jac=True, method="BFGS", options={"gtol": 1e-12}).x
        found = found / np.linalg.norm(found)
        for _ in range(5):  # Newton on the sphere
            tangent = np.linalg.svd(found[None, :])[2][1:]
            hessian = leading_hessian(self.x, self.y, found, self.p, self.c)
            inner = tangent @ hessian @ tangent.T - self.p * self.height(found) * np.eye(
                len(tangent)
            )
            found = found - tangent.T @ np.linalg.solve(inner, tangent @ self.gradient(found))
            found = found / np.linalg.norm(found)
        return found

    def reduced_flow(self, state: np.ndarray) -> np.ndarray:
        """du/dτ, ds/dτ over d log r/dτ, for any u of any length near 1."""
        u, s = state[:-1], state[-1]
        h, gradient = self.height(u), self.gradient(u)
        turn = s * (gradient - (u @ gradient) / (u @ u) * u)
        return np.append(turn, h * (1 - self.p * s * s)) / (self.p * s * h)


@pytest.mark.parametrize("dimension", [2, 3, 5])
@pytest.mark.parametrize("p", ORDERS)
def test_kappa_against_a_numeric_linearization(p: int, dimension: int):
    seeds = iter(range(100))
    problem = next(
        one for one in (Problem(p, dimension, s) for s in seeds) if one.height(one.u) > 0
    )
    fixed = np.append(problem.u, 1 / math.sqrt(p))
    assert np.abs(problem.reduced_flow(fixed)).max() < 1e-10
    step = 1e-5
    columns = [
        (problem.reduced_flow(fixed + step * e) - problem.reduced_flow(fixed - step * e))
        / (2 * step)
        for e in np.eye(dimension + 1)
    ]
    # on the tangent space of the sphere and the balance
    tangent = np.linalg.svd(problem.u[None, :])[2][1:]
    basis = np.zeros((dimension, dimension + 1))
    basis[:-1, :-1], basis[-1, -1] = tangent, 1.0
    rates = np.sort(-np.linalg.eigvals(basis @ np.stack(columns, axis=1) @ basis.T).real)
    hessian = leading_hessian(problem.x, problem.y, problem.u, p, problem.c)
    height = problem.height(problem.u)
    mu = np.linalg.eigvalsh(tangent @ hessian @ tangent.T)
    expected = np.sort(np.append(1 - mu / (p * height), 2.0))  # 2: the balance
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    found = convergence_exponent(hessian, problem.u, height, p)
    assert found == pytest.approx(1 - mu.max() / (p * height), rel=1e-12)


@pytest.mark.parametrize("p", ORDERS)
def test_hessian_by_differences_and_by_euler(p: int):
    problem = Problem(p, 3, 1)
    hessian = leading_hessian(problem.x, problem.y, problem.u, p, problem.c)
    step = 1e-6
    differences = [
        (problem.gradient(problem.u + step * e) - problem.gradient(problem.u - step * e))
        / (2 * step)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(hessian, differences, atol=1e-7)
    euler = p * (p - 1) * problem.height(problem.u)
    assert problem.u @ hessian @ problem.u == pytest.approx(euler)


@pytest.mark.parametrize("p", [1, *ORDERS])
def test_same_as_the_exponent_of_the_orientations(p: int):
    rng = np.random.default_rng(p)
    checked = 0
    for _ in range(10):
        x, y = rng.uniform(-1, 1.5, 25), rng.standard_normal(25)
        data = np.column_stack([x, np.ones(25)])
        for at in orientations(form_of(x[:, None], y, p, -0.6), Geometry.L2):
            u = np.array(at.direction)
            hessian = at.sign * leading_hessian(data, y, u, p, -0.6)
            assert convergence_exponent(hessian, u, at.height, p) == pytest.approx(
                at.kappa, rel=1e-6
            )
            checked += 1
    assert checked >= 20


def test_symbols():
    angle, balance = exponents()
    assert sympy.simplify(angle - (1 - MU / (P * HEIGHT))) == 0
    assert balance == 2
    assert kappa().subs({P: 1, MU: 0}) == 1


def test_the_whole_hessian_gives_another_exponent():
    """Its radial eigenvalue is p(p − 1)H (Euler), which gives κ = 2 − p whatever the data."""
    for p in ORDERS:
        problem = next(o for o in (Problem(p, 2, s) for s in range(100)) if o.height(o.u) > 0)
        hessian = leading_hessian(problem.x, problem.y, problem.u, p, problem.c)
        wrong = unrestricted_exponent(hessian, problem.height(problem.u), p)
        assert wrong == pytest.approx(2 - p, abs=1e-9)


def test_angle_fades_with_the_exponent_along_the_flow():
    problem = next(o for o in (Problem(3, 2, s) for s in range(100)) if o.height(o.u) > 0)
    hessian = leading_hessian(problem.x, problem.y, problem.u, 3, problem.c)
    expected = convergence_exponent(hessian, problem.u, problem.height(problem.u), 3)
    angle = 1e-3
    turned = problem.u * math.cos(angle) + np.array([-problem.u[1], problem.u[0]]) * math.sin(angle)
    end = 2.0
    path = integrate.solve_ivp(
        lambda _, state: problem.reduced_flow(state),
        (0.0, end),
        np.append(turned, 0.9),  # the balance need not have settled
        rtol=1e-11,
        atol=1e-14,
    ).y[:-1, -1]
    left = abs(path[0] * problem.u[1] - path[1] * problem.u[0]) / np.linalg.norm(path)
    assert math.log(angle / left) / end == pytest.approx(expected, rel=5e-3)


def test_prediction_and_derivation():
    assert approach_prediction().expected == 1.0
    assert [step.formula for step in approach_steps()][-1] == sympy.Eq(sympy.Symbol("κ"), 1)
