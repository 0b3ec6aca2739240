"""Digits near 0: where a formula cancels or is undefined there, its power series takes over.

Condensation is about tiny arguments. x − tanh(x) at x = 1e-6 has no correct digit left in
float64, and sin(x)/x at 0 is NaN. Whether a formula needs help is found by comparing it with
the series at a few points; most activations pass and cost nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import sympy
import torch

from sim.activation.graph import ONE, VARIABLE, Graph, Term
from sim.activation.tape import Tape
from theory.symbolic.expansion import expand
from theory.symbolic.series import NoExpansionError

# Orders of the series that a formula is compared with, of the one that may replace it, and how
# many of them may be zero before the first.
_COMPARED_ORDERS = 16
_REPLACING_ORDERS = 40
_LATEST_START = 9
# Points of comparison in |x|, and the relative error that is still accepted there.
_PROBES = (1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2)
_ACCEPTED_ERROR = 1e-9
# The series is used up to the first of these radii at which the formula is right again.
_RADII = (0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
_RECOVERED_ERROR = 1e-11
# Terms of the series that are smaller than this are rounding.
_ROUNDING = 1e-16


Lower = Callable[[int], Term]


@dataclass(frozen=True)
class _OneSided:
    """Σ_k coefficients[k] x^k on one side of 0; sign is that of x."""

    sign: int
    coefficients: tuple[float, ...]

    @property
    def start(self) -> int:
        return next(k for k, c in enumerate(self.coefficients) if c)

    def derivative(self) -> "_OneSided":
        slopes = [k * c for k, c in enumerate(self.coefficients)]
        return _OneSided(self.sign, tuple(slopes[1:]))

    def at(self, x: torch.Tensor) -> torch.Tensor:
        total = torch.zeros_like(x)
        for coefficient in reversed(self.coefficients):
            total = total * x + coefficient
        return total

    def usable(self) -> bool:
        """Does it start early enough to be compared with?"""
        if not all(map(math.isfinite, self.coefficients)):
            return False
        return any(self.coefficients[:_LATEST_START])

    def truncated(self, radius: float) -> "_OneSided | None":
        """The terms that matter for |x| < radius, None where there are not enough of them."""
        sizes = [abs(c) * radius**k for k, c in enumerate(self.coefficients)]
        negligible = _ROUNDING * sizes[self.start]
        needed = max(k for k, size in enumerate(sizes) if size > negligible) + 1
        if needed > len(sizes) - 3:
            return None
        return _OneSided(self.sign, self.coefficients[:needed])


def repair(graph: Graph, expression: sympy.Expr, lower: Lower) -> tuple[Term, Term]:
    """σ and σ' with the series near 0, each only where its formula needs it.

    Args:
        graph: receives the nodes.
        expression: σ in the symbol `X`.
        lower: the formula of σ in the graph, for a node in place of the variable.
    """

    def lower_slope(variable: int) -> Term:
        return graph.slope_of(lower(variable))

    both = lower, lower_slope
    if any(map(_needs_repair, _tapes(graph, both), _expansions(expression, _COMPARED_ORDERS))):
        pairs = zip(both, _expansions(expression, _REPLACING_ORDERS), strict=True)
        value, slope = (_repaired(graph, formula, sides) for formula, sides in pairs)
        return value, slope
    return lower(VARIABLE), lower_slope(VARIABLE)


def _tapes(graph: Graph, formulas: tuple[Lower, ...]) -> list[Tape]:
    return [Tape(graph, [formula(VARIABLE)]) for formula in formulas]


def _expansions(expression: sympy.Expr, orders: int) -> list[list[_OneSided]]:
    """The power series of σ and of σ' on the sides that have one."""
    both = [_expansion(expression, sign, orders) for sign in (+1, -1)]
    sides = [side for side in both if side is not None]
    return [sides, [side.derivative() for side in sides]]


