"""Neurons that are late under Adam and would look like a cluster: told before training."""

import numpy as np

from sim.data.data_set import DataSet
from tests.validate.activation.refusals import data_of
from theory.condensation.fates.adam_flow import adam_flow
from theory.condensation.fates.flow import gaussian_starts
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.orientations.plane import extrema
from theory.symbolic.activation import activation
from theory.symbolic.leading_part import leading_part
from validate.activation.expected import expect
from validate.activation.plan import Plan
from validate.activation.runs import usual_run
from validate.activation.stragglers import CHANCE, STARTS, Stragglers, chance_of_cluster, stragglers

TRAILING = "x*tanh(x)", 50  # data on which 21 of 72 usual runs show a cluster on its way


def plan_of(expression: str, number: int) -> Plan:
    described = activation(expression)
    x, y = data_of(expression, number)
    part = leading_part(described)
    return Plan(described, DataSet(x, y, ""), y, "adam", None, part, part)


def at_angles(degrees: np.ndarray, share: float) -> Stragglers:
    angles = np.radians(degrees)
    u = np.column_stack([np.cos(angles), np.sin(angles)])
    return Stragglers(share, u, np.ones(len(degrees), dtype=int))


def test_a_longer_run_is_taken_where_late_neurons_would_look_like_a_cluster():
    x, y = data_of(*TRAILING)
    one = expect(activation(TRAILING[0]), DataSet(x, y, ""), "adam")
    assert one.out_of_scope is None
    assert one.fine.start < 1
    assert one.adapted is not None
    assert "of the neurons are still on their way at the end, together enough" in one.adapted


def test_at_a_size_that_was_asked_for_it_is_refused():
    x, y = data_of(*TRAILING)
    one = expect(activation(TRAILING[0]), DataSet(x, y, ""), "adam", epsilon=1e-4)
    assert one.out_of_scope is not None
    assert "still on their way at the end" in one.out_of_scope


def test_most_runs_are_as_before():
    for expression in ("tanh(x)", "x*tanh(x)", "x**2*tanh(x)"):
        for number in range(4):
            x, y = data_of(expression, number)
            one = expect(activation(expression), DataSet(x, y, ""), "adam")
            assert "still on their way" not in (one.adapted or one.out_of_scope or "")


def test_they_are_fewer_the_longer_the_run():
    plan = plan_of(*TRAILING)
    _, found = usual_run(plan)
    shares = [stragglers(plan.form, found, radius).share for radius in (30.0, 300.0, 1500.0)]
    assert shares[0] > shares[1] > shares[2] == 0


def test_they_are_neurons_that_start_between_two_basins():
    plan = plan_of(*TRAILING)
    _, found = usual_run(plan)
    edge = 36.99  # degrees: where -H is smallest, by `extrema`
    crests = np.degrees(extrema(plan.exact, Geometry.L2))
    assert np.min(np.abs(crests - edge)) < 0.01
    start = gaussian_starts(np.random.default_rng(0), STARTS, 2)
    late = stragglers(plan.form, found, 276.0)
    end = adam_flow(plan.form, start, 276.0)
    trailing = np.isin(end.u[:, 0], late.u[:, 0])
    began = np.degrees(np.arctan2(start.w[trailing, 1], start.w[trailing, 0])) % 180
    assert len(began) == len(late.u) >= 10
    assert np.all(np.abs(began - edge) < 8)


def test_neurons_in_one_place_look_like_a_cluster_and_spread_ones_do_not():
    rng = np.random.default_rng(1)
    together = at_angles(20 + rng.normal(0, 1, 40), 0.04)
    spread = at_angles(rng.uniform(0, 360, 20), 0.02)
    none = Stragglers(0.0, np.zeros((0, 2)), np.zeros(0, dtype=int))
    assert chance_of_cluster(together, 200) > 0.9
    assert chance_of_cluster(spread, 200) < 0.05
    assert chance_of_cluster(none, 200) == 0.0 < CHANCE
