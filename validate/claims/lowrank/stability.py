"""The claims on accuracy over the ranks of plain and shuffled layers."""

from collections.abc import Callable, Mapping
from typing import Any

from sim.lowrank.teacher import RANKS, Stability
from theory.lowrank import shuffle
from theory.lowrank.stability import flatter_law, higher_law, lower_law
from validate.author.checked import checked, together
from validate.author.words import Limit, Margin
from validate.claim import Body
from validate.registry import Reading, claim

MATTERS = {"accuracy of a frozen layer, of chance 0 and a whole layer 1": Limit(
    "frozen share", at_most=0.5
)}  # fmt: skip
HARDLY = Margin(1e-9, "rounding; what is required is in the law")
LOW, NO_RANK = Stability(block=4), Stability(block=4, rank=0)
IN_PLACE = {"entries that stay in place": Stability(block=4, shuffle=False)}
EVERY_SECOND = 0.5


def spread(measured: Mapping[str, Any]) -> float:
    """Standard deviation of accuracy over ranks, shuffled over plain."""
    return measured["shuffled spread"] / measured["plain spread"]


def lead(rank: int, of: str, over: str) -> Callable[[Mapping[str, Any]], float]:
    """Accuracy at a rank over that of the other kind of layer."""
    at = RANKS.index(rank)
    return lambda measured: measured[of][at] - measured[over][at]


@claim(
    "lowrank.stability",
    title="Accuracy over compression ratios",
    source="arXiv:1810.13098, abstract: “RsTD yields more stable classification accuracy than "
    "conventional TD in a large range of compression ratios”; on tasks of a teacher",
    statement="Over ranks 1, 2, 4, 8 the accuracy of a shuffled layer varies less than that of a "
    "plain one, by a tenth of its standard deviation at least, on more than half of the tasks, "
    "whether the teacher's layer has rank 2 or none. But where it has rank 2 the plain layer of "
    "rank 4 is more accurate, by three points at least.",
    place=8,
    tier="standard",
    readings=(
        Reading("Accuracy varies less over ranks if a layer's entries are shuffled."),
        Reading(
            "More stable is not more accurate: a plain layer of twice the teacher's rank is "
            "better.",
            decision="lower: rank 2",
        ),
    ),
)
def stability() -> Body:
    return together(
        {
            "flatter": checked(
                law=flatter_law,
                observe=spread,
                on={"rank 2": LOW, "no low rank": NO_RANK},
                bound=EVERY_SECOND,
                margin=HARDLY,
                wrong={"by nine tenths": 0.1},
                wrong_experiment=IN_PLACE,
                regime=MATTERS,
                references=(shuffle.REFERENCE,),
            ),
            "lower": checked(
                law=lower_law,
                observe=lead(4, "shuffled", "plain"),
                on={"rank 2": LOW},
                bound=EVERY_SECOND,
                margin=HARDLY,
                wrong={"by 80 points": -0.8},
                wrong_experiment=IN_PLACE,
            ),
        }
    )


@claim(
    "lowrank.stability-digits",
    title="Accuracy over compression ratios, on digits",
    source="arXiv:1810.13098, abstract",
    statement="The same on digits, if the layer matters there.",
    place=8.2,
    tier="standard",
    readings=(
        Reading(
            "On digits accuracy varies less over ranks if a layer's entries are shuffled.",
            where="digits",
        ),
    ),
)
def stability_on_digits() -> Body:
    return checked(
        law=flatter_law,
        observe=spread,
        on={"digits": Stability(block=4, source="digits")},
        bound=EVERY_SECOND,
        margin=HARDLY,
        wrong={"by nine tenths": 0.1},
        wrong_experiment={
            "entries that stay in place": Stability(block=4, source="digits", shuffle=False)
        },
        regime=MATTERS,
    )


@claim(
    "lowrank.mechanism",
    title="What a shuffled layer of rank 1 passes on",
    source="our derivation",
    statement="Where the teacher's layer has no low rank a shuffled layer of rank 1 is more "
    "accurate than a plain one, by three points at least, on more than half of the tasks.",
    place=8.4,
    tier="standard",
    readings=(
        Reading(
            "A shuffled layer of rank 1 passes more on than the single feature of a plain one."
        ),
    ),
)
def mechanism() -> Body:
    return checked(
        law=higher_law,
        observe=lead(1, "plain", "shuffled"),
        on={"no low rank": NO_RANK},
        bound=EVERY_SECOND,
        margin=HARDLY,
        wrong={"by 80 points": -0.8},
        wrong_experiment={"entries that stay in place": Stability(block=4, rank=0, shuffle=False)},
        regime=MATTERS,
    )
