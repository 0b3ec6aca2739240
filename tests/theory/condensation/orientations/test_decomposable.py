"""Orthogonally decomposable forms: the exact argument against the search in any dimension."""

import numpy as np
import pytest
import sympy

from sim.condensation.recipes import orthogonally_decomposable
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import complex_lines, search
from theory.condensation.orientations.decomposable import (
    critical_points,
    decomposable_orientations,
    decomposable_steps,
    decomposition,
)


def recipe(dimension: int, c: float = 1.0) -> tuple[HomogeneousForm, np.ndarray]:
    data, basis = orthogonally_decomposable(np.random.default_rng(dimension), dimension)
    return HomogeneousForm(data.augmented, data.y, 3, c, -c), basis


@pytest.mark.parametrize("c", [1.0, -0.5])
@pytest.mark.parametrize("dimension", [2, 3, 4, 5, 6])
def test_two_for_each_dimension(dimension: int, c: float):
    form, basis = recipe(dimension, c)
    predicted = decomposable_orientations(basis, c)
    result = search(form, Geometry.L2)
    assert len(predicted) == len(result.orientations) == 2 * dimension
    assert result.missed == result.unverified == 0
    # 1000 starts: six standard deviations of a share (chance 2e-9) are below 0.095; those that
    # face no vₖ climb to a maximum below 0
    assert result.fading == pytest.approx(0.5**dimension, abs=0.095)
    for at in predicted:
        close = [o for o in result.orientations if np.allclose(o.direction, at.direction)]
        assert len(close) == 1
        assert close[0].sign == at.sign
        assert (close[0].height, close[0].kappa) == pytest.approx((at.height, at.kappa))
        # 1000 starts: standard deviation of a share below 0.008, six of them at chance 2e-9
        assert close[0].share == pytest.approx(at.share, abs=0.048)
        assert close[0].direct_share == pytest.approx(at.direct_share, abs=0.048)


@pytest.mark.parametrize("c", [1.0, -0.5])
def test_the_basis_is_found_from_the_data(c: float):
    form, basis = recipe(5, c)
    found = decomposition(form)
    overlap = found @ basis.T
    np.testing.assert_allclose(np.sort(overlap.max(axis=1)), np.ones(5))  # and not −1
    np.testing.assert_allclose(overlap @ overlap.T, np.eye(5), atol=1e-9)


def test_other_forms_are_not_decomposed():
    rng = np.random.default_rng(0)
    form, _ = recipe(4)
    other = HomogeneousForm(form.x, rng.standard_normal(len(form.y)), 3, 1.0, -1.0)
    with pytest.raises(ArithmeticError, match="not orthogonally"):
        decomposition(other)
    with pytest.raises(ArithmeticError, match="order 3"):
        decomposition(HomogeneousForm(form.x, form.y, 2, 1.0, 1.0))


def test_all_critical_lines_are_real():
    # as many as there are over the complex numbers, so the argument has left none out
    for dimension in (2, 3, 5):
        assert critical_points(dimension) == complex_lines(3, dimension)


def test_the_derivation_ends_with_2d():
    steps = decomposable_steps()
    assert steps[-1].formula == sympy.Eq(
        sympy.Symbol("N"), 2 * sympy.Symbol("D", integer=True, positive=True)
    )
    h = sympy.Symbol("h", positive=True)
    assert [s.formula.rhs for s in steps[3:5]] == [3 * h, -3 * h]  # type: ignore[union-attr]
