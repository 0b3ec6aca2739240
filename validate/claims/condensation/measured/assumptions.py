"""What a run of condensation measures of the theory's assumptions, and within which limits.

Claims take them as regime checks, the activation checker as reasons for OUT_OF_SCOPE.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from validate.claim import Regime, Unit

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


def _not_finite(measurements: Sequence[Mapping[str, Any]]) -> str:
    """How many networks ended with numbers that are not finite, and when those did: at which step
    of its own training each."""
    share = float(np.mean([one["not_finite"] for one in measurements]))
    if share == 0:
        return ""
    steps = [one["not_finite_at"] for one in measurements if one["not_finite"]]
    first, last = min(steps), max(steps)
    when = f"first by step {first}" + f", last by step {last}" * (last > first)
    at_start = sum(step == 0 for step in steps)
    initial = f" (step 0, the initial weights, in {at_start} of {len(steps)})" if at_start else ""
    return (
        f"; in {share:.0%} an output or a weight became not finite, {when}{initial}: there "
        "the activation or its derivative is not finite"
    )


def broken(measurements: Sequence[Mapping[str, Any]]) -> str | None:
    """Which assumption fails for networks on data that somebody gives; None where all hold.

    The share that did not finish is that of all networks, for one of them is no data set.
    """
    loudest = max(one["moment_ratio"] for one in measurements)
    if loudest > MOMENT_RATIO:
        return (
            f"the output reached {loudest:.0%} of the target's moments, at most "
            f"{100 * MOMENT_RATIO:g} % is allowed"
        )
    unfinished = float(np.mean([one["unfinished"] for one in measurements]))
    if unfinished > UNFINISHED:
        return (
            f"{unfinished:.0%} of the networks did not finish, at most {100 * UNFINISHED:g} % is "
            f"allowed{_not_finite(measurements)}"
        )
    growth = min(one["growth"] for one in measurements)
    if growth < GROWTH_BY_FLOW:
        return f"weights grew by {growth:.3g} only, at least {GROWTH_BY_FLOW:g} is needed"
    return None
