"""The claim on sums rounded to nearest, one term after the other."""

from typing import Any

from sim.precision.summation import Summation
from theory.precision.rounding import M, decibels, in_decibels, nearest_noise
from theory.precision.sums import (
    SIGNAL,
    SPACINGS,
    N,
    benford_mean_noise,
    serial_law,
    serial_mean_law,
    spacings,
)
from validate.author.checked import checked, together
from validate.author.words import Given, Margin, Power
from validate.claim import Body
from validate.claims.precision.rounding import BITS
from validate.registry import Reading, claim

TERMS = Given(N, "terms", "number of terms")
MARGIN = Margin(
    0.25,
    "6 % of the noise; log-uniform spacings are off by 0.7 where there is a mean",
    "dB",
)


def spaced(values: Any) -> float:
    """U of `theory.precision.sums.serial_mean_law`."""
    return spacings(values["mean"], values["deviation"], values["terms"])


def signal(values: Any) -> float:
    """The mean square of the exact sum of normal terms."""
    n = values["terms"]
    return n * values["deviation"] ** 2 + (n * values["mean"]) ** 2


@claim(
    "precision.serial-sums",
    title="Noise of a sum rounded to nearest",
    source="our derivation",
    statement="A sum of n terms that is rounded to nearest after every addition has noise over "
    "signal of δ²(n + 1)/2 where terms have mean 0, δ² = 0.0451·4^(−m), and where they have a mean "
    "that of the spacings at its partial sums, position by position.",
    place=2,
    shares=24,
    readings=(
        Reading("To nearest, noise over signal of a sum of n terms of mean 0 is δ²(n + 1)/2."),
    ),
)
def serial_sums() -> Body:
    plain = {
        "n = 16": Summation(0, 16, 10, sums=768),
        "n = 64": Summation(0, 64, 7, sums=512),
    }
    return together(
        {
            "mean 0": checked(
                law=in_decibels(serial_law),
                given=(BITS, TERMS),
                observe="SNR",
                on=plain,
                margin=MARGIN,
                wrong={
                    "as of n independent roundings of the sum": decibels(nearest_noise() * N),
                    "of one rounding": decibels(nearest_noise()),
                },
                wrong_experiment={
                    "stochastic rounding": Summation(0, 16, 10, "stochastic", sums=128)
                },
            ),
            "with a mean": checked(
                law=in_decibels(serial_mean_law),
                given=(
                    BITS,
                    TERMS,
                    Given(SPACINGS, spaced, "sum of the mean squared spacings at m = 0"),
                    Given(SIGNAL, signal, "mean square of the exact sum"),
                ),
                observe="SNR",
                on={
                    "mean 1": Summation(0, 64, 10, mean=1.0, sums=256),
                    "mean 4": Summation(0, 64, 10, mean=4.0, sums=256),
                },
                margin=MARGIN,
                wrong={"spacings log-uniform (Benford)": decibels(benford_mean_noise())},
                wrong_experiment={
                    "summed in pairs": Summation(0, 64, 10, order="pairwise", mean=4.0, sums=64)
                },
            ),
            "growth": checked(
                law=serial_law,
                given=(BITS, TERMS),
                observe="noise",
                on=Summation(0, 32, 10, sums=448),
                exponent=Power("terms", (32, 96, 288), local=0.3),
                margin=Margin(0.05, "a twentieth of the way to n²; (n + 1)/2 bends it by 0.01"),
                wrong={"like n²": 4 ** (-M) * N**2, "like √n": 4 ** (-M) * N**0.5},
                wrong_experiment={
                    "summed in pairs": Summation(0, 32, 10, order="pairwise", sums=128)
                },
            ),
        }
    )
