"""The claim on sums in pairs, in blocks, and compensated."""

from typing import Any

import sympy as sp

from sim.precision.summation import Summation
from theory.precision.order import (
    BLOCK,
    PAIRS,
    blocked_law,
    kahan_law,
    pair_noise,
    pairwise_law,
    pairwise_positive_law,
)
from theory.precision.rounding import M, decibels, in_decibels, nearest_noise
from theory.precision.sums import MU, N
from validate.author.checked import checked, together
from validate.author.words import Given, Margin, Power
from validate.claim import Body
from validate.claims.precision.rounding import BITS
from validate.claims.precision.serial_sums import TERMS
from validate.registry import Reading, claim

MARGIN = Margin(
    0.4, "10 % of the noise; without ties to even it is off by 0.8, growth by more", "dB"
)
TIES = Margin(1.0, "ties, which the law leaves out, add up to half to the outer sums' half", "dB")


def _pairs(values: Any) -> float:
    return pair_noise()


def _sqrt(values: Any) -> float:
    return values["terms"] ** 0.5


@claim(
    "precision.order",
    title="Sums in pairs, in blocks, compensated",
    source="our derivation",
    statement="Noise over signal of a sum of n terms, in units δ² of one rounding, is 1 + "
    "1.18 log₂ n in pairs for terms of mean 0; for positive terms it is a constant, no logarithm, "
    "since every tie goes to an even number and fewer ties follow; √n + 1 in blocks of √n; and "
    "about 2 with Kahan's compensation, whatever n.",
    place=6,
    shares=24,
    readings=(
        Reading("Summed in pairs, positive terms have an error that does not grow with n at all."),
    ),
)
def order() -> Body:
    serial = "one after the other"
    return together(
        {
            "pairs, mean 0": checked(
                law=in_decibels(pairwise_law),
                given=(BITS, TERMS, Given(PAIRS, _pairs, "noise of a sum of two, in δ²")),
                observe="SNR",
                on={
                    "n = 16": Summation(0, 16, 7, order="pairwise", sums=128),
                    "n = 128": Summation(0, 128, 7, order="pairwise", sums=128),
                },
                margin=MARGIN,
                wrong={"√n of one rounding": decibels(nearest_noise() * sp.sqrt(N))},
                wrong_experiment={serial: Summation(0, 16, 7, sums=128)},
            ),
            "pairs, positive": checked(
                law=in_decibels(pairwise_positive_law),
                given=(BITS, TERMS, Given(MU, "mean", "mean of a term, in standard deviations")),
                observe="SNR",
                on={
                    "n = 64": _positive(64),
                    "n = 256": _positive(256),
                },
                margin=MARGIN,
                wrong={
                    "every other sum a tie": decibels(
                        4 ** sp.floor(sp.log(MU, 2)) / MU**2 / 4 * 4 ** (-M)
                    ),
                    "a logarithm": decibels(nearest_noise() * sp.log(N, 2)),
                },
                wrong_experiment={serial: Summation(0, 64, 7, mean=1.2, deviation=0.3, sums=128)},
            ),
            "blocks": checked(
                law=in_decibels(blocked_law),
                given=(BITS, TERMS, Given(BLOCK, _sqrt, "terms in a block")),
                observe="SNR",
                on=Summation(0, 64, 7, order="blocked", sums=128),
                margin=TIES,
                wrong={"as one after the other": decibels(nearest_noise() * (N + 1) / 2)},
                wrong_experiment={serial: Summation(0, 64, 7, sums=128)},
            ),
            "Kahan": checked(
                law=kahan_law,
                given=(BITS, TERMS),
                observe="noise",
                on=Summation(0, 16, 7, order="kahan", sums=96),
                exponent=Power("terms", (16, 64, 192), local=0.3),
                margin=Margin(0.1, "a tenth of the growth one after the other"),
                wrong={
                    "like n, as one after the other": nearest_noise() * N,
                    "like √n, as in blocks": nearest_noise() * sp.sqrt(N),
                },
                wrong_experiment={serial: Summation(0, 16, 7, sums=128)},
            ),
        }
    )


def _positive(terms: int) -> Summation:
    return Summation(0, terms, 7, order="pairwise", mean=1.2, deviation=0.3, sums=128)
