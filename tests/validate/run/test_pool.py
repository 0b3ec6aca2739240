"""Cells of a claim: which of them are in the pool, which decide alone, what is said of them."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import pytest

from tests.validate import toy
from validate.cells import Cells
from validate.claim import Regime, Unit
from validate.decisions.judge import judge, outcome
from validate.decisions.rules.means import Equivalence
from validate.registry import claims
from validate.run.claim_progress import ClaimState, Look, Options
from validate.run.pool import at_budget, chosen_of, out_of_scope, planned, pool
from validate.run.record import claim_result
from validate.trust.registration import RegistrationError


@dataclass(frozen=True)
class OddCoins(toy.Coins):
    """Coins that nobody chose."""

    name: ClassVar[str] = "toy coins as drawn"


FAIR, OTHER = toy.Coins(block=50), toy.Coins(rate=1e-9, block=50)
RARE = toy.Coins(rate=1e-8, block=50)  # drawn four times as often as they are chosen
ANYHOW = OddCoins(block=5)
NAMES = {FAIR: "fair", OTHER: "other", RARE: "rare", ANYHOW: "other"}


def cells(**changes) -> Cells:
    return Cells(
        **{
            "of": lambda experiment: NAMES[experiment],
            "drawn": lambda unit: 4 if unit.experiment == RARE else 1,
            "chosen": "coins that are round",
            "as_drawn": (ANYHOW,),
            "would_choose": lambda unit: unit.replicate % 2 == 0,
            **changes,
        }
    )


def body(**changes):
    made = toy.body()
    main, control = made.decisions
    pooled = dataclasses.replace(main, experiments=(FAIR, OTHER, RARE))
    return dataclasses.replace(
        made,
        grid=(FAIR, OTHER, RARE, *control.experiments),
        decisions=(pooled, control),
        regime=(),
        cells=cells(**changes),
    )


def units(experiment, outcomes) -> list[Unit]:
    return [Unit(experiment, 0, k, {"count": one}) for k, one in enumerate(outcomes)]


EVERY = [
    *units(FAIR, [0, 0, 0, 0]),
    *units(OTHER, [0, 1]),
    *units(RARE, [1, 1, 1]),
    *units(ANYHOW, [0, 1, 0, 1]),
]


def test_a_cell_of_which_too_few_are_chosen_leaves_the_pool_alone():
    made = body()
    assert chosen_of(made, EVERY[:9]) == {"fair": (4, 4), "other": (2, 2), "rare": (3, 12)}
    assert out_of_scope(made, EVERY[:9]) == {"rare"}
    assert {unit.experiment for unit in pool(made, EVERY)} == {FAIR, OTHER}
    assert out_of_scope(body(at_least=0.25), EVERY[:9]) == set()
    assert out_of_scope(body(chosen=""), EVERY[:9]) == set()


def with_wrong_experiment():
    """The body with a control on coins that no cell is named for."""
    made = body()
    main, control = made.decisions
    (bad,) = control.experiments
    wrong = main.wrong_experiment("bad coins", bad)
    return dataclasses.replace(made, decisions=(main, wrong)), bad


def test_units_of_a_wrong_experiment_are_in_no_cell_and_stay():
    made, bad = with_wrong_experiment()
    every = [*EVERY, *units(bad, [1, 1])]
    assert {unit.experiment for unit in pool(made, every)} == {FAIR, OTHER, bad}
    assert set(chosen_of(made, every)) == {"fair", "other", "rare"}


def test_regime_notes_and_figures_are_given_the_claims_own_units():
    made, bad = with_wrong_experiment()
    seen = {}
    made = dataclasses.replace(
        made,
        regime=(Regime("none", lambda us: seen.setdefault("regime", list(us)) and 0.0, 1.0),),
        notes=lambda us: seen.setdefault("notes", list(us)) and (),
        tables=lambda us: seen.setdefault("tables", list(us)) and (),
        figures=lambda outcome: seen.update(own=outcome.units, apart=outcome.of_controls) or (),
    )
    assert result(made, [*EVERY, *units(bad, [1, 1])]).verdict
    for name in ("regime", "notes", "tables", "own"):
        assert {unit.experiment for unit in seen[name]} == {FAIR, OTHER}, name
    assert [unit.experiment for unit in seen["apart"]] == [bad, bad]


def result(made, every=EVERY):
    state = ClaimState(toy.claim(), made, made.rounds("quick"), every=list(every))
    state.units = pool(made, every)
    for decision in made.decisions:
        state.looks[decision.name] = look(decision, state)
    return claim_result(state, Options(), 0.0)


def look(decision, state):
    outcomes = [
        outcome(decision.prediction, decision.predict(u), decision.observe(u))
        for u in decision.units(state.units)
    ]
    return Look(judge(decision.prediction, outcomes, 0.01), 1)


def test_each_cell_has_its_rate_and_the_statement_says_what_is_judged():
    found = result(body())
    assert [(one.name, one.judged, one.drawn, one.in_pool) for one in found.cells] == [
        ("fair", 4, 4, True),
        ("other", 2, 2, True),
        ("rare", 3, 12, False),
    ]
    assert [one.measured[0].measured for one in found.cells] == [0.0, 0.5, 1.0]
    assert found.observations[0].n == 6
    for said in ("Pooled over 2 cells", "coins that are round", "rare (25%)"):
        assert said in found.selection


def test_what_nobody_chose_is_told_apart_from_what_would_have_been_chosen():
    (_, other, _) = result(body()).cells
    assert [(one.n, one.measured) for one in other.as_drawn] == [(4, 0.5)]
    assert [(one.n, one.measured) for one in other.rejected] == [(2, 1.0)]


def test_without_a_cell_in_the_pool_the_claim_is_out_of_scope():
    found = result(body(at_least=1.1))
    assert found.verdict == "OUT_OF_SCOPE"
    assert "fair (100%)" in found.reason


def test_from_standard_on_cells_decide_alone():
    made = body()
    assert at_budget(made, "quick", 0.01) is made
    larger = at_budget(made, "standard", 0.01)
    alone = [d for d in larger.decisions if d.name.startswith("never heads: ")]
    assert [d.name.removeprefix("never heads: ") for d in alone] == ["fair", "other", "rare"]
    # 252 units without a violation decide at half a share of α; a round has 200 at this budget
    assert {d.looks for d in alone} == {(2, 4)}
    assert ANYHOW in larger.grid
    single = dataclasses.replace(made, cells=cells(of=lambda experiment: "all"))
    assert at_budget(single, "standard", 0.01).decisions == made.decisions


def test_cells_take_shares_that_the_claim_reserves():
    made = dataclasses.replace(toy.claim(), build=body, shares=4)
    assert planned(made, "quick", 0.01).shares == 2
    with pytest.raises(RegistrationError, match=r"at budget standard .* 5 shares .* reserves 4"):
        planned(made, "standard", 0.01)


@pytest.mark.parametrize("claim", claims(), ids=lambda one: one.id)
def test_every_claim_reserves_enough_for_its_cells(claim):
    for budget in ("standard", "thorough"):
        assert planned(claim, budget, 0.01).shares <= claim.shares


def test_a_longer_second_look_costs_no_cell_its_decision(monkeypatch):
    (claim,) = (one for one in claims() if one.id == "condensation.shares")
    longer = {d.name: d.looks for d in planned(claim, "standard", 0.01).decisions}
    monkeypatch.setattr(Equivalence, "patience", property(lambda self: 2))
    usual = {d.name: d.looks for d in planned(claim, "standard", 0.01).decisions}
    assert set(longer) == set(usual)
    changed = {name for name in usual if usual[name] != longer[name]}
    assert any("1-cos, random labels" in name for name in changed)
    for name in changed:
        first, second = longer[name]
        assert (first, second) == (usual[name][0], 5 * first)
