"""The record of an activation that is only known as a torch function, by one-sided differences.

It is the record that `theory.symbolic.activation.activation` gives, with numbers for coefficients.
"""

import functools
from dataclasses import dataclass, field

import numpy as np
import sympy
import torch
from jaxtyping import Float64

from sim.activation.elementwise import one_line
from sim.activation.extrapolation import EPS, Estimate
from sim.activation.one_sided import Side, Values, next_on_side, one_side
from sim.activation.torch_callable import TorchCallable
from theory.symbolic.activation import Activation, Leading, X
from theory.symbolic.functions import ActivationError
from theory.symbolic.leading_terms import Term
from theory.symbolic.one_sided import MAX_ORDER


@dataclass(frozen=True)
class NumericalActivation(Activation):
    """An `Activation` from values alone: its ``expression`` is an undefined function of `X`.

    Attributes:
        function: σ and σ' for training.
        known: its first terms, two at most.
        complete: whether ``known`` tells what follows the leading part.
        lost_within: distance from 0 within which rounding leaves no digits to see anything by.
    """

    function: TorchCallable = field(kw_only=True)
    known: tuple[Term, ...] = field(kw_only=True)
    complete: bool = field(kw_only=True)
    lost_within: float | None = field(kw_only=True, default=None)

    @property
    def next_known(self) -> bool:
        return self.complete

    def terms(self, count: int) -> tuple[Term, ...]:
        """The first terms as far as they are known: no more than two."""
        return self.known[:count]

    def known_up_to(self, count: int) -> int:
        """The order up to which they are all there are."""
        terms = self.terms(count)
        if self.complete and len(terms) < min(count, 2):
            return MAX_ORDER  # nothing follows
        return terms[-1].order if terms else 0


@functools.lru_cache(maxsize=64)
def analyze_callable(function: TorchCallable) -> NumericalActivation:
    """The record of a torch callable at 0, by one-sided differences in float64.

    Returns:
        Values are rational where a simple rational lies within the estimated error, otherwise
        Floats with as many digits as are known. There is no multiplicity, with the reason, where
        the leading order is above 12, no integer, not stable, or differs between the sides.
    """

    def values(x: Float64[np.ndarray, "*shape"]) -> Float64[np.ndarray, "*shape"]:
        try:
            return function.value_only(torch.from_numpy(x)).detach().numpy()
        except (Exception, SystemExit) as error:  # whatever a user's function raises
            what = f"fails on a float64 tensor of {x.size} numbers: {one_line(error)}"
            raise ActivationError(f"{function.name} {what}") from error

    right, left = one_side(values, +1), one_side(values, -1)
    value = _value_at_zero(values, right, left)
    leading = _leading_parts(right, left)
    reason = _reason(values, value, right, left)
    known, complete = _terms(values, right, left) if value is not None else ((), False)
    return NumericalActivation(
        expression=sympy.Function(function.short)(X),
        name=function.name,
        value_at_zero=value,
        right=leading[0],
        left=leading[1],
        multiplicity=leading[0].order if reason is None and leading[0] is not None else None,
        reason=reason,
        function=function,
        known=known,
        complete=complete,
        lost_within=max((s.lost_within for s in (right, left) if s.lost_within), default=None),
    )


def _value_at_zero(values: Values, right: Side, left: Side) -> sympy.Expr | None:
    center = float(values(np.zeros(1))[0])
    here = Estimate(center, 4 * EPS * abs(center))
    return here.exact() if right.limit.same(here) and left.limit.same(here) else None


def _leading_parts(right: Side, left: Side) -> tuple[Leading | None, Leading | None]:
    order = right.order or left.order
    c = _coefficients(right, left)
    return _part(right, c[0], order), _part(left, c[1], order)


def _part(side: Side, c: sympy.Expr | None, other_order: int | None) -> Leading | None:
    if side.order and c is not None:
        return Leading(side.order, c)
    if side.failure is not None or other_order is None:
        return None
    return Leading(other_order, sympy.Integer(0))


def _coefficients(right: Side, left: Side) -> tuple[sympy.Expr | None, sympy.Expr | None]:
    """Coefficients of both sides; of one monomial the better known one gives both."""
    on_right, on_left = right.coefficient, left.coefficient
    known = (on_right and on_right.exact(), on_left and on_left.exact())
    if on_right is None or on_left is None or not _is_monomial(right, left):
        return known
    mirror = (-1) ** (right.order or 0)
    c = known[0] if on_right.error <= on_left.error else mirror * known[1]
    return c, mirror * c


def _is_monomial(right: Side, left: Side) -> bool:
    if right.coefficient is None or left.coefficient is None or right.order != left.order:
        return False
    mirrored = (-1) ** (right.order or 0) * left.coefficient.value
    return right.coefficient.same(Estimate(mirrored, left.coefficient.error))


def _terms(values: Values, right: Side, left: Side) -> tuple[tuple[Term, ...], bool]:
    """The first two terms as far as they are known, and whether the second is (or is none)."""
    firsts = {+1: right, -1: left}
    chains = {s: (side, next_on_side(values, s, side)) for s, side in firsts.items()}
    if any(side.failure for side in firsts.values()):
        return (), False
    present = {side.order for chain in chains.values() for side in chain if side.order}
    # A side is known up to its last order, and for good where nothing more follows.
    ends = [np.inf if last.vanishes else last.order or first.order or 0
            for first, last in chains.values()]  # fmt: skip
    orders = sorted(order for order in present if order <= min(ends))[:2]
    terms = tuple(_term(order, *chains.values()) for order in orders)
    return terms, len(terms) == 2 or min(ends) == np.inf


def _term(order: int, right: tuple[Side, ...], left: tuple[Side, ...]) -> Term:
    nothing = Side(Estimate(0.0, 0.0))
    sides = [next((s for s in chain if s.order == order), nothing) for chain in (right, left)]
    c = [found if found is not None else sympy.Integer(0) for found in _coefficients(*sides)]
    return Term(order, c[0], c[1], _is_monomial(*sides))


def _reason(values: Values, value: sympy.Expr | None, right: Side, left: Side) -> str | None:
    """Why there is no multiplicity, None if there is one."""
    if right.failure and right.failure == left.failure:
        return right.failure
    if right.failure or left.failure:
        named = ((right, "x>0"), (left, "x<0"))
        return "; ".join(f"for {where}: {s.failure}" for s, where in named if s.failure)
    if not right.limit.same(left.limit):
        limits = f"{right.limit.value:g} from the right, {left.limit.value:g} from the left"
        return f"discontinuous at 0: {limits}"
    if value is None:
        return f"discontinuous at 0: its value there is not its limit {right.limit.value:g}"
    if right.order is None and left.order is None:
        constant = np.ptp(values(np.linspace(-8.0, 8.0, 65))) == 0.0
        return "constant" if constant else "flat at 0: no term above rounding"
    if _is_monomial(right, left):
        return None
    return f"one-sided expansions differ: {_text(right, 'x')} for x>0, {_text(left, '|x|')} for x<0"


def _text(side: Side, variable: str) -> str:
    if not side.order or side.coefficient is None:
        return "0"
    power = "" if side.order == 1 else f"^{side.order}"
    return f"{side.coefficient.value:.6g}·{variable}{power}"
