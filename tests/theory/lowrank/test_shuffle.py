"""Σσ⁴ of shuffled kernels, against all permutations of small ones."""

from itertools import combinations, permutations
from math import prod

import numpy as np
import pytest
import sympy as sp

from theory.lowrank.shuffle import (
    COLUMNS,
    KURTOSIS,
    ROWS,
    SUMS,
    distinct_sum,
    in_power_sums,
    law,
    participation,
    shuffled_moment,
)

ENTRIES = np.array([3.0, -1.0, 0.5, 2.0, 0.25, -4.0])


def sums(entries):
    return {symbol: (entries**power).sum() for power, symbol in enumerate(SUMS, start=1)}


@pytest.mark.parametrize("powers", [(1, 1), (2, 1), (2, 2), (1, 1, 1), (1, 1, 1, 1)])
def test_sums_over_different_entries(powers):
    direct = sum(
        prod(ENTRIES[place] ** power for place, power in zip(chosen, powers, strict=True))
        for chosen in permutations(range(len(ENTRIES)), len(powers))
    )
    assert float(distinct_sum(powers).subs(sums(ENTRIES))) == pytest.approx(direct)


@pytest.mark.parametrize(("rows", "columns"), [(2, 3), (3, 2), (1, 6)])
def test_moment_is_the_mean_over_all_permutations(rows, columns):
    kernels = np.array(list(permutations(ENTRIES))).reshape(-1, rows, columns)
    grams = kernels @ kernels.transpose(0, 2, 1)
    expected = in_power_sums().subs({ROWS: rows, COLUMNS: columns, **sums(ENTRIES)})
    if rows == 1:  # Σσ⁴ is then the square of the energy, whatever the order
        assert float(expected) == pytest.approx((ENTRIES**2).sum() ** 2)
    assert float(expected) == pytest.approx((grams**2).sum((1, 2)).mean())


def test_the_same_for_both_unfoldings_and_for_the_transpose():
    moment = in_power_sums()
    assert sp.simplify(moment - moment.subs({ROWS: COLUMNS, COLUMNS: ROWS}, simultaneous=True)) == 0


def test_participation_of_many_entries():
    k, n, kurtosis = 300, 900, 4.5
    entries = k * n
    exact = in_power_sums().subs(
        {ROWS: k, COLUMNS: n, **dict(zip(SUMS, (0, entries, 0, kurtosis * entries), strict=True))}
    )
    found = participation().subs({ROWS: k, COLUMNS: n, KURTOSIS: kurtosis})
    assert float(found) == pytest.approx(entries**2 / float(exact), rel=1e-4)


def test_law_ends_in_the_moment():
    *_, (_, last) = law()
    assert isinstance(last, sp.Equality)
    assert last.rhs == shuffled_moment()


def test_pairs_are_counted():
    """Four places in two rows and two columns: what the three kinds of terms have in all."""
    k, n = 4, 5
    places = [(i, j) for i in range(k) for j in range(n)]
    squares = 2 * sum((a[0] == b[0]) != (a[1] == b[1]) for a, b in combinations(places, 2))
    assert squares == k * n * (n - 1) + n * k * (k - 1)
