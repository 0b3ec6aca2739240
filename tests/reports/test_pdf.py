import io
import re
import tempfile
from typing import Any

import pypdf
import pytest
import typst

from reports.content.document import document
from reports.figures import FigureError
from reports.pdf import build, pages, write
from reports.typesetting import formula
from tests.reports.synthetic import results
from tests.reports.texts import BIDI, HOSTILE, LONG
from validate.results.guarantee import CONDITION
from validate.results.records import Results
from validate.results.reproduce import command


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return build(results())


@pytest.fixture(scope="module")
def text(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return "\n".join(page.extract_text() for page in reader.pages)


def squeezed(string: str) -> str:
    return re.sub(r"\s+", "", string)


def test_rebuilding_gives_the_same_bytes(pdf, tmp_path):
    write(Results.model_validate(results().model_dump()), tmp_path / "new" / "report.pdf")
    assert (tmp_path / "new" / "report.pdf").read_bytes() == pdf
    assert tempfile.gettempdir().encode() not in pdf


def test_hostile_strings_appear_literally(text):
    found = squeezed(text)
    prefixes = ("Title", "Statement", "Reason", "Disagrees", "Source", "Observation")
    for prefix in (*prefixes, "Reading", "Where", "Text", "Sentence", "Paper"):
        assert squeezed(f"{prefix} {HOSTILE}") in found
    assert found.count(squeezed(HOSTILE)) >= 12
    assert LONG in found
    assert "__import__('os')" in found
    assert "safeeviltext" in found
    assert not set("\u202e\u2066\u200b\x07") & set(text)
    assert "\u202e" in BIDI


def test_verdicts_and_numbers_are_readable(text):
    found = " ".join(text.split())
    for phrase in ("Of 5 claims checked by simulation", "97.4 %", "93.1 to 99.5 %", "out of scope"):
        assert phrase in found
    assert "the paper states the bound for every data set" in found
    assert squeezed(command(results())) in squeezed(found)
    assert "6.2 × 10⁻⁵" in found
    assert "divided into 1000 equal shares of 10⁻⁵" in found
    assert f"when the opposite is true, {CONDITION}." in found


def test_a_file_without_shares_is_still_read():
    """α was divided over all registered decisions then."""
    older = results().run.model_copy(update={"shares": None})
    assert older.parts_of_alpha == 40
    assert results().run.parts_of_alpha == 1000


def test_tables_of_claims_are_printed(text):
    found = squeezed(text)
    for phrase in ("Counts by setting", "Setting Counts tanh 2", "One column", "only this"):
        assert squeezed(phrase) in found


def test_parts_tell_what_holds_and_what_does_not(text):
    found = " ".join(text.split())
    for phrase in (
        "Holds for one input.",
        "Does not hold for several inputs.",
        "Not applicable to every network.",
        "Not checked in this report: condensation.time.",
    ):
        assert phrase in found
    assert "nothing was run" not in found


def test_references_are_listed_once(text):
    found = " ".join(text.split())
    assert found.count("Towards Understanding the Condensation") == 2  # and in BibTeX
    assert found.index("BibTeX") < found.rindex("Towards Understanding the Condensation")
    assert "Biometrika 26(4), 404–413." in found
    assert "this is not BibTeX #panic() {" in found


def resolved(item: Any) -> Any:
    return item.get_object()


def test_every_font_is_embedded(pdf):
    fonts = [
        resolved(font)
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages
        for font in resolved(page["/Resources"])["/Font"].values()
    ]
    assert fonts
    for font in fonts:
        inner = resolved(font["/DescendantFonts"][0]) if "/DescendantFonts" in font else font
        descriptor = resolved(inner["/FontDescriptor"])
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), font["/BaseFont"]


def test_title_tags_language_and_outline(pdf):
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = resolved(reader.trailer["/Root"])
    assert reader.metadata is not None
    assert reader.metadata.title == "Does the theory happen in training?"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-US"
    assert len(reader.outline) >= 7


def test_meets_the_standard_for_accessible_pdf():
    assert build(results(), standard="ua-1").startswith(b"%PDF")


def test_no_claims_and_odd_run_still_build():
    run = results().run.model_copy(update={"started": "yesterday", "decisions": 0, "versions": {}})
    empty = Results(run=run, claims=())
    assert build(empty) == build(empty)
    assert document(empty)["summary"] == "No claim was checked in this run."


def test_an_unknown_figure_is_refused():
    claim = results().claims[0]
    figure = claim.figures[0].model_copy(update={"kind": "pie"})
    broken = results().model_copy(
        update={"claims": (claim.model_copy(update={"figures": (figure,)}),)}
    )
    with pytest.raises(FigureError, match="unknown kind of figure 'pie'"):
        build(broken)


def test_pages_as_images():
    images = pages(Results(run=results().run, claims=()), ppi=20)
    assert len(images) >= 3
    assert all(image.startswith(b"\x89PNG") for image in images)


def test_formulas_of_the_fixture_compile():
    made = [part["derivation"] for part in document(results())["parts"]]
    steps = [step for stretches in made for stretch in stretches for step in stretch["steps"]]
    printed = [formula(step["formula"]) for step in steps if step["formula"]]
    sources = [one["math"] for one in printed if "math" in one]
    assert len(sources) == 6
    typst.compile("\n\n".join(f"$ {source} $" for source in sources).encode(), format="svg")
