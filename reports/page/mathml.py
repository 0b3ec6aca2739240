"""Formulas as MathML, by sympy's own printer, and written so that no name becomes markup."""

# ruff: noqa: N802, N815 (sympy finds a printing method by the name of the class)

import json
from collections.abc import Iterator
from functools import lru_cache
from html import escape, unescape
from typing import Any

import sympy
from markupsafe import Markup
from sympy.core.function import AppliedUndef
from sympy.printing.conventions import requires_partial
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.precedence import PRECEDENCE

from reports.formulas.names import name_parts
from reports.text import MINUS, clean, line
from theory.symbolic.expression import ExpressionError, load

TAGS = {
    *("mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup"),
    *("munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mspace", "mpadded"),
}
SHOWN = {
    **{"-": MINUS, "&": "∧", "\N{INVISIBLE TIMES}": "\N{INVISIBLE TIMES}"},
    **{"\N{DOUBLE-STRUCK ITALIC SMALL D}": "d", "\N{DOUBLE-STRUCK ITALIC SMALL E}": "e"},
}
NAMES = {"Max": "max", "Min": "min", "LambertW": "W", "loggamma": "log Γ"}
MUL = PRECEDENCE["Mul"]
FEW_DIGITS = 6
LONGEST = 20_000  # characters of a formula's markup; what is longer is shown as its text


def mathml(text: str, *, display: bool = False) -> Markup:
    """A formula of the records as a ``math`` element; as its text where it cannot be read."""
    inner = _printed(text)
    if inner is None:
        return Markup("<code>{}</code>").format(line(text))
    block = Markup(' display="block"') if display else ""
    return Markup("<math{}>{}</math>").format(block, inner)


@lru_cache(maxsize=1024)  # a symbol or a law is in many claims
def _printed(text: str) -> Markup | None:
    try:
        expr = load(text)
        inner = "".join(_written(_Printer()._print(expr)))
    except (ExpressionError, RecursionError):
        return None
    if len(inner) > LONGEST:
        inner = f"<mtext>{escape(line(str(expr)))}</mtext>"
    return Markup(inner)


def _written(node: Any) -> Iterator[str]:
    """The markup of a node of the printer: known elements without attributes, escaped text.

    The printer mixes entities such as ``&#x3B1;`` with names as they are.
    """
    if node.nodeType == node.TEXT_NODE:
        text = unescape(node.data)
        yield escape(SHOWN.get(text) or clean(text), quote=False)
        return
    inner = [text for child in node.childNodes for text in _written(child)]
    if node.tagName == "mfenced":  # of older versions, and not in browsers
        yield from ("<mrow><mo>(</mo>", *_listed(node), "<mo>)</mo></mrow>")
    elif node.tagName not in TAGS:
        yield from ("<mrow>", *inner, "</mrow>")
    else:
        yield from (f"<{node.tagName}>", *inner, f"</{node.tagName}>")


def _listed(node: Any) -> Iterator[str]:
    for position, child in enumerate(node.childNodes):
        yield "<mo>,</mo>" * bool(position)
        yield from _written(child)


