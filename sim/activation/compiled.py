"""Activation functions for training: σ and its exact derivative from one sympy expression."""

import functools
import math
from fractions import Fraction
from typing import Any, cast

import sympy
import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.graph import ONE, ONE_TERM, VARIABLE, Graph, Term
from sim.activation.near_zero import repair
from sim.activation.special import FUNCTIONS as SPECIAL
from sim.activation.tape import Tape
from theory.symbolic.activation import Activation, ActivationError, X
from theory.symbolic.guards.deadline import TimeLimit, check
from theory.symbolic.guards.library_errors import refused

MAX_SECONDS = 5.0


class TorchActivation:
    """σ and σ' as torch functions, elementwise, on any device and floating-point type.

    At a kink the derivative is torch's: 0 for relu and abs at 0.

    Attributes:
        graph, value, slope: what both are made of, for other translations.
    """

    def __init__(self, activation: Activation, graph: Graph, value: Term, slope: Term) -> None:
        self.activation = activation
        self.graph, self.value, self.slope = graph, value, slope
        self._both = Tape(graph, [value, slope])
        self._value = Tape(graph, [value])

    def __call__(
        self, z: Float[Tensor, "*shape"]
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
        """σ(z) and σ'(z); neither shares memory with z."""
        value, slope = self._both.run(z)
        return value, slope

    def value_only(self, z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """σ(z), for autograd or where no derivative is needed."""
        return self._value.run(z)[0]

    def __reduce__(self) -> tuple[Any, ...]:
        # Sent to another process as the expression: torch calls in closures cannot be pickled.
        return compile, (self.activation,)

    @property
    def special(self) -> bool:
        """Whether it has functions that scipy computes, without machine code."""
        return any(node[0] in SPECIAL for node in self.graph.nodes)

    @property
    def operations(self) -> int:
        """Number of torch calls for σ and σ' together."""
        return self._both.operations


@functools.lru_cache(maxsize=256)
@TimeLimit(MAX_SECONDS, "the translation to torch")
def compile(activation: Activation) -> TorchActivation:
    """Translate an activation function to torch.

    Args:
        activation: from `theory.symbolic.activation.activation`.

    Returns:
        A callable, z -> (σ(z), σ'(z)). Forms that lose digits or overflow (1 − cos x,
        exp x − 1, log(1 + exp x), 1/(1 + exp −x)) are rewritten, and where digits are still
        lost near 0, as for x − tanh x, the power series takes over there.

    Raises:
        ActivationError: a function without translation, one that sympy cannot handle, or more
            than 5 s.
    """
    graph = Graph()
    lowering, expression = _Lowering(graph), activation.expression
    with refused():
        value, slope = repair(graph, expression, lambda variable: lowering.of(expression, variable))
    return TorchActivation(activation, graph, value, slope)


class _Lowering:
    """sympy tree -> graph, with the numerically stable form of the usual building blocks."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._terms: dict[tuple[sympy.Basic, int], Term] = {}

    def of(self, node: sympy.Basic, variable: int) -> Term:
        """The term of a subexpression in which `X` is the graph's node ``variable``."""
        check()
        key = (node, variable)
        if key not in self._terms:
            self._terms[key] = self._lower(node, variable)
        return self._terms[key]

    def _lower(self, node: sympy.Basic, variable: int) -> Term:
        if node == X:
            return 1.0, variable
        if isinstance(node, sympy.Expr) and not node.has(X):
            return _real(node), ONE
        match node:
            case sympy.Add():
                return self._sum(node, variable)
            case sympy.Mul():
                return self._product(node, variable)
            case sympy.Pow():
                return self._power(node, variable)
            case sympy.log():
                return self._logarithm(node.args[0], variable)
            case sympy.Max() | sympy.Min():
                return self._extremum(node, variable)
            case sympy.Heaviside():
                zero = sympy.Integer(0)
                return self.graph.where(
                    self._condition(sympy.Gt(node.args[0], zero, evaluate=False), variable),
                    ONE_TERM,
                    (0.0, ONE),
                )
            case sympy.Piecewise():
                return self._piecewise(node, variable)
        if isinstance(node, sympy.cot):
            tangent = self.graph.apply("tan", self.of(node.args[0], variable))
            return self.graph.power(tangent, Fraction(-1))
        if isinstance(node, sympy.besselj | sympy.besseli):
            kind = "j" if isinstance(node, sympy.besselj) else "i"
            return self.graph.apply(f"{kind}{node.args[0]}", self.of(node.args[1], variable))
        if isinstance(node, sympy.polygamma) and node.args[0] == 0:
            return self.graph.apply("digamma", self.of(node.args[1], variable))
        if type(node) not in _NAMES:
            raise ActivationError(f"{type(node).__name__} has no translation to torch")
        return self.graph.apply(_NAMES[type(node)], self.of(node.args[0], variable))

    def _sum(self, node: sympy.Add, variable: int) -> Term:
        """A sum, with constants absorbed: c exp(u) − c -> c expm1(u), and the like."""
        constant, rest = node.as_coeff_Add()
        for argument in list(rest.args if isinstance(rest, sympy.Add) else (rest,)):
            if not argument.has(X):
                constant, rest = constant + argument, rest - argument
        left = _real(constant)
        terms = []
        for argument in sympy.Add.make_args(rest):
            coefficient, function = argument.as_independent(X, as_Add=False)
            scale = _real(coefficient)
            used, term = self._absorb(scale, function, left, variable)
            left -= used
            terms.append(term if used else self.of(argument, variable))
        return self.graph.sum([*terms, (left, ONE)])

    def _absorb(
        self, scale: float, function: sympy.Expr, constant: float, variable: int
    ) -> tuple[float, Term]:
        """Part of the constant that scale · function takes in, and the term for both."""
        graph = self.graph
        if constant * scale == 0 or not isinstance(function, sympy.exp | sympy.cos | sympy.erf):
            return 0.0, (0.0, ONE)
        argument = function.args[0]
        if isinstance(function, sympy.erf) and abs(constant) == abs(scale):
            sign = -1.0 if constant == scale else 1.0
            inner = self.of(argument, variable)
            return constant, (constant, graph.apply("erfc", (sign * inner[0], inner[1]))[1])
        # Only what makes the remaining constant smaller is a gain.
        if isinstance(function, sympy.erf) or abs(constant + scale) >= abs(constant):
            return 0.0, (0.0, ONE)
        if isinstance(function, sympy.exp):
            return -scale, (scale, graph.apply("expm1", self.of(argument, variable))[1])
        half = self.of(argument, variable)
        sine = graph.apply("sin", (half[0] / 2, half[1]))
        return -scale, (-2 * scale, graph.product([sine, sine])[1])

    def _product(self, node: sympy.Mul, variable: int) -> Term:
        """A product, with exp(u)/(1 + exp(u)) as one sigmoid that cannot overflow."""
        factors = list(node.args)
        terms = []
        for factor in node.args:
            grown = _logistic_argument(factor)
            if grown is not None and sympy.exp(grown) in factors and factor in factors:
                factors.remove(factor)
                factors.remove(sympy.exp(grown))
                terms.append(self.graph.apply("sigmoid", self.of(grown, variable)))
        return self.graph.product([*terms, *(self.of(factor, variable) for factor in factors)])

    def _power(self, node: sympy.Pow, variable: int) -> Term:
        grown = _logistic_argument(node)
        if grown is not None:
            return self.graph.apply("sigmoid", self.of(-grown, variable))
        if isinstance(node.exp, sympy.Rational):
            exponent = Fraction(int(node.exp.p), int(node.exp.q))
            return self.graph.power(self.of(node.base, variable), exponent)
        logarithm = self._logarithm(node.base, variable)
        exponent = self.of(node.exp, variable)
        return self.graph.apply("exp", self.graph.product([exponent, logarithm]))

    def _logarithm(self, argument: sympy.Basic, variable: int) -> Term:
        if not argument.has(X):
            return _real(sympy.log(argument)), ONE
        rest = cast(sympy.Expr, argument) - 1
        if isinstance(rest, sympy.exp):
            return self.graph.apply("softplus", self.of(rest.args[0], variable))
        if isinstance(argument, sympy.Add) and len(sympy.Add.make_args(rest)) < len(argument.args):
            return self.graph.apply("log1p", self.of(rest, variable))
        return self.graph.apply("log", self.of(argument, variable))

    def _extremum(self, node: sympy.Basic, variable: int) -> Term:
        name = "maximum" if isinstance(node, sympy.Max) else "minimum"
        return self.graph.extremum(name, [self.of(part, variable) for part in node.args])

    def _condition(self, condition: sympy.Basic, variable: int) -> int:
        graph = self.graph
        match condition:
            case sympy.And() | sympy.Or():
                name = "and" if isinstance(condition, sympy.And) else "or"
                first, *rest = [self._condition(part, variable) for part in condition.args]
                for part in rest:
                    first = graph.node(name, first, part)
                return first
            case sympy.Not():
                return graph.node("not", self._condition(condition.args[0], variable))
        if condition in (sympy.true, sympy.false):
            return graph.node("eq" if condition == sympy.true else "ne", VARIABLE, VARIABLE)
        sides = [graph.materialize(self.of(side, variable)) for side in condition.args]
        return graph.node(_COMPARISONS[type(condition)], *sides)

    def _piecewise(self, node: sympy.Basic, variable: int) -> Term:
        graph = self.graph
        result: Term = (float("nan"), ONE)
        conditions = [self._condition(case.args[1], variable) for case in node.args]
        for number in reversed(range(len(node.args))):
            branch, condition = node.args[number].args
            taken = conditions[number]
            for earlier in conditions[:number]:
                no = graph.node("not", earlier)
                taken = (
                    no
                    if condition == sympy.true and number == 1
                    else (graph.node("and", taken, no))
                )
            term = self._guarded(branch, taken, variable)
            result = (
                term if condition == sympy.true else graph.where(conditions[number], term, result)
            )
        return result

    def _guarded(self, branch: sympy.Basic, taken: int, variable: int) -> Term:
        """A branch whose argument stays harmless where the branch is not taken."""
        if not branch.has(*_RISKY) and not any(
            power.exp.is_negative or not power.exp.is_Integer for power in branch.atoms(sympy.Pow)
        ):
            return self.of(branch, variable)
        clamped = self._clamped(branch, taken, variable)
        if clamped is not None:
            return self.of(branch, clamped)
        inside = self._harmless(self.of(branch, variable), taken)
        if inside is None:
            return self.of(branch, variable)
        return self.of(branch, self.graph.masked(taken, inside, variable))

    def _clamped(self, branch: sympy.Basic, taken: int, variable: int) -> int | None:
        """The variable clamped to a half-line: cheaper than a mask where the end is harmless."""
        key = self.graph.nodes[taken]
        negated = key[0] == "not"
        key = self.graph.nodes[key[1]] if negated else key
        if key[0] not in ("gt", "ge", "lt", "le") or key[1] != variable:
            return None
        name, _, right = key
        limit = self.graph.constant_value(right)
        if limit is None:
            return None
        above = name.startswith("g") != negated
        term = self.of(branch, variable)
        end = torch.tensor([limit], dtype=torch.float64)
        finite = [
            r.isfinite() for r in Tape(self.graph, [term, self.graph.slope_of(term)]).run(end)
        ]
        if not all(finite):
            return None
        return self.graph.node("clamped", "min" if above else "max", variable, limit)

    def _harmless(self, term: Term, taken: int) -> float | None:
        """A point, close to 0, at which the branch is taken and finite with its derivative."""
        points = torch.linspace(-10.0, 10.0, 401, dtype=torch.float64)
        points = points[points.abs().argsort(stable=True)]
        slope = self.graph.slope_of(term)
        value, slope, mask = Tape(self.graph, [term, slope, (1.0, taken)]).run(points)
        good = points[mask.bool() & value.isfinite() & slope.isfinite()]
        return float(good[0]) if len(good) else None


def _real(constant: sympy.Expr) -> float:
    """A constant as a float, NaN where it is not real."""
    value = constant.evalf(20)
    return float(value) if isinstance(value, sympy.Float | sympy.Rational) else math.nan


def _logistic_argument(node: sympy.Basic) -> sympy.Expr | None:
    """u if the node is 1/(1 + exp(u))."""
    if not isinstance(node, sympy.Pow) or node.exp != -1:
        return None
    rest = node.base - 1
    return cast(sympy.Expr, rest.args[0]) if isinstance(rest, sympy.exp) else None


_COMPARISONS: dict[type[sympy.Basic], str] = {
    sympy.Gt: "gt",
    sympy.Ge: "ge",
    sympy.Lt: "lt",
    sympy.Le: "le",
    sympy.Eq: "eq",
    sympy.Ne: "ne",
}

_NAMES: dict[type[sympy.Basic], str] = {
    **{getattr(sympy, name): name for name in ("exp", "sin", "cos", "tan", "sinh", "cosh")},
    **{getattr(sympy, name): name for name in ("tanh", "atan", "asinh", "erf", "erfc")},
    sympy.sinc: "sinc",
    sympy.sign: "sign",
    sympy.Abs: "abs",
    **{getattr(sympy, name): name for name in ("floor", "gamma", "loggamma", "erfi", "erfinv")},
    **{getattr(sympy, name): name for name in ("airyai", "airybi")},
    sympy.LambertW: "lambertw",
    sympy.Si: "sine_integral",
}
_RISKY = (
    *(sympy.exp, sympy.log, sympy.tan, sympy.sinh, sympy.cosh, sympy.gamma, sympy.loggamma),
    *(sympy.polygamma, sympy.LambertW, sympy.erfi, sympy.erfinv, sympy.airybi, sympy.besseli),
)
