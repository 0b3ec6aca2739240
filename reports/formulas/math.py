"""Sympy expressions as Typst math."""

# ruff: noqa: N802, N815 (sympy finds a printing method by the name of the class)

from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.precedence import PRECEDENCE

from reports.formulas.names import attach, name_parts, quote, script
from reports.formulas.structures import ADD, BIG, MUL, POW, StructurePrinter

_CONSTANTS = {
    **{"Exp1": "upright(e)", "Pi": "π", "ImaginaryUnit": "upright(i)", "Infinity": "∞"},
    **{"NegativeInfinity": "−∞", "ComplexInfinity": "tilde(∞)", "NaN": '"undefined"'},
    **{"BooleanTrue": '"true"', "BooleanFalse": '"false"', "EmptySet": "∅"},
    **{"GoldenRatio": "φ", "EulerGamma": "γ", "Catalan": "G"},
    **{"Reals": "ℝ", "Integers": "ℤ", "Naturals": "ℕ", "Naturals0": "ℕ_0"},
    **{"Complexes": "ℂ", "Rationals": "ℚ"},
}
_OPERATORS = {
    *("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch"),
    *("arcsin", "arccos", "arctan", "log", "max", "min", "arg", "tr", "det"),
}
_RENAMED = {
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "cot", "sinh", "cosh", "tanh")},
    **{"Max": "max", "Min": "min", "gamma": "Γ", "zeta": "ζ", "digamma": "ψ", "beta": "Β"},
    **{"DiracDelta": "δ", "LambertW": "W"},
    **{"Trace": "tr", "Determinant": "det"},
}


def print_math(expr: Any) -> str:
    """The Typst math source (without dollar signs) of a sympy expression or matrix."""
    return MathPrinter().doprint(expr)


