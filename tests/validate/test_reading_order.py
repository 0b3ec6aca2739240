"""Claims come in reading order, whatever is imported first, and the order decides nothing."""

import dataclasses
import math
import random

import pytest

from tests.validate import toy
from tests.validate.run.test_runner import run
from validate.registry import Claim, Family, Reading, claims, families, in_reading_order
from validate.registry import select as selected
from validate.results.records import Verdict, load_results
from validate.trust.registration import RegistrationError, check


def named(id: str, **fields) -> Claim:
    return dataclasses.replace(toy.claim(id), **fields)


def test_families_then_places_then_declaration():
    registered = [
        named("late.a"),
        named("first.unplaced"),
        named("first.second", place=2),
        named("first.one", place=1),
        named("first.another", place=1),
        named("early.a"),
    ]
    known = {"first": Family("first", "First", place=1)}
    assert [c.id for c in in_reading_order(registered, known)] == [
        "first.one",
        "first.another",
        "first.second",
        "first.unplaced",
        "early.a",
        "late.a",
    ]


def test_claims_of_one_place_come_by_module_not_by_import():
    def of(module: str, id: str) -> Claim:
        def build():
            return toy.body()

        build.__module__ = module
        return named(id, build=build, place=1)

    made = [of("b", "x.third"), of("a", "x.first"), of("a", "x.second")]
    assert [c.id for c in in_reading_order(made, {})] == ["x.first", "x.second", "x.third"]


def test_the_registered_claims_in_reading_order():
    """One step before the long run, this before recovery, and whole networks last."""
    ids = [c.id for c in claims()]
    wanted = [
        "condensation.bound-1d",
        "condensation.orientations-gd",
        "condensation.bound-nd",
        "condensation.shares",
        "condensation.escape-time",
        "condensation.paper-figure-2",
        "batchnorm.drift",
        "batchnorm.coordinate",
        "batchnorm.leaky",
        "batchnorm.first-passage",
        "batchnorm.collapse-probability",
        "batchnorm.heavy-tail",
        "batchnorm.decay-clock",
        "batchnorm.recovery",
        "batchnorm.true-labels",
        "batchnorm.network-collapse",
        "batchnorm.accuracy",
    ]
    assert [id for id in ids if id in wanted] == wanted
    assert [one.id for one in families()][:2] == ["condensation", "batchnorm"]
    assert [c.id for c in selected(("batchnorm.recovery", "batchnorm.drift"))] == [
        "batchnorm.drift",
        "batchnorm.recovery",
    ]


def test_every_claim_has_a_place_of_its_own():
    """So that a file may be renamed without changing a report."""
    places = [(one.family, one.place) for one in claims()]
    assert len(set(places)) == len(places)
    assert all(math.isfinite(place) for _, place in places)


def test_the_order_changes_no_result(tmp_path):
    chosen = [
        toy.claim("toy.a"),
        toy.claim("toy.b", rate=0.5, positive_rate=0.0),
        toy.claim("toy.c", rate=0.05),
    ]
    usual = run(tmp_path, *chosen)
    random.Random(0).shuffle(chosen)
    (tmp_path / "other").mkdir()
    shuffled = run(tmp_path / "other", *chosen)
    assert [c.id for c in shuffled.claims] == [c.id for c in chosen] != ["toy.a", "toy.b", "toy.c"]
    assert shuffled.run.settings_hash == usual.run.settings_hash

    def by_id(results):
        return {c.id: c.model_copy(update={"seconds": 0.0}) for c in results.claims}

    assert by_id(shuffled) == by_id(usual)


READING = Reading("Coins never show heads.", where="coins", decision="never heads")


def test_readings_and_parts_are_in_the_results(tmp_path):
    made = named("condensation.toy", readings=(READING,))
    results = run(tmp_path, made)
    (tmp_path / "results.json").write_text(results.to_json())
    back = load_results(tmp_path / "results.json")
    (claim,) = back.claims
    assert claim.verdict is Verdict.AGREE
    (reading,) = claim.readings
    assert (reading.text, reading.where, reading.decision) == dataclasses.astuple(READING)
    (part,) = back.parts  # of what was run, with all claims that could have been
    assert (part.id, part.title) == ("condensation", "Condensation")
    assert part.claims == tuple(c.id for c in claims() if c.family == "condensation")


def test_an_error_keeps_its_reading(tmp_path):
    results = run(tmp_path, named("toy.broken", readings=(READING,), build=broken))
    (claim,) = results.claims
    assert claim.verdict is Verdict.ERROR
    assert len(claim.readings) == 1
    assert results.parts == ()


def broken():
    return toy.body(broken=0)


@pytest.mark.parametrize("name", ["no such decision", "bad coins never heads"])
def test_a_reading_is_of_a_decision_that_could_agree(name):
    reading = dataclasses.replace(READING, decision=name)
    with pytest.raises(RegistrationError, match="reading"):
        check(named("toy.coins", readings=(reading,)), toy.body())


@pytest.mark.parametrize("one", claims(), ids=lambda c: c.id)
def test_readings_are_sentences(one):
    for reading in one.readings:
        assert reading.text[0].isupper()
        assert reading.text.endswith(".")
        assert not reading.where.endswith(".")
