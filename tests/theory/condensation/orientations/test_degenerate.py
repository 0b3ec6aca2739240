"""Forms that prefer no direction, or none of one sign: nothing is predicted, and why."""

import numpy as np
import pytest

from tests.theory.condensation.orientations.smooth import smooth
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.plane import DegenerateError

BOTH = pytest.mark.parametrize("geometry", Geometry)
L2, LINF = Geometry.L2, Geometry.LINF


def test_a_sign_for_which_nothing_grows_has_no_orientation():
    # ReLU is never negative, so with positive labels H is not either, and a < 0 is of no use
    x = np.column_stack([np.random.default_rng(0).standard_normal((9, 2)), np.ones(9)])
    f = HomogeneousForm(x, np.ones(9), 1, 1.0, 0.0)
    assert {o.sign for o in critical_orientations(f, L2)} == {1}


@BOTH
def test_a_vanishing_form_is_degenerate(geometry: Geometry):
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.standard_normal((30, 2)), np.ones(30)])
    y = rng.standard_normal(30)
    features = np.einsum("ni,nj,nk->nijk", x, x, x).reshape(30, -1)
    y -= features @ np.linalg.lstsq(features, y, rcond=None)[0]  # orthogonal up to rounding
    for zero in (y, np.zeros(30)):
        with pytest.raises(DegenerateError, match="vanishes"):
            critical_orientations(smooth(x, zero, 3), geometry)


@pytest.mark.parametrize("p", [2, 4])
def test_a_constant_form_is_degenerate(p: int):
    # even points on a circle make Σ (u·x)^p the same for all u
    angle = 2 * np.pi * np.arange(12) / 12
    x = np.stack([np.cos(angle), np.sin(angle)], -1)
    with pytest.raises(DegenerateError, match="equal"):
        critical_orientations(smooth(x, np.ones(12), p), L2)


def test_equal_eigenvalues_are_degenerate():
    with pytest.raises(DegenerateError, match="eigenvalues"):
        critical_orientations(smooth(np.eye(3), np.array([1.0, 1.0, -1.0]), 2), L2)


def test_a_circle_of_maxima_is_degenerate():
    # H = u₃³ + 3 u₃ (u₁² + u₂²) depends on the angle to the third axis only
    angle = 2 * np.pi * np.arange(12) / 12
    x = np.stack([np.cos(angle), np.sin(angle), np.ones(12)], -1)
    with pytest.raises(DegenerateError, match="curve"):
        critical_orientations(smooth(x, np.ones(12), 3), L2)


@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("kinked_left", [False, True])
def test_a_flat_edge_is_degenerate_on_the_cube(p: int, kinked_left: bool):
    # the third weight has no effect at all
    x = np.column_stack([np.random.default_rng(0).standard_normal((20, 2)), np.zeros(20)])
    y = np.random.default_rng(1).standard_normal(20)
    f = HomogeneousForm(x, y, p, 1.0, 0.3 if kinked_left else (-1.0) ** p)
    with pytest.raises(DegenerateError):
        critical_orientations(f, LINF)


def test_a_vanishing_component_at_a_corner_is_degenerate():
    # H = u₁³ + tiny u₂: rounding must not decide about the corner
    f = smooth(np.array([[1.0, 0.0], [1.0, 1e-9]]), np.array([1.0, 1e-9]), 3)
    with pytest.raises(DegenerateError):
        critical_orientations(f, LINF)
