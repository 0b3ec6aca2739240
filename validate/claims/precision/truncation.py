"""The claim on sums rounded towards zero."""

from typing import Any

import sympy as sp

from sim.precision.summation import Summation
from theory.precision.rounding import M, truncation_bias
from theory.precision.sums import (
    R2,
    B,
    N,
    quadratic_correlation,
    truncation_correlation_law,
    truncation_slope_law,
)
from validate.author.checked import checked, together
from validate.author.words import Given, Margin, Power
from validate.claim import Body
from validate.claims.precision.serial_sums import TERMS
from validate.registry import Reading, claim


def bias(values: Any) -> float:
    """b, what one truncation takes."""
    return float(truncation_bias(values["mantissa"]))


GIVEN = (Given(B, bias, "share that one truncation takes, 2^(−m)/(4 ln 2)"), TERMS)
MARGIN = Margin(0.04, "the quadratic form is off by half at bn = 2.9; noise of rounding adds 1 %")


@claim(
    "precision.truncation",
    title="A sum rounded towards zero",
    source="our derivation",
    statement="A sum of n terms of mean 0 that is rounded towards zero after every addition has a "
    "squared correlation of 2 tanh(bn/2)/(bn) with the exact one and keeps (1 − exp(−bn))/(bn) of "
    "it, for all n, b = 0.3607·2^(−m). At small bn 1 − R² grows like n², not like n.",
    place=3,
    shares=24,
    readings=(
        Reading(
            "Towards zero, 1 − R² of a sum grows like n²: a doubling of n needs a whole bit more, "
            "and half a bit more where it is rounded to nearest.",
        ),
    ),
)
def truncation() -> Body:
    sums = {f"bn = {b}": Summation(0, n, 4, "truncation", sums=256) for b, n in LENGTHS.items()}
    far = {"bn = 2.9": sums["bn = 2.9"], "bn = 4.3": sums["bn = 4.3"]}
    nearest = {"to nearest": Summation(0, LENGTHS["2.9"], 4, sums=640)}
    return together(
        {
            "R²": checked(
                law=truncation_correlation_law,
                given=GIVEN,
                observe="correlation",
                on={name: one for name, one in sums.items() if name != "bn = 4.3"},
                relative=True,
                margin=MARGIN,
                wrong={"1 − (bn)²/12": quadratic_correlation()},
                wrong_experiment=nearest,
            ),
            "what is kept": checked(
                law=truncation_slope_law,
                given=GIVEN,
                observe="slope",
                on=far,
                relative=True,
                margin=MARGIN,
                wrong={"(1 − b)^n of all": sp.exp(-B * N)},
                wrong_experiment=nearest,
            ),
            "growth": checked(
                law=_quadratic,
                given=(Given(M, "mantissa", "mantissa bits that are stored"), TERMS),
                observe="uncorrelated",
                on=Summation(0, 64, 9, "truncation", sums=64),
                exponent=Power("terms", (64, 192, 512), local=0.4),
                margin=Margin(0.1, "a tenth of the distance to n, the growth to nearest"),
                wrong={"like n, as to nearest": N * 4 ** (-M)},
                wrong_experiment={"to nearest": Summation(0, 64, 9, sums=64)},
            ),
        }
    )


LENGTHS = {"0.7": 32, "2.9": 128, "4.3": 192}  # n by bn


def _quadratic():
    yield from truncation_correlation_law()
    small = quadratic_correlation()
    yield "At small bn that is, to leading order,", sp.Eq(R2, small)
    yield "so", sp.Eq(sp.Symbol("1 − R²", positive=True), (1 - small).subs(B, truncation_bias()))
