"""Derivations of several claims: every step once, in the order of each claim."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from reports.derivations import Stretch, numbers, stretches, told
from validate.results.records import ClaimResult, DerivationStep, Verdict


def claim(id: str, steps: Sequence[str]) -> ClaimResult:
    return ClaimResult(
        id=id,
        title=id,
        source="",
        statement="",
        verdict=Verdict.AGREE,
        reason="",
        seconds=0.0,
        derivation=tuple(DerivationStep(text=text) for text in steps),
        reproduce="",
    )


def merged(**chains: str) -> tuple[Stretch, ...]:
    return stretches([claim(id, list(steps)) for id, steps in chains.items()])


def texts(found: Sequence[Stretch]) -> list[str]:
    return ["".join(step.text for step in stretch.steps) for stretch in found]


def test_common_steps_stand_once_before_each_claims_own():
    found = merged(one="abcx", two="abcyz", three="abc")
    assert texts(found) == ["abc", "x", "yz"]
    assert [stretch.claims for stretch in found] == [("one", "two", "three"), ("one",), ("two",)]
    assert [(stretch.first, stretch.last) for stretch in found] == [(1, 3), (4, 4), (5, 6)]


def test_steps_between_shared_ones_stay_between_them():
    """Also where the claim that has them comes later."""
    assert texts(merged(one="abef", two="abcdef")) == ["ab", "cd", "ef"]


def test_a_claims_numbers_have_no_gap_but_where_others_stand():
    found = merged(one="abcx", two="abcyz")
    assert numbers("one", found) == ((1, 4),)
    assert numbers("two", found) == ((1, 3), (5, 6))
    assert numbers("unknown", found) == ()


def test_a_claims_own_steps_stand_between_those_it_shares():
    found = merged(one="abcdf", two="acdef", three="acdf")
    assert [(one.first, one.last) for one in found] == [(1, 1), (2, 2), (3, 4), (5, 5), (6, 6)]
    assert texts(told("one", found)) == ["a", "b", "cd", "f"]
    assert texts(told("three", found)) == ["a", "cd", "f"]
    assert texts(told("two", merged(one="ab", two="abcx", three="bc"))) == ["abc", "x"]
    assert [one.claims for one in told("one", merged(one="ab", two="b"))] == [
        ("one",),
        ("one", "two"),
    ]
    assert told("unknown", found) == ()


def test_the_same_sentence_with_another_formula_is_another_step():
    first, second = claim("one", ["so"]), claim("two", ["so"])
    changed = second.derivation[0].model_copy(update={"formula": "Symbol('x')"})
    second = second.model_copy(update={"derivation": (changed,)})
    assert len(stretches([first, second])) == 2
    # LaTeX is the same formula for other readers
    told = first.model_copy(
        update={"id": "three", "derivation": (DerivationStep(text="so", latex="x"),)}
    )
    assert len(stretches([first, told])) == 1


def test_claims_that_contradict_each_other_in_order_lose_no_step():
    found = merged(one="abc", two="cba")
    assert texts(found) == ["abc"]


CHAINS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=5)


@given(CHAINS)
def test_every_step_of_every_claim_is_there_once(chains: list[list[str]]):
    claims = [claim(str(place), chain) for place, chain in enumerate(chains)]
    found = stretches(claims)
    steps = [step.text for stretch in found for step in stretch.steps]
    assert sorted(steps) == sorted({step for chain in chains for step in chain})
    for one in claims:
        told = [steps[n - 1] for a, b in numbers(one.id, found) for n in range(a, b + 1)]
        assert set(told) == {step.text for step in one.derivation}


@given(st.lists(st.sets(st.integers(0, 12)), max_size=6))
def test_one_order_of_all_is_the_order_of_each(chosen: list[set[int]]):
    """Steps by number: what comes before another in some claim comes before it."""
    claims = [
        claim(str(place), [chr(97 + n) for n in sorted(numbers)])
        for place, numbers in enumerate(chosen)
    ]
    found = stretches(claims)
    steps = [step.text for stretch in found for step in stretch.steps]
    for one in claims:
        places = [steps.index(step.text) for step in one.derivation]
        assert places == sorted(places)
