"""Claims on fixed against floating point of one width: a law of their noise, and a sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from sim.precision.emulation.fixed_point import FixedPoint
from sim.precision.emulation.formats import Format
from sim.precision.emulation.named import format_named
from sim.precision.quantization import Quantization
from theory.precision.accuracy import REFERENCE
from theory.precision.fixed_point import (
    FIXED,
    FLOATING,
    RATIO,
    Channels,
    best_fraction,
    boundary,
    fixed_noise,
    floating_noise,
    ratio_steps,
    rounding_alone,
)
from validate.author.checked import checked
from validate.author.words import Given, Margin
from validate.claim import Body, settings_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

BITS, CHANNELS = 8, 64
FLOAT = "float8_e4m3fn"
ALONE = sympy.Symbol("NSR_rounding", positive=True)


def compared(
    format: str, against: str, spread: float, median: float = 1.0, length: int = 128
) -> Quantization:
    """Channels of a spread of scales, in two formats."""
    return Quantization(format=format, against=against, scale=median, spread=spread,
                        channels=CHANNELS, length=length)  # fmt: skip


# the point is where `best_fraction` has it; medians and lengths are such that numbers that saturate
# are either so many or so rare that no replicate depends on a single one
BY_SPREAD = {
    "one scale": compared("fixed8.5", FLOAT, 0.0, 0.75),
    "σ = ¼": compared("fixed8.5", FLOAT, 0.25, 0.6),
    "σ = 1": compared("fixed8.4", FLOAT, 1.0, length=1024),
    "σ = 2": compared("fixed8.4", FLOAT, 2.0, 0.85),
}
OWN_STEP = replace(BY_SPREAD["σ = 2"], shared=128)


def fraction(values: Mapping[str, Any]) -> int:
    """Bits behind the point of the format in settings."""
    found = format_named(values["format"])
    assert isinstance(found, FixedPoint)
    return found.fraction


def channels(values: Mapping[str, Any]) -> Channels:
    """Those in settings."""
    return Channels(values["channels"], values["spread"], values["scale"])


def floating(of: Channels, name: str = FLOAT) -> float:
    """Mean noise over signal of channels in floating point."""
    found = format_named(name)
    assert isinstance(found, Format)
    return floating_noise(found.mantissa, found.min_exponent, found.max, of)


def ratio(spread: float, median: float) -> float:
    """Fixed over floating, the point where it is best."""
    of = Channels(CHANNELS, spread, median)
    return fixed_noise(BITS, best_fraction(BITS, of), of) / floating(of)


GIVEN = (
    Given(FIXED, lambda values: fixed_noise(BITS, fraction(values), channels(values)),
          "mean noise over signal of channels in fixed point"),
    Given(FLOATING, lambda values: floating(channels(values), values["against"]),
          "in floating point"),
    Given(ALONE, lambda values: rounding_alone(fraction(values), channels(values)),
          "in fixed point, by Δ²/12 alone"),
)  # fmt: skip


@claim(
    "precision.fixed-or-floating",
    title="Where fixed point beats floating point of its width",
    source="our derivation",
    statement="For 64 channels of Gaussian numbers with one step for all, whose scales spread by "
    "σ octaves, the mean noise of channels in 8-bit fixed point, its point where it is best, over "
    "that in e4m3 has a closed form, within a tenth: 0.2 at one scale, 0.3 at a quarter of an "
    "octave, 2.6 at one and 49 at two. It is 1 at σ between 0.6 and 0.8, by where in its octave "
    "the median scale is.",
    place=11,
    readings=(
        Reading("Of one scale, Gaussian numbers have a fifth of the noise in 8-bit fixed point "
                "that they have in e4m3.", decision="one scale"),
        Reading("Where the scales of channels spread by an octave, 8-bit fixed point has more than "
                "twice the noise of e4m3, by the mean of the channels.", decision="σ = 1"),
    ),
    shares=14,
)  # fmt: skip
def fixed_or_floating() -> Body:
    low, high = (boundary(BITS, floating, CHANNELS, median) for median in (0.8, 1.0))
    return checked(
        law=ratio_steps,
        given=GIVEN,
        observe="ratio",
        on=BY_SPREAD,
        relative=True,
        margin=Margin(0.1, "moves the spread at which they are equal by 0.03 octaves"),
        wrong={
            "as for one scale": sympy.Float(ratio(0.0, 0.75)),
            "rounding alone": ALONE / FLOATING,
        },
        wrong_experiment={"a step for each channel": OWN_STEP},
        references=(REFERENCE,),
        figures=one_figure(
            "Fixed against floating point",
            "Mean noise of 64 channels in 8-bit fixed point over that in e4m3, for several medians "
            "of their scales, of which the lines are 0.8 and 1. It is 1, and fixed point better on "
            f"the left of it, where scales spread by {low:.2f} and {high:.2f} octaves.",
            lambda outcome: along(
                outcome,
                "8-bit fixed point over e4m3",
                ("σ, octaves", "ratio of the noise"),
                {"channels of Gaussian numbers": tuple(BY_SPREAD.values())},
                lambda unit: settings_of(unit, Quantization).spread,
                lambda unit: unit.measurement["ratio"],
                {
                    "law": lambda at: [[ratio(one, m) for one in at] for m in (0.8, 1.0)],
                    "equal": np.ones_like,
                },
                {"as for one scale": lambda at: np.full_like(at, ratio(0.0, 0.75))},
                log=(False, True),
                over=np.linspace(0, 2, 41),
            ),
        ),
    )  # fmt: skip


def suits() -> Iterator[tuple[str, sympy.Basic | None]]:
    """The sentence as a law: floating over fixed point is at most 1."""
    yield "A format suits numbers better if it adds less noise, by the mean of the channels.", None
    yield "That floating point suits them better says of", sympy.Eq(RATIO, FLOATING / FIXED)
    yield "the upper bound is", sympy.Eq(RATIO, sympy.Integer(1))


@claim(
    "precision.floating-suits-better",
    title="Whether floating point suits better than fixed point",
    source="Hill, Zamirai et al. (arXiv:1808.02513)",
    statement="Floating point adds no more noise than fixed point of the same width: e4m3 against "
    "8-bit fixed point whose point is where it is best, on Gaussian numbers of one scale.",
    may_disagree=True,
    contradicts="arXiv:1808.02513 says that floating point suits networks better than fixed point "
    "of the same width. Of tensors of one scale that is false: on Gaussian numbers (no network is "
    "run) e4m3 adds more noise than 8-bit fixed point. Where scales spread it adds less.",
    place=11.5,
    readings=(
        Reading("On Gaussian numbers of one scale e4m3 adds no more noise than 8-bit fixed point."),
        Reading("Where scales of channels spread by two octaves e4m3 adds no more noise than 8-bit "
                "fixed point, by the mean of the channels.", decision="σ = 2"),
    ),
)  # fmt: skip
def floating_suits_better() -> Body:
    return checked(
        law=suits,
        observe="ratio",
        on={"one scale": compared(FLOAT, "fixed8.5", 0.0)},
        positive={
            "σ = 1": compared(FLOAT, "fixed8.4", 1.0),
            "σ = 2": compared(FLOAT, "fixed8.3", 2.0),
        },
        bound=0.05,
        margin=Margin(0.05, "a twentieth more noise is 0.04 bits"),
        wrong={"a thousandth at most": sympy.Rational(1, 1000)},
        wrong_experiment={
            "floating point of 6 bits": compared("float6_e3m2fn", "fixed8.5", 0.0),
        },
        references=(REFERENCE,),
    )
