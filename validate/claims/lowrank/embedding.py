"""The claims on training inside of plain and shuffled low-rank subspaces, where it is exact."""

import sympy as sp

from sim.lowrank.embedding import Embedding
from theory.lowrank import shuffle
from theory.lowrank.embedding import (
    OF_SHUFFLED,
    OF_TEACHER,
    REFERENCE,
    embedded,
    plain_law,
    shuffled_law,
    unstructured_law,
)
from theory.lowrank.truncation import ASPECT, EDGE, last_kept
from validate.author.checked import checked, together
from validate.author.words import Given, Limit, Margin
from validate.claim import Body
from validate.registry import Reading, claim

STRUCTURED = Embedding(block=16)
UNSTRUCTURED = Embedding(block=16, teacher="gaussian")
TEACHERS = {"teacher of rank 2": STRUCTURED, "Gaussian teacher": UNSTRUCTURED}
CORRELATED = {"correlated inputs": Embedding(block=16, whiten=False)}
WHITENED = {"condition number of the inputs": Limit("condition", at_most=1.001)}
COUNTED = sp.Symbol("1 − r(k + n)/(kn)", positive=True)

GIVEN = (
    Given(OF_SHUFFLED, "shuffled tail", "left by truncation of the permuted teacher"),
    Given(OF_TEACHER, "teacher tail", "left by truncation of the teacher"),
    Given(ASPECT, lambda values: values["rows"] / values["columns"], "k/n"),
    Given(EDGE, lambda values: last_kept(values["rows"] / values["columns"],
                                         values["rank"] / values["rows"]),
          "eigenvalue above which a share r/k lies"),
    Given(COUNTED, lambda values: 1 - values["rank"] * (1 / values["rows"] + 1 / values["columns"]),
          "share of the entries that are no parameters"),
)  # fmt: skip


@claim(
    "lowrank.training-inside",
    title="Where training inside of a shuffled subspace ends",
    source="our derivation; Psychometrika 1 (1936) 211",
    statement="A linear layer of rank 2 with whitened inputs, its entries permuted, is trained to "
    "what truncation leaves of the permuted teacher, within 0.001: 0.82 of 24 × 72 by the law of "
    "Marchenko and Pastur, within 0.03, whether the teacher has rank 2 or none. A plain one "
    "reaches 0 on a teacher of rank 2.",
    place=5,
    readings=(
        Reading(
            "Training inside of a shuffled subspace cannot do more than truncation of the shuffled "
            "kernel, whatever the kernel."
        ),
    ),
)
def training_inside() -> Body:
    exact = Margin(0.001, "what 400 steps leave is below a hundredth of it")
    return together(
        {
            "shuffled": checked(
                law=shuffled_law,
                given=GIVEN,
                observe="shuffled",
                on=TEACHERS,
                identity=True,
                margin=exact,
                wrong={"the teacher's own": OF_TEACHER},
                wrong_experiment=CORRELATED,
                regime=WHITENED,
                references=(shuffle.REFERENCE, REFERENCE),
            ),
            "plain": checked(
                law=plain_law,
                given=GIVEN,
                observe="plain",
                on=TEACHERS,
                identity=True,
                margin=exact,
                wrong={"that of the permuted teacher": OF_SHUFFLED},
                wrong_experiment={
                    "Gaussian, correlated inputs": Embedding(
                        block=16, teacher="gaussian", whiten=False
                    )
                },
                references=(REFERENCE,),
            ),
            "size alone": checked(
                law=unstructured_law,
                given=GIVEN,
                observe="shuffled",
                on=TEACHERS,
                count=0.5,
                margin=Margin(0.03, "three standard deviations of a single kernel of 24 rows"),
                wrong={"rank counted by parameters": COUNTED},
                wrong_experiment=CORRELATED,
            ),
        }
    )


@claim(
    "lowrank.embedding",
    title="Embedded into random low-rank subspaces",
    source="arXiv:1810.13098, abstract; that it is of any kernel, and as well as its own subspace, "
    "is our reading",
    statement="A teacher of rank 2 is learned inside of a shuffled subspace of rank 2 as well as "
    "inside of a plain one, within 0.05 of its energy.",
    place=0.5,
    may_disagree=True,
    contradicts="arXiv:1810.13098 says that a kernel can be embedded into random low-rank "
    "subspaces. Of a kernel with structure to lose that is false: a teacher of rank 2 is learned "
    "wholly in its own subspace of rank 2, and about four fifths of its energy are left in a "
    "shuffled one.",
    readings=(
        Reading(
            "A kernel of rank 2 can be embedded into a random subspace of rank 2 as into its own.",
            where="a kernel of low rank",
            decision="teacher of rank 2",
        ),
        Reading(
            "A Gaussian kernel is embedded into a random subspace of rank 2 no worse than into any "
            "other.",
            where="a kernel without structure",
            decision="Gaussian teacher",
        ),
    ),
)
def embedding() -> Body:
    return checked(
        law=embedded,
        observe="excess",
        on={"teacher of rank 2": STRUCTURED},
        positive={"Gaussian teacher": UNSTRUCTURED},
        count=0.5,
        margin=Margin(0.05, "of the energy; a single kernel's share varies by 0.01"),
        wrong={"all is lost": sp.Integer(1)},
        wrong_experiment={
            "Gaussian, the plain one of rank 6": Embedding(
                block=16, teacher="gaussian", plain_rank=6
            )
        },
        references=(shuffle.REFERENCE,),
    )
