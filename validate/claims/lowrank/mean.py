"""The claim on kernels with a mean: when truncation sees it."""

from typing import Any

import numpy as np
import sympy as sp

from sim.lowrank.truncation import Truncation
from theory.lowrank import spike
from theory.lowrank.spike import REFERENCE, THETA
from theory.lowrank.truncation import ASPECT, COLUMNS, EDGE, ROWS, edges, law, tail_below
from validate.author.checked import checked, together
from validate.author.words import Given, Limit, Margin
from validate.claim import Body
from validate.claims.lowrank.truncation import MARGIN
from validate.registry import Reading, claim

ABOVE = {
    "1.5 θ_c": Truncation(block=0, kernels=12, strength=1.5, shuffle=False),
    "5 θ_c": Truncation(block=0, kernels=6, strength=5.0, shuffle=False),
}
BELOW = Truncation(block=0, kernels=4, strength=0.5, shuffle=False)
SMALLER = Truncation(block=0, entries="uniform", kernels=12, strength=1.5, shuffle=False)
SHARE = Margin(0.03, "of a share; at 1.5 θ_c the transition still rounds overlaps by 0.02")
SCOPE = {"least θ/θ_c": Limit("strength", at_least=1.5)}
UNSEEN = sp.Symbol("t_r", positive=True)


def theta(values: Any) -> float:
    """θ."""
    return values["strength"] * (values["rows"] * values["columns"]) ** 0.5


def edge_of_others(values: Any) -> np.ndarray:
    """t of a kernel with a row and a column less, at one rank fewer."""
    ranks = tuple(r - 1 for r in values["ranks"])
    return edges(values["rows"] - 1, values["columns"] - 1, ranks)


GIVEN = (
    Given(THETA, theta, "squared mean, in variances, times the number of entries"),
    Given(ROWS, "rows", "rows of the kernel"),
    Given(COLUMNS, "columns", "columns of the kernel"),
)
OF_TAILS = (
    *GIVEN,
    Given(ASPECT, lambda values: (values["rows"] - 1) / (values["columns"] - 1),
          "k/n, of a row and a column less"),
    Given(EDGE, edge_of_others, "eigenvalue above which a share (r − 1)/k of the others lies"),
    Given(UNSEEN, lambda values: edges(values["rows"], values["columns"], values["ranks"]),
          "that above which a share r/k lies"),
)  # fmt: skip
OF_BULK = (
    Given(ASPECT, lambda values: values["rows"] / values["columns"], "k/n"),
    Given(EDGE, lambda values: edges(values["rows"], values["columns"], values["ranks"]),
          "eigenvalue above which a share r/k lies"),
    Given(UNSEEN, edge_of_others, "that for one rank fewer"),
)  # fmt: skip


@claim(
    "lowrank.mean",
    title="When truncation sees the mean of a kernel",
    source="our derivation; J. Multivariate Anal. 111 (2012) 120",
    statement="A mean of μ standard deviations is seen by the first singular vectors of a k × n "
    "kernel only above μ = (kn)^(−1/4). From θ = μ²kn of 1.5 times the threshold √(kn) on, "
    "σ₁² = (θ + k)(θ + n)/θ within 3 %, the overlaps with constant vectors follow within 0.03, and "
    "truncation leaves the rest; at half of the threshold it leaves what it leaves without a mean.",
    place=3,
    tier="standard",
    shares=24,
    readings=(
        Reading(
            "A mean below (kn)^(−1/4) standard deviations, 0.12 for 32 × 144, is invisible to the "
            "truncation of a kernel."
        ),
    ),
)
def mean() -> Body:
    left, right = spike.overlaps()
    return together(
        {
            "σ₁²": checked(
                law=spike.top_law,
                given=GIVEN,
                observe="top",
                on=ABOVE,
                relative=True,
                margin=Margin(0.03, "the bulk's edge is 5 % below σ₁² at 1.5 θ_c"),
                wrong={"the energy of the mean": THETA},
                wrong_experiment={"below the threshold": BELOW},
                regime=SCOPE,
                references=(REFERENCE,),
            ),
            "rows": checked(
                law=spike.left_law,
                given=GIVEN,
                observe="left",
                on=ABOVE,
                margin=SHARE,
                wrong={"that of columns": right},
                wrong_experiment={"entries of variance ⅓": SMALLER},
                references=(REFERENCE,),
            ),
            "columns": checked(
                law=spike.right_law,
                given=GIVEN,
                observe="right",
                on=ABOVE,
                margin=SHARE,
                wrong={"that of rows": left},
                wrong_experiment={"entries of variance ⅓": SMALLER},
                references=(REFERENCE,),
            ),
            "energy left": checked(
                law=spike.tail_law,
                given=OF_TAILS,
                observe="tail",
                on={"5 θ_c": ABOVE["5 θ_c"]},
                curve=True,
                margin=MARGIN,
                wrong={"as without a mean": tail_below().subs(EDGE, UNSEEN)},
                wrong_experiment={
                    "entries of variance ⅓": Truncation(
                        block=0, entries="uniform", kernels=6, strength=5.0, shuffle=False
                    )
                },
            ),
            "below the threshold": checked(
                law=law,
                given=OF_BULK,
                observe="tail",
                on={"½ θ_c": BELOW},
                curve=True,
                margin=MARGIN,
                wrong={"the mean takes a rank": tail_below().subs(EDGE, UNSEEN)},
                wrong_experiment={"5 θ_c": ABOVE["5 θ_c"]},
            ),
        }
    )
