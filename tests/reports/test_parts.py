"""The parts of a report: words that follow from verdicts, also where claims are missing."""

from typing import Any

import pytest

from reports.content.document import document
from reports.parts import BEYOND, FAILS, HOLDS, OF_SENTENCE, OPEN, parts
from reports.pdf import build
from tests.reports.synthetic import control, observation, results
from validate.results.records import ClaimResult, Part, Reading, RegimeCheck, Results, Verdict


def claim(name: str, verdict: Verdict, *readings: Reading, **fields: Any) -> ClaimResult:
    return ClaimResult(
        id=f"theory.{name}",
        title=f"Title of {name}",
        source="",
        statement="",
        verdict=verdict,
        reason=f"reason of {name}",
        seconds=0.0,
        reproduce="",
        readings=readings,
        **fields,
    )


def part(*claims: ClaimResult, **fields: Any) -> dict[str, Any]:
    """The only part of a report on these claims."""
    made = Part(id="theory", title="A theory", **fields)
    run = results().run
    (only,) = parts(Results(run=run, claims=claims, parts=(made,)))
    return only


def rows(made: dict[str, Any], title: str) -> dict[str, list[tuple[str, str]]]:
    """Text and reason under each heading of a section."""
    (section,) = [section for section in made["sections"] if section["title"] == title]
    return {
        group["title"]: [(row["text"], row["reason"]) for row in group["rows"]]
        for group in section["groups"]
    }


def said(made: dict[str, Any]) -> list[str]:
    return [f"{one['verdict']['word']} {one['where']}" for one in made["summary"]]


STEP, RUN, LABELS = (
    Reading(text="One step obeys.", where="one step"),
    Reading(text="A long run obeys.", where="a long run"),
    Reading(text="Labels obey.", where="true labels"),
)


def test_the_summary_follows_from_the_verdicts():
    agree = claim("step", Verdict.AGREE, STEP)
    disagree = claim("run", Verdict.DISAGREE, RUN)
    scope = claim("labels", Verdict.OUT_OF_SCOPE, LABELS)
    made = part(agree, disagree, scope)
    assert said(made) == [
        "Holds for one step",
        "Does not hold for a long run",
        "Not applicable to true labels",
    ]
    assert rows(made, OF_SENTENCE) == {
        HOLDS: [("One step obeys.", "reason of step")],
        FAILS: [("A long run obeys.", "reason of run")],
        OPEN: [("Labels obey.", "reason of labels")],
    }
    turned = part(
        agree.model_copy(update={"verdict": Verdict.INCONCLUSIVE}),
        disagree.model_copy(update={"verdict": Verdict.AGREE}),
        scope.model_copy(update={"verdict": Verdict.AGREE}),
    )
    assert said(turned) == ["Holds for a long run and true labels", "Undecided for one step"]
    assert set(rows(turned, OF_SENTENCE)) == {HOLDS, OPEN}


def test_claims_that_were_not_run_are_named_and_not_told():
    ids = ("theory.step", "theory.run", "theory.labels")
    made = part(claim("step", Verdict.AGREE, STEP), claims=ids)
    assert said(made) == ["Holds for one step"]
    assert set(rows(made, OF_SENTENCE)) == {HOLDS}
    assert made["missing"] == ["theory.run", "theory.labels"]


DECIDED = Reading(text="The second one.", where="the second", decision="second")


@pytest.mark.parametrize(
    ("verdict", "fields", "expected"),
    [
        (Verdict.DISAGREE, {}, (HOLDS, "second: ")),
        (
            Verdict.INCONCLUSIVE,
            {"controls": (control("resolution", Verdict.INCONCLUSIVE, as_required=False),)},
            (OPEN, "reason of two"),
        ),
        (
            Verdict.OUT_OF_SCOPE,
            {"regime": (RegimeCheck(name="small", value=0.7, required="< 0.1", ok=False),)},
            (OPEN, "reason of two"),
        ),
        (Verdict.ERROR, {}, (OPEN, "reason of two")),
    ],
)
def test_a_decision_speaks_for_itself_only_where_its_claim_may(verdict, fields, expected):
    observations = (
        observation(Verdict.DISAGREE, "first"),
        observation(Verdict.AGREE, "second"),
    )
    made = part(claim("two", verdict, DECIDED, observations=observations, **fields))
    ((group, ((_, reason),)),) = rows(made, OF_SENTENCE).items()
    assert group == expected[0]
    assert reason.startswith(expected[1])


def test_a_positive_control_can_be_told():
    reading = Reading(text="The proved case.", where="the proved case")
    proved = control("positive", Verdict.AGREE)
    reading = reading.model_copy(update={"decision": proved.name})
    made = part(claim("bound", Verdict.DISAGREE, reading, controls=(proved,)))
    assert said(made) == ["Holds for the proved case"]


def test_a_decision_that_is_not_in_the_record_is_open():
    made = part(claim("two", Verdict.AGREE, DECIDED, observations=(observation(),)))
    assert said(made) == ["Undecided for the second"]


def test_a_claim_without_words_is_told_by_its_title():
    made = part(claim("step", Verdict.AGREE, STEP), claim("other", Verdict.DISAGREE))
    assert rows(made, BEYOND) == {FAILS: [("Title of other", "reason of other")]}


def test_parts_come_in_the_order_of_the_record():
    made = parts(results())
    assert [one["title"].split()[0] for one in made[:2]] == ["Batch", "Condensation"]
    assert made[-1]["title"] == "Lowrank"
    numbers = sorted(number for one in made for number in one["claims"])
    assert numbers == list(range(len(results().claims)))


def test_files_of_earlier_versions_have_parts_by_their_ids():
    data = results().model_dump(mode="json", exclude={"parts"})
    for record in data["claims"]:
        del record["readings"]
    old = Results.model_validate(data)
    titles = [one["title"] for one in document(old)["parts"]]
    assert titles[:2] == ["Condensation", "Batchnorm"]
    assert all(one["sections"] == [] and one["missing"] == [] for one in document(old)["parts"])
    assert build(old).startswith(b"%PDF")
