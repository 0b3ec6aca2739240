"""Cells of a claim in a run: what leaves the pool, and decisions on single cells."""

import dataclasses
import math
from collections.abc import Sequence

from validate.book import level
from validate.claim import BUDGETS, Body, Decision, Role, Unit
from validate.decisions.rules.base import kind_of
from validate.registry import Claim
from validate.trust.registration import RegistrationError, checked

FROM = "standard"  # the budget from which on cells are decided alone
CELL_LOOKS = 2  # the second one has `Kind.patience` times the units of the first
MOST_ROUNDS = 20  # of the first look: a cell with too few units for that has no decision of its own


def planned(claim: Claim, budget: str, alpha: float) -> Body:
    """The body of a claim as a budget decides it.

    Raises:
        RegistrationError: it cannot be trusted, or takes more shares of α than the claim reserves.
    """
    body = at_budget(checked(claim), budget, alpha)
    if body.shares > claim.shares:
        raise RegistrationError(
            f"{claim.id}: at budget {budget} its decisions take {body.shares} shares of α, cells "
            f"included, and it reserves {claim.shares} (shares=…)"
        )
    return body


def at_budget(body: Body, budget: str, alpha: float) -> Body:
    """The body as a budget decides it: from `FROM` on with single cells and with what is left out.

    Args:
        body: as the claim builds it.
        budget, alpha: of the run.
    """
    if body.cells is None or BUDGETS[budget] < BUDGETS[FROM]:
        return body
    alone = [
        one
        for decision in body.decisions
        if decision.role is Role.CLAIM
        for one in _alone(body, decision, budget, alpha)
    ]
    return dataclasses.replace(
        body,
        grid=(*body.grid, *body.cells.as_drawn),
        decisions=(*body.decisions, *alone),
    )


def _alone(body: Body, decision: Decision, budget: str, alpha: float) -> list[Decision]:
    """One decision for every cell, where there are several and they have enough units."""
    assert body.cells is not None
    cells = list(dict.fromkeys(map(body.cells.of, decision.experiments)))
    made = []
    for cell in cells if len(cells) > 1 else ():
        experiments = tuple(e for e in decision.experiments if body.cells.of(e) == cell)
        looks = _looks(decision, experiments, budget, alpha)
        if looks:
            name = f"{decision.name}: {cell}"
            made.append(
                dataclasses.replace(decision, name=name, experiments=experiments, looks=looks)
            )
    return made


def _looks(decision: Decision, experiments: Sequence, budget: str, alpha: float) -> tuple[int, ...]:
    """After how many rounds a cell is looked at; none where that would take too many."""
    kind = kind_of(decision.prediction)
    fewest = kind.fewest_to_decide(level(alpha, CELL_LOOKS), agree=True)
    per_round = BUDGETS[budget] * sum(experiment.block for experiment in experiments)
    first = math.ceil(fewest / per_round)
    if first > MOST_ROUNDS:
        return ()
    return tuple(first * kind.patience**k for k in range(CELL_LOOKS))


def chosen_of(body: Body, units: Sequence[Unit]) -> dict[str, tuple[int, int]]:
    """For every cell of the claim's units how many were judged and how many drawn."""
    if body.cells is None:
        return {}
    right = [d for d in body.decisions if not d.role.must_fail]
    counts: dict[str, tuple[int, int]] = {}
    for unit in units:
        deciding = [d for d in right if unit.experiment in d.experiments]
        if deciding:
            cell = body.cells.of(unit.experiment)
            judged, drawn = counts.get(cell, (0, 0))
            taken = int(any(d.judged(unit) for d in deciding))
            counts[cell] = judged + taken, drawn + body.cells.drawn(unit)
    return counts


def out_of_scope(body: Body, units: Sequence[Unit]) -> set[str]:
    """Cells in which too few of those drawn were chosen."""
    if body.cells is None or not body.cells.chosen:
        return set()
    return {
        cell
        for cell, (judged, drawn) in chosen_of(body, units).items()
        if judged < body.cells.at_least * drawn
    }


def pool(body: Body, units: Sequence[Unit]) -> list[Unit]:
    """The units that are judged: not those that nobody chose, nor those of cells out of scope.

    Those of experiments that are wrong on purpose are in no cell and always there.

    How many are drawn until one is chosen says nothing of what training makes of it, so that
    leaving out cells by it leaves intervals valid.
    """
    if body.cells is None:
        return list(units)
    left_out = out_of_scope(body, [u for u in units if u.experiment not in body.cells.as_drawn])
    return [
        unit
        for unit in units
        if unit.experiment in body.for_controls
        or (
            unit.experiment not in body.cells.as_drawn
            and body.cells.of(unit.experiment) not in left_out
        )
    ]
