"""The claim on the spectrum of shuffled kernels, and what claims on shuffled kernels are about."""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from sim.lowrank.shuffled_moment import ShuffledMoment
from theory.lowrank.shuffle import (
    COLUMNS,
    FOUR,
    FOURTH,
    MEANS,
    P1,
    P2,
    REFERENCE,
    ROWS,
    SQUARES,
    SUMS,
    law,
    mean_product,
    shuffled_moment,
)
from validate.author.checked import checked, together
from validate.author.words import Given, Margin
from validate.claim import Body
from validate.registry import Reading, claim, family

family(
    "lowrank",
    title="Shuffled low-rank kernels",
    text="Kernels of convolutional layers are compressed by matrix and tensor decompositions. The "
    "paper shuffles the entries of a kernel first and decomposes it all the same. What a random "
    "permutation leaves of a kernel's singular values is known exactly, whatever the kernel, and "
    "what training inside a shuffled subspace ends at follows from it. Where the paper's sentences "
    "hold, and in which reading, is measured here.",
    sentence="the kernel can be embedded into more general or even random low-rank subspaces",
    source="arXiv:1810.13098, abstract; the paper's experiments are on CIFAR-10, which is not "
    "trained here",
    place=4,
)

KINDS = {
    "Gaussian": ShuffledMoment(block=0),
    "with a mean": ShuffledMoment(block=0, entries="mean", kernels=8, permutations=1),
    "heavy-tailed": ShuffledMoment(
        block=0, entries="student 1.5", outputs=8, inputs=4, kernels=64, permutations=2
    ),
    "rank 1": ShuffledMoment(
        block=0, entries="rank 1", outputs=8, inputs=4, kernels=32, permutations=2
    ),
    "rank 4": ShuffledMoment(block=0, entries="rank 4", kernels=4, permutations=2),
    "features of ReLU": ShuffledMoment(block=0, entries="features", kernels=4, permutations=2),
    "trained on digits": ShuffledMoment(block=0, entries="trained"),
}
BY_INPUTS = ShuffledMoment(block=0, entries="rank 4", unfolding="input", kernels=4, permutations=2)
OTHER_ROWS, OTHER_COLUMNS = sp.symbols("k' n'", positive=True)
CENTERED = sp.Symbol("m₁₁₁₁'", real=True)
SQUARE = sp.Symbol("p₂²", positive=True)


def rows(values: Any) -> int:
    """k of the unfolding that is looked at."""
    return values["outputs" if values["unfolding"] == "output" else "inputs"]


def columns(values: Any) -> int:
    """n of it."""
    return values["outputs"] * values["inputs"] * 9 // rows(values)


def over_kernels(expression: Any) -> Callable[[Any], float]:
    """The mean of an expression of power sums over the kernels of a unit."""
    function = sp.lambdify((ROWS, COLUMNS, *SUMS), expression)

    def mean(values: Any) -> float:
        sums = np.asarray(values["sums"]).T
        return float(np.mean(function(rows(values), columns(values), *sums)))

    return mean


GIVEN = (
    Given(ROWS, rows, "rows of the unfolded kernel"),
    Given(COLUMNS, columns, "columns of the unfolded kernel"),
    *(
        Given(symbol, over_kernels(mean_product(MEANS[symbol])), meaning)
        for symbol, meaning in (
            (FOURTH, "mean fourth power of an entry"),
            (SQUARES, "mean product of two squares"),
            (FOUR, "mean product of four entries"),
        )
    ),
    Given(CENTERED, over_kernels(mean_product(MEANS[FOUR]).subs(P1, 0)), "the same without mean"),
    Given(SQUARE, over_kernels(P2**2), "squared energy"),
    Given(OTHER_ROWS, "outputs", "rows of the other unfolding"),
    Given(OTHER_COLUMNS, lambda values: values["inputs"] * 9, "its columns"),
)
MARGIN = Margin(0.01, "the law is exact; the kurtosis of a rank-4 kernel alone changes it by 0.03")


@claim(
    "lowrank.shuffled-moment",
    title="What a shuffled kernel keeps",
    source="our derivation",
    statement="Over random permutations of its entries the mean of Σσ⁴ of a kernel is an exact "
    "function of its size and of the first four power sums of its entries, whatever they are: "
    "Gaussian, with a mean, heavy-tailed, of low rank, features of ReLU or trained on digits, and "
    "for each unfolding.",
    place=1,
    shares=20,
    readings=(
        Reading(
            "Nothing is left of a kernel's rank once its entries are shuffled: its spectrum knows "
            "only the size of the kernel and the histogram of its entries."
        ),
    ),
)
def shuffled() -> Body:
    return together(
        {
            "by outputs": checked(
                law=law,
                given=GIVEN,
                observe="moment",
                on=KINDS,
                relative=True,
                margin=MARGIN,
                wrong={
                    "no mean": shuffled_moment().subs(FOUR, CENTERED),
                    "k + n alone, without kurtosis": SQUARE * (ROWS + COLUMNS) / (ROWS * COLUMNS),
                },
                wrong_experiment={
                    "rank 4, not shuffled": ShuffledMoment(
                        block=0, entries="rank 4", kernels=128, permutations=1, shuffle=False
                    ),
                },
                references=(REFERENCE,),
            ),
            "by inputs": checked(
                law=law,
                given=GIVEN,
                observe="moment",
                on={"rank 4": BY_INPUTS},
                relative=True,
                margin=MARGIN,
                wrong={
                    "the other unfolding": shuffled_moment().subs(
                        {ROWS: OTHER_ROWS, COLUMNS: OTHER_COLUMNS}
                    )
                },
                wrong_experiment={
                    "not shuffled": ShuffledMoment(
                        block=0,
                        entries="rank 4",
                        unfolding="input",
                        kernels=16,
                        permutations=1,
                        shuffle=False,
                    ),
                },
                references=(REFERENCE,),
            ),
        }
    )
