"""Rank of first updates, against draws."""

import numpy as np
import pytest
import sympy as sp

from theory.lowrank.spatial import (
    FILTERS,
    RHO,
    SHARE,
    correlated,
    correlation_law,
    law,
    participation,
    share,
)


def line(rho):
    return rho ** np.abs(np.subtract.outer(np.arange(3), np.arange(3)))


def test_share_of_correlated_pixels():
    expected = (3 + 4 * RHO**2 + 2 * RHO**4) ** 2 / sp.Integer(81)
    assert sp.expand(correlated() - expected) == 0
    covariance = np.kron(line(0.6), line(0.6))
    assert float(correlated().subs(RHO, 0.6)) == pytest.approx(share(covariance))


def test_participation_of_independent_rows():
    """The ratio of means of 4,000 draws has a relative standard error of 0.3 %: 2 % is 6."""
    covariance = np.kron(line(0.5), line(0.5))
    rows = np.random.default_rng(0).multivariate_normal(np.zeros(9), covariance, (4000, 8))
    grams = rows @ rows.transpose(0, 2, 1)
    energy, fourth = np.trace(grams, axis1=1, axis2=2), (grams**2).sum((1, 2))
    expected = participation().subs([(FILTERS, 8), (SHARE, share(covariance))])
    assert float(expected) == pytest.approx((energy**2).mean() / fourth.mean(), rel=0.02)


def test_one_filter_has_rank_1():
    assert sp.simplify(participation().subs(FILTERS, 1)) == 1


def test_laws_end_in_the_ratio():
    for steps in (law, correlation_law):
        *_, (_, last) = steps()
        assert isinstance(last, sp.Equality)
