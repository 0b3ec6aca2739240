"""p = 2: eigenvectors on the sphere, corners on the cube."""

from itertools import product

import numpy as np
import pytest

from sim.condensation.recipes import dominant_diagonal
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.critical import critical_orientations
from theory.condensation.orientations.quadratic import (
    corner_orientations,
    moment_matrix,
    quadratic_steps,
)


def drawn(seed: int, dimension: int) -> tuple[HomogeneousForm, np.ndarray]:
    data, matrix = dominant_diagonal(np.random.default_rng(seed), dimension)
    return HomogeneousForm(data.augmented, data.y, 2, 1.0, 1.0), matrix


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_the_recipe_has_the_moments_it_promises(dimension: int):
    form, matrix = drawn(dimension, dimension)
    np.testing.assert_allclose(moment_matrix(form), matrix, atol=1e-10)
    diagonal = np.abs(np.diag(matrix))
    beside = np.abs(matrix).sum(axis=1) - diagonal
    assert np.all(10 * beside <= diagonal * (1 + 1e-12))
    assert len(set(np.sign(np.diag(matrix)))) == 1


@pytest.mark.parametrize(("dimension", "seed"), [(2, 0), (3, 1), (3, 2), (4, 3)])
def test_a_search_over_the_cube_finds_the_same_corners(dimension: int, seed: int):
    form, matrix = drawn(seed, dimension)
    found = critical_orientations(form, Geometry.LINF)
    expected = corner_orientations(matrix)
    assert len(expected) == 2**dimension

    def key(orientations):
        return sorted((o.sign, *np.round(o.direction, 9), round(o.height, 9)) for o in orientations)

    assert key(found) == key(expected)


def test_on_the_sphere_there_are_four_at_most():
    form, _ = drawn(1, 4)  # 16 corners under Adam
    assert len(critical_orientations(form, Geometry.L2)) == 2  # definite: one line


def test_every_corner_is_higher_than_its_neighbors_on_the_cube():
    matrix = drawn(5, 3)[1]
    sign = corner_orientations(matrix)[0].sign
    rng = np.random.default_rng(0)
    for corner in product((1.0, -1.0), repeat=3):
        inward = np.array(corner) * (1 - 1e-3 * rng.uniform(size=(200, 3)))
        heights = sign * np.einsum("ki,ij,kj->k", inward, matrix, inward)
        assert heights.max() < sign * np.array(corner) @ matrix @ np.array(corner)


@pytest.mark.parametrize("matrix", [[[1.0, 2.0], [2.0, 3.0]], [[1.0, 0.1], [0.1, -1.0]]])
def test_other_matrices_are_refused(matrix: list[list[float]]):
    with pytest.raises(ArithmeticError, match="does not dominate"):
        corner_orientations(np.array(matrix))


def test_only_quadratic_forms_have_a_matrix():
    form = HomogeneousForm(np.eye(2), np.ones(2), 3, 1.0, -1.0)
    with pytest.raises(ValueError, match="order 2"):
        moment_matrix(form)


def test_the_steps_end_with_the_count():
    assert str(quadratic_steps()[-1].formula) == "Eq(N, 2**D)"
