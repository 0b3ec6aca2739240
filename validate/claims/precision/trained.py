"""The claim on a trained network with every operation rounded."""

import math
from dataclasses import replace

from sim.data.idx import SIDE, mnist_files
from sim.precision.trained import TrainedDigits
from theory.precision.rounding import M, decibels, in_decibels, nearest_noise
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

DIGITS = TrainedDigits(block=0, hidden=96, steps=60, images=16, networks=3)


@claim(
    "precision.trained-network",
    title="Rounding in a trained network",
    source="our derivation",
    statement="In a network trained on digits, every product and sum rounded to nearest, the noise "
    "at the outputs is δ² times the squares of its own partial sums, brought to the outputs by the "
    "active weights; a product too small to change a sum costs its own square instead, and 0 costs "
    "nothing. Independent products of mean 0 would have more than twice that.",
    place=8,
    tier="standard",
    readings=(
        Reading(
            "The noise of a trained network in few bits is known from the partial sums that it "
            "has in full precision."
        ),
    ),
    reads=mnist_files,
)
def trained_network() -> Body:
    return checked(
        law=in_decibels(partial_sums),
        given=(
            Given(M, "mantissa", "stored mantissa bits"),
            Given(FIRST, "hidden sums", "squares of hidden partial sums, at the outputs"),
            Given(SECOND, "output sums", "squares of partial sums of outputs"),
            Given(ALL, "all sums", "both, whatever is added"),
            Given(INPUTS, "pixels", "number of inputs"),
            Given(HIDDEN, "hidden", "number of hidden units"),
        ),
        observe=lambda measured: -10 * math.log10(measured["noise"]),
        on={"digits": DIGITS, **_mnist()},
        margin=Margin(
            0.25,
            "6 % of the noise: significands are not exactly log-uniform in a network",
            "dB",
        ),
        wrong={
            "independent products": decibels(independent_terms()),
            "adding little costs as much": decibels(nearest_noise() * ALL),
        },
        wrong_experiment={"truncation": replace(DIGITS, mode="truncation")},
        regime={"least accuracy of a network": Limit("accuracy", at_least=0.4)},
    )


def _mnist() -> dict[str, TrainedDigits]:
    """The same of MNIST, where its files are."""
    found = mnist_files()
    if found is None:
        return {}
    network = TrainedDigits(block=0, steps=120, images=24, networks=2, pixels=SIDE**2)
    return {"MNIST, 24 hidden units": replace(network, data="mnist", fingerprint=found)}