def _expansion(expression: sympy.Expr, sign: int, orders: int) -> _OneSided | None:
    try:
        series, ramification = expand(expression, sign, orders, exact=False)
    except NoExpansionError:
        return None
    if series.valuation < 0 or series.known < (orders - 4) * ramification:
        return None
    terms = [float(term.approximate) for term in series.dense(orders * ramification)]
    if any(term for k, term in enumerate(terms) if k % ramification):
        return None
    return _OneSided(sign, tuple(sign**k * term for k, term in enumerate(terms[::ramification])))


def _needs_repair(tape: Tape, sides: list[_OneSided]) -> bool:
    lost = any(_lost_digits(tape, side) for side in sides if side.usable())
    return lost or (len(sides) == 2 and _agree(*sides) and _undefined(tape))


def _repaired(graph: Graph, formula: Lower, sides: list[_OneSided]) -> Term:
    term = formula(VARIABLE)
    tape = Tape(graph, [term])
    sides = [side for side in sides if side.usable()]
    if len(sides) == 2 and _agree(*sides):
        return _spliced(graph, formula, term, sides) if _needs_repair(tape, sides) else term
    for side in sides:
        if _lost_digits(tape, side):
            term = _spliced(graph, formula, term, [side])
    return term


def _agree(right: _OneSided, left: _OneSided) -> bool:
    pairs = zip(right.coefficients, left.coefficients, strict=False)
    return all(abs(a - b) <= 1e-14 * max(abs(a), abs(b)) for a, b in pairs)


def _error(tape: Tape, side: _OneSided, distances: tuple[float, ...]) -> float:
    """Largest relative error of the formula at these distances from 0; NaN counts as inf."""
    points = side.sign * torch.tensor(distances, dtype=torch.float64)
    expected, found = side.at(points), tape.run(points)[0]
    relative = (found - expected).abs() / expected.abs()
    return float(relative.nan_to_num(nan=float("inf")).max())


def _lost_digits(tape: Tape, side: _OneSided) -> bool:
    # Beyond its radius of convergence the series is no judge of the formula.
    probes = tuple(probe for probe in _PROBES if side.truncated(probe) is not None)
    return bool(probes) and _error(tape, side, probes) > _ACCEPTED_ERROR


def _replacement(tape: Tape, sides: list[_OneSided]) -> tuple[float, _OneSided] | None:
    """The radius within which the series replaces the formula, and the terms it needs."""
    for radius in _RADII:
        series = sides[0].truncated(radius)
        errors = [_error(tape, side, (radius, 1.1 * radius)) for side in sides]
        if series is not None and max(errors) <= _RECOVERED_ERROR:
            return radius, series
    return None


def _undefined(tape: Tape) -> bool:
    return not bool(tape.run(torch.zeros(1, dtype=torch.float64))[0].isfinite())


def _spliced(graph: Graph, formula: Lower, term: Term, sides: list[_OneSided]) -> Term:
    """The series for |x| < radius on the given sides, the present term elsewhere."""
    tape = Tape(graph, [term])
    found = _replacement(tape, sides)
    if found is None:
        return term
    radius, series = found
    inside = graph.node("lt", graph.node("abs", VARIABLE), graph.constant(radius))
    if len(sides) == 1:
        beside = graph.node("gt" if series.sign > 0 else "lt", VARIABLE, graph.constant(0.0))
        inside = graph.node("and", inside, beside)
    elif _undefined(tape):
        term = formula(graph.masked(graph.node("not", inside), radius, VARIABLE))
    inner = graph.masked(inside, 0.0, VARIABLE)
    return graph.where(inside, _polynomial(graph, series, inner), term)


def _polynomial(graph: Graph, side: _OneSided, variable: int) -> Term:
    """Horner's scheme after the leading power, in x² where every second term is zero."""
    used = side.coefficients[side.start :]
    stride = 1 if any(used[1::2]) else 2
    step = graph.power((1.0, variable), Fraction(stride))
    total: Term = (0.0, ONE)
    for coefficient in reversed(used[::stride]):
        total = graph.sum([(coefficient, ONE), graph.product([total, step])])
    return graph.product([total, graph.power((1.0, variable), Fraction(side.start))])
