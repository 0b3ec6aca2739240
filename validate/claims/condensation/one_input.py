"""Claims on condensation with one input (arXiv:2105.11686 and our derivations).

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from validate.registry import Reading, claim, family

if TYPE_CHECKING:
    from sim.condensation.data_sources import DataName
    from sim.condensation.experiment import Condensation
    from sim.condensation.methods import Optimizer
    from theory.condensation.forms.leading_form import Geometry
    from validate.claim import Body, Outcome, Unit
    from validate.results.records import Figure

PAPER = "Zhou et al., NeurIPS 2022, arXiv:2105.11686"
GELU = "x*(1+erf(x/sqrt(2)))/2"

# activation, and blocks a round on Gaussian-coefficient data, on random labels, on Fig. 5's data
GD_CELLS = (
    ("tanh(x)", 4, 4, 1),
    ("sin(x)", 4, 4, 0),
    ("exp(x)-1", 4, 4, 0),
    (GELU, 4, 4, 0),
    ("silu(x)", 4, 4, 0),
    ("mish(x)", 4, 4, 0),
    ("elu(x)", 4, 4, 0),
    ("x*tanh(x)", 4, 4, 1),
    ("1-cos(x)", 4, 4, 0),
    ("x**2*tanh(x)", 4, 4, 1),
    ("x**3*tanh(x)", 4, 4, 0),
)
# on random labels kinked forms have many weak maxima with too few neurons: one data set in ten
# could be judged
KINKED_CELLS = (("relu(x)", 10, 0, 0), ("leaky_relu(x)", 10, 0, 0), ("abs(x)", 10, 0, 0))
ADAM_CELLS = (
    ("tanh(x)", 4, 4, 1),
    ("x*tanh(x)", 4, 4, 1),
    ("x**2*tanh(x)", 4, 4, 1),
    ("x**3*tanh(x)", 4, 4, 0),
)
OFFSET = ("sigmoid(x)", "softplus(x)")  # σ(0) ≠ 0
SOURCES: tuple[DataName, ...] = ("gaussian-coefficients", "random-labels", "figure-5")
# on Fig. 5's data the smallest basin has 4.6 % of the neurons for p = 3 (and for p = 4 2.8 %,
# too few to tell a cluster from stragglers: left out)
NEURONS = {"figure-5": 400}
# a round has 121 units under gradient descent, 35 under Adam, 24 with an offset: every activation
# has 24 data sets at the first look, which has as many units as an interval at its share of α needs
LOOKS = (3, 4, 5, 6)
ADAM_LOOKS = (4, 6, 8)
OFFSET_LOOKS = (6, 8)
BOUND_LOOKS = (3, 4, 6)


def _trained(optimizer: Optimizer, activation: str, data: DataName, block: int) -> Condensation:
    """An experiment with the settings of `sim.condensation.methods` for the activation."""
    from sim.condensation.experiment import Condensation
    from sim.condensation.methods import method

    made = Condensation(activation=activation, data=data, block=block)
    chosen = method(
        optimizer,
        made.part,
        centered=made.centered,
        neurons=NEURONS.get(data) if made.described.multiplicity != 1 else None,
    )
    return replace(made, **chosen.settings)


_gd = partial(_trained, "gd")
_adam = partial(_trained, "adam")


def _grid(
    make: Callable[[str, DataName, int], Condensation], cells: Sequence[tuple[str, int, int, int]]
) -> tuple[Condensation, ...]:
    return tuple(
        make(activation, data, block)
        for activation, *blocks in cells
        for data, block in zip(SOURCES, blocks, strict=True)
        if block
    )


def _label(unit: Unit) -> str:
    """Name of a unit's activation in figures."""
    from validate.claims.condensation.measured.orientations import settings

    name = settings(unit).activation
    if name == GELU:
        return "GELU"
    name = name.removesuffix("(x)") if name.count("(") == 1 and "*" not in name else name
    return name.replace("**2", "²").replace("**3", "³").replace("*", "·")


