"""Kurtosis and participation ratio of products of Gaussian factors."""

import pytest

from theory.lowrank.stability import COLUMNS, RANK, ROWS, kurtosis, passed


def test_kurtosis_is_that_of_two_normal_numbers_and_tends_to_normal():
    assert float(kurtosis().subs({RANK: 1})) == 9
    assert float(kurtosis().subs({RANK: 10**9})) == pytest.approx(3, abs=1e-8)


def test_a_shuffled_layer_of_rank_1_passes_many_directions():
    sizes = {RANK: 1, ROWS: 32, COLUMNS: 144}
    assert float(passed().subs(sizes)) == pytest.approx(25.18, abs=0.01)
