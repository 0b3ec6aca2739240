"""What was found against a claim, in a few words."""

import pytest

from reports.content.failing import MOST, found, in_few_words
from tests.reports.synthetic import results
from validate.results.records import Verdict


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("7 of 64 units have it: share in [0.9%, 37.7%], required 50%", "7 of 64 units have it"),
        (
            "slope 0.9 in [0.8, 1] against 2 ± 0.2; local slopes …",
            "slope 0.9 in [0.8, 1] against 2 ± 0.2",
        ),
        ("value 3 (DISAGREE in 2 of 2 decisions)", "value 3"),
    ],
)
def test_a_reason_ends_before_its_interval(reason: str, words: str):
    assert in_few_words(reason) == words


def test_decisions_that_disagree_are_named_with_what_was_measured():
    (claim, *_) = [one for one in results().claims if one.verdict is Verdict.DISAGREE]
    one = claim.observations[0]
    bad = [
        one.model_copy(
            update={
                "name": f"n{k}",
                "verdict": Verdict.DISAGREE,
                "reason": f"{k} units: rate in [0",
            }
        )
        for k in range(MOST + 2)
    ]
    good = one.model_copy(update={"name": "good", "verdict": Verdict.AGREE})
    several = claim.model_copy(update={"observations": (good, *bad[:2])})
    assert found(several) == "n0: 0 units; n1: 1 units"
    assert found(claim.model_copy(update={"observations": tuple(bad)})).endswith("; and 2 more")
    assert found(claim.model_copy(update={"observations": (bad[0],)})) == "0 units"
    assert found(several.model_copy(update={"verdict": Verdict.INCONCLUSIVE})) == ""
