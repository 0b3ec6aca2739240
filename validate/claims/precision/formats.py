"""The claim on the noise of floating-point formats, subnormal numbers and saturation included."""

from collections.abc import Callable, Mapping
from typing import Any

from sim.precision.emulation.formats import Format
from sim.precision.emulation.named import format_named
from sim.precision.quantization import Quantization
from theory.precision.formats import (
    LARGEST,
    NORMAL,
    NSR,
    REFERENCE,
    SCALE,
    SPACING,
    STEP,
    flushed,
    format_noise,
    format_steps,
    noise_of_format,
    saturated,
    squared_spacing,
)
from validate.author.checked import checked, together
from validate.author.words import Given, Limit, Margin
from validate.claim import Body, Unit, settings_of
from validate.figure_forms.by_unit import equality
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

LENGTH = 8192

TWO_OR_MORE = {
    "e4m3, s = 0.01": Quantization(format="float8_e4m3fn", scale=0.01, length=LENGTH),
    "e4m3, s = 1": Quantization(format="float8_e4m3fn", length=LENGTH),
    "e5m2, s = 100": Quantization(format="float8_e5m2", scale=100.0, length=LENGTH),
    "e2m3, s = 1": Quantization(format="float6_e2m3fn", length=LENGTH),
    "e3m2, s = 0.1": Quantization(format="float6_e3m2fn", scale=0.1, length=LENGTH),
    "e3m2, s = 30": Quantization(format="float6_e3m2fn", scale=30.0, length=LENGTH),
}
ONE = {
    "e2m1, s = 2": Quantization(format="float4_e2m1fn", scale=2.0, length=LENGTH),
    "e2m1, s = 10": Quantization(format="float4_e2m1fn", scale=10.0, length=LENGTH),
}


def floating(values: Mapping[str, Any]) -> Format:
    """The format in settings."""
    found = format_named(values["format"])
    assert isinstance(found, Format)
    return found


def _of_format(get: Callable[[Format], float]) -> Callable[[Mapping[str, Any]], float]:
    return lambda values: get(floating(values))


def _spacing(values: Mapping[str, Any]) -> float:
    found = floating(values)
    return squared_spacing(found.mantissa, found.min_exponent, found.max, values["scale"])


GIVEN = (
    Given(SCALE, "scale", "standard deviation of the numbers"),
    Given(STEP, _of_format(lambda one: one.min_subnormal), "spacing of subnormal numbers"),
    Given(NORMAL, _of_format(lambda one: one.min_normal), "smallest normal number"),
    Given(LARGEST, _of_format(lambda one: one.max), "largest number"),
    Given(SPACING, _spacing, "mean square spacing of normal numbers, from the probabilities of "
          "binades"),
)  # fmt: skip
WRONG = {
    "flush to zero": SPACING / (12 * SCALE**2) + flushed() + saturated(),
    "no saturation": format_noise() - saturated(),
}
WITHIN = {"smallest s over Δ": Limit("steps", at_least=0.5)}


def _noise(unit: Unit) -> float:
    set = settings_of(unit, Quantization)
    found = floating({"format": set.format})
    return noise_of_format(found.mantissa, found.min_exponent, found.max, set.scale)


@claim(
    "precision.format-noise",
    title="The noise of a floating-point format",
    source="our derivation",
    statement="What rounding to a floating-point format adds to Gaussian numbers of standard "
    "deviation s is the sum of three terms in closed form, spacing by binades, subnormal numbers "
    "and saturation: within 3 % from m = 2 mantissa bits on and 5 % for m = 1, for formats of 4 to "
    "8 bits and s from half the smallest number to beyond the largest.",
    place=9,
    readings=(
        Reading(
            "The noise of formats of 4 to 8 bits is known in closed form at every scale, once "
            "subnormal numbers and saturation are counted; mantissa bits alone do not tell it."
        ),
    ),
    shares=24,
)
def format_noise_claim() -> Body:
    return together(
        {
            "m ≥ 2": checked(
                law=format_steps,
                given=GIVEN,
                observe="pooled",
                on=TWO_OR_MORE,
                relative=True,
                margin=Margin(
                    0.03,
                    "that the density changes over a spacing is left out: of the order of "
                    "0.2·4^(−m) of the noise, 1.4 % for m = 2",
                ),
                wrong=WRONG,
                wrong_experiment={
                    "a format without subnormals": Quantization(
                        format="float6_e2m3fn", subnormals=False, length=LENGTH
                    ),
                    "rounding towards zero": Quantization(mode="truncation", length=LENGTH),
                },
                regime=WITHIN,
                references=(REFERENCE,),
            ),
            "m = 1": checked(
                law=format_steps,
                given=GIVEN,
                observe="pooled",
                on=ONE,
                relative=True,
                margin=Margin(0.05, "the same for m = 1: of the order of 5 %"),
                wrong=WRONG,
                wrong_experiment={
                    "a format without subnormals": Quantization(
                        format="float4_e2m1fn", scale=2.0, subnormals=False, length=LENGTH
                    ),
                },
                regime=WITHIN,
                references=(REFERENCE,),
            ),
        },
        figures=one_figure(
            "Noise of formats",
            "Noise over signal of Gaussian numbers, measured against the closed form, for each "
            "format and standard deviation s. Without subnormal numbers, or rounded towards zero, "
            "the same formats lie above the line.",
            lambda outcome: equality(
                outcome,
                f"{NSR} of one rounding",
                ("predicted", "measured"),
                {
                    **TWO_OR_MORE,
                    **ONE,
                    "e2m3, s = 1, without subnormals": Quantization(
                        format="float6_e2m3fn", subnormals=False, length=LENGTH
                    ),
                },
                _noise,
                lambda unit: unit.measurement["pooled"],
                log=(True, True),
            ),
        ),
    )
