"""Elementwise functions of one variable as a graph of operations, with exact derivative.

Equal nodes are one node, so that σ and σ' share their work (tanh' = 1 − tanh² costs one more
operation). The derivative is formed by the chain rule on the graph; `sim.activation.tape` turns
both into torch calls.

A quantity is a `Term`: a coefficient times a node. Node ``ONE`` makes it a constant.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

Term = tuple[float, int]

ONE, VARIABLE = 0, 1
ZERO_TERM: Term = (0.0, ONE)
ONE_TERM: Term = (1.0, ONE)


class Graph:
    """Nodes are tuples (operation, operands…); the same tuple is always the same number."""

    def __init__(self) -> None:
        self.nodes: list[tuple[Any, ...]] = []
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._slopes: dict[int, Term] = {ONE: ZERO_TERM, VARIABLE: ONE_TERM}
        self.node("one")
        self.node("variable")

    def node(self, *key: Any) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.nodes)
            self.nodes.append(key)
        return self._numbers[key]

    def materialize(self, term: Term) -> int:
        """The node that holds a term, coefficient included."""
        coefficient, node = term
        if coefficient == 1.0:
            return node
        if node == ONE or coefficient == 0.0:
            return self.constant(coefficient)
        return self.node("scale", coefficient, node)

    def constant(self, value: float) -> int:
        return ONE if value == 1.0 else self.node("constant", value)

    def apply(self, name: str, argument: Term) -> Term:
        return 1.0, self.node(name, self.materialize(argument))

    def sum(self, terms: Sequence[Term]) -> Term:
        total: dict[int, float] = {}
        for coefficient, node in terms:
            total[node] = total.get(node, 0.0) + coefficient
        constant = total.pop(ONE, 0.0)
        parts = sorted((node, coefficient) for node, coefficient in total.items() if coefficient)
        if not parts:
            return constant, ONE
        if len(parts) == 1 and constant == 0.0:
            return parts[0][1], parts[0][0]
        return 1.0, self.node("sum", constant, tuple(parts))

    def product(self, terms: Sequence[Term]) -> Term:
        coefficient, powers = 1.0, dict[int, Fraction]()
        for factor, node in terms:
            coefficient *= factor
            for base, exponent in self.factors(node):
                powers[base] = powers.get(base, Fraction(0)) + exponent
        return self._from_powers(coefficient, powers)

    def power(self, term: Term, exponent: Fraction) -> Term:
        coefficient, node = term
        if coefficient < 0 and exponent.denominator != 1:
            coefficient, node = 1.0, self.materialize(term)
        if node == ONE:
            return _real_power(coefficient, exponent), ONE
        factors = self.factors(node)
        # (a b)^e = a^e b^e fails for fractional e where a and b are both negative.
        if exponent.denominator != 1 and (len(factors) > 1 or factors[0][1] != 1):
            factors = [(node, Fraction(1))]
        powers = {base: inner * exponent for base, inner in factors}
        return self._from_powers(_real_power(coefficient, exponent), powers)

    def factors(self, node: int) -> list[tuple[int, Fraction]]:
        if node == ONE:
            return []
        key = self.nodes[node]
        return list(key[1]) if key[0] == "product" else [(node, Fraction(1))]

    def _from_powers(self, coefficient: float, powers: dict[int, Fraction]) -> Term:
        factors = tuple(sorted((base, Fraction(e)) for base, e in powers.items() if e))
        if coefficient == 0.0 or not factors:
            return coefficient, ONE
        if len(factors) == 1 and factors[0][1] == 1:
            return coefficient, factors[0][0]
        return coefficient, self.node("product", factors)

    def where(self, condition: int, yes: Term, no: Term) -> Term:
        if yes == no:
            return yes
        return 1.0, self.node("where", condition, self.materialize(yes), self.materialize(no))

    def extremum(self, name: str, terms: Sequence[Term]) -> Term:
        """ "maximum" or "minimum" of some terms, at most one of them constant."""
        # A constant comes second: at a tie its derivative, 0, is taken, as torch does for relu.
        nodes = sorted(
            {self.materialize(term) for term in terms},
            key=lambda node: (self.constant_value(node) is not None, node),
        )
        best, *rest = nodes
        for node in rest:
            best = self.node(name, best, node)
        return 1.0, best

    def constant_value(self, node: int) -> float | None:
        """The number that a node is, None for what depends on the variable."""
        if node == ONE:
            return 1.0
        key = self.nodes[node]
        return key[1] if key[0] == "constant" else None

    def masked(self, condition: int, inside: float, variable: int) -> int:
        """The variable where the condition holds, the constant ``inside`` elsewhere.

        Keeps a branch that is not taken from producing inf or NaN, which would reach gradients
        through `torch.where`. The branch's own result is discarded there, so the derivative
        of this node counts as the variable's.
        """
        return self.node("masked", condition, variable, inside)

    def slope(self, node: int) -> Term:
        """The derivative of a node with respect to the variable."""
        if node not in self._slopes:
            self._slopes[node] = self._slope(*self.nodes[node])
        return self._slopes[node]

    def slope_of(self, term: Term) -> Term:
        return self.product([(term[0], ONE), self.slope(term[1])])

    def _slope(self, name: str, *operands: Any) -> Term:
        match name:
            case "constant" | "sign" | "floor":
                return ZERO_TERM
            case "scale":
                return self.product([(operands[0], ONE), self.slope(operands[1])])
            case "sum":
                parts = [(coefficient, node) for node, coefficient in operands[1]]
                return self.sum([self.slope_of(part) for part in parts])
            case "product":
                return self._product_slope(operands[0])
            case "where":
                condition, yes, no = operands
                return self.where(condition, self.slope(yes), self.slope(no))
            case "masked" | "clamped":
                # Outside its region the branch that reads this is discarded.
                return self.slope(operands[1])
            case "maximum" | "minimum":
                left, right = operands
                chosen = self.node("gt" if name == "maximum" else "lt", left, right)
                return self.where(chosen, self.slope(left), self.slope(right))
        argument = operands[0]
        inner = self.slope(argument)
        if inner[0] == 0.0:
            return ZERO_TERM
        return self.product([self._outer_slope(name, argument), inner])

    def _product_slope(self, factors: Sequence[tuple[int, Fraction]]) -> Term:
        parts = []
        for base, exponent in factors:
            powers = dict(factors)
            powers[base] = exponent - 1
            others = self._from_powers(float(exponent), powers)
            parts.append(self.product([others, self.slope(base)]))
        return self.sum(parts)

    def _outer_slope(self, name: str, argument: int) -> Term:
        """f'(u) for the function `name` and u = the argument's node."""
        u: Term = (1.0, argument)
        own: Term = self.apply(name, u)
        square = self.product([u, u])
        match name:
            case "exp":
                return own
            case "expm1":
                return self.sum([own, ONE_TERM])
            case "log":
                return self.power(u, Fraction(-1))
            case "log1p":
                return self.power(self.sum([u, ONE_TERM]), Fraction(-1))
            case "sin" | "sinh" | "softplus" | "sinc" | "abs":
                return self.apply(_DIRECT_SLOPES[name], u)
            case "cos":
                return -1.0, self.apply("sin", u)[1]
            case "cosh":
                return self.apply("sinh", u)
            case "tan":
                return self.sum([ONE_TERM, self.product([own, own])])
            case "tanh":
                return self.sum([ONE_TERM, (-1.0, self.product([own, own])[1])])
            case "sigmoid":
                return self.sum([own, (-1.0, self.product([own, own])[1])])
            case "erf" | "erfc":
                sign = 1.0 if name == "erf" else -1.0
                bell = self.apply("exp", (-square[0], square[1]))
                return sign * 2.0 / math.sqrt(math.pi), bell[1]
            case "atan":
                return self.power(self.sum([ONE_TERM, square]), Fraction(-1))
            case "asinh":
                return self.power(self.sum([ONE_TERM, square]), Fraction(-1, 2))
        return self._special_slope(name, u, own, square)

    def _special_slope(self, name: str, u: Term, own: Term, square: Term) -> Term:
        match name:
            case "gamma":
                return self.product([own, self.apply("digamma", u)])
            case _ if name in _DIRECT_SLOPES:
                return self.apply(_DIRECT_SLOPES[name], u)
            case "j0":
                return -1.0, self.apply("j1", u)[1]
            case "lambertw":  # W' = 1/(e^W + u)
                return self.power(self.sum([self.apply("exp", own), u]), Fraction(-1))
            case "erfi":
                return 2.0 / math.sqrt(math.pi), self.apply("exp", square)[1]
            case "erfinv":
                bell = self.apply("exp", self.product([own, own]))
                return math.sqrt(math.pi) / 2.0, bell[1]
        raise NotImplementedError(f"no derivative rule for {name}")


def _real_power(base: float, exponent: Fraction) -> float:
    """As torch computes it: infinite where Python raises an error."""
    try:
        return base ** float(exponent)
    except (ZeroDivisionError, OverflowError):
        return math.inf


_DIRECT_SLOPES = {
    "sin": "cos",
    "sinh": "cosh",
    "softplus": "sigmoid",
    "sinc": "sinc_slope",
    "abs": "sign",
    **{"loggamma": "digamma", "digamma": "trigamma", "sine_integral": "sinc"},
    **{"i0": "i1", "i1": "i1_slope", "j1": "j1_slope"},
    **{"airyai": "airyai_slope", "airybi": "airybi_slope"},
}
