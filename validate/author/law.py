"""A law: its derivation and the right side of its last equation, evaluated with numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from theory.prediction import Step
from validate.author.faults import UnusableError
from validate.author.words import Given

Values = Mapping[str, Any]  # of settings and measured numbers, by name


class Formula:
    """An expression of given symbols, as a function of settings and measured numbers.

    Raises:
        UnusableError: a symbol in it has no meaning.
    """

    def __init__(self, expression: Any, given: Sequence[Given], name: str) -> None:
        self.expression = _expression(expression, name)
        self.name = name
        by_symbol = {one.symbol: one for one in given}
        for symbol in sorted(self.expression.free_symbols, key=str):
            if symbol not in by_symbol:
                raise UnusableError(
                    f"{name}: the symbol {symbol} has no meaning; say what it stands for, as in "
                    f"Given({symbol}, name of a setting or of a measured number, meaning)"
                )
        self.given = [one for one in given if one.symbol in self.expression.free_symbols]
        symbols = [one.symbol for one in self.given]
        self._function = sympy.lambdify(symbols, self.expression, ["scipy", "numpy"])

    def needs_more(self, values: Values) -> bool:
        """Whether it needs other settings or measured numbers than these."""
        return any(_lacking(one, values) for one in self.given)

    def __call__(self, values: Values) -> float | np.ndarray:
        """Its value, an array where a setting or a measured one is.

        Raises:
            UnusableError: there is no such setting or number, or no finite value.
        """
        arguments = [self._value(one, values) for one in self.given]
        try:
            with np.errstate(all="ignore"):
                found = np.asarray(self._function(*arguments))
            if found.dtype.kind not in "biuf":
                found = np.asarray(self._exactly(arguments))
        except UnusableError:
            raise
        except Exception as error:  # what a library says of a function that it does not have
            found = np.asarray(self._exactly(arguments, error))
        if not np.isfinite(found).all():
            raise UnusableError(f"{self.name}: no finite value{self._at(arguments)}")
        return float(found) if found.ndim == 0 else found.astype(float)

    def _value(self, given: Given, values: Values) -> float | np.ndarray:
        if given.source is None:
            raise UnusableError(
                f"{self.name}: no setting or measured number gives the symbol {given.symbol}"
            )
        lacking = _lacking(given, values)
        if lacking:
            raise UnusableError(
                f"{self.name}: no setting or measured number gives the symbol {given.symbol}: "
                f"there is no '{lacking}' among {', '.join(values)}"
            )
        source = given.source
        value = source(values) if callable(source) else values[source]
        found = np.asarray(value)
        if found.dtype.kind not in "biuf":
            of = given.symbol if callable(source) else f"'{source}'"
            raise UnusableError(f"{self.name}: {of} is {value!r}, and no number")
        return float(found) if found.ndim == 0 else found.astype(float)

    def _at(self, arguments: Sequence[Any]) -> str:
        """For which values, in words."""
        at = ", ".join(
            f"{one.symbol} = {value:g}" if np.ndim(value) == 0 else str(one.symbol)
            for one, value in zip(self.given, arguments, strict=True)
        )
        return f" at {at}" if at else ""

    def _exactly(self, arguments: Sequence[Any], error: Exception | None = None) -> float:
        """By sympy itself, which knows more functions than numpy and scipy."""
        if any(np.ndim(value) for value in arguments):
            raise UnusableError(f"{self.name}: {self.expression} has no value for arrays: {error}")
        at: list[Any] = [
            (one.symbol, value) for one, value in zip(self.given, arguments, strict=True)
        ]
        found = self.expression.subs(at).evalf()
        if not found.is_finite:
            raise UnusableError(f"{self.name}: no finite value{self._at(arguments)}")
        if not found.is_real:
            raise UnusableError(f"{self.name}: {found} is no real number")
        return float(found)


class Law:
    """What a generator of (sentence, formula or None) derives.

    Attributes:
        steps: of the derivation.
        equation: the last formula, an equation.

    Raises:
        UnusableError: it yields anything else, or no equation at the end.
    """

    def __init__(self, derivation: Callable[[], Iterable[Any]]) -> None:
        if not callable(derivation):
            raise UnusableError(f"law: {derivation!r} is no generator of steps")
        self.steps = tuple(_step(one) for one in _yielded(derivation()))
        formulas = [step.formula for step in self.steps if step.formula is not None]
        last = formulas[-1] if formulas else None
        if last in (sympy.true, sympy.false):
            raise UnusableError(
                f"law: sympy made {last} of the last equation, by what its symbols are said to be "
                "(positive=True, say); Eq(…, evaluate=False) leaves it as it is"
            )
        if not isinstance(last, sympy.Equality):
            raise UnusableError(
                f"law: the last formula is {last}, and no equation such as "
                "sympy.Eq(symbol of what is measured, formula)"
            )
        self.equation: sympy.Equality = last

    @property
    def right(self) -> sympy.Expr:
        """The right side of the equation."""
        return self.equation.rhs  # type: ignore[return-value]


def power_of(expression: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """The exponent of a power law in ``symbol``: d log / d log, where the prefactor cancels.

    A number without symbols is the exponent itself; of other symbols alone it is 0.
    """
    if not expression.free_symbols:
        return expression
    exponent: Any = sympy.simplify(symbol * sympy.diff(expression, symbol) / expression)
    return exponent


def _lacking(given: Given, values: Values) -> str:
    """The name of what a symbol needs and is not there."""
    source = given.source
    if not callable(source):
        return source if source is not None and source not in values else ""
    try:
        source(values)
    except KeyError as missing:
        return str(missing.args[0])
    return ""


def _yielded(made: Any) -> Iterable[Any]:
    if not isinstance(made, Iterable) or isinstance(made, str | sympy.Basic):
        raise UnusableError(
            f"law: it gives {made!r}; it yields steps, (sentence, formula or None) each"
        )
    return made


def _step(one: Any) -> Step:
    good = isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str)
    if not good or not isinstance(one[1], sympy.Basic | None):
        raise UnusableError(
            f"law: a step is (sentence, sympy formula or None), and not {_short(one)}"
        )
    return Step(one[0], one[1])


def _expression(value: Any, name: str) -> Any:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return sympy.sympify(value)
    if isinstance(value, sympy.Expr):
        return value
    raise UnusableError(f"{name}: {_short(value)} is no sympy expression or number")


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:60] + "…"
