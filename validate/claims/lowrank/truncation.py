"""The claim on what truncation leaves of an unstructured, such as a shuffled, kernel."""

from typing import Any

import numpy as np
import sympy as sp

from sim.lowrank.truncation import Truncation
from theory.lowrank.truncation import (
    ASPECT,
    EDGE,
    RANK,
    REFERENCE,
    ROWS,
    edges,
    law,
    tail,
    tail_below,
)
from validate.author.checked import checked
from validate.author.words import Given, Limit, Margin
from validate.claim import Body, settings_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

RANKS = (1, 4, 8, 16)
KERNELS = {
    "Gaussian": Truncation(block=0, kernels=4, shuffle=False),
    "uniform": Truncation(block=0, entries="uniform", kernels=4, shuffle=False),
    "rank 8, shuffled": Truncation(block=0, entries="rank 8", kernels=8),
}
NOISY = Truncation(block=0, entries="noisy", kernels=12, shuffle=False)
SQUARE, FEWER = sp.symbols("t₁ t'", positive=True)
MARGIN = Margin(0.2 / 32, "a fifth of what one of 32 equal singular values carries")


def edges_in(values: Any, fewer: int = 0) -> np.ndarray:
    """t at the ranks of the settings, or at fewer by some."""
    return edges(values["rows"], values["columns"], tuple(r - fewer for r in values["ranks"]))


GIVEN = (
    Given(ASPECT, lambda values: values["rows"] / values["columns"], "k/n"),
    Given(ROWS, "rows", "rows of the kernel"),
    Given(RANK, "ranks", "rank that is kept"),
    Given(EDGE, edges_in, "eigenvalue above which a share r/k lies"),
    Given(SQUARE, lambda values: edges(values["rows"], values["rows"], values["ranks"]),
          "the same of a square kernel"),
    Given(FEWER, lambda values: edges_in(values, 1), "the same for one rank fewer"),
)  # fmt: skip


@claim(
    "lowrank.truncation",
    title="What truncation leaves of a shuffled kernel",
    source="our derivation; the density of singular values is Marčenko and Pastur's (1967)",
    statement="The best approximation of rank r leaves of a 32 × 144 kernel of independent "
    "entries, or of a shuffled kernel of rank 8, the share of energy that the law of Marchenko and "
    "Pastur has beyond r/k, within 0.2/k: 0.94, 0.77, 0.58 and 0.30 at r = 1, 4, 8 and 16.",
    place=2,
    shares=10,
    readings=(
        Reading(
            "Truncation to an eighth of its singular values leaves 77 % of the energy of a "
            "32 × 144 kernel whose entries were shuffled, even where it had rank 8."
        ),
    ),
)
def truncation() -> Body:
    return checked(
        law=law,
        given=GIVEN,
        observe="tail",
        on=KERNELS,
        curve=True,
        margin=MARGIN,
        regime={"largest kurtosis of the entries": Limit("kurtosis", at_most=6)},
        wrong={
            "as of a square kernel": tail_below(sp.Integer(1)).subs(EDGE, SQUARE),
            "one rank fewer": tail_below().subs(EDGE, FEWER),
        },
        wrong_experiment={"rank 8 and noise, not shuffled": NOISY},
        references=(REFERENCE,),
        figures=one_figure(
            "Energy left by truncation",
            "Of 32 × 144 kernels. Once their entries are shuffled, kernels of rank 8 are truncated "
            "like Gaussian ones.",
            lambda outcome: along(
                outcome,
                "32 × 144",
                ("rank", "energy left"),
                {**KERNELS, "rank 8 and noise, not shuffled": NOISY},
                lambda unit: settings_of(unit, Truncation).ranks,
                lambda unit: unit.measurement["tail"],
                {"law": lambda at: [tail(32, 144, float(r)) for r in at]},
                {"share of the parameters": lambda at: 1 - at * (32 + 144) / (32 * 144)},
                log=(False, False),
                over=np.arange(1.0, 17),
            ),
        ),
    )
