"""Claims on condensation at initial training (arXiv:2105.11686 and our derivations).

Heavy modules are imported where they are used: listing claims costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from validate.registry import claim

if TYPE_CHECKING:
    from sim.condensation import Condensation
    from theory.leading_form import Form, Geometry
    from validate.claim import Body, Decision, Outcome, Regime, Unit
    from validate.orientation import Directed
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
# on Fig. 5's data the smallest basin has 4.6 % of the neurons for p = 3 (and for p = 4 2.8 %,
# too few to tell a cluster from stragglers: left out)
NEURONS = {"figure-5": 400}
# rounds of 32 units; 90 units without a failure, or 179 without a violation, decide at quick
LOOKS = (3, 6, 8, 10)
BOUND_LOOKS = (6, 8, 10)
SHORT = {GELU: "GELU"}


# -- experiments ------------------------------------------------------------------------------


def _gd(activation: str, data: str, block: int) -> Condensation:
    """Wide networks for p = 1; for p ≥ 2, where a wide network grows by blow-up of a few
    neurons, a network per neuron with a clock of its own."""
    from sim.condensation import Condensation
    from theory.activation import activation as analyze

    if analyze(activation).multiplicity == 1:
        return Condensation(activation=activation, data=data, block=block)
    return Condensation(
        activation=activation,
        data=data,
        block=block,
        wide=False,
        neurons=NEURONS.get(data, 200),
        epsilon=1e-5,
        step=0.02,
    )


def _adam(activation: str, data: str, block: int) -> Condensation:
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
    make: Callable[[str, str, int], Condensation], cells: Sequence[tuple[str, int, int, int]]
) -> tuple[Condensation, ...]:
    sources = ("gaussian-coefficients", "random-labels", "figure-5")
    return tuple(
        make(activation, data, block)
        for activation, *blocks in cells
        for data, block in zip(sources, blocks, strict=True)
        if block
    )


# -- predictions and observables of one unit --------------------------------------------------


def order(unit: Unit) -> int:
    """Multiplicity of the activation of a unit."""
    return unit.experiment.order  # type: ignore[attr-defined]


def _form(unit: Unit, raise_order: int = 0) -> Form:
    from theory.activation import activation
    from theory.leading_form import form_of

    coefficient = activation(unit.experiment.activation).leading_coefficient  # type: ignore[attr-defined]
    return form_of(unit.data.x, unit.data.y, order(unit) + raise_order, float(coefficient))


def _predicted(unit: Unit, geometry: Geometry, raise_order: int = 0) -> tuple[Directed, ...]:
    from theory.orientations import orientations
    from validate.orientation import directed

    return directed(orientations(_form(unit, raise_order), geometry))


def _resolved(unit: Unit) -> bool:
    """Whether a run can tell the orientations of these data (known before training)."""
    from theory.convergence import unresolved

    if unit.experiment.data != "figure-5":  # type: ignore[attr-defined]
        return True  # drawn until it could
    return unresolved(_form(unit), unit.data.x, unit.experiment.protocol) is None  # type: ignore[attr-defined]


def _told_apart(
    unit: Unit,
    right: Callable[[Unit], Sequence[Directed]],
    wrong: Callable[[Unit], Sequence[Directed]],
    margin: float,
) -> bool:
    """Whether two predictions differ by more than two margins on a unit."""
    from validate.orientation import set_distance

    return _resolved(unit) and set_distance(right(unit), wrong(unit)) > 2 * margin


def control(
    decision: Decision,
    name: str,
    wrong: Callable[[Unit], Sequence[Directed]],
    looks: tuple[int, ...] | None = None,
) -> Decision:
    """A negative control: a wrong prediction, judged where it differs by two margins."""
    import dataclasses

    from validate.claim import Role

    margin = decision.prediction.margin
    return dataclasses.replace(
        decision,
        name=name,
        predict=wrong,
        role=Role.NEGATIVE,
        judged=partial(_told_apart, right=decision.predict, wrong=wrong, margin=margin),
        distance=2 * margin,
        looks=looks or decision.looks,
    )


def bounded(
    grid: tuple[Condensation, ...],
    looks: tuple[int, ...],
    prediction_name: str,
    limit: Callable[[Unit], int],
    **more: Any,
) -> Decision:
    """A bound on the number of orientations."""
    from theory.condensation import bound_prediction
    from validate.claim import Decision
    from validate.series import count

    return Decision(
        prediction=bound_prediction(prediction_name),
        predict=limit,
        observe=count,
        experiments=grid,
        looks=looks,
        **more,
    )


# -- regime -----------------------------------------------------------------------------------


def regime(growth: float = 20.0) -> tuple[Regime, ...]:
    """The assumptions that every run here measures: f small, networks done, weights grown."""
    from validate.claim import Regime

    def largest(key: str, units: Sequence[Unit]) -> float:
        return max(unit.measurement[key] for unit in units)

    return (
        Regime(
            "largest |moments of f| / |moments of y| at the end",
            partial(largest, "moment_ratio"),
            at_most=0.1,
        ),
        Regime(
            "largest share of networks that did not finish",
            partial(largest, "unfinished"),
            at_most=0.02,
        ),
        Regime(
            "smallest median growth |w|/|w₀|",
            lambda units: min(u.measurement["growth"] for u in units),
            at_least=growth,
        ),
    )


def _judged_share(units: Sequence[Unit]) -> float:
    """Share of drawn data sets that a run of its protocol can resolve."""
    drawn = [u for u in units if u.experiment.data in ("random-labels", "gaussian-coefficients")]  # type: ignore[attr-defined]
    return len(drawn) / sum(u.measurement["draws"] for u in drawn)


def _judged_regime() -> Regime:
    from validate.claim import Regime

    return Regime(
        "share of drawn data sets that the protocol can resolve", _judged_share, at_least=0.3
    )


def label(unit: Unit) -> str:
    """Name of a unit's activation in figures."""
    name = unit.experiment.activation  # type: ignore[attr-defined]
    return SHORT.get(name, name.replace("**2", "²").replace("**3", "³").replace("*", "·"))


