"""The claim on rounding errors through the layers of random networks."""

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
from validate.author.checked import checked, together
from validate.author.law import Values
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim

TANH = {
    "tanh, σ_w² = 3": RandomNetworks(block=0, weight_variance=3.0),
    "tanh, σ_w² = 6": RandomNetworks(block=0, weight_variance=6.0),
}
LINEAR = {"linear": RandomNetworks(block=0, activation="linear", weight_variance=1.0)}
RELU = RandomNetworks(
    block=0, activation="relu", weight_variance=2.0, layers=3, inputs=32, networks=3
)


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
    tanh = TANH["tanh, σ_w² = 6"]
    smooth = checked(
        law=operand_rounding,
        given=GIVEN,
        observe="noise",
        on={**TANH, **LINEAR},
        relative=True,
        margin=Margin(
            0.05, "networks 64 wide and 4 deep: an effect of their width is of order 1/64 a layer"
        ),
        wrong={
            "errors add in every network": (WEIGHT + ACTIVATION) * LAYERS,
            "activations are rounded like weights": 2 * WEIGHT * AMPLIFICATION,
        },
        wrong_experiment={"exact weights": replace(tanh, exact_weights=True)},
    )
    kinked = checked(
        law=operand_rounding,
        given=GIVEN,
        observe="noise",
        on={"3 layers": RELU},
        relative=True,
        margin=Margin(
            0.12, "norms of ReLU networks stray: the mean ratio has a correction of about L / width"
        ),
        wrong={"activations alone add": ACTIVATION * LAYERS},
        wrong_experiment={"exact weights": replace(RELU, exact_weights=True)},
    )
    return together({"": smooth, "ReLU": kinked})
