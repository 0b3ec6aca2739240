"""What a run of condensation measures of the theory's assumptions, and claims that rest on them.

Claims take the limits as regime checks, the activation checker as reasons for OUT_OF_SCOPE.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from theory.condensation.laws import REFERENCE, dynamics_steps
from theory.prediction import Step
from validate.cells import Cells
from validate.claim import Body, Decision, Outcome, Regime, Unit
from validate.figure_forms.intervals import intervals
from validate.results.records import Figure

MOMENT_RATIO = 0.1  # of the output to the target: above it the target is no longer what is felt
UNFINISHED = 0.02  # share of networks that may not have reached the stop rule
FAILED = 0.02  # share of data sets on which more did not
GROWTH = 20.0  # of the weights: directions have then had the time to turn
# where the orientations that a run resolves are judged at the growth predicted for it, several
# inputs or data that somebody gives, the limit only tells runs in which nothing happened
GROWTH_BY_FLOW = 10.0


def failed(unit: Unit) -> bool:
    """Whether training failed on a unit's data: too many networks did not reach the stop rule.

    Such a unit counts against the claim. To leave it out would be to select by the outcome.
    """
    return bool(unit.measurement["unfinished"] > UNFINISHED)


def regime(growth: float = GROWTH) -> tuple[Regime, ...]:
    """The assumptions that every run measures: f small, networks done, weights grown."""
    moments = "largest |moments of f| / |moments of y| at the end"
    return (
        Regime.largest(moments, "moment_ratio", at_most=MOMENT_RATIO),
        Regime(
            f"share of data sets on which over {UNFINISHED:.0%} of the networks did not finish",
            lambda units: float(np.mean([failed(unit) for unit in units])),
            at_most=FAILED,
        ),
        Regime(
            "smallest median growth |w|/|w₀|",
            lambda units: min(u.measurement["growth"] for u in units),
            at_least=growth,
        ),
    )


def body(
    decisions: Sequence[Decision],
    steps: Callable[[], Sequence[Step]],
    figures: Callable[[Outcome], Sequence[Figure]],
    cells: Cells | None = None,
    references: Sequence[str] = (),
    shares: str = "",
    **more: Any,
) -> Body:
    """What a claim on condensation checks, with what all of them have.

    Args:
        decisions, figures, cells: of the claim.
        steps: of the derivation, after those to the flow of one neuron.
        references: besides arXiv:2105.11686.
        shares: title of a last figure, of the shares that were decided on, if there is one.
        more: other fields of a `Body`; ``regime`` where it is not that of every run.
    """

    def all_figures(outcome: Outcome) -> Sequence[Figure]:
        last = (intervals(outcome, decisions, shares),) if shares else ()
        return (*figures(outcome), *last)

    return Body(
        decisions=tuple(decisions),
        derivation=lambda: (*dynamics_steps(), *steps()),
        figures=all_figures,
        cells=cells,
        references=(REFERENCE, *references),
        **{"regime": regime(), **more},
    )
