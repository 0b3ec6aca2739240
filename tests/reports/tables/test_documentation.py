"""README and docs say what the results that are kept with them say."""

import re
import shutil
from pathlib import Path

import pytest

from reports.content.figure import telling
from reports.tables.__main__ import main
from reports.tables.documentation import (
    BLOCK,
    MADE,
    PICTURE,
    RESULTS,
    DocumentationError,
    compact,
    drawn_from,
    fill,
    pages,
    picture,
)
from reports.tables.inline import NUMBER, fill_numbers
from reports.tables.sentences import MOST, readings, sentences
from tests.reports.many import many
from tests.reports.synthetic import results
from validate.decisions.guards import outcomes_needed
from validate.results.records import Results, Verdict, load_results

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"


@pytest.fixture(scope="module")
def kept() -> Results:
    return load_results(ROOT / RESULTS)


def test_every_table_is_that_of_the_results(kept):
    """Otherwise: `make tables`."""
    used = []
    for path in pages(ROOT):
        text = path.read_text(encoding="utf-8")
        assert fill(text, kept) == text, path
        used += [found[1].partition(" ")[0] for found in BLOCK.finditer(text)]
    assert set(used) == set(MADE)


def test_every_number_in_a_sentence_is_that_of_the_results(kept):
    """Otherwise: `make tables`. Another measurement is another sentence."""
    path = ROOT / "docs/results/batchnorm.md"
    text = path.read_text(encoding="utf-8")
    assert "-->0.37<!-- / -->" in text
    assert fill_numbers(text, kept) == text
    claims = [
        one.model_copy(
            update={"observations": (one.observations[0].model_copy(update={"measured": 0.42}),)}
        )
        if one.id == "batchnorm.heavy-tail"
        else one
        for one in kept.claims
    ]
    other = kept.model_copy(update={"claims": tuple(claims)})
    assert fill_numbers(text, other) == text.replace("-->0.37<!-- / -->", "-->0.42<!-- / -->")


@pytest.mark.parametrize(
    "what",
    ["measured nobody", "measured condensation.bound | nothing", "cell condensation.bound | a | b",
     "expected condensation.bound", "poem condensation.bound"],
)  # fmt: skip
def test_a_number_that_the_results_do_not_have_is_refused(what: str):
    with pytest.raises(DocumentationError):
        fill(f"It is <!-- number: {what} -->7<!-- / -->.", results())


TYPED = re.compile(r"(?<![\w.·])(?:\d+(?:\.\d+)? ?%|\d+\.\d+|[×~]\d|\d+ (?:minute|second|hour)s?)")
COMMAND = re.compile(r"(?:python -m validate|make \w+|pip install)|Python ≥")
CHOSEN = ("(cos > 0.9, 0.95, 0.985; groups of 2 % or of 10 to 20 %", "its part of α = 0.01 in all",
          "wider than those of 95 %", "`shift=0.1`", "at level 0.0025")  # fmt: skip
# addresses, and what is chosen and not measured
NO_NUMBERS = re.compile("|".join([r"\]\([^)]*\)", r"arXiv:[\d.]+", *map(re.escape, CHOSEN)]))
TEXTS = (README, ROOT / "docs/verdicts.md", *sorted((ROOT / "docs/results").glob("*.md")))


def test_no_line_begins_with_a_number_made_anew():
    """A line that begins with a comment ends a paragraph of Markdown."""
    for path in pages(ROOT):
        text = BLOCK.sub("", path.read_text(encoding="utf-8"))
        assert not re.search(r"^\s*<!-- (?:number|/)", text, re.MULTILINE), path


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_number_of_a_measurement_is_typed_without_the_command_that_gives_it(path: Path):
    text = NUMBER.sub("", BLOCK.sub("", path.read_text(encoding="utf-8")))
    for paragraph in re.split(r"\n\s*\n", text):
        if not COMMAND.search(paragraph):
            told = NO_NUMBERS.sub("", " ".join(paragraph.split()))
            assert not TYPED.findall(told), paragraph


def test_units_that_the_guard_on_skewness_asks_for_are_those_that_are_told():
    text = (ROOT / "docs/verdicts.md").read_text(encoding="utf-8")
    told = f"({outcomes_needed(0.0025)} at level\n0.0025, {outcomes_needed(1e-5)} at 10⁻⁵)"
    assert told in text


def test_the_picture_is_that_of_the_results(kept):
    """By its record: another version of the library that draws may draw other bytes."""
    found = telling(kept.claims)
    assert found is not None
    figure = kept.claims[found[0]].figures[found[1]]
    assert drawn_from(figure) in (ROOT / PICTURE).read_text(encoding="utf-8")


