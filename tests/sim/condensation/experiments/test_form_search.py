"""Maxima counted on a grid: against exact roots, on profiles known in advance, and one way only."""

import math

import numpy as np
import pytest

from sim.condensation.experiments.form_search import FormSearch, KinkedFormSearch
from sim.condensation.experiments.random_forms import ENSEMBLES, Ensemble, draw_terms
from sim.condensation.experiments.square_grid import count_maxima, on_square, points
from theory.condensation.forms.leading_form import Form, Geometry
from theory.condensation.orientations.plane import orientations

FORMS = 60


def form(terms: list[float]) -> Form:
    p = len(terms) - 1
    return Form(1.0, tuple(term / math.comb(p, k) for k, term in enumerate(terms)))


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 6])
def test_never_more_than_by_roots_and_rarely_fewer(p: int, ensemble: Ensemble):
    """Over 9,000 forms the grid had fewer maxima in at most 1.3 % of an ensemble, never more."""
    found = FormSearch(order=p, ensemble=ensemble, block=FORMS).run(0, 0)
    on_grid = np.array([one["orientations"] for one in found])
    by_roots = np.array([len(orientations(form(one["terms"]), Geometry.LINF)) for one in found])
    assert (on_grid <= by_roots).all()
    assert np.mean(on_grid < by_roots) <= 0.1
    assert by_roots.max() <= 2 * p


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_forms_have_the_degree_and_are_drawn_anew(ensemble: Ensemble):
    rng = np.random.default_rng(0)
    drawn = [draw_terms(ensemble, rng, 4) for _ in range(3)]
    assert all(one.shape == (5,) and np.isfinite(one).all() for one in drawn)
    assert not np.allclose(drawn[0], drawn[1])


def test_points_go_once_around_half_of_the_square():
    w, b = points()
    assert (np.maximum(np.abs(w), np.abs(b)) == 1).all()
    angle = np.unwrap(np.arctan2(b, w))
    assert (np.diff(angle) >= 0).all()
    assert angle[-1] - angle[0] < math.pi  # the last one's neighbor is opposite to the first


def test_known_forms():
    """w b has its maxima at the two corners; w² + b² too; w b (w − b) between its lines."""
    terms = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    assert count_maxima(*on_square(terms)).tolist() == [2, 2]
    assert count_maxima(*on_square(np.array([[0.0, 1.0, -1.0, 0.0]]))).tolist() == [3]


def test_what_is_rounding_is_no_maximum():
    steps = np.array([[1.0, 1.0 + 1e-15, 1.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]])
    assert count_maxima(steps, np.full_like(steps, 1e-14)).tolist() == [1, 0]
    assert count_maxima(steps, np.zeros_like(steps)).tolist() == [2, 0]


def test_the_search_would_find_more_than_the_bound():
    """Forms with kinks are no polynomials and have more maxima than 2p."""
    found = [one["orientations"] for one in KinkedFormSearch(block=40).run(0, 0)]
    assert np.mean(np.array(found) > 2) > 0.5


def test_a_unit_does_not_depend_on_its_block():
    one = FormSearch(order=3, ensemble="zeros", block=8)
    assert one.simulate(5, [3], "cpu")[0] == one.simulate(5, range(8), "cpu")[3]
