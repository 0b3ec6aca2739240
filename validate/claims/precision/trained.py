"""The claim on a trained network with every operation rounded."""

from sim.precision.trained import TrainedDigits
from theory.precision.rounding import M, nearest_noise
from theory.precision.trained import (
    ALL,
    FIRST,
    HIDDEN,
    INPUTS,
    SECOND,
    independent_terms,
    partial_sums,
)
from validate.author.checked import checked
from validate.author.words import Given, Limit, Margin
from validate.claim import Body
from validate.registry import Reading, claim


@claim(
    "precision.trained-network",
    title="Rounding in a trained network",
    source="our derivation",
    statement="In a network trained on digits, every product and sum rounded to nearest, the "
    "noise at the outputs is δ² times the squares of its own partial sums, brought to the outputs "
    "by the active weights; adding a product of 0 costs nothing.",
    place=8,
    tier="standard",
    readings=(
        Reading(
            "The noise of a trained network in few bits is known from the partial sums that it "
            "has in full precision."
        ),
    ),
)
def trained_network() -> Body:
    return checked(
        law=partial_sums,
        given=(
            Given(M, "mantissa", "stored mantissa bits"),
            Given(FIRST, "hidden sums", "squares of hidden partial sums, at the outputs"),
            Given(SECOND, "output sums", "squares of partial sums of outputs"),
            Given(ALL, "all sums", "both, with sums to which 0 is added"),
            Given(INPUTS, "pixels", "number of inputs"),
            Given(HIDDEN, "hidden", "number of hidden units"),
        ),
        observe="noise",
        on={"8 bits": TrainedDigits(block=0)},
        relative=True,
        margin=Margin(0.06, "significands are not exactly log-uniform in a network: some percent"),
        wrong={
            "independent products": independent_terms(),
            "adding 0 costs as well": nearest_noise() * ALL,
        },
        wrong_experiment={"truncation": TrainedDigits(block=0, mode="truncation")},
        regime={"least accuracy of a network": Limit("accuracy", at_least=0.6)},
    )
