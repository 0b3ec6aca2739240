"""The bound 2p with several inputs: where it holds, and where it is false."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sim.condensation.experiment import Condensation
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import (
    REFERENCE,
    dynamics_steps,
    orientations_prediction,
    xor_prediction,
    xor_steps,
)
from theory.condensation.orientations import decomposable, quadratic
from validate.claim import Body, Decision, Outcome, Role
from validate.claims.condensation.measured import orientations as measured_orientations
from validate.claims.condensation.measured.assumptions import GROWTH_BY_FLOW, regime
from validate.claims.condensation.measured.cells import cells_of
from validate.claims.condensation.measured.instead import instead, other_activation, shuffled
from validate.claims.condensation.measured.orientations import COUNTED, counted, neurons
from validate.claims.condensation.measured.several_inputs import (
    SQUARE,
    at_xor_maxima,
    determined,
    directions_of,
    experiments,
    rows_of,
    setting,
    short,
    table,
)
from validate.claims.condensation.one_input import PAPER
from validate.figure_forms.counts import counts
from validate.figure_forms.directions import sphere
from validate.figure_forms.intervals import intervals
from validate.registry import Reading, claim
from validate.results.records import Figure

# 42 units of each counterexample, 90 of the control with p = 1 a round: as many at the first look
# as an interval at its share of α needs
LOOKS = (3, 4)
WRONG = 4  # units a round of each experiment that is wrong on purpose
# decisions that readings name
XOR = "at most 2p = 6 orientations, XOR data"
DECOMPOSABLE = "at most 2p = 6 orientations, orthogonally decomposable data, D = 4, 6, 8, 10"
DIAGONAL = "p = 2 under Adam: at most 2p = 4 orientations, dominant diagonal, D = 3, 4"
LABELS = "p = 2 under Adam: at most 2p = 4 orientations, random labels, D = 3"
LINE = "p = 1: at most 2 orientations, two inputs"
MAXIMA = "XOR data: neurons at the eight maxima of |H|"
BASIS = "decomposable data: neurons at the 2D basis vectors"
AT_CORNERS = "dominant diagonal: neurons at the 2^D corners"
EIGENVECTORS = "p = 2, gradient descent: neurons at ± two eigenvectors"


@claim(
    "condensation.bound-nd",
    title="At most 2p orientations, several inputs",
    source=f"{PAPER}, conjectured from its experiments for any dimension",
    statement="With input of any dimension, neurons condense on at most 2p orientations. (On the "
    "data judged it holds for p = 1, two inputs, and, under gradient descent, for p = 2, two and "
    "three inputs. It is false for p = 2 under Adam and for p = 3 under both.)",
    may_disagree=True,
    contradicts="arXiv:2105.11686 conjectures from experiments that multiplicity p bounds the "
    "condensed orientations by 2p in any dimension. For p = 3 there are eight, not six, for "
    "y = x₁x₂ under gradient descent and under Adam, and 2D for orthogonally decomposable data "
    "with D weights a neuron under gradient descent. For p = 2 there are up to 2^D, not four, "
    "under Adam, and more than four already on some random labels.",
    place=6,
    shares=32,
    readings=(
        Reading(
            "For p = 1 and two inputs there are at most two orientations.",
            where="two inputs with p = 1",
            decision=LINE,
        ),
        Reading(
            "For p = 2 under gradient descent neurons condense on two lines, hence on at most four "
            "orientations (three and four weights a neuron).",
            where="p = 2 under gradient descent",
            decision=EIGENVECTORS,
        ),
        Reading(
            "For p = 2 under Adam there are at most four orientations, also where one diagonal "
            "dominates.",
            where="p = 2 under Adam (dominant diagonal)",
            decision=DIAGONAL,
        ),
        Reading(
            "For p = 2 under Adam there are at most four orientations on random labels.",
            where="p = 2 under Adam (random labels)",
            decision=LABELS,
        ),
        Reading(
            "For p = 3 there are at most six orientations on y = x₁x₂.",
            where="p = 3 (y = x₁x₂)",
            decision=XOR,
        ),
        Reading(
            "For p = 3 there are at most six orientations on orthogonally decomposable data.",
            where="p = 3 (orthogonally decomposable data)",
            decision=DECOMPOSABLE,
        ),
        Reading("On y = x₁x₂ neurons condense on the eight maxima of |u₁u₂u₃|.", decision=MAXIMA),
        Reading(
            "On orthogonally decomposable data neurons condense on 2D orientations, D the weights "
            "of a neuron.",
            decision=BASIS,
        ),
        Reading(
            "Under Adam with a dominant diagonal neurons condense on 2^D corners of the ℓ∞ cube.",
            decision=AT_CORNERS,
        ),
    ),
)
def bound_nd() -> Body:
    grids = experiments()
    rows = rows_of(grids)
    right = (*_bounds(grids), *_directions(grids))
    decisions = (*right, *_controls({one.name: one for one in right}, grids))

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {e: [u for u in outcome.units if u.experiment == e] for _, e in rows}
        shown = {setting(e): units[e][0] for e in (grids["xor"][0], grids["corners"][0])}
        categories = {short(e): units[e] for _, e in rows}
        caption = "Share of networks by their number of orientations; the line is each one's 2p."
        return (
            counts(outcome, outcome.units, counted(categories), *COUNTED, caption),
            sphere(
                outcome,
                shown,
                directions_of,
                neurons,
                "Trained neurons (dots) and predicted maxima (rings) on both hemispheres of "
                "(w₁, w₂, bias).",
            ),
            intervals(outcome, decisions, "The bound and its controls"),
        )

    return Body(
        decisions=decisions,
        derivation=lambda: (
            *dynamics_steps(),
            *xor_steps(),
            *decomposable.decomposable_steps(),
            *quadratic.quadratic_steps(),
        ),
        regime=regime(GROWTH_BY_FLOW),
        cells=dataclasses.replace(
            cells_of([experiment for _, experiment in rows]),
            would_choose=lambda unit: unit.measurement["resolved"] and determined(unit),
        ),
        figures=figures,
        references=(REFERENCE, decomposable.REFERENCE),
        tables=lambda units: (table(grids, units),),
    )


def _bounds(grids: Mapping[str, tuple[Condensation, ...]]) -> tuple[Decision, ...]:
    def bound(name: str, grid: str, most: str = "2p", **changes: Any) -> Decision:
        return measured_orientations.bound(name, most, grids[grid], LOOKS, **changes)

    fewer: dict[str, Any] = {"role": Role.RESOLUTION, "distance": 2.0}
    return (
        bound(XOR, "xor"),
        bound(DECOMPOSABLE, "decomposable"),
        bound(DIAGONAL, "corners"),
        bound(LABELS, "labels"),
        bound("at most 2p − 2 = 4 orientations, XOR data", "xor", "2p - 2", **fewer),
        bound(LINE, "line", role=Role.POSITIVE, judged=determined),
    )


def _directions(grids: Mapping[str, tuple[Condensation, ...]]) -> tuple[Decision, ...]:
    """What the theory predicts instead, so that a count is no artifact of clustering."""
    by_l2, by_linf = map(orientations_prediction, (Geometry.L2, Geometry.LINF))
    return tuple(
        Decision(
            name=name,
            prediction=prediction,
            predict=predict,
            observe=measured_orientations.measured,
            experiments=grids[grid],
            looks=LOOKS,
            role=Role.POSITIVE,
        )
        for name, grid, prediction, predict in (
            (MAXIMA, "xor", xor_prediction(), at_xor_maxima),
            (BASIS, "decomposable", by_l2, measured_orientations.predicted_nd),
            (AT_CORNERS, "corners", by_linf, measured_orientations.predicted_nd),
            (EIGENVECTORS, "sphere", by_l2, measured_orientations.predicted_nd),
        )
    )


def _controls(
    right: Mapping[str, Decision], grids: Mapping[str, tuple[Condensation, ...]]
) -> tuple[Decision, ...]:
    """What may agree, for experiments that are wrong: each has none, or few, as predicted."""
    descent = {"optimizer": "gd", "wide": False, "epsilon": 1e-5, "step": 0.04}
    corners, line = grids["corners"][0], grids["line"][0]
    by_descent = instead(corners, WRONG, trains=dataclasses.replace(corners, **descent))
    wrong = (
        (LINE, "x·tanh(x) trained, the bound 2 of tanh(x), two inputs",
         other_activation(line, SQUARE, WRONG)),
        (MAXIMA, "XOR data: labels shuffled before training", shuffled(grids["xor"][0], WRONG)),
        (BASIS, "decomposable data, D = 4: labels shuffled before training",
         shuffled(grids["decomposable"][0], WRONG)),
        (AT_CORNERS, "dominant diagonal, D = 3: trained by gradient descent", by_descent),
        (EIGENVECTORS, "p = 2, gradient descent: labels shuffled before training",
         shuffled(grids["sphere"][0], WRONG)),
    )  # fmt: skip
    return tuple(
        right[of].wrong_experiment(name, made, looks=LOOKS[:1]) for of, name, made in wrong
    )
