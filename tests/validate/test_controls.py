"""Decisions that expect one number, their controls, and regime checks of a largest number."""

import dataclasses

import sympy

from tests.validate.toy import Coins
from theory.prediction import Value
from validate.claim import Decision, Regime, Role, Unit

MADE = Coins()
NUMBER = Value(sympy.Symbol("x"), (), (), 0.5, "as told", expected=3.0)
MAIN = Decision.expecting("three", NUMBER, lambda unit: unit.measurement["x"], (MADE,), (1, 2))


def unit(x: float) -> Unit:
    return Unit(MADE, 0, 0, {"x": x})


def test_one_number_is_expected_of_every_unit():
    assert MAIN.predict(unit(1.0)) == 3.0
    assert (MAIN.role, MAIN.experiments, MAIN.looks) == (Role.CLAIM, (MADE,), (1, 2))


def test_another_number_is_as_far_away_as_it_differs():
    wrong = MAIN.wrong_prediction("one", dataclasses.replace(NUMBER, expected=1.0))
    assert (wrong.predict(unit(1.0)), wrong.distance, wrong.role) == (1.0, 2.0, Role.RESOLUTION)
    assert wrong.observe is MAIN.observe


def test_a_law_is_judged_where_it_is_two_margins_away_and_shown_as_a_deviation():
    wrong = MAIN.wrong_where_apart("x", lambda unit: unit.measurement["x"])
    assert [wrong.judged(unit(x)) for x in (1.0, 2.5, 4.0, 4.5)] == [True, False, False, True]
    assert wrong.prediction == dataclasses.replace(NUMBER, expected=0.0)
    assert wrong.distance == 1.0
    below = MAIN.wrong_where_apart(
        "x below", lambda unit: unit.measurement["x"], lambda right, wrong: right - wrong
    )
    assert [below.judged(unit(x)) for x in (1.0, 4.5)] == [True, False]


def test_what_is_not_judged_of_a_law_is_not_of_its_control():
    some = dataclasses.replace(MAIN, judged=lambda unit: unit.measurement["x"] > 0)
    wrong = some.wrong_where_apart("x", lambda unit: unit.measurement["x"])
    assert [wrong.judged(unit(x)) for x in (-1.0, 1.0)] == [False, True]


def test_the_largest_of_what_was_measured():
    regime = Regime.largest("largest x", "x", 2.0)
    assert regime.measure([unit(1.0), unit(3.0)]) == 3.0
    assert not regime.holds(3.0)
