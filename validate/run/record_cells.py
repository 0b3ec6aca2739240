"""What a run says of a claim's cells: how much of what was drawn is judged, what is measured."""

from collections.abc import Sequence

import numpy as np

from validate.claim import Decision, Role, Unit
from validate.decisions.judge import outcome
from validate.decisions.rules.base import kind_of
from validate.decisions.sample import summary
from validate.results.records import Cell, CellMeasure
from validate.run.claim_progress import ClaimState
from validate.run.pool import chosen_of, out_of_scope

LEVEL = 0.01  # of the intervals: they decide nothing
FEWEST = 3  # units that a mean has an interval for


def cell_records(state: ClaimState) -> tuple[Cell, ...]:
    """The cells of a judged claim, in the order of its experiments."""
    cells = state.body.cells
    if cells is None:
        return ()
    own, _ = state.body.split(state.every)
    chosen = [unit for unit in own if unit.experiment not in cells.as_drawn]
    as_drawn = [unit for unit in own if unit.experiment in cells.as_drawn]
    left_out = out_of_scope(state.body, chosen)
    made = []
    for name, (judged, drawn) in chosen_of(state.body, chosen).items():
        members = [unit for unit in chosen if cells.of(unit.experiment) == name]
        anyhow = [unit for unit in as_drawn if cells.of(unit.experiment) == name]
        rejected = [unit for unit in anyhow if not cells.would_choose(unit)]
        made.append(
            Cell(
                name=name,
                judged=judged,
                drawn=drawn,
                in_pool=name not in left_out,
                measured=_measures(_deciding(state, name, members), members),
                rejected=_measures(_deciding(state, name, members), rejected, anyway=True),
                as_drawn=_measures(_deciding(state, name, members), anyhow, anyway=True),
            )
        )
    return tuple(made)


def _deciding(state: ClaimState, cell: str, members: Sequence[Unit]) -> list[Decision]:
    """The pooled decisions that a cell belongs to."""
    experiments = {unit.experiment for unit in members}
    alone = f": {cell}"
    return [
        d
        for d in state.body.decisions
        if not d.role.must_fail
        and experiments & set(d.experiments)
        and not (d.role is Role.CLAIM and d.name.endswith(alone))
    ]


def _measures(
    decisions: Sequence[Decision], units: Sequence[Unit], anyway: bool = False
) -> tuple[CellMeasure, ...]:
    """What each decision measures on some units; ``anyway``: on those not to be judged as well."""
    made = []
    for decision in decisions:
        judged = [unit for unit in units if anyway or decision.judged(unit)]
        found = _measure(decision, judged)
        if found is not None:
            made.append(found)
    return tuple(made)


def _measure(decision: Decision, units: Sequence[Unit]) -> CellMeasure | None:
    kind = kind_of(decision.prediction)
    outcomes = np.asarray([_outcome(decision, unit) for unit in units], dtype=float)
    least = 1 if not kind.is_mean else FEWEST
    if len(outcomes) < least or not np.isfinite(outcomes).all():
        return None
    sample = summary(outcomes.reshape(1, len(units), -1))
    said = kind.statement(sample, kind.rule(sample, LEVEL))
    return CellMeasure(
        decision=decision.name,
        n=len(units),
        measured=said.measured,
        interval=said.interval,
        unit=said.unit,
        failing=kind.failing(said.measured),
    )


def _outcome(decision: Decision, unit: Unit) -> object:
    """A unit's contribution; not as predicted where the theory predicts nothing at all."""
    try:
        predicted = decision.predict(unit)
    except ValueError:
        return 0.0
    return outcome(decision.prediction, predicted, decision.observe(unit))


def selection(state: ClaimState, found: Sequence[Cell]) -> str:
    """Over what a claim is pooled and which part of what was drawn it speaks of."""
    cells = state.body.cells
    if cells is None or not found:
        return ""
    kept = [one for one in found if one.in_pool]
    said = []
    if len(found) > 1:
        said.append(_pooled(state, {one.name for one in kept}))
    if cells.chosen:
        said.append(f"Judged are those {cells.chosen}: {_range(kept)} of those drawn.")
    left_out = [f"{one.name} ({one.share:.0%})" for one in found if not one.in_pool]
    if left_out:
        limit = f"fewer than {cells.at_least:.0%} of those drawn could be judged"
        said.append(f"Out of scope, {limit}: {'; '.join(left_out)}.")
    return " ".join(said)


def _pooled(state: ClaimState, kept: set[str]) -> str:
    """How many cells the decisions that are not of single cells are pooled over."""
    cells = state.body.cells
    assert cells is not None
    sizes = set()
    for decision in state.body.decisions:
        if decision.role is Role.CLAIM:
            of = {cells.of(one) for one in decision.experiments}
            if len(of) > 1 or not decision.name.endswith(tuple(f": {one}" for one in of)):
                sizes.add(len(of & kept))
    if sizes == {len(kept)}:
        return f"Pooled over {len(kept)} cells."
    ends = dict.fromkeys((min(sizes), max(sizes)))
    return f"{len(kept)} cells, of which a decision pools {' to '.join(map(str, ends))}."


def _range(cells: Sequence[Cell]) -> str:
    """The shares judged, of the cell with the smallest and the one with the largest."""
    if not cells:
        return "none"
    shares = sorted(one.share for one in cells)
    if shares[0] == shares[-1]:
        return f"{shares[0]:.0%}"
    lowest = min(cells, key=lambda one: one.share)
    return f"{shares[0]:.0%} ({lowest.name}) to {shares[-1]:.0%}"
