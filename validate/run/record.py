"""From the looks at a claim's decisions to its result record."""

import dataclasses
import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy

from sim.engine.fingerprint import combined
from theory.prediction import Prediction, Step
from theory.symbolic.expression import dump
from validate.book import SHARES
from validate.claim import Decision, Outcome, Regime, Role, Unit, planned_units
from validate.decisions.judge import combine
from validate.decisions.rules.base import kind_of
from validate.registry import Claim, Family, affordable, claims, families
from validate.results.demands import decisive
from validate.results.records import (
    ClaimResult,
    Control,
    DerivationStep,
    Observation,
    Part,
    Reading,
    RegimeCheck,
    Results,
    Run,
    SymbolRow,
    Verdict,
)
from validate.run.claim_progress import ClaimState, Options
from validate.run.judged import Judged
from validate.run.record_cells import cell_records, selection
from validate.run.versions import versions

FEW = 3  # decisions whose results are told together


def claim_result(state: ClaimState, options: Options, seconds: float) -> ClaimResult:
    """The record of a finished claim: its verdict follows from decisions, regime and controls."""
    claim, body = state.claim, state.body
    common: dict[str, Any] = {
        "id": claim.id,
        "title": claim.title,
        "source": claim.source,
        "tier": claim.tier,
        "statement": claim.statement,
        "seconds": round(seconds, 2),
        "readings": tuple(Reading(**dataclasses.asdict(one)) for one in claim.readings),
        "reproduce": f"python -m validate run {claim.id} --seed {options.seed}"
        f" --budget {options.budget} --alpha {options.alpha:g}{_from_file(claim)}",
    }
    if state.error is not None:
        return ClaimResult(verdict=Verdict.ERROR, reason=state.error, **common)
    cells = cell_records(state)
    common |= {"cells": cells, "selection": selection(state, cells)}
    if cells and not any(one.in_pool for one in cells):
        return ClaimResult(verdict=Verdict.OUT_OF_SCOPE, reason=common["selection"], **common)
    left_out = tuple(f": {one.name}" for one in cells if not one.in_pool)  # decided alone
    units, of_controls = body.split(state.units)
    regime = _regime(body.regime, units)
    observations = [
        Observation(**_observed(state, options, d))
        for d in body.decisions
        if d.role is Role.CLAIM and not d.name.endswith(left_out)
    ]
    controls = []
    if all(entry.ok for entry in regime):
        controls = [_control(state, options, d) for d in body.decisions if d.role is not Role.CLAIM]
    verdict, reason = _verdict(observations, controls, regime)
    figures = body.figures(Outcome(verdict, units, observations, controls, of_controls))
    predictions = [d.prediction for d in body.decisions if d.role is Role.CLAIM]
    return ClaimResult(
        verdict=verdict,
        reason=reason,
        disagrees_with=claim.contradicts if verdict is Verdict.DISAGREE else None,
        observations=tuple(observations),
        controls=tuple(controls),
        regime=tuple(regime),
        derivation=derivation_steps(body.derivation()),
        symbols=_symbols(predictions),
        assumptions=tuple(dict.fromkeys(a for p in predictions for a in p.assumptions)),
        references=body.references,
        figures=tuple(figures),
        tables=tuple(body.tables(units)),
        notes=tuple(body.notes(units)),
        **common,
    )


def _from_file(claim: Claim) -> str:
    return f" --claims {shlex.quote(claim.file)}" if claim.file else ""


def _verdict(
    observations: Sequence[Observation], controls: Sequence[Control], regime: Sequence[RegimeCheck]
) -> tuple[Verdict, str]:
    for entry in regime:
        if not entry.ok:
            reason = f"{entry.name} is {entry.value:.3g}, required {entry.required}"
            return Verdict.OUT_OF_SCOPE, reason + _measured(observations)
    verdict = combine([o.verdict for o in observations])
    told = decisive(observations, verdict)
    assert told is not None  # a claim has decisions
    failed = [c for c in controls if not c.as_required]
    if failed and verdict is not Verdict.ERROR:
        names = "; ".join(f"{c.role} control '{c.name}' came out {c.verdict}" for c in failed)
        return Verdict.INCONCLUSIVE, f"this experiment could not have told: {names}"
    return verdict, _named(told, observations)


def _measured(observations: Sequence[Observation]) -> str:
    """What was measured beyond the theory's scope: of a few decisions all, else the decisive."""
    if not observations:
        return ""
    one = decisive(observations, combine([one.verdict for one in observations]))
    assert one is not None  # there are some
    told = _named(one, observations)
    if len(observations) <= FEW:
        told = "; ".join(f"{one.name}: {one.reason}" for one in observations)
    return f". Measured there: {told}"


def _named(told: Observation, observations: Sequence[Observation]) -> str:
    """The decisive reason; of several decisions it says which and how many are like it."""
    if len(observations) == 1:
        return told.reason
    like = sum(o.verdict is told.verdict for o in observations)
    nearest = ", this one nearest to failing" if told.verdict is Verdict.AGREE else ""
    counted = f"{told.verdict} in {like} of {len(observations)} decisions"
    return f"{told.name}: {told.reason} ({counted}{nearest})"


