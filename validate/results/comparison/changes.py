"""What differs between two runs, as records and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence

from validate.results.demands import reason
from validate.results.records import (
    ClaimResult,
    Observation,
    Record,
    RegimeCheck,
    Results,
    Run,
    Verdict,
)

ROUNDING = 1e-4  # of the largest number of a decision: what changes by less is told as the same
SETTINGS = ("seed", "budget", "alpha", "device")


class ChangedVerdict(Record):
    """A claim whose verdict differs, with both reasons."""

    claim: str
    before: Verdict
    after: Verdict
    reason_before: str
    reason_after: str


class Decided(Record):
    """What a decision predicted, measured and ended with; ``expected`` as of an `Observation`."""

    verdict: Verdict
    predicted: str
    expected: tuple[float, ...] = ()
    point: int = 0
    margin: float
    measured: float | None
    interval: tuple[float, float] | None
    unit: str
    n: int


class ChangedDecision(Record):
    """A decision or control that differs in more than rounding.

    Attributes:
        role: "claim", or that of a control.
        before, after: None where only the other run has it.
        overlap: whether the intervals have a value in common; None where there are not two,
            or where they were measured at different points of a curve.
    """

    claim: str
    decision: str
    role: str
    before: Decided | None
    after: Decided | None
    overlap: bool | None

    @property
    def other_verdict(self) -> bool:
        """Whether both runs have it, with different verdicts."""
        if self.before is None or self.after is None:
            return False
        return self.before.verdict is not self.after.verdict

    @property
    def other_prediction(self) -> bool:
        """Whether both runs have it, with different predictions or margins."""
        if self.before is None or self.after is None:
            return False
        declared = [(one.predicted, one.margin, one.unit) for one in (self.before, self.after)]
        return declared[0] != declared[1] or _other_numbers(self.before, self.after)


class Changed(Record):
    """A setting or a version that differs; None where a run does not have it."""

    name: str
    before: str | None
    after: str | None


class Comparison(Record):
    """What differs between a run and a later one.

    Attributes:
        same_verdicts: claims of both runs whose verdict is the same.
        only_before, only_after: claims of one run alone.
        verdicts: of claims, where they differ.
        decisions: of claims of both runs, where they differ in more than rounding.
        claims: what claims of both runs say, and what was required and measured of their
            assumptions, where it differs in more than rounding.
        settings: seed, budget, α, device, failed blocks, the hash of the experiments' settings.
        versions: of libraries, of Python and of the compiler.
        code: the digest of the code that measures, and its name.
    """

    same_verdicts: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    verdicts: tuple[ChangedVerdict, ...]
    decisions: tuple[ChangedDecision, ...]
    claims: tuple[Changed, ...] = ()
    settings: tuple[Changed, ...]
    versions: tuple[Changed, ...]
    code: Changed | None

    @property
    def nothing(self) -> bool:
        """Whether nothing differs."""
        lists = (self.only_before, self.only_after, self.verdicts, self.decisions, self.claims)
        return not any((*lists, self.settings, self.versions, self.code))

    @property
    def other_verdict(self) -> bool:
        """Whether a claim or a decision of both runs has another verdict."""
        return bool(self.verdicts) or any(one.other_verdict for one in self.decisions)

    @property
    def apart(self) -> int:
        """How many decisions have intervals without a common value."""
        return sum(one.overlap is False for one in self.decisions)

    @property
    def overlapping(self) -> int:
        """How many decisions have other intervals that still overlap."""
        return sum(one.overlap is True for one in self.decisions)

    def to_json(self) -> str:
        """The record, with ``nothing_changed`` first."""
        data = {"schema": 1, "nothing_changed": self.nothing, **self.model_dump(mode="json")}
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def compare(before: Results, after: Results) -> Comparison:
    """What differs between two runs; seconds, figures and words alone do not count."""
    old = {claim.id: claim for claim in before.claims}
    new = {claim.id: claim for claim in after.claims}
    pairs = [(old[id], claim) for id, claim in new.items() if id in old]
    runs = (before.run, after.run)
    return Comparison(
        same_verdicts=sum(a.verdict is b.verdict for a, b in pairs),
        only_before=tuple(id for id in old if id not in new),
        only_after=tuple(id for id in new if id not in old),
        verdicts=tuple(_verdict(a, b) for a, b in pairs if a.verdict is not b.verdict),
        decisions=tuple(one for a, b in pairs for one in _decisions(a, b)),
        claims=tuple(one for a, b in pairs for one in _told(a, b)),
        settings=_differing(*map(_settings, runs)),
        versions=_differing(*(run.versions for run in runs)),
        code=next(iter(_differing(*({"code digest": run.code} for run in runs))), None),
    )


def _verdict(before: ClaimResult, after: ClaimResult) -> ChangedVerdict:
    return ChangedVerdict(
        claim=after.id,
        before=before.verdict,
        after=after.verdict,
        reason_before=reason(before),
        reason_after=reason(after),
    )


def _settings(run: Run) -> dict[str, str]:
    found = {name: getattr(run, name) for name in SETTINGS}
    told = {name: f"{value:g}" if name == "alpha" else str(value) for name, value in found.items()}
    return {**told, "settings hash": run.settings_hash, "failed blocks": str(run.failed)}


def _told(before: ClaimResult, after: ClaimResult) -> Iterator[Changed]:
    """What a claim says and what its assumptions came to."""
    old, new = ({one.name: one for one in claim.regime} for claim in (before, after))
    for name in dict.fromkeys((*old, *new)):
        a, b = old.get(name), new.get(name)
        if a is None or b is None or not _same(a, b):
            yield Changed(name=f"{after.id}, {name}", before=_regime(a), after=_regime(b))
    if before.statement != after.statement:
        name = f"{after.id}, statement"
        yield Changed(name=name, before=before.statement, after=after.statement)


def _same(a: RegimeCheck, b: RegimeCheck) -> bool:
    alike = (a.required, a.ok) == (b.required, b.ok)
    return alike and _close(a.value, b.value, max(abs(a.value), abs(b.value)))


def _regime(one: RegimeCheck | None) -> str | None:
    return None if one is None else f"{one.value:.4g}, required {one.required}"


def _close(before: float, after: float, scale: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    return before == after or abs(before - after) <= ROUNDING * scale


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Changed, ...]:
    names = dict.fromkeys((*before, *after))
    return tuple(
        Changed(name=name, before=before.get(name), after=after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def _by_name(claim: ClaimResult) -> dict[tuple[str, str], Observation]:
    controls = {(one.name, str(one.role)): one for one in claim.controls}
    return {**{(one.name, "claim"): one for one in claim.observations}, **controls}


def _decisions(before: ClaimResult, after: ClaimResult) -> Iterator[ChangedDecision]:
    old, new = _by_name(before), _by_name(after)
    for name, role in dict.fromkeys((*new, *old)):
        a, b = old.get((name, role)), new.get((name, role))
        if a is None or b is None or _differ(a, b):
            yield ChangedDecision(
                claim=after.id,
                decision=name,
                role=role,
                before=_decided(a),
                after=_decided(b),
                overlap=_overlap(a, b),
            )


def _decided(one: Observation | None) -> Decided | None:
    if one is None:
        return None
    return Decided(**{name: getattr(one, name) for name in Decided.model_fields})


def _differ(before: Observation, after: Observation) -> bool:
    """Whether measured value or interval differ in more than rounding, or anything else at all.

    The margin counts as one of a decision's numbers, so that values of rounding alone are equal
    beside a tolerance that they are far below.
    """
    exact = ("verdict", "predicted", "margin", "unit", "n")
    if any(getattr(before, name) != getattr(after, name) for name in exact):
        return True
    if _other_numbers(before, after):
        return True
    old, new = _numbers(before), _numbers(after)
    if len(old) != len(new):
        return True
    in_unit = [abs(o.margin) for o in (before, after) if o.margin_unit in ("", o.unit)]
    scale = max((*map(abs, old), *map(abs, new), *in_unit), default=0.0)
    return not all(_close(a, b, scale) for a, b in zip(old, new, strict=True))


def _other_numbers(before: "Observation | Decided", after: "Observation | Decided") -> bool:
    """Whether the predicted numbers differ in more than rounding; older files tell none."""
    old, new = before.expected, after.expected
    if not (old and new):
        return False
    if len(old) != len(new):
        return True
    scale = max(map(abs, (*old, *new)))
    return not all(_close(a, b, scale) for a, b in zip(old, new, strict=True))


def _numbers(one: Observation) -> Sequence[float]:
    measured = () if one.measured is None else (one.measured,)
    return (*measured, *(one.interval or ()))


def _overlap(before: Observation | None, after: Observation | None) -> bool | None:
    if before is None or after is None or before.unit != after.unit:
        return None
    if before.expected and after.expected and before.point != after.point:
        return None
    old, new = before.interval, after.interval
    if old is None or new is None:
        return None
    return max(old[0], new[0]) <= min(old[1], new[1])
