"""The claim on the time that networks stay small."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sim.condensation.escape import Escape
from theory.condensation.escape import (
    escape_exponent,
    escape_steps,
    log_prediction,
    power_prediction,
)
from theory.condensation.laws import REFERENCE, dynamics_steps
from validate.cells import Cells
from validate.claim import Body, Decision, Outcome, Regime, Role, Unit, experiment_control
from validate.claims.condensation.measured import escape as measured_escape
from validate.claims.condensation.measured.cells import cell, drawn
from validate.claims.condensation.measured.escape import rate, times, typical_rate
from validate.claims.condensation.measured.speeds import (
    LOOKS,
    NAMES,
    POWERS,
    RELU,
    SOURCES,
    TANH,
    largest,
    off,
)
from validate.figure_forms.scaling import scaling
from validate.registry import Reading, claim
from validate.results.records import Figure

# as many at the first look as an interval at its share of α needs (an exponent more, for its local
# slopes); with 896 in the end outcomes as skewed as 1 could be judged
BLOCK = 66
SMALL_OUTPUT = 0.1  # |f| / |y| below which the residual counts as −y
SMALL_INPUT = 0.5  # |w·x| below which the leading part governs: within 10 % for tanh
CHOSEN = (
    "data sets on which enough neurons start where they are sure to reach the fastest direction "
    "(ReLU; all for the others), which is decided before training"
)
# fixed beforehand: ε well below the size at which a network has escaped
LOG_WINDOW = (1e-10, 1e-8, 1e-6, 1e-4)
POWER_WINDOW = (1e-9, 1e-7, 1e-5, 1e-3)


def _power(p: int, experiments: tuple[Escape, ...]) -> tuple[Decision, Decision]:
    """The exponent 1 − p, and the control −p."""

    exponent, raised = escape_exponent(p), escape_exponent(p + 1)
    name = f"{NAMES[POWERS[p]]}, p = {p}"
    common: dict[str, Any] = {"observe": times, "experiments": experiments, "looks": LOOKS}
    return (
        Decision(
            name=f"{name}: T ∝ ε^({exponent})",
            prediction=power_prediction(p, POWER_WINDOW),
            predict=lambda unit: exponent,
            **common,
        ),
        Decision(
            name=f"{name}: T ∝ ε^({raised})",
            prediction=power_prediction(p + 1, POWER_WINDOW),
            predict=lambda unit: raised,
            role=Role.RESOLUTION,
            distance=float(abs(raised - exponent)),
            **common,
        ),
    )


def _wrong_powers(first: Decision, second: Decision) -> tuple[Decision, Decision]:
    """The exponents of p = 2 and 3 where networks do not have that multiplicity.

    A linear term governs in the end, however small it is: T ∝ log(1/ε). On targets linear in x all
    terms of the form grow with the same numbers, so that all networks cross over alike; on others
    a few with a small linear term skew the slopes.
    """

    power: dict[str, Any] = {"data": SOURCES[1], "epsilons": POWER_WINDOW}
    # units enough for the first look: these are cheap, and somewhat skewed still
    linear = Escape(activation=f"{POWERS[2]}+x/10", degree=1, block=4 * BLOCK, **power)
    squared = Escape(activation="1-cos(x)", degree=2, block=2 * BLOCK, **power)
    return (
        experiment_control(first, "x·tanh + x/10, p = 1, judged as p = 2", (linear,), LOOKS),
        experiment_control(second, "1 − cos(x), p = 2, judged as p = 3", (squared,), LOOKS),
    )


def _log(activation: str, experiments: tuple[Escape, ...]) -> tuple[Decision, Decision]:
    """The rate H_max, and the control of a typical direction's rate."""

    prediction = log_prediction()
    distance = 2 * prediction.margin
    common: dict[str, Any] = {"observe": rate, "experiments": experiments, "looks": LOOKS}
    return (
        Decision(
            name=f"{NAMES[activation]}: T ~ log(1/ε) / H_max",
            prediction=prediction,
            predict=lambda unit: prediction.expected,
            **common,
        ),
        Decision(
            name=f"{NAMES[activation]}: rate of a typical direction, not the fastest",
            prediction=off(prediction),
            predict=typical_rate,
            judged=lambda unit: abs(typical_rate(unit) - prediction.expected) > distance,
            role=Role.RESOLUTION,
            distance=distance,
            **common,
        ),
    )


