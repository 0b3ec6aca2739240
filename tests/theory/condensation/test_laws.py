"""The condensation predictions and the statements of their derivation, with numbers put in."""

import math
from typing import Any

import numpy as np
import pytest
import sympy

from sim.condensation.targets import xor_grid
from theory.condensation import laws
from theory.condensation.forms.leading_form import (
    B,
    C,
    Form,
    Geometry,
    T,
    W,
    form_of,
    moment_symbols,
)
from theory.condensation.orientations.plane import extrema, orientations, xor_orientations
from theory.prediction import Bound, Prediction, Step

PREDICTIONS: dict[str, Prediction] = {
    **{name: laws.bound_prediction(name) for name in ("2p", "2p - 2", "p")},
    **{geometry: laws.orientations_prediction(geometry) for geometry in Geometry},
    "line": laws.line_prediction(10.0, "because"),
    "xor": laws.xor_prediction(),
}
STEPS: dict[str, tuple[Step, ...]] = {
    "dynamics": laws.dynamics_steps(),
    "line": laws.line_steps(),
    "xor": laws.xor_steps(),
    "counting": laws.counting_steps(3),
    "square": laws.square_steps(3),
}
X, Y = np.array([-0.9, 0.3, 1.2, 0.7]), np.array([1.0, -0.4, 0.8, -1.5])


def sides(step: Step) -> tuple[Any, Any]:
    assert isinstance(step.formula, sympy.Eq)
    return step.formula.lhs, step.formula.rhs


def with_data(expression: Any, p: int, **values: float) -> float:
    """A formula in sums over xᵢ, yᵢ with the numbers of `X`, `Y`; others by their names."""
    expanded = expression.xreplace(
        {sympy.Symbol("n", integer=True, positive=True): sympy.Integer(4)}
    )
    expanded = expanded.xreplace({sympy.Symbol("p", integer=True, positive=True): sympy.Integer(p)})
    expanded = expanded.doit()
    x: Any = sympy.IndexedBase("x")
    y: Any = sympy.IndexedBase("y")
    numbers = {x[i + 1]: X[i] for i in range(4)} | {y[i + 1]: Y[i] for i in range(4)}
    numbers |= {s: values[s.name] for s in expanded.free_symbols if s.name in values}
    return float(expanded.subs(list(numbers.items())))


# -- predictions ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_symbol_of_a_prediction_is_described(name: str):
    prediction = PREDICTIONS[name]
    described = [row.symbol for row in prediction.symbols]
    assert prediction.formula.free_symbols <= set(described)
    assert len(described) == len(set(described))
    assert all(row.meaning.strip() for row in prediction.symbols)


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_prediction_has_a_reasoned_margin_and_assumptions(name: str):
    prediction = PREDICTIONS[name]
    assert prediction.margin_reason.strip()
    assert prediction.assumptions
    assert prediction.unit == ("orientations" if isinstance(prediction, Bound) else "degree")
    assert (prediction.margin == 0) == isinstance(prediction, Bound)


@pytest.mark.parametrize(("name", "largest"), [("2p", 6), ("2p - 2", 4), ("p", 3)])
def test_bounds_say_what_their_name_says(name: str, largest: int):
    prediction = PREDICTIONS[name]
    count, p = (row.symbol for row in prediction.symbols)
    assert prediction.formula.subs([(p, 3), (count, largest)]) == sympy.true
    assert prediction.formula.subs([(p, 3), (count, largest + 1)]) == sympy.false


def test_the_two_geometries_predict_different_things():
    assert PREDICTIONS[Geometry.L2].formula != PREDICTIONS[Geometry.LINF].formula


def test_the_xor_formula_holds_exactly_at_the_predicted_signs():
    formula = PREDICTIONS["xor"].formula
    *u, a = (row.symbol for row in PREDICTIONS["xor"].symbols)
    for at in xor_orientations():
        for sign in (1, -1):
            numbers = [*zip(u, at.direction, strict=True), (a, sign)]
            assert formula.subs(numbers) == sympy.sympify(sign == at.sign)


# -- dynamics ---------------------------------------------------------------------------------


def test_every_step_has_a_sentence_and_a_formula():
    for steps in STEPS.values():
        for step in steps:
            assert step.text.strip()
            assert step.formula is not None


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_the_sum_of_the_dynamics_is_the_form(p: int):
    loss, output, *_ = STEPS["dynamics"]
    w, b, c, a = 0.6, -0.8, 1.7, 0.3
    form = form_of(X[:, None], Y, p, c)
    value = with_data(sides(output)[1], p, w=w, b=b, c=c)
    assert value == pytest.approx(float(form.value(np.array([math.atan2(b, w)]))[0]))
    residual = a * c * (w * X + b) ** p - Y
    assert with_data(sides(loss)[1], p, w=w, b=b, c=c, a=a) == pytest.approx(
        np.mean(residual**2) / 2
    )