def test_another_verdict_is_another_table(kept):
    def turned(verdict: Verdict) -> Results:
        claims = [
            one.model_copy(update={"verdict": verdict})
            if one.id == "condensation.bound-1d"
            else one
            for one in kept.claims
        ]
        return kept.model_copy(update={"claims": tuple(claims)})

    text = README.read_text(encoding="utf-8")
    assert fill(text, turned(Verdict.AGREE)) == text
    assert fill(text, turned(Verdict.INCONCLUSIVE)) != text


def test_what_tables_need_is_kept():
    whole = results()
    title = whole.claims[0].tables[0].title
    kinds = ("picture", "sentences", "readings condensation", "verdicts", "cells",
             f"cells {whole.claims[0].id}", f"table {whole.claims[0].id} {title}")  # fmt: skip
    text = "".join(f"<!-- generated: {kind} -->\n<!-- end -->\n\n" for kind in kinds)
    filled = fill(text, whole)
    assert fill(text, compact(whole)) == fill(filled, whole) == filled
    assert filled.count("\n| ") > 10
    assert picture(compact(whole)) == picture(whole)
    assert len(compact(whole).to_json()) < len(whole.to_json()) / 2


@pytest.mark.parametrize(
    "kind",
    [
        "poem",
        "cells nobody",
        "readings nobody",
        "table condensation.bound",
        "table condensation.bound Poem",
    ],
)
def test_what_the_results_do_not_have_is_refused(kind):
    with pytest.raises(DocumentationError):
        fill(f"<!-- generated: {kind} -->\n<!-- end -->", results())


def rows(made: Results) -> list[str]:
    return [one for one in sentences(made).splitlines() if "**" in one and one[0] == "|"]


def test_sentences_are_ten_rows_at_most_and_disagreements_stay():
    """In the order in which they are read."""
    made = many(60)
    against = [one for one in made.claims if one.verdict is Verdict.DISAGREE]
    cases = [one.readings[0].where for one in against]
    assert [row.split(" | ")[0] for row in rows(made)] == [f"| {case}" for case in cases]
    assert len(cases) == MOST
    more = rows(many(24))
    assert len(more) == MOST
    assert sum("**DISAGREE**" in row for row in more) == 4
    assert sum("**AGREE**" in row for row in more) == 6


def test_each_sentence_stands_above_its_table():
    text = sentences(many(12))
    for family in ("Gravity", "Optics", "Heat"):
        said = f"**{family}**: “The law of {family.lower()} holds.” (A paper, abstract)\n\n| case |"
        assert text.count(said) == 1


def test_cases_that_a_claim_decides_alike_are_one_row():
    base = results()
    claim = base.claims[1]
    again = claim.readings[0].model_copy(update={"where": "many inputs"})
    claims = (claim.model_copy(update={"readings": (claim.readings[0], again)}),)
    (row,) = rows(base.model_copy(update={"claims": claims}))
    said = "the whole interval lies above 90 %"
    assert row == f"| several inputs<br>many inputs | **DISAGREE** | {said}<br>{said} |"


def test_words_of_a_part_stand_with_their_verdicts_and_claims():
    text = readings(results(), "condensation")
    of_sentence, beyond = text.index("The sentence, case by case"), text.index("What else")
    said = "| **DISAGREE** | the whole interval lies above 90 % | `condensation.bound` |"
    row = f"| There are at most 2p for any input. {said}"
    assert of_sentence < text.index(row) < beyond
    assert beyond < text.index("| Neurons go elsewhere. | **AGREE** |")
    assert readings(results(), "lowrank") == ""


def test_intervals_of_counts_are_left_to_the_full_tables():
    claim = results().claims[1]
    reason = "8 of 9 units exceed the bound: rate in [40.0%, 99.0%], tolerated 5%"
    one = claim.observations[0].model_copy(update={"reason": reason})
    changed = claim.model_copy(update={"observations": (one,)})
    (row,) = rows(results().model_copy(update={"claims": (changed,)}))
    assert row == "| several inputs | **DISAGREE** | 8 of 9 units exceed the bound |"


def test_the_command_takes_another_run_and_writes_what_has_changed(kept, tmp_path, capsys):
    shutil.copy(README, tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    assert main([], tmp_path) == 0
    assert capsys.readouterr().out in ("", f"wrote {PICTURE}\n")
    run = kept.run.model_copy(update={"seed": 12345})
    (tmp_path / "other.json").write_text(kept.model_copy(update={"run": run}).to_json())
    assert main([str(tmp_path / "other.json")], tmp_path) == 0
    assert "wrote docs/results/verdicts.md" in capsys.readouterr().out
    assert load_results(tmp_path / RESULTS).run.seed == 12345
    assert "--seed 12345" in (tmp_path / "docs/results/verdicts.md").read_text()
    assert main([str(tmp_path / "none.json")], tmp_path) == 1
    assert "cannot read" in capsys.readouterr().err