def _escape_grid() -> dict[str, tuple[Escape, ...]]:
    """Experiments by activation."""

    log: dict[str, Any] = {"epsilons": LOG_WINDOW, "block": BLOCK}
    power: dict[str, Any] = {"epsilons": POWER_WINDOW, "block": BLOCK}
    labels, gaussian = SOURCES
    kinked = {"activation": RELU, "neurons": 80, **log}
    return {
        TANH: tuple(Escape(activation=TANH, data=source, **log) for source in SOURCES),
        RELU: (Escape(data=labels, **kinked), Escape(data=gaussian, degree=3, **kinked)),
        **{
            activation: tuple(
                Escape(activation=activation, data=source, degree=p, **power) for source in SOURCES
            )
            for p, activation in POWERS.items()
        },
    }


@claim(
    "condensation.escape-time",
    title="How long networks stay small",
    source="our derivation, on the setting of arXiv:2105.11686",
    statement="A network with initial weights of size ε stays small for a time that grows like "
    "log(1/ε) / H_max for multiplicity p = 1 and for ReLU, H_max the largest value of |H| on the "
    "unit circle, and like ε^(1−p) for p ≥ 2.",
    place=8,
    shares=24,
    readings=(
        Reading(
            "Networks stay small for a time that grows like log(1/ε) for p = 1 and like ε^(1−p) "
            "above, ε the size of the initial weights.",
        ),
    ),
)
def escape_time() -> Body:

    grid = _escape_grid()
    powers = [_power(p, grid[activation]) for p, activation in POWERS.items()]
    pairs = [*(_log(activation, grid[activation]) for activation in (TANH, RELU)), *powers]
    wrong = _wrong_powers(*(main for main, _ in powers))
    decisions = (*(decision for pair in pairs for decision in pair), *wrong)

    def unfinished(units: Sequence[Unit]) -> float:
        return sum(None in unit.measurement["times"] for unit in units) / len(units)

    def figures(outcome: Outcome) -> Sequence[Figure]:
        units = {
            activation: [unit for unit in outcome.units if unit.experiment in members]
            for activation, members in grid.items()
        }
        panels = [
            *(measured_escape.log_panel(NAMES[one], units[one]) for one in (TANH, RELU)),
            *(
                measured_escape.power_panel(f"{NAMES[one]}, p = {p}", units[one], p)
                for p, one in POWERS.items()
            ),
        ]
        caption = (
            "Time until |f| is 1 % of |y|, or |w·x̃| of a neuron 0.2, against the size ε of the "
            "initial weights: medians over data sets with bars for nine of ten. Times are relative "
            "to the mean over ε on the same data set (for powers the geometric one), so that only "
            "the slope of the lines is predicted, without a fit."
        )
        return (scaling(outcome, "Escape time", caption, panels, outcome.units),)

    return Body(
        grid=tuple(dict.fromkeys(e for decision in decisions for e in decision.experiments)),
        decisions=decisions,
        derivation=lambda: (*dynamics_steps(), *escape_steps(tuple(POWERS))),
        regime=(
            Regime(
                "largest |f| / |y| when networks have escaped",
                partial(largest, "output"),
                at_most=SMALL_OUTPUT,
            ),
            Regime(
                "largest |w·x̃| when networks have escaped",
                partial(largest, "amplitude"),
                at_most=SMALL_INPUT,
            ),
            Regime("share of data sets with a network that never escaped", unfinished, at_most=0.0),
        ),
        figures=figures,
        references=(REFERENCE,),
        notes=lambda units: measured_escape.notes(units, grid[RELU]),
        cells=Cells(of=cell, drawn=drawn, chosen=CHOSEN),
    )
