"""The claim on where training leaves structure, with the chapter's picture."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from sim.data.idx import mnist_files
from sim.lowrank.trained_kernels import TrainedKernels
from theory.lowrank import shuffle, truncation
from theory.lowrank.shuffle import COLUMNS, ROWS, SUMS, in_power_sums
from theory.lowrank.truncation import tail
from theory.lowrank.update import kernel_law, truncated_law, update_law
from validate.author.checked import checked, together
from validate.author.words import Limit, Margin
from validate.claim import Body, Outcome, settings_of
from validate.figure_forms.by_unit import along
from validate.figure_forms.scaling import one_figure
from validate.registry import Reading, claim

BLOCK, AT = 10, 2  # networks trained together; which of the ranks is compared: r = 4
SIZE = (32, 144)
EXACT = sp.lambdify((ROWS, COLUMNS, *SUMS), in_power_sums())


def z(name: str) -> Callable[[Any], float]:
    """Of Σσ⁴ against permutations, of the kernel or of the update."""

    def of(measured: Any) -> float:
        expected = EXACT(*SIZE, *measured[f"{name} sums"])
        return float((measured[name] - expected) / measured[f"{name} spread"])

    return of


def told(measured: Any) -> float:
    """Whether the update is told from its permutations at more than ten."""
    return float(z("update")(measured) > 10)


def excess(measured: Any) -> float:
    """Energy that truncation to rank 4 leaves of a kernel, over that of its permutation."""
    return float(measured["kernel tail"][AT] - measured["shuffled kernel tail"][AT])


@claim(
    "lowrank.update",
    title="Structure is in the update, not in the kernel",
    source="our derivation",
    statement="In most networks trained on images the update of a 32 × 144 kernel is told from its "
    "own permutations at z > 10, and the kernel is not, |z| < 5: truncated to rank 4 it leaves as "
    "much as shuffled, within 0.03. With initial entries fifty times smaller the kernel is told.",
    place=6,
    shares=9,
    readings=(
        Reading(
            "A kernel trained from the usual initialization loses no more to a random low-rank "
            "subspace than to its own, since it has next to no low-rank structure: truncated, that "
            "is, without training inside.",
            where="a trained kernel as a whole",
        ),
    ),
    reads=mnist_files,
)
def update() -> Body:
    files = mnist_files()
    known = files not in (None, "unreadable")
    usual = TrainedKernels(BLOCK, "mnist", files) if known else TrainedKernels(BLOCK)
    small, permuted = replace(usual, scale=0.02), replace(usual, shuffle=True)
    scope = {"least accuracy on the last batch": Limit("accuracy", at_least=0.6)}
    name = "MNIST" if known else "digits"
    return together(
        {
            "update": checked(
                law=update_law,
                observe=told,
                on={name: usual},
                count=0.5,
                margin=Margin(0.25, "it is told or not: 1 or 0"),
                wrong={"it is not told": sp.Integer(0)},
                wrong_experiment={"permuted": permuted},
                regime=scope,
                references=(shuffle.REFERENCE, truncation.REFERENCE),
            ),
            "kernel": checked(
                law=kernel_law,
                observe=z("kernel"),
                on={name: usual},
                count=0.5,
                margin=Margin(5.0, "standard deviations over permutations"),
                wrong={"as the update": sp.Integer(50)},
                wrong_experiment={"small initial entries": small},
            ),
            "kernel, truncated to rank 4": checked(
                law=truncated_law,
                observe=excess,
                on={name: usual},
                count=0.5,
                margin=Margin(0.03, "a ninth of what the update loses by a permutation"),
                wrong={"as the update": sp.Rational(-1, 4)},
                wrong_experiment={"small initial entries": small},
            ),
        },
        figures=one_figure(
            "Energy that truncation leaves of trained kernels",
            "Kernels of 32 × 144 and their updates, before and after their entries are shuffled. "
            "The law is Marchenko and Pastur's. The kernel is truncated like a random one; what "
            "training has added to it is not, until it is shuffled.",
            lambda outcome: _panel("usual initialization", usual, outcome),
            lambda outcome: _panel("initial entries fifty times smaller", small, outcome),
        ),
    )


def _panel(title: str, experiment: TrainedKernels, outcome: Outcome) -> dict[str, Any]:
    panels = [
        along(
            outcome,
            title,
            ("rank", "energy left"),
            {name: experiment},
            lambda unit: settings_of(unit, TrainedKernels).ranks,
            lambda unit, name=name: unit.measurement[f"{name} tail"],
            {"law": lambda at: [tail(*SIZE, float(rank)) for rank in at]},
            log=(False, False),
            over=np.arange(1.0, 17),
        )
        for name in ("kernel", "shuffled kernel", "update", "shuffled update")
    ]
    points = [point for panel in panels for point in panel["points"]]
    return {**panels[0], "points": points}
