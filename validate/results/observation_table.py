"""Every decision and control of a run as a line of a table."""

from collections.abc import Iterator

from validate.results.csv_table import Cell
from validate.results.records import ClaimResult, Control, Observation, Results

HEADER = (
    *("claim", "claim_verdict", "role", "decision", "kind", "predicted", "expected"),
    *("measured", "low", "high", "unit", "margin", "margin_unit"),
    *("n", "looks_used", "alpha", "verdict", "as_required", "reason", "seed", "budget"),
)


def observation_rows(results: Results) -> Iterator[tuple[Cell, ...]]:
    """The decisions of each claim, then its controls; ``HEADER`` names the columns.

    ``expected`` is the predicted number that ``measured`` is held against, where there is one.
    ``low`` and ``high`` are the ends of the interval of level 1 − ``alpha``, in ``unit`` as
    ``measured`` is. ``as_required`` is 1 or 0 for controls and empty for the claim's own decisions.
    """
    for claim in results.claims:
        for one in (*claim.observations, *claim.controls):
            yield _row(results, claim, one)


def _row(results: Results, claim: ClaimResult, one: Observation) -> tuple[Cell, ...]:
    control = one if isinstance(one, Control) else None
    low, high = one.interval or (None, None)
    return (
        *(claim.id, str(claim.verdict), control.role if control else "claim"),
        *(one.name, one.kind, one.predicted, one.against, one.measured, low, high),
        *(one.unit, one.margin, one.margin_unit or one.unit, one.n, one.looks_used, one.alpha),
        str(one.verdict),
        int(control.as_required) if control else None,
        *(one.reason, results.run.seed, results.run.budget),
    )