def _by_multiplicity(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """Units by "p = …", p increasing."""
    from validate.claims.condensation.measured.orientations import order

    orders = sorted({order(unit) for unit in units})
    return {f"p = {p}": [unit for unit in units if order(unit) == p] for p in orders}


def _on_figure_5(units: Sequence[Unit]) -> list[Unit]:
    """One unit on the paper's Fig. 5/6 data for each p."""
    from validate.claims.condensation.measured.orientations import order, settings

    chosen = {order(u): u for u in reversed(units) if settings(u).data == "figure-5"}
    return [chosen[p] for p in sorted(chosen)]


family(
    "condensation",
    title="Condensation",
    text="Trained from small weights, the neurons of a hidden layer turn to a few directions of "
    "their input weights, bias included, before the output grows: they condense. The multiplicity "
    "p of the activation is the order of its first term at 0: 1 for tanh(x), 2 for x·tanh(x), 3 "
    "for x²·tanh(x). The paper proves its sentence for p = 1 and for one input; elsewhere it rests "
    "on experiments.",
    sentence="the maximal number of condensed orientations in the initial training stage is twice "
    "the multiplicity of the activation function",
    source="arXiv:2105.11686, abstract",
    place=1,
)


@claim(
    "condensation.bound-1d",
    title="At most 2p orientations, one input",
    source=f"{PAPER}, Theorem for d = 1",
    statement="With one-dimensional input, neurons of a two-layer network trained from small "
    "weights condense on at most 2p orientations, p the multiplicity of the activation.",
    place=1,
    readings=(
        Reading(
            "With one input neurons condense on at most 2p orientations.",
            where="one input (p from 1 to 4)",
        ),
    ),
)
def bound_1d() -> Body:
    from theory.condensation.laws import REFERENCE, counting_steps, dynamics_steps
    from validate.claim import Body, Role
    from validate.claims.condensation.measured import orientations as measured_orientations
    from validate.claims.condensation.measured.assumptions import regime
    from validate.figure_forms.counts import counts
    from validate.figure_forms.intervals import intervals

    grid = _grid(_gd, GD_CELLS)
    gaussian = tuple(e for e in grid if e.data == "gaussian-coefficients")
    higher = tuple(e for e in gaussian if e.order >= 2)
    wrong = {"looks": BOUND_LOOKS, "role": Role.NEGATIVE}
    decisions = (
        measured_orientations.bound(
            "at most 2p orientations, p = 1 … 4",
            "2p",
            grid,
            BOUND_LOOKS,
            judged=measured_orientations.resolved,
        ),
        measured_orientations.bound("at most p orientations", "p", gaussian, **wrong, distance=1.0),
        measured_orientations.bound(
            "at most 2p − 2 orientations, p ≥ 2", "2p - 2", higher, **wrong, distance=2.0
        ),
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
        grid=grid,
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *counting_steps(3)),
        regime=(*regime(), measured_orientations.resolved_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (
            *measured_orientations.tightness(units),
            measured_orientations.resolved_note(units),
        ),
    )


@claim(
    "condensation.orientations-gd",
    title="Which orientations, gradient descent",
    source="our derivation, on the setting of arXiv:2105.11686, Figs. 5 and 6",
    statement="Under gradient descent from small weights the neurons condense exactly on the "
    "stable critical directions of the leading form H on the unit circle, with the output sign "
    "of H there.",
    place=2,
    readings=(
        Reading(
            "Under gradient descent the orientations are the stable directions of the leading form"
            " H on the circle, exactly these.",
        ),
    ),
)
def orientations_gd() -> Body:
    from theory.condensation.forms.leading_form import Geometry

    grid = _grid(_gd, (*GD_CELLS, *KINKED_CELLS))
    return _orientations(grid, Geometry.L2, LOOKS, higher_degree=True)


@claim(
    "condensation.orientations-adam",
    title="Which orientations, Adam",
    source="our derivation, on the setting of arXiv:2105.11686, Figs. 5 and 6",
    statement="Under Adam from small weights the neurons condense exactly on the stable critical "
    "directions of the leading form H on the ℓ∞ square, with the output sign of H there.",
    place=3,
    readings=(
        Reading(
            "Under Adam they are its stable directions on the ℓ∞ square, exactly these.",
        ),
    ),
)
def orientations_adam() -> Body:
    from theory.condensation.forms.leading_form import Geometry

    grid = _grid(_adam, ADAM_CELLS)
    return _orientations(grid, Geometry.LINF, ADAM_LOOKS, higher_degree=False)


def _orientations(
    grid: tuple[Condensation, ...],
    geometry: Geometry,
    looks: tuple[int, ...],
    higher_degree: bool,
) -> Body:
    """The prediction of one geometry against the other one and against a form of degree p + 1."""
    from theory.condensation.forms.leading_form import Geometry
    from theory.condensation.laws import (
        REFERENCE,
        counting_steps,
        dynamics_steps,
        orientations_prediction,
        square_steps,
    )
    from validate.claim import Body, Decision
    from validate.claims.condensation.measured import orientations as measured_orientations
    from validate.claims.condensation.measured.assumptions import regime
    from validate.figure_forms.agreement import agreement
    from validate.figure_forms.directions import directions

    ball = {Geometry.L2: "circle", Geometry.LINF: "square"}
    other = Geometry.LINF if geometry is Geometry.L2 else Geometry.L2
    main = Decision(
        name=f"stable directions of H on the {ball[geometry]}, with signs",
        prediction=orientations_prediction(geometry),
        predict=measured_orientations.predicted,
        observe=measured_orientations.measured,
        experiments=grid,
        looks=looks,
        judged=measured_orientations.resolved,
        mutants={"other geometry": partial(measured_orientations.predicted, geometry=other)},
    )
    wrong: dict[str, measured_orientations.Predict] = {
        f"H on the {ball[other]}": partial(measured_orientations.predicted, geometry=other)
    }
    if higher_degree:
        wrong["H of degree p + 1"] = measured_orientations.of_higher_degree
    decisions = (
        main,
        *(measured_orientations.control(main, name, one) for name, one in wrong.items()),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        shown = _on_figure_5(outcome.units)
        titles = [f"{_label(unit)}, p = {measured_orientations.order(unit)}" for unit in shown]
        return (
            directions(
                outcome,
                shown,
                main.predict,
                measured_orientations.neurons,
                titles,
                "The paper's Fig. 5/6 data: predicted directions (rays), trained neurons (dots).",
            ),
            agreement(outcome, decisions, _label, *measured_orientations.ANGLES),
        )

    def derivation():
        on_square = square_steps(3) if geometry is Geometry.LINF else ()
        return (*dynamics_steps(), *counting_steps(3), *on_square)

    return Body(
        grid=grid,
        decisions=decisions,
        derivation=derivation,
        regime=(*regime(), measured_orientations.resolved_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (measured_orientations.resolved_note(units),),
        tables=lambda units: (measured_orientations.activation_table(main, units, _label),),
    )


@claim(
    "condensation.offset",
    title="σ(0) ≠ 0: the centered target",
    source="our derivation, for sigmoid and softplus of arXiv:2105.11686, Fig. 2",
    statement="Where σ(0) ≠ 0 the output weights fit the mean of y first; the neurons then "
    "condense, with the output sign of mean(y)/σ(0), on the line of the centered target, whose "
    "bias component is exactly 0. (Under Adam the weights move while the mean is fitted, and the "
    "ℓ∞ square is degenerate for that line: out of scope.)",
    place=4,
    readings=(
        Reading(
            "Where σ(0) ≠ 0 the output fits the mean of y first, and neurons condense on the line "
            "of what is left.",
        ),
    ),
)
def offset() -> Body:
    from theory.condensation.forms.leading_form import Geometry
    from theory.condensation.laws import REFERENCE, dynamics_steps, orientations_prediction
    from validate.claim import Body, Decision
    from validate.claims.condensation.measured import orientations as measured_orientations
    from validate.claims.condensation.measured.assumptions import regime
    from validate.figure_forms.agreement import agreement
    from validate.figure_forms.intervals import intervals

    grid = tuple(_gd(activation, "offset-labels", 12) for activation in OFFSET)
    main = Decision(
        name="stable direction of the centered H, with the sign of the mean",
        prediction=orientations_prediction(Geometry.L2),
        predict=measured_orientations.predicted,
        observe=measured_orientations.measured,
        experiments=grid,
        looks=OFFSET_LOOKS,
    )
    decisions = (
        main,
        measured_orientations.control(main, "uncentered target", measured_orientations.uncentered),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        return (
            agreement(outcome, decisions, _label, *measured_orientations.ANGLES),
            intervals(outcome, decisions, "Data sets with the predicted direction"),
        )

    return Body(
        grid=grid,
        decisions=decisions,
        derivation=dynamics_steps,
        regime=(*regime(), measured_orientations.resolved_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (measured_orientations.resolved_note(units),),
        tables=lambda units: (measured_orientations.activation_table(main, units, _label),),
    )
