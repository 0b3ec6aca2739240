"""The units of a finished run, from its store."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.engine.store import Store, key
from tests.validate import toy
from tests.validate.author.written import claims_in, text
from tests.validate.run.test_runner import Inline
from validate.claim import Body
from validate.registry import Claim
from validate.results.records import Results
from validate.run.claim_progress import Options
from validate.run.kept_claims import JudgedClaims
from validate.run.runner import Runner
from validate.run.stored_units import UnitTable

FAIR = toy.Coins(rate=0.0, block=50)
BAD = toy.Coins(rate=1.0, block=50)
BOTH = {0.0: FAIR, 1.0: BAD}
EXPERIMENTS = {one.settings_hash(): one for one in BOTH.values()}


def declared(build: Callable[[], Body]) -> Claim:
    """A claim as `validate.registry.claim` leaves it: its builder's name is the claim."""
    return dataclasses.replace(toy.claim(), build=build)


@declared
def coins():
    return toy.body()


def run(folder: Path, claim: Claim = coins, **options) -> Results:
    chosen = Options(**options)
    with Store(folder / "results.sqlite") as store:
        kept = JudgedClaims(store, chosen)
        return Runner([claim], chosen, store, Inline(), judged_before=kept).results()


def rows(folder: Path, results: Results, nested: bool = False) -> tuple[UnitTable, list[dict]]:
    with Store(folder / "results.sqlite", read_only=True) as store:
        table = UnitTable(store, results, nested)
        return table, [dict(zip(table.header, row, strict=True)) for row in table.rows()]


def test_every_unit_is_there_once_with_its_settings(tmp_path: Path):
    results = run(tmp_path, seed=3)
    table, found = rows(tmp_path, results)
    assert (table.unknown, table.lost, [*table.left_out]) == ((), 0, [])
    # two coins, six rounds of 50: the second look decides
    units = {(row["settings_hash"], row["replicate"]) for row in found}
    assert len(found) == len(units) == 600
    assert units == {(hash, k) for hash in EXPERIMENTS for k in range(300)}
    for row in found:
        one = EXPERIMENTS[row["settings_hash"]]
        assert row["setting.rate"] == one.rate
        assert (row["claim"], row["experiment"], row["seed"]) == ("toy.coins", "toy coins", 3)
        assert (row["quantity"], row["value"]) == ("count", one.rate)
        assert row["block"] == row["replicate"] // row["setting.block"] == row["replicate"] // 50


def test_blocks_are_those_that_their_settings_have_as_key(tmp_path: Path):
    table, _ = rows(tmp_path, run(tmp_path, seed=3))
    assert len(table.blocks) == 12
    for block in table.blocks:
        experiment = BOTH[block.settings["rate"]]
        assert block.settings_hash == experiment.settings_hash()
        assert block.key == key(experiment, 3, block.index, "cpu")


def test_runs_in_one_store_are_told_apart(tmp_path: Path):
    first, second = run(tmp_path, seed=0), run(tmp_path, seed=1)
    for results in (first, second):
        _, found = rows(tmp_path, results)
        assert {row["seed"] for row in found} == {results.run.seed}
        table, _ = rows(tmp_path, results)
        assert {block.key for block in table.blocks} == {
            key(one, results.run.seed, k, "cpu") for one in BOTH.values() for k in range(6)
        }


def test_a_result_that_the_store_does_not_know_has_no_units(tmp_path: Path):
    results = run(tmp_path)
    (claim,) = results.claims
    other = claim.model_copy(update={"reason": "another one"})
    table, found = rows(tmp_path, results.model_copy(update={"claims": (other,)}))
    assert table.unknown == ("toy.coins",)
    assert found == []


@pytest.fixture
def nested(tmp_path: Path) -> Results:
    """A run; one of its blocks holds what is no single number, another is lost."""
    results = run(tmp_path)
    with Store(tmp_path / "results.sqlite") as store:
        measured = [{"count": True, "none": None, "angles": [0.5, None], "name": "σ"}] * 50
        store.put(key(FAIR, 0, 0, "cpu"), FAIR.name, measured, 0.1)
        store._database.execute("DELETE FROM results WHERE key = ?", (key(BAD, 0, 1, "cpu"),))
    return results


def test_what_is_no_single_number_is_left_out_and_named(tmp_path: Path, nested: Results):
    table, found = rows(tmp_path, nested)
    assert [*table.left_out] == ["angles", "name"]
    assert table.lost == 1
    assert len(found) == 600 - 50 + 50
    values = [(row["quantity"], row["value"]) for row in found if row["quantity"] != "count"]
    assert values == [("none", None)] * 50
    assert found[0]["value"] == 1
    assert type(found[0]["value"]) is int  # not a truth value, which CSV would spell out


def test_or_stands_in_a_column_of_its_own(tmp_path: Path, nested: Results):
    table, found = rows(tmp_path, nested, nested=True)
    assert not table.left_out
    of_first = {row["quantity"]: (row["value"], row["json"]) for row in found[:4]}
    assert of_first == {
        "count": (1, None),
        "none": (None, None),
        "angles": (None, [0.5, None]),
        "name": (None, "σ"),
    }


def test_a_series_has_rows_of_every_simulation_with_its_settings(tmp_path: Path):
    pair = "{'larger': (Noise(size=9), Noise(size=4))}, ordering=True"
    same = "{'twice': (Noise(size=9, shift=-8.0), Noise(size=4))}"
    written = text(on=pair, wrong="{'the other way': -M}", wrong_experiment=same)
    claims = claims_in(tmp_path, written)
    with Store(tmp_path / "results.sqlite") as store:
        kept = JudgedClaims(store, Options())
        results = Runner(claims, Options(), store, Inline(), judged_before=kept).results()
    table, found = rows(tmp_path, results)
    assert (table.unknown, [*table.left_out]) == ((), [])
    assert {row["setting.size"] for row in found} == {4, 9}
    each = {(row["settings_hash"], row["replicate"], row["setting.size"]) for row in found}
    assert len(each) == len(found)


def test_a_claim_from_outside_has_units_and_is_judged_anew(tmp_path: Path):
    (claim,) = claims_in(tmp_path, text())
    results = run(tmp_path, claim)
    table, found = rows(tmp_path, results)
    assert table.unknown == ()
    assert {row["claim"] for row in found} == {claim.id}
    with Store(tmp_path / "results.sqlite") as store:
        assert JudgedClaims(store, Options()).find(claim) is None
