"""Claims on condensation with one input (arXiv:2105.11686 and our derivations).

Whatever is heavy is imported inside the functions: listing claims costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from validate.registry import claim

if TYPE_CHECKING:
    from sim.condensation import Condensation, DataName
    from theory.leading_form import Geometry
    from validate.claim import Body, Outcome, Unit
    from validate.results import Figure

PAPER = "Zhou et al., NeurIPS 2022, arXiv:2105.11686"
GELU = "x*(1+erf(x/sqrt(2)))/2"

# activation, and blocks a round on Gaussian-coefficient data, on random labels, on Fig. 5's data
GD_CELLS = (
    ("tanh(x)", 2, 1, 1),
    ("sin(x)", 1, 1, 0),
    (GELU, 1, 1, 0),
    ("x*tanh(x)", 2, 2, 1),
    ("1-cos(x)", 2, 1, 0),
    ("x**2*tanh(x)", 4, 3, 1),
    ("x**3*tanh(x)", 4, 4, 0),
)
ADAM_CELLS = (
    ("tanh(x)", 4, 3, 1),
    ("x*tanh(x)", 4, 3, 1),
    ("x**2*tanh(x)", 4, 3, 1),
    ("x**3*tanh(x)", 4, 4, 0),
)
SOURCES: tuple[DataName, ...] = ("gaussian-coefficients", "random-labels", "figure-5")
# on Fig. 5's data the smallest basin has 4.6 % of the neurons for p = 3 (and for p = 4 2.8 %,
# too few to tell a cluster from stragglers: left out)
NEURONS = {"figure-5": 400}
# rounds of 32 units: 90 units without a failure, or 179 without a violation, decide at quick
LOOKS = (3, 6, 8, 10)
BOUND_LOOKS = (6, 9, 13)  # with 416 units in the end, six violations would still be tolerated


def _gd(activation: str, data: DataName, block: int) -> Condensation:
    """Wide networks for p = 1; for p ≥ 2, where a wide network grows by blow-up of a few
    neurons, a network per neuron with a clock of its own."""
    from sim.condensation import Condensation

    one = Condensation(activation=activation, data=data, block=block)
    if one.order == 1:
        return one
    neurons = NEURONS.get(data, 200)
    return Condensation(
        activation=activation,
        data=data,
        block=block,
        wide=False,
        neurons=neurons,
        epsilon=1e-5,
        step=0.02,
    )


def _adam(activation: str, data: DataName, block: int) -> Condensation:
    from sim.condensation import Condensation

    return Condensation(
        activation=activation,
        data=data,
        block=block,
        optimizer="adam",
        neurons=NEURONS.get(data, 200),
        epsilon=1e-4,
        step=1e-4,
    )


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
    from validate.condensed import settings

    name = settings(unit).activation
    if name == GELU:
        return "GELU"
    return name.replace("**2", "²").replace("**3", "³").replace("*", "·")


def _on_figure_5(units: Sequence[Unit]) -> list[Unit]:
    """One unit on the paper's Fig. 5/6 data for each p."""
    from validate.condensed import order, settings

    chosen = {order(u): u for u in reversed(units) if settings(u).data == "figure-5"}
    return [chosen[p] for p in sorted(chosen)]


