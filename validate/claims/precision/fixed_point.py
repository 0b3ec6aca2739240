"""Claims on fixed against floating point of one width: a law of their noise, and a sentence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from sim.precision.fixed_point import FixedPoint
from sim.precision.formats import Format
from sim.precision.named import format_named
from sim.precision.quantization import Quantization
from theory.precision.fixed_point import (
    FIXED,
    FLOATING,
    RATIO,
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
REFERENCE = """@misc{hill2018rethinking,
  title = {Rethinking Numerical Representations for Deep Neural Networks},
  author = {Hill, Parker and Zamirai, Babak and Lu, Shengshuo and Chao, Yu-Wei and
            Laurenzano, Michael and Samadi, Mehrzad and Papaefthymiou, Marios and Mahlke, Scott
            and Wenisch, Thomas and Deng, Jia and Tang, Lingjia and Mars, Jason},
  year = {2018},
  note = {arXiv:1808.02513}
}"""


def compared(format: str, against: str, spread: float, length: int = 128) -> Quantization:
    """Channels of a spread of scales, in two formats."""
    return Quantization(
        format=format, against=against, spread=spread, channels=CHANNELS, length=length
    )


# the point of fixed point is where `best_fraction` has it; rare large numbers take longer tensors
BY_SPREAD = {
    "one scale": compared("fixed8.5", FLOAT, 0.0, length=256),
    "σ = ½": compared("fixed8.4", FLOAT, 0.5),
    "σ = 1": compared("fixed8.4", FLOAT, 1.0, length=256),
    "σ = 2": compared("fixed8.3", FLOAT, 2.0),
}


def _fraction(values: Mapping[str, Any]) -> int:
    found = format_named(values["format"])
    assert isinstance(found, FixedPoint)
    return found.fraction


def _fixed(values: Mapping[str, Any], spread: float | None = None) -> float:
    spread = values["spread"] if spread is None else spread
    return fixed_noise(BITS, _fraction(values), values["channels"], spread)


def _alone(values: Mapping[str, Any]) -> float:
    return rounding_alone(_fraction(values), values["channels"], values["spread"])


def floating(spread: float, name: str = FLOAT, channels: int = CHANNELS) -> float:
    """Mean noise over signal of channels in floating point."""
    found = format_named(name)
    assert isinstance(found, Format)
    return floating_noise(found.mantissa, found.min_exponent, found.max, channels, spread)


def _law(spreads: np.ndarray) -> list[float]:
    """Fixed over floating, the point where it is best."""
    return [
        fixed_noise(BITS, best_fraction(BITS, CHANNELS, one), CHANNELS, one) / floating(one)
        for one in map(float, spreads)
    ]


@claim(
    "precision.fixed-or-floating",
    title="Where fixed point beats floating point of its width",
    source="our derivation",
    statement="For 64 channels of Gaussian numbers with one step for all, whose scales spread by "
    "σ octaves, the mean noise of channels in fixed point of 8 bits, the point where it is best, "
    "is that in e4m3 times a closed form: 1/8 for one scale, 0.6 for half an octave, 2.6 for one "
    "and 54 for two, within a tenth. They are equal at σ = 0.78.",
    place=11,
    readings=(
        Reading("Of one scale, Gaussian numbers have an eighth of the noise in 8-bit fixed point "
                "that they have in e4m3.", decision="one scale"),
        Reading("Where the scales of channels spread by an octave, 8-bit fixed point has more than "
                "twice the noise of e4m3, by the mean of the channels.", decision="σ = 1"),
    ),
    shares=14,
)  # fmt: skip
def fixed_or_floating() -> Body:
    equal = boundary(BITS, CHANNELS, floating)
    return checked(
        law=ratio_steps,
        given=(
            Given(FIXED, _fixed, "mean noise over signal of channels in fixed point"),
            Given(FLOATING, lambda values: floating(values["spread"], values["against"],
                                                    values["channels"]), "in floating point"),
            Given(ALONE, _alone, "in fixed point, by Δ²/12 alone"),
        ),
        observe="ratio",
        on=BY_SPREAD,
        relative=True,
        margin=Margin(0.1, "moves the spread at which they are equal by 0.03 octaves"),
        wrong={
            "as for one scale": sympy.Float(_law(np.zeros(1))[0]),
            "rounding alone": ALONE / FLOATING,
        },
        wrong_experiment={
            "heavier tails": Quantization(format="fixed8.5", against=FLOAT, channels=CHANNELS,
                                          length=256, data="laplace"),
        },
        references=(REFERENCE,),
        figures=one_figure(
            "Fixed against floating point",
            f"Mean noise of 64 channels in 8-bit fixed point over that in e4m3. It is 1 where the "
            f"scales of channels spread by {equal:.2f} octaves: fixed point is better on the left.",
            lambda outcome: along(
                outcome,
                "8-bit fixed point over e4m3",
                ("σ, octaves", "ratio of the noise"),
                {"channels of Gaussian numbers": tuple(BY_SPREAD.values())},
                lambda unit: settings_of(unit, Quantization).spread,
                lambda unit: unit.measurement["ratio"],
                {"law": _law, "equal": np.ones_like},
                {"as for one scale": lambda at: np.full_like(at, _law(np.zeros(1))[0])},
                log=(False, True),
                over=np.linspace(0, 2, 41),
            ),
        ),
    )  # fmt: skip


def suits() -> Any:
    """The sentence as a law: floating over fixed point is at most 1."""
    yield "A format suits numbers better if it adds less noise, by the mean of the channels.", None
    yield (
        "That floating point suits them better, of the same width, says that of",
        sympy.Eq(RATIO, FLOATING / FIXED),
    )
    yield "the upper bound is", sympy.Eq(RATIO, sympy.Integer(1))


@claim(
    "precision.floating-suits-better",
    title="Whether floating point suits better than fixed point",
    source="Hill, Zamirai et al. (arXiv:1808.02513)",
    statement="Floating point adds no more noise than fixed point of the same width: e4m3 against "
    "8-bit fixed point whose point is where it is best, on Gaussian numbers of one scale.",
    may_disagree=True,
    contradicts="that floating point suits networks better than fixed point of the same width "
    "(Hill, Zamirai et al., arXiv:1808.02513), if said of tensors of one scale",
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
        on={"one scale": compared(FLOAT, "fixed8.5", 0.0, length=64)},
        positive={
            "σ = 1": compared(FLOAT, "fixed8.4", 1.0, length=64),
            "σ = 2": compared(FLOAT, "fixed8.3", 2.0, length=64),
        },
        bound=0.05,
        margin=Margin(0.05, "a twentieth more noise is 0.04 bits"),
        wrong={"a thousandth at most": sympy.Rational(1, 1000)},
        wrong_experiment={
            "floating point of 6 bits": compared("float6_e3m2fn", "fixed8.5", 0.0, length=64),
        },
        references=(REFERENCE,),
    )
