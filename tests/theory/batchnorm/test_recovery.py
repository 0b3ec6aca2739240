"""t*: against the recursions themselves, step by step, and where there is none."""

import math
from typing import Any

import numpy as np
import pytest
import sympy

from theory.batchnorm.recovery import (
    MOMENTUM,
    momentum_law,
    recovery_law,
    recovery_time,
    shrinkage,
    transient,
    weight,
)
from theory.batchnorm.recovery_prediction import (
    near_prediction,
    ray_prediction,
    recovery_prediction,
    recovery_steps,
)

GAMMA = np.array([0.3, 1.0, 1.7, 0.9])
BETA = np.array([-2.5, -3.4, -12.0, -30.0])
SETTINGS = {"shift": 0.1, "threshold": 2.0, "rate": 0.05}


def stepped(gamma, beta, *, shift, threshold, rate, decay, momentum=0.0):
    """Steps until β + α > −τγ by the optimizer's own recursion."""
    state, velocity, step = np.array([gamma, beta]), np.zeros(2), 0
    while state[1] + shift <= -threshold * state[0]:
        velocity = momentum * velocity + decay * state
        state, step = state - rate * velocity, step + 1
    return step


@pytest.mark.parametrize("decay", [0.1, 0.01])
def test_law_is_the_first_step_of_the_recursion(decay):
    predicted = recovery_time(GAMMA, BETA, decay=decay, **SETTINGS)
    for gamma, beta, time in zip(GAMMA, BETA, predicted, strict=True):
        # active at the first whole step past t*
        assert stepped(gamma, beta, decay=decay, **SETTINGS) == math.ceil(time)


@pytest.mark.parametrize(("momentum", "decay"), [(0.9, 0.01), (0.5, 0.1), (0.99, 0.0002)])
def test_momentum_law_is_the_first_step_of_the_recursion(momentum, decay):
    predicted = recovery_time(GAMMA, BETA, decay=decay, momentum=momentum, **SETTINGS)
    for gamma, beta, time in zip(GAMMA, BETA, predicted, strict=True):
        found = stepped(gamma, beta, decay=decay, momentum=momentum, **SETTINGS)
        assert found == math.ceil(time)


def test_momentum_multiplies_by_one_minus_mu_and_delays_by_the_transient():
    """Both to first order in ηλ: the error falls in proportion to it."""
    plain, slow = 1e-4, 1e-5
    errors = []
    for decay in (plain, slow):
        law = recovery_time(GAMMA, BETA, decay=decay, momentum=0.9, **SETTINGS)
        simple = 0.1 * recovery_time(GAMMA, BETA, decay=decay, **SETTINGS)
        errors.append(np.abs(law / simple - 1).max())
    assert errors[0] < 1e-3
    assert errors[1] == pytest.approx(errors[0] / 10, rel=0.05)
    assert sympy.simplify(transient() - MOMENTUM / (1 - MOMENTUM)) == 0


def test_without_momentum_both_laws_are_one():
    symbols: dict[str, Any] = {str(s): s for s in momentum_law().free_symbols}
    numbers = {"γ": 1, "β": -4, "α": 0.1, "τ": 2, "η": 0.1, "λ": 0.05}
    point = {symbols[name]: value for name, value in numbers.items()}
    at_rest: Any = momentum_law().subs(point).subs(MOMENTUM, sympy.Rational(1, 10**12))
    plain: Any = recovery_law().subs(point)
    assert float(at_rest) == pytest.approx(float(plain), rel=1e-9)
    q: Any
    (q,) = weight().free_symbols - {MOMENTUM}
    assert weight().subs([(MOMENTUM, 0), (q, sympy.Rational(1, 3))]) == 1
    steps: Any
    (steps,) = shrinkage().free_symbols - {q}
    assert shrinkage().subs([(q, sympy.Rational(1, 2)), (steps, 3)]) == sympy.Rational(1, 8)


@pytest.mark.parametrize("change", [{"shift": 0.0}, {"decay": 0.0}])
def test_never_without_shift_or_decay(change):
    settings = {**SETTINGS, "decay": 0.1, **change}
    assert np.isinf(recovery_time(GAMMA, BETA, **settings)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gamma": -GAMMA}, "γ > 0"),
        ({"beta": -2 * GAMMA - 0.09}, "inactive"),
        ({"decay": 20.0}, "ηλ = 1"),
        ({"decay": 0.1, "momentum": 0.9}, "ηλ = 0.005 is not below"),
        ({"momentum": 1.0}, "μ = 1"),
    ],
)
def test_other_filters_and_settings_are_refused(change, message):
    arguments = {"gamma": GAMMA, "beta": BETA, **SETTINGS, "decay": 0.01, **change}
    with pytest.raises(ValueError, match=message):
        recovery_time(**arguments)


def test_predictions_state_their_conditions():
    assert recovery_prediction().margin == 0.5  # t* + 1/2 against the step that it is rounded to
    assert recovery_prediction(momentum=True).formula.has(momentum_law())
    assert 0 < ray_prediction().margin < 1e-9
    assert near_prediction().formula == recovery_prediction().formula.args[1]
    steps = recovery_steps()
    assert any(step.formula == momentum_law() for step in steps)
    assert any(step.formula is not None and step.formula.has(recovery_law()) for step in steps)
