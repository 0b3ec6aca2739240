"""The claims on how the spatial similarity of images makes updates of kernels low-rank."""

from typing import Any

import sympy as sp

from sim.lowrank.first_update import FirstUpdate
from theory.lowrank import shuffle
from theory.lowrank.spatial import (
    FILTERS,
    RHO,
    SHARE,
    correlated,
    correlation_law,
    law,
    participation,
)
from validate.author.checked import checked, together
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim

UNSHUFFLED = sp.Symbol("q'", positive=True)
GIVEN = (
    Given(FILTERS, "filters", "filters"),
    Given(SHARE, "share", "tr C²/(tr C)² of the patches"),
    Given(UNSHUFFLED, "unshuffled share", "the same before pixels were shuffled"),
    Given(RHO, "correlation", "correlation of neighboring pixels"),
)
DIGITS, SHUFFLED = FirstUpdate(block=0), FirstUpdate(block=0, shuffle=True)
GRADIENT = FirstUpdate(block=0, errors="gradient")
CONSTANT = Margin(0.1, "a seventh of what shuffled pixels change")


def images_of(correlation: float, errors: Any = "independent") -> FirstUpdate:
    """Images whose neighboring pixels have a correlation."""
    return FirstUpdate(
        block=0, errors=errors, source="correlated", correlation=correlation, updates=2
    )


@claim(
    "lowrank.spatial-similarity",
    title="Spatial similarity makes updates low-rank",
    source="arXiv:1810.13098, abstract: “we analyze how the spatial similarity of the training "
    "data influences the low-rank structure of the kernels”; that it lowers the rank is our "
    "reading",
    statement="The first gradient of a convolution's filters has a smaller participation ratio on "
    "images than on the same images with shuffled pixels, and on correlated pixels than on "
    "independent ones.",
    place=7,
    readings=(
        Reading(
            "The more alike neighboring pixels are, the fewer directions the first update of a "
            "kernel has: in nearly every network."
        ),
    ),
)
def spatial_similarity() -> Body:
    return checked(
        law=law,
        given=GIVEN,
        observe="PR",
        on={
            "digits or their shuffled pixels": (
                GRADIENT,
                FirstUpdate(block=0, errors="gradient", shuffle=True),
            ),
            "ρ = 0.6 or 0": (images_of(0.6, "gradient"), images_of(0.0, "gradient")),
        },
        ordering=0.5,
        margin=Margin(0.01, "far below what a single network varies by"),
        wrong={"the other way round": -participation()},
        wrong_experiment={
            "errors common to all filters": (
                FirstUpdate(block=0, errors="common"),
                FirstUpdate(block=0, errors="common", shuffle=True),
            )
        },
        references=(shuffle.REFERENCE,),
    )


@claim(
    "lowrank.first-update",
    title="Rank of a first update, by the covariance of patches",
    source="our derivation",
    statement="If errors do not know of the patches, the first update of M filters on d pixels of "
    "covariance C has the participation ratio (M + 2q)/(1 + (M + 1)q) with q = tr C²/(tr C)², "
    "within 10 % on digits and on their shuffled pixels; for pixels correlated like "
    "ρ^(|Δx| + |Δy|) q = (3 + 4ρ² + 2ρ⁴)²/81, within 15 %.",
    place=7.3,
    tier="standard",
    shares=16,
    readings=(Reading("With independent errors the constant of spatial similarity is known."),),
)
def first_update() -> Body:
    return together(
        {
            "by covariance": checked(
                law=law,
                given=GIVEN,
                observe="PR",
                on={"digits": DIGITS, "digits, shuffled pixels": SHUFFLED},
                relative=True,
                margin=CONSTANT,
                wrong={
                    "as for infinitely many filters": 1 / SHARE,
                    "by the unshuffled covariance": participation().subs(SHARE, UNSHUFFLED),
                },
                wrong_experiment={
                    "errors common to all filters": FirstUpdate(block=0, errors="common", filters=4)
                },
                references=(shuffle.REFERENCE,),
            ),
            "by correlation": checked(
                law=correlation_law,
                given=GIVEN,
                observe="PR",
                on={"ρ = 0.3": images_of(0.3), "ρ = 0.6": images_of(0.6)},
                relative=True,
                margin=Margin(0.15, "the covariance of 128 images is noisy; ρ for ρ² is off more"),
                wrong={"ρ for ρ²": participation().subs(SHARE, correlated(sp.sqrt(sp.Abs(RHO))))},
                wrong_experiment={
                    "shuffled pixels": FirstUpdate(
                        block=0, source="correlated", correlation=0.6, shuffle=True, updates=2
                    )
                },
            ),
        }
    )


@claim(
    "lowrank.independent-errors",
    title="Are errors independent of the patches?",
    source="our derivation",
    statement="The first gradient of the cross-entropy has the participation ratio of errors that "
    "do not know of the patches, within 10 %: 32 filters of a convolution on 128 digits.",
    place=7.6,
    tier="standard",
    may_disagree=True,
    contradicts="that back-propagated errors are independent of what a layer is given",
    readings=(
        Reading(
            "The constant of spatial similarity holds for real gradients on digits, as if errors "
            "did not know of the patches."
        ),
    ),
)
def independent_errors() -> Body:
    return checked(
        law=law,
        given=GIVEN,
        observe="PR",
        on={"digits": GRADIENT},
        positive={"independent errors": DIGITS},
        relative=True,
        margin=CONSTANT,
        wrong={"as for infinitely many filters": 1 / SHARE},
        wrong_experiment={
            "errors common to all filters": FirstUpdate(block=0, errors="common", filters=4)
        },
        references=(shuffle.REFERENCE,),
    )
