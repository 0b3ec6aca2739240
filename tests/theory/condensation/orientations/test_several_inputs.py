"""Exact orientations for several inputs: of multiplicity 1 for any, and of XOR."""

import numpy as np
import pytest

from sim.condensation.targets import xor_grid
from tests.theory.condensation.orientations.grid import apart, nearest
from theory.condensation.forms.leading_form import Geometry, form_of
from theory.condensation.orientations.plane import (
    DegenerateError,
    linear_orientations,
    orientations,
    xor_orientations,
)

BOTH = pytest.mark.parametrize("geometry", Geometry)


def five() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return np.column_stack([rng.standard_normal((30, 4)), np.ones(30)]), rng.standard_normal(30)


@pytest.mark.parametrize("c", [0.5, -3.0])
@BOTH
def test_linear_orientations_beat_all_other_directions(c: float, geometry: Geometry):
    x, y = five()
    found = linear_orientations(x, y, c, geometry)
    assert sorted(o.sign for o in found) == [-1, 1]
    order = 2 if geometry is Geometry.L2 else np.inf
    others = np.random.default_rng(0).standard_normal((20_000, 5))
    others /= np.linalg.norm(others, ord=order, axis=1, keepdims=True)
    for at in found:
        u = np.array(at.direction)
        height = at.sign * c * np.mean(y * (x @ u))
        assert np.linalg.norm(u) == pytest.approx(1)
        assert at.height == pytest.approx(height)
        best = (at.sign * c * y @ (x @ others.T) / len(y)).max()
        assert best < height / np.linalg.norm(u, ord=order) < 1.5 * best
        assert (at.kappa, at.share, at.direct_share) == (1.0, 0.5, 0.25)


@BOTH
def test_linear_orientations_agree_with_the_form_for_one_input(geometry: Geometry):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-1, 1.5, (20, 1)), rng.standard_normal(20)
    direct = linear_orientations(np.column_stack([x, np.ones(20)]), y, -0.7, geometry)
    for at in orientations(form_of(x, y, 1, -0.7), geometry):
        other = nearest(direct, at.angle_degrees, at.sign)
        assert apart(at.angle_degrees, other.angle_degrees) < 1e-6
        assert at.height == pytest.approx(other.height)


def test_linear_orientations_refuse_a_vanishing_v():
    x, y = five()
    y = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]  # orthogonal to all inputs, up to rounding
    for geometry in Geometry:
        with pytest.raises(DegenerateError):
            linear_orientations(x, y, 1.0, geometry)


def test_sign_steps_need_every_component_of_v():
    x, y = five()
    y = y - y.mean()  # the bias component of v vanishes, up to rounding
    with pytest.raises(DegenerateError):
        linear_orientations(x, y, 1.0, Geometry.LINF)
    assert linear_orientations(x, y, 1.0, Geometry.L2)[0].direction[-1] == pytest.approx(0)


def ascended(sign: int, geometry: Geometry) -> np.ndarray:
    """Unit directions where projected gradient ascent of sign·H from random starts ends."""
    data = xor_grid()
    x, y = data.augmented, data.y
    u = np.random.default_rng(0).standard_normal((300, 3))
    for _ in range(300):
        gradient = 3 * ((u @ x.T) ** 2 * y) @ x / len(y)
        u = u + 2.0 * sign * gradient
        if geometry is Geometry.L2:
            u = u / np.linalg.norm(u, axis=1, keepdims=True)
        else:
            u = np.clip(u, -1, 1)
    assert (sign * (u @ x.T) ** 3 @ y > 0).all()
    return u / np.linalg.norm(u, axis=1, keepdims=True)


@BOTH
def test_xor_orientations_are_all_the_maxima_of_the_data(geometry: Geometry):
    predicted = xor_orientations()
    for sign in (1, -1):
        ends = {tuple(end) for end in np.round(ascended(sign, geometry), 6)}
        expected = {tuple(np.round(o.direction, 6)) for o in predicted if o.sign == sign}
        assert ends == expected
    assert len({o.direction for o in predicted}) == len(predicted) == 8


def test_xor_exponent_and_shares():
    data = xor_grid()
    scale = np.mean(data.x[:, 0] ** 2) ** 2  # the height is given for inputs of unit variance
    for at in xor_orientations():
        u, along = np.array(at.direction), data.augmented @ np.array(at.direction)
        height = np.mean(data.y * along**3)
        assert at.sign * at.height * scale == pytest.approx(height)
        hessian = 6 * (data.augmented.T * (data.y * along)) @ data.augmented / len(data.y)
        tangent = np.linalg.svd(u[None])[2][1:]
        top = np.linalg.eigvalsh(at.sign * tangent @ hessian @ tangent.T).max()
        assert at.kappa == pytest.approx(1 - top / (3 * abs(height)))
        assert (at.share, at.direct_share) == (1 / 8, 1 / 16)
