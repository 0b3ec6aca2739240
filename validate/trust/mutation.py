"""Wrong theories that a run must reject: every prediction changed, judged on the same units.

The changes do not depend on margins: factors 2 and √2 and their inverses, exponents ± ½, the
sign, and for orientations one removed and one added and the other geometry. A change that
leaves the prediction as it is on these units is no mutant and is left out.
"""

import dataclasses
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from theory.prediction import (
    Bound,
    Count,
    CountedShares,
    Orientations,
    Prediction,
    Shares,
)
from validate.claim import Decision, Role, Unit
from validate.decisions.direction_sets import Directed, distance_to, set_distance
from validate.decisions.judge import judge, outcome
from validate.results.records import Verdict
from validate.run.claim_progress import ClaimState, Options

FACTORS = {"× 2": 2.0, "× √2": math.sqrt(2), "÷ √2": 1 / math.sqrt(2), "÷ 2": 0.5}
EXPONENTS = {"exponent + ½": 1.5, "exponent − ½": 0.5}
SAME = 1e-6  # relative, or degrees: closer than this the prediction is unchanged
REQUIRED = 0.95  # share of mutants that a run must reject

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Mutant:
    """One wrong prediction and what the measurements say of it.

    Attributes:
        claim, decision: whose prediction was changed.
        change: how.
        n: units it was judged on.
        verdict: by the decision's own rule and level.
        reason: for a survivor, why it was not rejected; else the rejecting sentence.
    """

    claim: str
    decision: str
    change: str
    n: int
    verdict: Verdict
    reason: str

    @property
    def rejected(self) -> bool:
        return self.verdict is Verdict.DISAGREE


def mutants(state: ClaimState, options: Options) -> list[Mutant]:
    """All mutants of a finished claim's true predictions, judged on its units.

    A count that the measurements did not confirm has none: one more or less may be the truth.
    """
    made = []
    for decision in state.body.decisions:
        if decision.role is Role.NEGATIVE or _unconfirmed_count(state, decision):
            continue
        units = decision.units(state.units)
        right = [decision.predict(unit) for unit in units]
        for name, wrong in _wrong_predictions(decision, units, right).items():
            if any(_differ(a, b) > SAME for a, b in zip(right, wrong, strict=True)):
                level = options.level(decision)
                made.append(_judged(state.claim.id, decision, name, units, (right, wrong), level))
    return made


def _unconfirmed_count(state: ClaimState, decision: Decision) -> bool:
    if not isinstance(decision.prediction, Count):
        return False
    look = state.looks.get(decision.name)
    return look is None or look.judgement.verdict is not Verdict.AGREE


def _wrong_predictions(
    decision: Decision, units: Sequence[Unit], right: Sequence[Any]
) -> dict[str, list[Any]]:
    wrong = {
        name: [change(one) for one in right]
        for name, change in changes(decision.prediction).items()
    }
    return wrong | {
        name: [predict(unit) for unit in units] for name, predict in decision.mutants.items()
    }


def _judged(
    claim: str,
    decision: Decision,
    name: str,
    units: Sequence[Unit],
    predictions: tuple[Sequence[Any], Sequence[Any]],
    level: float,
) -> Mutant:
    right, wrong = predictions
    outcomes = [
        outcome(decision.prediction, one, decision.observe(unit))
        for one, unit in zip(wrong, units, strict=True)
    ]
    judgement = judge(decision.prediction, outcomes, level)
    reason = judgement.reason
    if judgement.verdict is not Verdict.DISAGREE:
        margin = decision.prediction.margin
        near = [_differ(a, b) <= margin for a, b in zip(right, wrong, strict=True)]
        reason = f"not told apart by these data: {reason}"
        if np.mean(near) > 0.5:
            reason = f"closer than the margin to the prediction on {np.mean(near):.0%} of the units"
    return Mutant(claim, decision.name, name, len(units), judgement.verdict, reason)