def _figure_5(units: Sequence[Unit]) -> list[Unit]:
    """One unit on the paper's Fig. 5/6 data for each p up to 3."""
    chosen = {order(u): u for u in reversed(units) if u.experiment.data == "figure-5"}  # type: ignore[attr-defined]
    return [chosen[p] for p in sorted(chosen) if p <= 3]


def _tightness(units: Sequence[Unit]) -> list[str]:
    """How often the bound is reached and half of it exceeded, by p and source of data."""
    from validate.series import count

    lines = []
    for source in ("gaussian-coefficients", "random-labels"):
        for p in sorted({order(u) for u in units}):
            found = [count(u) for u in units if order(u) == p and u.experiment.data == source]  # type: ignore[attr-defined]
            if found:
                reached = sum(n == 2 * p for n in found) / len(found)
                exceeded = sum(n > p for n in found) / len(found)
                lines.append(
                    f"{source}, p = {p}: 2p = {2 * p} orientations reached in {reached:.0%}, "
                    f"more than p in {exceeded:.0%} of {len(found)} data sets"
                )
    return lines


def _judged_note(units: Sequence[Unit]) -> str:
    return (
        f"{_judged_share(units):.0%} of the data sets drawn can be resolved by the protocol and "
        "were trained; which ones is decided from the data before training, and the verdict "
        "speaks of those."
    )


# -- the claims -------------------------------------------------------------------------------


