"""Mutants: what is changed, what is left out, and that wrong ones are told from right ones."""

import dataclasses
import json
import math

import numpy as np
import pytest
import sympy

from sim.engine.store import Store
from tests.validate import toy
from tests.validate.run.test_runner import Inline
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import bound_prediction, orientations_prediction
from theory.direction import Direction
from theory.direction_sets import set_distance
from theory.prediction import Count, Value
from validate.decisions.judge import judge
from validate.decisions.rules.base import kind_of
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner
from validate.trust.mutation import mutants, rejected_share, to_json

ORIENTATIONS = orientations_prediction(Geometry.L2)
CHANGES = kind_of(ORIENTATIONS).changes()
PAIR = (Direction((0.6, 0.8), 1), Direction((-0.6, -0.8), -1))


def finished(tmp_path, **settings):
    with Store(tmp_path / "results.sqlite") as store:
        runner = Runner([toy.claim(**settings)], Options(), store, Inline())
        runner.run()
    return runner.states[0], runner.options


def test_numbers_are_scaled_raised_and_negated():
    by_name = kind_of(Value(sympy.Symbol("m"), (), (), 1.0, "a test")).changes()
    changed = {name: change(4.0) for name, change in by_name.items()}
    assert changed["× 2"] == 8
    assert changed["÷ √2"] == pytest.approx(4 / math.sqrt(2))
    assert changed["exponent + ½"] == 8
    assert changed["exponent − ½"] == 2
    assert changed["sign"] == -4
    np.testing.assert_allclose(by_name["× √2"](np.array([1.0, -2.0])), [2**0.5, -(2**1.5)])


def test_bounds_are_only_tightened():
    for bound in (6, 0.25):
        changed = [change(bound) for change in kind_of(bound_prediction()).changes().values()]
        assert max(changed) < bound


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_orientations_is_seen(name):
    changed = CHANGES[name](PAIR)
    assert set_distance(PAIR, changed) > 3
    for one in changed:
        assert math.hypot(*one.direction) == pytest.approx(1)


def test_factors_of_the_bias_are_factors_of_the_tangent():
    (one, _) = CHANGES["bias × 2"](PAIR)
    assert one.direction[1] / one.direction[0] == pytest.approx(2 * 0.8 / 0.6)


def test_one_added_keeps_the_others():
    changed = CHANGES["one added"](PAIR)
    assert changed[:2] == PAIR
    assert len(changed) == 3


def test_a_prediction_that_no_change_alters_has_no_mutants(tmp_path):
    """The toy's bound is 0: its multiples are 0 too."""
    state, options = finished(tmp_path)
    names = [mutant.change for mutant in mutants(state, options)]
    assert names == []


@pytest.mark.parametrize(("rate", "rejected"), [(1.0, True), (0.0, False)])
def test_a_tightened_bound_is_rejected_where_counts_exceed_it(tmp_path, rate, rejected):
    state, options = finished(tmp_path, rate=rate, bound_value=1)
    made = {mutant.change: mutant for mutant in mutants(state, options)}
    assert made["÷ 2"].rejected is rejected
    assert made["sign"].rejected  # counts are never negative
    if not rejected:
        assert "not told apart" in made["÷ 2"].reason
    record = json.loads(to_json(list(made.values())))
    assert record["rejected"] == rejected_share(list(made.values()))
    assert record["by_claim"].keys() == {"toy.coins"}


def test_a_declared_range_moves_with_the_prediction_that_is_changed():
    """A share of 0.4 deviates from −0.4, its sign changed, by 0.4 to 1.4, and from 0.4 by less."""
    share = Value(sympy.Symbol("m"), (), (), 0.02, "a test", bounded=(-0.4, 0.6))
    kind = kind_of(share)
    assert kind.changed_by(0.8).bounded == pytest.approx((-1.2, 1.4))
    assert kind_of(dataclasses.replace(share, bounded=None)).changed_by(0.8).bounded is None
    outcomes = [kind.outcome(-0.4, measured) for measured in (0.3, 0.5) * 500]
    assert judge(share, outcomes, 0.01).verdict is Verdict.INCONCLUSIVE  # they leave the range
    assert judge(kind.changed_by(0.8), outcomes, 0.01).verdict is Verdict.DISAGREE


@pytest.mark.parametrize("limit", [1, 0])
def test_only_a_confirmed_count_has_mutants(tmp_path, limit):
    """Coins that always show 1: the count 1 is confirmed, the count 0 is not."""
    count = Count(sympy.Symbol("N"), (), (), 0.0, "counts are exact")

    def build():
        body = toy.body(rate=1.0, bound_value=limit)
        main = dataclasses.replace(body.decisions[0], prediction=count)
        return dataclasses.replace(body, decisions=(main, *body.decisions[1:]))

    with Store(tmp_path / "results.sqlite") as store:
        claim = dataclasses.replace(toy.claim(), build=build)
        runner = Runner([claim], Options(), store, Inline())
        runner.run()
    made = mutants(runner.states[0], runner.options)
    assert [m.change for m in made if m.rejected] == (["one more", "one fewer"] if limit else [])
    assert all(m.rejected for m in made)
