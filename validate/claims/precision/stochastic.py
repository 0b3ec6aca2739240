"""The claim on sums with stochastic rounding."""

from typing import Any

import sympy as sp

from sim.precision.emulation.modes import Mode
from sim.precision.summation import Summation
from theory.precision.stochastic import VARIANCE, early_noise, late_noise, law, variance
from theory.precision.sums import SIGNAL
from validate.author.checked import checked
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.claims.precision.rounding import BITS, REFERENCES
from validate.claims.precision.serial_sums import TERMS
from validate.registry import Reading, claim


def added(values: Any) -> float:
    """V of `theory.precision.stochastic.law`."""
    return variance(values["terms"], values["mantissa"])


def signal(values: Any) -> float:
    """The mean square of the exact sum of terms uniform in (0, 1)."""
    n = values["terms"]
    return n / 12 + (n / 2) ** 2


@claim(
    "precision.stochastic-sums",
    title="Stochastic rounding: √n, and then no growth",
    source="our derivation; SIAM J. Sci. Comput. 43 (2021) A566, whose bound is √n·u",
    statement="The root mean square error of a sum of n terms uniform in (0, 1), rounded "
    "stochastically, is 2^(−m)√(n/(48 ln 2)) of the sum while n is below 2^m and, from about "
    "12·2^m on, 0.60·2^(−m/2) whatever n; between them it follows from the spacing of the partial "
    "sums.",
    place=5,
    shares=24,
    readings=(
        Reading(
            "With stochastic rounding the error of a sum of n positive terms grows like √n only "
            "until n is about 12·2^m, and then no more.",
        ),
    ),
)
def stochastic_sums() -> Body:
    return checked(
        law=law,
        given=(
            BITS,
            TERMS,
            Given(VARIANCE, added, "variance that the roundings add"),
            Given(SIGNAL, signal, "mean square of the exact sum"),
        ),
        observe=lambda measured: measured["noise"] ** 0.5,
        on={
            f"n = {times}·2^{m}": _sums(times * 2**m, m) for times, m in ((1, 5), (12, 3), (64, 3))
        },
        relative=True,
        margin=Margin(0.06, "√n is off by a factor of 2 at 64·2^m, a sum that stagnates by more"),
        wrong={
            "like √n for ever": sp.sqrt(early_noise()),
            "the same at every n": sp.sqrt(late_noise()),
        },
        wrong_experiment={
            "to nearest": _sums(32, 5, "nearest"),
            "towards zero": _sums(32, 5, "truncation"),
        },
        references=REFERENCES[1:],
    )


def _sums(terms: int, mantissa: int, mode: Mode = "stochastic") -> Summation:
    return Summation(0, terms, mantissa, mode, data="uniform", sums=128)
