"""The book of α: equal shares, so that no claim changes what another is judged by."""

import dataclasses

import numpy as np
import pytest
import sympy

from tests.validate import toy
from tests.validate.run.test_runner import run
from theory.prediction import Identity
from validate import registry
from validate.book import ALPHA, SHARES, USUAL, BookError, level, reserve
from validate.claim import Role, planned_units
from validate.decisions.rules.base import kind_of
from validate.decisions.sample import summary
from validate.declared import Declaration
from validate.registry import Claim, add, claims
from validate.trust.registration import RegistrationError, check

WORDLESS = {"title": "", "source": "", "statement": ""}


@pytest.fixture
def register() -> dict[str, Claim]:
    """All claims, to which a test may add."""
    return {one.id: one for one in claims()}


def dummies(decisions: int, each: int) -> list[Claim]:
    """Claims with so many decisions in all; to build one is an error."""

    def build():
        raise AssertionError("nobody asked for this claim")

    made = [toy.claim(f"dummy.{k}") for k in range(decisions // each)]
    return [dataclasses.replace(one, build=build, shares=each) for one in made]


@pytest.fixture
def forget_claims():
    yield
    claims.cache_clear()


def test_sixty_more_decisions_change_nothing(tmp_path, forget_claims, monkeypatch):
    """Nor is one of them built."""
    chosen = (toy.claim("toy.a"), toy.claim("toy.b", rate=0.04), toy.claim("toy.c", rate=0.5))
    before = run(tmp_path / "before", *chosen)
    declared = [
        Declaration("claim", one.id, {**WORDLESS, "shares": one.shares}, one.build)
        for one in dummies(60, 12)
    ]
    before_them = registry._declared()
    monkeypatch.setattr(registry, "_declared", lambda: (*before_them, *declared))
    claims.cache_clear()
    assert sum(one.family == "dummy" for one in claims()) == 5
    after = run(tmp_path / "after", *chosen)
    for one, other in zip(before.claims, after.claims, strict=True):
        assert one.model_copy(update={"seconds": 0}) == other.model_copy(update={"seconds": 0})
    assert {o.alpha for c in after.claims for o in c.observations} == {ALPHA / 1000 / 3}
    assert (after.run.decisions, after.run.shares) == (6, SHARES)


def test_share_1001_is_refused(register):
    left = SHARES - sum(one.shares for one in register.values())
    assert left > 0
    whole, one_more = dummies(left, left) + dummies(1, 1)
    add(register, dataclasses.replace(whole, id="toy.last"))
    with pytest.raises(BookError, match=r"^claim toy.more: .* shares 1,001 to 1,001 .* 1,000$"):
        add(register, dataclasses.replace(one_more, id="toy.more"))
    assert "toy.more" not in register


def test_a_claim_takes_no_more_shares_than_it_reserves():
    body = toy.body(positive_rate=0.0)
    check(dataclasses.replace(toy.claim(), shares=3), body)
    with pytest.raises(RegistrationError, match=r"take 3 shares of α, and it reserves 2"):
        check(dataclasses.replace(toy.claim(), shares=2), body)
    with pytest.raises(BookError, match="at least 1"):
        reserve("claim toy.none", 0, 0)


def test_an_exact_equality_takes_none():
    body = toy.body()
    main, *others = body.decisions
    exact = Identity(sympy.Symbol("N"), (), (), 0.0, "counts are exact")
    body = dataclasses.replace(
        body, decisions=(dataclasses.replace(main, prediction=exact), *others)
    )
    assert (len(body.decisions), body.shares) == (2, 1)


def test_the_shares_of_all_decisions_are_alpha():
    assert SHARES * 4 * level(0.02, looks=4) == pytest.approx(0.02)
    assert sum(one.shares for one in claims()) <= SHARES
    assert {one.id: one.shares for one in claims()}["condensation.line-digits"] == USUAL


@pytest.mark.parametrize("registered", claims(), ids=lambda c: c.id)
def test_every_planned_look_has_units_enough_to_decide(registered: Claim):
    """As many as the level of a look needs where all outcomes are alike."""
    for decision in check(registered, registered.build()).decisions:
        kind, at = kind_of(decision.prediction), level(ALPHA, len(decision.looks))
        fewest = kind.fewest_to_decide(at, agree=not decision.role.must_fail)
        if registered.may_disagree and decision.role is Role.CLAIM:
            fewest = min(fewest, kind.fewest_to_decide(at, agree=False))
        assert planned_units(decision, registered.tier)[0] >= fewest, decision.name


@pytest.mark.parametrize("agree", [True, False])
def test_with_fewer_units_no_look_decides(agree: bool):
    kind, at = kind_of(toy.bound()), level(ALPHA, 2)
    fewest = kind.fewest_to_decide(at, agree)
    for n, decided in ((fewest - 1, False), (fewest, True)):
        ruling = kind.rule(sample([0.0 if agree else 1.0] * n), at)
        assert bool(ruling.verdict[0] == (1 if agree else -1)) is decided


def sample(outcomes):
    return summary(np.reshape(outcomes, (1, -1, 1)))
