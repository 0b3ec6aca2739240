"""What a run of finite length can tell, against direct integration of the flow."""

import math
from itertools import product

import numpy as np
import pytest

from theory.condensation import convergence
from theory.condensation.convergence import RESIDUAL, arrived_share, growth, unresolved
from theory.condensation.forms.leading_form import Form, Geometry, form_of
from theory.condensation.orientations.plane import Orientation, extrema, orientations
from theory.condensation.protocol import Protocol

X = np.linspace(-1.0, 1.5, 40)[:, None]
BOTH = pytest.mark.parametrize("geometry", Geometry)
GROWTHS = (1.5, 4.0, 15.0)
STARTS = 800
FINE = 4000  # grid points per side of a basin, to compare formulas and not grids


def protocol(geometry: Geometry = Geometry.L2, **changes) -> Protocol:
    settings = {"epsilon": 1e-5, "neurons": 200, "moment_ratio": 0.02, "amplitude": 0.2}
    return Protocol(**{"geometry": geometry, "coupled": False, **settings, **changes})


def kostlan(rng: np.random.Generator, p: int) -> Form:
    """A form with Gaussian random coefficients that prefers no direction."""
    weights = np.sqrt([float(math.comb(p, k)) for k in range(p + 1)])
    return Form(1.0, tuple((rng.standard_normal(p + 1) / weights).tolist()))


def basins(form: Form) -> list[tuple[Orientation, tuple[float, float]]]:
    """Every orientation on the circle with the extrema before and after it."""
    theta, found = extrema(form, Geometry.L2), []
    for at in orientations(form, Geometry.L2):
        turns = np.sort((theta - math.radians(at.angle_degrees) + np.pi) % (2 * np.pi) - np.pi)
        lower, upper = turns[turns < -1e-6], turns[turns > 1e-6]
        # with two extrema only, the same one is met on both sides
        before = lower[-1] if len(lower) else upper[-1] - 2 * np.pi
        after = upper[0] if len(upper) else lower[0] + 2 * np.pi
        found.append(
            (at, (math.radians(at.angle_degrees) + before, math.radians(at.angle_degrees) + after))
        )
    return found


# -- arrival ----------------------------------------------------------------------------------