@pytest.mark.parametrize("p", [1, 2, 3])
def test_the_stated_flow_is_that_of_the_stated_loss(p: int):
    loss, output, climb, _ = STEPS["dynamics"]
    rhs, a = sides(loss)[1], 1e-7  # f is then 1e-7 of y and its own part of the gradient too
    here = {"w": 0.6, "b": -0.8, "c": 1.7, "a": a}
    symbols = {s.name: s for s in rhs.free_symbols}
    by_a = -with_data(sympy.diff(rhs, symbols["a"]), p, **here)
    assert by_a == pytest.approx(with_data(sides(output)[1], p, **here), rel=1e-5)
    gradient = with_data(sympy.diff(sides(output)[1], W), p, **here)
    by_w = -with_data(sympy.diff(rhs, W), p, **here)
    assert by_w == pytest.approx(a * gradient, rel=1e-5)
    # the step says a ∂H/∂w for w'
    h = sympy.Function("H")(W, B)
    assert sides(climb)[1].has(sympy.Derivative(h, W))


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_the_stated_balance_is_conserved_by_the_flow(p: int):
    left, right = sides(STEPS["dynamics"][3])
    conserved = left.args[0]
    time = next(iter(conserved.free_symbols - {sympy.Symbol("p", integer=True, positive=True)}))
    form = form_of(X[:, None], Y, p, 1.7)
    w, b, a = 0.6, -0.8, 0.3
    by_w, by_b = (float(v) for v in form.gradient(w, b))
    height = float(form.value(np.array([math.atan2(b, w)]))[0])  # |(w, b)| = 1
    speeds = {"w": (w, a * by_w), "b": (b, a * by_b), "a": (a, height)}
    change = sympy.diff(conserved, time)
    for name, (value, speed) in speeds.items():
        function = sympy.Function(name)(time)
        change = change.subs(sympy.Derivative(function, time), speed).subs(function, value)
    change = change.subs(sympy.Symbol("p", integer=True, positive=True), p)
    assert float(change) == pytest.approx(float(right), abs=1e-12)


# -- counting ---------------------------------------------------------------------------------


def numbers(form: Form) -> dict[Any, Any]:
    pairs = zip(moment_symbols(form.p), form.moments, strict=True)
    return {C: sympy.Float(form.c)} | {symbol: sympy.Float(value) for symbol, value in pairs}


def real_roots(expression: Any, form: Form) -> np.ndarray:
    polynomial = sympy.Poly(expression.xreplace(numbers(form)), T)
    roots = np.roots([float(c) for c in polynomial.all_coeffs()])
    return roots.real[np.abs(roots.imag) < 1e-9]


@pytest.mark.parametrize("p", [1, 2, 3, 4])
def test_roots_of_the_counting_polynomial_are_the_critical_angles(p: int):
    form = form_of(X[:, None], Y, p, 1.7)
    formula, critical, bound = laws.counting_steps(p)
    value = sides(formula)[1].xreplace({W: sympy.Float(0.6), B: sympy.Float(-0.8)})
    angle = np.array([math.atan2(-0.8, 0.6)])
    assert float(value.xreplace(numbers(form))) == pytest.approx(float(form.value(angle)[0]))
    polynomial, zero = sides(critical)
    lines = np.degrees(np.arctan(real_roots(polynomial, form))) % 180
    theta = np.degrees(extrema(form, Geometry.L2)) % 360
    np.testing.assert_allclose(np.sort([*lines, *(lines + 180)]), theta, atol=1e-6)
    assert zero == 0
    assert len(lines) <= p
    assert bound.formula == sympy.Le(sympy.Symbol("N"), 2 * p)


@pytest.mark.parametrize("p", [2, 3, 4])
def test_roots_of_the_edge_polynomials_are_critical_on_the_square(p: int):
    rng, seen = np.random.default_rng(p), 0
    on_w, on_b = (sides(step)[0] for step in laws.square_steps(p))
    for _ in range(20):
        form = Form(1.7, tuple(rng.standard_normal(p + 1).tolist()))
        roots = [np.arctan(real_roots(on_w, form)), np.arctan2(1.0, real_roots(on_b, form))]
        lines = np.degrees(np.concatenate(roots)) % 180
        for at in orientations(form, Geometry.LINF):
            if abs(at.angle_degrees % 90 - 45) > 1e-9:  # not a corner
                seen += 1
                assert np.abs((lines - at.angle_degrees + 90) % 180 - 90).min() < 1e-6
    assert seen > 10


# -- several inputs ---------------------------------------------------------------------------


def test_the_stated_v_is_the_mean_of_y_times_x():
    linear, mean, direction = STEPS["line"]
    assert with_data(sides(mean)[1], 1) == pytest.approx(np.mean(X * Y))
    u, v = sympy.symbols("u v", real=True)
    assert sides(linear)[1] == C * u * v
    a = sympy.Symbol("a", real=True)
    for sign in (1, -1):  # of all unit "vectors" ±1 the stated one has the largest sign(a) v u
        for number in (-0.7, 0.4):
            stated = float(sides(direction)[1].subs([(a, sign), (v, number)]))
            assert stated == max((1.0, -1.0), key=lambda one: sign * number * one)


def test_the_xor_form_is_that_of_the_grid():
    u = sympy.symbols("u_1 u_2 u_3", real=True)
    data, point = xor_grid(), np.array([0.3, -1.1, 0.8])
    stated = sides(STEPS["xor"][0])[1]
    s = float(np.mean(data.x[:, 0] ** 2))
    pairs = [*zip(u, point, strict=True), (C, 1.7), (sympy.Symbol("s", real=True), s)]
    expected = 1.7 * np.mean(data.y * (data.augmented @ point) ** 3)
    assert float(stated.subs(pairs)) == pytest.approx(expected)


def test_the_xor_height_is_reached_at_the_corners_and_nowhere_exceeded():
    left, height = sides(STEPS["xor"][1])
    u = sympy.symbols("u_1 u_2 u_3", real=True)
    for at in xor_orientations():
        assert float(left.subs(list(zip(u, at.direction, strict=True)))) == pytest.approx(
            float(height)
        )
    points = np.random.default_rng(0).standard_normal((20_000, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    values = np.abs(sympy.lambdify(u, left)(*points.T))
    assert 0.95 * float(height) < values.max() < float(height)


def test_the_xor_count_is_more_than_2p():
    assert sides(STEPS["xor"][2])[1] == len(xor_orientations()) == 8