@claim(
    "condensation.bound-1d",
    title="At most 2p orientations, one input",
    source=f"{PAPER}, Theorem for d = 1",
    statement="With one-dimensional input, neurons of a two-layer network trained from small "
    "weights condense on at most 2p orientations, p the multiplicity of the activation.",
)
def bound_1d() -> Body:
    from theory.condensation import REFERENCE, counting_steps, dynamics_steps
    from validate import series
    from validate.claim import Body, Role

    grid = _grid(_gd, GD_CELLS)
    gaussian = tuple(e for e in grid if e.data == "gaussian-coefficients")
    higher = tuple(e for e in gaussian if e.order >= 2)
    decisions = (
        bounded(
            grid,
            BOUND_LOOKS,
            "2p",
            lambda u: 2 * order(u),
            name="at most 2p orientations, p = 1 … 4",
            judged=_resolved,
        ),
        bounded(
            gaussian,
            BOUND_LOOKS,
            "p",
            order,
            name="at most p orientations",
            role=Role.NEGATIVE,
            distance=1.0,
        ),
        bounded(
            higher,
            BOUND_LOOKS,
            "2p - 2",
            lambda u: 2 * order(u) - 2,
            name="at most 2p − 2 orientations, p ≥ 2",
            role=Role.NEGATIVE,
            distance=2.0,
        ),
    )

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = sorted(
            (u for u in outcome.units if u.experiment.data == "gaussian-coefficients"),  # type: ignore[attr-defined]
            key=order,
        )
        return (
            series.counts(outcome, units, lambda u: f"p = {order(u)}", lambda u: 2 * order(u)),
            series.intervals(outcome, decisions, "Bound and tightened bounds"),
        )

    return Body(
        grid=grid,
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *counting_steps(3)),
        regime=(*regime(), _judged_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (*_tightness(units), _judged_note(units)),
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

    return _orientations_body(_grid(_gd, GD_CELLS), Geometry.L2, Geometry.LINF, ("tanh(x)",))


@claim(
    "condensation.orientations-adam",
    title="Which orientations, Adam",
    source="our derivation, on the setting of arXiv:2105.11686, Figs. 5 and 6",
    statement="Under Adam from small weights the neurons condense exactly on the stable critical "
    "directions of the leading form H on the ℓ∞ square, with the output sign of H there.",
)
def orientations_adam() -> Body:
    from theory.leading_form import Geometry

    return _orientations_body(_grid(_adam, ADAM_CELLS), Geometry.LINF, Geometry.L2, ())


def _orientations_body(
    grid: tuple[Condensation, ...],
    right: Geometry,
    wrong: Geometry,
    degree_control: tuple[str, ...],
) -> Body:
    from theory.condensation import (
        REFERENCE,
        counting_steps,
        dynamics_steps,
        orientations_prediction,
        square_steps,
    )
    from theory.leading_form import Geometry
    from validate import series
    from validate.claim import Body, Decision

    ball = {Geometry.L2: "circle", Geometry.LINF: "square"}
    main = Decision(
        name=f"stable directions of H on the {ball[right]}, with signs",
        prediction=orientations_prediction(right),
        predict=partial(_predicted, geometry=right),
        observe=series.measured_orientations,
        experiments=grid,
        looks=LOOKS,
        judged=_resolved,
    )
    decisions = [
        main,
        control(main, f"H on the {ball[wrong]}", partial(_predicted, geometry=wrong)),
    ]
    if degree_control:
        one_more = partial(_predicted, geometry=right, raise_order=1)
        decisions.append(control(main, "H of degree p + 1", one_more))
    geometry_steps = square_steps(3) if right is Geometry.LINF else ()

    def figures(outcome: Outcome) -> Sequence[Figure]:
        caption = (
            "The paper's Fig. 5/6 data: predicted directions (rays) and trained neurons (dots)."
        )
        return (
            series.directions(
                outcome,
                _figure_5(outcome.units),
                main.predict,
                lambda u: f"{label(u)}, p = {order(u)}",
                caption,
            ),
            series.agreement(outcome, decisions, label),
        )

    return Body(
        grid=grid,
        decisions=tuple(decisions),
        derivation=lambda: (*dynamics_steps(), *counting_steps(3), *geometry_steps),
        regime=(*regime(), _judged_regime()),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: (_judged_note(units),),
    )
