"""The claim that the error of a sum grows like √n, whatever the rounding."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from sim.precision.emulation.modes import Mode
from sim.precision.emulation.sums import Order
from sim.precision.summation import Summation
from theory.precision.rounding import truncation_bias
from theory.precision.stochastic import variance
from theory.precision.sums import B, N, kept, spacings
from validate.author.checked import checked, together
from validate.author.words import Given, Margin, Power
from validate.claim import Body, Decision, Outcome
from validate.claims.precision.rounding import REFERENCES
from validate.claims.precision.serial_sums import TERMS
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

ERROR, FACTOR = sp.symbols("ε k", positive=True)
BITS, FEW = 10, 3  # mantissa bits: sums of n terms stay below 2^m, or are far beyond it
SHORT, LONG = (16, 64, 256), (128, 256, 512)
MEAN, DEVIATION = 0.5, 12**-0.5  # of a term uniform in (0, 1)
BELOW = "n up to 2^m/4"
BEYOND = "n from 16·2^m on"
TOWARDS_ZERO = "towards zero"
NEAREST = "to nearest"
STOCHASTIC = "stochastic"


@claim(
    "precision.square-root",
    title="An error like √n?",
    source="textbooks' rule of thumb, in our reading; SIAM J. Sci. Comput. 43 (2021) A566 has √n·u "
    "as a bound",
    statement="The root mean square error of a sum of n positive terms, relative to the sum, grows "
    "like √n whatever the rounding.",
    place=0.5,
    may_disagree=True,
    contradicts="A rule of thumb says that the rounding error of a sum of n terms grows like √n. "
    "Rounded towards zero it grows like n; with stochastic rounding it stops growing, beyond about "
    "12·2^m terms for m mantissa bits.",
    readings=(
        Reading(
            "The error of a sum grows like √n towards zero, too.",
            decision=f"{BELOW}: {TOWARDS_ZERO}",
        ),
        Reading(
            "The error of a sum grows like √n with stochastic rounding, however long it is.",
            decision=f"{BEYOND}: {STOCHASTIC}",
        ),
        Reading(
            "The error of a sum grows like √n to nearest, below 2^m terms.",
            decision=f"{BELOW}: {NEAREST}",
        ),
        Reading(
            "The error of a sum grows like √n with stochastic rounding, below 2^m terms.",
            decision=f"{BELOW}: {STOCHASTIC}",
        ),
    ),
)
def square_root() -> Body:
    below = _grows(
        SHORT,
        {TOWARDS_ZERO: _sums("truncation")},
        positive={NEAREST: _sums("nearest"), STOCHASTIC: _sums("stochastic")},
        wrong_experiment={"to nearest, in pairs": _sums("nearest", order="pairwise")},
    )
    beyond = _grows(
        LONG,
        {STOCHASTIC: _sums("stochastic", FEW)},
        wrong_experiment={"stochastic, in pairs": _sums("stochastic", FEW, "pairwise")},
    )
    return together(
        {BELOW: below, BEYOND: beyond},
        figures=one_figure(
            "Error of a sum of n positive terms",
            "To nearest it grows like √n, towards zero like n, and stochastically like √n while n "
            "is below 2^m (left) but not at all beyond 12·2^m (right). Lines are the laws of the "
            "other claims, with no constant fitted.",
            partial(_panel, "m = 10", BITS, SHORT, _named(below)),
            partial(_panel, "m = 3", FEW, LONG, _named(beyond)),
        ),
    )


def _grows(window: tuple[int, ...], on: Mapping[str, Summation], **controls: Any) -> Body:
    """That the error is a power ½ of n over a window."""
    return checked(
        law=_law,
        given=(TERMS, Given(FACTOR, None, "a constant")),
        observe=lambda measured: measured["noise"] ** 0.5,
        on=on,
        exponent=Power("terms", window, local=0.3),
        margin=Margin(0.1, "a fifth of the way to no growth, or to growth like n"),
        wrong={"like n²": FACTOR * N**2},
        references=REFERENCES[1:],
        **controls,
    )


def _law():
    yield "n errors of random signs, each in proportion to the sum, add up to √n of one:", None
    yield "relative to the sum", sp.Eq(ERROR, FACTOR * sp.sqrt(N))


def _sums(mode: Mode, mantissa: int = BITS, order: Order = "serial") -> Summation:
    return Summation(0, 16, mantissa, mode, order, data="uniform", sums=64)


def _named(part: Body) -> dict[str, Decision]:
    """What is drawn of a part, by rounding."""
    return {one.name: one for one in part.decisions if not one.role.must_fail}


def _panel(
    title: str, bits: int, window: tuple[int, ...], groups: Mapping[str, Decision], outcome: Outcome
) -> dict[str, Any]:
    """Root mean square errors with their laws, and √n from the first of them."""
    first = ERRORS[STOCHASTIC](window[0], bits)
    return along(
        outcome,
        title,
        ("n", "relative error, root mean square"),
        {name: one.experiments for name, one in groups.items()},
        lambda unit: window,
        lambda unit: np.sqrt(unit.measurement["noise"]),
        {f"law, {name}": partial(_errors, name, bits) for name in groups},
        {"√n": lambda n: first * np.sqrt(np.asarray(n) / window[0])},
        over=np.geomspace(window[0], window[-1], 9).round(),
    )


def _errors(name: str, bits: int, terms: Any) -> list[float]:
    return [ERRORS[name](int(n), bits) for n in terms]


def _nearest(terms: int, bits: int) -> float:
    square = 4.0**-bits * spacings(MEAN, DEVIATION, terms) / 12
    return (square / _signal(terms)) ** 0.5


def _truncated(terms: int, bits: int) -> float:
    return 1 - float(kept(1).subs({B: truncation_bias(bits), N: terms}))


def _stochastic(terms: int, bits: int) -> float:
    return (variance(terms, bits) / _signal(terms)) ** 0.5


def _signal(terms: int) -> float:
    return terms * DEVIATION**2 + (terms * MEAN) ** 2


ERRORS: dict[str, Callable[[int, int], float]] = {
    TOWARDS_ZERO: _truncated,
    NEAREST: _nearest,
    STOCHASTIC: _stochastic,
}
