"""Wrong theories that a run must reject: every prediction changed, judged on the same units.

The changes are the kind's (`validate.decisions.kinds`) and the claim's own, and do not depend on
margins: of numbers factors 2 and √2 and their inverses, exponents ± ½ and the sign. A change that
leaves the prediction as it is on these units is no mutant and is left out.

What is certified is what the margins can tell apart, as by resolution controls: a wrong prediction
two margins away is rejected wherever the right one agrees, by arithmetic. That the agreement could
have failed is what experiment controls show, where something else is trained and judged by the
unchanged prediction (`validate.claim.Role`); nothing of that kind is done here.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from validate.claim import Decision, Unit
from validate.decisions.judge import judge
from validate.decisions.rules.base import kind_of
from validate.results.records import Verdict
from validate.run.claim_progress import ClaimState, Options

SAME = 1e-6  # relative, or degrees: closer than this the prediction is unchanged
REQUIRED = 0.95  # share of mutants that a run must reject


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
    """All mutants of a finished claim's predictions, judged on its units.

    A prediction that the measurements do not confirm has none: where it is rejected itself, that
    a wrong one is says nothing, and the wrong one may be right.
    """
    made = []
    for decision in state.body.decisions:
        kind = kind_of(decision.prediction)
        if decision.role.must_fail or not _judged_right(state, decision):
            continue
        units = decision.units(state.units)
        right = [decision.predict(unit) for unit in units]
        for name, wrong in _wrong_predictions(decision, units, right).items():
            if any(kind.distance(a, b) > SAME for a, b in zip(right, wrong, strict=True)):
                level = options.level(decision)
                made.append(_judged(state.claim.id, decision, name, units, (right, wrong), level))
    return made


def _judged_right(state: ClaimState, decision: Decision) -> bool:
    look = state.looks.get(decision.name)
    return look is not None and look.judgement.verdict is Verdict.AGREE


def _wrong_predictions(
    decision: Decision, units: Sequence[Unit], right: Sequence[Any]
) -> dict[str, list[Any]]:
    wrong = {
        name: [change(one) for one in right]
        for name, change in kind_of(decision.prediction).changes().items()
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
    kind = kind_of(decision.prediction)
    outcomes = [
        kind.outcome(one, decision.observe(unit)) for one, unit in zip(wrong, units, strict=True)
    ]
    farthest = max(kind.distance(a, b) for a, b in zip(right, wrong, strict=True))
    judgement = judge(kind.changed_by(farthest), outcomes, level, hints=False)
    reason = judgement.reason
    if judgement.verdict is not Verdict.DISAGREE:
        margin = decision.prediction.margin
        near = [kind.distance(a, b) <= margin for a, b in zip(right, wrong, strict=True)]
        reason = f"not told apart by these data: {reason}"
        if np.mean(near) > 0.5:
            reason = f"closer than the margin to the prediction on {np.mean(near):.0%} of the units"
    return Mutant(claim, decision.name, name, len(units), judgement.verdict, reason)


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
