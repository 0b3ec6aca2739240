"""Clocks of long runs, and what predictions and derivations say."""

import math

import numpy as np
import pytest
import sympy

from theory.batchnorm import collapse as theory


def test_decay_clock_is_the_sum_over_steps():
    """Undoing the shrinking, step k has grown by (1 − ηλ)^(−2k); the sum tends to the clock."""
    strength, steps, rate, decay = 1e-3, np.array([10_000, 20_000]), 0.01, 0.005
    exact = strength * np.cumsum((1 - rate * decay) ** (-2.0 * np.arange(1, 20_001)))[steps - 1]
    assert theory.decayed_clock(strength, steps, rate, decay) == pytest.approx(exact, rel=1e-3)
    for none in (0.0, 1e-9):
        plain = theory.decayed_clock(strength, steps, rate, none)
        assert plain == pytest.approx(strength * steps, rel=1e-6)


@pytest.mark.parametrize("momentum", [0.1, 0.5, 0.9])
def test_momentum_clock(momentum):
    clock = theory.momentum_clock().subs(
        {theory.MOMENTUM: momentum, theory.STRENGTH: 1, theory.STEPS: 1}
    )
    moved = sum(momentum**k for k in range(2000))  # by one gradient, in the end
    assert float(clock) == pytest.approx(moved**2, rel=1e-9)


def test_steps_are_formulas():
    steps = [*theory.cone_steps(), *theory.tail_steps(0.3653), *theory.variant_steps()]
    assert all(isinstance(step.formula, sympy.Basic) for step in steps)
    assert not any(step.formula in (sympy.true, sympy.false) for step in steps)


@pytest.mark.parametrize(
    "prediction",
    [
        theory.passage_prediction(4),
        theory.power_prediction((0.1, 1.0)),
        theory.slopes_prediction(4),
        theory.tail_prediction(0.3653),
        theory.variant_prediction(
            3, theory.decay_clock(), theory.Symbol(theory.DECAY, "L2 decay of γ and β")
        ),
    ],
    ids=lambda prediction: str(prediction.formula)[:40],
)
def test_every_symbol_of_a_prediction_is_explained(prediction):
    explained = {row.symbol for row in prediction.symbols}
    assert prediction.formula.free_symbols - explained <= {sympy.Symbol("log η")}
    assert math.isfinite(prediction.margin)
