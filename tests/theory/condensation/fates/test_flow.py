"""The flow of a small neuron against an independent integrator, exact shares and real Adam."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from sim.condensation.targets import random_labels, xor_grid
from theory.condensation.convergence import RESIDUAL, arrived_share
from theory.condensation.fates.adam_flow import adam_flow
from theory.condensation.fates.flow import Starts, flow, gaussian_starts
from theory.condensation.fates.shares import shares, shares_under_adam
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry, form_of
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.plane import extrema, orientations

L2, LINF = Geometry.L2, Geometry.LINF


def random_form(seed: int, dimension: int, p: int, left: float | None = None) -> HomogeneousForm:
    data = random_labels(np.random.default_rng(seed), 60, dimension - 1)
    return HomogeneousForm(data.augmented, data.y, p, 1.0, (-1.0) ** p if left is None else left)


def six_deviations(share: float, n: int) -> float:
    """What a binomial share exceeds with chance 2e-9 (normal approximation, n share ≥ 50)."""
    return 6 * math.sqrt(share * (1 - share) / n)


# -- the path ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "left"), [(2, None), (3, None), (4, None), (2, 0.3)])
def test_the_reduced_flow_ends_in_the_same_place(p: int, left: float | None):
    form = random_form(p, 3, p, left)
    begin = gaussian_starts(np.random.default_rng(0), 12, 3)
    end = flow(form, begin, growth=50.0)
    assert end.finished.all()
    for i in np.flatnonzero(end.alive):
        norm = np.linalg.norm(begin.w[i])

        def reduced(_: float, state: np.ndarray) -> np.ndarray:
            u, s = state[:-2], state[-2]
            gradient, height = form.gradient(u), float(form.value(u))
            turn = s * (gradient - (gradient @ u) * u)
            return np.concatenate([turn, [height * (1 - p * s * s), p * s * height]])

        def grown(_: float, state: np.ndarray, goal: float = float(end.log_growth[i])) -> float:
            return state[-1] - goal

        grown.terminal, grown.direction = True, 1  # type: ignore[attr-defined]
        state = np.concatenate([begin.w[i] / norm, [begin.a[i] / norm, 0.0]])
        exact = solve_ivp(reduced, (0, 1e6), state, events=grown, rtol=1e-9, atol=1e-11)
        u = exact.y[:-2, -1]
        assert np.linalg.norm(end.u[i] - u / np.linalg.norm(u)) < 2e-3
        assert end.sign[i] == np.sign(exact.y[-2, -1])


def test_p_1_is_a_hyperbolic_rotation():
    form = random_form(1, 4, 1)
    v = form.gradient(np.ones(4))
    size = np.linalg.norm(v)
    begin = gaussian_starts(np.random.default_rng(0), 500, 4)
    along = begin.w @ v / size
    end = flow(form, begin, growth=1000.0)
    assert end.alive.all()
    # w·v/|v| + a grows, so its sign decides the side; the rest of w stays as it was
    np.testing.assert_array_equal(end.sign, np.sign(along + begin.a))
    rest = begin.w - along[:, None] * v / size
    expected = np.linalg.norm(rest, axis=1) / np.linalg.norm(begin.w, axis=1)
    sine = np.linalg.norm(end.u - (end.u @ v)[:, None] * v / size**2, axis=1)
    np.testing.assert_allclose(sine * np.exp(end.log_growth), expected, rtol=1e-3)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_arrival_agrees_with_the_integral_for_one_input(p: int):
    data = random_labels(np.random.default_rng(p), 40)
    form = HomogeneousForm(data.augmented, data.y, p, 1.0, (-1.0) ** p)
    binary = form_of(data.x, data.y, p, 1.0)
    theta = extrema(binary, L2)
    found = orientations(binary, L2)
    begin = gaussian_starts(np.random.default_rng(0), 3000, 2)
    end = flow(form, begin, 1e3, found)
    start = np.arctan2(begin.w[:, 1], begin.w[:, 0])
    for at in found:
        middle = math.radians(at.angle_degrees)
        turns = np.sort((theta - middle + np.pi) % (2 * np.pi) - np.pi)
        lower, upper = turns[turns < -1e-6], turns[turns > 1e-6]
        before = lower[-1] if len(lower) else upper[-1] - 2 * np.pi
        after = upper[0] if len(upper) else lower[0] + 2 * np.pi
        turn = (start - middle + np.pi) % (2 * np.pi) - np.pi
        inside = ((before < turn) & (turn < after)) | (turn - 2 * np.pi > before)
        inside |= turn + 2 * np.pi < after
        direct = inside & (np.sign(begin.a) == at.sign) & (at.sign * form.value(begin.w) > 0)
        n = int(direct.sum())
        if n < 100:
            continue
        for g in (3.0, 10.0, 100.0):
            measured = float(np.mean(end.arrived[direct] <= math.log(g)))
            bounds = (middle + before, middle + after)
            # arrivals are noted once a step, in which ln |w| grows by at most 0.1
            low, high = (arrived_share(binary, at, bounds, h) for h in (g * math.exp(-0.11), g))
            error = 6 * 0.5 / math.sqrt(n)  # chance 2e-9 each
            assert low - error <= measured <= high + error


def test_arrival_is_not_counted_before_the_last_entry():
    # the target is passed on the way: at the end no neuron is near it
    form = random_form(3, 3, 1)
    at = critical_orientations(form, L2)[0]
    passed = dataclasses.replace(at, direction=tuple(-v for v in at.direction))
    w = -10 * np.array(at.direction) + 1e-3
    begin = Starts(w[None], np.array([20.0 * at.sign]))
    end = flow(form, begin, 1e3, (passed,))
    assert end.alive.all()
    assert np.isinf(end.arrived).all()
    assert np.isfinite(flow(form, begin, 1e3, (at,)).arrived).all()


# -- shares -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [2, 5])
def test_p_1_goes_half_and_half(dimension: int):
    form = random_form(0, dimension, 1)
    found = shares(form, critical_orientations(form, L2), np.random.default_rng(0), 2000)
    assert found.at == pytest.approx((0.5, 0.5), abs=six_deviations(0.5, 2000))
    assert found.dead == found.elsewhere == 0
    assert RESIDUAL == 2.0
    late = found.arrived_share(np.array([3.0, 3.0]))
    soon = found.arrived_share(np.array([1e3, 1e3]))
    assert (late < 0.2).all()
    assert (soon > 0.97).all()


@pytest.mark.parametrize(("dimension", "expected"), [(2, (1 - 3**-0.5) / 2), (1, None)])
def test_neurons_of_the_wrong_sign_die_on_a_definite_form(dimension: int, expected: float | None):
    # w shrinks to zero if 2 a² > |w|², with |w|² chi-squared: for D = 2 the chance of that is
    # 1 − E exp(−a²) = 1 − 1/√3; for D = 1 it is that of a Cauchy variable below √2
    if expected is None:
        expected = (2 / math.pi * math.atan(math.sqrt(2))) / 2
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1.5, (40, dimension))
    form = HomogeneousForm(x, np.ones(40), 2, 1.0, 1.0)
    found = shares(form, critical_orientations(form, L2), rng, 2000)
    # some directions escape: the flow turns toward the weaker axis only while both shrink
    assert found.dead == pytest.approx(expected, abs=six_deviations(expected, 2000))


def test_xor_shares_are_equal():
    data = xor_grid()
    form = HomogeneousForm(data.augmented, data.y, 3, 1.0, -1.0)
    found = shares(form, critical_orientations(form, L2), np.random.default_rng(0), 4000)
    each = (1 - found.dead - found.elsewhere) / 8
    assert found.at == pytest.approx((each,) * 8, abs=six_deviations(each, 4000))
    assert found.elsewhere < 0.01
    assert sum(found.at) + found.dead + found.elsewhere == pytest.approx(1)


def test_relu_neurons_in_a_dead_cone_are_dead():
    # a quarter of the circle has no active sample; of the others some end there as well
    form = HomogeneousForm(np.eye(2), np.array([1.0, 2.0]), 1, 1.0, 0.0)
    begin = gaussian_starts(np.random.default_rng(0), 1000, 2)
    end = flow(form, begin)
    assert not end.alive[(begin.w < 0).all(axis=1)].any()
    assert end.alive[(begin.w > 0).all(axis=1) & (begin.a > 0)].all()
    assert end.finished.all()


# -- Adam -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "left"), [(1, None), (3, None), (1, 0.0)])
def test_adam_flow_is_adam(p: int, left: float | None):
    form, epsilon = random_form(p, 3, p, left), 1e-4
    begin = gaussian_starts(np.random.default_rng(0), 20, 3)
    w = torch.tensor(epsilon * begin.w, requires_grad=True)
    a = torch.tensor(epsilon * begin.a, requires_grad=True)
    optimizer = torch.optim.Adam([w, a], lr=epsilon, eps=1e-40)
    goal = 40.0
    for _ in range(1000):
        if np.median(np.linalg.norm(w.detach().numpy(), axis=1)) >= goal * epsilon:
            break
        z = w @ torch.tensor(form.x).T
        lead = torch.where(z > 0, form.right * z**p, form.left * (-z) ** p)
        loss = -(a * (lead @ torch.tensor(form.y)) / len(form.y)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    end = adam_flow(form, begin, goal)
    norm = np.linalg.norm(w.detach().numpy(), axis=1)
    np.testing.assert_allclose(end.u, w.detach().numpy() / norm[:, None], atol=1e-6)
    np.testing.assert_array_equal(end.sign, np.sign(a.detach().numpy()))
    expected = np.log(norm / epsilon / np.linalg.norm(begin.w, axis=1))
    np.testing.assert_allclose(end.log_growth, expected, atol=1e-6)


def test_adam_ends_at_the_maxima_on_the_cube():
    data = xor_grid()
    form = HomogeneousForm(data.augmented, data.y, 3, 1.0, -1.0)
    found = shares_under_adam(form, critical_orientations(form, LINF), np.random.default_rng(0))
    assert found.elsewhere < 0.02
    each = sum(found.at) / 8
    assert found.at == pytest.approx((each,) * 8, abs=six_deviations(each, 2000))
    assert (found.arrived_share(np.full(8, 500.0)) > 0.95).all()
