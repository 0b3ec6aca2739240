"""What differs between two runs is found, and nothing else."""

import json

import pytest

from tests.reports.synthetic import control, results
from tests.validate.results.comparison.changed import (
    first_of,
    with_claim,
    with_first_decision,
    with_run,
)
from validate.results.comparison.changes import ROUNDING, compare
from validate.results.comparison.told import how
from validate.results.records import Verdict

AGREEING = "condensation.orientations"


def test_a_run_does_not_differ_from_itself():
    found = compare(results(), results())
    assert found.nothing
    assert not found.other_verdict
    assert found.same_verdicts == len(results().claims)
    assert json.loads(found.to_json())["nothing_changed"] is True


def test_when_it_was_and_how_long_it_took_is_no_difference():
    other = with_run(results(), started="2026-01-01T00:00:00+00:00", seconds=1.0, reused=160)
    assert compare(results(), with_claim(other, AGREEING, seconds=1.0)).nothing


def test_another_verdict_is_told_with_both_reasons():
    other = with_claim(results(), AGREEING, verdict=Verdict.DISAGREE, reason="half of them differ")
    (one,) = compare(results(), other).verdicts
    assert (one.claim, one.before, one.after) == (AGREEING, Verdict.AGREE, Verdict.DISAGREE)
    assert one.reason_before.startswith("97.4 % of 160 data sets")
    assert one.reason_after == "half of them differ"


def test_a_decision_with_another_verdict_counts_though_its_claim_has_the_same():
    other = with_first_decision(results(), AGREEING, verdict=Verdict.INCONCLUSIVE)
    found = compare(results(), other)
    assert not found.verdicts
    assert found.other_verdict
    assert [one.other_verdict for one in found.decisions] == [True]


@pytest.mark.parametrize(
    ("interval", "overlap"),
    [((0.9312, 0.99), True), ((0.9951, 1.0), True), ((0.2, 0.3), False), (None, None)],
)
def test_intervals_that_moved_overlap_or_do_not(interval, overlap):
    found = compare(results(), with_first_decision(results(), AGREEING, interval=interval))
    (one,) = found.decisions
    assert (one.decision, one.role, one.overlap) == ("share of data sets", "claim", overlap)
    assert (found.apart, found.overlapping) == (overlap is False, overlap is True)
    assert not found.other_verdict


@pytest.mark.parametrize(("factor", "differs"), [(0.5, False), (2.0, True)])
def test_rounding_is_no_difference(factor: float, differs: bool):
    before = first_of(results(), AGREEING)
    assert before.interval is not None
    low, high = before.interval
    moved = (low + factor * ROUNDING * high, high)
    found = compare(results(), with_first_decision(results(), AGREEING, interval=moved))
    assert bool(found.decisions) is differs
    assert found.nothing is not differs


def test_rounding_beside_a_tolerance_is_no_difference():
    """An identity that holds to 15 digits and then to 16 has not changed."""
    fields = {"unit": "1", "margin_unit": "", "margin": 1e-10, "interval": None}
    first = with_first_decision(results(), AGREEING, measured=3e-16, **fields)
    second = with_first_decision(results(), AGREEING, measured=4e-15, **fields)
    assert compare(first, second).nothing
    larger = with_first_decision(results(), AGREEING, measured=4e-13, **fields)
    assert len(compare(first, larger).decisions) == 1


@pytest.mark.parametrize("fields", [{"margin": 0.8}, {"predicted": "above 80 %"}])
def test_another_prediction_or_margin_is_a_difference(fields):
    (one,) = compare(results(), with_first_decision(results(), AGREEING, **fields)).decisions
    assert one.other_prediction
    assert not one.other_verdict


def test_another_predicted_number_is_a_difference_and_told():
    first = with_first_decision(results(), AGREEING, expected=(2.0,))
    assert compare(first, with_first_decision(results(), AGREEING, expected=(2.00001,))).nothing
    (one,) = compare(first, with_first_decision(results(), AGREEING, expected=(1.0,))).decisions
    assert one.other_prediction
    assert how(one) == "predicted 2 → 1; intervals overlap"
    assert compare(results(), first).nothing  # an older file does not tell it


def test_intervals_at_different_points_of_a_curve_are_not_compared():
    first, second = (
        with_first_decision(results(), AGREEING, expected=(1.0, 0.2), point=point, interval=about)
        for point, about in ((0, (0.9, 1.1)), (1, (0.1, 0.3)))
    )
    (one,) = compare(first, second).decisions
    assert one.overlap is None
    assert not one.other_prediction
    assert how(one) == "measured at point 1 → 2"


def test_controls_are_compared_by_name_and_role():
    one = control("resolution", Verdict.DISAGREE)
    first = with_claim(results(), AGREEING, controls=(one,))
    failed = one.model_copy(update={"verdict": Verdict.AGREE, "as_required": False})
    (found,) = compare(first, with_claim(results(), AGREEING, controls=(failed,))).decisions
    assert (found.role, found.other_verdict) == ("resolution", True)


def test_claims_and_decisions_of_one_run_alone_are_told():
    first, *others = results().claims
    fewer = results().model_copy(update={"claims": tuple(others)})
    found = compare(results(), fewer)
    assert (found.only_before, found.only_after) == ((first.id,), ())
    assert compare(fewer, results()).only_after == (first.id,)
    assert not found.other_verdict
    assert not found.nothing
    kept, *_ = first.observations
    found = compare(results(), with_claim(results(), first.id, observations=(kept,)))
    assert {one.decision for one in found.decisions} == {"the same with Adam"}
    assert all(one.before and one.after is None for one in found.decisions)


def test_settings_versions_and_code_are_told():
    versions = {"python": "3.12.1", "torch": "2.6.0", "numpy": "2.4.6"}
    other = with_run(
        results(), seed=2, alpha=0.05, budget="standard", device="cuda", code="0", versions=versions
    )
    found = compare(results(), other)
    told = {one.name: (one.before, one.after) for one in (*found.settings, *found.versions)}
    assert told == {
        "seed": ("1", "2"),
        "budget": ("quick", "standard"),
        "alpha": ("0.01", "0.05"),
        "device": ("cpu", "cuda"),
        "torch": ("2.5.1", "2.6.0"),
        "sympy": ("1.13.3", None),
        "numpy": (None, "2.4.6"),
    }
    assert found.code is not None
    assert found.code.after == "0"
    assert not found.other_verdict


def test_what_a_claim_says_and_assumes_counts():
    (check, *others) = next(one for one in results().claims if one.id == AGREEING).regime
    other = check.model_copy(update={"value": check.value * 1.1 + 1})
    for changed in ((other, *others), tuple(others)):
        found = compare(results(), with_claim(results(), AGREEING, regime=changed))
        assert [one.name for one in found.claims] == [f"{AGREEING}, {check.name}"]
        assert not found.nothing
    (said,) = compare(results(), with_claim(results(), AGREEING, statement="Others.")).claims
    assert (said.name, said.after) == (f"{AGREEING}, statement", "Others.")


def test_blocks_that_failed_count():
    (changed,) = compare(results(), with_run(results(), failed=7)).settings
    assert (changed.name, changed.after) == ("failed blocks", "7")


def test_a_number_that_is_none_is_another():
    odd = with_first_decision(results(), AGREEING, measured=float("nan"))
    assert len(compare(results(), odd).decisions) == 1
