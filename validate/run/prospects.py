"""What each decision of a claim can reach with its planned units, before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass

from validate.claim import Body, Decision, Role, planned_units
from validate.decisions.rules.base import kind_of
from validate.run.claim_progress import Options

OUT_OF_REACH = "out of reach"


@dataclass(frozen=True)
class Prospect:
    """A decision before its run.

    Attributes:
        name, role: of the decision.
        looks: units at each look, before any is left out as not to be judged.
        fewest_to_agree, fewest_to_disagree: units below which no outcomes give that verdict at the
            level of a look.
        wanted: AGREE, or DISAGREE of controls that must fail.
        power: until when the last look gives the wanted verdict nearly surely, in words, or that
            there are too few units for it; empty if not told.
    """

    name: str
    role: str
    looks: tuple[int, ...]
    fewest_to_agree: int
    fewest_to_disagree: int
    wanted: str
    power: str

    @property
    def in_reach(self) -> bool:
        """Whether the planned units are enough for the wanted verdict."""
        agree = self.wanted == "AGREE"
        return self.looks[-1] >= (self.fewest_to_agree if agree else self.fewest_to_disagree)


def prospects(body: Body, options: Options) -> tuple[Prospect, ...]:
    """Those of all decisions of a claim's body, as the run's budget plans them."""
    return tuple(_prospect(decision, options) for decision in body.decisions)


def _prospect(decision: Decision, options: Options) -> Prospect:
    kind, level = kind_of(decision.prediction), options.level(decision)
    agree = not decision.role.must_fail
    looks = planned_units(decision, options.budget)
    to_agree, to_disagree = (
        kind.fewest_to_decide(level, agree=one) if decision.takes_share else 1
        for one in (True, False)
    )
    last, (needed, other) = looks[-1], (to_agree, to_disagree) if agree else (to_disagree, to_agree)
    power = OUT_OF_REACH + (", the opposite is not" if last >= other else "")
    if last >= needed:
        # how far a control of another experiment is off is what is measured
        distance = decision.distance if decision.role is Role.RESOLUTION else None
        power = kind.power(last, level, agree, distance)
    wanted = "AGREE" if agree else "DISAGREE"
    return Prospect(decision.name, str(decision.role), looks, to_agree, to_disagree, wanted, power)


def rows(found: Sequence[Prospect]) -> list[tuple[str, ...]]:
    """Name and role, units at looks, fewest units to agree and to disagree, power: for people."""
    told = []
    for one in found:
        role = "" if one.role == str(Role.CLAIM) else f" ({one.role} control)"
        looks = ", ".join(map(str, one.looks))
        fewest = f"{one.fewest_to_agree}, {one.fewest_to_disagree}"
        power = f"{one.wanted}: {one.power}" if one.power else one.wanted
        told.append((f"{one.name}{role}", looks, fewest, power))
    return told


def sentences(found: Sequence[Prospect]) -> list[str]:
    """The same, one line a decision."""
    return [
        f"{name}; looks at {looks} units; fewest to agree, to disagree: {fewest}; {power}"
        for name, looks, fewest, power in rows(found)
    ]