def _observed(state: ClaimState, options: Options, decision: Decision) -> dict[str, Any]:
    look, prediction = state.looks[decision.name], decision.prediction
    judgement = look.judgement
    return {
        "name": decision.name,
        "kind": type(prediction).__name__,
        "predicted": str(prediction.formula),
        "expected": kind_of(prediction).expected,
        "point": judgement.point,
        "measured": judgement.measured,
        "interval": judgement.interval,
        "unit": judgement.unit,
        "margin": prediction.margin,
        "margin_reason": prediction.margin_reason,
        "margin_unit": prediction.unit,
        "formula": dump(prediction.formula),
        "n": judgement.n,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "would_change": kind_of(prediction).would_change(judgement.n, options.level(decision)),
        "alpha": options.level(decision),
        "looks": planned_units(decision, options.budget),
        "looks_used": look.used,
        "stopped": "plan ended" if judgement.verdict is Verdict.INCONCLUSIVE else "decided",
        "tightest": judgement.tightest,
    }


def _control(state: ClaimState, options: Options, decision: Decision) -> Control:
    observed = _observed(state, options, decision)
    rejected = observed["verdict"] is Verdict.DISAGREE
    wanted = Verdict.DISAGREE if decision.role.must_fail else Verdict.AGREE
    return Control(
        role=str(decision.role),  # type: ignore[arg-type]
        rejected=rejected,
        as_required=observed["verdict"] is wanted,
        **observed,
    )


def derivation_steps(steps: Sequence[Step]) -> tuple[DerivationStep, ...]:
    """Steps of a theory as records."""
    return tuple(DerivationStep(text=step.text, **_formula(step.formula)) for step in steps)


def _regime(checked: Sequence[Regime], units: Sequence[Unit]) -> list[RegimeCheck]:
    checks = []
    for regime in checked:
        value = float(regime.measure(units))
        checks.append(
            RegimeCheck(
                name=regime.name, value=value, required=regime.required, ok=regime.holds(value)
            )
        )
    return checks


def _formula(formula: sympy.Basic | None) -> dict[str, str | None]:
    if formula is None:
        return {"formula": None, "latex": None}
    return {"formula": dump(formula), "latex": sympy.latex(formula)}


def _symbols(predictions: Sequence[Prediction]) -> tuple[SymbolRow, ...]:
    table = {str(row.symbol): row for p in predictions for row in p.symbols}
    return tuple(
        SymbolRow(
            formula=dump(row.symbol),
            latex=sympy.latex(row.symbol),
            meaning=row.meaning,
            unit=row.unit,
        )
        for row in table.values()
    )


def parts(
    chosen: Sequence[Claim], families: Sequence[Family], registered: Sequence[Claim]
) -> tuple[Part, ...]:
    """Records of the families of the chosen claims."""
    words = {claim.family for claim in chosen}
    return tuple(
        Part(
            id=one.id,
            title=one.title,
            text=one.text,
            sentence=one.sentence,
            source=one.source,
            claims=tuple(claim.id for claim in registered if claim.family == one.id),
        )
        for one in families
        if one.id in words
    )


def run_result(
    chosen: Sequence[Claim], judged: Mapping[str, Judged], options: Options, **counted: Any
) -> Results:
    """The record of a run.

    Args:
        chosen: the claims, in reading order.
        judged: what each of them gave, by id.
        options: of the run.
        counted: the other fields of `Run`: when it was, how long it took, its blocks.
    """
    gave = [judged[claim.id] for claim in chosen]
    run = Run(
        seed=options.seed,
        alpha=options.alpha,
        decisions=sum(one.shares for one in gave),
        shares=SHARES,
        budget=options.budget,
        device=options.device,
        versions=versions(),
        code=combined([code for one in gave for code in one.code]),
        settings_hash=settings_digest(one.settings for one in gave),
        everything={*chosen} == {*affordable(claims(), options.budget)},
        **counted,
    )
    return Results(
        run=run,
        claims=tuple(one.result for one in gave),
        parts=parts(
            chosen,
            (*families(), *_outside(chosen, judged, options)),
            (*claims(), *(claim for claim in chosen if claim.about is not None)),
        ),
    )


def _outside(
    chosen: Sequence[Claim], judged: Mapping[str, Judged], options: Options
) -> list[Family]:
    """The families of claims from outside, with a sentence on their book."""
    shares: Counter[Family] = Counter()
    for claim in chosen:
        if claim.about is not None:
            shares[claim.about] += judged[claim.id].shares
    where = {claim.about: claim.file or "an installed package" for claim in chosen}
    return [
        dataclasses.replace(
            one,
            text=f"{one.text} These claims come from {where[one]}. They have a book of their own, "
            f"apart from that of the claims of theorycheck: of its α = {options.alpha:g} in "
            f"{SHARES:,} shares their decisions take {count}.".strip(),
        )
        for one, count in shares.items()
    ]


def settings_digest(settings: Iterable[list[Any]]) -> str:
    """Hash (16 hex digits) of the claims' `settings_of`, whatever their order."""
    content = sorted(settings, key=lambda one: one[0])
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def units_hash(units: Sequence[Unit]) -> str:
    """Hash of the settings behind a figure's units."""
    settings = sorted({u.experiment.settings_hash() for u in units})
    return hashlib.sha256(" ".join(settings).encode()).hexdigest()[:12]
