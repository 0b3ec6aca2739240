"""Digits near 0: where a formula cancels or is undefined there, its power series takes over.

Condensation is about tiny arguments. x − tanh(x) at x = 1e-6 has no correct digit left in
float64, and sin(x)/x at 0 is NaN. Whether a formula needs help is found by comparing it with
the series at a few points; most activations pass and cost nothing.
"""

from dataclasses import dataclass
from fractions import Fraction

import sympy
import torch

from sim.graph import ONE, VARIABLE, Graph, Term
from sim.tape import Tape
from theory.expansion import expand
from theory.series import NoExpansionError

# Orders of the series, and how many of them may be zero before the first.
_ORDERS = 26
_LATEST_START = 9
# Points of comparison in |x|, and the relative error that is still accepted there.
_PROBES = (1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2)
_ACCEPTED_ERROR = 1e-9
# The series is used up to the first of these radii at which the formula is right again.
_RADII = (0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
_RECOVERED_ERROR = 1e-11
# Terms of the series that are smaller than this are rounding.
_ROUNDING = 1e-17


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
        return any(self.coefficients[:_LATEST_START])

    def truncated(self, radius: float) -> "_OneSided | None":
        """The terms that matter for |x| < radius, None where there are not enough of them."""
        sizes = [abs(c) * radius**k for k, c in enumerate(self.coefficients)]
        negligible = _ROUNDING * sizes[self.start]
        needed = max(k for k, size in enumerate(sizes) if size > negligible) + 1
        if needed > len(sizes) - 3:
            return None
        return _OneSided(self.sign, self.coefficients[:needed])


def repair(graph: Graph, expression: sympy.Expr, value: Term, slope: Term) -> tuple[Term, Term]:
    """σ and σ' with the series near 0, each only where its formula needs it.

    Args:
        graph: holds both terms and receives the new nodes.
        expression: σ in the symbol `X`.
        value: σ.
        slope: σ'.
    """
    sides = [side for sign in (+1, -1) if (side := _expand(expression, sign)) is not None]
    return (
        _repaired(graph, value, sides),
        _repaired(graph, slope, [side.derivative() for side in sides]),
    )


def _expand(expression: sympy.Expr, sign: int) -> _OneSided | None:
    try:
        series, ramification = expand(expression, sign, _ORDERS, exact=False)
    except NoExpansionError:
        return None
    if ramification != 1 or series.valuation < 0 or series.known < _ORDERS - 4:
        return None
    terms = [float(term.approximate) for term in series.dense()]
    return _OneSided(sign, tuple(sign**k * term for k, term in enumerate(terms)))


def _repaired(graph: Graph, term: Term, sides: list[_OneSided]) -> Term:
    tape = Tape(graph, [term])
    sides = [side for side in sides if side.usable()]
    if len(sides) == 2 and _agree(*sides):
        if _lost_digits(tape, sides[0]) or _lost_digits(tape, sides[1]) or _undefined(tape):
            return _spliced(graph, term, sides)
        return term
    for side in sides:
        if _lost_digits(tape, side):
            term = _spliced(graph, term, [side])
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
    return _error(tape, side, _PROBES) > _ACCEPTED_ERROR


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


def _spliced(graph: Graph, term: Term, sides: list[_OneSided]) -> Term:
    """The series for |x| < radius on the given sides, the formula elsewhere."""
    found = _replacement(Tape(graph, [term]), sides)
    if found is None:
        return term
    radius, series = found
    distance, limit = graph.node("abs", VARIABLE), graph.constant(radius)
    inside = graph.node("lt", distance, limit)
    if len(sides) == 1:
        beside = graph.node("gt" if series.sign > 0 else "lt", VARIABLE, graph.constant(0.0))
        inside = graph.node("and", inside, beside)
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
