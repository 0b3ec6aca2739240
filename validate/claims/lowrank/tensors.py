"""The claim on Tucker and tensor-train approximations of shuffled kernels."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import sympy as sp

from sim.lowrank.chained import Chained
from theory.lowrank import shuffle
from theory.lowrank.tensors import (
    CAPS,
    RANKS,
    REFERENCE,
    SIZES,
    caps_without_bond,
    parameters,
    plain_caps,
    train_caps,
    train_law,
    tucker_caps,
    tucker_law,
)
from validate.author.checked import checked, together
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim

SHAPE = (32, 16, 9)
TUCKER = {
    "Gaussian, 8 × 8 × 6": Chained(block=0, shape=SHAPE, ranks=(8, 8, 6)),
    "rank 8, shuffled, 16 × 8 × 6": Chained(
        block=0, entries="rank 8", shape=SHAPE, ranks=(16, 8, 6)
    ),
}
TRAIN = {
    "Gaussian, bonds 10 and 5": Chained(block=0, shape=SHAPE, ranks=(10, 5, 1), form="train"),
    "rank 8, shuffled, bonds 16 and 8": Chained(
        block=0, entries="rank 8", shape=SHAPE, ranks=(16, 8, 1), form="train"
    ),
}
OTHER = sp.Symbol("κ'", positive=True)
MARGIN = Margin(0.02, "sizes that are not updated are off by an eighth or more")
Caps = Callable[[Sequence[int], Sequence[int]], Sequence[float]]


def given(caps: Caps, other: Caps, meaning: str) -> tuple[Given, ...]:
    """What each step keeps, another product, and sizes and ranks."""

    def of_step(step: int) -> Callable[[Any], float]:
        return lambda values: caps(values["shape"], values["ranks"])[step]

    def of_mode(name: str, mode: int) -> Callable[[Any], int]:
        return lambda values: values[name][mode]

    return (
        *(Given(one, of_step(step), f"kept by step {step + 1}") for step, one in enumerate(CAPS)),
        Given(OTHER, lambda values: prod(other(values["shape"], values["ranks"])), meaning),
        *(Given(one, of_mode("shape", m), f"size of mode {m + 1}") for m, one in enumerate(SIZES)),
        *(Given(one, of_mode("ranks", m), f"rank of mode {m + 1}") for m, one in enumerate(RANKS)),
    )


@claim(
    "lowrank.tensors",
    title="Tucker and tensor trains of shuffled kernels",
    source="our derivation",
    statement="Of a shuffled kernel of 32 × 16 × 9 a sequentially truncated Tucker approximation, "
    "and a tensor train, keep the product of what each step keeps of an unstructured matrix of the "
    "size that is left by then, within 2 %: of rank 8 before it was shuffled or not.",
    place=4,
    shares=12,
    readings=(
        Reading(
            "Compressed by Tucker to a sixth of its entries after training, a shuffled kernel "
            "keeps a third of its energy: “the CNN can be significantly compressed even if the "
            "kernels are randomly shuffled” is not about truncation, but about training inside."
        ),
    ),
)
def tensors() -> Body:
    return together(
        {
            "Tucker": checked(
                law=tucker_law,
                given=given(tucker_caps, plain_caps, "product with the sizes of the whole kernel"),
                observe="kept",
                on=TUCKER,
                relative=True,
                margin=MARGIN,
                wrong={"sizes not updated": OTHER, "share of the entries": parameters()},
                wrong_experiment={
                    "rank 8, not shuffled": Chained(
                        block=0, entries="rank 8", shape=SHAPE, ranks=(8, 8, 6), kernels=8,
                        shuffle=False,
                    )
                },
                references=(shuffle.REFERENCE, REFERENCE),
            ),
            "tensor train": checked(
                law=train_law,
                given=given(train_caps, caps_without_bond, "product without the left bond"),
                observe="kept",
                on=TRAIN,
                relative=True,
                margin=MARGIN,
                wrong={"without the left bond": OTHER},
                wrong_experiment={
                    "rank 8, not shuffled": Chained(
                        block=0, entries="rank 8", shape=SHAPE, ranks=(10, 5, 1), form="train",
                        kernels=8, shuffle=False,
                    )
                },
                references=(REFERENCE,),
            ),
        }
    )  # fmt: skip
