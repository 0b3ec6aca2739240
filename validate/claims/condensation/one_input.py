"""The bound of the paper with one input (arXiv:2105.11686), and what the paper is about."""

from collections.abc import Sequence

from sim.condensation.experiment import Condensation
from theory.condensation.laws import REFERENCE, counting_steps, dynamics_steps
from validate.claim import Body, Decision, Outcome, Role, Unit, experiment_control
from validate.claims.condensation.measured import orientations as measured_orientations
from validate.claims.condensation.measured.assumptions import regime
from validate.claims.condensation.measured.cells import cells_of
from validate.claims.condensation.measured.grids import GD_CELLS, by_descent, grid_of
from validate.claims.condensation.measured.instead import other_activation
from validate.claims.condensation.measured.orientations import order
from validate.figure_forms.counts import counts
from validate.figure_forms.intervals import intervals
from validate.registry import Reading, claim, family
from validate.results.records import Figure

PAPER = "Zhou et al., NeurIPS 2022, arXiv:2105.11686"
LOOKS = (3, 4, 6)
# units a round of the experiments that are wrong on purpose: of the first kind six in ten violate
# the bound, of the second all
WRONG, MORE_INPUTS = 8, 4


family(
    "condensation",
    title="Condensation",
    text="Trained from small weights, the neurons of a hidden layer turn to a few directions of "
    "their input weights, bias included, before the output grows: they condense. The multiplicity "
    "p of the activation is the order of its first term at 0: 1 for tanh(x), 2 for x·tanh(x), 3 "
    "for x²·tanh(x). The paper derives its sentence, to leading order, for p = 1 and for one "
    "input; elsewhere it rests on experiments.",
    sentence="the maximal number of condensed orientations in the initial training stage is twice "
    "the multiplicity of the activation function",
    source="arXiv:2105.11686, abstract",
    place=1,
)


def _by_multiplicity(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """Units by "p = …", p increasing."""

    orders = sorted({order(unit) for unit in units})
    return {f"p = {p}": [unit for unit in units if order(unit) == p] for p in orders}


@claim(
    "condensation.bound-1d",
    title="At most 2p orientations, one input",
    source=f"{PAPER}, derived there for d = 1",
    statement="With one-dimensional input, neurons of a two-layer network trained from small "
    "weights condense on at most 2p orientations, p the multiplicity of the activation.",
    place=1,
    shares=40,
    readings=Reading(
        "With one input neurons condense on at most 2p orientations.",
        where="one input (p from 1 to 4; for p = 4 the bound is seldom approached)",
    ),
)
def bound_1d() -> Body:

    grid = grid_of(by_descent, GD_CELLS)
    gaussian = tuple(e for e in grid if e.data == "gaussian-coefficients")
    higher = tuple(e for e in gaussian if e.order >= 2)
    wrong = {"looks": LOOKS, "role": Role.RESOLUTION}
    main = measured_orientations.bound(
        "at most 2p orientations, p = 1 … 4",
        "2p",
        grid,
        LOOKS,
        judged=measured_orientations.resolved,
    )
    controls = _controls(main)
    decisions = (
        main,
        measured_orientations.bound("at most p orientations", "p", gaussian, **wrong, distance=1.0),
        measured_orientations.bound(
            "at most 2p − 2 orientations, p ≥ 2", "2p - 2", higher, **wrong, distance=2.0
        ),
        *controls,
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = [u for u in outcome.units if u.experiment in gaussian]
        return (
            counts(
                outcome,
                units,
                measured_orientations.counted(_by_multiplicity(units)),
                *measured_orientations.COUNTED,
                "Share of data sets by the number of condensed orientations; the line is the "
                "bound 2p, above it the bound would be violated.",
            ),
            intervals(outcome, decisions, "Bound and tightened bounds"),
        )

    return Body(
        grid=(*grid, *(e for control in controls for e in control.experiments)),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *counting_steps(3)),
        regime=regime(),
        cells=cells_of(grid),
        figures=figures,
        references=(REFERENCE,),
        notes=measured_orientations.tightness,
    )


def _controls(main: Decision) -> tuple[Decision, ...]:
    """The bound where another activation is trained than it is for, and with more inputs."""

    first = LOOKS[:1]
    linear = tuple(
        other_activation(by_descent("tanh(x)", data, WRONG), "x**2*tanh(x)", WRONG)
        for data in ("gaussian-coefficients", "random-labels")
    )
    # as many neurons for each orientation as there are with one input
    wider = Condensation(
        activation="x**2*tanh(x)", data="decomposable", inputs=3, neurons=200, wide=False,
        step=0.08, block=MORE_INPUTS,
    )  # fmt: skip
    return (
        experiment_control(main, "x²·tanh(x) trained, the bound 2 of tanh(x)", linear, first),
        experiment_control(main, "three inputs, orthogonally decomposable data", (wider,), first),
    )
