"""Layouts beyond arithmetic in Typst math: calculus, logic, sets and matrices."""

# ruff: noqa: N802 (sympy finds a printing method by the name of the class)

from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.printing.conventions import requires_partial
from sympy.printing.precedence import PRECEDENCE, precedence_traditional
from sympy.printing.printer import Printer

from reports.formulas.names import script

BIG = (sympy.Sum, sympy.Product, sympy.Integral, sympy.Limit, sympy.Derivative, sympy.Piecewise)
ADD, MUL, POW = PRECEDENCE["Add"], PRECEDENCE["Mul"], PRECEDENCE["Pow"]
_RELATIONS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


class StructurePrinter(Printer):
    """The part of `reports.formulas.math.MathPrinter` for operators that bind variables or
    build sets.
    """

    def _brackets(self, item: Any, level: int, strict: bool = True) -> str:
        printed = self._print(item)
        own = precedence_traditional(item)
        if isinstance(item, Relational | sympy.Lambda):
            own = PRECEDENCE["Lambda"]
        return f"({printed})" if own < level or (not strict and own == level) else printed

    def _list(self, items: Any) -> str:
        return ", ".join(self._print(item) for item in items)

    # Calculus

    def _print_Sum(self, expr: Any, sign: str = "∑") -> str:
        signs = "".join(f"{sign}{self._range(*limit)} " for limit in reversed(expr.limits))
        body = expr.function
        return signs + self._brackets(body, MUL, strict=not isinstance(body, BIG[1:]))

    def _print_Product(self, expr: Any) -> str:
        return self._print_Sum(expr, "∏")

    def _range(self, symbol: Any, *ends: Any) -> str:
        if not ends:
            return f"_({self._print(symbol)})"
        start = f"_({self._print(symbol)} = {self._print(ends[0])})"
        return start + (f"^({self._print(ends[1])})" if len(ends) > 1 else "")

    def _print_Integral(self, expr: Any) -> str:
        signs, differentials = "", ""
        for symbol, *ends in expr.limits:
            marks = [
                f"{mark}({self._print(end)})" for mark, end in zip("_^", ends[-2:], strict=False)
            ]
            if len(ends) == 1:
                marks = [f"^({self._print(ends[0])})"]
            signs = f"∫{''.join(marks)} {signs}"
            differentials += f" thin upright(d) {self._print(symbol)}"
        return signs + self._brackets(expr.function, MUL) + differentials

    def _print_Derivative(self, expr: Any) -> str:
        counts, target = expr.variable_count, expr.expr
        if isinstance(target, AppliedUndef) and target.args == (counts[0][0],):
            return f"{self._primed(expr)} ({self._print(target.args[0])})"
        d = "∂" if requires_partial(expr) else "upright(d)"
        total = sum(count for _, count in counts)
        below = " ".join(f"{d} {self._power(symbol, count)}" for symbol, count in counts)
        top = d if total == 1 else d + script("^", self._print(sympy.sympify(total)))
        return f"frac({top}, {below}) {self._brackets(target, MUL, strict=False)}"

    def _power(self, base: Any, exponent: Any) -> str:
        printed = self._print(base)
        return printed if exponent == 1 else printed + script("^", self._print(exponent))

    def _primed(self, expr: Any) -> str:
        """The head of a derivative of an undefined function of one variable."""
        head, order = self._print(type(expr.expr)), expr.derivative_count
        if isinstance(order, int | sympy.Integer) and order <= 3:
            letter, mark, subscripts = head.partition("_")
            return letter + "'" * int(order) + mark + subscripts
        return f"{head}^(({self._print(order)}))"

    def _print_Subs(self, expr: Any) -> str:
        inner, variables, points = expr.args
        simple = isinstance(inner, sympy.Derivative) and isinstance(inner.expr, AppliedUndef)
        if simple and inner.expr.args == tuple(variables) and len(variables) == 1:
            return f"{self._primed(inner)} ({self._list(points)})"
        equal = [
            f"{self._print(variable)} = {self._print(point)}"
            for variable, point in zip(variables, points, strict=True)
        ]
        return f"lr({self._brackets(inner, MUL)} |)_({', '.join(equal)})"

    def _print_Limit(self, expr: Any) -> str:
        body, symbol, point, side = expr.args
        mark = {"+": "^+", "-": "^−"}.get(str(side), "") if not point.is_infinite else ""
        return (
            f"lim_({self._print(symbol)} → {self._print(point)}{mark}) {self._brackets(body, MUL)}"
        )

    def _print_Order(self, expr: Any) -> str:
        places = [
            f"{self._print(symbol)} → {self._print(point)}"
            for symbol, point in expr.args[1:]
            if point != 0
        ]
        where = f" \\; {', '.join(places)}" if places else ""
        return f"O ({self._print(expr.expr)}{where})"

    # Relations, logic and sets

    def _print_Relational(self, expr: Any) -> str:
        left, right = (self._brackets(side, ADD) for side in (expr.lhs, expr.rhs))
        return f"{left} {_RELATIONS[expr.rel_op]} {right}"

    def _joined(self, items: Any, sign: str) -> str:
        nested = (sympy.And, sympy.Or, sympy.Implies, sympy.Equivalent)
        printed = ((item, self._print(item)) for item in items)
        return f" {sign} ".join(f"({b})" if isinstance(item, nested) else b for item, b in printed)

    def _print_And(self, expr: Any) -> str:
        return self._joined(sorted(expr.args, key=sympy.default_sort_key), '"and"')

    def _print_Or(self, expr: Any) -> str:
        return self._joined(sorted(expr.args, key=sympy.default_sort_key), '"or"')

    def _print_Not(self, expr: Any) -> str:
        return f"¬({self._print(expr.args[0])})"

    def _print_Implies(self, expr: Any) -> str:
        return self._joined(expr.args, "⟹")

    def _print_Equivalent(self, expr: Any) -> str:
        return self._joined(sorted(expr.args, key=sympy.default_sort_key), "⟺")

    def _print_Contains(self, expr: Any) -> str:
        return f"{self._brackets(expr.args[0], ADD)} ∈ {self._print(expr.args[1])}"

    def _print_Interval(self, expr: Any) -> str:
        start, end = self._print(expr.start), self._print(expr.end)
        opening, closing = "\\(" if expr.left_open else "\\[", "\\)" if expr.right_open else "\\]"
        return f"lr({opening} {start} \\, {end} {closing})"

    def _print_FiniteSet(self, expr: Any) -> str:
        items = " \\, ".join(
            self._print(item) for item in sorted(expr.args, key=sympy.default_sort_key)
        )
        return f"lr(\\{{ {items} \\}})"

    def _print_Union(self, expr: Any) -> str:
        return " ∪ ".join(self._bracket_set(item) for item in expr.args)

    def _print_Intersection(self, expr: Any) -> str:
        return " ∩ ".join(self._bracket_set(item) for item in expr.args)

    def _print_Complement(self, expr: Any) -> str:
        return " ∖ ".join(self._bracket_set(item) for item in expr.args)

    def _bracket_set(self, item: Any) -> str:
        compound = isinstance(item, sympy.Union | sympy.Intersection | sympy.Complement)
        return f"({self._print(item)})" if compound else self._print(item)

    def _print_Tuple(self, expr: Any) -> str:
        return f"({self._list(expr)})"

    _print_tuple = _print_list = _print_Tuple

    # Matrices

    def _print_MatrixBase(self, expr: Any) -> str:
        rows, columns = expr.shape
        if columns == 1 and rows:
            return f"vec({self._list(expr)})"
        return f"mat({'; '.join(self._list(expr.row(i)) for i in range(rows))})"

    def _print_MatAdd(self, expr: Any) -> str:
        printed = ""
        for position, term in enumerate(expr.args):
            body = self._brackets(term, ADD)
            negative = body.startswith("−")
            printed += (" " if negative else " + ") * bool(position) + body
        return printed

    def _print_MatMul(self, expr: Any) -> str:
        scalars = [factor for factor in expr.args if not getattr(factor, "is_Matrix", False)]
        matrices = [factor for factor in expr.args if factor not in scalars]
        sign = "−" if scalars == [-1] else ""
        front = [self._print(sympy.Mul(*scalars))] if scalars and not sign else []
        return sign + " ".join([*front, *(self._brackets(item, MUL) for item in matrices)])

    def _print_HadamardProduct(self, expr: Any) -> str:
        return " ⊙ ".join(self._brackets(item, POW) for item in expr.args)

    def _print_Transpose(self, expr: Any) -> str:
        return f"{self._brackets(expr.arg, POW, strict=False)}^⊤"

    def _print_Inverse(self, expr: Any) -> str:
        return f"{self._brackets(expr.arg, POW, strict=False)}^(−1)"

    def _print_Identity(self, expr: Any) -> str:
        return "I"

    def _print_ZeroMatrix(self, expr: Any) -> str:
        return "0"
