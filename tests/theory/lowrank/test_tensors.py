"""Chains of truncations."""

from math import prod

import pytest
import sympy as sp

from theory.lowrank.tensors import (
    cap,
    caps_without_bond,
    chained,
    plain_caps,
    train_caps,
    train_law,
    tucker_caps,
    tucker_law,
)

SHAPE = (8, 6, 5)


def test_full_ranks_keep_everything():
    assert tucker_caps(SHAPE, SHAPE) == (1, 1, 1)
    assert train_caps(SHAPE, (8, 5)) == (1, 1, 1)


def test_one_truncated_mode_is_one_truncated_matrix():
    assert prod(tucker_caps(SHAPE, (3, 6, 5))) == pytest.approx(cap(8, 30, 3))
    assert prod(train_caps(SHAPE, (3, 5))) == pytest.approx(cap(8, 30, 3))


def test_sizes_are_those_left():
    assert tucker_caps(SHAPE, (3, 2, 5))[1] == pytest.approx(cap(6, 15, 2))
    assert plain_caps(SHAPE, (3, 2, 5))[1] == pytest.approx(cap(6, 40, 2))
    assert train_caps(SHAPE, (3, 2))[1] == pytest.approx(cap(18, 5, 2))
    assert caps_without_bond(SHAPE, (3, 2))[1] == pytest.approx(cap(6, 5, 2))


def test_laws_end_in_the_product():
    for law in (tucker_law, train_law):
        *_, (_, last) = law()
        assert isinstance(last, sp.Equality)
        assert last.rhs == chained()
