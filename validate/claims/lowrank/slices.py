"""The claim on layer compression by channel slices."""

from sim.lowrank.slices import Slices
from theory.lowrank.slices import LARGEST, REFERENCE, SUM, bound_law, tightness_law
from validate.author.checked import checked, together
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim

GIVEN = (
    Given(SUM, "sum", "sum over slices of the square of the first singular value that is left out"),
    Given(LARGEST, "largest", "the largest of these singular values"),
)


@claim(
    "lowrank.slices",
    title="Layer compression by channel slices",
    source="arXiv:2107.11442, in our derivation",
    statement="If each channel slice of a kernel is truncated, the largest singular value of what "
    "the kernel loses is at most √Σσ² over the first singular values that the slices lose, "
    "which is reached where slices share their left singular vectors; the largest σ alone is no "
    "bound.",
    place=9,
    readings=(
        Reading(
            "What truncated slices of channels cost a layer is bounded by √Σσ² over the slices, "
            "and not by the worst slice."
        ),
    ),
)
def slices() -> Body:
    return together(
        {
            "bound": checked(
                law=bound_law,
                given=GIVEN,
                observe="error",
                on={
                    "Gaussian": Slices(block=0),
                    "features of ReLU": Slices(block=0, entries="features"),
                },
                bound=0.05,
                margin=Margin(1e-9, "rounding; nothing may exceed the bound"),
                wrong={"the worst slice": LARGEST},
                wrong_experiment={"random directions": Slices(block=0, directions="random")},
                references=(REFERENCE,),
            ),
            "tightness": checked(
                law=tightness_law,
                observe="tightness",
                on={"aligned slices": Slices(block=0, entries="aligned")},
                identity=True,
                margin=Margin(1e-9, "rounding"),
                wrong={"as of independent slices, √(1/s)": 0.5},
                wrong_experiment={"Gaussian": Slices(block=0)},
            ),
        }
    )