def growth_on_arrival(form: Form, at: Orientation, bounds: tuple[float, float]) -> np.ndarray:
    """ln |w|/|w₀| when directly growing starts, even over a basin, are within RESIDUAL.

    Runge-Kutta for dθ/ds = ±H', d ln r/ds = ±pH, which is dθ/d ln r = H'/(pH) without a pole.
    """
    target, near = math.radians(at.angle_degrees), math.radians(RESIDUAL)
    theta = bounds[0] + (bounds[1] - bounds[0]) * (np.arange(STARTS) + 0.5) / STARTS
    terms = form.c * np.array([math.comb(form.p, k) * m for k, m in enumerate(form.moments)])

    def speed(state: np.ndarray) -> np.ndarray:
        c, s = np.cos(state[0]), np.sin(state[0])
        h, slope = np.zeros_like(c), np.zeros_like(c)
        for k, term in enumerate(terms):
            j = form.p - k
            h += term * c**k * s**j
            slope += term * (j * c ** (k + 1) * s ** max(j - 1, 0))
            slope -= term * (k * c ** max(k - 1, 0) * s ** (j + 1))
        return at.sign * np.stack([slope, form.p * h])

    state = np.stack([theta, np.zeros_like(theta)])
    rate = speed(state)
    state = state[:, rate[1] > 0]
    needed = np.where(np.abs(state[0] - target) <= near, 0.0, np.inf)
    step = 0.05 / (form.p * np.abs(rate).max())
    while np.any(np.isinf(needed) & (state[1] <= math.log(max(GROWTHS)))):
        first = speed(state)
        second = speed(state + step / 2 * first)
        third = speed(state + step / 2 * second)
        fourth = speed(state + step * third)
        before, state = state, state + step / 6 * (first + 2 * second + 2 * third + fourth)
        left = np.abs([before[0] - target, state[0] - target]) - near
        arrived = np.isinf(needed) & (left[1] <= 0)
        passed = left[0, arrived] / (left[0, arrived] - left[1, arrived])  # share of this step
        needed[arrived] = before[1, arrived] + passed * (state[1] - before[1])[arrived]
    return needed


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_arrived_share_agrees_with_the_integrated_flow(p: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(convergence, "_ARC", FINE)
    rng = np.random.default_rng(p)
    for _ in range(2):
        form = kostlan(rng, p)
        found = basins(form)
        for at, bounds in found[: len(found) // 2]:  # the others are opposite to these
            needed = growth_on_arrival(form, at, bounds)
            cell = 1 / len(needed)  # on both sides the last one may count for the wrong bin
            for g in GROWTHS:
                expected = np.mean(needed <= math.log(g))
                assert arrived_share(form, at, bounds, g) == pytest.approx(expected, abs=3 * cell)


@pytest.mark.parametrize("g", [2.0, 10.0, 20.0])
def test_for_p_1_the_sine_of_the_angle_fades_as_one_over_the_growth(g: float):
    form = kostlan(np.random.default_rng(0), 1)
    expected = math.degrees(math.asin(g * math.sin(math.radians(RESIDUAL)))) / 90
    for at, bounds in basins(form):
        assert arrived_share(form, at, bounds, g) == pytest.approx(expected, abs=0.01)


def test_all_have_arrived_where_the_basin_is_narrow():
    form = kostlan(np.random.default_rng(0), 2)
    at = orientations(form, Geometry.L2)[0]
    angle, narrow = math.radians(at.angle_degrees), math.radians(RESIDUAL) / 2
    assert arrived_share(form, at, (angle - narrow, angle + narrow), 1.0) == 1.0


# -- growth -----------------------------------------------------------------------------------


def tensor_norm(values: np.ndarray, p: int) -> float:
    """Norm of the mean of values · (x, 1)^{⊗p}, entry by entry."""
    both = np.stack([X[:, 0], np.ones(len(X))])
    return float(
        np.linalg.norm([np.mean(values * both[list(i)].prod(0)) for i in product((0, 1), repeat=p)])
    )


@BOTH
@pytest.mark.parametrize("coupled", [True, False])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_growth_ends_where_the_stop_rule_says(p: int, coupled: bool, geometry: Geometry):
    y = np.random.default_rng(p).standard_normal(len(X))
    form = form_of(X, y, p, -0.7)
    for amplitude in (0.2, 1e3):
        setup = protocol(geometry, coupled=coupled, amplitude=amplitude)
        for at in orientations(form, geometry):
            radius = growth(form, X, at, setup) * setup.epsilon * math.sqrt(2)  # two weights
            w, b = radius * np.array(at.direction)
            # gradient flow conserves |w|² − p a² ≈ 0; sign steps move a as the largest weight
            a = radius / math.sqrt(p) if geometry is Geometry.L2 else max(abs(w), abs(b))
            networks = setup.neurons if coupled else 1
            neurons = networks / 2 if p == 1 else networks
            f = neurons * a * form.c * (w * X[:, 0] + b) ** p
            moments = tensor_norm(f, p) / tensor_norm(y, p) / setup.moment_ratio
            size = np.abs(w * X[:, 0] + b).max() / amplitude
            assert max(moments, size) == pytest.approx(1, rel=1e-9)


# -- which units may be judged ----------------------------------------------------------------


def two_peaks(degrees: float) -> Form:
    """p = 4, H = 4 cos 2α cos 2θ − cos 4θ: maxima at ±α and 180° ± α, minima at ±90°."""
    b = 4 * math.cos(2 * math.radians(degrees))
    return Form(1.0, (-b - 1, 0.0, 1.0, 0.0, b - 1))  # of w⁴ − b⁴ and w⁴ − 6w²b² + b⁴


def test_two_peaks_are_where_they_should_be():
    found = orientations(two_peaks(15.0), Geometry.L2)
    assert [(round(o.angle_degrees, 6), o.sign) for o in found] == [
        (15, 1),
        (90, -1),
        (165, 1),
        (195, 1),
        (270, -1),
        (345, 1),
    ]


def flat_cubic(rise: float, last: float = 0.3) -> Form:
    """p = 3 whose derivative along the edge w = 1 is 3((t − 0.2)² + rise)."""
    return Form(1.0, (1.0, -0.2, 0.04 + rise, last))


EASY = Form(1.0, (1.0, 0.6))
LINF = Geometry.LINF


@pytest.mark.parametrize(
    ("form", "setup"),
    [
        (EASY, protocol()),
        (two_peaks(20.0), protocol(neurons=2000, epsilon=1e-8)),
        (Form(1.0, (-1.0, 0.0, 0.2)), protocol()),
        (EASY, protocol(LINF, epsilon=1e-4)),
        (flat_cubic(0.5), protocol(LINF, epsilon=1e-4)),
    ],
)
def test_easy_units_are_judged(form: Form, setup: Protocol):
    assert unresolved(form, X, setup) is None


@pytest.mark.parametrize(
    ("form", "setup", "reason"),
    [
        (EASY, protocol(neurons=30), "fewer than 10 neurons"),
        (Form(1.0, (-20.0, 0.0, 1.0)), protocol(neurons=2000), "less than 4% of them"),
        (two_peaks(8.0), protocol(neurons=2000, epsilon=1e-8), "closer than 20°"),
        (two_peaks(12.0), protocol(neurons=2000, epsilon=1e-8), "still on their way"),
        (EASY, protocol(epsilon=0.01), "still on their way"),
        (EASY, protocol(LINF, epsilon=0.01), "initial weights are not negligible"),
        (Form(1.0, (1.0, 0.01)), protocol(LINF, epsilon=1e-4), "at a corner"),
        (flat_cubic(0.001), protocol(LINF, epsilon=1e-4), "next order shifts its maximum"),
        (flat_cubic(0.001, last=1.0), protocol(LINF, epsilon=1e-4), "nearly flat somewhere"),
    ],
)
def test_hard_units_are_not_judged(form: Form, setup: Protocol, reason: str):
    assert reason in (unresolved(form, X, setup) or "")


def test_stiff_orientations_are_not_judged(monkeypatch: pytest.MonkeyPatch):
    # w² − 25 b² with its weak maximum at b = 0 has kappa = 1 + 25, and a narrow basin too
    monkeypatch.setattr(convergence, "SMALLEST_SHARE", 0.0)
    form = Form(1.0, (-25.0, 0.0, 1.0))
    assert "times faster than it grows" in (unresolved(form, X, protocol(neurons=2000)) or "")
    assert unresolved(Form(1.0, (-15.0, 0.0, 1.0)), X, protocol(neurons=2000)) is None


def test_a_form_that_vanishes_is_not_judged():
    vanishing = Form(1.0, (0.0, 0.0, 0.0))
    setup = Protocol(Geometry.L2, 1e-5, 200, 0.02, 0.2, False)
    assert "vanishes" in str(unresolved(vanishing, X, setup))