class MathPrinter(StructurePrinter):
    """Prints sympy expressions as Typst math; what it does not know as quoted text."""

    printmethod = "_typst_math"

    def _print(self, expr: Any, **kwargs: Any) -> str:
        constant = _CONSTANTS.get(type(expr).__name__) if isinstance(expr, sympy.Basic) else None
        return constant or super()._print(expr, **kwargs)

    def emptyPrinter(self, expr: Any) -> str:
        return quote(str(expr))

    # Names

    def _print_Symbol(self, expr: Any) -> str:
        return attach(*name_parts(expr.name))

    _print_Dummy = _print_MatrixSymbol = _print_Str = _print_Symbol

    def _print_Idx(self, expr: Any) -> str:
        return self._print(expr.label)

    _print_IndexedBase = _print_Idx

    def _print_Indexed(self, expr: Any) -> str:
        base, subscripts, primes = name_parts(str(expr.base.label))
        return attach(base, subscripts + [self._print(index) for index in expr.indices], primes)

    def _print_MatrixElement(self, expr: Any) -> str:
        indices = [self._print(index) for index in (expr.i, expr.j)]
        if not isinstance(expr.parent, sympy.MatrixSymbol):
            return attach(f"({self._print(expr.parent)})", indices)
        base, subscripts, primes = name_parts(expr.parent.name)
        return attach(base, subscripts + indices, primes)

    # Numbers

    def _print_Integer(self, expr: Any) -> str:
        return str(expr).replace("-", "−")

    _print_int = _print_Integer

    def _print_Rational(self, expr: sympy.Rational) -> str:
        return f"{'−' * (expr.p < 0)}frac({abs(expr.p)}, {expr.q})"

    def _print_Float(self, expr: sympy.Float) -> str:
        mantissa, _, exponent = f"{float(expr):.6g}".replace("-", "−").partition("e")
        if not exponent:
            return mantissa
        power = f"10^({str(int(exponent.replace('−', '-'))).replace('-', '−')})"
        return power if mantissa == "1" else f"{mantissa} ⋅ {power}"

    # Arithmetic

    def _print_Add(self, expr: sympy.Add) -> str:
        printed = ""
        for position, term in enumerate(_ordered_terms(expr)):
            negative = _is_negative(term)
            body = self._brackets(-term if negative else term, ADD, strict=False)
            if position:
                printed += " − " if negative else " + "
            elif negative:
                printed += "−"
            printed += body
        return printed

    def _print_Mul(self, expr: sympy.Mul) -> str:
        if _is_negative(expr):
            return "−" + self._brackets(-expr, MUL)
        above, below, after = [], [], []
        for factor in _ordered_factors(expr):
            if isinstance(factor, sympy.Rational) and not isinstance(factor, sympy.Integer):
                above += [] if factor.p == 1 else [sympy.Integer(factor.p)]
                below.append(sympy.Integer(factor.q))
            elif _is_reciprocal(factor):
                below.append(_reciprocal(factor))
            else:
                (after if isinstance(factor, BIG) else above).append(factor)
        if not below:
            return self._product(above + after)
        fraction = f"frac({self._product(above) or '1'}, {self._product(below)})"
        return " ".join([fraction, *(self._brackets(factor, MUL) for factor in after)])

    def _product(self, factors: list[Any]) -> str:
        if len(factors) == 1:
            return self._print(factors[0])
        printed = ""
        for position, factor in enumerate(factors):
            open_ended = isinstance(factor, BIG) and position < len(factors) - 1
            body = self._brackets(factor, MUL, strict=not (open_ended or factor.is_Mul))
            if position and body.startswith("−"):
                body = f"({body})"
            printed += (" ⋅ " if body[0].isdigit() else " ") * bool(position) + body
        return printed

    def _print_Pow(self, expr: Any) -> str:
        base, exponent = expr.args
        if _is_reciprocal(expr):
            return f"frac(1, {self._print(_reciprocal(expr))})"
        if exponent == sympy.S.Half:
            return f"sqrt({self._print(base)})"
        if isinstance(exponent, sympy.Rational) and exponent.p == 1 and exponent.q > 1:
            return f"root({exponent.q}, {self._print(base)})"
        power = script("^", self._print(exponent))
        sine_like = self._is_named(base) and isinstance(base, sympy.Function)
        if sine_like and isinstance(exponent, sympy.Integer):
            return f"{self._head(base)}{power} ({self._list(base.args)})"
        body = self._brackets(base, POW, strict=False)
        return (f"({body})" if _needs_brackets(base, body) else body) + power

    _print_MatPow = _print_Pow

    def _print_exp(self, expr: Any) -> str:
        return "upright(e)" + script("^", self._print(expr.args[0]))

    # Functions

    def _is_named(self, expr: Any) -> bool:
        """Whether ``expr`` prints as a name and its arguments, like a sine."""
        own_layout = hasattr(self, f"_print_{type(expr).__name__}")
        applied = isinstance(expr, sympy.Function | sympy.Max | sympy.Min)
        return applied and not own_layout and not isinstance(expr, AppliedUndef)

    def _head(self, expr: Any) -> str:
        name = _RENAMED.get(type(expr).__name__, type(expr).__name__)
        return name if name in _OPERATORS or len(name) == 1 else f"op({quote(name)})"

    def _print_Application(self, expr: Any) -> str:
        return f"{self._head(expr)} ({self._list(expr.args)})"

    _print_Trace = _print_Determinant = _print_Application

    def _print_AppliedUndef(self, expr: Any) -> str:
        norm, _, kind = type(expr).__name__.partition("_")
        if norm == "norm" and len(expr.args) == 1:
            order = script("_", self._print(sympy.Symbol(kind))) if kind else ""
            return f"norm({self._print(expr.args[0])}){order}"
        return f"{self._print(type(expr))} ({self._list(expr.args)})"

    def _print_UndefinedFunction(self, expr: Any) -> str:
        base, subscripts, primes = name_parts(expr.__name__)
        return attach(f"op({base})" if base.startswith('"') else base, subscripts, primes)

    def _print_Abs(self, expr: Any) -> str:
        return f"abs({self._print(expr.args[0])})"

    def _print_floor(self, expr: Any) -> str:
        return f"floor({self._print(expr.args[0])})"

    def _print_ceiling(self, expr: Any) -> str:
        return f"ceil({self._print(expr.args[0])})"

    def _print_conjugate(self, expr: Any) -> str:
        return f"overline({self._print(expr.args[0])})"

    def _print_factorial(self, expr: Any) -> str:
        return self._brackets(expr.args[0], PRECEDENCE["Func"]) + "!"

    def _print_Heaviside(self, expr: Any) -> str:
        return f"Θ ({self._print(expr.args[0])})"

    def _print_binomial(self, expr: Any) -> str:
        return f"binom({self._list(expr.args)})"

    def _print_KroneckerDelta(self, expr: Any) -> str:
        return f"δ_({self._list(expr.args)})"

    def _print_Lambda(self, expr: Any) -> str:
        names = self._list(expr.signature)
        return f"{names if len(expr.signature) == 1 else f'({names})'} ↦ {self._print(expr.expr)}"

    def _print_Piecewise(self, expr: Any) -> str:
        return f"cases({', '.join(self._case(value, condition) for value, condition in expr.args)})"

    def _case(self, value: Any, condition: Any) -> str:
        word = '"otherwise"' if condition == sympy.true else f'"if" {self._print(condition)}'
        return f"{self._print(value)} & quad {word}"


def _is_negative(expr: Any) -> bool:
    first = expr.args[0] if isinstance(expr, sympy.Mul) else expr
    return bool(isinstance(first, sympy.Number) and first.is_extended_negative)


def _ordered_terms(expr: sympy.Add) -> list[Any]:
    """Terms in print order, a positive one first where there is one."""
    terms = list(expr.as_ordered_terms())
    first = next((term for term in terms if not _is_negative(term)), terms[0])
    return [first, *(term for term in terms if term is not first)]


def _ordered_factors(expr: sympy.Mul) -> list[Any]:
    """Factors in print order; an unevaluated product of numbers keeps its own order."""
    numeric = sum(isinstance(factor, sympy.Number) for factor in expr.args) > 1
    return list(expr.args) if numeric else list(expr.as_ordered_factors())


def _is_reciprocal(expr: Any) -> bool:
    if not isinstance(expr, sympy.Pow) or not expr.is_commutative:
        return False
    return bool(isinstance(expr.exp, sympy.Rational) and expr.exp.is_negative)


def _reciprocal(expr: Any) -> Any:
    return expr.base if expr.exp == -1 else sympy.Pow(expr.base, -expr.exp, evaluate=False)


def _needs_brackets(base: Any, printed: str) -> bool:
    """Whether a printed base already carries a superscript that a power would collide with."""
    if isinstance(base, sympy.Function | sympy.Max | sympy.Min) or printed.startswith("("):
        return isinstance(base, sympy.exp)
    return "^" in printed or printed.startswith(("−", "frac")) or "⋅" in printed