class _Printer(MathMLPresentationPrinter):
    """Sympy's, with the names and numbers that the PDF has."""

    def _made(self, tag: str, *children: Any) -> Any:
        element = self.dom.createElement(tag)
        for child in children:
            text = isinstance(child, str)
            element.appendChild(self.dom.createTextNode(escape(child)) if text else child)
        return element

    def _list(self, items: Any) -> list[Any]:
        made = []
        for item in items:
            made += [self._made("mo", ","), self._print(item)]
        return made[1:]

    def _name(self, text: str, indices: Any = ()) -> Any:
        base, subscripts, primes = name_parts(text)
        made = self._made("mi", _plain(base) + "′" * len(primes))
        below: list[Any] = []
        for one in [self._made("mi", _plain(part)) for part in subscripts]:
            below += [self._made("mo", ","), one]
        below += [self._made("mo", ","), *self._list(indices)] if indices else []
        return self._made("msub", made, self._made("mrow", *below[1:])) if below else made

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> Any:
        plain = isinstance(item, sympy.Derivative) and level <= MUL
        plain |= isinstance(item, sympy.Mul) and level == MUL and not _is_negative(item)
        return self._print(item) if plain else super().parenthesize(item, level, strict)

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        """A positive term first where there is one."""
        terms = list(super()._as_ordered_terms(expr, order=order))
        first = next((term for term in terms if not _is_negative(term)), terms[0])
        return [first, *(term for term in terms if term is not first)]

    def emptyPrinter(self, expr: Any) -> Any:
        return self._made("mtext", str(expr))

    def _print_Symbol(self, sym: Any, style: str = "plain") -> Any:
        return self._name(sym.name)

    _print_Dummy = _print_MatrixSymbol = _print_Str = _print_Symbol

    def _print_Idx(self, expr: Any) -> Any:
        return self._print(expr.label)

    def _print_IndexedBase(self, e: Any) -> Any:
        return self._print(e.label)

    def _print_Indexed(self, e: Any) -> Any:
        return self._name(str(e.base.label), e.indices)

    def _print_MatrixElement(self, e: Any) -> Any:
        if isinstance(e.parent, sympy.MatrixSymbol):
            return self._name(e.parent.name, (e.i, e.j))
        return super()._print_MatrixElement(e)

    def _print_Float(self, expr: Any) -> Any:
        mantissa, _, exponent = f"{float(expr):.{FEW_DIGITS}g}".replace("-", MINUS).partition("e")
        if not exponent:
            return self._made("mn", mantissa)
        power = self._made("mn", str(int(exponent.replace(MINUS, "-"))).replace("-", MINUS))
        ten = self._made("msup", self._made("mn", "10"), power)
        return self._made("mrow", self._made("mn", mantissa), self._made("mo", "⋅"), ten)

    def _print_int(self, p: Any) -> Any:
        return self._made("mn", str(p).replace("-", MINUS))

    _print_Integer = _print_int

    def _print_Function(self, e: Any) -> Any:
        kind = type(e).__name__
        norm, _, order = kind.partition("_")
        if isinstance(e, AppliedUndef) and norm == "norm" and len(e.args) == 1:
            bar = self._made("mo", "‖")
            inside = self._made("mrow", bar, self._print(e.args[0]), self._made("mo", "‖"))
            return self._made("msub", inside, self._name(order)) if order else inside
        if isinstance(e, AppliedUndef):
            head = self._name(kind)
        else:
            head = self._made("mi", NAMES.get(kind) or unescape(self.mathml_tag(e)))
        return self._made("mrow", head, self._paren_comma_separated(*e.args))

    _print_Max = _print_Min = _print_Trace = _print_Determinant = _print_Function

    def _print_UndefinedFunction(self, expr: Any) -> Any:
        return self._name(expr.__name__)

    def _print_Derivative(self, expr: Any) -> Any:
        counts, target = expr.variable_count, expr.expr
        order = sum(count for _, count in counts)
        if isinstance(target, AppliedUndef) and target.args == (counts[0][0],) and order in (1, 2):
            head = self._made("msup", self._name(type(target).__name__),
                              self._made("mo", "′" * int(order)))  # fmt: skip
            return self._made("mrow", head, self._paren_comma_separated(*target.args))
        d = "∂" if requires_partial(expr) else "d"
        above = self._power(self._made("mo", d), order)
        below = [
            part
            for symbol, count in counts
            for part in (self._made("mo", d), self._power(self._print(symbol), count))
        ]
        fraction = self._made("mfrac", above, self._made("mrow", *below))
        return self._made("mrow", fraction, self.parenthesize(target, MUL))

    def _power(self, base: Any, exponent: Any) -> Any:
        return base if exponent == 1 else self._made("msup", base, self._print(exponent))

    def _print_Product(self, expr: Any) -> Any:
        signs = []
        for symbol, *ends in expr.limits:
            start = self._made("mrow", self._print(symbol), self._made("mo", "="),
                               self._print(ends[0]))  # fmt: skip
            signs.append(self._made("munderover", self._made("mo", "∏"), start,
                                    self._print(ends[1])))  # fmt: skip
        return self._made("mrow", *signs, self.parenthesize(expr.function, MUL))

    def _print_Subs(self, expr: Any) -> Any:
        at = []
        for name, value in zip(expr.variables, expr.point, strict=True):
            at += [self._made("mo", ","), self._print(name), self._made("mo", "="),
                   self._print(value)]  # fmt: skip
        inside = self._made("mrow", self._print(expr.expr), self._made("mo", "|"))
        return self._made("msub", inside, self._made("mrow", *at[1:]))

    def _print_Piecewise(self, expr: Any) -> Any:
        rows = [
            self._made("mtr", self._made("mtd", self._print(value)),
                       self._made("mtd", *self._condition(condition)))
            for value, condition in expr.args
        ]  # fmt: skip
        return self._made("mrow", self._made("mo", "{"), self._made("mtable", *rows))

    def _condition(self, condition: Any) -> list[Any]:
        if condition == sympy.true:
            return [self._made("mtext", "otherwise")]
        return [self._made("mtext", "if\N{NO-BREAK SPACE}"), self._print(condition)]


def _plain(part: str) -> str:
    """A part of a name without the quotes that words have in the PDF's language."""
    return json.loads(part) if part.startswith('"') else part


def _is_negative(term: Any) -> bool:
    return bool(term.could_extract_minus_sign())
