"""Series for figures of kind ``intervals``: measured shares against their thresholds."""

from collections.abc import Sequence

from validate.claim import Decision, Outcome
from validate.decisions.rules.base import kind_of
from validate.figure_forms.made import figure
from validate.results.records import Figure


def intervals(outcome: Outcome, decisions: Sequence[Decision], title: str) -> Figure:
    """Measured share with its interval for every decision of a claim, against its threshold."""
    rows = []
    by_name = {o.name: o for o in [*outcome.observations, *outcome.controls]}
    for decision in decisions:
        observed = by_name.get(decision.name)
        if observed is None or observed.interval is None:
            continue
        threshold, side = kind_of(decision.prediction).threshold()
        rows.append(
            {
                "label": decision.name,
                "role": str(decision.role),
                "measured": observed.measured,
                "lo": observed.interval[0],
                "hi": observed.interval[1],
                "threshold": threshold,
                "side": side,
                "verdict": str(observed.verdict),
            }
        )
    return figure(
        outcome,
        "intervals",
        title,
        "Measured share of units with its interval; the tick is the threshold, and the "
        "arrow the side on which the prediction agrees. All but positive controls must fail.",
        rows=rows,
        xlabel="share of units",
    )