@singledispatch
def changes(prediction: Prediction) -> dict[str, Change]:
    """Changes of a predicted number (or array of numbers), by name."""
    scaled = {name: lambda value, f=f: value * f for name, f in FACTORS.items()}
    powers = {
        name: lambda value, e=e: np.sign(value) * np.abs(value) ** e
        for name, e in EXPONENTS.items()
    }
    return scaled | powers | {"sign": lambda value: -value}


@changes.register
def _(prediction: Bound) -> dict[str, Change]:
    """Bounds are changed downward only: a weaker bound follows from a true one."""
    return {
        "÷ √2": lambda value: value / math.sqrt(2),
        "÷ 2": lambda value: value / 2,
        "exponent − ½": lambda value: math.sqrt(value),
        "sign": lambda value: -value,
    }


@changes.register
def _(prediction: Orientations) -> dict[str, Change]:
    """Factors act on the bias, exponents on every component of the direction."""
    by_member: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        f"bias {name}": lambda u, f=f: np.append(u[:-1], f * u[-1]) for name, f in FACTORS.items()
    }
    by_member |= {name: lambda u, e=e: np.sign(u) * np.abs(u) ** e for name, e in EXPONENTS.items()}
    made: dict[str, Change] = {
        name: lambda found, turn=turn: tuple(_turned(one, turn) for one in found)
        for name, turn in by_member.items()
    }
    made["sign"] = lambda found: tuple(Directed(one.direction, -one.sign) for one in found)
    made["one removed"] = lambda found: tuple(found[1:])
    made["one added"] = _with_one_more
    return made


@changes.register
def _(prediction: Count) -> dict[str, Change]:
    return {"one more": lambda number: number + 1, "one fewer": lambda number: number - 1}


@changes.register(Shares)
@changes.register(CountedShares)
def _(prediction: Prediction) -> dict[str, Change]:
    """Other divisions of the same whole."""
    return {
        "next in turn": lambda found: (*found[1:], found[0]),
        "equal shares": lambda found: (1 / len(found),) * len(found),
        "squares": lambda found: tuple(v * v / sum(u * u for u in found) for v in found),
    }


def _turned(one: Directed, turn: Callable[[np.ndarray], np.ndarray]) -> Directed:
    u = turn(np.array(one.direction))
    return Directed(tuple((u / np.linalg.norm(u)).tolist()), one.sign)


def _with_one_more(found: Sequence[Directed]) -> tuple[Directed, ...]:
    """One more orientation, on the coordinate axis that is farthest from the others."""
    dimension = len(found[0].direction)
    axes = [
        Directed(tuple((direction * np.eye(dimension)[axis]).tolist()), sign)
        for axis in range(dimension)
        for direction in (1.0, -1.0)
        for sign in (1, -1)
        if any(one.sign == sign for one in found)
    ]
    return (*found, max(axes, key=lambda axis: distance_to(axis, found)))


def _differ(first: Any, second: Any) -> float:
    """How far two predicted values are apart, in the unit of the prediction's margin."""
    if isinstance(first, tuple) and (not first or isinstance(first[0], Directed)):
        return set_distance(first, second)
    return float(np.max(np.abs(np.asarray(first) - np.asarray(second))))


def to_json(made: Sequence[Mutant]) -> str:
    """All mutants with the share rejected by claim and in all."""
    by_claim = {claim: [m for m in made if m.claim == claim] for claim in _claims(made)}
    record = {
        "rejected": rejected_share(made),
        "by_claim": {claim: rejected_share(members) for claim, members in by_claim.items()},
        "mutants": [{**dataclasses.asdict(m), "rejected": m.rejected} for m in made],
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _claims(made: Sequence[Mutant]) -> list[str]:
    return list(dict.fromkeys(mutant.claim for mutant in made))


def rejected_share(made: Sequence[Mutant]) -> float:
    """Share of mutants that the measurements reject."""
    return sum(mutant.rejected for mutant in made) / len(made) if made else 1.0
