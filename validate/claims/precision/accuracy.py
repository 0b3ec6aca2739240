"""The claims on what R² at the last layer says of the accuracy at reduced precision."""

import sympy as sp

from sim.precision.logits import RoundedLogits
from theory.precision.accuracy import (
    DISTANCE,
    EXPLAINED,
    LIKE,
    NOISE,
    REFERENCE,
    density,
    law_of_flips,
    loss_of_noise,
    one_slope,
    share_of_flips,
)
from validate.author.checked import checked
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim

GIVEN = (
    Given(DISTANCE, "distance", "distance of the classes' means, in standard deviations"),
    Given(LIKE, "reference", "that of the task which the linear model was fitted to"),
    Given(NOISE, "noise near 0", "mean square of the errors of logits near 0"),
)
DENSITY = density(DISTANCE)
HARD = {"labels that are certain": RoundedLogits(block=0, hard_labels=True)}


@claim(
    "precision.accuracy",
    title="R² and accuracy, one line",
    source="Hill, Zamirai et al. (arXiv:1808.02513)",
    statement="The share of accuracy that is lost to reduced precision is one linear function of "
    "1 − R², of last-layer activations at reduced and full precision, for all networks: a line "
    "that fits one task (two Gaussian classes at distance 2) fits those at distances ¾ and ½.",
    place=12,
    may_disagree=True,
    contradicts="arXiv:1808.02513 predicts normalized accuracy from R² by one linear model for all "
    "networks. The line that fits two Gaussian classes two standard deviations apart predicts more "
    "than twice what is lost at distances ¾ and ½: what a given R² costs hangs on the task.",
    readings=(
        Reading("One line from R² to normalized accuracy fits tasks of different difficulty."),
    ),
)
def accuracy() -> Body:
    return checked(
        law=one_slope,
        given=GIVEN,
        observe="lost per 1 − R²",
        on={
            "distance ¾": RoundedLogits(block=0, distance=0.75),
            "distance ½": RoundedLogits(block=0, distance=0.5),
        },
        relative=True,
        margin=Margin(
            0.25, "noise near f = 0 is up to a tenth below its mean; the lines differ by half"
        ),
        wrong={"normalized accuracy is R² itself": sp.Integer(1)},
        wrong_experiment=HARD,
        positive={"distance 2": RoundedLogits(block=0)},
        references=(REFERENCE,),
    )


@claim(
    "precision.accuracy-loss",
    title="Accuracy lost to noise of a logit",
    source="our derivation",
    statement="Noise of variance s² near f = 0 in a logit f costs the accuracy p_f(0) η′(0) s², of "
    "the exact posterior η: proportional to 1 − R², with a slope of the task.",
    place=12.5,
    tier="standard",
    readings=(
        Reading("What rounding costs in accuracy is the density of logits at 0 times its noise."),
    ),
)
def accuracy_loss() -> Body:
    return checked(
        law=loss_of_noise,
        given=GIVEN,
        observe="loss",
        on={
            "distance 2": RoundedLogits(block=0),
            "distance 1": RoundedLogits(block=0, distance=1.0),
        },
        relative=True,
        margin=Margin(0.15, "the law is the first term for small noise, here of 5 to 8 % of f"),
        wrong={
            "flips": DENSITY * sp.sqrt(2 * NOISE / sp.pi),
            "slope 1 of the posterior": DENSITY * NOISE,
        },
        wrong_experiment=HARD,
    )


@claim(
    "precision.flips",
    title="R² and signs that change",
    source="our derivation; Sheppard, Phil. Trans. R. Soc. A 192 (1899) 101",
    statement="Reduced precision changes the sign of a share arccos(√R²)/π of the logits, within "
    "15 %, while these are nearly normal (two Gaussian classes at distance ¾), R² between logits "
    "at reduced and full precision.",
    place=12.2,
    readings=(
        Reading("What R² says without knowing the task is how many signs of logits change."),
    ),
)
def flips() -> Body:
    return checked(
        law=law_of_flips,
        given=Given(EXPLAINED, "R²", "squared correlation of logits at reduced and full precision"),
        observe="flips",
        on={
            f"distance ¾, m = {m}": RoundedLogits(block=0, distance=0.75, mantissa=m)
            for m in (2, 4)
        },
        relative=True,
        margin=Margin(0.15, "noise near f = 0 is up to a tenth below its mean"),
        wrong={"like 1 − R²": (1 - EXPLAINED) / sp.pi, "twice as many": 2 * share_of_flips()},
        wrong_experiment={"distance 4, few logits near 0": RoundedLogits(block=0, distance=4.0)},
    )
