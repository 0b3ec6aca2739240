"""The claim on rounding errors through the layers of random networks."""

import math
from dataclasses import replace

from sim.precision.networks import RandomNetworks
from theory.precision.depth import (
    ACTIVATION,
    AMPLIFICATION,
    GAIN,
    LAYERS,
    WEIGHT,
    amplification,
    gain,
    operand_rounding,
)
from theory.precision.rounding import decibels, in_decibels
from validate.author.checked import checked, together
from validate.author.law import Values
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim

SMOOTH = RandomNetworks(block=0, width=96, layers=8, inputs=128, networks=1)
TANH = {
    "tanh, σ_w² = 3": replace(SMOOTH, weight_variance=3.0),
    "tanh, σ_w² = 6": replace(SMOOTH, networks=2),
}
LINEAR = replace(SMOOTH, activation="linear", weight_variance=1.0)
RELU = RandomNetworks(
    block=0, activation="relu", weight_variance=2.0, layers=3, inputs=32, networks=3
)


LAW = in_decibels(operand_rounding)


def _snr(measured: Values) -> float:
    return -10 * math.log10(measured["noise"])


def _gain(values: Values) -> float:
    return gain(values["activation"], values["weight_variance"])


def _amplification(values: Values) -> float:
    return amplification(_gain(values), values["layers"])


def _weight(values: Values) -> float:
    return values["weight share"] * 4.0 ** -values["mantissa"]


def _activation(values: Values) -> float:
    return values["activation share"] * 4.0 ** -values["mantissa"]


GIVEN = (
    Given(WEIGHT, _weight, "noise-to-signal ratio of rounded weights"),
    Given(ACTIVATION, _activation, "the same of the network's own activations"),
    Given(GAIN, _gain, "gain of the ratio in one activation"),
    Given(LAYERS, "layers", "number of layers"),
    Given(AMPLIFICATION, _amplification, "sum of the gains' powers"),
)


@claim(
    "precision.depth",
    title="Rounding errors and depth",
    source="our derivation",
    statement="In random networks with rounded weights and activations the noise-to-signal ratio "
    "after L layers is (δ_W² + δ_h²)(1 + g + … + g^(L−1)): linear and ReLU layers add, tanh layers "
    "multiply by g > 1, at σ_w² = 6 by 1.58 each.",
    place=7,
    shares=11,
    readings=(
        Reading(
            "Rounding errors grow linearly with depth in ReLU and linear networks, and "
            "geometrically in tanh networks.",
        ),
    ),
)
def depth() -> Body:
    smooth = checked(
        law=LAW,
        given=GIVEN,
        observe=_snr,
        on={**TANH, "linear": LINEAR},
        margin=Margin(
            0.128, "3 % of the noise: a gain wrong by 1 % is 5 % after 8 layers at σ_w² = 6", "dB"
        ),
        wrong={
            "errors add in every network": decibels((WEIGHT + ACTIVATION) * LAYERS),
            "activations are rounded like weights": decibels(2 * WEIGHT * AMPLIFICATION),
        },
        wrong_experiment={"exact weights": replace(LINEAR, width=48, exact_weights=True)},
    )
    kinked = checked(
        law=LAW,
        given=GIVEN,
        observe=_snr,
        on={"3 layers": RELU},
        margin=Margin(
            0.5,
            "12 % of the noise: norms of ReLU networks stray, and the mean ratio has a correction "
            "of about L / width",
            "dB",
        ),
        wrong={"activations alone add": decibels(ACTIVATION * LAYERS)},
        wrong_experiment={"exact weights": replace(RELU, exact_weights=True)},
    )
    return together({"": smooth, "ReLU": kinked})
