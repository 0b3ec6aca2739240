"""Adam on leading forms against its algorithm written out, and arrivals against all steps."""

import math

import numpy as np
import pytest

from theory.condensation.fates import adam_flow as module
from theory.condensation.fates.adam_flow import adam_flow
from theory.condensation.fates.flow import RESIDUAL, Starts, gaussian_starts
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.plane import Orientation

RATE, NEURONS = 1.5, 16
FORMS = [(2, 1.0, 1.0), (3, 1.0, -1.0), (1, 1.0, 0.0), (2, 1.0, 0.0)]  # order, right, left


def form_of(order: int, right: float, left: float) -> HomogeneousForm:
    rng = np.random.default_rng(6)
    x = np.column_stack([rng.uniform(-1, 1, (24, 2)), np.ones(24)])
    return HomogeneousForm(x, rng.choice([-1.0, 1.0], 24), order, right, left)


def single(form: HomogeneousForm, w: np.ndarray, a: float, steps: int) -> np.ndarray:
    """(w, a) after 0, 1, … steps of Kingma and Ba's Algorithm 1, of one neuron."""
    at = np.array([*w, a])
    first, second, path = np.zeros(4), np.zeros(4), [at]
    for step in range(1, steps + 1):
        force = np.array([*(at[3] * form.gradient(at[:3])), form.value(at[:3])])
        first = 0.9 * first + 0.1 * force
        second = 0.999 * second + 0.001 * force**2
        size = np.sqrt(second / (1 - 0.999**step))
        at = at + RATE * first / (1 - 0.9**step) / np.where(size > 0, size, 1.0)
        path.append(at)
    return np.array(path)


def arrival(path: np.ndarray, targets: tuple[Orientation, ...]) -> float:
    """ln |w|/|w₀| from where on it stays near the target that is nearest at the end, if one is."""
    norm = np.linalg.norm(path[:, :3], axis=1)
    cosines = np.array(
        [
            np.where(np.sign(path[:, 3]) == one.sign, path[:, :3] @ one.direction / norm, -1.0)
            for one in targets
        ]
    )
    near = cosines[np.argmax(cosines[:, -1]), 1:] > math.cos(math.radians(RESIDUAL))
    since = len(near) if not near[-1] else int(np.max(np.flatnonzero(~near), initial=-1)) + 1
    return math.inf if since == len(near) else math.log(norm[1:][since] / norm[0])


@pytest.mark.parametrize("kept", [500, 7])
@pytest.mark.parametrize("form", FORMS)
def test_neurons_go_where_the_algorithm_leads_them(
    form: tuple[int, float, float], kept: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "KEPT", kept)
    leading, radius = form_of(*form), 60.0
    targets = critical_orientations(leading, Geometry.LINF)
    starts = gaussian_starts(np.random.default_rng(1), NEURONS, 3)
    end = adam_flow(leading, starts, radius, targets, RATE)
    longest = [single(leading, w, a, 80) for w, a in zip(starts.w, starts.a, strict=True)]
    norms = np.linalg.norm(np.array(longest)[:, :, :3], axis=2)
    steps = int(np.argmax(np.median(norms, axis=0) >= radius))  # where all of them end
    assert steps > 7
    paths = [path[: steps + 1] for path in longest]
    last = np.array([path[-1] for path in paths])
    norm = np.linalg.norm(last[:, :3], axis=1)
    np.testing.assert_allclose(end.u, last[:, :3] / norm[:, None], atol=1e-9)
    np.testing.assert_array_equal(end.sign, np.sign(last[:, 3]))
    np.testing.assert_allclose(end.log_growth, np.log(norm / norms[:, 0]), atol=1e-9)
    assert end.finished.all()
    expected = [arrival(path, targets) if targets else math.inf for path in paths]
    np.testing.assert_allclose(end.arrived, expected, atol=1e-9)
    assert not targets or np.isfinite(end.arrived).any()


def test_neurons_without_force_stay():
    """In a cone where H vanishes nothing is divided by 0."""
    ramp = HomogeneousForm(np.array([[1.0, 0.0]]), np.array([1.0]), 1, 1.0, 0.0)
    start = Starts(np.array([[-1.0, 0.5], [2.0, 0.5]]), np.array([1.0, 1.0]))
    end = adam_flow(ramp, start, radius=20.0)
    np.testing.assert_allclose(end.u[0], np.array([-1.0, 0.5]) / math.hypot(1.0, 0.5))
    assert end.log_growth[0] == 0.0
    assert end.log_growth[1] > 0.0


def test_a_neuron_has_not_arrived_before_its_last_flip():
    """It points to the target all the time, but its output weight changes its sign on the way."""
    (target, *_) = critical_orientations(form_of(2, 1.0, 1.0), Geometry.LINF)
    steps = [(1.0, -1.0), (2.0, 1.0), (3.0, -1.0), (5.0, 1.0), (8.0, 1.0)]  # |w|, sign of a
    passed = module._Passed((target,), np.ones(1), 3)
    for norm, sign in steps:
        w = norm * np.array(target.direction)[:, None]
        passed.keep(np.vstack([w, [[sign * target.sign]]]), np.array([norm]))
    arrived = passed.arrived(np.array([target.direction]), np.array([target.sign]))
    np.testing.assert_allclose(arrived, math.log(5.0))
