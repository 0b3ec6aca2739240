"""The derivation of shares, and that its parts are the numbers of
`theory.condensation.fates.plane`.
"""

import math

import numpy as np
import pytest
import sympy

from theory.condensation.fates.flow import gaussian_starts
from theory.condensation.fates.laws import (
    DEPTH,
    K,
    dead_share_of_definite_form,
    fate_steps,
    fates_prediction,
    flip_limit,
    law_prediction,
    mean_prediction,
    ratio_chance,
)


def test_flip_limit():
    assert sympy.simplify(flip_limit() - (1 - sympy.exp(-2 * DEPTH))) == 0


@pytest.mark.parametrize("k", [0.1, 0.5, 2.0])
def test_chance_of_the_ratio(k: float):
    begin = gaussian_starts(np.random.default_rng(0), 100_000, 2)
    measured = np.mean(begin.a**2 < k * np.sum(begin.w**2, axis=1))
    error = 6 * 0.5 / math.sqrt(100_000)  # chance 2e-9
    assert measured == pytest.approx(float(sympy.N(ratio_chance().subs(K, k))), abs=error)


def test_definite_form():
    assert sympy.simplify(dead_share_of_definite_form(2) - (1 - 1 / sympy.sqrt(3)) / 2) == 0


def test_steps_and_predictions_name_their_symbols():
    assert len(fate_steps()) == 6
    for prediction in (fates_prediction(), law_prediction(), mean_prediction()):
        named = {row.symbol for row in prediction.symbols}
        assert prediction.formula.free_symbols <= named