@claim(
    "condensation.bound-1d",
    title="At most 2p orientations, one input",
    source=f"{PAPER}, Theorem for d = 1",
    statement="With one-dimensional input, neurons of a two-layer network trained from small "
    "weights condense on at most 2p orientations, p the multiplicity of the activation.",
)
def bound_1d() -> Body:
    from theory.condensation import REFERENCE, counting_steps, dynamics_steps
    from validate import condensed, series
    from validate.claim import Body, Role

    grid = _grid(_gd, GD_CELLS)
    gaussian = tuple(e for e in grid if e.data == "gaussian-coefficients")
    higher = tuple(e for e in gaussian if e.order >= 2)
    wrong = {"looks": BOUND_LOOKS, "role": Role.NEGATIVE}
    decisions = (
        condensed.bound(
            "at most 2p orientations, p = 1 … 4",
            "2p",
            grid,
            BOUND_LOOKS,
            judged=condensed.resolved,
        ),
        condensed.bound("at most p orientations", "p", gaussian, **wrong, distance=1.0),
        condensed.bound(
            "at most 2p − 2 orientations, p ≥ 2", "2p - 2", higher, **wrong, distance=2.0
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = [u for u in outcome.units if u.experiment in gaussian]
        return (
            series.counts(outcome, sorted(units, key=condensed.order)),
            series.intervals(outcome, decisions, "Bound and tightened bounds"),
        )

    return Body(
        grid=grid,
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *counting_steps(3)),
        regime=(*condensed.regime(), condensed.resolved_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (*condensed.tightness(units), condensed.resolved_note(units)),
    )


@claim(
    "condensation.orientations-gd",
    title="Which orientations, gradient descent",
    source="our derivation, on the setting of arXiv:2105.11686, Figs. 5 and 6",
    statement="Under gradient descent from small weights the neurons condense exactly on the "
    "stable critical directions of the leading form H on the unit circle, with the output sign "
    "of H there.",
)
def orientations_gd() -> Body:
    from theory.leading_form import Geometry

    return _orientations(_grid(_gd, GD_CELLS), Geometry.L2, higher_degree=True)


@claim(
    "condensation.orientations-adam",
    title="Which orientations, Adam",
    source="our derivation, on the setting of arXiv:2105.11686, Figs. 5 and 6",
    statement="Under Adam from small weights the neurons condense exactly on the stable critical "
    "directions of the leading form H on the ℓ∞ square, with the output sign of H there.",
)
def orientations_adam() -> Body:
    from theory.leading_form import Geometry

    return _orientations(_grid(_adam, ADAM_CELLS), Geometry.LINF, higher_degree=False)


def _orientations(grid: tuple[Condensation, ...], geometry: Geometry, higher_degree: bool) -> Body:
    """The prediction of one geometry against the other one and against a form of degree p + 1."""
    from theory.condensation import (
        REFERENCE,
        counting_steps,
        dynamics_steps,
        orientations_prediction,
        square_steps,
    )
    from theory.leading_form import Geometry
    from validate import condensed, series
    from validate.claim import Body, Decision

    ball = {Geometry.L2: "circle", Geometry.LINF: "square"}
    other = Geometry.LINF if geometry is Geometry.L2 else Geometry.L2
    main = Decision(
        name=f"stable directions of H on the {ball[geometry]}, with signs",
        prediction=orientations_prediction(geometry),
        predict=partial(condensed.predicted, geometry=geometry),
        observe=condensed.measured,
        experiments=grid,
        looks=LOOKS,
        judged=condensed.resolved,
        mutants={"other geometry": partial(condensed.predicted, geometry=other)},
    )
    wrong = {f"H on the {ball[other]}": partial(condensed.predicted, geometry=other)}
    if higher_degree:
        wrong["H of degree p + 1"] = partial(condensed.predicted, geometry=geometry, raise_order=1)
    decisions = (main, *(condensed.control(main, name, one) for name, one in wrong.items()))

    def figures(outcome: Outcome) -> Sequence[Figure]:
        shown = _on_figure_5(outcome.units)
        titles = [f"{_label(unit)}, p = {condensed.order(unit)}" for unit in shown]
        return (
            series.directions(outcome, shown, main.predict, titles),
            series.agreement(outcome, decisions, _label),
        )

    def derivation():
        on_square = square_steps(3) if geometry is Geometry.LINF else ()
        return (*dynamics_steps(), *counting_steps(3), *on_square)

    return Body(
        grid=grid,
        decisions=decisions,
        derivation=derivation,
        regime=(*condensed.regime(), condensed.resolved_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (condensed.resolved_note(units),),
    )
